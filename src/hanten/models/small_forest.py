"""A fitted random forest in a quarter of the bytes, with the same predictions to the last bit of their mean.

A left child always follows its parent, so only the step to the right child is kept; a threshold is rounded down to float32,
which changes no comparison with a float32 feature; only leaves have a value.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from hanten.errors import BundleError
from hanten.models.base import Arrays
from hanten.models.forest import RandomForest


def pack_forest(forest: RandomForest, prefix: str = "", *, spread: bool = False) -> Arrays:
    """Arrays of a fitted forest, names starting with ``prefix``.

    Parameters
    ----------
    forest : RandomForest
    prefix : str
    spread : bool
        Also keep the variance in each leaf, from which the standard deviation is made.

    Examples
    --------
    >>> X = np.linspace(0, 1, 40)[:, None]
    >>> forest = RandomForest(n_trees=5).fit(X, X[:, 0])
    >>> again = unpack_forest(pack_forest(forest, spread=True), n_features=1)
    >>> bool(np.array_equal(forest.predict(X), again.predict(X)))
    True
    """
    own = np.arange(len(forest.feature_))
    leaf = forest.left_ == own
    if not np.array_equal(forest.left_[~leaf], own[~leaf] + 1):
        raise BundleError("the trees are not in depth-first order", hint="scikit-learn grows them so")
    arrays = {
        "feature": forest.feature_.astype(np.uint16),
        "threshold": _round_down(forest.threshold_[~leaf]),
        "right": np.where(leaf, 0, forest.right_ - own).astype(np.uint32),
        "value": forest.value_[leaf].astype(np.float32),
        "roots": forest.roots_.astype(np.uint32),
    }
    if arrays["right"].max(initial=0) < 2**16:
        arrays["right"] = arrays["right"].astype(np.uint16)
    if spread:
        arrays["spread"] = forest.spread_[leaf].astype(np.float32)
    return {prefix + name: array for name, array in arrays.items()}


def unpack_forest(arrays: Arrays, prefix: str = "", *, n_features: int) -> RandomForest:
    """The inverse of :func:`pack_forest`.

    Raises
    ------
    BundleError
        If an array is missing or they do not fit together.
    """
    try:
        part = {name: arrays[prefix + name] for name in ("feature", "threshold", "right", "value", "roots")}
    except KeyError as error:
        raise BundleError(f"the array {error} of a forest is missing") from error
    own = np.arange(len(part["feature"]), dtype=np.int32)
    leaf = part["right"] == 0
    right = own + part["right"].astype(np.int32)
    if int(leaf.sum()) != len(part["value"]) or int((~leaf).sum()) != len(part["threshold"]):
        raise BundleError("the arrays of a forest do not fit together")
    if right.max(initial=0) >= len(own) or part["feature"].max(initial=0) >= n_features:
        raise BundleError("a tree of the forest points outside of it")
    forest = RandomForest(n_trees=len(part["roots"]))
    forest.n_features_in_ = n_features
    forest.feature_ = part["feature"].astype(np.int32)
    forest.threshold_ = _spread_out(part["threshold"], ~leaf)
    forest.left_ = np.where(leaf, own, own + 1).astype(np.int32)
    forest.right_ = right
    forest.value_ = _spread_out(part["value"], leaf).astype(np.float32)
    forest.spread_ = np.zeros(len(own), dtype=np.float32)
    if prefix + "spread" in arrays:
        forest.spread_ = _spread_out(arrays[prefix + "spread"], leaf).astype(np.float32)
    forest.roots_ = part["roots"].astype(np.int32)
    return forest


def _round_down(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float32]:
    near = values.astype(np.float32)
    return np.where(near.astype(np.float64) > values, np.nextafter(near, np.float32(-np.inf)), near)


def _spread_out(values: npt.NDArray[np.float32], where: npt.NDArray[np.bool_]) -> npt.NDArray[np.float64]:
    out = np.zeros(len(where))
    out[where] = values
    return out
