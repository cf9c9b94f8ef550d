"""The configuration of a discovery: one frozen dataclass, the same in Python, TOML and on the command line.

Examples
--------
>>> config = DiscoverConfig()
>>> config.design.targets
('thermal_conductivity >= 0.4 W/m/K', 'Tg >= 473 K')
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from hanten.design import DesignConfig, read_config
from hanten.errors import ConfigError

WISH = ("thermal_conductivity >= 0.4 W/m/K", "Tg >= 473 K")
REQUIRABLE = ("in_domain", "synthesizable", "all_known", "liquid_crystal")


@dataclass(frozen=True)
class RecordsConfig:
    """Your own records, the table ``[records]``; models of the target properties are trained on them.

    Parameters
    ----------
    path : str
        CSV, XLSX, JSON, or a property database; empty to use the models of the package.
    mapping : mapping of str to str
        What columns mean where it is not obvious, for example ``{"Tg (exp)": "Tg:degC"}``.
    method : str
        Only records of this method; empty for all.
    transfer : bool
        Let source models help where they do (`hanten transfer`); 8 materials suffice then.
    """

    path: str = ""
    mapping: Mapping[str, str] = field(default_factory=dict)
    method: str = ""
    transfer: bool = False


@dataclass(frozen=True)
class DiscoverConfig:
    """What a discovery is to do.

    Parameters
    ----------
    name : str
        Names the run folder.
    shortlist : int
        Candidates on the shortlist.
    diversity : float
        0: the shortlist holds the most probable; 1: the most different.
    require : tuple of str
        What every candidate on the shortlist must be: ``in_domain``, ``synthesizable``, ``all_known``,
        ``liquid_crystal``.
    stock : str
        What can be bought, for the routes to the shortlist: a stock file or a list of molecules; the reactants of US
        patents if empty.
    route_seconds : float
        Time for routes to the shortlist; 0 looks for none.
    learned_routes : bool
        Ask the learned reaction model for monomers that no documented reaction gives from the stock; give it more
        ``route_seconds``, up to a minute for each polymer that needs it.
    design : DesignConfig
        Targets, sampler, prior, models, constraints.
    records : RecordsConfig
        Your own measurements.
    """

    name: str = "thermal-conductivity"
    shortlist: int = 24
    diversity: float = 0.5
    require: tuple[str, ...] = ("in_domain",)
    stock: str = ""
    route_seconds: float = 30.0
    learned_routes: bool = False
    design: DesignConfig = field(default_factory=partial(DesignConfig, targets=WISH))
    records: RecordsConfig = RecordsConfig()

    def __post_init__(self) -> None:
        if not self.design.targets:
            raise ConfigError(
                "there is no target region", where="design.targets", hint=f"for example {WISH[0]!r}"
            )
        if not self.name or any(c in self.name for c in '/\\:*?"<>|') or self.name.startswith("."):
            raise ConfigError(f"{self.name!r} cannot name a folder", where="name")
        if not 0 <= self.diversity <= 1:
            raise ConfigError(f"diversity is {self.diversity}", hint="a number from 0 to 1")
        if not 0 <= self.route_seconds < float("inf"):
            raise ConfigError(f"route_seconds is {self.route_seconds}", hint="seconds; 0 looks for no routes")
        if self.shortlist < 1:
            raise ConfigError(f"shortlist is {self.shortlist}", hint="an integer of at least 1")
        for name in self.require:
            if name not in REQUIRABLE:
                raise ConfigError(
                    f"{name!r} cannot be required", where="require", hint=f"known: {', '.join(REQUIRABLE)}"
                )


def read_discover_config(path: str | Path) -> DiscoverConfig:
    """Read a TOML file; paths in it are relative to the file.

    Raises
    ------
    ConfigError
        If it cannot be read, or a key or value is not usable.
    """
    config: DiscoverConfig = read_config(path, DiscoverConfig)
    base = Path(path).resolve().parent
    models = {name: _beside(base, source) for name, source in config.design.models.items()}
    prior = _beside(base, config.design.prior)
    records = replace(config.records, path=_beside(base, config.records.path, always=True))
    stock = _beside(base, config.stock)
    return replace(
        config, records=records, stock=stock, design=replace(config.design, models=models, prior=prior)
    )


def _beside(base: Path, text: str, *, always: bool = False) -> str:
    """``text`` as a path from ``base`` when it is a file there (or must be one); a name otherwise."""
    path = base / text
    return str(path) if text and (always or path.is_file()) else text


def choose_config(
    path: Path | None, resumed: Path | None = None, *, n: int | None = None, seed: int | None = None
) -> DiscoverConfig:
    """The configuration in ``path``, else that of the run to resume, else the default; ``n`` and ``seed`` win."""
    if path is None and resumed is not None and (resumed / "config.toml").is_file():
        path = resumed / "config.toml"
    config = DiscoverConfig() if path is None else read_discover_config(path)
    given = {key: value for key, value in {"n": n, "seed": seed}.items() if value is not None}
    return replace(config, design=replace(config.design, **given))
