"""What decides, in words: the element statistics the forests lean on, and where the classes lie on them.

These are readings of our own model and data. They are not the equations of the published study, which are its
authors' to state.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from hanten.elements import element_table
from hanten.models import RandomForest
from hanten.phases.descriptors import STATISTICS, column_names, columns_of
from hanten.phases.forests import Array, TwoForests
from hanten.phases.table import PhaseTable

_SAID = {"mean": "average", "variance": "spread (variance)", "max": "largest", "min": "smallest"}


@dataclass(frozen=True)
class Rule:
    """One statistic and where the classes lie on it.

    Parameters
    ----------
    question : {"quasicrystal or approximant", "quasicrystal rather than approximant"}
    descriptor, unit : str
    weight : float
        Share of the forest's reduction of impurity that its splits on this descriptor make.
    auc : float
        How often a member of the first group lies higher than one of the other: 0.5 says nothing, 1 always, 0 never.
    first, other : tuple of three floats
        5, 50 and 95 % of the first group and of the other.
    text : str
        The rule as a sentence.
    """

    question: str
    descriptor: str
    unit: str
    weight: float
    auc: float
    first: tuple[float, float, float]
    other: tuple[float, float, float]
    text: str


def rules_in_words(table: PhaseTable, X: Array, forests: TwoForests, count: int = 8) -> list[Rule]:
    """The descriptors that carry most of each forest's decision, at most one of each element feature.

    Parameters
    ----------
    table : PhaseTable
    X : ndarray, (n, d)
        Of the same rows; others than quasicrystals and approximants are compared when metallic only, since
        every oxide differs from every alloy.
    forests : TwoForests
    count : int
        Rules per question.
    """
    known = table.labels < 2
    rows = known | table.metallic
    ask = (
        ("quasicrystal or approximant", "detect", forests.detect, known[rows], X[rows], "metallic others"),
        ("quasicrystal rather than approximant", "sort", forests.sort, table.labels[known] == 0, X[known], "approximants"),
    )  # fmt: skip
    found = []
    for question, stage, forest, first, part, others in ask:
        columns = columns_of(stage)
        names = [column_names()[c] for c in columns]
        weights = split_weights(forest, part[:, columns], len(columns))
        for k in _chosen(weights, names, count):
            found.append(
                _rule(question, names[k], float(weights[k]), part[:, columns[k]], first, others)
            )
    return found


def split_weights(forest: RandomForest, X: Array, n_features: int) -> Array:
    """Share of each feature in the reduction of squared error, on rows ``X`` sent down the trees.

    The reduction is that of the forest's own answers: what the splits move, weighted by how many rows they move.
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
    weights: Array = np.bincount(forest.feature_[inner], gain, n_features)
    return weights / weights.sum()


def _chosen(weights: Array, names: list[str], count: int) -> list[int]:
    """The heaviest columns, at most one of one element feature."""
    out: list[int] = []
    seen: set[str] = set()
    for k in np.argsort(-weights):
        feature = names[k].split("_", 1)[1] if names[k].split("_", 1)[0] in STATISTICS else names[k]
        if feature not in seen:
            seen.add(feature)
            out.append(int(k))
        if len(out) == count:
            break
    return out


def _rule(
    question: str, name: str, weight: float, values: Array, first: npt.NDArray[np.bool_], others: str
) -> Rule:
    from sklearn.metrics import roc_auc_score

    said, unit = say(name)
    quantiles = [tuple(float(q) for q in np.quantile(values[part], [0.05, 0.5, 0.95])) for part in (first, ~first)]
    (low, middle, high), (_, other, _) = quantiles
    auc = float(roc_auc_score(first, values))
    inside = float(((values[~first] >= low) & (values[~first] <= high)).mean())
    group = "quasicrystals and approximants" if "or approximant" in question else "quasicrystals"
    side = "higher than" if auc > 0.6 else "lower than" if auc < 0.4 else "neither higher nor lower than"
    text = (
        f"The {said} of 90 % of the {group} is {low:.3g} to {high:.3g}{unit and ' ' + unit} (median {middle:.3g}), "
        f"{side} that of {others} (median {other:.3g}), of which {inside:.0%} lie in that range."
    )
    return Rule(question, name, unit, weight, auc, quantiles[0], quantiles[1], text)  # type: ignore[arg-type]


def say(name: str) -> tuple[str, str]:
    """A column's name in words, and its unit.

    Examples
    --------
    >>> say("mean_en_pauling")[0], say("share of group 12")[0]
    ('average en pauling', 'share of group 12')
    """
    statistic, _, feature = name.partition("_")
    table = element_table()
    if statistic not in _SAID or feature not in table.features:
        return name, ""
    unit = table.units[table.column(feature)]
    words = feature.replace("_", " ")
    return f"{_SAID[statistic]} {words}", f"({unit})²" if statistic == "variance" and unit else unit


def as_records(rules: list[Rule]) -> list[dict[str, Any]]:
    """Rules as plain values for the model card."""
    from dataclasses import asdict

    return [asdict(rule) | {"first": list(rule.first), "other": list(rule.other)} for rule in rules]
