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
from hanten.models.split_weights import split_weights
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
        Share of the forest's decision that all statistics of this element feature make together.
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
        ("quasicrystal rather than approximant", "sort", forests.sort[0], table.labels[known] == 0, X[known], "approximants"),
    )  # fmt: skip
    found = []
    for question, stage, forest, first, part, others in ask:
        columns = columns_of(stage)
        names = [column_names()[c] for c in columns]
        weights = split_weights(forest, part[:, columns], len(columns))
        for feature, weight in _heaviest(weights, names, count):
            best = max(feature, key=lambda k: abs(_separation(part[:, columns[k]], first) - 0.5))
            found.append(
                _rule(question, names[best], weight, part[:, columns[best]], first=first, others=others)
            )
    return found


def _heaviest(weights: Array, names: list[str], count: int) -> list[tuple[list[int], float]]:
    """Columns of the heaviest element features, all statistics of one feature together, with their weight."""
    groups: dict[str, list[int]] = {}
    for k, name in enumerate(names):
        head, _, tail = name.partition("_")
        groups.setdefault(tail if head in STATISTICS else name, []).append(k)
    order = sorted(groups.values(), key=lambda columns: -weights[columns].sum())
    return [(columns, float(weights[columns].sum())) for columns in order[:count]]


def _separation(values: Array, first: npt.NDArray[np.bool_]) -> float:
    """How often a member of the first group lies higher than one of the other; ties count half."""
    from sklearn.metrics import roc_auc_score

    return float(roc_auc_score(first, values))


def _rule(
    question: str, name: str, weight: float, values: Array, *, first: npt.NDArray[np.bool_], others: str
) -> Rule:
    said, unit = say(name)
    unit = unit and f" {unit}"
    low, middle, high = (float(q) for q in np.quantile(values[first], [0.05, 0.5, 0.95]))
    below, other, above = (float(q) for q in np.quantile(values[~first], [0.05, 0.5, 0.95]))
    auc = _separation(values, first)
    inside = float(((values[~first] >= low) & (values[~first] <= high)).mean())
    group = "quasicrystals and approximants" if "or approximant" in question else "quasicrystals"
    way = "higher than" if auc > 0.6 else "lower than" if auc < 0.4 else "much like"
    text = (
        f"{said[0].upper()}{said[1:]}: 90 % of the {group} lie between {low:.3g} and {high:.3g}{unit} (median {middle:.3g}), "
        f"{way} the {others} (median {other:.3g}; {inside:.0%} of them in that range)."
    )
    return Rule(question, name, unit.strip(), weight, auc, (low, middle, high), (below, other, above), text)


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
