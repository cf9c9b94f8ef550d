"""What a tree ensemble leans on: how much the splits on each feature move its answers."""

from __future__ import annotations

from typing import Any

import numpy as np

from hanten.models.base import Array


def split_weights(forest: Any, X: Array, n_features: int) -> Array:
    """Share of each feature in the reduction of squared error, on rows ``X`` sent down the trees.

    The reduction is that of the trees' own answers: what the splits move, weighted by how many rows they move.

    Parameters
    ----------
    forest : fitted RandomForest or GradientBoosting
    X : array_like, (n, d)
    n_features : int

    Returns
    -------
    ndarray, (n_features,)
        Sums to one.

    Examples
    --------
    >>> from hanten.models import RandomForest
    >>> X = np.random.default_rng(0).random((80, 3))
    >>> int(split_weights(RandomForest(n_trees=10, max_features=1.0).fit(X, X[:, 1]), X, 3).argmax())
    1
    """
    rows = np.asarray(X, dtype=np.float32)
    node = np.broadcast_to(forest.roots_[None, :], (len(rows), len(forest.roots_))).astype(np.intp)
    count = np.zeros(len(forest.feature_))
    total = np.zeros(len(forest.feature_))
    leaves = forest._leaves(rows)  # noqa: SLF001  (our own class)
    answer = forest.value_[leaves].astype(np.float64)
    while True:
        np.add.at(count, node, 1.0)
        np.add.at(total, node, answer)
        feature = forest.feature_[node]
        below = rows[np.arange(len(rows))[:, None], feature] <= forest.threshold_[node]
        following = np.where(below, forest.left_[node], forest.right_[node])
        if np.array_equal(following, node):
            break
        moved = following != node
        node = np.where(moved, following, node)
        count[node[~moved]] -= 1.0
        np.subtract.at(total, node[~moved], answer[~moved])
    mean = np.divide(total, count, out=np.zeros_like(total), where=count > 0)
    inner = np.flatnonzero((forest.left_ != np.arange(len(count))) & (count > 0))
    left, right = forest.left_[inner], forest.right_[inner]
    gain = count[left] * (mean[left] - mean[inner]) ** 2 + count[right] * (mean[right] - mean[inner]) ** 2
    weights = np.bincount(forest.feature_[inner], gain, n_features).astype(np.float64)
    return np.asarray(weights / weights.sum(), dtype=np.float64)
