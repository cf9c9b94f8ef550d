"""The descriptors that matter: which element features carry the prediction, and in which direction."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from hanten.crystals.model import STATISTICS, Array, describe_names
from hanten.models.split_weights import split_weights

ROWS = 800


@dataclass(frozen=True)
class Decisive:
    """One element feature (or the share of an element).

    Parameters
    ----------
    feature : str
    weight : float
        Share of the splits' movement of the prediction, weighted by rows, all statistics of the feature together.
    statistic : str
        The statistic that orders the values best.
    rank_correlation : float
        Spearman's, of that statistic with the conductivity.
    text : str
    """

    feature: str
    weight: float
    statistic: str
    rank_correlation: float
    text: str


def decisive_descriptors(regressor: Any, X: Array, y: Array, count: int = 12) -> list[Decisive]:
    """The element features that a tree ensemble leans on most; empty for a regressor without trees.

    Parameters
    ----------
    regressor : fitted regressor
    X : ndarray, (n, d)
        What :func:`hanten.crystals.model.describe` gives.
    y : ndarray, (n,)
        Decimal logarithms.
    count : int
    """
    from scipy.stats import spearmanr

    if not hasattr(regressor, "feature_"):
        return []
    names = describe_names()
    some = X[:: max(1, len(X) // ROWS)]
    weights = split_weights(regressor, some, X.shape[1])[: len(names)]
    groups: dict[str, list[int]] = {}
    for k, name in enumerate(names):
        head, _, tail = name.partition("_")
        groups.setdefault(tail if head in STATISTICS else name, []).append(k)
    heaviest = sorted(groups, key=lambda g: -weights[groups[g]].sum())[:count]
    out = []
    for feature in heaviest:
        columns = [k for k in groups[feature] if np.ptp(X[:, k]) > 0]
        correlations = {k: float(spearmanr(X[:, k], y).statistic) for k in columns}
        best = max(correlations, key=lambda k: abs(correlations[k]))
        out.append(_decisive(feature, float(weights[groups[feature]].sum()), names[best], correlations[best]))
    return out


def _decisive(feature: str, weight: float, statistic: str, correlation: float) -> Decisive:
    way = "rises" if correlation > 0 else "falls"
    words = statistic.replace("_", " ")
    text = f"Conductivity {way} with {words} (rank correlation {correlation:+.2f}; {weight:.0%} of the decision)."
    return Decisive(feature, weight, statistic, correlation, text)


def as_records(found: list[Decisive]) -> list[dict[str, Any]]:
    """Plain values for the model card."""
    return [asdict(one) for one in found]
