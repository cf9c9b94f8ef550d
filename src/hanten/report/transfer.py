"""How a transfer study looks: the gain of each draw, and the error with and without the sources."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from hanten.errors import ConfigError
from hanten.properties import pretty_unit
from hanten.report import style
from hanten.report.html import Fragment, Report, Section, table

if TYPE_CHECKING:
    from hanten.transfer.comparison import Comparison
    from hanten.transfer.study import TransferStudy


def transfer_figure(comparison: Comparison, unit: str = "", title: str = "") -> Any:
    """Left: mean absolute error of each draw with and without transfer; right: the gains, their mean and its interval.

    Parameters
    ----------
    comparison : Comparison
    unit : str
        For the axes.
    title : str

    Examples
    --------
    >>> from hanten.transfer.comparison import compare_draws
    >>> fig = transfer_figure(compare_draws([0.04, 0.05, 0.06], [0.03, 0.05, 0.04]), "W/(m K)")
    >>> len(fig.axes)
    2
    """
    suffix = f" [{unit}]" if unit else ""
    helped = comparison.transfer <= comparison.baseline
    options = {"gridspec_kw": {"width_ratios": [1.0, 1.15]}}
    with style.figure(8.4, 3.7, columns=2, **options) as (fig, (arms, gains)):
        _arms(arms, comparison, helped, suffix)
        _gains(gains, comparison, suffix)
        if title:
            fig.suptitle(title, x=0.01, ha="left", fontweight="bold", fontsize=11)
    return fig


def _arms(ax: Any, comparison: Comparison, helped: Any, suffix: str) -> None:
    both = np.concatenate([comparison.baseline, comparison.transfer])
    pad = 0.08 * (float(np.ptp(both)) or 1e-9)
    limits = (float(both.min()) - pad, float(both.max()) + pad)
    ax.plot(limits, limits, color=style.INK, linewidth=0.8, linestyle=":")
    for rows, colour, label in ((helped, style.GOOD, "helped"), (~helped, style.EXPERIMENT, "hurt")):
        if rows.any():
            ax.scatter(
                comparison.baseline[rows],
                comparison.transfer[rows],
                s=26,
                color=colour,
                alpha=0.8,
                linewidth=0,
                label=f"{label} ({rows.sum()})",
            )
    ax.set(
        xlim=limits,
        ylim=limits,
        aspect="equal",
        xlabel=f"MAE without transfer{suffix}",
        ylabel=f"MAE with transfer{suffix}",
    )
    ax.locator_params(nbins=5)
    ax.legend(fontsize=8, loc="upper left")


def _gains(ax: Any, comparison: Comparison, suffix: str) -> None:
    gains = np.sort(comparison.baseline - comparison.transfer)
    ax.bar(
        np.arange(len(gains)),
        gains,
        color=np.where(gains >= 0, style.GOOD, style.EXPERIMENT),
        alpha=0.8,
        width=0.8,
    )
    ax.axhline(0, color=style.INK, linewidth=0.8)
    ax.errorbar(
        [len(gains) + 1],
        [comparison.gain],
        yerr=None if np.isnan(comparison.half_width) else [comparison.half_width],
        fmt="D",
        markersize=6,
        capsize=4,
        color=style.POSTERIOR,
        label="mean gain, 95 % interval",
    )
    ax.set(xlabel=f"{len(gains)} draws, sorted", ylabel=f"gain: MAE without − with{suffix}", xticks=[])
    ax.margins(y=0.18)
    ax.grid(visible=False, axis="x")
    ax.legend(fontsize=8, loc="upper left")


def study_report(study: TransferStudy) -> Report:
    """The study as one page."""
    unit = pretty_unit(study.property_.unit)
    gain, frame = study.comparison, study.frame()
    figure = style.to_svg(transfer_figure(gain, unit), "gain of transfer")
    arms = table(frame.to_dict("records"), {name: name for name in frame.columns})
    columns = ("task", "method", "r2", "models", "seen", "action")
    heads = dict(
        zip(
            columns,
            ("task", "values from", "held-out R²", "models", "target materials seen", "what was done"),
            strict=True,
        )
    )
    sources = table([dict(row) for row in study.sources], heads)
    numbers = [
        (f"{gain.baseline.mean():.4g}", f"MAE without transfer, {unit}"),
        (f"{gain.transfer.mean():.4g}", f"MAE with transfer, {unit}"),
        (f"{gain.gain:+.2g}", "mean paired gain"),
        (f"{gain.hurt} of {len(gain.baseline)}", "draws on which it hurt"),
    ]
    notes = [Fragment("".join(f"<p>{_escape(note)}</p>" for note in study.notes))] if study.notes else []
    sections = [
        Section("Paired on the same folds", [Fragment(figure, gain.sentence(unit)), Fragment(arms)]),
        Section("Sources", [Fragment(sources), *notes]),
    ]
    return Report(
        f"Transfer to {study.property_.name}",
        f"Do source models help to predict {study.property_.name} from {study.baseline.report['polymers']} materials?",
        study.summary().splitlines()[1],
        numbers,
        sections,
    )


def write_study(study: TransferStudy, path: str | Path) -> Path:
    """Write the study as one HTML file."""
    from hanten.runs import atomic_write

    with atomic_write(path) as handle:
        handle.write(study_report(study).html())
    return Path(path)


def check_outputs(paths: Sequence[str | Path], *, formulas: bool = False) -> None:
    """Raise ConfigError for a name that is no page, table or model: before the work, not after it.

    Parameters
    ----------
    paths : sequence of path
    formulas : bool
        Whether the model is one of formulas: it is kept in a file of its own kind.
    """
    own, other = (".safetensors", ".hanten") if formulas else (".hanten", ".safetensors")
    for path in map(Path, paths):
        if path.suffix == other:
            what = "formulas" if formulas else "structures"
            raise ConfigError(f"a model of {what} is not kept in a {other} file: {path}", hint=f"NAME{own}")
        if path.suffix not in {".html", ".csv", own}:
            text = f"{path} names neither a page nor a model nor a table"
            raise ConfigError(text, hint=f"NAME.html, NAME{own}, or NAME.csv for predictions")


def write_outputs(study: TransferStudy, paths: Sequence[str | Path]) -> list[str]:
    """Write the study by the name of each file, and say what was written.

    ``.html``: the page; ``.hanten`` (of formulas ``.safetensors``): the chosen model; ``.csv``: what the chosen model
    predicts of the materials of the table that have no value.

    Raises
    ------
    ConfigError
        If a name ends otherwise.
    """
    from hanten.runs import atomic_write
    from hanten.transfer.composition_model import CompositionModel

    check_outputs(paths, formulas=isinstance(study.model, CompositionModel))
    lines = []
    for path in map(Path, paths):
        if path.suffix == ".html":
            lines.append(f"report -> {write_study(study, path)}")
        elif path.suffix == ".csv":
            with atomic_write(path) as handle:
                handle.write(study.predictions().to_csv(index=False))
            lines.append(f"{len(study.unmeasured)} rows without a value, predicted -> {path}")
        else:
            study.model.save(path)
            lines.append(f"model ({study.chosen}) -> {path}")
    return lines


def _escape(text: str) -> str:
    from html import escape

    return escape(text)
