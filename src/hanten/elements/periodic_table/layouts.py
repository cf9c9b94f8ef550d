"""Where the nodes of a periodic table lie: plane, box, line, cylinder, cone, spiral.

A layout holds two sets of nodes in one latent space: a coarse one on which the model is fitted, with distance one
between neighbours, and a fine one on which the items are placed.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.spatial import cKDTree

from hanten.errors import ConfigError, did_you_mean

if TYPE_CHECKING:
    from numpy.typing import NDArray

SPARE = 1.4  # nodes per item when the size is not given
MOST_NODES = 2000
_NEIGHBOUR = 1.45  # in distances to the nearest node: diagonal neighbours count, the next but one do not
_SPIRAL_START = 0.35  # not at the very centre, where the turns would crowd
CONE_HEIGHT = math.sqrt(1 - (2 / math.pi) ** 2)  # per ring, in arc lengths: slants as long as arcs are


@dataclass(frozen=True, eq=False)
class Layout:
    """Nodes of a periodic table.

    Attributes
    ----------
    name : str
    shape : tuple of int
        Size of the fine set in the words of the layout: rows and columns, nodes per ring and rings, rings, nodes.
    coarse, fine : numpy.ndarray, shape (nodes, dimensions)
        Coordinates; neighbours on the coarse set have distance one.
    """

    name: str
    shape: tuple[int, ...]
    coarse: NDArray[np.float64]
    fine: NDArray[np.float64]

    @property
    def dimensions(self) -> int:
        """Of the latent space: 1, 2 or 3."""
        return int(self.fine.shape[1])

    def neighbours(self) -> NDArray[np.int_]:
        """Pairs of neighbouring fine nodes, diagonal ones included, (pairs, 2)."""
        tree = cKDTree(self.fine)
        spacing = float(np.median(tree.query(self.fine, k=2)[0][:, 1]))
        pairs: NDArray[np.int_] = tree.query_pairs(_NEIGHBOUR * spacing, output_type="ndarray")
        return pairs[np.lexsort(pairs.T[::-1])]


def make_layout(name: str, items: int, shape: Sequence[int] | None = None) -> Layout:
    """A layout with room for ``items`` items.

    Parameters
    ----------
    name : str
        Of :data:`LAYOUTS`.
    items : int
    shape : sequence of int, optional
        Size of the fine set: ``square`` (side,), ``rectangular`` (rows, columns), ``cubic`` (side,), ``line``
        (nodes,), ``cylinder`` (nodes per ring, rings), ``cone`` (rings,), ``spiral`` (nodes,). By default about 1.4
        nodes per item.

    Raises
    ------
    ConfigError
        If the name is not known, the shape is none of this layout, or there are fewer nodes than items.

    Examples
    --------
    >>> layout = make_layout("square", 54)
    >>> layout.shape, layout.coarse.shape, layout.fine.shape
    ((9,), (25, 2), (81, 2))
    """
    if name not in LAYOUTS:
        raise ConfigError(f"there is no layout {name!r}", hint=did_you_mean(name, LAYOUTS))
    default, build = LAYOUTS[name]
    wanted = default(items * SPARE)
    sizes = wanted if shape is None else tuple(shape)
    if len(sizes) != len(wanted) or any(int(s) != s or s < 2 for s in sizes):
        raise ConfigError(f"{sizes} is no shape of the layout {name!r}", hint=f"such as {wanted}")
    sizes = tuple(int(s) for s in sizes)
    if (
        math.prod(sizes) ** (3 if name == "cubic" else 2 if name in {"square", "cone"} else 1)
        > 2 * MOST_NODES
    ):
        raise ConfigError(f"the layout {name!r} of shape {sizes} has more than {MOST_NODES} nodes")
    coarse, fine = build(sizes)
    if len(fine) < items:
        raise ConfigError(
            f"{items} items do not fit on the {len(fine)} nodes of the layout {name!r} of shape {sizes}",
            hint=f"such as {wanted}",
        )
    if len(fine) > MOST_NODES:
        raise ConfigError(f"{len(fine)} nodes are too many", hint=f"{MOST_NODES} at most")
    return Layout(name, sizes, coarse, fine)


def _grid(*axes: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.stack([a.ravel() for a in np.meshgrid(*axes, indexing="ij")], axis=1)


def _axis(fine: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Coarse and fine positions on a straight line: one fine node between two coarse ones."""
    coarse = max(2, fine // 2 + 1)
    return np.arange(coarse, dtype=float), np.linspace(0.0, coarse - 1, fine)


def _box(sizes: Sequence[int]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    axes = [_axis(size) for size in sizes]
    return _grid(*[a for a, _ in axes]), _grid(*[b for _, b in axes])


def _cylinder(sizes: Sequence[int]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    around = max(3, sizes[0] // 2)
    heights = _axis(sizes[1])
    radius = around / (2 * math.pi)
    return tuple(  # type: ignore[return-value]
        np.vstack([_ring(count, radius, height) for height in level])
        for count, level in zip((around, sizes[0]), heights, strict=True)
    )


def _ring(count: int, radius: float, height: float) -> NDArray[np.float64]:
    angle = 2 * math.pi * np.arange(count) / count
    return np.column_stack([radius * np.cos(angle), radius * np.sin(angle), np.full(count, height)])


def _cone(sizes: Sequence[int]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    coarse = max(2, math.ceil(sizes[0] / 2))
    return _cone_nodes(coarse, 1.0), _cone_nodes(sizes[0], coarse / sizes[0])


def _cone_nodes(rings: int, spacing: float) -> NDArray[np.float64]:
    """An apex and rings of 4, 8, 12, ... nodes, ``spacing`` apart on a ring."""
    rows = [_ring(4 * k, spacing * 2 * k / math.pi, -CONE_HEIGHT * spacing * k) for k in range(1, rings + 1)]
    return np.vstack([np.zeros((1, 3)), *rows])


def _spiral(sizes: Sequence[int]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    coarse = max(4, sizes[0] * 2 // 5)
    return _spiral_nodes(coarse, 1.0), _spiral_nodes(sizes[0], math.sqrt(coarse / sizes[0]))


def _spiral_nodes(count: int, spacing: float) -> NDArray[np.float64]:
    """An Archimedean spiral: as far from one node to the next as from one turn to the next."""
    fine = np.linspace(0.0, 2 * math.pi * (math.sqrt(count) + 2), 200 * count)
    radius = spacing * fine / (2 * math.pi)
    step = np.hypot(np.diff(radius), radius[1:] * np.diff(fine))
    length = np.concatenate([[0.0], np.cumsum(step)])
    angle = np.interp(spacing * (np.arange(count) + _SPIRAL_START), length, fine)
    at = spacing * angle / (2 * math.pi)
    return np.column_stack([at * np.cos(angle), at * np.sin(angle)])


def _odd(number: float) -> int:
    return 2 * math.ceil((number - 1) / 2) + 1


Builder = Callable[[Sequence[int]], "tuple[NDArray[np.float64], NDArray[np.float64]]"]
# name -> (default shape for so many nodes, nodes of a shape)
LAYOUTS: dict[str, tuple[Callable[[float], tuple[int, ...]], Builder]] = {
    "square": (lambda n: (_odd(math.sqrt(n)),), lambda s: _box((s[0], s[0]))),
    "rectangular": (lambda n: (_odd(math.sqrt(n / 3)), _odd(math.sqrt(3 * n))), _box),
    "cubic": (lambda n: (_odd(n ** (1 / 3)),), lambda s: _box((s[0],) * 3)),
    "line": (lambda n: (_odd(n),), _box),
    "cylinder": (lambda n: (2 * math.ceil(math.sqrt(n * 3.3) / 2), _odd(math.sqrt(n / 3.3))), _cylinder),
    "cone": (lambda n: (math.ceil((math.sqrt(2 * n * 0.8 - 1) - 1) / 2),), _cone),
    "spiral": (lambda n: (math.ceil(n * 0.85),), _spiral),
}
