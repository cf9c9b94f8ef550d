"""Public data sets as one kind of table: one row per structure and value, in registry units.

What each file calls its columns, which unit it means and which method made the number stands in
:mod:`hanten.data.sources`; the code here is the same for all. A row is never dropped: what cannot be read
keeps its place with the reason in ``error``, and what can be read but should not be trained on says why in
``flag``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from hanten.data.catalog import Dataset, get_dataset
from hanten.data.fetching import locate
from hanten.data.sources import CORPORA, READERS, Column
from hanten.errors import DataError, StructureError, UnknownNameError, did_you_mean
from hanten.properties import convert, get_property

COLUMNS = [
    "structure", "canonical", "property", "value", "unit", "method", "source",
    "std", "count", "temperature", "class", "error", "flag",
]  # fmt: skip


def load_dataset(name: str, property: str | None = None, *, clean: bool = False) -> pd.DataFrame:  # noqa: A002 -- the word the user knows
    """Records of a public data set, one row per structure and value, in registry units.

    Parameters
    ----------
    name : str
        As in :func:`hanten.data.list_datasets`.
    property : str, optional
        Only this property; any alias.
    clean : bool
        Keep only rows with neither ``error`` nor ``flag``: what one would train on.

    Returns
    -------
    pandas.DataFrame
        Columns ``structure`` (as the file writes it, without wrappers), ``canonical``, ``property``,
        ``value``, ``unit``, ``method`` (experiment, molecular dynamics, quantum chemistry, model),
        ``source``, ``std`` (unit of the value), ``count`` (repeats), ``temperature`` [K], ``class``,
        ``error`` (why the row cannot be used, else ``None``), ``flag`` (why it should not be trained on, else
        ``None``: outside the plausible range of the registry; in radonpy-pi1070 fewer than three blocks; in
        afzal numbers whose polymer is in doubt). mtl-chi has ``solvent`` as well.

    Raises
    ------
    UnknownNameError
        If the name is unknown, the data set has no such property, or holds no values at all.
    DataError
        If its files are not on this machine; the message says how to fetch them.
    """
    dataset = get_dataset(name)
    columns = _columns_of(dataset, property)
    tables = {file: _table(dataset, file, path) for file, path in _needed(dataset, columns).items()}
    frames = [_records(dataset, column, tables[column.file]) for column in columns]
    frame = _canonicalise(pd.concat(frames, ignore_index=True), dataset.kind)
    if clean:
        frame = frame[frame["error"].isna() & frame["flag"].isna()].reset_index(drop=True)
    return frame


def _columns_of(dataset: Dataset, name: str | None) -> list[Column]:
    columns = READERS.get(dataset.name, [])
    if not columns:
        hint = (
            f"`load_structures({dataset.name!r})` reads its structures"
            if dataset.name in CORPORA
            else "`hanten data fetch` gives its files"
        )
        raise UnknownNameError(f"{dataset.name} holds no property values that are read as records", hint=hint)
    if name is None:
        return columns
    wanted = get_property(name).name
    chosen = [column for column in columns if column.property_ == wanted]
    if not chosen:
        near = did_you_mean(wanted, {column.property_ for column in columns})
        raise UnknownNameError(f"{dataset.name} has no {wanted}", hint=near)
    return chosen


def _needed(dataset: Dataset, columns: list[Column]) -> dict[str, Path]:
    files = locate(dataset)
    return {column.file: files[column.file] for column in columns}


def _table(dataset: Dataset, file: str, path: Path) -> pd.DataFrame:
    prepare = _PREPARE.get(file)
    table = _read(path)
    return prepare(table, dataset) if prepare else table


def _read(path: Path) -> pd.DataFrame:
    if path.suffix == ".xlsx":
        return pd.read_excel(path)
    if path.name.endswith((".smi", ".smi.gz")):
        return pd.read_csv(path, header=None, names=["smiles"], sep="\t", quoting=3)
    if path.suffix == ".zip":
        return _read_zip(path)
    try:
        return pd.read_csv(path, low_memory=False)
    except UnicodeDecodeError:
        return pd.read_csv(path, low_memory=False, encoding="latin-1")


def _read_zip(path: Path) -> pd.DataFrame:
    import zipfile

    with zipfile.ZipFile(path) as archive:
        member = next(n for n in archive.namelist() if n.endswith(".csv") and not n.startswith("__MACOSX"))
        with archive.open(member) as handle:
            return pd.read_csv(handle)


def _join_notre_dame(table: pd.DataFrame, dataset: Dataset) -> pd.DataFrame:
    """Put the repeat unit beside each PoLyInfo number, and count the repeats."""
    units = _read(locate(dataset)["PolyInfo_SMILES_PID_v7_20240306.csv"])
    repeats = [f"TC_{i}" for i in range(1, 8)]
    return table.assign(count=table[repeats].notna().sum(axis=1)).merge(units, on="PID", how="left")


def _split_chi(table: pd.DataFrame, _: Dataset) -> pd.DataFrame:
    pair = table["ps_pair_nonCyclic"].str.rpartition("_")
    return table.assign(ps_pair_nonCyclic=pair[0], solvent=pair[2])


def _name_cosmo(table: pd.DataFrame, dataset: Dataset) -> pd.DataFrame:
    """Give each cyclic oligomer of the COSMO file the repeat unit that data_Chi.csv writes beside it."""
    chi = _read(locate(dataset)["data_Chi.csv"])
    ring = chi["ps_pair"].str.rpartition("_")[0]
    unit = chi["ps_pair_nonCyclic"].str.rpartition("_")[0]
    names = dict(zip(ring, unit, strict=True))
    pair = table["ps_pair"].str.rpartition("_")
    return table.assign(ps_pair_nonCyclic=pair[0].map(names), solvent=pair[2])


def _mark_afzal(table: pd.DataFrame, _: Dataset) -> pd.DataFrame:
    """Say which rows may carry another polymer's numbers.

    The rows are sorted by experimental Tg. Among rows that share one Tg the names and structures are out of
    step with the other columns: polystyrene, for one, stands beside a density of 1.92 g/cm3.
    """
    shared = table["Experiment Tg (K)"].duplicated(keep=False)
    reason = "may belong to another polymer of the same experimental Tg"
    return table.assign(doubt=np.array([reason if doubted else None for doubted in shared], dtype=object))


_PREPARE: Mapping[str, Callable[[pd.DataFrame, Dataset], pd.DataFrame]] = {
    "TC_MD_20240306.xlsx": _join_notre_dame,
    "ap0c00524_si_001.csv": _mark_afzal,
    "data_Chi.csv": _split_chi,
    "data_COSMO.csv": _name_cosmo,
}


def _records(dataset: Dataset, column: Column, table: pd.DataFrame) -> pd.DataFrame:
    """The rows of ``table`` that hold a value in ``column``, as records."""
    prop = get_property(column.property_)
    rows = table[table[column.column].notna()]
    raw = pd.to_numeric(rows[column.column], errors="coerce")
    value, std = _values(column, raw.to_numpy(float), _numbers(rows, column.std), prop.unit)
    frame = pd.DataFrame({
        "structure": [_plain(text) for text in rows[column.structure]],
        "canonical": None, "property": prop.name, "value": value, "unit": prop.unit, "method": column.method,
        "source": f"{dataset.name}: {column.file}", "std": std, "count": _numbers(rows, column.count),
        "temperature": _temperature(rows, column),
        "class": rows[column.group].to_numpy() if column.group else None,
        "error": [None if finite else "the value is not a number" for finite in np.isfinite(value)],
    }, columns=COLUMNS)  # fmt: skip
    frame["flag"] = _flags(column, frame, rows[column.doubt] if column.doubt else [None] * len(rows))
    if "solvent" in rows:
        frame["solvent"] = rows["solvent"].to_numpy()
    return frame


def _values(column: Column, raw: np.ndarray, std: np.ndarray, unit: str) -> tuple[np.ndarray, np.ndarray]:
    """Values and standard deviations in ``unit``; a difference of temperatures has no offset."""
    if column.log10:
        return convert(10.0**raw, column.unit, unit), std * np.nan
    if column.unit == "1e-6/K":
        return raw * 1e-6, std * 1e-6
    zero, one = convert([0.0, 1.0], column.unit, unit)
    return convert(raw * column.factor, column.unit, unit), std * column.factor * (one - zero)


def _numbers(rows: pd.DataFrame, column: str | None) -> np.ndarray:
    if column is None:
        return np.full(len(rows), np.nan)
    return pd.to_numeric(rows[column], errors="coerce").to_numpy(float)


def _temperature(rows: pd.DataFrame, column: Column) -> np.ndarray:
    if column.temperature is not None:
        return convert(_numbers(rows, column.temperature), "degC", "K")
    return np.full(len(rows), np.nan if column.kelvin is None else column.kelvin)


def _flags(column: Column, frame: pd.DataFrame, doubts: Iterable[str | None]) -> list[str | None]:
    prop = get_property(column.property_)
    plausible = prop.plausible(frame["value"]) if column.checked else np.isfinite(frame["value"])
    few = frame["count"] < column.min_count
    outside = f"outside the plausible range {prop.low:g} to {prop.high:g} {prop.unit}".rstrip()
    return [
        outside if not good else f"only {count:.0f} repeats" if thin else doubt
        for good, thin, count, doubt in zip(plausible, few, frame["count"], doubts, strict=True)
    ]


def _plain(text: object) -> str | None:
    """A structure without IBM's wrapper, and with head and tail of any spelling written ``*``."""
    if not isinstance(text, str):
        return None
    if text.startswith("<polymer_spg>"):
        body, links = text.removeprefix("<polymer_spg>").partition(";")[::2]
        text = body if links in {"2->1", "1->2"} else f"{body};{links}"
    return re.sub(r"\[(?:Ce|Th|\*:\d+)\]", "*", text.strip())


