"""Reading the tables people have: CSV in any usual dialect and encoding, XLSX, JSON; cells as written."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from hanten.errors import DataError

SUFFIXES = (".csv", ".tsv", ".txt", ".xlsx", ".json")


@dataclass(frozen=True)
class Table:
    """A table as it was written.

    Parameters
    ----------
    name : str
        File name, for messages.
    frame : pandas.DataFrame
        Cells as text, numbers or ``None``; the index is the row a person sees: the header of a CSV or XLSX
        file is row 1, the first object of a JSON list is row 1.
    sha256 : str
        Digest of the file.
    decimal_comma : bool
        Whether ``0,25`` is a number.
    notices : tuple of str
        What was assumed when reading: encoding, separator.
    ragged : dict of int to str
        Rows with more cells than the header, which are not in ``frame``, and what is wrong with each.
    """

    name: str
    frame: pd.DataFrame
    sha256: str
    decimal_comma: bool = False
    notices: tuple[str, ...] = ()
    ragged: dict[int, str] = field(default_factory=dict)


def read_table(path: str | Path, encoding: str | None = None) -> Table:
    """Read a CSV, TSV, XLSX or JSON file.

    Parameters
    ----------
    path : path
        The ending says the format; ``.txt`` is read as CSV.
    encoding : str, optional
        Of a text file. By default UTF-8, and Windows-1252 (which holds Latin-1) with a notice if it is not
        UTF-8.

    Raises
    ------
    DataError
        If the file is missing, empty, unreadable, has no rows, or names a column twice.
    """
    path = Path(path)
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise DataError(
            f"cannot read {path.suffix or 'a file without ending'!r}",
            where=str(path),
            hint="give .csv, .xlsx or .json",
        )
    try:
        content = path.read_bytes()
    except FileNotFoundError as error:
        raise DataError("there is no such file", where=str(path)) from error
    except OSError as error:
        raise DataError(f"the file cannot be read: {error.strerror}", where=str(path)) from error
    if not content.strip():
        raise DataError("the file is empty", where=str(path), hint="the first line names the columns")
    notices: list[str] = []
    decimal_comma = False
    if suffix == ".xlsx":
        rows, first = _excel(content, path), 2
    elif suffix == ".json":
        rows, first = _json(_text(content, path, encoding, notices), path), 1
    else:
        text = _text(content, path, encoding, notices)
        separator = _separator(text, suffix)
        decimal_comma = separator == ";"
        if separator == ";":
            notices.append("columns are separated by ';', so 0,25 is read as 0.25")
        rows, first = _csv(text, separator, path), 2
    frame, ragged = _frame(rows, first, path)
    digest = hashlib.sha256(content).hexdigest()
    return Table(path.name, frame, digest, decimal_comma, tuple(notices), ragged)


def _text(content: bytes, path: Path, encoding: str | None, notices: list[str]) -> str:
    try:
        return content.decode(encoding or "utf-8-sig")
    except LookupError as error:
        raise DataError(
            f"{encoding!r} is not an encoding", where=str(path), hint="for instance utf-8, cp1252, shift_jis"
        ) from error
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        if encoding:
            raise DataError(
                f"line {line} is not {encoding} text", where=str(path), hint="name another --encoding"
            ) from error
    if b"\x00" in content:
        raise DataError("the file is not text", where=str(path), hint="save it as CSV UTF-8")
    try:
        text = content.decode("cp1252")
    except UnicodeDecodeError as error:
        message = f"line {line} is neither UTF-8 nor Windows-1252 text"
        raise DataError(
            message, where=str(path), hint="name the --encoding, for instance shift_jis"
        ) from error
    notices.append(f"line {line} is not UTF-8 text; read as Windows-1252 (--encoding names another)")
    return text


def _separator(text: str, suffix: str) -> str:
    """The separator that the header holds most often."""
    if suffix == ".tsv":
        return "\t"
    header = next(line for line in text.splitlines() if line.strip())
    return max(",;\t", key=header.count) if any(mark in header for mark in ",;\t") else ","


def _csv(text: str, separator: str, path: Path) -> list[list[Any]]:
    csv.field_size_limit(10_000_000)
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True))
    except csv.Error as error:
        message = f"the file is not a table: {error}"
        raise DataError(message, where=str(path), hint="is a quotation mark never closed?") from error


def _excel(content: bytes, path: Path) -> list[list[Any]]:
    import openpyxl

    try:
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        sheet = book.worksheets[0]
        rows = [list(row) for row in sheet.iter_rows(values_only=True)]
        book.close()
    except (zipfile.BadZipFile, KeyError, ValueError, IndexError, OSError) as error:
        raise DataError(
            "the file is not a readable XLSX workbook", where=str(path), hint="open and save it again"
        ) from error
    return rows


def _json(text: str, path: Path) -> list[list[Any]]:
    try:
        items = json.loads(text)
    except json.JSONDecodeError as error:
        raise DataError(f"the file is not JSON: {error.msg}", where=f"{path}, line {error.lineno}") from error
    if isinstance(items, dict):
        lists = [value for value in items.values() if isinstance(value, list)]
        items = lists[0] if len(lists) == 1 else items
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        hint = 'for instance [{"structure": "*CC*", "Tg [K]": 150}]'
        raise DataError("the file does not hold a list of objects", where=str(path), hint=hint)
    columns = list(dict.fromkeys(key for item in items for key in item))
    return [columns, *[[item.get(column) for column in columns] for item in items]]


def _frame(rows: list[list[Any]], first: int, path: Path) -> tuple[pd.DataFrame, dict[int, str]]:
    """Rows below the header, numbered as a person sees them, without the empty ones; and the ragged ones."""
    header_at = next((i for i, row in enumerate(rows) if any(map(_filled, row))), None)
    if header_at is None:
        raise DataError("the file is empty", where=str(path), hint="the first line names the columns")
    header = _header(rows[header_at], path)
    body: dict[int, list[Any]] = {}
    ragged: dict[int, str] = {}
    for number, row in enumerate(rows[header_at + 1 :], start=first + header_at):
        if any(map(_filled, row[len(header) :])):
            ragged[number] = (
                f"{len(row)} cells under {len(header)} column names; quote cells that hold the separator"
            )
        elif any(map(_filled, row)):
            body[number] = ([*row] + [None] * len(header))[: len(header)]
    if not body and not ragged:
        raise DataError("the file has no rows below the header", where=str(path))
    frame = pd.DataFrame(
        list(body.values()), columns=header, index=pd.Index(list(body), name="row"), dtype=object
    )
    return frame, ragged


def _header(cells: list[Any], path: Path) -> list[str]:
    names = [str(cell).strip() if _filled(cell) else "" for cell in cells]
    while not names[-1]:
        names.pop()
    twice = sorted({name for name in names if name and names.count(name) > 1})
    if twice:
        raise DataError(f"two columns are called {twice[0]!r}", where=str(path), hint="rename one")
    return [name or f"column {i}" for i, name in enumerate(names, start=1)]


def _filled(cell: Any) -> bool:
    return cell is not None and str(cell).strip() != ""
