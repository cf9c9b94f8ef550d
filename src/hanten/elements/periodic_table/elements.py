"""Periodic tables of the chemical elements."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from hanten.elements.periodic_table.estimator import LEAST_ITEMS, PeriodicTable
from hanten.elements.periodic_table.layouts import LAYOUTS
from hanten.elements.periodic_table.measures import is_contiguous
from hanten.elements.table import ElementTable, element_table
from hanten.errors import ConfigError, DataError

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

LAST = 54  # to xenon: before the lanthanides, as published
# Not given to the map: they say outright where an element stands among its like.
GIVEN_AWAY = frozenset({"group", "mendeleev_number", "pettifor_number", "glawe_number"})
FAMILIES = {
    "alkali metals": ("Li", "Na", "K", "Rb", "Cs", "Fr"),
    "halogens": ("F", "Cl", "Br", "I", "At"),
    "noble gases": ("He", "Ne", "Ar", "Kr", "Xe", "Rn"),
}


@dataclass(frozen=True, eq=False)
class ElementMap:
    """Elements, the features they were laid out by, and the fitted table.

    Attributes
    ----------
    table : ElementTable
        The elements and features used.
    fitted : PeriodicTable
    """

    table: ElementTable
    fitted: PeriodicTable

    @property
    def contiguous(self) -> dict[str, bool]:
        """Whether each family of two or more elements shown forms one piece."""
        layout, symbols = self.fitted.layout_, self.table.symbols
        pairs = layout.neighbours()
        found = {}
        for name, family in FAMILIES.items():
            members = [symbols.index(s) for s in family if s in symbols]
            if len(members) > 1:
                found[name] = is_contiguous(members, self.fitted.embedding_, layout.fine, pairs)
        return found

    @property
    def title(self) -> str:
        """The table in one line."""
        fitted = self.fitted
        scores = fitted.scores_
        return (
            f"{fitted.layout_.name}: {len(self.table.symbols)} items on {len(fitted.layout_.fine)} nodes, "
            f"trustworthiness({scores['neighbours']:.0f}) {scores['trustworthiness']:.3f}"
        )

    def frame(self) -> pd.DataFrame:
        """One row per element: ``symbol, node``, and the coordinates ``x``, ``y``, ``z`` that there are."""
        import pandas as pd

        places = dict(zip("xyz", self.fitted.embedding_.T, strict=False))
        return pd.DataFrame({"symbol": self.table.symbols, "node": self.fitted.node_} | places)

    def as_dict(self) -> dict[str, Any]:
        """``layout``, ``nodes``, ``elements`` with ``symbol, node, coordinates``, and ``scores``."""
        layout = self.fitted.layout_
        return {
            "layout": layout.name,
            "shape": list(layout.shape),
            "method": self.fitted.method,
            "features": list(self.table.features),
            "nodes": layout.fine.tolist(),
            "elements": [
                {"symbol": s, "node": int(n), "coordinates": layout.fine[n].tolist()}
                for s, n in zip(self.table.symbols, self.fitted.node_, strict=True)
            ],
            "scores": self.fitted.scores_ | {"contiguous": self.contiguous},
        }

    def landscape(self, feature: str, places: Any = None) -> NDArray[np.float64]:
        """A feature of the element table over the map; see :meth:`PeriodicTable.landscape`."""
        source = self.table if feature in self.table.features else element_table()
        values = source.select([feature], self.table.symbols).values[:, 0]
        return self.fitted.landscape(values, places)


def map_elements(
    layout: str = "square",
    *,
    table: ElementTable | None = None,
    symbols: Sequence[str] | None = None,
    features: Sequence[str] | None = None,
    **options: Any,
) -> ElementMap:
    """A periodic table of elements.

    Parameters
    ----------
    layout : str
        See :class:`PeriodicTable`.
    table : ElementTable, optional
        The table of the package by default.
    symbols : sequence of str, optional
        Hydrogen to xenon by default.
    features : sequence of str, optional
        By default all that vary, are known for every element shown (not imputed), and do not give the answer away as
        the group and the chemical scales do.
    **options
        Of :class:`PeriodicTable`.

    Raises
    ------
    DataError
        If a chosen feature has gaps, none is left, or there are fewer than four items.

    Examples
    --------
    >>> found = map_elements("square", restarts=2)
    >>> found.as_dict()["elements"][0]["symbol"], len(found.as_dict()["nodes"])
    ('H', 81)
    """
    chosen = choose(table, symbols, features)
    return ElementMap(chosen, _generator(layout, options).fit(chosen.values))


def choose(
    table: ElementTable | None, symbols: Sequence[str] | None, features: Sequence[str] | None
) -> ElementTable:
    """The elements and features to be laid out; see :func:`map_elements`."""
    source = element_table() if table is None else table
    chosen = source.select(features, source.symbols[:LAST] if symbols is None else symbols)
    if features is None:
        chosen = chosen.select(_usable(chosen))
    _check_known(chosen)
    if len(chosen.symbols) < LEAST_ITEMS:
        raise DataError(
            f"{len(chosen.symbols)} items make no periodic table", hint=f"{LEAST_ITEMS} or more are needed"
        )
    return chosen


def left_out(table: ElementTable, chosen: ElementTable) -> dict[str, str]:
    """Features that :func:`map_elements` leaves out by itself, and why.

    Parameters
    ----------
    table : ElementTable
        What there was.
    chosen : ElementTable
        What :func:`choose` took of it.
    """
    found = {}
    part = table.select(symbols=chosen.symbols)
    for j, name in enumerate(part.features):
        if name in chosen.features:
            continue
        gaps = [s for s, v in zip(part.symbols, part.values[:, j], strict=True) if np.isnan(v)]
        more = f" and {len(gaps) - 3} more" if len(gaps) > 3 else ""
        found[name] = (
            f"unknown for {', '.join(gaps[:3])}{more}" if gaps
            else "imputed for some" if part.imputed[:, j].any()
            else "tells groups outright" if name in GIVEN_AWAY
            else "the same for all"
        )  # fmt: skip
    return found


def range_of_symbols(text: str | None) -> list[str] | None:
    """Elements named one by one or as ranges.

    Examples
    --------
    >>> range_of_symbols("Li-B, F")
    ['Li', 'Be', 'B', 'F']
    """
    if text is None:
        return None
    found: list[str] = []
    for part in text.split(","):
        ends = [element_table().row(symbol.strip()) for symbol in part.split("-")]
        found += element_table().symbols[ends[0] : ends[-1] + 1]
    return found


def _generator(layout: str, options: dict[str, Any]) -> PeriodicTable:
    try:
        return PeriodicTable(layout, **options)
    except TypeError as error:
        raise ConfigError(f"{error}", hint="options are those of PeriodicTable") from error


def compare_layouts(
    layouts: Sequence[str] | None = None,
    *,
    table: ElementTable | None = None,
    symbols: Sequence[str] | None = None,
    features: Sequence[str] | None = None,
    **options: Any,
) -> pd.DataFrame:
    """The best table of each layout, side by side.

    Parameters
    ----------
    layouts : sequence of str, optional
        All by default.
    table, symbols, features, **options
        As for :func:`map_elements`.

    Returns
    -------
    pandas.DataFrame
        Columns ``layout, nodes`` and the scores. ``map_log_likelihood`` is that of the coarse map, before nodes are
        given to single items.

    Examples
    --------
    >>> compare_layouts(["square", "line"], symbols=["Li", "Na", "K", "F", "Cl"], restarts=1).layout.tolist()
    ['square', 'line']
    """
    import pandas as pd

    chosen = choose(table, symbols, features)
    rows = []
    for name in LAYOUTS if layouts is None else layouts:
        fitted = _generator(name, options).fit(chosen.values)
        rows.append({"layout": name, "nodes": len(fitted.layout_.fine)} | fitted.scores_)
    return pd.DataFrame(rows)


def _usable(table: ElementTable) -> list[str]:
    known = ~(np.isnan(table.values) | table.imputed).any(axis=0)
    varies = np.array([len(set(column.tolist())) > 1 for column in table.values.T])
    good = zip(table.features, known & varies, strict=True)
    names = [f for f, usable in good if usable and f not in GIVEN_AWAY]
    if not names:
        raise DataError(
            f"no feature of the element table {table.name!r} is known for all of these elements",
            hint="fill the gaps with hanten.elements.impute and name the features",
        )
    return names


def _check_known(table: ElementTable) -> None:
    for j in np.flatnonzero(np.isnan(table.values).any(axis=0)):
        missing = [s for s, v in zip(table.symbols, table.values[:, j], strict=True) if np.isnan(v)]
        raise DataError(
            f"{table.features[j]} is unknown for {', '.join(missing[:10])}",
            where=f"element table {table.name!r}",
            hint="leave the feature or the elements out, or fill the gaps with hanten.elements.impute",
        )
