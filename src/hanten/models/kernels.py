"""Kernels on counts and on descriptors, fast enough for a sampler.

The min-max kernel is the Tanimoto similarity of count vectors, positive definite on non-negative vectors
(L. Ralaivola et al., Neural Networks 18 (2005) 1093; https://doi.org/10.1016/j.neunet.2005.07.009).
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

from hanten.errors import DataError

Array = npt.NDArray[np.float64]


def min_max(A: Any, B: Any) -> Array:
    """Sum of minima over sum of maxima: the Tanimoto similarity of non-negative vectors.

    Parameters
    ----------
    A : array or sparse matrix, (n, d)
    B : array or sparse matrix, (m, d)

    Returns
    -------
    ndarray, (n, m)
        In [0, 1]; two zero vectors are alike (1).

    Raises
    ------
    DataError
        If an entry is negative.

    Examples
    --------
    >>> min_max([[1.0, 2.0, 0.0]], [[1.0, 1.0, 1.0], [1.0, 2.0, 0.0]]).round(3)
    array([[0.5, 1. ]])
    """
    a, b = _csc(A), _csc(B)
    smaller = _sum_of_minima(a, b)
    larger = np.asarray(a.sum(axis=1)).reshape(-1, 1) + np.asarray(b.sum(axis=1)).reshape(1, -1) - smaller
    similarity: Array = np.divide(smaller, larger, out=np.ones_like(smaller), where=larger > 0)
    return similarity


def _csc(X: Any) -> Any:
    matrix = sparse.csc_array(X, dtype=np.float64) if not sparse.issparse(X) else X.tocsc().astype(np.float64)
    matrix.eliminate_zeros()
    if matrix.nnz and matrix.data.min() < 0:
        raise DataError(
            "the min-max kernel needs counts, and there are negative entries",
            hint="Negative values in data: use a block of kind 'rbf' for descriptors",
        )
    return matrix


def _sum_of_minima(a: Any, b: Any) -> Array:
    """Column by column, over the rows that are not zero there: the work is that of a sparse product."""
    total = np.zeros((a.shape[0], b.shape[0]))
    shared = np.flatnonzero((np.diff(a.indptr) > 0) & (np.diff(b.indptr) > 0))
    for column in shared:
        i, j = slice(*a.indptr[column : column + 2]), slice(*b.indptr[column : column + 2])
        total[a.indices[i, None], b.indices[None, j]] += np.minimum(a.data[i, None], b.data[None, j])
    return total


class MinMaxTo:
    """The min-max kernel of any rows to rows that stay the same, such as those a model was trained on.

    If ``t_1 < t_2 < ...`` are the values that a column takes in the fixed rows, then for any ``a >= 0``

        min(a, b) = Σ_l (min(a, t_l) - t_(l-1))_+ [b >= t_l],   t_0 = 0,

    so that the sum of minima is the product of a sparse matrix of the ``a`` with one of zeros and ones, known
    beforehand. It is exact up to the rounding of the last digit.

    Parameters
    ----------
    B : array or sparse matrix, (m, d)

    Examples
    --------
    >>> kernel = MinMaxTo([[1.0, 1.0, 1.0], [1.0, 2.0, 0.0]])
    >>> kernel([[1.0, 2.0, 0.0]]).round(3)
    array([[0.5, 1. ]])
    """

    MOST = (
        20_000_000  # entries of the matrix of zeros and ones; beyond, the kernel is computed column by column
    )

    def __init__(self, B: Any) -> None:
        self.fixed = _csc(B)
        columns = [self.fixed.data[a:b] for a, b in pairwise(self.fixed.indptr.tolist())]
        levels = [np.unique(values) for values in columns]
        self.starts = np.cumsum([0, *map(len, levels)])
        self.large = int(self.starts[-1]) * self.fixed.shape[0] > self.MOST
        self.upper = np.concatenate(levels)
        self.lower = np.concatenate([np.append(0.0, values[:-1])[: len(values)] for values in levels])
        self.above = np.zeros(
            (0, self.fixed.shape[0]) if self.large else (len(self.upper), self.fixed.shape[0])
        )
        if not self.large:
            for column, values in enumerate(levels):
                rows = self.fixed.indices[slice(*self.fixed.indptr[column : column + 2])]
                reached = columns[column][None, :] >= values[:, None]
                self.above[self.starts[column] : self.starts[column + 1], rows] = reached
        self.sums = np.asarray(self.fixed.sum(axis=1)).reshape(1, -1)

    def __call__(self, A: Any) -> Array:
        """The kernel, (n, m); a row of it does not depend on the other rows of ``A``."""
        if self.large:
            return min_max(A, self.fixed)
        a = sparse.csr_array(_csc(A))
        smaller: Array = self._parts(a) @ self.above
        larger = np.asarray(a.sum(axis=1)).reshape(-1, 1) + self.sums - smaller
        similarity: Array = np.divide(smaller, larger, out=np.ones_like(smaller), where=larger > 0)
        return similarity

    def _parts(self, a: Any) -> Any:
        """What each entry of ``a`` adds at each level of its column, (n, levels)."""
        n_levels = np.diff(self.starts)[a.indices]
        ends = np.cumsum(n_levels)
        level = np.arange(n_levels.sum()) + np.repeat(self.starts[a.indices] - (ends - n_levels), n_levels)
        part = np.minimum(np.repeat(a.data, n_levels), self.upper[level]) - self.lower[level]
        row_ends = np.append(0, ends)[a.indptr]
        parts = sparse.csr_array(
            (np.maximum(part, 0.0), level, row_ends), shape=(a.shape[0], len(self.upper))
        )
        parts.eliminate_zeros()
        return parts


def squared_distance(A: Array, B: Array) -> Array:
    """Squared Euclidean distance of every row of ``A`` to every row of ``B``, divided by the number of columns.

    Examples
    --------
    >>> squared_distance([[0.0, 0.0]], [[3.0, 4.0]])
    array([[12.5]])
    """
    a, b = np.asarray(A, dtype=np.float64), np.asarray(B, dtype=np.float64)
    distance = (a**2).sum(1)[:, None] + (b**2).sum(1)[None, :] - 2 * a @ b.T
    return np.asarray(np.maximum(distance, 0.0) / max(a.shape[1], 1))


def radial(distance2: Array, length: float, kind: str) -> tuple[Array, Array]:
    """A radial kernel and its derivative with respect to the logarithm of ``length``.

    Parameters
    ----------
    distance2 : ndarray
        From :func:`squared_distance`.
    length : float
    kind : {"rbf", "matern52"}
        Gaussian, or the Matérn kernel of order 5/2 (C. E. Rasmussen, C. K. I. Williams, Gaussian Processes for
        Machine Learning, MIT Press 2006, eq. 4.17).

    Examples
    --------
    >>> value, slope = radial(np.array([[0.0, 1.0]]), 1.0, "rbf")
    >>> value.round(4), slope.round(4)
    (array([[1.    , 0.6065]]), array([[0.    , 0.6065]]))
    """
    scaled = distance2 / length**2
    if kind == "rbf":
        value = np.exp(-0.5 * scaled)
        return value, value * scaled
    root = np.sqrt(5 * scaled)
    decay = np.exp(-root)
    return (1 + root + 5 * scaled / 3) * decay, 5 * scaled / 3 * (1 + root) * decay
