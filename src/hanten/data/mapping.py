"""What the columns of a table mean: guessed from their names, shown before anything is written.

One column per property (wide), or the columns ``property``, ``value`` and ``unit`` (long).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from hanten.data.columns import (
    CONDITION_UNITS,
    IGNORED,
    ROLES,
    Column,
    guess_column,
    guess_property,
    method_called,
    split_unit,
    unit_of,
)
from hanten.data.records import parse_kind
from hanten.errors import DataError, UnitError, UnknownNameError, did_you_mean
from hanten.properties import Property, get_property, list_properties


@dataclass(frozen=True)
class ColumnMapping:
    """What all columns of a table mean, and what holds for the whole table.

    Parameters
    ----------
    columns : tuple of Column
        In the order of the table.
    kind : str
        Kind of the materials, where no column says it.
    defaults : dict of str to str
        Method, source, doi, licence, date ... of rows that do not say.
    notes : tuple of str
        What was assumed.
    """

    columns: tuple[Column, ...]
    kind: str
    defaults: Mapping[str, str]
    notes: tuple[str, ...] = ()

    def named(self, role: str) -> Column | None:
        """The column with that role (of a wide table's value columns, none)."""
        return next((c for c in self.columns if c.role == role and c.property is None), None)

    def values(self) -> list[Column]:
        """The columns that hold property values of a wide table."""
        return [c for c in self.columns if c.role == "value" and c.property is not None]

    def uncertainty_of(self, value: Column) -> Column | None:
        """The column with the uncertainty of ``value``."""
        found = [c for c in self.columns if c.role == "uncertainty" and c.property == value.property]
        same = [c for c in found if c.method == value.method]
        return (same or found or [None])[0]

    def frame(self) -> pd.DataFrame:
        """One row per column, for showing."""
        names = ["column", "read as", "unit", "method", "note"]
        rows = [(c.name, _reads_as(c), c.unit or "", c.method or "", c.note) for c in self.columns]
        return pd.DataFrame(rows, columns=names)


def _reads_as(column: Column) -> str:
    if column.role == IGNORED:
        return "(not used)"
    if column.property is None:
        return column.role
    return column.property if column.role == "value" else f"{column.role} of {column.property}"


def parse_map(text: str) -> tuple[str, str]:
    """``COLUMN=MEANING`` as typed: the column and what it means.

    Examples
    --------
    >>> parse_map("Tg (exp)=Tg:degC")
    ('Tg (exp)', 'Tg:degC')
    """
    column, sign, meaning = text.rpartition("=")
    if not sign or not column.strip() or not meaning.strip():
        hint = 'write COLUMN=MEANING, for instance --map "Tg (exp)=Tg:degC"'
        raise DataError(f"{text!r} does not say what a column means", hint=hint)
    return column.strip(), meaning.strip()


def guess_mapping(
    frame: pd.DataFrame,
    *,
    where: str = "table",
    overrides: Mapping[str, str] | None = None,
    structure: str | None = None,
    kind: str | None = None,
    defaults: Mapping[str, str] | None = None,
) -> ColumnMapping:
    """Guess what the columns of ``frame`` mean.

    Parameters
    ----------
    frame : pandas.DataFrame
        As written.
    where : str
        Name of the table, for messages.
    overrides : dict of str to str
        Column to meaning: a property or a role, with ``:unit`` if need be, or ``-`` for "do not use".
    structure : str, optional
        The column with the structures.
    kind : {"polymer", "molecule", "composition"}, optional
        By default polymer if most structures hold an attachment point.
    defaults : dict of str to str
        What holds for rows that do not say it: ``method``, ``source``, ``doi``, ``licence``, ``date`` ...

    Raises
    ------
    UnknownNameError
        If a named column is not there, there is no column of structures, or none of property values.

    Examples
    --------
    >>> table = pd.DataFrame({"SMILES": ["*CC*"], "Tg [°C]": ["-120"]})
    >>> guess_mapping(table).frame()[["read as", "unit"]].values.tolist()
    [['structure', ''], ['Tg', 'degC']]
    """
    names = [str(name) for name in frame.columns]
    given = dict(overrides or {})
    if structure is not None:
        given[structure] = "structure"
    for name in given:
        if name not in names:
            raise UnknownNameError(
                f"there is no column {name!r}", where=where, hint=_column_hint(name, names)
            )
    guessed = [_given_column(n, given[n], where) if n in given else guess_column(n) for n in names]
    columns = _one_structure(guessed, frame, structure is not None or "structure" in given.values())
    columns = _long_or_wide(_one_per_role(columns, set(given)))
    _check_complete(columns, where)
    defaults = dict(defaults or {})
    notes = [] if "method" in defaults else _assume_experiment(columns, defaults)
    chosen = next(c for c in columns if c.role == "structure")
    if kind is None and not any(c.role == "kind" for c in columns):
        kind, note = _guess_kind(chosen.name, frame[chosen.name])
        notes.append(note)
    return ColumnMapping(tuple(columns), parse_kind(kind or "polymer"), defaults, tuple(notes))


def _given_column(name: str, meaning: str, where: str) -> Column:
    """The column as the user says it is: a role or a property, with ``:unit`` if need be."""
    word, _, unit_text = (part.strip() for part in meaning.partition(":"))
    if word == IGNORED:
        return Column(name, IGNORED, note="as you say")
    role = word if word in ROLES else None
    if role in CONDITION_UNITS or role is None:
        prop = None if role else _known_property(word, where)
        standard = CONDITION_UNITS[role] if role else prop.unit  # type: ignore[union-attr]
        unit = unit_of(standard, unit_text) if unit_text else standard
        if unit is None:
            message = f"{unit_text!r} is not a unit of {word}"
            raise UnitError(message, where=where, hint=f"for instance {standard or 'a pure number'}")
        if prop is not None:
            guessed = guess_property(name)
            method = (
                guessed.method
                if guessed
                else next(filter(None, map(method_called, re.findall(r"\w+", name))), None)
            )
            return Column(name, "value", prop.name, unit, method, "as you say")
        return Column(name, str(role), unit=unit, note="as you say")
    return Column(name, role, unit=unit_text or None, note="as you say")


def _known_property(word: str, where: str) -> Property:
    try:
        return get_property(word)
    except UnknownNameError as error:
        known = [*ROLES, *(prop.name for prop in list_properties())]
        hint = did_you_mean(word, known) or "`hanten properties` lists all"
        raise UnknownNameError(
            f"{word!r} is neither a property nor a role of a column", where=where, hint=hint
        ) from error


def _one_structure(columns: list[Column], frame: pd.DataFrame, given: bool) -> list[Column]:
    """Only one column of structures: the one given, else the first with attachment points, else the first."""
    candidates = [c for c in columns if c.role == "structure"]
    if given:
        chosen = next(c for c in candidates if c.note == "as you say")
    else:
        with_stars = [
            c for c in candidates if frame[c.name].astype(str).str.contains("*", regex=False).mean() > 0.5
        ]
        chosen = (with_stars or candidates or [Column("", "structure")])[0]
    return [
        replace(c, role=IGNORED, note=f"{chosen.name!r} holds the structures")
        if c.role == "structure" and c != chosen
        else c
        for c in columns
    ]


def _one_per_role(columns: list[Column], given: set[str]) -> list[Column]:
    """Of several columns with the same meaning the given one, else the first, is used."""
    taken: dict[tuple[Any, ...], str] = {}
    for column in sorted(columns, key=lambda c: c.name not in given):
        if column.role != IGNORED:
            taken.setdefault((column.role, column.property, column.method), column.name)
    return [
        c
        if c.role == IGNORED or taken[c.role, c.property, c.method] == c.name
        else replace(c, role=IGNORED, note=f"{taken[c.role, c.property, c.method]!r} holds the same")
        for c in columns
    ]


def _long_or_wide(columns: list[Column]) -> list[Column]:
    """Bare ``value``, ``unit`` and ``uncertainty`` columns mean something in a long table only."""
    is_long = {"property", "value"} <= {c.role for c in columns if c.property is None}
    if is_long:
        return [
            c
            if c.property is None
            else replace(c, role=IGNORED, property=None, note="the table has a value column")
            for c in columns
        ]
    bare = ("property", "value", "unit", "uncertainty")
    return [
        replace(
            c, role=IGNORED, note=f"no {'property' if c.role != 'property' else 'value'} column goes with it"
        )
        if c.property is None and c.role in bare
        else c
        for c in columns
    ]


def _check_complete(columns: list[Column], where: str) -> None:
    names = [c.name for c in columns]
    if not any(c.role == "structure" for c in columns):
        hint = f"name it: --structure COL; {_list(names)}"
        raise UnknownNameError("no column holds structures", where=where, hint=hint)
    if not any(c.role == "value" for c in columns):
        close = [c.note.split("; ")[1] for c in columns if c.note.startswith("not understood; ")]
        hint = f'{(close[0] + " ") if close else ""}say it: --map "COLUMN=Tg:degC"; {_list(names)}'
        raise UnknownNameError("no column holds values of a known property", where=where, hint=hint)


def _assume_experiment(columns: list[Column], defaults: dict[str, str]) -> list[str]:
    defaults["method"] = "experiment"
    unsaid = not any(c.role == "method" for c in columns) and any(
        c.role == "value" and not c.method for c in columns
    )
    return ["the method is taken to be experiment (--method says another)"] if unsaid else []


def _guess_kind(name: str, texts: pd.Series[Any]) -> tuple[str, str]:
    if split_unit(name)[0].casefold() in {"composition", "formula"}:
        return (
            "composition",
            "the materials are compositions, by the name of the column (--kind says otherwise)",
        )
    share = texts.astype(str).str.contains("*", regex=False).mean()
    kind = "polymer" if share >= 0.5 else "molecule"
    return (
        kind,
        f"the materials are {kind}s: {share:.0%} of the structures hold * (--kind says otherwise)",
    )


def _column_hint(wanted: str, names: Sequence[str]) -> str:
    """Which column was meant: one that begins so, one that is spelled nearly so, else all of them."""
    begins = [name for name in names if name.casefold().startswith(wanted.strip().casefold())]
    if begins:
        return f"did you mean {' or '.join(begins[:3])}?"
    return did_you_mean(wanted, names) or _list(names)


def _list(names: Iterable[str]) -> str:
    return f"the columns are {', '.join(names)}"
