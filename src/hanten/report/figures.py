"""The figures of a design run: posterior against prior, property space, sampler trace, screening.

Each function takes arrays or a table and returns a matplotlib figure; nothing is shown or saved here.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from hanten.properties import get_property
from hanten.report import style

Region = tuple[float, float]


def prior_against_posterior(
    prior: Mapping[str, npt.ArrayLike], posterior: Mapping[str, npt.ArrayLike], regions: Mapping[str, Region]
) -> Any:
    """Density of each predictive mean under prior (grey) and posterior (blue), target region shaded.

    Parameters
    ----------
    prior, posterior : mapping of property name to array_like, shape (n,)
        Predictive means, in the unit of the property.
    regions : mapping of property name to (low, high)
        Target regions; either end may be infinite.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> fig = prior_against_posterior(
    ...     {"Tg": rng.normal(400, 50, 99)}, {"Tg": rng.normal(500, 20, 99)}, {"Tg": (473, np.inf)}
    ... )
    >>> len(fig.axes)
    1
    """
    names = list(regions)
    with style.figure(4.6 * len(names), 3.2, columns=len(names), squeeze=False) as (fig, axes):
        for ax, name in zip(axes[0], names, strict=True):
            before, after = _finite(prior[name]), _finite(posterior[name])
            grid = _grid(np.concatenate([before, after]), regions[name])
            _shade(ax, regions[name], grid)
            for values, colour, label in (
                (before, style.PRIOR, "prior"),
                (after, style.POSTERIOR, "posterior"),
            ):
                density = _density(values, grid)
                ax.fill_between(grid, density, color=colour, alpha=0.35, linewidth=0)
                ax.plot(grid, density, color=colour, label=label, linewidth=1.5)
            ax.set(xlabel=get_property(name).label, yticks=[], xlim=(grid[0], grid[-1]), ylim=(0, None))
        axes[0][0].set_ylabel("density")
        axes[0][0].legend(loc="upper left", bbox_to_anchor=(0, 1.02))
    return fig


def property_plane(candidates: Any, known: Any, regions: Mapping[str, Region]) -> Any:
    """Candidates with error bars in the plane of two properties, known polymers grey, region shaded.

    Parameters
    ----------
    candidates, known : pandas.DataFrame
        Columns ``<property>_mean`` and, for candidates, ``<property>_sd`` and ``in_domain``.
    regions : mapping of property name to (low, high), length >= 2
    """
    x, y = list(regions)[:2]
    with style.figure(6.4, 4.6) as (fig, ax):
        if known is not None and len(known):
            ax.scatter(
                known[f"{x}_mean"],
                known[f"{y}_mean"],
                s=8,
                color=style.PRIOR,
                alpha=0.6,
                linewidth=0,
                label=f"{len(known)} known polymers, predicted",
            )
        inside = candidates["in_domain"].astype(bool).to_numpy()
        ax.errorbar(
            candidates[f"{x}_mean"],
            candidates[f"{y}_mean"],
            xerr=candidates[f"{x}_sd"],
            yerr=candidates[f"{y}_sd"],
            fmt="none",
            ecolor=style.POSTERIOR,
            alpha=0.08,
            linewidth=0.8,
        )
        for mask, marker, label in (
            (inside, "o", "candidates, in domain"),
            (~inside, "x", "candidates, out of domain"),
        ):
            if mask.any():
                ax.scatter(
                    candidates.loc[mask, f"{x}_mean"],
                    candidates.loc[mask, f"{y}_mean"],
                    s=14,
                    marker=marker,
                    color=style.POSTERIOR,
                    alpha=0.7,
                    linewidth=0.8 if marker == "x" else 0,
                    label=f"{mask.sum()} {label}",
                )
        limits = ax.get_xlim(), ax.get_ylim()
        _region_box(ax, regions[x], regions[y], limits)
        ax.set(xlabel=get_property(x).label, ylabel=get_property(y).label, xlim=limits[0], ylim=limits[1])
        ax.legend(loc="best", fontsize=8)
    return fig


def sampler_trace(trace: Sequence[Mapping[str, Any]]) -> Any:
    """Tempering exponent, effective sample size, acceptance, share in the target region over the steps."""
    panels = (
        ("beta", "tempering exponent β"),
        ("ess", "effective sample size"),
        ("acceptance", "acceptance"),
        ("unique", "distinct particles"),
        ("in_target", "share in target region"),
    )
    panels = tuple(panel for panel in panels if any(panel[0] in row for row in trace))
    with style.figure(2.5 * len(panels), 2.3, columns=len(panels), squeeze=False) as (fig, axes):
        for ax, (key, label) in zip(axes[0], panels, strict=True):
            steps, values = _series(trace, key)
            ax.plot(steps, values, color=style.POSTERIOR, marker="o", markersize=3, linewidth=1.2)
            ax.set_title(label, fontsize=9)
            ax.set(xlabel="step", ylim=(0, None))
    return fig


def screening_bars(counts: Mapping[str, int], title: str) -> Any:
    """Horizontal bars of counts, largest first; the rest beyond twelve is one bar."""
    items = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    if len(items) > 12:
        items = [*items[:11], (f"{len(items) - 11} other", sum(n for _, n in items[11:]))]
    names, values = [str(k) for k, _ in items][::-1], [n for _, n in items][::-1]
    with style.figure(5.2, 0.6 + 0.28 * max(len(items), 2)) as (fig, ax):
        bars = ax.barh(names, values, color=style.POSTERIOR, alpha=0.85)
        ax.bar_label(bars, padding=3, fontsize=8)
        ax.set(title=title, xticks=[])
        ax.grid(visible=False)
        ax.spines["bottom"].set_visible(False)
    return fig


def histogram(values: npt.ArrayLike, label: str, limit: float | None = None) -> Any:
    """Histogram of ``values``; a dashed line marks ``limit``."""
    with style.figure(4.2, 2.6) as (fig, ax):
        ax.hist(_finite(values), bins=30, color=style.POSTERIOR, alpha=0.8)
        if limit is not None:
            ax.axvline(limit, color=style.TARGET, linestyle="--", linewidth=1.5)
        ax.set(xlabel=label, ylabel="candidates")
    return fig


def computed_against_measured(table: Any, name: str, method: str) -> Any:
    """Literature values (range as a bar) against computed or predicted values.

    Parameters
    ----------
    table : pandas.DataFrame
        Columns ``low``, ``high`` (literature), ``mean``, ``sd`` (predicted), ``sample_state``.
    name : str
        Property name.
    method : str
        What the predictions stand for, for the axis.
    """
    prop = get_property(name)
    middle = (table["low"] + table["high"]) / 2
    with style.figure(4.8, 4.6) as (fig, ax):
        for state, colour in (("amorphous", style.EXPERIMENT), ("semicrystalline", style.GOOD)):
            rows = (table["sample_state"] == state).to_numpy()
            if rows.any():
                bars = {"xerr": (table["high"] - table["low"])[rows] / 2, "yerr": table["sd"][rows]}
                ax.errorbar(
                    middle[rows],
                    table["mean"][rows],
                    **bars,
                    fmt="o",
                    markersize=4,
                    color=colour,
                    alpha=0.75,
                    elinewidth=0.7,
                    label=f"{state} ({rows.sum()})",
                )
        low = float(min(middle.min(), table["mean"].min())) * 0.85
        high = float(max(middle.max(), table["mean"].max())) * 1.08
        ax.plot([low, high], [low, high], color=style.INK, linewidth=0.8, linestyle=":")
        ax.set(
            xlim=(low, high),
            ylim=(low, high),
            aspect="equal",
            xlabel=f"literature {prop.label}",
            ylabel=f"{method}: {prop.label}",
        )
        ax.legend(fontsize=8)
    return fig


def _series(trace: Sequence[Mapping[str, Any]], key: str) -> tuple[list[int], list[float]]:
    rows = [
        (i, row[key]) for i, row in enumerate(trace) if row.get(key) is not None and math.isfinite(row[key])
    ]
    return [i for i, _ in rows], [float(v) for _, v in rows]


def _finite(values: npt.ArrayLike) -> npt.NDArray[np.float64]:
    array = np.asarray(values, dtype=np.float64)
    return array[np.isfinite(array)]


def _grid(values: npt.NDArray[np.float64], region: Region, n: int = 300) -> npt.NDArray[np.float64]:
    ends = [v for v in region if math.isfinite(v)]
    low = min([*np.quantile(values, [0.002]), *ends]) if values.size else min(ends)
    high = max([*np.quantile(values, [0.998]), *ends]) if values.size else max(ends)
    margin = 0.12 * max(high - low, 1e-12)
    return np.linspace(low - margin, high + margin, n)


def _density(values: npt.NDArray[np.float64], grid: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Gaussian kernel density with Silverman's width, robust to a constant sample."""
    if not values.size:
        return np.zeros_like(grid)
    width = max(0.9 * float(np.std(values)) * values.size**-0.2, 0.01 * float(grid[-1] - grid[0]))
    z = (grid[:, None] - values[None, :]) / width
    return np.asarray(np.exp(-0.5 * z**2).mean(axis=1) / width)


def _shade(ax: Any, region: Region, grid: npt.NDArray[np.float64]) -> None:
    low, high = max(region[0], grid[0]), min(region[1], grid[-1])
    ax.axvspan(low, high, color=style.TARGET, alpha=0.18, linewidth=0, label="target region")


def _region_box(ax: Any, x: Region, y: Region, limits: tuple[Region, Region]) -> None:
    from matplotlib.patches import Rectangle

    left, right = max(x[0], limits[0][0]), min(x[1], limits[0][1])
    low, high = max(y[0], limits[1][0]), min(y[1], limits[1][1])
    if left < right and low < high:
        ax.add_patch(
            Rectangle(
                (left, low),
                right - left,
                high - low,
                color=style.TARGET,
                alpha=0.18,
                linewidth=0,
                label="target region",
                zorder=0,
            )
        )
