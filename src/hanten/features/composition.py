"""Descriptors of compositions: statistics of element features, weighted by amount."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from scipy import sparse as sp

from hanten.chem import Composition
from hanten.elements import ElementTable, element_table, rdkit_elements
from hanten.errors import ConfigError, DataError, StructureError
from hanten.features.base import StructureTransformer, check_choice
from hanten.features.pooling import pool

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

STATISTICS = ("mean", "sum", "variance", "max", "min", "geometric_mean", "harmonic_mean")


class CompositionTransformer(StructureTransformer):
    """What descriptors of compositions share: reading formulas, the matrix of amounts, the element table."""

    kind: ClassVar[str] = "composition"
    table: ElementTable | None
    features: Sequence[str] | None

    def _table(self) -> ElementTable:
        table = element_table() if self.table is None else self.table
        return table if self.features is None else table.select(list(self.features))

    def get_config(self) -> dict[str, Any]:
        """As for every featurizer; the table is named, its values are not repeated."""
        config = super().get_config()
        config["parameters"]["table"] = (element_table() if self.table is None else self.table).name
        return config

    def transform_amounts(self, amounts: Any) -> NDArray[np.float64]:
        """Descriptors of amounts already in a matrix, such as those of :func:`composition_matrix`.

        Parameters
        ----------
        amounts : sparse array or array_like, shape (n, elements of the table)
            Amounts of the elements of the table, in its order; none negative, one above zero in each row.

        Returns
        -------
        numpy.ndarray, shape (n, d), float64
        """
        self._validate()
        table = self._table()
        matrix = sp.csr_array(amounts, dtype=float)
        matrix.eliminate_zeros()
        matrix.sort_indices()
        if matrix.shape[1] != len(table.symbols):
            raise ConfigError(
                f"amounts of {matrix.shape[1]} elements do not fit the {len(table.symbols)} of {table.name!r}"
            )
        if not np.isfinite(matrix.data).all() or (matrix.data < 0).any() or not np.diff(matrix.indptr).all():
            raise StructureError("amounts must be finite, none negative, one above zero in each row")
        if bad := self._lacking(matrix, table):
            row, why = next(iter(bad.items()))
            raise DataError(f"row {row}: {why}", hint='missing="nan" or missing="skip" to go on without')
        return self._compute(matrix, table)

    def _chunk(self, items: Sequence[Any], *, canonical: bool) -> tuple[NDArray[Any], dict[int, str]]:  # noqa: ARG002
        table = self._table()
        matrix, bad = composition_matrix(items, table)
        bad |= {i: f"{items[i]!r}: {why}" for i, why in self._lacking(matrix, table).items()}
        out = self._compute(matrix, table)
        out[list(bad)] = np.nan
        return out, bad

    def _lacking(self, matrix: Any, table: ElementTable) -> dict[int, str]:  # noqa: ARG002
        """Rows that the table lacks values for, and which."""
        return {}

    def _compute(self, matrix: Any, table: ElementTable) -> NDArray[np.float64]:
        raise NotImplementedError


class CompositionDescriptors(CompositionTransformer):
    """Statistics of element features over a composition.

    With amounts n_i of the elements present (a zero amount never counts), fractions w_i = n_i / sum(n) and
    feature values f_i: ``mean`` sum(w f), ``sum`` sum(n f) with the amounts as written, ``variance`` sum(w (f
    - mean)^2), ``max`` and ``min``, ``geometric_mean`` prod(f^w), ``harmonic_mean`` 1 / sum(w / f).

    Parameters
    ----------
    table : ElementTable, optional
        Element features; :func:`~hanten.elements.element_table` by default.
    statistics : sequence of str
        Of :data:`STATISTICS`.
    features : sequence of str, optional
        Of the table; all by default.
    counts : bool
        Also the amount of each element of the table, as written.
    missing : {"raise", "nan", "skip"}
        When the table lacks a value of an element present: raise an error that names it, let the statistics
        of this feature be NaN, or compute them over the other elements.
    errors, n_jobs
        As for every featurizer.

    Notes
    -----
    Numbers are float64. Geometric and harmonic means exist for positive values only and are NaN otherwise.

    References
    ----------
    .. [1] Ward et al., npj Comput. Mater. 2, 16028 (2016), doi:10.1038/npjcompumats.2016.28

    Examples
    --------
    >>> featurizer = CompositionDescriptors(statistics=["mean", "max"])
    >>> frame = featurizer.set_output(transform="pandas").fit_transform(["Al2O3", {"Fe": 1, "Ni": 0.0}])
    >>> frame[["mean_covalent_radius_cordero", "max_atomic_number"]]
       mean_covalent_radius_cordero  max_atomic_number
    0                          88.0               13.0
    1                         142.0               26.0
    """

    definition: ClassVar[int] = 2

    def __init__(
        self,
        table: ElementTable | None = None,
        statistics: Sequence[str] = ("mean", "sum", "variance", "max", "min"),
        *,
        features: Sequence[str] | None = None,
        counts: bool = False,
        missing: str = "raise",
        errors: str = "raise",
        n_jobs: int | None = None,
    ) -> None:
        self.table = table
        self.statistics = statistics
        self.features = features
        self.counts = counts
        self.missing = missing
        super().__init__(errors=errors, n_jobs=n_jobs)

    def _check(self) -> None:
        check_choice("missing", self.missing, ("raise", "nan", "skip"))
        for statistic in self.statistics:
            check_choice("statistics", statistic, STATISTICS)
        self._table()

    def _names(self) -> list[str]:
        table = self._table()
        amounts = [f"amount_{symbol}" for symbol in table.symbols] if self.counts else []
        return amounts + [f"{s}_{feature}" for s in self.statistics for feature in table.features]

    def get_feature_units(self) -> list[str]:
        """Unit of each column ("" where it has none), in order; that of a variance is squared."""
        table = self._table()
        amounts = [""] * len(table.symbols) if self.counts else []
        return amounts + [
            f"({u})^2" if s == "variance" and u else u for s in self.statistics for u in table.units
        ]

    def _lacking(self, matrix: Any, table: ElementTable) -> dict[int, str]:
        unknown = np.isnan(table.values)
        if self.missing != "raise" or not unknown.any():
            return {}
        reasons = {}
        for i in np.flatnonzero((matrix > 0).astype(float) @ unknown.any(axis=1)):
            for j in matrix.indices[matrix.indptr[i] : matrix.indptr[i + 1]]:
                if unknown[j].any():
                    names = ", ".join(f for f, u in zip(table.features, unknown[j], strict=True) if u)
                    reasons[int(i)] = f"no {names} of {table.symbols[j]} in the element table {table.name!r}"
                    break
        return reasons

    def _compute(self, matrix: Any, table: ElementTable) -> NDArray[np.float64]:
        pooled = pool(matrix, table.values, self.statistics, skip_unknown=self.missing == "skip")
        return np.hstack([matrix.toarray(), pooled]) if self.counts else pooled


class KernelMeanDescriptors(CompositionTransformer):
    """The distribution of each element feature over a composition, as a kernel mean on a grid.

    Column k of a feature is sum_i w_i exp(-(f_i - c_k)^2 / (2 s^2)): the kernel mean embedding of the
    distribution of the feature over the atoms, seen from ``size`` centres c_k that divide the range of the feature
    evenly; s is ``width`` times their distance. Unlike means and variances it tells a mixture of
    two kinds of atoms from atoms that are all in between.

    Parameters
    ----------
    table, features, errors, n_jobs
        As for :class:`CompositionDescriptors`; the table must have no gaps.
    size : int
        Centres per feature, at least 2.
    width : float
        Width of the kernel, in distances of the centres.

    References
    ----------
    .. [1] Smola et al., A Hilbert space embedding for distributions, ALT 2007, doi:10.1007/978-3-540-75225-7_5

    Examples
    --------
    >>> KernelMeanDescriptors(features=["en_pauling"], size=4).transform(["NaCl", "Ge"]).round(2)
    array([[0.53, 0.59, 0.59, 0.39],
           [0.49, 0.98, 0.73, 0.2 ]])
    """

    def __init__(
        self,
        table: ElementTable | None = None,
        *,
        features: Sequence[str] | None = None,
        size: int = 10,
        width: float = 1.0,
        errors: str = "raise",
        n_jobs: int | None = None,
    ) -> None:
        self.table = table
        self.features = features
        self.size = size
        self.width = width
        super().__init__(errors=errors, n_jobs=n_jobs)

    def _check(self) -> None:
        if self.size < 2 or not self.width > 0:
            raise ConfigError(f"size={self.size!r} must be 2 or more, width={self.width!r} above zero")
        if gaps := self._table().gaps:
            raise DataError(
                f"the element table {self._table().name!r} has {gaps} gaps",
                hint="fill them with hanten.elements.impute",
            )

    def _names(self) -> list[str]:
        return [f"kernel_mean_{f}_{k}" for f in self._table().features for k in range(self.size)]

    def _compute(self, matrix: Any, table: ElementTable) -> NDArray[np.float64]:
        low, high = table.values.min(axis=0), table.values.max(axis=0)
        step = np.where(high > low, high - low, 1.0) / (self.size - 1)
        centres = low[:, None] + step[:, None] * np.arange(self.size)
        distance = (table.values[:, :, None] - centres) / (self.width * step[:, None])
        kernel = np.exp(-(distance**2) / 2).reshape(len(table.symbols), -1)
        with np.errstate(invalid="ignore"):
            means: NDArray[np.float64] = (matrix @ kernel) / matrix.sum(axis=1)[:, None]
        return means


def composition_matrix(items: Sequence[Any], table: ElementTable) -> tuple[Any, dict[int, str]]:
    """Amounts of many compositions, as a sparse matrix over the elements of a table.

    Parameters
    ----------
    items : sequence of str, Composition or mapping
        Formulas, compositions, or mappings from element to amount; amounts of zero are left out.
    table : ElementTable

    Returns
    -------
    scipy.sparse.csr_array, shape (n, elements)
        A bad item is a row without entries.
    dict of int to str
        Why an item is bad.

    Examples
    --------
    >>> matrix, bad = composition_matrix(["H2O", "Fee"], element_table())
    >>> matrix.nnz, bad
    (2, {1: "'Fee': there is no element 'Fee' (did you mean Fe or F?)"})
    """
    place = {symbol: j for j, symbol in enumerate(table.symbols)}
    columns: list[int] = []
    data: list[float] = []
    ends, bad = [0], {}
    for i, item in enumerate(items):
        try:
            amounts = read_amounts(item)
            columns += [place[symbol] for symbol in amounts]
            data += amounts.values()
        except StructureError as error:
            bad[i] = str(error)
        except KeyError:
            beyond = ", ".join(symbol for symbol in amounts if symbol not in place)
            bad[i] = f"{item!r}: {beyond} not in the element table {table.name!r}"
        ends.append(len(columns))
    pointer, indices = np.array(ends), np.array(columns, dtype=int)
    matrix = sp.csr_array((np.array(data, dtype=float), indices, pointer), (len(items), len(place)))
    matrix.sort_indices()  # the same bits in whatever order a formula names its elements
    return matrix, bad


def read_amounts(item: Any) -> dict[str, float]:
    """Amounts above zero of a formula, a Composition, or a mapping from element to amount.

    Raises
    ------
    StructureError
        If it cannot be read, or an amount is negative, not finite, or all are zero.

    Examples
    --------
    >>> read_amounts({"Fe": 2, "Os": 0.0})
    {'Fe': 2.0}
    """
    if not isinstance(item, dict):
        return (item if isinstance(item, Composition) else Composition(item)).amounts
    amounts = {}
    for symbol, amount in item.items():
        try:
            number = float(amount)
        except (TypeError, ValueError):
            raise StructureError(f"{item!r}: the amount {amount!r} of {symbol} is not a number") from None
        if not 0 <= number < math.inf:
            raise StructureError(f"{item!r}: amounts must be finite, none negative, one above zero")
        if number:
            amounts[str(symbol)] = number
    if not amounts:
        raise StructureError(f"{item!r}: amounts must be finite, none negative, one above zero")
    return amounts


def check_table(name: str) -> ElementTable | None:
    """The built-in table of that name, for :func:`~hanten.features.config.featurizer_from_config`."""
    if name == element_table().name:
        return None
    if name == rdkit_elements().name:
        return rdkit_elements()
    raise ConfigError(f"the element table {name!r} is not built in", hint="pass it as table=")
