"""The registry of properties: name, symbol, unit, plausible range, and conversion between units.

Every number in hanten that is a property value is in the unit of its :class:`Property`. Values that come
in with another unit are converted here, by pint, and nowhere else.

Examples
--------
>>> tg = get_property("glass_transition_temperature")
>>> tg.name, tg.unit
('Tg', 'K')
>>> round(parse_quantity("177 degC", tg.unit), 2)
450.15
"""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
import numpy.typing as npt

from hanten.errors import UnitError, UnknownNameError, did_you_mean


@dataclass(frozen=True)
class Property:
    """One property and the unit its values are kept in.

    Parameters
    ----------
    name : str
        The one name used in tables, options and files; a valid Python identifier.
    symbol : str
        What a figure's axis shows.
    unit : str
        A unit pint reads; ``""`` for a pure number.
    low, high : float
        Plausible range, inclusive, in ``unit``. Values outside are reported, not refused.
    log_scale : bool
        Whether values spread over decades, so that models and axes use the logarithm.
    description : str
        One line for a person.
    aliases : tuple of str
        Other names accepted on input; compared without case, blanks, ``_`` and ``-``.

    Examples
    --------
    >>> get_property("density").label
    'ρ [g/cm³]'
    """

    name: str
    symbol: str
    unit: str
    low: float
    high: float
    log_scale: bool = False
    description: str = ""
    aliases: tuple[str, ...] = field(default=(), repr=False)

    @property
    def label(self) -> str:
        """Symbol and unit, for axes and column heads."""
        return f"{self.symbol} [{pretty_unit(self.unit)}]" if self.unit else self.symbol

    def plausible(self, values: npt.ArrayLike) -> npt.NDArray[np.bool_]:
        """Which of ``values`` (in :attr:`unit`) are finite and inside the plausible range."""
        v = np.asarray(values, dtype=float)
        return np.asarray(np.isfinite(v) & (v >= self.low) & (v <= self.high))


def _fold(name: str) -> str:
    return re.sub(r"[\s_\-]+", "", name).casefold()


_BY_NAME: dict[str, Property] = {}
_BY_KEY: dict[str, Property] = {}


def register_property(prop: Property) -> Property:
    """Add a property to the registry of this process, so that every room knows it.

    Raises
    ------
    UnknownNameError
        If the name, or one of the aliases, already means another property.

    Examples
    --------
    >>> register_property(Property("gel_point", "pgel", "percent", 0, 100)).name
    'gel_point'
    >>> get_property("gel-point").unit
    'percent'
    """
    if not prop.name.isidentifier():
        raise UnknownNameError(f"{prop.name!r} cannot name a property", hint="use letters, digits and _")
    keys = {_fold(prop.name), *map(_fold, prop.aliases)}
    for key in keys:
        if key in _BY_KEY and _BY_KEY[key] != prop:
            raise UnknownNameError(f"{key!r} already names the property {_BY_KEY[key].name!r}")
    pint_unit(prop.unit)
    _BY_NAME[prop.name] = prop
    _BY_KEY.update(dict.fromkeys(keys, prop))
    return prop


def list_properties() -> list[Property]:
    """All known properties, in the order they were registered."""
    return list(_BY_NAME.values())


def get_property(name: str | Property) -> Property:
    """The property called ``name``: its name, else an alias; case, blanks, ``_``, ``-`` do not count.

    Raises
    ------
    UnknownNameError
        With the closest known names.

    Examples
    --------
    >>> get_property("Thermal Conductivity").name
    'thermal_conductivity'
    >>> get_property("densty")
    Traceback (most recent call last):
    hanten.errors.UnknownNameError: no property is called 'densty' (did you mean density?)
    """
    if isinstance(name, Property):
        return name
    found = _BY_NAME.get(name) or _BY_KEY.get(_fold(name))
    if found is None:
        hint = did_you_mean(name, _BY_NAME) or "`hanten properties` lists all"
        raise UnknownNameError(f"no property is called {name!r}", hint=hint)
    return found


@cache
def _registry() -> Any:
    import pint

    registry: Any = pint.UnitRegistry(cache_folder=None)
    registry.define("barrer = 3.35e-16 mol * m / (m**2 * s * Pa)")
    return registry


@cache
def pint_unit(unit: str) -> Any:
    """The pint unit written ``unit``; ``""`` and ``"-"`` are the pure number.

    Raises
    ------
    UnitError
        If pint does not know it.
    """
    text = (
        unit.strip()
        .strip("[]")
        .replace("°C", "degC")
        .replace("°", "deg")
        .replace("·", "*")
        .replace("Å", "angstrom")
    )
    text = (
        re.sub(r"(?<=[A-Za-z])\^?([-−]\d+)", r"**\1", text)
        .replace("−", "-")
        .replace("²", "**2")
        .replace("³", "**3")
    )
    if text in {"", "-", "1", "dimensionless"}:
        text = "dimensionless"
    text = {"%": "percent", "C": "degC", "F": "degF"}.get(text, text)
    try:
        return _registry().Unit(text)
    except Exception as error:
        raise UnitError(f"{unit!r} is not a unit", hint="for example W/m/K, degC, g/cm**3, MPa") from error


