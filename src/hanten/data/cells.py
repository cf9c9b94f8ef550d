"""One cell of a table of values: ``0.25``, ``0.25 ± 0.02``, ``-20 °C``; or the reason why it is no value."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Any

_NUMBER = r"[-+−–]?(?:\d+[.,]?\d*|[.,]\d+)(?:[eE][-+−]?\d+)?"
_CELL = re.compile(rf"({_NUMBER})(?:\s*(?:±|\+/-|\+-)\s*({_NUMBER}))?\s*([^\W\d_°%Å/(].*|[°%Å/(].*)?")
_RANGE = re.compile(rf"{_NUMBER}\s*(?:-|–|—|to|\.\.)\s*{_NUMBER}")
_MISSING = frozenset({"", "-", "–", "—", "na", "n/a", "n.a.", "n.d.", "nd", "none", "null", "#n/a"})
_SPECIAL = dict.fromkeys(("nan", "+nan", "-nan"), math.nan) | dict.fromkeys(
    ("inf", "+inf", "-inf", "−inf", "infinity", "+infinity", "-infinity", "∞", "-∞"), math.inf
)


@dataclass(frozen=True)
class Cell:
    """A number, its uncertainty and its own unit, if they stand in the cell."""

    value: float
    uncertainty: float | None = None
    unit: str | None = None


def is_missing(cell: Any) -> bool:
    """Whether a cell says that there is no value: empty, ``-``, ``n/a``, ``null``."""
    return cell is None or (isinstance(cell, str) and cell.strip().casefold() in _MISSING)


def read_cell(cell: Any, *, decimal_comma: bool = False) -> Cell | str:
    """The number in ``cell``, or a text that says why there is none.

    Parameters
    ----------
    cell : object
        Text, or what a workbook or JSON gives.
    decimal_comma : bool
        Whether ``0,25`` is 0.25.

    Examples
    --------
    >>> read_cell("0.25 ± 0.02")
    Cell(value=0.25, uncertainty=0.02, unit=None)
    >>> read_cell("-20 °C").unit
    '°C'
    >>> read_cell("> 300")
    "'> 300' is a bound, not a value"
    """
    if isinstance(cell, bool) or not isinstance(cell, (int, float, str)):
        return f"{cell!r} is not a number"
    if not isinstance(cell, str):
        return Cell(float(cell)) if math.isfinite(cell) else _not_finite(float(cell))
    return _read_text(cell.strip(), decimal_comma=decimal_comma)


def _read_text(text: str, *, decimal_comma: bool) -> Cell | str:
    special = _SPECIAL.get(text.casefold())
    if special is not None:
        return _not_finite(special)
    match = None if _RANGE.match(text) else _CELL.fullmatch(text)
    if match is None:
        return _reason(text)
    if "," in match[1] and not decimal_comma:
        return f"{text!r} has a comma: write a decimal point, and no mark between thousands"
    value, uncertainty = _float(match[1]), _float(match[2]) if match[2] else None
    if not math.isfinite(value) or not math.isfinite(uncertainty or 0.0):
        return f"{text!r} is too large"
    return Cell(value, uncertainty, match[3] and match[3].strip())


def _float(text: str) -> float:
    return float(text.replace(",", ".").replace("−", "-").replace("–", "-"))


def _not_finite(number: float) -> str:
    if math.isnan(number):
        return "the value is NaN; leave the cell empty if there is none"
    return "the value is infinite"


def _reason(text: str) -> str:
    if re.match(r"^[<>≤≥~≈]", text):
        return f"{text!r} is a bound, not a value"
    if _RANGE.match(text):
        return f"{text!r} is a range, not a value"
    return f"{text!r} is not a number"
