"""How an evaluation looks: parity, calibration, and a table of scores."""

from __future__ import annotations

from html import escape
from io import BytesIO
from typing import TYPE_CHECKING, Any

import numpy as np

from hanten.models.calibration import coverage
from hanten.properties import pretty_unit

if TYPE_CHECKING:
    from hanten.models.evaluation import Evaluation

INSIDE, OUTSIDE, GREY = "#0072B2", "#D55E00", "#666666"  # Okabe and Ito's blue and vermilion


def evaluation_figure(done: Evaluation) -> Any:
    """Parity plot and calibration plot side by side."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9.0, 4.3), layout="constrained")
    parity, calibration = figure.subplots(1, 2)
    _parity(parity, done)
    _calibration(calibration, done)
    return figure


def _parity(axes: Any, done: Evaluation) -> None:
    used = np.isfinite(done.y) & np.isfinite(done.mean)
    for rows, colour, name in (
        (used & done.in_domain, INSIDE, "in domain"),
        (used & ~done.in_domain, OUTSIDE, "out of domain"),
    ):
        if rows.any():
            axes.errorbar(
                done.y[rows],
                done.mean[rows],
                yerr=done.std[rows],
                fmt="o",
                ms=3,
                lw=0,
                elinewidth=0.4,
                alpha=0.5,
                color=colour,
                label=f"{name} ({rows.sum()})",
            )
    low = min(done.y[used].min(), done.mean[used].min())
    high = max(done.y[used].max(), done.mean[used].max())
    pad = 0.03 * (high - low or 1.0)
    limits = (low - pad, high + pad)
    axes.plot(limits, limits, color=GREY, lw=1, zorder=0)
    axes.set(
        xlim=limits,
        ylim=limits,
        aspect="equal",
        xlabel=f"{done.property_.label}, {done.method or 'given'}",
        ylabel="predicted mean ± sd",
    )
    scores = done.metrics()
    r2 = "" if scores["r2"] is None else f", R² {scores['r2']:.3f}"
    axes.set_title(
        f"MAE {scores['mae']:.3g} {pretty_unit(done.property_.unit)}{r2}\n{done.scheme}", fontsize=9
    )
    axes.legend(fontsize=8, frameon=False)


def _calibration(axes: Any, done: Evaluation) -> None:
    used = np.isfinite(done.y) & np.isfinite(done.mean)
    levels = np.linspace(0.05, 0.99, 48)
    shares = [coverage(done.y[used], done.mean[used], done.std[used], float(level)) for level in levels]
    axes.plot([0, 1], [0, 1], color=GREY, lw=1)
    axes.plot(levels, shares, color=INSIDE, lw=2)
    axes.axhspan(0.85, 0.95, xmin=0.88, xmax=0.92, color=OUTSIDE, alpha=0.35, lw=0)
    axes.set(
        xlim=(0, 1), ylim=(0, 1), aspect="equal", xlabel="central interval", ylabel="share of values inside"
    )
    axes.set_title(
        f"calibration: the 90 % interval holds {100 * coverage(done.y[used], done.mean[used], done.std[used], 0.9):.0f} %",
        fontsize=9,
    )


def evaluation_html(done: Evaluation) -> str:
    """Scores as a table and the figure as SVG."""
    scores = done.metrics()
    unit = pretty_unit(done.property_.unit)
    r2 = "–" if scores["r2"] is None else f"{scores['r2']:.3f}"
    rows = [
        ("values", str(scores["n"])),
        ("MAE", f"{scores['mae']:.4g} {unit}"),
        ("RMSE", f"{scores['rmse']:.4g} {unit}"),
        ("R²", r2),
    ]
    rows += [("negative log likelihood", f"{scores['nll']:.3f} nats")]
    rows += [
        (f"inside the {float(level):.0%} interval", f"{share:.1%}")
        for level, share in scores["coverage"].items()
    ]
    for key, name in (("in_domain", "in domain"), ("out_of_domain", "out of domain")):
        part = scores[key]
        rows.append((name, f"{part['n']} values, MAE {part['mae']:.4g} {unit}" if part["n"] else "none"))
    rows += [("note", note) for note in done.notes]
    table = "".join(f"<tr><th>{escape(name)}</th><td>{escape(value)}</td></tr>" for name, value in rows)
    buffer = BytesIO()
    evaluation_figure(done).savefig(buffer, format="svg")
    svg = buffer.getvalue().decode()
    return f"<table><caption>{escape(done.property_.label)}: {escape(done.scheme)}</caption>{table}</table>{svg[svg.index('<svg') :]}"
