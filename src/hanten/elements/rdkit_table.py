"""The small element table that RDKit's periodic table provides, for all 118 elements."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from rdkit import Chem

from hanten.elements.table import ElementTable

_LAST_OF_PERIOD = (2, 10, 18, 36, 54, 86, 118)


@cache
def rdkit_elements() -> ElementTable:
    """What RDKit knows of the 118 elements: mass, radii, valence electrons, place in the periodic table.

    The group of lanthanides and actinides is unknown (NaN), and so is a radius that RDKit gives as zero.

    Examples
    --------
    >>> rdkit_elements().value("Fe", "group")
    8.0
    """
    rows = [_row(Chem.GetPeriodicTable(), number) for number in range(1, 119)]
    features = (
        "atomic_number",
        "atomic_mass",
        "covalent_radius",
        "vdw_radius",
        "valence_electrons",
        "period",
        "group",
    )
    units = ("", "g/mol", "angstrom", "angstrom", "", "", "")
    symbols = tuple(Chem.GetPeriodicTable().GetElementSymbol(number) for number in range(1, 119))
    return ElementTable("rdkit", symbols, features, units, np.array(rows))


def _row(table: Any, number: int) -> list[float]:
    period = next(p for p, last in enumerate(_LAST_OF_PERIOD, start=1) if number <= last)
    radii = [table.GetRcovalent(number) or np.nan, table.GetRvdw(number) or np.nan]
    return [
        number, table.GetAtomicWeight(number), *radii, table.GetNOuterElecs(number), period, _group(number,
        period),
    ]  # fmt: skip


def _group(number: int, period: int) -> float:
    if number in {1, 2}:
        return 1.0 if number == 1 else 18.0
    place = number - _LAST_OF_PERIOD[period - 2]  # 1, 2, ... within the period
    length = _LAST_OF_PERIOD[period - 1] - _LAST_OF_PERIOD[period - 2]
    if place <= 2:
        return place
    group = place + 18 - length
    return group if group >= 3 else np.nan
