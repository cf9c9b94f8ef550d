"""Descriptors of compositions: statistics of element features, weighted by amount."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from scipy import sparse as sp

from hanten.chem import Composition
from hanten.errors import ConfigError, DataError, StructureError
from hanten.features.base import StructureTransformer, check_choice
from hanten.features.elements import ElementTable, rdkit_elements

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

STATISTICS = ("mean", "sum", "variance", "max", "min", "geometric_mean", "harmonic_mean")


class CompositionDescriptors(StructureTransformer):
    """Statistics of element features over a composition.

    With amounts n_i of the elements present (a zero amount never counts), fractions w_i = n_i / sum(n) and
    feature values f_i: ``mean`` sum(w f), ``sum`` sum(n f) with the amounts as written, ``variance`` sum(w (f
    - mean)^2), ``max`` and ``min``, ``geometric_mean`` prod(f^w), ``harmonic_mean`` 1 / sum(w / f).

    Parameters
    ----------
    table : ElementTable, optional
        Element features; RDKit's by default.
    statistics : sequence of str
        Of :data:`STATISTICS`.
    counts : bool
        Also the amount of each element of the table, as written.
    missing : {"raise", "nan", "skip"}
        When the table lacks a value of an element present: raise an error that names it, let the statistics
        of this feature be NaN, or compute them over the other elements.
    errors, n_jobs
        As for every featurizer.

    Notes
    -----
    Geometric and harmonic means exist for positive values only and are NaN otherwise.

    References
    ----------
    .. [1] Ward et al., npj Comput. Mater. 2, 16028 (2016), doi:10.1038/npjcompumats.2016.28

    Examples
    --------
    >>> featurizer = CompositionDescriptors(statistics=["mean", "max"])
    >>> frame = featurizer.set_output(transform="pandas").fit_transform(["Al2O3", {"Fe": 1, "Ni": 0.0}])
    >>> frame[["mean_covalent_radius", "max_atomic_number"]]
       mean_covalent_radius  max_atomic_number
    0                  0.88               13.0
    1                  1.32               26.0
    """

    kind: ClassVar[str] = "composition"

    def __init__(
        self,
        table: ElementTable | None = None,
        statistics: Sequence[str] = ("mean", "sum", "variance", "max", "min"),
        *,
        counts: bool = False,
        missing: str = "raise",
        errors: str = "raise",
        n_jobs: int | None = None,
    ) -> None:
        self.table = table
        self.statistics = statistics
        self.counts = counts
        self.missing = missing
        super().__init__(errors=errors, n_jobs=n_jobs)

    def _check(self) -> None:
        check_choice("missing", self.missing, ("raise", "nan", "skip"))
        for statistic in self.statistics:
            check_choice("statistics", statistic, STATISTICS)

    def _table(self) -> ElementTable:
        return rdkit_elements() if self.table is None else self.table

    def _names(self) -> list[str]:
        amounts = [f"amount_{symbol}" for symbol in self._table().symbols] if self.counts else []
        return amounts + [f"{s}_{feature}" for s in self.statistics for feature in self._table().features]

    def get_feature_units(self) -> list[str]:
        """Unit of each column ("" where it has none), in order; that of a variance is squared."""
        amounts = [""] * len(self._table().symbols) if self.counts else []
        units = [
            f"({u})^2" if s == "variance" and u else u for s in self.statistics for u in self._table().units
        ]
        return amounts + units

    def get_config(self) -> dict[str, Any]:
        """As for every featurizer; the table is named, its values are not repeated."""
        config = super().get_config()
        config["parameters"]["table"] = self._table().name
        return config

    def _chunk(self, items: Sequence[Any], *, canonical: bool) -> tuple[NDArray[np.float32], dict[int, str]]:  # noqa: ARG002
        table, bad, rows = self._table(), {}, []
        for i, item in enumerate(items):
            try:
                rows.append(self._amounts(item, table))
            except (StructureError, DataError) as error:
                bad[i] = str(error)
                rows.append({})
        out = self._statistics(_matrix(rows, table), table).astype(np.float32)
        out[list(bad)] = np.nan
        return out, bad

    def _amounts(self, item: Any, table: ElementTable) -> dict[str, float]:
        """Amounts above zero, all of elements that the table has values for where ``missing="raise"``."""
        amounts = _read(item)
        if unknown := [symbol for symbol in amounts if symbol not in table.symbols]:
            raise StructureError(f"{item!r}: {', '.join(unknown)} not in the element table {table.name!r}")
        if self.missing == "raise":
            for symbol in amounts:
                lacking = np.isnan(table.values[table.symbols.index(symbol)])
                if lacking.any():
                    features = ", ".join(f for f, lacks in zip(table.features, lacking, strict=True) if lacks)
                    raise DataError(
                        f"{item!r}: no {features} of {symbol} in the element table {table.name!r}",
                        hint='missing="nan" or missing="skip" to go on without',
                    )
        return amounts

    def _statistics(self, amounts: Any, table: ElementTable) -> NDArray[np.float64]:
        known = ~np.isnan(table.values)
        values = np.where(known, table.values, 0.0)
        total = amounts @ known.astype(float)  # (n, features): amount of the elements with a known value
        with np.errstate(all="ignore"):
            columns = [_statistic(s, amounts, values, known, total) for s in self.statistics]
        if self.missing != "skip":
            lacking = (amounts > 0).astype(float) @ (~known).astype(float) > 0
            columns = [np.where(lacking, np.nan, column) for column in columns]
        parts = [amounts.toarray(), *columns] if self.counts else columns
        joined: NDArray[np.float64] = np.hstack(parts)
        return joined


def _statistic(
    name: str, amounts: Any, values: NDArray[Any], known: NDArray[np.bool_], total: NDArray[Any]
) -> NDArray[np.float64]:
    """One statistic of every feature, (n, features); ``total`` is the sum of the amounts that count."""
    found: NDArray[np.float64]
    if name == "sum":
        found = np.where(total > 0, amounts @ values, np.nan)
    elif name == "mean":
        found = (amounts @ values) / total
    elif name == "variance":
        centred = np.where(known, values - values[known].mean(), 0.0)  # against cancellation
        found = np.maximum((amounts @ centred**2) / total - ((amounts @ centred) / total) ** 2, 0.0)
    elif name in {"max", "min"}:
        found = _extreme(amounts, np.where(known, values, np.nan), np.fmax if name == "max" else np.fmin)
    else:
        positive = np.where(known & (values > 0), values, np.nan)
        transformed = np.log(positive) if name == "geometric_mean" else 1 / positive
        averaged = (amounts @ np.where(np.isnan(transformed), 0.0, transformed)) / total
        found = np.exp(averaged) if name == "geometric_mean" else 1 / averaged
        undefined = (amounts > 0).astype(float) @ (known & (values <= 0)).astype(float) > 0
        found = np.where(undefined, np.nan, found)
    return found


def _extreme(amounts: Any, values: NDArray[Any], pick: Any) -> NDArray[np.float64]:
    out = np.full((amounts.shape[0], values.shape[1]), np.nan)
    for i in range(amounts.shape[0]):
        present = amounts.indices[amounts.indptr[i] : amounts.indptr[i + 1]]
        if present.size:
            out[i] = pick.reduce(values[present])
    return out


def _read(item: Any) -> dict[str, float]:
    """Amounts above zero of a formula, a Composition, or a mapping from element to amount."""
    if isinstance(item, dict):
        amounts = {str(k): float(v) for k, v in item.items()}
        if any(not np.isfinite(v) or v < 0 for v in amounts.values()) or not any(amounts.values()):
            raise StructureError(f"{item!r}: amounts must be finite, none negative, one above zero")
    else:
        amounts = (item if isinstance(item, Composition) else Composition(item)).amounts
    return {symbol: amount for symbol, amount in amounts.items() if amount > 0}


def _matrix(rows: list[dict[str, float]], table: ElementTable) -> Any:
    place = {symbol: j for j, symbol in enumerate(table.symbols)}
    lengths = [len(row) for row in rows]
    columns = [place[symbol] for row in rows for symbol in row]
    data = [amount for row in rows for amount in row.values()]
    pointer = np.concatenate([[0], np.cumsum(lengths)]).astype(int)
    return sp.csr_array(
        (np.array(data, dtype=float), np.array(columns, dtype=int), pointer), (len(rows), len(place))
    )


def check_table(name: str) -> ElementTable | None:
    """The built-in table of that name, for :func:`~hanten.features.config.featurizer_from_config`."""
    if name == rdkit_elements().name:
        return None
    raise ConfigError(f"the element table {name!r} is not built in", hint="pass it as table=")
