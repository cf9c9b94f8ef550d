"""One look for all figures: colour-blind-safe, the same meaning for the same colour everywhere."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

# Okabe & Ito's palette (https://jfly.uni-koeln.de/color/): distinguishable with every common colour vision.
PRIOR = "#9a9a9a"
POSTERIOR = "#0072b2"
TARGET = "#e69f00"
KNOWN = "#56b4e9"
EXPERIMENT = "#d55e00"
GOOD = "#009e73"
INK = "#222222"

_RC = {
    "axes.edgecolor": "#666666",
    "axes.grid": True,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlesize": 11,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "figure.dpi": 100,
    "font.family": "sans-serif",
    "font.size": 10,
    "grid.color": "#e6e6e6",
    "grid.linewidth": 0.7,
    "legend.frameon": False,
    "svg.fonttype": "path",
    "svg.hashsalt": "hanten",
}


@contextmanager
def figure(
    width: float = 6.0, height: float = 3.6, columns: int = 1, rows: int = 1, **subplot_options: Any
) -> Iterator[tuple[Any, Any]]:
    """A matplotlib figure and its axes in the house style, without touching global state.

    Parameters
    ----------
    width, height : float
        Size of the whole figure in inches.
    columns, rows : int
        Grid of axes; the axes come as one object when there is one, else as an array.

    Examples
    --------
    >>> with figure() as (fig, ax):
    ...     _ = ax.plot([0, 1], [0, 1])
    >>> to_svg(fig)[:4]
    '<svg'
    """
    import matplotlib as mpl
    from matplotlib.figure import Figure

    with mpl.rc_context(_RC):
        fig = Figure(figsize=(width, height), layout="constrained")
        yield fig, fig.subplots(rows, columns, **subplot_options)


def to_svg(fig: Any, title: str = "") -> str:
    """``fig`` as an inline ``<svg>`` element, the same bytes for the same data."""
    import matplotlib as mpl

    buffer = io.StringIO()
    with mpl.rc_context(_RC):
        fig.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None, "Title": title})
    svg = buffer.getvalue()
    svg = svg[svg.index("<svg") :]
    return re.sub(r"\s*<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
