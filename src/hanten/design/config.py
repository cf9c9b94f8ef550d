"""The configuration of a design run: one frozen dataclass, the same in Python, TOML and on the command line.

Examples
--------
>>> config = DesignConfig(targets=("Tg >= 473 K",), n=100)
>>> config_from_dict(config_to_dict(config)) == config
True
>>> config_from_dict({"targets": ["Tg >= 473 K"], "particels": 10})
Traceback (most recent call last):
hanten.errors.ConfigError: unknown key 'particels' (did you mean particles?)
"""

from __future__ import annotations

import dataclasses
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hanten.design.constraints import ConstraintConfig
from hanten.design.targets import parse_targets
from hanten.errors import ConfigError, did_you_mean


@dataclass(frozen=True)
class DesignConfig:
    """What a design run is to do.

    Parameters
    ----------
    targets : tuple of str
        Target regions with units, see :func:`~hanten.design.parse_target`.
    n : int
        Distinct novel candidates wanted.
    particles : int
        Particles of the sampler.
    seed : int
        The same seed gives the same bits for any number of workers.
    prior : str
        A prior of the package by name, or a file.
    models : mapping of str to str
        Property -> model bundle; properties not named here use the bundled models.
    constraints : ConstraintConfig
        What every candidate must satisfy.
    ess_fraction : float
        Share of the effective sample size each tempering step leaves.
    max_steps : int
        Tempering steps after which the run ends with the best it found.
    max_extensions : int
        Further steps at beta = 1 in search of ``n`` candidates.
    """

    targets: tuple[str, ...] = ()
    n: int = 1000
    particles: int = 2000
    seed: int = 0
    prior: str = "polymer"
    models: Mapping[str, str] = field(default_factory=dict)
    constraints: ConstraintConfig = field(default_factory=ConstraintConfig)
    ess_fraction: float = 0.5
    max_steps: int = 60
    max_extensions: int = 30

    def __post_init__(self) -> None:
        for name, least in {"n": 1, "particles": 10, "max_steps": 1, "max_extensions": 0, "seed": 0}.items():
            value = getattr(self, name)
            if not isinstance(value, int) or isinstance(value, bool) or value < least:
                raise ConfigError(f"{name} is {value!r}", hint=f"an integer of at least {least}")
        if not 0 < self.ess_fraction < 1:
            raise ConfigError(f"ess_fraction is {self.ess_fraction}", hint="a number between 0 and 1")
        if self.targets:
            parse_targets(self.targets)


def config_to_dict(config: Any) -> dict[str, Any]:
    """A configuration as plain values that TOML can hold."""
    out: dict[str, Any] = {}
    for f in dataclasses.fields(config):
        value = getattr(config, f.name)
        if dataclasses.is_dataclass(value):
            out[f.name] = config_to_dict(value)
        elif isinstance(value, Mapping):
            out[f.name] = dict(value)
        else:
            out[f.name] = list(value) if isinstance(value, tuple) else value
    return out


def config_from_dict(values: Mapping[str, Any], kind: type = DesignConfig, where: str = "") -> Any:
    """A configuration of the dataclass ``kind`` from plain values; unknown keys and wrong types are refused."""
    known = {f.name: f for f in dataclasses.fields(kind)}
    chosen: dict[str, Any] = {}
    for key, value in values.items():
        if key not in known:
            raise ConfigError(f"unknown key {where + key!r}", hint=did_you_mean(key, known))
        chosen[key] = _converted(value, _default(known[key]), f"{where}{key}")
    return kind(**chosen)


def _default(f: dataclasses.Field[Any]) -> Any:
    return f.default_factory() if f.default_factory is not dataclasses.MISSING else f.default


def _converted(value: Any, default: Any, where: str) -> Any:
    """``value`` in the type of ``default``."""
    if dataclasses.is_dataclass(default):
        if isinstance(value, Mapping):
            return config_from_dict(value, type(default), f"{where}.")
        raise ConfigError(f"{value!r} is not a table", where=where, hint=f"write [{where}]")
    if isinstance(default, tuple):
        if isinstance(value, str):
            return (value,)
        if isinstance(value, (list, tuple)):
            return tuple(value)
    elif isinstance(default, float) and isinstance(value, (int, float)) and not isinstance(value, bool):
        return float(value)
    elif isinstance(default, Mapping) and isinstance(value, Mapping):
        return {str(k): str(v) for k, v in value.items()}
    elif isinstance(value, type(default)) and isinstance(value, bool) == isinstance(default, bool):
        return value
    raise ConfigError(f"{value!r} is not {_expected(default)}", where=where)


def _expected(default: Any) -> str:
    names = {bool: "true or false", int: "an integer", float: "a number", str: "a text", tuple: "a list"}
    return names.get(type(default), "a table")


def read_config(path: str | Path, kind: type = DesignConfig) -> Any:
    """Read a TOML file.

    Raises
    ------
    ConfigError
        If there is no such file, it is not TOML, or a key or value is not usable.
    """
    try:
        values = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"cannot be read: {error}", where=str(path)) from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"is not TOML: {error}", where=str(path)) from error
    return config_from_dict(values, kind)


def config_to_toml(config: Any) -> str:
    """The TOML text of a configuration."""
    import tomli_w

    return tomli_w.dumps(config_to_dict(config))
