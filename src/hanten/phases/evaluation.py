"""How good the phase model is: folds by chance, by chemical system, and against metallic compounds only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from hanten.data import grouped_folds
from hanten.errors import ConfigError, did_you_mean
from hanten.phases.descriptors import describe
from hanten.phases.forests import Array, best_threshold, calibrate, combine, decide, fit_forests
from hanten.phases.table import CLASSES, PhaseTable

SCHEMES = {
    "random": "folds by chance, one composition always on one side",
    "system": "whole chemical systems held out",
    "metallic": "whole chemical systems held out, scored against metallic others only",
}
Fold = tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]
BINS = (0.0, 0.05, 0.2, 0.4, 0.6, 0.8, 1.0)


@dataclass(frozen=True)
class OutOfFold:
    """Answers of forests to rows they had not seen.

    Parameters
    ----------
    labels : ndarray of int, (n,)
    probabilities : ndarray, (n, 3)
        Calibrated with the rows of the *other* folds.
    decided : ndarray of int, (n,)
        Class by the threshold that the other folds gave.
    answers : tuple of two ndarray, (n,)
        Uncalibrated.
    similarity : ndarray, (n,)
        Of each row to the nearest training row of its fold.
    scheme : str
    fold : ndarray of int, (n,)
    """

    labels: npt.NDArray[np.int64]
    probabilities: Array = field(repr=False)
    decided: npt.NDArray[np.int64] = field(repr=False)
    answers: tuple[Array, Array] = field(repr=False)
    similarity: Array = field(repr=False)
    scheme: str
    fold: npt.NDArray[np.int_] = field(repr=False)

    def restrict(self, rows: npt.NDArray[np.bool_], scheme: str) -> OutOfFold:
        """The same answers, scored (and calibrated) on some rows only."""
        answers = self.answers[0][rows], self.answers[1][rows]
        probabilities, decided = cross_calibrate(answers, self.labels[rows], self.fold[rows])
        return OutOfFold(
            self.labels[rows], probabilities, decided, answers, self.similarity[rows], scheme, self.fold[rows]
        )

    def scores(self) -> dict[str, Any]:
        """F1 of each class and their mean, average precision, recall and precision of both together, calibration."""
        return score(self.labels, self.probabilities, self.decided) | {"scheme": self.scheme}


def cross_validate(
    table: PhaseTable, scheme: str = "system", *, n_splits: int = 5, seed: int = 0, X: Array | None = None
) -> OutOfFold:
    """Out-of-fold answers under one of :data:`SCHEMES`.

    Parameters
    ----------
    table : PhaseTable
    scheme : {"random", "system", "metallic"}
    n_splits : int
    seed : int
        Of the folds and of the forests.
    X : ndarray, optional
        ``describe(table.fractions)``, when it is there already.

    Raises
    ------
    ConfigError
        If there is no such scheme.
    DataError
        If there are fewer systems than folds.
    """
    if scheme not in SCHEMES:
        raise ConfigError(f"no folds are called {scheme!r}", hint=did_you_mean(scheme, SCHEMES))
    X = describe(table.fractions) if X is None else X
    keys = table.formulas if scheme == "random" else table.systems
    # The rare classes are dealt out first and by themselves, so that every fold has its share of them.
    rare = table.labels < 2
    ahead = set(np.array(keys)[rare])
    number = np.empty(len(table), dtype=int)
    for part in (True, False):
        rows = np.flatnonzero([(key in ahead) == part for key in keys])
        for k, (_, test) in enumerate(grouped_folds([keys[i] for i in rows], n_splits, 1, seed)):
            number[rows[test]] = k
    detected, sorted_, similarity = _held_out(table, X, number, seed)
    probabilities, decided = cross_calibrate((detected, sorted_), table.labels, number)
    done = OutOfFold(
        table.labels, probabilities, decided, (detected, sorted_), similarity, SCHEMES[scheme], number
    )
    return done.restrict(table.metallic, SCHEMES[scheme]) if scheme == "metallic" else done


def _held_out(
    table: PhaseTable, X: Array, number: npt.NDArray[np.int_], seed: int
) -> tuple[Array, Array, Array]:
    from hanten.models.kernels import min_max

    detected, sorted_, similarity = (np.empty(len(table)) for _ in range(3))
    for k in np.unique(number):
        test, train = number == k, number != k
        forests = fit_forests(X[train], table.labels[train], seed)
        detected[test], sorted_[test] = forests.answers(X[test])
        similarity[test] = min_max(table.fractions[test], table.fractions[train]).max(axis=1)
    return detected, sorted_, similarity


def cross_calibrate(
    answers: tuple[Array, Array], labels: npt.NDArray[np.int64], number: npt.NDArray[np.int_]
) -> tuple[Array, npt.NDArray[np.int64]]:
    """Probabilities and classes, each with calibration and threshold from the rows of the other folds."""
    probabilities, decided = np.empty((len(labels), 3)), np.empty(len(labels), dtype=np.int64)
    for k in np.unique(number):
        test, rest = number == k, number != k
        lines = calibrate(answers[0][rest], answers[1][rest], labels[rest])
        probabilities[test] = combine(answers[0][test], answers[1][test], lines)
        others = combine(answers[0][rest], answers[1][rest], lines)
        decided[test] = decide(probabilities[test], best_threshold(1 - others[:, 2], labels[rest] < 2))
    return probabilities, decided


def score(
    labels: npt.NDArray[np.int64], probabilities: Array, decided: npt.NDArray[np.int64]
) -> dict[str, Any]:
    """Scores of three-class predictions.

    Returns
    -------
    dict
        ``macro_f1``, ``f1``, ``precision`` and ``recall`` by class, ``quasicrystal_ap``, ``approximant_ap``, ``merged_ap``,
        ``merged_recall``, ``merged_precision`` (quasicrystal or approximant against other), ``accuracy``,
        ``log_loss``, ``brier`` (of quasicrystal or approximant), ``calibration`` (table of predicted and observed shares).
    """
    from sklearn.metrics import average_precision_score, log_loss, precision_recall_fscore_support

    precision, recall, f1, _ = precision_recall_fscore_support(
        labels, decided, labels=[0, 1, 2], zero_division=0.0
    )
    known, found = labels < 2, decided < 2
    merged = 1 - probabilities[:, 2]
    both = int((known & found).sum())
    return {
        "n": len(labels),
        "macro_f1": float(f1.mean()),
        "f1": dict(zip(CLASSES, f1.tolist(), strict=True)),
        "precision": dict(zip(CLASSES, precision.tolist(), strict=True)),
        "recall": dict(zip(CLASSES, recall.tolist(), strict=True)),
        "quasicrystal_ap": float(average_precision_score(labels == 0, probabilities[:, 0])),
        "approximant_ap": float(average_precision_score(labels == 1, probabilities[:, 1])),
        "merged_ap": float(average_precision_score(known, merged)),
        "merged_recall": both / max(int(known.sum()), 1),
        "merged_precision": both / max(int(found.sum()), 1),
        "accuracy": float((labels == decided).mean()),
        "log_loss": float(log_loss(labels, probabilities, labels=[0, 1, 2])),
        "brier": float(np.mean((merged - known) ** 2)),
        "calibration": {
            "quasicrystal or approximant": reliability(merged, known),
            "quasicrystal": reliability(probabilities[:, 0], labels == 0),
            "approximant": reliability(probabilities[:, 1], labels == 1),
        },
    }


def reliability(
    p: Array, truth: npt.NDArray[np.bool_], bins: Sequence[float] = BINS
) -> list[dict[str, float]]:
    """Mean prediction and observed share in bins of the prediction; empty bins are left out.

    Examples
    --------
    >>> reliability(np.array([0.01, 0.9, 0.9]), np.array([False, True, False]))[1]["observed"]
    0.5
    """
    place = np.clip(np.digitize(p, bins) - 1, 0, len(bins) - 2)
    return [
        {
            "low": bins[k],
            "high": bins[k + 1],
            "n": int((place == k).sum()),
            "predicted": float(p[place == k].mean()),
            "observed": float(truth[place == k].mean()),
        }
        for k in range(len(bins) - 1)
        if (place == k).any()
    ]
