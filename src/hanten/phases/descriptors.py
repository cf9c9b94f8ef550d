"""What the phase model sees of a composition: element statistics, shares of element families, shares of elements."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from hanten.elements import element_table
from hanten.features import CompositionDescriptors

Array = npt.NDArray[np.float64]
STATISTICS = ("mean", "variance", "max", "min")
ORDERED = ("largest share", "second largest share", "third largest share", "fourth largest share")
# Neighbours that replace each other in quasicrystals and their approximants.
FAMILIES = {
    "alkali metals": "Li Na K Rb Cs Fr",
    "beryllium and magnesium": "Be Mg",
    "calcium to radium": "Ca Sr Ba Ra",
    "rare earths": "Sc Y La Ce Pr Nd Pm Sm Eu Gd Tb Dy Ho Er Tm Yb Lu",
    "actinides": "Ac Th Pa U Np Pu",
    "groups 4 and 5": "Ti Zr Hf V Nb Ta",
    "groups 6 and 7": "Cr Mo W Mn Tc Re",
    "group 8": "Fe Ru Os",
    "group 9": "Co Rh Ir",
    "group 10": "Ni Pd Pt",
    "group 11": "Cu Ag Au",
    "group 12": "Zn Cd Hg",
    "group 13": "B Al Ga In Tl",
    "group 14": "C Si Ge Sn Pb",
    "group 15": "N P As Sb Bi",
    "group 16": "O S Se Te Po",
    "hydrogen and halogens": "H F Cl Br I At",
    "noble gases": "He Ne Ar Kr Xe Rn",
}
NON_METALS = frozenset("H He C N O F Ne P S Cl Ar Se Br Kr I Xe At Rn".split())  # noqa: SIM905  (readable as a list)


@cache
def family_matrix() -> Array:
    """One where an element (row of the element table) belongs to a family (column)."""
    symbols = element_table().symbols
    return np.array([[float(s in members.split()) for members in FAMILIES.values()] for s in symbols])


@cache
def column_names() -> tuple[str, ...]:
    """Name of each column of :func:`describe`, in order."""
    statistics = CompositionDescriptors(statistics=STATISTICS).get_feature_names_out()
    return (
        *(str(name) for name in statistics),
        *(f"share of {family}" for family in FAMILIES),
        *(f"share of {symbol}" for symbol in element_table().symbols),
        *ORDERED,
    )


@cache
def columns_of(stage: str) -> npt.NDArray[np.intp]:
    """Columns that one stage of the model looks at.

    ``"detect"`` (quasicrystal or approximant, against other) must carry over to new elements: statistics of element
    features and families. ``"sort"`` (quasicrystal against approximant) has 158 rows only and is served best by
    the few numbers that a metallurgist would look at: families, elements, proportions.
    """
    names = column_names()
    statistics = len(STATISTICS) * len(element_table().features)
    elements = range(statistics + len(FAMILIES), statistics + len(FAMILIES) + len(element_table().symbols))
    every = np.arange(len(names))
    return every[~np.isin(every, elements)] if stage == "detect" else every[statistics:]


def describe(amounts: Any) -> Array:
    """Descriptors of compositions, (n, d).

    Parameters
    ----------
    amounts : sparse array or array_like, (n, elements of the table)
        As :func:`hanten.features.composition.composition_matrix` gives them; only proportions count.

    Examples
    --------
    >>> from hanten.features.composition import composition_matrix
    >>> rows, _ = composition_matrix(["Al65Cu20Fe15"], element_table())
    >>> X = describe(rows)
    >>> float(X[0, column_names().index("share of group 13")])
    0.65
    """
    dense = fractions(amounts)
    statistics = CompositionDescriptors(statistics=STATISTICS).transform_amounts(dense)
    ordered = -np.sort(-dense, axis=1)[:, : len(ORDERED)]
    return np.hstack([statistics, dense @ family_matrix(), dense, ordered])


def fractions(amounts: Any) -> Array:
    """Amounts as a dense array of atomic fractions, each row summing to one."""
    dense = np.asarray(amounts.toarray() if hasattr(amounts, "toarray") else amounts, dtype=np.float64)
    shares: Array = dense / dense.sum(axis=1, keepdims=True)
    return shares
