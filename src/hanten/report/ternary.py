"""Ternary probability maps of a scanned system, known compounds marked."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from hanten.errors import ConfigError
from hanten.report import style
from hanten.runs import atomic_write

if TYPE_CHECKING:
    from hanten.phases import Scan

PHASES = ("quasicrystal", "approximant", "other")
MARKS = {"quasicrystal": "*", "approximant": "^", "other": "o"}
SUFFIXES = (".svg", ".png")


def triangle(percent: npt.ArrayLike) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Plane coordinates of atomic percents (n, 3): first element left, second right, third on top.

    Examples
    --------
    >>> x, y = triangle([[100, 0, 0], [0, 100, 0], [0, 0, 100]])
    >>> x.tolist(), y.round(3).tolist()
    ([0.0, 1.0, 0.5], [0.0, 0.0, 0.866])
    """
    shares = np.asarray(percent, dtype=np.float64)
    shares = shares / shares.sum(axis=1, keepdims=True)
    return shares[:, 1] + shares[:, 2] / 2, shares[:, 2] * np.sqrt(3) / 2


def ternary_maps(found: Scan) -> Any:
    """One map per phase: probability as colour, hatched outside the known systems, known compounds as marks.

    Parameters
    ----------
    found : Scan
        Of three elements.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ConfigError
        If the scan is not of three elements.
    """
    _three(found.elements)
    x, y = triangle(found.points[list(found.elements)].to_numpy())
    outside = ~found.points["in_domain"].to_numpy(bool)
    title = f"{'–'.join(found.elements)}: probability of each phase, {found.step:g} at% steps"
    with style.figure(11.5, 4.2, columns=3) as (fig, axes):
        for ax, phase in zip(axes, PHASES, strict=True):
            drawn = ax.tripcolor(
                x, y, found.points[phase].to_numpy(float), cmap="cividis", vmin=0, vmax=1, shading="gouraud", rasterized=True
            )  # fmt: skip
            if outside.any():
                ax.tricontourf(
                    x, y, outside.astype(float), levels=[0.5, 1.5], colors="none", hatches=["////"]
                )
            _frame(ax, found.elements)
            _known(ax, found, phase)
            ax.set_title(phase, loc="center")
        fig.colorbar(drawn, ax=list(axes), shrink=0.75, label="probability")
        fig.suptitle(title, x=0.01, ha="left", fontsize=11, fontweight="bold")
        fig.legend(
            handles=_handles(found, hatched=bool(outside.any())),
            loc="outside lower center",
            ncols=4,
            fontsize=9,
        )
    return fig


def save_picture(found: Scan, path: str | Path) -> None:
    """Write the maps as SVG or PNG, whole or not at all."""
    path = Path(path)
    check_picture(path, found.elements)
    fig = ternary_maps(found)
    with atomic_write(path, "wb") as handle:
        fig.savefig(handle, format=path.suffix[1:].lower(), dpi=150)


def check_picture(path: Path, elements: Sequence[str]) -> None:
    """Refuse, before anything is computed, a picture that cannot be made.

    Raises
    ------
    ConfigError
        If the suffix is neither .svg nor .png, or there are not three elements.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise ConfigError(f"{path.name!r}: pictures are written as {' or '.join(SUFFIXES)}")
    _three(elements)


def _three(elements: Sequence[str]) -> None:
    if len(elements) != 3:
        raise ConfigError(
            f"maps need three elements, not {len(elements)}", hint="leave --map out for the table alone"
        )


def _frame(ax: Any, elements: Sequence[str]) -> None:
    """The triangle, its corners named, ticks every 20 at%."""
    height = np.sqrt(3) / 2
    ax.plot([0, 1, 0.5, 0], [0, 0, height, 0], color=style.INK, linewidth=1)
    for part in np.arange(0.2, 0.9, 0.2):
        for start, end in (((1 - part, 0, part), (0, 1 - part, part)), ((1 - part, part, 0), (0, part, 1 - part)), ((part, 1 - part, 0), (part, 0, 1 - part))):  # fmt: skip
            tx, ty = triangle([start, end])
            ax.plot(tx, ty, color="white", linewidth=0.4, alpha=0.5)
    places = {"ha": ("right", "left", "center"), "va": ("top", "top", "bottom")}
    for k, (cx, cy) in enumerate(((-0.02, -0.02), (1.02, -0.02), (0.5, height + 0.02))):
        ax.text(cx, cy, elements[k], ha=places["ha"][k], va=places["va"][k], fontweight="bold")
    ax.set(aspect="equal", xlim=(-0.12, 1.12), ylim=(-0.12, height + 0.12))
    ax.axis("off")


def _known(ax: Any, found: Scan, phase: str) -> None:
    """Known compounds: those of the map's own phase large, the others small."""
    for kind, mark in MARKS.items():
        rows = found.known[found.known["phase"] == kind]
        if not len(rows):
            continue
        x, y = triangle(rows[list(found.elements)].to_numpy())
        own = kind == phase
        ax.scatter(
            x, y, marker=mark, s=90 if own else 26, facecolor=style.EXPERIMENT if own else "white",
            edgecolor="black", linewidth=0.7, zorder=5, clip_on=False,
        )  # fmt: skip


def _handles(found: Scan, *, hatched: bool) -> list[Any]:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    present = set(found.known["phase"])
    handles: list[Any] = [
        Line2D([], [], marker=mark, linestyle="", markerfacecolor=style.EXPERIMENT, markeredgecolor="black", label=f"known {kind}")
        for kind, mark in MARKS.items()
        if kind in present
    ]  # fmt: skip
    if hatched:
        handles.append(Patch(facecolor="#dddddd", hatch="////", label="outside known systems"))
    return handles
