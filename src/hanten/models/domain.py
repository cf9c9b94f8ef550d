"""Where a model may be trusted: close enough to a training structure, and no element it has never seen."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from hanten.models.kernels import min_max


@dataclass(frozen=True)
class ApplicabilityDomain:
    """Tanimoto similarity of Morgan counts (radius 2) to the nearest training structure, with a threshold.

    Parameters
    ----------
    counts : sparse array, (n, d)
        Counts of the training structures.
    structures : tuple of str, (n,)
        Their canonical strings.
    threshold : float
        Least similarity that counts as in domain.
    elements : tuple of int
        Atomic numbers in the training set.
    """

    counts: Any = field(repr=False)
    structures: tuple[str, ...] = field(repr=False)
    threshold: float
    elements: tuple[int, ...] = ()

    def nearest(self, counts: Any) -> tuple[list[str], npt.NDArray[np.float64]]:
        """The most similar training structure of each row, and its similarity in [0, 1]."""
        similarity = min_max(counts, self.counts)
        best = similarity.argmax(axis=1)
        return [self.structures[i] for i in best], similarity[np.arange(len(best)), best]

    def contains(self, similarity: npt.ArrayLike, elements: list[frozenset[int]]) -> npt.NDArray[np.bool_]:
        """Whether each row is similar enough and has only known elements."""
        known = frozenset(self.elements)
        inside = np.asarray(similarity) >= self.threshold
        return np.asarray(inside & np.array([e <= known for e in elements], dtype=bool))


def choose_threshold(
    similarity: npt.ArrayLike, errors: npt.ArrayLike, reference: float, excess: float = 1.5
) -> float:
    """The similarity below which held-out rows are predicted clearly worse than usual.

    The absolute error is smoothed as a non-increasing function of similarity (isotonic regression); the threshold
    is the least similarity at which it does not exceed ``excess`` times ``reference``, but never so low that fewer
    than 2 % of the held-out rows lie below it.

    Parameters
    ----------
    similarity, errors : array_like, (n,)
        Of held-out rows, random and cluster-held-out folds together.
    reference : float
        The usual mean absolute error: that of the random folds.
    excess : float
        How much worse is too much.

    Examples
    --------
    >>> s = np.linspace(0, 1, 101)
    >>> choose_threshold(s, np.where(s < 0.3, 5.0, 1.0), reference=1.0)
    0.3
    """
    from sklearn.isotonic import IsotonicRegression

    s, e = np.asarray(similarity, dtype=float), np.abs(np.asarray(errors, dtype=float))
    smooth = IsotonicRegression(increasing=False).fit(s, e).predict(s)
    good = s[smooth <= excess * reference]
    floor = float(np.quantile(s, 0.02))
    return round(float(max(good.min() if len(good) else s.max(), floor)), 4)
