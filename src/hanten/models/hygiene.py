"""From a table as people have it to one clean value per polymer, with a report of everything that was not used.

The stated rule for duplicates: rows are grouped by canonical string without stereo, and a group's value is the
median of its rows.
"""

from __future__ import annotations

import logging
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from hanten.errors import DataError, StructureError, UnitError, UnknownNameError, did_you_mean
from hanten.models.evaluation import flat_key
from hanten.properties import Property, convert, parse_quantity

if TYPE_CHECKING:
    import pandas as pd

LOG = logging.getLogger(__name__)
MISSING = frozenset({"", "na", "n/a", "nan", "none", "null", "-", "–", "?"})
MIN_ROWS = 20
SHOWN = 5


@dataclass(frozen=True)
class CleanTable:
    """One value per polymer.

    Parameters
    ----------
    structures : tuple of str, (n,)
        Canonical strings, as first met.
    keys : tuple of str, (n,)
        The same without stereo; all different.
    y : ndarray, (n,)
        Medians, in the unit of the property.
    report : dict
        ``rows``, ``used_rows``, ``polymers``, ``duplicate_rows``, ``not_used`` {reason: rows}, ``examples`` (of rows
        that were not used), ``outside_plausible_range``, ``largest_spread`` (within duplicates).
    """

    structures: tuple[str, ...] = field(repr=False)
    keys: tuple[str, ...] = field(repr=False)
    y: npt.NDArray[np.float64] = field(repr=False)
    report: dict[str, Any]


def clean_table(
    table: pd.DataFrame,
    structure: str,
    target: str,
    prop: Property,
    unit: str | None = None,
    *,
    min_rows: int = MIN_ROWS,
) -> CleanTable:
    """Read, convert, group and check.

    Parameters
    ----------
    table : pandas.DataFrame
    structure, target : str
        Columns. A column ``unit`` (or ``<target>_unit``) gives the unit row by row; values may also carry their unit
        (``"177 degC"``).
    prop : Property
        Values are converted to its unit.
    unit : str, optional
        Unit of values that carry none; that of the property without it.
    min_rows : int
        Fewest polymers to train on.

    Raises
    ------
    UnknownNameError
        If a column is not there.
    DataError
        If too few polymers are left, or all values are equal.
    """
    for column in (structure, target):
        if column not in table.columns:
            raise UnknownNameError(
                f"there is no column {column!r}", hint=did_you_mean(column, map(str, table.columns))
            )
    values, reasons = read_values(table, target, prop, unit)
    keys, canonical = _keys(table[structure].tolist(), reasons)
    used = np.array([reason is None for reason in reasons], dtype=bool)
    groups: dict[str, list[int]] = {}
    for row in np.flatnonzero(used):
        groups.setdefault(str(keys[row]), []).append(int(row))
    y = np.array([np.median(values[rows]) for rows in groups.values()])
    structures = tuple(str(canonical[rows[0]]) for rows in groups.values())
    report = _report(table, reasons=reasons, used=values[used], groups=groups, values=values, prop=prop)
    _check(y, report, target, prop, min_rows)
    return CleanTable(structures, tuple(groups), y, report)


def read_values(
    table: pd.DataFrame, target: str, prop: Property, unit: str | None
) -> tuple[npt.NDArray[np.float64], list[str | None]]:
    """Numbers in the unit of the property, and per row why there is none."""
    column = next(
        (name for name in (f"{target}_unit", "unit") if name in table.columns and name != target), None
    )
    units: Sequence[Any] = table[column].tolist() if column and unit is None else [unit] * len(table)
    values, reasons = np.full(len(table), np.nan), []
    for row, (cell, own) in enumerate(zip(table[target].tolist(), units, strict=True)):
        value, reason = _value(cell, own, prop)
        values[row] = value
        reasons.append(reason)
    return values, reasons


