"""What the predictions are worth: the models behind them, and computed values beside measured ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from hanten.data import load_bundled

if TYPE_CHECKING:
    import pandas as pd

    from hanten.models import PropertyModel

MEASURED = {"thermal_conductivity": "polymer-thermal-conductivity"}


@dataclass(frozen=True)
class Comparison:
    """Predictions beside literature measurements of the same polymers.

    Parameters
    ----------
    property : str
    method : str
        What the predictions stand for.
    table : pandas.DataFrame
        One row per polymer and sample state: ``name``, ``canonical``, ``sample_state``, ``low``, ``high``
        (literature), ``mean``, ``sd`` (predicted), ``trained_on`` (whether the model saw a computed value of
        this polymer), ``source``.
    spearman, bias, mae : float
        Rank correlation; mean difference and mean absolute difference, predicted minus middle of the range.
    """

    property: str
    method: str
    table: pd.DataFrame
    spearman: float
    bias: float
    mae: float


def compare_with_measured(model: PropertyModel) -> Comparison | None:
    """The model's predictions for the polymers of the bundled literature table; ``None`` where there is none.

    Examples
    --------
    >>> from hanten.models import load_model
    >>> found = compare_with_measured(load_model("thermal_conductivity"))
    >>> len(found.table) >= 40, abs(found.spearman) <= 1
    (True, True)
    """
    from scipy.stats import spearmanr

    name = model.property_.name
    if name not in MEASURED:
        return None
    literature = load_bundled(MEASURED[name])
    predicted = model.predict_frame(list(literature["canonical"]), canonical=True)
    table = literature[["name", "canonical", "sample_state", "source"]].assign(
        low=literature[f"{name}_low"],
        high=literature[f"{name}_high"],
        mean=predicted["mean"],
        sd=predicted["sd"],
        trained_on=predicted["similarity"] >= 1 - 1e-9,
    )
    difference = table["mean"] - (table["low"] + table["high"]) / 2
    rank = float(spearmanr(table["mean"], (table["low"] + table["high"]) / 2).statistic)
    return Comparison(
        name, model.method, table, rank, float(difference.mean()), float(difference.abs().mean())
    )


def model_rows(models: Mapping[str, PropertyModel]) -> list[dict[str, Any]]:
    """One row per model for the report: data, size, scores on random and cluster-held-out folds, known biases."""
    rows = []
    for name, model in models.items():
        card = model.card
        rows.append(
            {
                "property": model.property_.label,
                "method": model.method,
                "data": _flat(card.get("data", "–")),
                "polymers": (card.get("rows") or {}).get("polymers", "–"),
                **_scores(card),
                "known_biases": card.get("known_biases", "–"),
                "name": name,
            }
        )
    return rows


def _scores(card: Mapping[str, Any]) -> dict[str, Any]:
    scores = card.get("scores") or {}
    columns: dict[str, Any] = {}
    for key, scheme in (("random", "random folds"), ("cluster", "clusters held out")):
        part = scores.get(scheme) or {}
        coverage = {float(level): share for level, share in (part.get("coverage") or {}).items()}
        columns[f"{key}_mae"] = part.get("mae", np.nan)
        columns[f"{key}_r2"] = part.get("r2", np.nan)
        columns[f"{key}_coverage"] = coverage.get(0.9, np.nan)
    return columns


def _flat(value: Any) -> str:
    return "; ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)
