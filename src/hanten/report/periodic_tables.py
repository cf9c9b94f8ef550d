"""Figures of generated periodic tables: tiles in the plane, beads in space, property landscapes.

Each function takes an :class:`~hanten.elements.periodic_table.ElementMap` and returns a matplotlib figure.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from hanten.chem.composition import ELEMENTS
from hanten.elements import element_table
from hanten.errors import ConfigError
from hanten.report import style

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hanten.elements.periodic_table import ElementMap

# Families as chemists teach them, in tints of the colours of the house.
FAMILIES = {
    "alkali metal": ("#d55e00", "Li Na K Rb Cs Fr"),
    "alkaline earth": ("#f0a35a", "Be Mg Ca Sr Ba Ra"),
    "transition metal": ("#e9cf6b", ""),
    "lanthanide, actinide": ("#b9a6d3", ""),
    "other metal": ("#8fc7b2", "Al Ga In Sn Tl Pb Bi Po"),
    "metalloid": ("#4fae8d", "B Si Ge As Sb Te At"),
    "nonmetal": ("#9dcbea", "H C N O P S Se"),
    "halogen": ("#4a93c9", "F Cl Br I"),
    "noble gas": ("#c3c3c3", "He Ne Ar Kr Xe Rn"),
}
OTHER = "#ece9e2"
AZIMUTH = -60


def family(symbol: str) -> str | None:
    """The family of an element; None for what is no element.

    Examples
    --------
    >>> family("Cl"), family("Fe"), family("Gd"), family("an alloy")
    ('halogen', 'transition metal', 'lanthanide, actinide', None)
    """
    for name, (_, members) in FAMILIES.items():
        if symbol in members.split():
            return name
    if symbol not in ELEMENTS:
        return None
    number = ELEMENTS.index(symbol) + 1
    heavy = 57 <= number <= 71 or 89 <= number <= 103
    return "lanthanide, actinide" if heavy else "transition metal"


def periodic_table(found: ElementMap) -> Any:
    """The table as a chemist draws one: a tile per element in the plane, a bead per element in space.

    Tiles are coloured by family; empty nodes are pale.

    Examples
    --------
    >>> from hanten.elements.periodic_table import map_elements
    >>> fig = periodic_table(map_elements("square", restarts=1))
    >>> len(fig.axes)
    1
    """
    fill = {s: _colour(s) for s in found.table.symbols}
    return _in_space(found, fill) if found.fitted.layout_.dimensions == 3 else _in_plane(found, fill)


def landscape(found: ElementMap, feature: str) -> Any:
    """A feature over the map: contours in the plane with the elements on them, coloured beads in space.

    Parameters
    ----------
    found : ElementMap
    feature : str
        Of the element table.
    """
    table = found.table if feature in found.table.features else element_table()
    unit = table.units[table.column(feature)]
    label = feature.replace("_", " ") + (f" / {unit}" if unit else "")
    if found.fitted.layout_.dimensions == 3:
        return _landscape_in_space(found, feature, label)
    return _landscape_in_plane(found, feature, label)


# In the plane ---------------------------------------------------------------------------------------------------


def _plane(places: NDArray[np.float64]) -> NDArray[np.float64]:
    """Coordinates on paper; a line is folded into rows, like text."""
    if places.shape[1] == 2:
        return np.column_stack([places[:, 1], -places[:, 0]])
    order = np.argsort(np.argsort(places[:, 0]))
    width = int(np.ceil(np.sqrt(2.2 * len(places))))
    row, column = order // width, order % width
    return np.column_stack([column, -1.6 * row]).astype(float)


def _size(nodes: NDArray[np.float64]) -> float:
    """The distance of neighbours: the side of a tile."""
    from scipy.spatial import cKDTree

    return float(np.quantile(cKDTree(nodes).query(nodes, k=2)[0][:, 1], 0.1))


def _in_plane(found: ElementMap, fill: dict[str, str]) -> Any:
    from matplotlib.patches import FancyBboxPatch

    nodes = _plane(found.fitted.layout_.fine)
    side, span = _size(nodes), np.ptp(nodes, axis=0)
    scale = 0.62 / side
    with style.figure(max(4.5, scale * span[0] + 1.2), scale * span[1] + 1.9) as (fig, ax):
        if found.fitted.layout_.name == "spiral":
            ax.plot(*nodes.T, color="#d9d6cf", linewidth=1.2, zorder=0.5)
        shown = dict(zip(found.fitted.node_.tolist(), found.table.symbols, strict=True))
        for node, (x, y) in enumerate(nodes):
            symbol = shown.get(node)
            half = (0.37 if found.fitted.layout_.name == "spiral" else 0.43) * side
            box = FancyBboxPatch(
                (x - half, y - half), 2 * half, 2 * half,
                boxstyle=f"round,pad=0,rounding_size={0.12 * side}",
                facecolor="#f6f5f2" if symbol is None else fill[symbol], edgecolor="none",
            )  # fmt: skip
            ax.add_patch(box)
            if symbol is not None:
                _label(ax, symbol, x, y, half)
        _finish_plane(fig, ax, nodes, side, found)
    return fig


def _label(ax: Any, symbol: str, x: float, y: float, half: float) -> None:
    size = 13 if len(symbol) <= 2 else 7
    ax.text(
        x, y - 0.12 * half, symbol, ha="center", va="center", fontsize=size, color=style.INK, weight="bold"
    )
    if symbol in ELEMENTS:
        number = ELEMENTS.index(symbol) + 1
        ax.text(x - 0.82 * half, y + 0.8 * half, number, ha="left", va="top", fontsize=5.5, color="#444444")


def _finish_plane(fig: Any, ax: Any, nodes: NDArray[np.float64], side: float, found: ElementMap) -> None:
    low, high = nodes.min(axis=0) - 0.6 * side, nodes.max(axis=0) + 0.6 * side
    ax.set(xlim=(low[0], high[0]), ylim=(low[1], high[1]), aspect="equal")
    ax.axis("off")
    ax.set_title(found.title)
    _legend(fig, found)


def _legend(fig: Any, found: ElementMap) -> None:
    from matplotlib.patches import Patch

    present = {family(s) for s in found.table.symbols}
    patches = [Patch(color=colour, label=name) for name, (colour, _) in FAMILIES.items() if name in present]
    if patches:
        fig.legend(
            handles=patches,
            loc="outside lower center",
            ncols=4,
            fontsize=8,
            handlelength=1,
            columnspacing=1.2,
        )


def _landscape_in_plane(found: ElementMap, feature: str, label: str) -> Any:
    layout = found.fitted.layout_
    if layout.dimensions == 1:
        return _landscape_on_line(found, feature, label)
    low, high = layout.fine.min(axis=0), layout.fine.max(axis=0)
    margin = 0.5 * _size(layout.fine)
    first, second = (np.linspace(a - margin, b + margin, 90) for a, b in zip(low, high, strict=True))
    grid = np.stack([a.ravel() for a in np.meshgrid(first, second, indexing="ij")], axis=1)
    known = _known(found, feature)
    values = np.clip(found.landscape(feature, grid), known.min(), known.max())
    values[_outside(grid, layout.fine)] = np.nan
    values = values.reshape(len(first), len(second))
    span = high - low
    with style.figure(2.0 + 1.1 * span[1] / max(span) * 4.2, 1.0 + 1.1 * span[0] / max(span) * 4.2) as (
        fig,
        ax,
    ):
        image = ax.contourf(second, -first, values, levels=16, cmap="viridis")
        ax.contour(second, -first, values, levels=8, colors="white", linewidths=0.4, alpha=0.6)
        places = _plane(found.fitted.embedding_)
        placed = found.landscape(feature, found.fitted.embedding_)
        middle = float(known.min() + known.max()) / 2
        for symbol, (x, y), value in zip(found.table.symbols, places, placed, strict=True):
            ink = "white" if value < middle else style.INK
            ax.text(x, y, symbol, ha="center", va="center", fontsize=9, color=ink, weight="bold")
        ax.set(aspect="equal", title=feature.replace("_", " "))
        ax.axis("off")
        fig.colorbar(image, ax=ax, label=label, shrink=0.8)
    return fig


def _known(found: ElementMap, feature: str) -> NDArray[np.float64]:
    """The values of the items: a smooth surface may overshoot them."""
    table = found.table if feature in found.table.features else element_table()
    values = table.select([feature], found.table.symbols).values
    return values[np.isfinite(values)]


def _outside(grid: NDArray[np.float64], nodes: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Places farther from every node than its neighbours are."""
    from scipy.spatial import cKDTree

    distance: NDArray[np.float64] = cKDTree(nodes).query(grid)[0]
    return distance > 1.3 * _size(nodes)


