"""The learner inside a transfer method: any scikit-learn regressor, asked for mean and standard deviation."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
import numpy.typing as npt
from sklearn.base import clone

from hanten.errors import BundleError
from hanten.models.base import Array, Regressor, suited
from hanten.models.gaussian_process import GaussianProcess


class Foreign(Regressor):
    """A regressor that gives no standard deviation, with that of its own out-of-fold errors.

    Parameters
    ----------
    regressor : scikit-learn regressor
    n_splits : int
        Folds in which the errors are found.
    random_state : int or None

    Notes
    -----
    The standard deviation is the same everywhere: the root of the mean squared error of rows that the regressor had
    not seen. A model with a foreign regressor cannot be written as a bundle, for that holds only arrays of hanten's own.

    Examples
    --------
    >>> from sklearn.linear_model import Ridge
    >>> X = np.arange(20.0)[:, None]
    >>> mean, std = Foreign(Ridge()).fit(X, X[:, 0]).predict([[3.0]], return_std=True)
    >>> bool(abs(mean[0] - 3) < 0.1), bool(std[0] > 0)
    (True, True)
    """

    def __init__(self, regressor: Any = None, n_splits: int = 5, random_state: int | None = 0) -> None:
        self.regressor, self.n_splits, self.random_state = regressor, n_splits, random_state

    def fit(self, X: Any, y: Any) -> Self:
        """Fit on all rows, and on all but each fold.

        Parameters
        ----------
        X : array_like, (n, d)
        y : array_like, (n,)
        """
        from sklearn.linear_model import Ridge

        X, y = self._check_xy(X, y)
        model = Ridge() if self.regressor is None else self.regressor
        errors = np.empty(len(y))
        for train, test in inner_folds(len(y), self.n_splits, self.random_state):
            errors[test] = clone(model).fit(X[train], y[train]).predict(X[test]) - y[test]
        self.spread_ = float(np.sqrt(np.mean(errors**2)))
        self.fitted_ = clone(model).fit(X, y)
        return self

    def _mean_std(self, X: Any, *, std: bool) -> tuple[Array, Array | None]:
        mean = np.asarray(self.fitted_.predict(X), dtype=np.float64)
        return mean, np.full(len(mean), self.spread_) if std else None

    def _check_savable(self) -> None:
        raise BundleError(
            "a regressor of another package cannot be kept in a bundle",
            hint="use one of hanten.models: GaussianProcess, BayesianLinear, RandomForest",
        )


def as_head(regressor: Any, width: int) -> Regressor:
    """``regressor`` as one of hanten's; without one, a Gaussian process with a Gaussian kernel on ``width`` columns.

    Examples
    --------
    >>> as_head(None, 3).blocks
    [('rbf', 0, 3)]
    """
    if regressor is None:
        return GaussianProcess(blocks=[("rbf", 0, width)])
    return regressor if isinstance(regressor, Regressor) else Foreign(regressor)


def fit_head(head: Regressor, X: Any, y: Array) -> Regressor:
    """A fresh copy of ``head``, fitted."""
    fitted: Regressor = clone(head).fit(suited(head, X), y)
    return fitted


def mean_std(head: Regressor, X: Any) -> tuple[Array, Array]:
    """Predictive mean and standard deviation of a fitted head."""
    mean, std = head.predict(suited(head, X), return_std=True)
    return np.asarray(mean), np.asarray(std)


def inner_folds(
    n: int, n_splits: int, random_state: int | None
) -> list[tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]]:
    """Random folds of ``n`` rows (one row per material), at most ``n`` of them.

    Examples
    --------
    >>> [len(test) for _, test in inner_folds(7, 3, 0)]
    [3, 2, 2]
    """
    fold = np.random.default_rng(random_state).permutation(n) % max(2, min(n_splits, n))
    return [(np.flatnonzero(fold != k), np.flatnonzero(fold == k)) for k in np.unique(fold)]


def extra_variance(errors: npt.ArrayLike, std: npt.ArrayLike) -> float:
    """The variance that out-of-fold errors have beyond what ``std`` foretold; a sliver of it at least.

    Examples
    --------
    >>> round(extra_variance([2.0, -2.0], [1.0, 1.0]), 6)
    3.0
    """
    squared = np.asarray(errors, dtype=np.float64) ** 2
    beyond = float(np.mean(squared - np.asarray(std, dtype=np.float64) ** 2))
    return max(beyond, 1e-4 * float(squared.mean()), 1e-300)
