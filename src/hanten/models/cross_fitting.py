"""One training table, and what a regressor predicts for rows it was not fitted to."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from hanten.models.base import Regressor, suited
from hanten.models.calibration import cross_conformal, log_normal_moments
from hanten.models.evaluation import Evaluation, pool
from hanten.models.hygiene import CleanTable
from hanten.models.kernels import min_max
from hanten.models.vectorize import View, domain_counts, elements, features, read_structures
from hanten.properties import Property

LOG = logging.getLogger(__name__)
Array = npt.NDArray[np.float64]
Fold = tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]


@dataclass(frozen=True)
class OutOfFold:
    """Raw predictions of held-out rows, in the space of the regressor."""

    rows: npt.NDArray[np.int64]
    fold: npt.NDArray[np.int64]
    mean: Array
    std: Array
    errors: Array
    similarity: Array


class TrainingTask:
    """One training table with its features, so that each is computed once."""

    def __init__(self, clean: CleanTable, views: tuple[View, ...], regressor: Regressor, log: bool) -> None:
        self.clean, self.regressor, self.log = clean, regressor, log
        items = read_structures(clean.structures, canonical=True).good
        self.X, self.counts, self.elements = features(views, items), domain_counts(items), elements(items)
        self.z = np.log(clean.y) if log else clean.y
        self.similarity = min_max(self.counts, self.counts)

    def cross_validate(self, n_splits: int, n_repeats: int, seed: int) -> tuple[OutOfFold, OutOfFold]:
        """Held-out predictions of random folds grouped by key, and of folds of whole clusters."""
        from hanten.data.splits import cluster_labels, grouped_folds

        splits = min(n_splits, len(self.z) // 2)
        random = self._out_of_fold(pool(grouped_folds(self.clean.keys, splits, n_repeats, seed)))
        kind = "polymer" if "*" in self.clean.structures[0] else "molecule"
        labels = cluster_labels(self.clean.structures, kind=kind)
        groups = labels if len(set(labels.tolist())) >= splits else np.arange(len(self.z))
        return random, self._out_of_fold(pool(grouped_folds(groups, splits, 1, seed)))

    def _out_of_fold(self, folds: Sequence[Fold]) -> OutOfFold:
        parts: list[tuple[Any, ...]] = []
        for number, (train, test) in enumerate(folds):
            LOG.info("fold %d of %d", number + 1, len(folds))
            mean, std = self._fit(train).predict(self._rows(test), return_std=True)
            near = self.similarity[np.ix_(test, train)].max(axis=1)
            parts.append((test, np.full(len(test), number), mean, std, mean - self.z[test], near))
        return OutOfFold(*(np.concatenate(column) for column in zip(*parts, strict=True)))

    def fit(self) -> Regressor:
        """The regressor fitted to all rows."""
        return self._fit(np.arange(len(self.z)))

    def _fit(self, rows: Any) -> Regressor:
        from sklearn.base import clone

        fitted: Regressor = clone(self.regressor).fit(self._rows(rows), self.z[rows])
        return fitted

    def _rows(self, rows: Any) -> Any:
        return suited(self.regressor, self.X[rows])

    def evaluation(
        self,
        out: OutOfFold,
        prop: Property,
        threshold: float,
        *,
        scheme: str,
        method: str,
        factor: float | None = None,
    ) -> Evaluation:
        """Calibrated by the rows of other folds (or by ``factor``), in the unit of the property."""
        std = out.std * (cross_conformal(out.errors, out.std, out.fold) if factor is None else factor)
        mean, std = log_normal_moments(out.mean, std) if self.log else (out.mean, std)
        structures = tuple(self.clean.structures[i] for i in out.rows)
        return Evaluation(
            prop,
            structures,
            self.clean.y[out.rows],
            mean,
            std,
            out.similarity >= threshold,
            out.fold,
            scheme,
            method,
        )