def _landscape_on_line(found: ElementMap, feature: str, label: str) -> Any:
    layout = found.fitted.layout_
    places = np.linspace(layout.fine.min(), layout.fine.max(), 400)[:, None]
    at = found.fitted.embedding_
    heights = found.landscape(feature, at)
    with style.figure(9.0, 3.2) as (fig, ax):
        ax.plot(places[:, 0], found.landscape(feature, places), color=style.POSTERIOR, linewidth=1.5)
        for symbol, (x,), y in zip(found.table.symbols, at, heights, strict=True):
            ax.text(x, y, symbol, ha="center", va="center", fontsize=8, color=style.INK)
        ax.set(xlabel="place on the line", ylabel=label, title=feature.replace("_", " "))
    return fig


# In space --------------------------------------------------------------------------------------------------------


def _in_space(found: ElementMap, fill: dict[str, str]) -> Any:
    colours = [fill[s] for s in found.table.symbols]
    with style.figure(6.6, 6.4, subplot_kw={"projection": "3d"}) as (fig, ax):
        _beads(ax, found, colours)
        ax.set_title(found.title)
        _legend(fig, found)
    return fig


def _landscape_in_space(found: ElementMap, feature: str, label: str) -> Any:
    import matplotlib as mpl

    known = _known(found, feature)
    values = np.clip(found.landscape(feature, found.fitted.embedding_), known.min(), known.max())
    norm = mpl.colors.Normalize(values.min(), values.max())
    scale = mpl.cm.ScalarMappable(norm, "viridis")
    with style.figure(7.2, 6.0, subplot_kw={"projection": "3d"}) as (fig, ax):
        _beads(ax, found, [scale.to_rgba(v) for v in values], fade=0.35)
        ax.set_title(feature.replace("_", " "))
        fig.colorbar(scale, ax=ax, label=label, shrink=0.6)
    return fig


