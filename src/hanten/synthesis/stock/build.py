"""Build a stock from anything that lists molecules; a row that cannot be used is reported with its reason."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from hanten.chem.polymer import Molecule
from hanten.errors import ConfigError, DataError, StructureError
from hanten.synthesis.stock.normal import KEY_PATTERN, key_hash, normalise
from hanten.synthesis.stock.reading import Entry, read_entries
from hanten.synthesis.stock.stock import Stock, Texts

CHUNK = 2000


@dataclass(frozen=True)
class Rejected:
    """A row that is not in the stock, and why."""

    row: int
    text: str
    reason: str


@dataclass(frozen=True)
class Built:
    """A new stock and what was left out.

    Attributes
    ----------
    stock : Stock
    rows : int
        Rows read.
    duplicates : int
        Rows whose molecule was there already; their uses add up and the lowest price is kept.
    rejected : tuple of Rejected
    """

    stock: Stock
    rows: int
    duplicates: int
    rejected: tuple[Rejected, ...]

    def __str__(self) -> str:
        return (
            f"{self.rows:,} rows: {len(self.stock):,} molecules, {self.duplicates:,} duplicates, "
            f"{len(self.rejected):,} not usable"
        )


@dataclass
class _Row:
    """What is known of one molecule while a stock is being built."""

    smiles: str
    most: int
    uses: int
    price: float
    days: float
    source: str


def build_stock(
    molecules: Iterable[str | Molecule | Entry],
    *,
    name: str = "stock",
    source: str = "",
    note: str = "",
    n_jobs: int = 1,
    where: str | None = None,
) -> Built:
    """A stock from SMILES, molecules or entries of a file.

    Parameters
    ----------
    molecules : iterable
        SMILES, InChIKeys or :class:`Molecule`; the stock keeps one of each, in order of appearance.
    name : str
        Shown beside each leaf of a route.
    source : str
        Where the molecules can be had, where a row does not say; the name if empty.
    n_jobs : int
        Workers; the result does not depend on it.

    Raises
    ------
    DataError
        If no row is usable: an empty stock would make every route unsolvable.

    Examples
    --------
    >>> built = build_stock(["CCO", "C(C)O", "C1CC"], name="mine")
    >>> str(built), built.rejected[0].row
    ('3 rows: 1 molecules, 1 duplicates, 1 not usable', 3)
    """
    from joblib import Parallel, delayed

    kept: dict[int, _Row] = {}
    rejected: list[Rejected] = []
    rows = 0
    chunks = _chunks(_entries(molecules))
    work = Parallel(n_jobs=n_jobs, return_as="generator")(delayed(_read_chunk)(chunk) for chunk in chunks)
    for done in work:
        for entry, smiles, key, reason in done:
            rows += 1
            problem = reason or _take(kept, entry, smiles, key, source or name)
            if problem:
                rejected.append(Rejected(entry.row, entry.text, problem))
    if not kept:
        reason = f"; the first of {rows} rows: {rejected[0].reason}" if rejected else ""
        raise DataError(f"no molecule for the stock{reason}", where=where, hint="give at least one SMILES")
    duplicates = rows - len(rejected) - len(kept)
    about = {"name": name, "note": note, "rows_not_usable": len(rejected)}
    return Built(_assemble(kept, about), rows, duplicates, tuple(rejected))


def build_stock_from_file(
    path: str | Path,
    *,
    name: str | None = None,
    source: str = "",
    columns: Mapping[str, str] | None = None,
    n_jobs: int = 1,
) -> Built:
    """A stock from a file of SMILES, CSV, TSV, SDF or InChIKeys; see :func:`read_entries`.

    Raises
    ------
    DataError, UnknownNameError
        If the file cannot be read, has no column of structures, or no usable row.
    """
    name = name or Path(path).name.split(".")[0]
    entries = read_entries(path, columns)
    return build_stock(entries, name=name, source=source, n_jobs=n_jobs, where=str(path))


def union(*stocks: Stock, name: str = "") -> Stock:
    """One stock from several: the first SMILES, the lowest price and its source, and all uses of each molecule.

    Examples
    --------
    >>> one, two = build_stock(["CCO"], name="a").stock, build_stock(["OCC", "CCN"], name="b").stock
    >>> both = union(one, two)
    >>> len(both), both.name
    (2, 'a + b')
    """
    if not stocks:
        raise ConfigError("no stock to unite")
    kept: dict[int, _Row] = {}
    for stock in stocks:
        for member in stock:
            price = np.nan if member.price is None else member.price
            days = np.nan if member.lead_time is None else member.lead_time
            row = _Row(member.smiles, member.uses, member.uses, price, days, member.source)
            key = int(stock.keys[member.index])
            kept[key] = _merged(kept[key], row) if key in kept else row
    title = name or " + ".join(dict.fromkeys(stock.name for stock in stocks))
    return _assemble(
        kept,
        {"name": title, "note": "; ".join(s.about.get("note", "") for s in stocks if s.about.get("note"))},
    )


def _entries(molecules: Iterable[str | Molecule | Entry]) -> Iterable[Entry]:
    for number, item in enumerate(molecules, start=1):
        if isinstance(item, Entry):
            yield item
        elif isinstance(item, (str, Molecule)):
            yield Entry(number, str(item))
        else:
            yield Entry(number, str(item), problem=f"{item!r} is a {type(item).__name__}, not a molecule")


def _chunks(entries: Iterable[Entry]) -> Iterable[list[Entry]]:
    entries = iter(entries)
    while chunk := list(islice(entries, CHUNK)):
        yield chunk


def _read_chunk(entries: list[Entry]) -> list[tuple[Entry, str, int, str]]:
    """For each entry its SMILES, its hashed key, and why it cannot be used."""
    done = []
    for entry in entries:
        smiles, key, reason = "", 0, entry.problem
        if not reason and KEY_PATTERN.fullmatch(entry.text):
            key = key_hash(entry.text)
        elif not reason:
            try:
                normal = normalise.__wrapped__(entry.text)
                smiles, key = normal.smiles, key_hash(normal.key)
            except StructureError as error:
                reason = str(error)
        done.append((entry, smiles, key, reason))
    return done


def _take(kept: dict[int, _Row], entry: Entry, smiles: str, key: int, source: str) -> str:
    """Add an entry; the reason if a number in it is none."""
    numbers: dict[str, float] = {}
    for column, missing in (("price", np.nan), ("lead_time", np.nan), ("uses", 0.0)):
        text = getattr(entry, column)
        try:
            numbers[column] = float(text or missing)
        except ValueError:
            return f"the {column.replace('_', ' ')} {text!r} is not a number"
        if text and not 0 <= numbers[column] < np.inf:
            return f"the {column.replace('_', ' ')} {text!r} is not a number of at least 0"
    uses = int(numbers["uses"])
    row = _Row(smiles, uses, uses, numbers["price"], numbers["lead_time"], entry.source or source)
    kept[key] = _merged(kept[key], row) if key in kept else row
    return ""


def _merged(old: _Row, new: _Row) -> _Row:
    """Two rows of one molecule: the form used most, all uses, the lowest price and where it holds."""
    form = new if (new.most > old.most and new.smiles) or not old.smiles else old
    cheap = new if new.price < old.price or (np.isnan(old.price) and not np.isnan(new.price)) else old
    return _Row(
        form.smiles, max(old.most, new.most), old.uses + new.uses, cheap.price, cheap.days, cheap.source
    )


def _assemble(kept: Mapping[int, _Row], about: Mapping[str, Any]) -> Stock:
    rows = list(kept.values())
    sources = tuple(dict.fromkeys(row.source for row in rows))
    if len(sources) > np.iinfo(np.int16).max:
        raise DataError(f"{len(sources):,} different sources", hint="a stock knows at most 32,767")
    number = {source: i for i, source in enumerate(sources)}
    return Stock(
        Texts.of(row.smiles for row in rows),
        np.fromiter(kept, np.uint64, len(kept)),
        np.array([min(row.uses, 2**32 - 1) for row in rows], np.uint32),
        np.array([row.price for row in rows], np.float32),
        np.array([row.days for row in rows], np.float32),
        np.array([number[row.source] for row in rows], np.int16),
        sources,
        about,
    )