def convert(values: npt.ArrayLike, source: str, target: str) -> npt.NDArray[np.float64]:
    """Convert ``values`` from unit ``source`` to unit ``target``; temperatures are points on their scales.

    Parameters
    ----------
    values : array_like of float, any shape
    source, target : str
        Units; ``""`` is a pure number.

    Returns
    -------
    numpy.ndarray
        Same shape, float64.

    Raises
    ------
    UnitError
        If a unit is unknown or the dimensions differ.

    Examples
    --------
    >>> convert([0.0, 100.0], "degC", "K")
    array([273.15, 373.15])
    >>> convert(1.0, "g/cm3", "Pa")
    Traceback (most recent call last):
    hanten.errors.UnitError: cannot convert from g/cm3 to Pa: the dimensions differ
    """
    array = np.asarray(values, dtype=np.float64)
    if source.strip() == target.strip():
        return array.copy()
    start, end = pint_unit(_spell_powers(source)), pint_unit(_spell_powers(target))
    try:
        return np.asarray(_registry().Quantity(array, start).to(end).magnitude, dtype=np.float64)
    except Exception as error:
        if start.dimensionality != end.dimensionality:
            pair = f"from {source or 'a pure number'} to {target or 'a pure number'}"
            raise UnitError(f"cannot convert {pair}: the dimensions differ") from error
        raise UnitError(f"cannot convert from {source} to {target}: {error}") from error


def _spell_powers(unit: str) -> str:
    """Chemists write ``cm3`` and ``m-1``; pint wants ``cm**3`` and ``m**-1``."""
    return re.sub(r"(?<=[A-Za-z])(-?\d+)(?![\d.])", r"**\1", unit)


_NUMBER = r"[-+−]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_QUANTITY = re.compile(rf"^\s*({_NUMBER})\s*(.*?)\s*$")


def parse_quantity(text: str | float, unit: str) -> float:
    """A number with or without unit, in ``unit``: ``"450 K"``, ``"177 degC"``, ``"0.4 W/m/K"``, ``0.4``.

    A bare number is taken to be in ``unit``.

    Raises
    ------
    UnitError
        If there is no finite number, or the unit does not fit.

    Examples
    --------
    >>> parse_quantity("0.4 W/(m K)", "W/m/K")
    0.4
    >>> parse_quantity("warm", "K")
    Traceback (most recent call last):
    hanten.errors.UnitError: 'warm' is not a quantity (write a number and a unit, like 450 K)
    """
    match = _QUANTITY.match(str(text))
    value = float(match[1].replace("−", "-")) if match else math.nan
    if match is None or not math.isfinite(value):
        raise UnitError(
            f"{text!r} is not a quantity", hint=f"write a number and a unit, like 450 {unit}".rstrip()
        )
    written = re.sub(r"\(([^)]*)\)", lambda m: "(" + m[1].strip().replace(" ", "*") + ")", match[2])
    return float(convert(value, written, unit)) if written else value


def pretty_unit(unit: str) -> str:
    """``unit`` as people print it: ``g/cm**3`` becomes ``g/cm³``, ``W/m/K`` becomes ``W/(m K)``."""
    text = (
        unit.replace("**2", "²")
        .replace("**3", "³")
        .replace("**0.5", "^½")
        .replace("percent", "%")
        .replace("angstrom", "Å")
    )
    head, *rest = text.split("/")
    return f"{head}/({' '.join(rest)})" if len(rest) > 1 else text


def check_properties(names: Iterable[str | Property]) -> list[Property]:
    """The properties called ``names``; the first unknown one is an error."""
    return [get_property(name) for name in names]


def _read_table() -> list[Property]:
    """The properties of ``properties.csv``, in its order."""
    text = files("hanten").joinpath("properties.csv").read_text(encoding="utf-8")
    return [
        Property(
            name=row["name"],
            symbol=row["symbol"],
            unit=row["unit"],
            low=float(row["low"]),
            high=float(row["high"]),
            log_scale=row["log_scale"] == "yes",
            description=row["description"],
            aliases=tuple(filter(None, row["aliases"].split("|"))),
        )
        for row in csv.DictReader(text.splitlines())
    ]


def _fill_registry(properties: list[Property]) -> None:
    """Names first, then aliases, so that no alias ever hides a name."""
    for prop in properties:
        _BY_NAME[prop.name] = prop
        _BY_KEY.setdefault(_fold(prop.name), prop)
    for prop in properties:
        for alias in prop.aliases:
            _BY_KEY.setdefault(_fold(alias), prop)


_fill_registry(_read_table())
