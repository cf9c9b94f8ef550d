"""What ``hanten stock`` does: unite lists into one stock, look molecules up, say what was found."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from hanten.errors import ConfigError, DataError, StructureError
from hanten.synthesis.stock.build import Rejected, build_stock_from_file, union
from hanten.synthesis.stock.choosing import DEFAULT, open_stock
from hanten.synthesis.stock.container import is_stock_file
from hanten.synthesis.stock.normal import KEY_PATTERN, normalise
from hanten.synthesis.stock.stock import Stock

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Made:
    """A stock made of several lists.

    Attributes
    ----------
    stock : Stock
    told : tuple of str
        One line for each list.
    rejected : tuple of (str, Rejected)
        File and row.
    """

    stock: Stock
    told: tuple[str, ...]
    rejected: tuple[tuple[str, Rejected], ...]

    def report(self) -> dict[str, Any]:
        """For programs."""
        rows = [{"file": f, "row": r.row, "text": r.text, "reason": r.reason} for f, r in self.rejected]
        return {**self.stock.summary(), "rejected": rows}

    def lines(self, most: int = 5) -> list[str]:
        """For people: each list, and the first rows that are not usable."""
        shown = [f"  {f}, row {r.row}: {r.reason}" for f, r in self.rejected[:most]]
        rest = len(self.rejected) - most
        more = [f"  and {rest:,} more; --rejects FILE.csv writes all"] if rest > 0 else []
        return [*self.told, *shown, *more]


def make_stock(
    inputs: Iterable[Path],
    *,
    name: str | None = None,
    source: str = "",
    columns: Mapping[str, str] | None = None,
    max_price: float | None = None,
    excluded: Sequence[str] = (),
    n_jobs: int = 1,
) -> Made:
    """One stock from files, other stocks and the default stock.

    Raises
    ------
    DataError, UnknownNameError
        If a file cannot be read, or nothing is left.
    StructureError
        If a molecule to exclude cannot be read.
    """
    stocks, told, rejected = [], [], []
    for path in inputs:
        if str(path) == DEFAULT or (path.is_file() and is_stock_file(path)):
            stocks.append(open_stock(path))
            told.append(f"{path}: {len(stocks[-1]):,} molecules")
        else:
            built = build_stock_from_file(path, source=source, columns=columns, n_jobs=n_jobs)
            stocks.append(built.stock)
            told.append(f"{path}: {built}")
            rejected += [(str(path), row) for row in built.rejected]
    for molecule in excluded:
        normalise(molecule)  # a wrong SMILES is told, not passed over
    stock = stocks[0] if len(stocks) == 1 else union(*stocks)
    stock = stock.excluding(*excluded)
    keep = stock.available & (True if max_price is None else ~(np.asarray(stock.prices) > max_price))
    if not keep.any():
        raise DataError("no molecule is left for the stock", hint="exclude less, or raise --max-price")
    if not keep.all():
        told.append(f"{len(keep) - int(keep.sum()):,} molecules left out as asked")
        stock = stock.filter(keep)
    about = {**stock.about, "name": name or stock.name}
    return Made(replace(stock, about=about), tuple(told), tuple(rejected))


def split_columns(words: Iterable[str]) -> dict[str, str]:
    """``ours=column`` words as a mapping.

    Examples
    --------
    >>> split_columns(["price=Price (USD/g)"])
    {'price': 'Price (USD/g)'}
    """
    pairs = [word.partition("=") for word in words]
    for ours, equals, column in pairs:
        if not (ours and equals and column):
            raise ConfigError(f"{ours + equals + column!r} is not OURS=COL", hint="for example price=USD/g")
    return {ours.strip(): column for ours, _, column in pairs}


def rejects_table(made: Made) -> pd.DataFrame:
    """Rows that are not usable: file, row, text, reason."""
    import pandas as pd

    rows = [(file, row.row, row.text, row.reason) for file, row in made.rejected]
    return pd.DataFrame(rows, columns=["file", "row", "text", "reason"])


def lookup(stock: Stock, molecules: Iterable[str], count: int = 0) -> list[dict[str, Any]]:
    """For each molecule whether it is in stock, its data, and its nearest members; a bad row has its ``error``.

    Examples
    --------
    >>> from hanten.synthesis.stock import build_stock
    >>> stock = build_stock(["CCO", "CCCO"], name="mine").stock
    >>> rows = lookup(stock, ["OCC", "CCN", "C1"], count=1)
    >>> [(row["in_stock"], row["error"] is None) for row in rows]
    [(True, True), (False, True), (None, False)]
    """
    return [_look_up(stock, str(molecule), count) for molecule in molecules]


def _look_up(stock: Stock, molecule: str, count: int) -> dict[str, Any]:
    row: dict[str, Any] = {"molecule": molecule, "in_stock": None, "smiles": None, "inchikey": None}
    row |= {"stock": None, "source": None, "price": None, "lead_time": None, "uses": None, "error": None}
    key_only = KEY_PATTERN.fullmatch(molecule.strip())
    try:
        row["inchikey"] = molecule.strip() if key_only else normalise(molecule).key
    except StructureError as error:
        return row | {"error": str(error)} | ({"nearest": []} if count else {})
    member = stock.find(molecule)
    row["in_stock"] = member is not None
    if member is not None:
        row |= {"smiles": member.smiles or None, "stock": stock.name, "source": member.source}
        row |= {"price": member.price, "lead_time": member.lead_time, "uses": member.uses}
    if count:
        row["nearest"] = [] if key_only else _nearest(stock, molecule, count)
    return row


def _nearest(stock: Stock, molecule: str, count: int) -> list[dict[str, Any]]:
    places, values = stock.neighbours(molecule, count)
    found = zip(places, values, strict=True)
    return [{"smiles": stock.smiles[int(i)], "similarity": round(float(v), 3)} for i, v in found]


def lookup_frame(rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Rows of :func:`lookup` as a table; the nearest members become one column."""
    import pandas as pd

    flat = [dict(row) for row in rows]
    for row in flat:
        if "nearest" in row:
            row["nearest"] = "; ".join(f"{n['smiles']} ({n['similarity']:.2f})" for n in row["nearest"])
    return pd.DataFrame(flat, dtype=object)
