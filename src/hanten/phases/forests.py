"""Two questions, and forests for each of them.

Is this a quasicrystal or approximant at all, and if so, which of the two? The published model (C. Liu et al., Adv. Mater. 33 (2021) 2102507, https://doi.org/10.1002/adma.202102507) asks one forest
for three classes. Two questions do better: the first has thousands of rows and must carry over to
elements it has not seen, the second has 158 rows and depends on proportions. Both answers are
calibrated on rows the forests had not seen (J. Platt, in Advances in Large Margin Classifiers, MIT Press 1999, 61).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from hanten.models import RandomForest
from hanten.phases.descriptors import columns_of

Array = npt.NDArray[np.float64]
Line = tuple[float, float]
TREES = {"detect": 200, "sort": 200}
CLIP = 0.002


@dataclass(frozen=True)
class TwoForests:
    """Fitted forests with their calibration.

    Parameters
    ----------
    detect : RandomForest
        Probability of quasicrystal or approximant, from the columns ``columns_of("detect")``.
    sort : tuple of two RandomForest
        Probability of quasicrystal, given that it is one of the two, from ``columns_of("sort")``: the mean of a random
        forest and of extremely randomised trees.
    lines : tuple of two (slope, intercept)
        Calibration of each: a straight line in the log odds.
    """

    detect: RandomForest = field(repr=False)
    sort: tuple[RandomForest, RandomForest] = field(repr=False)
    lines: tuple[Line, Line] = ((1.0, 0.0), (1.0, 0.0))

    def answers(self, X: Array) -> tuple[Array, Array]:
        """Uncalibrated answers to both questions, (n,) each."""
        part = X[:, columns_of("sort")]
        first = (self.sort[0].predict(part) + self.sort[1].predict(part)) / 2
        return self.detect.predict(X[:, columns_of("detect")]), first

    def probabilities(self, X: Array) -> Array:
        """Calibrated probabilities of quasicrystal, approximant, other, (n, 3); rows sum to one."""
        return combine(*self.answers(X), self.lines)


def fit_forests(X: Array, labels: npt.NDArray[np.int64], seed: int = 0) -> TwoForests:
    """Grow both forests on descriptors (n, d) and labels (0 quasicrystal, 1 approximant, 2 other), uncalibrated.

    Examples
    --------
    >>> from hanten.phases.descriptors import column_names
    >>> X = np.random.default_rng(0).random((60, len(column_names())))
    >>> labels = np.repeat([0, 1, 2], 20)
    >>> fit_forests(X, labels).probabilities(X).sum(axis=1).round(6).min()
    np.float64(1.0)
    """
    known = labels < 2
    detect = RandomForest(TREES["detect"], max_features=0.1, min_leaf=1, extra=True, random_state=seed)
    detect.fit(X[:, columns_of("detect")], known.astype(float))
    part, first = X[known][:, columns_of("sort")], (labels[known] == 0).astype(float)
    settings = ({"max_features": 0.1}, {"max_features": 0.2, "extra": True})
    forest, extra = (
        RandomForest(TREES["sort"], min_leaf=1, random_state=seed, **more).fit(part, first)
        for more in settings
    )
    return TwoForests(detect, (forest, extra))


def combine(detected: Array, sorted_: Array, lines: tuple[Line, Line]) -> Array:
    """Both answers, calibrated and multiplied out to three classes.

    Examples
    --------
    >>> combine(np.array([0.8]), np.array([0.5]), ((1.0, 0.0), (1.0, 0.0))).round(3)
    array([[0.4, 0.4, 0.2]])
    """
    found = straighten(detected, lines[0])
    first = straighten(sorted_, lines[1])
    return np.column_stack([found * first, found * (1 - first), 1 - found])


def straighten(p: Any, line: Line) -> Array:
    """Probabilities after a straight line in the log odds.

    Examples
    --------
    >>> straighten([0.2, 0.5], (1.0, 0.0)).round(3)
    array([0.2, 0.5])
    """
    slope, intercept = line
    return np.asarray(1 / (1 + np.exp(-(slope * log_odds(p) + intercept))), dtype=np.float64)


def log_odds(p: Any) -> Array:
    """``log(p / (1 - p))``, with ``p`` kept away from 0 and 1 by 0.002."""
    clipped = np.clip(np.asarray(p, dtype=np.float64), CLIP, 1 - CLIP)
    return np.asarray(np.log(clipped / (1 - clipped)), dtype=np.float64)


def calibration_line(p: Array, truth: npt.NDArray[np.bool_]) -> Line:
    """Slope and intercept by maximum likelihood on answers ``p`` to rows the forest had not seen.

    Examples
    --------
    >>> p = np.repeat([0.2, 0.8], 50)
    >>> slope, _ = calibration_line(p, np.arange(100) % 10 < np.repeat([2, 8], 50))
    >>> round(slope, 1)
    1.0
    """
    from sklearn.linear_model import LogisticRegression

    fit = LogisticRegression(C=1e3).fit(log_odds(p)[:, None], truth)
    return float(fit.coef_[0, 0]), float(fit.intercept_[0])


def calibrate(detected: Array, sorted_: Array, labels: npt.NDArray[np.int64]) -> tuple[Line, Line]:
    """The lines of both questions from out-of-fold answers."""
    known = labels < 2
    return (
        calibration_line(detected, known),
        calibration_line(sorted_[known], labels[known] == 0),
    )


def best_threshold(found: Array, known: npt.NDArray[np.bool_]) -> float:
    """The probability of quasicrystal or approximant above which calling it so gives the best F1.

    Examples
    --------
    >>> best_threshold(np.array([0.1, 0.4, 0.9]), np.array([False, True, True]))
    0.25
    """
    order = np.argsort(-found, kind="stable")
    hits = np.cumsum(known[order])
    scores = 2 * hits / (np.arange(1, len(order) + 1) + known.sum())
    k = int(np.argmax(scores))
    after = found[order[k + 1]] if k + 1 < len(order) else 0.0
    return round(float((found[order[k]] + after) / 2), 4)


def decide(probabilities: Array, threshold: float) -> npt.NDArray[np.int64]:
    """Class of each row: quasicrystal or approximant, whichever is likelier, when together they reach the threshold."""
    known = 1 - probabilities[:, 2] >= threshold
    return np.where(known, probabilities[:, :2].argmax(axis=1), 2).astype(np.int64)