def _beads(ax: Any, found: ElementMap, colours: list[Any], fade: float = 0.7) -> None:
    """Beads and bonds; what lies behind is paler, by ``fade`` at most."""
    from matplotlib.colors import to_rgb

    layout, places = found.fitted.layout_, found.fitted.embedding_
    elevation = 38 if layout.name == "cone" else 22
    ax.view_init(elev=elevation, azim=AZIMUTH)
    depth = _depth(layout.fine, elevation)
    for pair in _bonds(layout.fine):
        pale = 0.25 + 0.75 * depth[pair].mean()
        ax.plot(
            *layout.fine[pair].T, color="#cfcbc2", linewidth=1.0, alpha=pale, zorder=1 + depth[pair].mean()
        )
    near = depth[found.fitted.node_]
    for symbol, place, colour, d in zip(found.table.symbols, places, colours, near, strict=True):
        mixed = 1 - (1 - np.array(to_rgb(colour))) * (1 - fade * (1 - d))
        ink = "white" if mixed.sum() < 1.2 else style.INK
        ax.scatter(
            *place, s=400, color=[mixed], edgecolor="white", linewidth=0.8, depthshade=False, zorder=3 + d
        )
        ax.text(
            *place, symbol, ha="center", va="center", fontsize=8.5, weight="bold", color=ink, zorder=3.0001 + d,
            alpha=0.45 + 0.55 * d,
        )  # fmt: skip
    ax.set_axis_off()
    ax.computed_zorder = False
    zoom = 1.1 if layout.name == "cubic" else 1.35
    ax.set_box_aspect(np.maximum(np.ptp(layout.fine, axis=0), 1e-9), zoom=zoom)


def _depth(nodes: NDArray[np.float64], elevation: float) -> NDArray[np.float64]:
    """How near each node is to the eye, from 0 to 1."""
    up, round_ = np.radians(elevation), np.radians(AZIMUTH)
    eye = np.array([np.cos(up) * np.cos(round_), np.cos(up) * np.sin(round_), np.sin(up)])
    along: NDArray[np.float64] = (nodes - nodes.mean(axis=0)) @ eye
    return (along - along.min()) / max(float(np.ptp(along)), 1e-9)


def _bonds(nodes: NDArray[np.float64]) -> NDArray[np.int_]:
    """Pairs of nearest nodes, diagonals left out."""
    from scipy.spatial import cKDTree

    pairs: NDArray[np.int_] = cKDTree(nodes).query_pairs(1.18 * _size(nodes), output_type="ndarray")
    return pairs


def _colour(symbol: str) -> str:
    name = family(symbol)
    return OTHER if name is None else FAMILIES[name][0]


def save(fig: Any, path: Any) -> None:
    """Write a figure as SVG, PNG or PDF, complete or not at all."""
    from pathlib import Path

    from hanten.runs import atomic_write

    kind = Path(path).suffix.lstrip(".").lower()
    if kind == "svg":
        with atomic_write(path) as handle:
            handle.write(style.to_svg(fig))
        return
    if kind not in {"png", "pdf"}:
        raise ConfigError(f"{path}: a figure ends in .svg, .png or .pdf")
    with atomic_write(path, "wb") as handle:
        fig.savefig(handle, format=kind, dpi=160)
