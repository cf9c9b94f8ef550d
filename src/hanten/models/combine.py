"""An average of regressors, and one chosen among several by cross-validation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Self

import numpy as np
from sklearn.base import clone

from hanten.models.base import Array, Regressor, suited
from hanten.models.forest import RandomForest
from hanten.models.gaussian_process import GaussianProcess
from hanten.models.linear import BayesianLinear


def _fit_member(member: Regressor, X: Any, y: Array) -> Regressor:
    fitted: Regressor = clone(member).fit(suited(member, X), y)
    return fitted


def _member_mean_std(member: Regressor, X: Any, *, std: bool) -> tuple[Array, Array | None]:
    return member._mean_std(suited(member, X), std=std)  # noqa: SLF001  (our own base class)


class Average(Regressor):
    """Weighted mean of several regressors; the variance is that of the mixture of their predictions.

    Parameters
    ----------
    members : sequence of Regressor, optional
        Without it: a Gaussian process and a random forest.
    weights : sequence of float, optional
        One per member; normalised to sum to one. Equal without it.

    Examples
    --------
    >>> import numpy as np
    >>> X = np.arange(30.0)[:, None]
    >>> model = Average([BayesianLinear(), RandomForest(n_trees=20)]).fit(X, X[:, 0])
    >>> [round(float(v), 1) for v in model.weights_]
    [0.5, 0.5]
    """

    _accepts_sparse: ClassVar[bool] = True
    _fitted_arrays: ClassVar[tuple[str, ...]] = ("weights_",)
    _fitted_parts: ClassVar[tuple[str, ...]] = ("members_",)

    def __init__(
        self, members: Sequence[Regressor] | None = None, weights: Sequence[float] | None = None
    ) -> None:
        self.members, self.weights = members, weights

    def fit(self, X: Any, y: Any) -> Self:
        """Fit every member on all rows.

        Parameters
        ----------
        X : array_like or sparse matrix, (n, d)
        y : array_like, (n,)
        """
        X, y = self._check_xy(X, y)
        members = [GaussianProcess(), RandomForest()] if self.members is None else list(self.members)
        self.members_ = [_fit_member(member, X, y) for member in members]
        weights = (
            np.ones(len(members)) if self.weights is None else np.asarray(self.weights, dtype=np.float64)
        )
        self.weights_ = weights / weights.sum()
        return self

    def _mean_std(self, X: Any, *, std: bool) -> tuple[Array, Array | None]:
        predictions = [_member_mean_std(member, X, std=std) for member in self.members_]
        means = np.stack([mean for mean, _ in predictions])
        mean = self.weights_ @ means
        if not std:
            return mean, None
        variances = np.stack([s**2 for _, s in predictions if s is not None])
        return mean, np.sqrt(self.weights_ @ (variances + (means - mean) ** 2))

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.positive_only = self.members is None
        return tags


class AutoRegressor(Regressor):
    """The candidate with the smallest mean absolute error in an inner cross-validation, refitted on all rows.

    Scored by an outer cross-validation (as every evaluation in hanten does) this is nested cross-validation: the
    choice is made again within each outer training set and never sees the test rows.

    Parameters
    ----------
    candidates : sequence of Regressor, optional
        Without it: Bayesian linear, Gaussian process with the Tanimoto kernel, random forest, and the average of
        the last two.
    n_splits : int
        Inner folds.
    random_state : int or None
        Seed of the inner folds.

    Attributes
    ----------
    scores_ : ndarray, (candidates,)
        Inner mean absolute errors.
    best_ : int
        Which candidate won.

    Examples
    --------
    >>> import numpy as np
    >>> X = np.abs(np.random.default_rng(0).normal(size=(60, 3)))
    >>> type(AutoRegressor().fit(X, X @ [1.0, 2.0, 3.0]).chosen_[0]).__name__
    'BayesianLinear'
    """

    _accepts_sparse: ClassVar[bool] = True
    _fitted_arrays: ClassVar[tuple[str, ...]] = ("scores_", "best_")
    _fitted_parts: ClassVar[tuple[str, ...]] = ("chosen_",)

    def __init__(
        self, candidates: Sequence[Regressor] | None = None, n_splits: int = 3, random_state: int | None = 0
    ) -> None:
        self.candidates, self.n_splits, self.random_state = candidates, n_splits, random_state

    def fit(self, X: Any, y: Any) -> Self:
        """Choose, then fit the winner.

        Parameters
        ----------
        X : array_like or sparse matrix, (n, d)
            One row per polymer: rows of one polymer must be aggregated before.
        y : array_like, (n,)
        """
        X, y = self._check_xy(X, y)
        forest = RandomForest(random_state=self.random_state)
        defaults = [BayesianLinear(), GaussianProcess(), forest, Average([GaussianProcess(), forest])]
        candidates = defaults if self.candidates is None else list(self.candidates)
        folds = np.random.default_rng(self.random_state).permutation(len(y)) % min(self.n_splits, len(y))
        self.scores_ = np.array([_inner_error(candidate, X, y, folds) for candidate in candidates])
        self.best_ = int(np.argmin(self.scores_))
        self.chosen_ = [_fit_member(candidates[self.best_], X, y)]
        return self

    def _mean_std(self, X: Any, *, std: bool) -> tuple[Array, Array | None]:
        return _member_mean_std(self.chosen_[0], X, std=std)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.positive_only = self.candidates is None
        return tags


def _inner_error(candidate: Regressor, X: Any, y: Array, folds: Any) -> float:
    errors = np.empty(len(y))
    for fold in np.unique(folds):
        test = folds == fold
        model = _fit_member(candidate, X[~test], y[~test])
        errors[test] = np.abs(_member_mean_std(model, X[test], std=False)[0] - y[test])
    return float(errors.mean())
