"""Tree ensembles: grown by scikit-learn, kept and evaluated as plain arrays.

A random forest (L. Breiman, Machine Learning 45 (2001) 5; https://doi.org/10.1023/A:1010933404324), extremely
randomised trees (P. Geurts et al., Machine Learning 63 (2006) 3; https://doi.org/10.1007/s10994-006-6226-1) and
gradient boosting (J. H. Friedman, Annals of Statistics 29 (2001) 1189; https://doi.org/10.1214/aos/1013203451).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt

from hanten.models.base import Array, Regressor

_TREES = ("feature_", "threshold_", "left_", "right_", "value_", "spread_", "roots_")


def flatten_trees(trees: Sequence[Any]) -> dict[str, npt.NDArray[Any]]:
    """All nodes of scikit-learn's fitted ``trees`` in one set of arrays; a leaf points at itself.

    ``value_`` is the mean and ``spread_`` the variance of the training values in a node.
    """
    sizes = [tree.tree_.node_count for tree in trees]
    roots = np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(np.int32)
    columns: dict[str, list[npt.NDArray[Any]]] = {name: [] for name in _TREES[:-1]}
    for root, size, tree in zip(roots, sizes, trees, strict=True):
        nodes, own = tree.tree_, np.arange(size, dtype=np.int32)
        leaf = nodes.children_left < 0
        columns["feature_"].append(np.where(leaf, 0, nodes.feature).astype(np.int32))
        columns["threshold_"].append(nodes.threshold)
        columns["left_"].append((np.where(leaf, own, nodes.children_left) + root).astype(np.int32))
        columns["right_"].append((np.where(leaf, own, nodes.children_right) + root).astype(np.int32))
        columns["value_"].append(nodes.value[:, 0, 0].astype(np.float32))
        columns["spread_"].append(np.maximum(nodes.impurity, 0.0).astype(np.float32))
    return {name: np.concatenate(parts) for name, parts in columns.items()} | {"roots_": roots}


class _TreeEnsemble(Regressor):
    """Walks all rows down all trees at once."""

    def _adopt(self, trees: Sequence[Any]) -> None:
        for name, array in flatten_trees(trees).items():
            setattr(self, name, array)

    def _leaves(self, X: Any) -> npt.NDArray[np.intp]:
        """The leaf of each row in each tree, (n, trees). Thresholds are compared with float32, as when growing."""
        X = np.asarray(X, dtype=np.float32)
        flat, rows = X.ravel(), np.arange(len(X), dtype=np.intp)[:, None] * X.shape[1]
        node = np.broadcast_to(self.roots_[None, :], (len(X), len(self.roots_))).astype(np.intp)
        while True:
            below = flat[rows + self.feature_[node]] <= self.threshold_[node]
            following = np.where(below, self.left_[node], self.right_[node])
            if np.array_equal(following, node):
                return node
            node = following


class RandomForest(_TreeEnsemble):
    """Mean over randomised trees; the variance is that of the mixture of their leaves.

    Parameters
    ----------
    n_trees : int
    max_features : float
        Share of the features tried at each split.
    min_leaf : int
        Rows in a leaf at least.
    extra : bool
        Extremely randomised trees (random thresholds, no bootstrap) instead of a random forest.
    random_state : int or None

    Examples
    --------
    >>> import numpy as np
    >>> X = np.linspace(0, 1, 50)[:, None]
    >>> mean, std = RandomForest(n_trees=20, random_state=0).fit(X, X[:, 0]).predict([[0.5]], return_std=True)
    >>> bool(abs(mean[0] - 0.5) < 0.05), bool(std[0] > 0)
    (True, True)
    """

    _fitted_arrays: ClassVar[tuple[str, ...]] = _TREES

    def __init__(
        self,
        n_trees: int = 100,
        max_features: float = 0.1,
        min_leaf: int = 2,
        extra: bool = False,
        random_state: int | None = 0,
    ) -> None:
        self.n_trees, self.max_features, self.min_leaf = n_trees, max_features, min_leaf
        self.extra, self.random_state = extra, random_state

    def fit(self, X: Any, y: Any) -> Self:
        """Grow the trees.

        Parameters
        ----------
        X : array_like, (n, d)
        y : array_like, (n,)
        """
        from sklearn.ensemble import ExtraTreesRegressor, RandomForestRegressor

        X, y = self._check_xy(X, y)
        kind = ExtraTreesRegressor if self.extra else RandomForestRegressor
        forest = kind(
            self.n_trees,
            max_features=self.max_features,
            min_samples_leaf=self.min_leaf,
            random_state=self.random_state,
        )
        self._adopt(forest.fit(X, y).estimators_)
        return self

    def _mean_std(self, X: Any, *, std: bool) -> tuple[Array, Array | None]:
        leaves = self._leaves(X)
        values = self.value_[leaves].astype(np.float64)
        mean = values.mean(axis=1)
        if not std:
            return mean, None
        return mean, np.sqrt(values.var(axis=1) + self.spread_[leaves].mean(axis=1))


class GradientBoosting(_TreeEnsemble):
    """A few gradient-boosted ensembles, each on a bootstrap sample or on a share of the rows.

    The variance is that between the ensembles plus the mean squared error of the rows each one did not see.

    Parameters
    ----------
    n_members : int
        Bootstrapped ensembles.
    n_trees : int
        Trees in each.
    learning_rate, max_depth, max_features, subsample
        As in scikit-learn's ``GradientBoostingRegressor``.
    share : float, optional
        Share of the rows that each ensemble sees, drawn without replacement; a bootstrap sample without it.
    random_state : int or None

    Examples
    --------
    >>> import numpy as np
    >>> X = np.linspace(0, 1, 60)[:, None]
    >>> model = GradientBoosting(n_members=3, n_trees=50, max_features=1.0).fit(X, X[:, 0] ** 2)
    >>> bool(abs(model.predict([[0.5]])[0] - 0.25) < 0.05)
    True
    """

    _fitted_arrays: ClassVar[tuple[str, ...]] = (*_TREES, "offsets_", "noise_")

    def __init__(
        self,
        n_members: int = 5,
        n_trees: int = 300,
        *,
        learning_rate: float = 0.05,
        max_depth: int = 4,
        max_features: float = 0.1,
        subsample: float = 0.7,
        share: float | None = None,
        random_state: int | None = 0,
    ) -> None:
        self.share = share
        self.n_members, self.n_trees, self.learning_rate = n_members, n_trees, learning_rate
        self.max_depth, self.max_features, self.subsample = max_depth, max_features, subsample
        self.random_state = random_state

    def fit(self, X: Any, y: Any) -> Self:
        """Grow the ensembles.

        Parameters
        ----------
        X : array_like, (n, d)
        y : array_like, (n,)
        """
        from sklearn.ensemble import GradientBoostingRegressor

        X, y = self._check_xy(X, y)
        rng = np.random.default_rng(self.random_state)
        trees: list[Any] = []
        offsets: list[float] = []
        errors: list[float] = []
        for _ in range(self.n_members):
            rows = self._drawn(len(y), rng)
            settings = {
                "learning_rate": self.learning_rate,
                "max_depth": self.max_depth,
                "max_features": self.max_features,
            }
            booster = GradientBoostingRegressor(
                n_estimators=self.n_trees,
                subsample=self.subsample,
                random_state=int(rng.integers(2**31)),
                **settings,
            )
            booster.fit(X[rows], y[rows])
            trees.extend(booster.estimators_[:, 0])
            offsets.append(float(y[rows].mean()))
            unseen = np.setdiff1d(np.arange(len(y)), rows)
            errors.extend((booster.predict(X[unseen]) - y[unseen]) ** 2 if len(unseen) else [])
        self._adopt(trees)
        self.offsets_ = np.array(offsets)
        self.noise_ = float(np.mean(errors)) if errors else 0.0
        return self

    def _drawn(self, n: int, rng: np.random.Generator) -> npt.NDArray[np.int64]:
        """Rows that one ensemble is grown on."""
        if self.share is None:
            return rng.integers(n, size=n)
        return rng.permutation(n)[: max(2, round(self.share * n))]

    def _mean_std(self, X: Any, *, std: bool) -> tuple[Array, Array | None]:
        values = self.value_[self._leaves(X)].astype(np.float64).reshape(len(X), len(self.offsets_), -1)
        members = self.offsets_ + self.learning_rate * values.sum(axis=2)
        mean = members.mean(axis=1)
        return mean, np.sqrt(members.var(axis=1) + self.noise_) if std else None
