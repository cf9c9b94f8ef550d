"""Pictures of structures: one SVG of one or many, for notebooks, reports and files."""

from __future__ import annotations

import math
import re
import textwrap
from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

import numpy as np
from rdkit import Chem
from rdkit.Chem import rdDepictor
from rdkit.Chem.Draw import rdMolDraw2D

from hanten.chem.composition import Composition
from hanten.chem.parsing import read_any
from hanten.chem.polymer import Molecule, Polymer
from hanten.errors import ConfigError, StructureError

# Okabe and Ito's colours, darkened where they are too faint on white: told apart with every colour vision.
_BLUE, _ORANGE, _GREEN, _PURPLE, _OCHRE, _GREY = (
    "#0072b2",
    "#c04a00",
    "#00795a",
    "#a3507f",
    "#8a6d00",
    "#555555",
)
_PALETTE = {0: _GREY, 5: _OCHRE, 7: _BLUE, 8: _ORANGE, 15: _PURPLE, 16: _OCHRE} | dict.fromkeys(
    (9, 17, 35, 53), _GREEN
)
_INK, _PAPER, _PALE = "#1a1a1a", "#ffffff", "#6b6b6b"
_LEGEND_HEIGHT, _FOOTER_HEIGHT, _CHARACTER = 20, 24, 6.3
_TEXT = 'font-family="DejaVu Sans, Arial, sans-serif" font-size="11" text-anchor="middle"'


