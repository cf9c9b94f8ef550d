"""Target regions: what a property should be, with units.

Examples
--------
>>> parse_target("Tg >= 200 degC")
TargetRegion('Tg >= 473.15 K')
>>> parse_target("0.3 <= thermal conductivity <= 0.5 W/m/K").high
0.5
>>> parse_target("Tg 450..500 K").contains([440.0, 475.0]).tolist()
[False, True]
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hanten.errors import ConfigError
from hanten.properties import Property, get_property, parse_quantity

_NUMBER = r"[-+−]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_RELATION = r"(>=|<=|=>|=<|≥|≤|>|<)"
_CHAIN = re.compile(rf"^({_NUMBER}[^<>=≤≥]*?)\s*{_RELATION}\s*([^<>=≤≥]+?)\s*{_RELATION}\s*({_NUMBER}.*)$")
_SIMPLE = re.compile(rf"^(.+?)\s*{_RELATION}\s*({_NUMBER}.*)$")
_RANGE = re.compile(rf"^(.+?)\s*[=:]?\s+({_NUMBER})\s*(?:\.\.+|…|\bto\b|–)\s*({_NUMBER})\s*(.*)$")
_HINT = "write 'Tg >= 473 K', 'Tg 450..500 K' or '0.3 <= thermal_conductivity <= 0.5 W/m/K'"


@dataclass(frozen=True)
class TargetRegion:
    """One property and the interval its value should lie in.

    Parameters
    ----------
    property_ : Property
    low, high : float
        In the unit of the property; ``-inf`` and ``inf`` for one-sided regions.
    """

    property_: Property
    low: float = -math.inf
    high: float = math.inf

    def __post_init__(self) -> None:
        if not self.low < self.high:
            text = f"the region for {self.name} is empty: from {self.low:g} to {self.high:g} {self.property_.unit}"
            raise ConfigError(text.rstrip(), hint="the lower end comes first")

    @property
    def name(self) -> str:
        """Name of the property."""
        return self.property_.name

    def contains(self, values: npt.ArrayLike) -> npt.NDArray[np.bool_]:
        """Which of ``values``, in the unit of the property, lie in the region; NaN does not."""
        v = np.asarray(values, dtype=np.float64)
        return (v >= self.low) & (v <= self.high)

    def __str__(self) -> str:
        unit = f" {self.property_.unit}" if self.property_.unit else ""
        if math.isinf(self.high):
            return f"{self.name} >= {self.low:.6g}{unit}"
        if math.isinf(self.low):
            return f"{self.name} <= {self.high:.6g}{unit}"
        return f"{self.name} {self.low:.6g}..{self.high:.6g}{unit}"

    def __repr__(self) -> str:
        return f"TargetRegion({str(self)!r})"


def parse_target(text: str | TargetRegion) -> TargetRegion:
    """Read a target region.

    Parameters
    ----------
    text : str
        ``NAME >= VALUE UNIT`` (also ``<=``, ``>``, ``<``), ``NAME LOW..HIGH UNIT`` or ``LOW <= NAME <= HIGH UNIT``.
        Units are converted; a number without unit is in the unit of the property, or in that of the other end.

    Raises
    ------
    ConfigError
        If it cannot be read, or the region is empty.
    UnknownNameError, UnitError
        If the property or the unit is not known or does not fit.

    Examples
    --------
    >>> parse_target("density < 1200 kg/m3")
    TargetRegion('density <= 1.2 g/cm**3')
    >>> parse_target("Tg")
    Traceback (most recent call last):
    hanten.errors.ConfigError: 'Tg' is not a target region (write 'Tg >= 473 K', 'Tg 450..500 K' or ...)
    """
    if isinstance(text, TargetRegion):
        return text
    written = text.strip()
    for pattern, read in ((_CHAIN, _chain), (_RANGE, _range), (_SIMPLE, _simple)):
        match = pattern.match(written)
        if match:
            return read(*match.groups())
    raise ConfigError(f"{text!r} is not a target region", hint=_HINT)


def _simple(name: str, relation: str, value: str) -> TargetRegion:
    prop = get_property(name)
    bound = parse_quantity(value, prop.unit)
    return TargetRegion(prop, low=bound) if _upwards(relation) else TargetRegion(prop, high=bound)


def _range(name: str, low: str, high: str, unit: str) -> TargetRegion:
    prop = get_property(name.rstrip(" =:"))
    return TargetRegion(
        prop, parse_quantity(f"{low} {unit}", prop.unit), parse_quantity(f"{high} {unit}", prop.unit)
    )


def _chain(first: str, left: str, name: str, right: str, last: str) -> TargetRegion:
    if _upwards(left) != _upwards(right):
        raise ConfigError(f"'{first} {left} {name} {right} {last}' points both ways", hint=_HINT)
    prop = get_property(name)
    ends = [first.strip(), last.strip()]
    units = [re.sub(rf"^{_NUMBER}", "", end).strip() for end in ends]
    if not units[0]:
        ends[0] += f" {units[1]}"
    elif not units[1]:
        ends[1] += f" {units[0]}"
    low, high = (parse_quantity(end, prop.unit) for end in (reversed(ends) if _upwards(left) else ends))
    return TargetRegion(prop, low, high)


def _upwards(relation: str) -> bool:
    return relation in {">=", "=>", ">", "≥"}


def parse_targets(texts: str | TargetRegion | Sequence[str | TargetRegion]) -> list[TargetRegion]:
    """Read several regions; those of one property are intersected.

    Examples
    --------
    >>> parse_targets(["Tg >= 400 K", "Tg <= 500 K"])
    [TargetRegion('Tg 400..500 K')]
    """
    entries = [texts] if isinstance(texts, (str, TargetRegion)) else list(texts)
    if not entries:
        raise ConfigError("there is no target region", hint=_HINT)
    merged: dict[str, TargetRegion] = {}
    for region in map(parse_target, entries):
        other = merged.get(region.name, region)
        merged[region.name] = TargetRegion(
            region.property_, max(region.low, other.low), min(region.high, other.high)
        )
    return list(merged.values())
