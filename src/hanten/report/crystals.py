"""The report of a screening for lattice thermal conductivity: shortlists, descriptors that matter, how far to trust them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from hanten.report import style
from hanten.report.checks import Check
from hanten.report.html import Fragment, Report, Section, table
from hanten.runs import atomic_write

if TYPE_CHECKING:
    from hanten.crystals import Screening

COLUMNS = {
    "composition": "composition",
    "median": "median W/(m K)",
    "low": "5 %",
    "high": "95 %",
    "probability": "probability beyond the limit",
    "nearest": "nearest known",
    "similarity": "similarity",
}


def screening_report(found: Screening) -> Report:
    """One page about one screening."""
    low, high = found.limits
    good = found.predictions[found.predictions["error"].isna()]
    inside = good[good["in_domain"].astype(bool)]
    sections = [
        Section("Very high", _shortlist(found.high, "p_high"), f"Ranked by the probability of more than {high:g} W/(m K)."),
        Section("Very low", _shortlist(found.low, "p_low"), f"Ranked by the probability of less than {low:g} W/(m K)."),
        Section("All formulas", _all(found)),
        Section("What the model looks at", _descriptors(found.model.card)),
        Section("How far to trust it", _trust(found.model.card)),
    ]  # fmt: skip
    return Report(
        "Crystals of very high and very low lattice thermal conductivity",
        f"Which of {len(found.predictions):,} compositions conduct heat above {high:g}, and which below {low:g} W/(m K)?",
        found.summary(),
        [
            (f"{len(good):,}", "formulas predicted"),
            (f"{len(inside):,}", "of them in domain"),
            (str(int((inside["p_high"] > 0.5).sum())), f"probably above {high:g} W/(m K)"),
            (str(int((inside["p_low"] > 0.5).sum())), f"probably below {low:g} W/(m K)"),
        ],
        sections,
        checks(found),
        {"shortlist.csv": found.frame().to_csv(index=False)},
        [str(found.model.card.get("data", ""))],
        {
            "method": str(found.model.card.get("method", "")),
            "limits": f"{low:g} and {high:g} W/(m K)",
            "training data": str(found.model.card.get("digest", ""))[:16],
        },
    )


def write_report(found: Screening, path: str | Path) -> None:
    """Write the page as one self-contained HTML file."""
    with atomic_write(path) as handle:
        handle.write(screening_report(found).html())


def checks(found: Screening) -> list[Check]:
    """What a careful colleague would ask of a screening."""
    good = found.predictions["error"].isna()
    outside = float((~found.predictions.loc[good, "in_domain"].astype(bool)).mean()) if good.any() else 1.0
    unread = int((~good).sum())
    return [
        Check(
            "HNT004",
            "most formulas are in domain",
            "issue" if outside > 0.5 else "passed",
            f"{outside:.0%} of the formulas are out of domain; they are not on the shortlists",
        ),
        Check(
            "HNT040",
            "every formula was read",
            "tip" if unread else "passed",
            f"{unread} formulas could not be read; results.csv says why",
        ),
        Check(
            "HNT041",
            "each shortlist has a probable member",
            "passed" if min(_top(found.high, "p_high"), _top(found.low, "p_low")) > 0.5 else "tip",
            f"highest probability above {found.limits[1]:g} W/(m K): {_top(found.high, 'p_high'):.2f}; "
            f"below {found.limits[0]:g}: {_top(found.low, 'p_low'):.2f}",
        ),
    ]


def distribution(found: Screening) -> Any:
    """Histogram of the predicted medians, known compositions apart, limits marked."""
    frame = found.predictions[found.predictions["error"].isna()]
    values = np.log10(frame["median"].to_numpy(float))
    known = frame["known"].to_numpy(bool)
    bins = np.linspace(values.min() - 0.05, values.max() + 0.05, 60)
    with style.figure(7.2, 3.2) as (fig, ax):
        ax.hist(
            [values[~known], values[known]], bins=bins, stacked=True, color=[style.POSTERIOR, style.PRIOR],
            label=["screened", "trained on"],
        )  # fmt: skip
        for limit, start in zip(found.limits, (bins[0], bins[-1]), strict=True):
            ax.axvspan(np.log10(limit), start, color=style.TARGET, alpha=0.18, linewidth=0)
        ticks = np.arange(np.ceil(bins[0]), np.floor(bins[-1]) + 1)
        ax.set_xticks(ticks, [f"{10**t:g}" for t in ticks])
        ax.set(
            xlabel="predicted lattice thermal conductivity at 300 K [W/(m K)]",
            ylabel="compositions",
            xlim=(bins[0], bins[-1]),
        )
        ax.legend()
    return fig


def _all(found: Screening) -> list[Fragment]:
    if found.predictions["error"].notna().all():
        return [Fragment("<p>No formula could be read.</p>")]
    return [Fragment(style.to_svg(distribution(found)), "Predicted medians; shaded beyond the limits.")]


def _top(rows: Any, key: str) -> float:
    return float(rows[key].max()) if len(rows) else 0.0


def _shortlist(rows: Any, key: str) -> list[Fragment]:
    if not len(rows):
        return [Fragment("<p>No new composition in domain.</p>")]
    shown = rows.head(20).assign(probability=rows[key]).to_dict("records")
    return [Fragment(table(shown, COLUMNS, note=f"{len(shown)} of {len(rows)} shown; shortlist.csv has all"))]


def _descriptors(card: dict[str, Any]) -> list[Fragment]:
    found = card.get("descriptors", [])
    if not found:
        return [Fragment("<p>This regressor does not say what it looks at.</p>")]
    columns = {"feature": "element feature", "weight": "share of the decision", "statistic": "best statistic", "rank_correlation": "rank correlation with conductivity"}  # fmt: skip
    return [
        Fragment(table(found, columns, note="All statistics of a feature together; read out of the trees."))
    ]


def _trust(card: dict[str, Any]) -> list[Fragment]:
    rows = [{"rows": name, **values} for name, values in card.get("scores", {}).items()]
    columns = {
        "rows": "rows not trained on",
        "mae_log10": "MAE of log10",
        "coverage_90": "90 % interval covers",
    }
    biases = [{"bias": str(text)} for text in card.get("known_biases", [])]
    keys = set().union(*rows) if rows else set()
    shown = {key: title for key, title in columns.items() if key in keys}
    fragments = [Fragment(table(rows, shown))] if rows else []
    return [*fragments, Fragment(table(biases, {"bias": "known biases"}))]