def draw(
    items: Any,
    legends: Sequence[str] | None = None,
    columns: int = 4,
    size: tuple[int, int] = (220, 180),
    limit: int = 32,
) -> str:
    """An SVG of one structure or a grid of many.

    The backbone of a repeat unit runs from left to right, and its attachment points are wavy lines across
    the bonds that are cut.

    Parameters
    ----------
    items : str, Polymer, Molecule, or a sequence of them
        What to draw. A structure that cannot be read, or ``None``, becomes a frame with the reason.
    legends : sequence of str, optional
        A line below each picture; by default the canonical string.
    columns : int
        Pictures in a row.
    size : (int, int)
        Width and height of one picture in pixels, legend not included.
    limit : int
        Pictures at most. What is left out is announced below the grid: "32 of 874 shown".

    Returns
    -------
    str
        An SVG document on white ground, readable on dark pages and with every kind of colour vision.

    Raises
    ------
    ConfigError
        If there is nothing to draw, the legends are too few or too many, or a size is not positive.

    Examples
    --------
    >>> svg = draw(["*CC(*)c1ccccc1", "*CCO*"], legends=["polystyrene", "PEO"])
    >>> svg.startswith("<svg"), "PEO" in svg
    (True, True)
    >>> "1 of 2 shown" in draw(["*C*", "*CCO*"], limit=1)
    True
    """
    things = [items] if isinstance(items, (str, Polymer, Molecule, Composition)) else list(items)
    _check(things, legends, columns, size, limit)
    columns = min(columns, len(things), limit)
    shown = things[:limit]
    width, height = size
    below = _LEGEND_HEIGHT if legends is None or any(legends) else 0
    cells = []
    for i, thing in enumerate(shown):
        x, y = (i % columns) * width, (i // columns) * (height + below)
        cell = _cell(thing, None if legends is None else legends[i], size)
        cells.append(f'<g transform="translate({x} {y})">{cell}</g>')
    rows = -(-len(shown) // columns)
    full = (columns * width, rows * (height + below) + (_FOOTER_HEIGHT if len(shown) < len(things) else 0))
    if len(shown) < len(things):
        cells.append(_line(f"{len(shown)} of {len(things)} shown", full[0] / 2, full[1] - 8, _PALE))
    return _document(cells, full)


def _check(
    things: list[Any], legends: Sequence[str] | None, columns: int, size: tuple[int, int], limit: int
) -> None:
    if not things:
        raise ConfigError("there is nothing to draw")
    if legends is not None and (isinstance(legends, str) or len(legends) != len(things)):
        count = 1 if isinstance(legends, str) else len(legends)
        raise ConfigError(
            f"{count} legends for {len(things)} structures", hint="give a list with one legend for each"
        )
    for name, value in (("columns", columns), ("limit", limit), ("width", size[0]), ("height", size[1])):
        if value < 1:
            raise ConfigError(f"{name} must be at least 1, not {value}")


def _document(cells: Iterable[str], full: tuple[int, int]) -> str:
    width, height = full
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" role="img"><rect width="{width}" height="{height}" fill="{_PAPER}"/>'
        + "".join(cells)
        + "</svg>"
    )


def _cell(thing: Any, legend: str | None, size: tuple[int, int]) -> str:
    """One picture with its legend, or the reason why there is none."""
    try:
        structure = thing if isinstance(thing, (Polymer, Molecule, Composition)) else read_any(thing)
    except StructureError as error:
        return _note([str(error)], size, legend or "not drawn")
    legend = str(structure) if legend is None else legend
    if isinstance(structure, Composition):
        return _note([structure.formula], size, legend)
    picture = _picture(laid_out(structure), size)
    return f"<title>{escape(str(structure))}</title>{picture}{_legend(legend, size)}"


def _legend(legend: str, size: tuple[int, int]) -> str:
    most = max(4, int(size[0] / _CHARACTER) - 1)
    short = legend if len(legend) <= most else legend[: most - 1] + "…"
    return _line(short, size[0] / 2, size[1] + 12, _INK) if short else ""


def _line(text: str, x: float, y: float, colour: str) -> str:
    return f'<text x="{x:g}" y="{y:g}" fill="{colour}" {_TEXT}>{escape(text)}</text>'


def _note(paragraphs: list[str], size: tuple[int, int], legend: str) -> str:
    """A dashed frame with text in it."""
    width, height = size
    per_line = max(8, int((width - 24) / _CHARACTER))
    lines = [line for text in paragraphs for line in textwrap.wrap(text, per_line)][
        : max(1, (height - 24) // 15)
    ]
    top = height / 2 - 7.5 * (len(lines) - 1) + 4
    frame = (
        f'<rect x="6" y="6" width="{max(width - 12, 1)}" height="{max(height - 12, 1)}" rx="4" fill="none" '
        f'stroke="{_PALE}" stroke-dasharray="4 3"/>'
    )
    return (
        frame
        + "".join(_line(t, width / 2, top + 15 * i, _INK) for i, t in enumerate(lines))
        + _legend(legend, size)
    )


def laid_out(structure: Polymer | Molecule) -> Chem.Mol:
    """The molecule with plane coordinates; the backbone of a repeat unit runs from left to right."""
    mol = structure.mol
    rdDepictor.Compute2DCoords(mol, canonOrient=True)
    ends = [atom.GetIdx() for atom in mol.GetAtoms() if atom.GetAtomicNum() == 0]
    if len(ends) == 2:
        places = mol.GetConformer().GetPositions()
        along = places[ends[1]] - places[ends[0]]
        angle = -math.atan2(along[1], along[0])
        turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
        places[:, :2] = (places[:, :2] - places[:, :2].mean(axis=0)) @ turn.T
        mol.GetConformer().SetPositions(places)
    return mol


def _picture(mol: Chem.Mol, size: tuple[int, int]) -> str:
    """RDKit's drawing as an SVG element, without its document around it."""
    drawer = rdMolDraw2D.MolDraw2DSVG(*size)
    options: Any = drawer.drawOptions()
    options.dummiesAreAttachments = True
    options.clearBackground = False
    options.padding = 0.08
    options.minFontSize = 9
    options.bondLineWidth = 1.6
    options.setAtomPalette({-1: _rgb(_INK)} | {number: _rgb(colour) for number, colour in _PALETTE.items()})
    drawer.DrawMolecule(rdMolDraw2D.PrepareMolForDrawing(mol, addChiralHs=False))
    drawer.FinishDrawing()
    body = re.sub(r"^.*?<!-- END OF HEADER -->|</svg>\s*$", "", drawer.GetDrawingText(), flags=re.DOTALL)
    return re.sub(r" class='[^']*'|\n", "", body)


def _rgb(colour: str) -> tuple[float, float, float]:
    red, green, blue = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return red, green, blue
