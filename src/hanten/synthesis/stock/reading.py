"""Rows of a user's file as raw entries: SMILES, CSV, TSV, SDF, or lists of InChIKeys; gzip too."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from rdkit import Chem, rdBase

from hanten.errors import DataError, UnknownNameError, did_you_mean

#: What columns are called, folded and without units.
NAMES: Mapping[str, tuple[str, ...]] = {
    "smiles": ("smiles", "structure", "canonical_smiles", "canonical", "molecule", "mol", "inchikey", "inchi_key"),
    "price": ("price", "price_usd_per_g", "ppg", "ppg_usd", "usd_per_g", "price_per_gram", "cost"),
    "lead_time": ("lead_time", "lead_time_days", "leadtime", "days", "delivery_days"),
    "source": ("source", "vendor", "supplier", "catalog", "catalogue", "stock"),
    "uses": ("uses", "n_patent_uses", "popularity", "count"),
}  # fmt: skip
TABLES = (".csv", ".tsv")
SDF = (".sdf", ".sd")


@dataclass(frozen=True)
class Entry:
    """One row as it stands in the file.

    Attributes
    ----------
    row : int
        Line of a text file, record of an SDF; counted from 1.
    text : str
        SMILES or InChIKey.
    price, lead_time, uses, source : str
        As written; empty where the file says nothing.
    problem : str
        Why the row cannot be read, where the file itself is at fault.
    """

    row: int
    text: str
    price: str = ""
    lead_time: str = ""
    uses: str = ""
    source: str = ""
    problem: str = ""


def read_entries(path: str | Path, columns: Mapping[str, str] | None = None) -> Iterator[Entry]:
    """Entries of a file, in order; none is left out.

    Parameters
    ----------
    path : path
        ``.smi``, ``.txt`` (a structure a line, a name may follow), ``.csv``, ``.tsv``, ``.sdf``; also ``.gz``.
    columns : mapping, optional
        For tables: our name (``smiles``, ``price``, ``lead_time``, ``source``, ``uses``) -> column of the file.

    Raises
    ------
    DataError
        If the file is missing, empty or not text.
    UnknownNameError
        If a named column is not there, or none looks like structures.
    """
    path = Path(path)
    kind = _suffix(path)
    try:
        if kind in SDF:
            yield from _sdf(path)
        else:
            with _open(path) as handle:
                yield from (_table(handle, path, columns or {}) if kind in TABLES else _lines(handle))
    except OSError as error:
        raise DataError(f"cannot be read: {error.strerror or error}", where=str(path)) from error
    except UnicodeDecodeError as error:
        raise DataError(
            f"the file is not UTF-8 text (byte {error.start})", where=str(path), hint="save it as UTF-8"
        ) from error


def _suffix(path: Path) -> str:
    suffixes = [s.lower() for s in path.suffixes]
    if suffixes and suffixes[-1] == ".gz":
        suffixes.pop()
    return suffixes[-1] if suffixes else ""


def _open(path: Path) -> IO[str]:
    if path.suffix.lower() == ".gz":
        return gzip.open(path, "rt", encoding="utf-8-sig", newline="")
    return path.open(encoding="utf-8-sig", newline="")


def _lines(handle: IO[str]) -> Iterator[Entry]:
    """A structure a line; the first word counts. A first line that is a heading is left out."""
    for number, line in enumerate(handle, start=1):
        word = line.split()[0] if line.strip() else ""
        if word and not (number == 1 and word.lower() in NAMES["smiles"]):
            yield Entry(number, word)


def _table(handle: IO[str], path: Path, wanted: Mapping[str, str]) -> Iterator[Entry]:
    reader = csv.reader(handle, delimiter="\t" if _suffix(path) == ".tsv" else ",")
    header = next(reader, None)
    if not header:
        raise DataError("the file is empty", where=str(path), hint="the first line names the columns")
    at = _places(header, path, wanted)
    for cells in reader:
        if any(cell.strip() for cell in cells):
            row = {key: cells[i].strip() if i < len(cells) else "" for key, i in at.items()}
            yield Entry(reader.line_num, row.pop("smiles"), **row)


def _places(header: list[str], path: Path, wanted: Mapping[str, str]) -> dict[str, int]:
    """Our names -> column numbers."""
    unknown = [key for key in wanted if key not in NAMES]
    if unknown:
        raise UnknownNameError(f"a stock has no {unknown[0]!r}", hint=did_you_mean(unknown[0], NAMES))
    folded = [name.strip().casefold().replace(" ", "_") for name in header]
    at: dict[str, int] = {}
    for key, usual in NAMES.items():
        if key in wanted:
            if wanted[key] not in header:
                hint = did_you_mean(wanted[key], header)
                raise UnknownNameError(f"there is no column {wanted[key]!r}", where=str(path), hint=hint)
            at[key] = header.index(wanted[key])
        else:
            found = [folded.index(name) for name in usual if name in folded]
            at |= {key: found[0]} if found else {}
    if "smiles" not in at and len(header) == 1:
        at["smiles"] = 0
    if "smiles" not in at:
        raise UnknownNameError(
            f"which column holds the structures? There are: {', '.join(header)}",
            where=str(path),
            hint="name it with --column smiles=COL",
        )
    return at


def _sdf(path: Path) -> Iterator[Entry]:
    compressed = path.suffix.lower() == ".gz"
    with gzip.open(path, "rb") if compressed else path.open("rb") as handle, rdBase.BlockLogs():
        for number, mol in enumerate(Chem.ForwardSDMolSupplier(handle), start=1):
            if mol is None:
                yield Entry(number, "", problem="RDKit cannot read this record")
                continue
            names = {name.casefold().replace(" ", "_"): name for name in mol.GetPropNames()}
            row = {
                key: next((str(mol.GetProp(names[name])) for name in usual if name in names), "")
                for key, usual in NAMES.items()
                if key != "smiles"
            }
            yield Entry(number, Chem.MolToSmiles(mol), **row)
