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

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
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
        return np.isfinite(v) & (v >= self.low) & (v <= self.high)


_PROPERTIES = [
    Property("thermal_conductivity", "λ", "W/m/K", 0.02, 20.0, description="Thermal conductivity near room temperature", aliases=("lambda", "kappa", "tc", "thermal conductivity", "λ", "κ")),
    Property("thermal_diffusivity", "α", "m**2/s", 1e-8, 1e-5, description="Thermal diffusivity", aliases=("diffusivity",)),
    Property("density", "ρ", "g/cm**3", 0.3, 3.5, description="Mass density near room temperature", aliases=("rho", "ρ")),
    Property("Tg", "Tg", "K", 100.0, 900.0, description="Glass transition temperature", aliases=("glass transition temperature", "glass transition", "t_g")),
    Property("Tm", "Tm", "K", 150.0, 1000.0, description="Melting temperature", aliases=("melting temperature", "melting point", "t_m")),
    Property("Td", "Td", "K", 300.0, 1200.0, description="Thermal decomposition temperature", aliases=("decomposition temperature", "t_d")),
    Property("Cp", "Cp", "J/kg/K", 300.0, 7000.0, description="Specific heat capacity at constant pressure", aliases=("heat capacity", "specific heat", "c_p")),
    Property("Cv", "Cv", "J/kg/K", 300.0, 7000.0, description="Specific heat capacity at constant volume", aliases=("c_v",)),
    Property("refractive_index", "n", "", 1.2, 2.5, description="Refractive index in the visible, or computed from polarizability", aliases=("n", "n_D", "RI", "index of refraction")),
    Property("bulk_modulus", "K", "GPa", 0.1, 100.0, log_scale=True, description="Isothermal bulk modulus", aliases=("K",)),
    Property("linear_expansion", "αL", "1/K", 1e-6, 2e-3, description="Coefficient of linear thermal expansion", aliases=("CLTE", "linear expansion coefficient")),
    Property("volume_expansion", "αV", "1/K", 1e-6, 5e-3, description="Coefficient of volume thermal expansion", aliases=("CTE", "thermal expansion")),
    Property("radius_of_gyration", "Rg", "angstrom", 2.0, 200.0, description="Radius of gyration of a chain", aliases=("Rg", "gyration radius")),
    Property("fractional_free_volume", "FFV", "", 0.0, 0.9, description="Fractional free volume", aliases=("FFV", "free volume")),
    Property("static_dielectric_constant", "ε0", "", 1.0, 50.0, log_scale=True, description="Static dielectric constant", aliases=("static dielectric const", "permittivity")),
    Property("dielectric_constant", "ε", "", 1.0, 50.0, description="Dielectric constant of the crystal from density functional theory (electronic and ionic part)", aliases=("eps", "ε")),
    Property("crystal_refractive_index", "nc", "", 1.0, 5.0, description="Refractive index of the crystal from density functional theory", aliases=("nc",)),
    Property("band_gap_chain", "Eg,chain", "eV", 0.0, 15.0, description="Band gap of a single chain from density functional theory", aliases=("Egc", "chain band gap", "band gap")),
    Property("band_gap_bulk", "Eg,bulk", "eV", 0.0, 15.0, description="Band gap of the crystal from density functional theory", aliases=("Egb", "bulk band gap")),
    Property("electron_affinity", "Eea", "eV", -3.0, 10.0, description="Electron affinity of a chain", aliases=("Eea",)),
    Property("ionization_energy", "Ei", "eV", 2.0, 15.0, description="Ionization energy of a chain", aliases=("Ei", "ionisation energy")),
    Property("crystallization_tendency", "Xc", "percent", 0.0, 100.0, description="Tendency to crystallise", aliases=("Xc", "crystallinity")),
    Property("solubility_parameter", "δ", "MPa**0.5", 5.0, 50.0, description="Hildebrand solubility parameter", aliases=("delta", "hildebrand")),
    Property("flory_huggins_chi", "χ", "", -10.0, 20.0, description="Flory–Huggins interaction parameter", aliases=("chi", "χ")),
    Property("young_modulus", "E", "GPa", 1e-4, 500.0, log_scale=True, description="Young's modulus in tension", aliases=("youngs modulus", "tensile modulus")),
    Property("co2_permeability", "P(CO2)", "barrer", 1e-4, 1e5, log_scale=True, description="Permeability to carbon dioxide", aliases=("P_CO2",)),
    Property("n2_permeability", "P(N2)", "barrer", 1e-5, 1e5, log_scale=True, description="Permeability to nitrogen", aliases=("P_N2",)),
    Property("o2_permeability", "P(O2)", "barrer", 1e-5, 1e5, log_scale=True, description="Permeability to oxygen", aliases=("P_O2",)),
    Property("ch4_permeability", "P(CH4)", "barrer", 1e-5, 1e5, log_scale=True, description="Permeability to methane", aliases=("P_CH4",)),
    Property("h2_permeability", "P(H2)", "barrer", 1e-3, 1e5, log_scale=True, description="Permeability to hydrogen", aliases=("P_H2",)),
    Property("internal_energy", "E", "eV", -1e6, 0.0, description="Internal energy of a molecule", aliases=("E",)),
    Property("homo_lumo_gap", "ΔE", "eV", 0.0, 25.0, description="Gap between highest occupied and lowest unoccupied orbital", aliases=("HOMO-LUMO gap", "gap")),
    Property("aqueous_solubility", "log S", "", -15.0, 3.0, description="Decimal logarithm of the aqueous solubility in mol/L", aliases=("logS", "ESOL")),
    Property("hydration_free_energy", "ΔGhyd", "kcal/mol", -40.0, 10.0, description="Free energy of hydration", aliases=("freesolv",)),
    Property("lipophilicity", "log D", "", -5.0, 8.0, description="Octanol–water distribution coefficient at pH 7.4", aliases=("logD",)),
]


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
    """The property called ``name``: exact name first, then any alias, without regard to case, blanks, ``_``, ``-``.

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

    registry = pint.UnitRegistry(cache_folder=None)
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
    text = unit.strip().strip("[]").replace("°C", "degC").replace("°", "deg").replace("·", "*").replace("Å", "angstrom")
    text = re.sub(r"(?<=[A-Za-z])\^?([-−]\d+)", r"**\1", text).replace("−", "-").replace("²", "**2").replace("³", "**3")
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
            raise UnitError(f"cannot convert from {source or 'a pure number'} to {target or 'a pure number'}: the dimensions differ") from error
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
        raise UnitError(f"{text!r} is not a quantity", hint=f"write a number and a unit, like 450 {unit}".rstrip())
    written = re.sub(r"\(([^)]*)\)", lambda m: "(" + m[1].strip().replace(" ", "*") + ")", match[2])
    return float(convert(value, written, unit)) if written else value


def pretty_unit(unit: str) -> str:
    """``unit`` as people print it: ``g/cm**3`` becomes ``g/cm³``, ``W/m/K`` becomes ``W/(m K)``."""
    text = unit.replace("**2", "²").replace("**3", "³").replace("**0.5", "^½").replace("percent", "%").replace("angstrom", "Å")
    head, *rest = text.split("/")
    return f"{head}/({' '.join(rest)})" if len(rest) > 1 else text


def check_properties(names: Iterable[str | Property]) -> list[Property]:
    """The properties called ``names``; the first unknown one is an error."""
    return [get_property(name) for name in names]


for _property in _PROPERTIES:
    _BY_NAME[_property.name] = _property
for _property in _PROPERTIES:
    _BY_KEY.setdefault(_fold(_property.name), _property)
for _property in _PROPERTIES:
    for _alias in _property.aliases:
        _BY_KEY.setdefault(_fold(_alias), _property)
