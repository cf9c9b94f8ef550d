"""Weighted statistics of element features over many compositions at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

_ROWS = 1024  # compositions at a time, so that the gathered features stay in the processor's cache


def pool(
    amounts: Any, values: NDArray[np.float64], statistics: Sequence[str], *, skip_unknown: bool = False
) -> NDArray[np.float64]:
    """Statistics of the features of the elements present, row by row.

    Parameters
    ----------
    amounts : scipy.sparse.csr_array, shape (n, elements)
        Without stored zeros; a row without entries gives NaN.
    values : numpy.ndarray, shape (elements, features)
        NaN where unknown.
    statistics : sequence of str
        Of ``mean, sum, variance, max, min, geometric_mean, harmonic_mean``.
    skip_unknown : bool
        Leave elements without a value out of the statistics of that feature, instead of giving NaN.

    Returns
    -------
    numpy.ndarray, shape (n, statistics * features)
        All features of the first statistic, then of the second, ...

    Examples
    --------
    >>> from scipy.sparse import csr_array
    >>> pool(csr_array([[2.0, 1.0]]), np.array([[1.0], [4.0]]), ["mean", "variance", "max"])
    array([[2., 2., 4.]])
    """
    n, width = amounts.shape[0], values.shape[1]
    out = np.full((n, len(statistics) * width), np.nan)
    known = ~np.isnan(values)
    for start in range(0, n, _ROWS):
        block = amounts[start : start + _ROWS]
        filled = np.flatnonzero(np.diff(block.indptr))
        if not filled.size:
            continue
        starts = block.indptr[filled]
        sums = _Sums(block, values, known, filled, starts, skip_unknown=skip_unknown)
        for k, statistic in enumerate(statistics):
            out[start + filled, k * width : (k + 1) * width] = getattr(sums, statistic)()
    return out


class _Sums:
    """The statistics of one block of compositions, each with at least one element."""

    def __init__(
        self,
        block: Any,
        values: NDArray[Any],
        known: NDArray[np.bool_],
        filled: NDArray[Any],
        starts: NDArray[Any],
        *,
        skip_unknown: bool,
    ) -> None:
        self.block, self.filled, self.starts = block, filled, starts
        self.values, self.known = values, known
        self.skip = skip_unknown and not known.all()
        self.gathered = values[block.indices]  # (entries, features)
        self.weight = block.data[:, None]
        self.total = (
            self._add(known.astype(float)) if self.skip else np.add.reduceat(self.weight, starts, axis=0)
        )
        self._mean: NDArray[np.float64] | None = None

    def _add(self, features: NDArray[Any]) -> NDArray[np.float64]:
        """Sum of amount times feature over the elements of each composition: the sparse product."""
        product: NDArray[np.float64] = (self.block @ features)[self.filled]
        return product

    def _weighted(self, features: NDArray[Any]) -> NDArray[np.float64]:
        """The same; unknown values left out when they are skipped, else giving NaN."""
        if self.known.all():
            return self._add(features)
        found = self._add(np.where(np.isnan(features), 0.0, features))
        unknown = np.isnan(features) & (self.known if self.skip else True)
        lost = self._present(unknown) | (self.total <= 0)
        return np.where(lost, np.nan, found)

    def _present(self, mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
        return np.logical_or.reduceat(mask[self.block.indices], self.starts, axis=0)

    def sum(self) -> NDArray[np.float64]:
        return self._weighted(self.values)

    def mean(self) -> NDArray[np.float64]:
        if self._mean is None:
            with np.errstate(all="ignore"):
                self._mean = self._weighted(self.values) / self.total
        return self._mean

    def variance(self) -> NDArray[np.float64]:
        # Two passes, the mean taken off first: exact also where the values are nearly equal.
        length = np.diff(np.append(self.starts, self.block.indices.size))
        centred = self.gathered - np.repeat(self.mean(), length, axis=0)
        centred *= centred
        centred *= self.weight
        if self.skip:
            centred = np.where(self.known[self.block.indices], centred, 0.0)
        with np.errstate(all="ignore"):
            spread: NDArray[np.float64] = np.add.reduceat(centred, self.starts, axis=0) / self.total
        return spread

    def max(self) -> NDArray[np.float64]:
        return (np.fmax if self.skip else np.maximum).reduceat(self.gathered, self.starts, axis=0)

    def min(self) -> NDArray[np.float64]:
        return (np.fmin if self.skip else np.minimum).reduceat(self.gathered, self.starts, axis=0)

    def geometric_mean(self) -> NDArray[np.float64]:
        with np.errstate(all="ignore"):
            logs = np.where(self.values > 0, np.log(self.values), np.nan)
            return np.exp(self._of_positive(logs) / self.total)

    def harmonic_mean(self) -> NDArray[np.float64]:
        with np.errstate(all="ignore"):
            return self.total / self._of_positive(np.where(self.values > 0, 1 / self.values, np.nan))

    def _of_positive(self, features: NDArray[Any]) -> NDArray[np.float64]:
        """Sums of a function of positive values; NaN where an element present has none."""
        found = self._add(np.where(np.isnan(features), 0.0, features))
        undefined = self._present(np.isnan(features) & (self.known if self.skip else True))
        return np.where(undefined | (self.total <= 0), np.nan, found)
