"""Values that look as if they were in another unit than the column says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from hanten.data.columns import Column
from hanten.errors import UnitError
from hanten.properties import Property, convert, pretty_unit

_OTHER_UNITS = {
    "K": ("degC", "degF"),
    "g/cm**3": ("kg/m**3",),
    "W/m/K": ("mW/m/K", "W/cm/K"),
    "J/kg/K": ("J/g/K", "cal/g/K"),
    "GPa": ("MPa", "Pa"),
    "Pa": ("MPa", "kPa", "bar"),
    "1/K": ("ppm/K",),
    "percent": ("",),
    "": ("percent",),
    "angstrom": ("nm",),
    "eV": ("kJ/mol", "hartree"),
    "m**2/s": ("mm**2/s", "cm**2/s"),
    "MPa**0.5": ("J**0.5/cm**1.5", "cal**0.5/cm**1.5"),
}


class Reading(NamedTuple):
    """One number as it was written: where, in which unit, and with which uncertainty."""

    position: int
    column: Column
    value: float
    unit: str | None
    uncertainty: float | None
    uncertainty_unit: str | None


def mixed_units(prop: Property, by_unit: Mapping[str, Sequence[Reading]]) -> list[str]:
    """What to tell the user if the values of one property come in several units: how many of each."""
    if len(by_unit) < 2:
        return []
    used = ", ".join(f"{unit or 'pure number'} ({len(group)})" for unit, group in sorted(by_unit.items()))
    column = next(iter(by_unit.values()))[0].column.name
    return [
        f"{column!r}: {prop.name} comes in several units: {used}; all become {prop.unit or 'a pure number'}"
    ]


def unit_conflicts(
    prop: Property, by_unit: Mapping[str, Sequence[Reading]], found: Mapping[int, float], rows: Sequence[int]
) -> list[str]:
    """What to tell the user about implausible values.

    Parameters
    ----------
    prop : Property
        What is measured.
    by_unit : dict
        The numbers as written, by their unit.
    found : dict
        Value in the unit of ``prop``, by position.
    rows : sequence of int
        The row that a person sees, by position.

    Returns
    -------
    list of str
        Per unit at most one text: how many are outside the plausible range, and which unit would put them
        inside.
    """
    texts = []
    for unit, group in by_unit.items():
        known = [reading for reading in group if reading.position in found]
        ok = prop.plausible([found[reading.position] for reading in known])
        odd = [reading for reading, good in zip(known, ok.tolist(), strict=True) if not good]
        if not odd:
            continue
        shown = ", ".join(str(rows[reading.position]) for reading in odd[:5]) + (
            ", ..." if len(odd) > 5 else ""
        )
        limits = f"{prop.low:g} to {prop.high:g} {pretty_unit(prop.unit)}".rstrip()
        text = (
            f"{odd[0].column.name!r}: {len(odd)} of {len(known)} values are outside the plausible range of "
        )
        other = _better_unit(prop, unit, np.array([reading.value for reading in odd]))
        advice = f"; read as {other} they would be inside: is the unit right?" if other is not None else ""
        texts.append(f"{text}{prop.name}, {limits} (rows {shown}){advice}")
    return texts


def _better_unit(prop: Property, unit: str, odd: npt.NDArray[np.float64]) -> str | None:
    """The other unit in which most of the implausible values would be plausible."""
    best, share = None, 0.5
    for other in (prop.unit, *_OTHER_UNITS.get(prop.unit, ())):
        if other == unit:
            continue
        try:
            inside = float(prop.plausible(convert(odd, other, prop.unit)).mean())
        except UnitError:
            continue
        if inside > share:
            best, share = other, inside
    return "a pure number" if best == "" else best
