"""A model card: what a model was trained on, how well it does, and what it must not be used for."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hanten.models.property_model import PropertyModel
    from hanten.models.training import Trained

ORDER = (
    "property",
    "unit",
    "method",
    "data",
    "licence",
    "rows",
    "split",
    "scores",
    "calibration",
    "domain",
    "known_biases",
    "model",
    "date",
    "train_again",
)


def card_text(card: dict[str, Any]) -> str:
    """The card as plain text, one entry a line.

    Examples
    --------
    >>> print(card_text({"method": "experiment", "rows": {"used": 3}}))
    method: experiment
    rows: used 3
    """
    return "\n".join(f"{key.replace('_', ' ')}: {_flat(value)}" for key, value in ordered(card).items())


def ordered(card: dict[str, Any]) -> dict[str, Any]:
    """Entries in the order in which one reads them."""
    known = [key for key in ORDER if key in card]
    return {key: card[key] for key in [*known, *(k for k in card if k not in known)]}


def card_html(model: PropertyModel) -> str:
    """The card as an HTML table."""
    rows = "".join(
        f"<tr><th>{escape(key.replace('_', ' '))}</th><td>{escape(_flat(value))}</td></tr>"
        for key, value in ordered(model.card).items()
    )
    return f"<table><caption>{escape(model.label)}</caption>{rows}</table>"


def _flat(value: Any) -> str:
    if isinstance(value, dict):
        return "; ".join(f"{str(k).replace('_', ' ')} {_flat(v)}" for k, v in value.items())
    if isinstance(value, (list, tuple)):
        return ", ".join(_flat(v) for v in value)
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def training_summary(trained: Trained) -> str:
    """What a person wants to know after training: the rows, the scores, the calibration."""
    report, prop = trained.report, trained.model.property_
    lost = ", ".join(f"{count} {reason}" for reason, count in report["not_used"].items())
    lines = [
        f"{report['rows']} rows: {report['polymers']} distinct materials, {report['duplicate_rows']} duplicate rows (median taken)"
        + (f"; not used: {lost}" if lost else "")
    ]
    lines += [f"  row {bad['row']}: {bad['reason']}" for bad in report["examples"]]
    if report["outside_plausible_range"]:
        lines.append(
            f"{report['outside_plausible_range']} values outside the plausible {prop.low:g} to {prop.high:g} {prop.unit}: is the unit right?"
        )
    for name, done in (("random folds", trained.random), ("clusters held out", trained.cluster)):
        scores = done.metrics()
        r2 = "–" if scores["r2"] is None else f"{scores['r2']:.3f}"
        lines.append(
            f"{name}: MAE {scores['mae']:.4g} {prop.unit}, R² {r2}, the 90 % interval covers {scores['coverage']['0.9']:.1%}"
        )
    return "\n".join(lines)