def _canonicalise(frame: pd.DataFrame, kind: str) -> pd.DataFrame:
    known = {text: _canonical(text, kind) for text in frame["structure"].dropna().unique()}
    pairs = [known.get(text, (None, "no structure is given")) for text in frame["structure"]]
    frame["canonical"] = [pair[0] for pair in pairs]
    frame["error"] = [pair[1] or error for pair, error in zip(pairs, frame["error"], strict=True)]
    return frame


def _canonical(text: str, kind: str) -> tuple[str | None, str | None]:
    from hanten.chem import Molecule, canonical_psmiles

    if ";" in text:
        return None, "several units or links (a copolymer, a ladder or a salt), not one repeat unit"
    try:
        return (canonical_psmiles(text) if kind == "polymer" else Molecule(text).smiles), None
    except StructureError as error:
        return None, str(error)


def load_structures(name: str, *, canonical: bool = False, limit: int | None = None) -> pd.DataFrame:
    """Structures of a corpus that carries no values, as the file writes them.

    Parameters
    ----------
    name : str
        smipoly, smipoly-monomers, polyinfo-structures, seeds-2019, lc-fragments, zinc250k, chembl-union,
        pubchem-iqspr.
    canonical : bool
        Add ``canonical`` and ``error``; minutes for the largest.
    limit : int, optional
        Only the first so many rows.

    Returns
    -------
    pandas.DataFrame
        Columns ``structure``, ``class`` (``None`` where the file has none) and, when asked for, ``canonical``
        and ``error`` (``None``, or why the row is not one repeat unit or molecule).

    Raises
    ------
    UnknownNameError
        If the name is unknown or no corpus.
    DataError
        If its files are not on this machine.
    """
    dataset = get_dataset(name)
    corpus = CORPORA.get(dataset.name)
    if corpus is None:
        raise UnknownNameError(
            f"{dataset.name} is not a corpus of structures", hint=did_you_mean(dataset.name, CORPORA)
        )
    if limit is not None and limit < 1:
        raise DataError(f"limit must be at least 1, not {limit}")
    table = _read(locate(dataset)[corpus.file]).iloc[:limit]
    group = table[corpus.group].to_numpy() if corpus.group else None
    frame = pd.DataFrame({"structure": [_plain(text) for text in table[corpus.column]], "class": group})
    return _canonicalise(frame.assign(error=None), dataset.kind) if canonical else frame
