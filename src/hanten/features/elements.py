"""A table of element features, and the small one that RDKit's periodic table provides."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
from rdkit import Chem

from hanten.errors import ConfigError

if TYPE_CHECKING:
    from numpy.typing import NDArray

_LAST_OF_PERIOD = (2, 10, 18, 36, 54, 86, 118)


@dataclass(frozen=True, eq=False)
class ElementTable:
    """Features of the chemical elements: one row per element, one column per feature; NaN where unknown.

    Attributes
    ----------
    name : str
        Identity of the table in configurations.
    symbols, features, units : tuple of str
    values : numpy.ndarray, shape (elements, features)
    """

    name: str
    symbols: tuple[str, ...]
    features: tuple[str, ...]
    units: tuple[str, ...]
    values: NDArray[np.float64]

    def __post_init__(self) -> None:
        if self.values.shape != (len(self.symbols), len(self.features)) or len(self.units) != len(
            self.features
        ):
            raise ConfigError(
                f"element table {self.name!r}: {len(self.symbols)} elements, {len(self.features)} features "
                f"and {len(self.units)} units do not fit values of shape {self.values.shape}"
            )


@cache
def rdkit_elements() -> ElementTable:
    """What RDKit knows of the 118 elements: mass, radii, valence electrons, place in the periodic table.

    The group of lanthanides and actinides is unknown (NaN), and so is a radius that RDKit gives as zero.

    Examples
    --------
    >>> table = rdkit_elements()
    >>> dict(zip(table.features, table.values[table.symbols.index("Fe")].tolist()))["group"]
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