def _value(cell: Any, unit: Any, prop: Property) -> tuple[float, str | None]:
    text = "" if cell is None else str(cell).strip()
    if text.casefold() in MISSING:
        return np.nan, "no value"
    if re.fullmatch(r"[-+]?inf(inity)?", text.casefold()):
        return np.nan, "infinite value"
    written = str(unit).strip() if isinstance(unit, str) else prop.unit
    try:
        number = float(text)
    except ValueError:
        try:
            return parse_quantity(text, prop.unit), None
        except UnitError as error:
            return (
                np.nan,
                "different kind of unit" if "dimensions" in error.message else "value is not a number",
            )
    try:
        return float(convert(number, written, prop.unit)), None
    except UnitError as error:
        raise UnitError(
            error.message, hint=error.hint or f"the unit of {prop.name} is {prop.unit or 'a pure number'}"
        ) from error


def _keys(entries: Sequence[Any], reasons: list[str | None]) -> tuple[list[str | None], list[str | None]]:
    """Keys and canonical strings; adds to ``reasons`` in place where a structure cannot be read."""
    from hanten.features.structure import prepare

    seen: dict[Any, tuple[str, str] | str] = {}
    keys: list[str | None] = []
    canonical: list[str | None] = []
    for row, entry in enumerate(entries):
        mark = entry if isinstance(entry, str) else repr(entry)
        if mark not in seen:
            try:
                text = str(prepare(entry).text)
                seen[mark] = flat_key(text), text
            except StructureError as error:
                seen[mark] = str(error)
        found = seen[mark]
        if isinstance(found, str):
            reasons[row] = reasons[row] or f"structure: {found}"
        keys.append(None if isinstance(found, str) else found[0])
        canonical.append(None if isinstance(found, str) else found[1])
    return keys, canonical


def _report(
    table: pd.DataFrame,
    *,
    reasons: list[str | None],
    used: Any,
    groups: dict[str, list[int]],
    values: Any,
    prop: Property,
) -> dict[str, Any]:
    kinds = Counter(
        "unreadable structure" if reason.startswith("structure:") else reason for reason in reasons if reason
    )
    bad = [
        {"row": row, "reason": reason}
        for row, reason in enumerate(reasons)
        if reason and reason != "no value"
    ]
    spreads = [(float(np.ptp(values[rows])), key) for key, rows in groups.items() if len(rows) > 1]
    return {
        "rows": len(table),
        "used_rows": len(used),
        "polymers": len(groups),
        "duplicate_rows": len(used) - len(groups),
        "not_used": dict(kinds),
        "examples": bad[:SHOWN],
        "outside_plausible_range": int((~prop.plausible(used)).sum()) if len(used) else 0,
        "largest_spread": dict(zip(("range", "structure"), max(spreads), strict=True)) if spreads else None,
    }


def _check(y: Any, report: dict[str, Any], target: str, prop: Property, min_rows: int) -> None:
    if len(y) < min_rows:
        lost = ", ".join(f"{count} {reason}" for reason, count in report["not_used"].items()) or "none lost"
        example = (
            f"; row {report['examples'][0]['row']}: {report['examples'][0]['reason']}"
            if report["examples"]
            else ""
        )
        raise DataError(
            f"{len(y)} polymers with a value are left of {report['rows']} rows ({lost}{example})",
            hint=f"a model needs {min_rows} at least",
        )
    if np.ptp(y) <= 1e-12 * max(abs(float(y[0])), 1e-300):
        raise DataError(f"all values of {target!r} are {y[0]:g}: there is nothing to learn")
    outside = report["outside_plausible_range"]
    if outside:
        share = outside / report["used_rows"]
        hint = "is the unit right? Give it with unit= or --unit" if share > 0.2 else "kept; check them"
        LOG.warning(
            "%d of %d values of %s lie outside %g-%g %s (%s)",
            outside,
            report["used_rows"],
            prop.name,
            prop.low,
            prop.high,
            prop.unit,
            hint,
        )
