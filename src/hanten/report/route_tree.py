"""A route as a picture: the target at the left, what is bought at the right, each step between with its probability.

Frames: solid green, in stock; dashed orange, missing; thin grey, made on the way. Colours and frames say the same thing
twice, so that it can be read in grey.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import escape

from hanten.chem import draw
from hanten.report import style
from hanten.synthesis.routes import MolNode, Route, Step

WIDTH, HEIGHT = 190, 128  # of a molecule's picture
BELOW, GAP, ACROSS = 34, 16, 150  # text under a picture; between rows; between columns
_FONT = 'font-family="DejaVu Sans, Arial, sans-serif"'
_SOFT = "#555555"


@dataclass(frozen=True)
class _Box:
    """A molecule with its place; y is the middle of its picture."""

    node: MolNode
    count: int
    column: int
    y: float
    children: tuple[_Box, ...] = ()


def route_svg(route: Route, *, title: str = "") -> str:
    """The tree of a route as an SVG document.

    Parameters
    ----------
    route : Route
    title : str
        Alternative text; the target if empty.

    Examples
    --------
    >>> acid, alcohol = MolNode("CC(=O)O", True, "shelf"), MolNode("CCO", True, "shelf", price=0.02)
    >>> svg = route_svg(Route(MolNode("CCOC(C)=O", step=Step((acid, alcohol), label="esterification"))))
    >>> svg.startswith("<svg"), "shelf" in svg, "esterification" in svg
    (True, True, True)
    """
    root, height = _laid(route.root, 1, 0, 0.0)
    columns = 1 + max(box.column for box in _walk(root))
    width = columns * WIDTH + (columns - 1) * ACROSS + 8
    parts = [part for box in _walk(root) for part in (*_arrows(box), _picture(box, target=box is root))]
    name = escape(title or f"Route to {route.root.smiles}")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height:g}" viewBox="0 0 {width} {height:g}" '
        f'role="img" aria-label="{name}"><title>{name}</title><rect width="{width}" height="{height:g}" fill="#ffffff"/>'
        f"{''.join(parts)}</svg>"
    )


def _laid(node: MolNode, count: int, column: int, top: float) -> tuple[_Box, float]:
    """A box for a molecule and those below it, and where the next row begins."""
    if node.step is None:
        return _Box(node, count, column, top + 4 + HEIGHT / 2), top + HEIGHT + BELOW + GAP
    children, at = [], top
    for child, copies in Counter(node.step.reactants).items():
        box, at = _laid(child, copies, column + 1, at)
        children.append(box)
    if not children:
        return _Box(node, count, column, top + 4 + HEIGHT / 2), top + HEIGHT + BELOW + GAP
    middle = (children[0].y + children[-1].y) / 2
    return _Box(node, count, column, middle, tuple(children)), max(at, top + HEIGHT + BELOW + GAP)


def _walk(box: _Box) -> Sequence[_Box]:
    return [box, *(below for child in box.children for below in _walk(child))]


def _left(box: _Box) -> float:
    return 4 + box.column * (WIDTH + ACROSS)


def _picture(box: _Box, *, target: bool) -> str:
    """Frame, drawing and the two lines below."""
    node, x, y = box.node, _left(box), box.y - HEIGHT / 2
    colour, dash, thick = style.PRIOR, "", 1.0
    if target:
        colour, thick = style.POSTERIOR, 2.0
    elif node.step is None and node.in_stock:
        colour, thick = style.GOOD, 2.0
    elif node.step is None:
        colour, dash, thick = style.EXPERIMENT, ' stroke-dasharray="6 4"', 2.0
    frame = (
        f'<rect x="{x:g}" y="{y:g}" width="{WIDTH}" height="{HEIGHT}" rx="6" fill="#ffffff" stroke="{colour}" '
        f'stroke-width="{thick:g}"{dash}/>'
    )
    nested = _drawn(node.smiles).replace("<svg ", f'<svg x="{x + 4:g}" y="{y + 4:g}" ', 1)
    first, second = _below(box, target=target)
    bold = ' font-weight="bold"'
    return (
        frame
        + nested
        + _text(first, x + WIDTH / 2, y + HEIGHT + 13, colour if node.step is None else _SOFT, bold)
        + _text(second, x + WIDTH / 2, y + HEIGHT + 26, _SOFT)
    )


def _below(box: _Box, *, target: bool) -> tuple[str, str]:
    """What stands below a molecule."""
    node, times = box.node, f"{box.count} × " if box.count > 1 else ""
    if node.step is None and node.in_stock:
        price = "" if node.price is None else f" · {node.price:g} USD/g"
        days = "" if node.lead_time is None else f" · {node.lead_time:g} d"
        return f"{times}in stock{price}{days}", _short(node.stock, 30)
    if node.step is None:
        return f"{times}not in stock", ""
    return ("target" if target else f"{times}to be made"), ""


@lru_cache(maxsize=512)
def _drawn(smiles: str) -> str:
    return draw([smiles], legends=[""], columns=1, size=(WIDTH - 8, HEIGHT - 8))


def _arrows(box: _Box) -> list[str]:
    """Lines from a molecule to its reactants, and what is known of the step."""
    step = box.node.step
    if step is None or not box.children:
        return []
    x, y = _left(box) + WIDTH, box.y
    middle, right = x + ACROSS * 0.86, _left(box.children[0])
    lines = [f'<path d="M{right:g} {child.y:g} H{middle:g} V{y:g}" {_stroke()}/>' for child in box.children]
    head = (
        f'<path d="M{middle:g} {y:g} H{x + 3:g} m8 -5 l-8 5 l8 5" fill="none" stroke="{style.INK}" '
        'stroke-width="1.4"/>'
    )
    return [*lines, head, *_said(step, x + 10, y)]


def _stroke() -> str:
    return f'fill="none" stroke="{style.PRIOR}" stroke-width="1.3"'


def _said(step: Step, x: float, y: float) -> list[str]:
    """Name of the step above its arrow, and how it is known below."""
    named = _wrapped(step.label or step.kind, 20, 3)
    above = [
        _text(line, x, y - 7 - 12 * (len(named) - 1 - i), style.INK, ' font-weight="bold"', anchor="start")
        for i, line in enumerate(named)
    ]
    said = [*_wrapped(how_known(step), 23, 2), *_wrapped(step.conditions, 20, 3)]
    below = [
        _text(line, x, y + 15 + 12 * i, _SOFT, anchor="start", size=10) for i, line in enumerate(said) if line
    ]
    return [*above, *below]


def how_known(step: Step) -> str:
    """Where a step's number comes from, in a few words.

    Examples
    --------
    >>> how_known(Step((), "template", "x", -0.105))
    'template, grade 0.9'
    """
    if step.kind == "model":
        return f"model, p = {step.probability:.2g}"
    if step.kind == "template":
        own = (
            ""
            if step.model_log_prob is None
            else f" (model p = {min(1.0, math.exp(step.model_log_prob)):.1g})"
        )
        return f"template, grade {step.probability:.1g}{own}"
    return "polymerisation rule"


def _wrapped(text: str, width: int, most: int) -> list[str]:
    """Lines of at most ``width`` characters; what does not fit ends in an ellipsis."""
    lines: list[str] = []
    for word in text.split():
        if lines and len(lines[-1]) + 1 + len(word) <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(_short(word, width))
    if len(lines) > most:
        lines = [*lines[: most - 1], _short(f"{lines[most - 1]} …", width)]
    return lines


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def _text(
    text: str, x: float, y: float, colour: str, more: str = "", *, anchor: str = "middle", size: int = 11
) -> str:
    if not text:
        return ""
    return (
        f'<text x="{x:g}" y="{y:g}" fill="{colour}" {_FONT} font-size="{size}" text-anchor="{anchor}"{more}>'
        f"{escape(text)}</text>"
    )
