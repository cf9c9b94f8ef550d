"""INPUT as every command takes it: a string, a file, or ``-`` for standard input."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from hanten.errors import DataError, UnknownNameError, did_you_mean

if TYPE_CHECKING:
    import pandas as pd

STRUCTURE_COLUMNS = (
    "psmiles",
    "structure",
    "smiles",
    "polymer",
    "repeat_unit",
    "canonical",
    "composition",
    "formula",
    "reactants",
)
TABLE_SUFFIXES = (".csv", ".tsv", ".xlsx", ".json", ".smi", ".txt")


def read_input(words: tuple[str, ...], structure_column: str | None = None) -> tuple[pd.DataFrame, str]:
    """The table behind ``words`` and the name of its structure column.

    Structures given as words become a table with the one column ``input``, and so does a list of structures without a
    line that names the column.

    Raises
    ------
    DataError
        If a file is missing, empty or unreadable.
    UnknownNameError
        If the structure column is not there, with the closest columns.
    """
    import pandas as pd

    if len(words) == 1 and (
        words[0] == "-" or Path(words[0]).suffix.lower() in TABLE_SUFFIXES or Path(words[0]).is_file()
    ):
        table = _read(words[0])
        if structure_column is None and (structures := _without_header(table)) is not None:
            return structures, "input"
        table = _not_empty(table, words[0])
        return table, find_structure_column(table, structure_column, words[0])
    return pd.DataFrame({"input": list(words)}, dtype=object), "input"


def read_table(name: str) -> pd.DataFrame:
    """A table of text from a CSV, TSV, XLSX, JSON or SMILES-per-line file; ``-`` is CSV on standard input."""
    return _not_empty(_read(name), name)


def _not_empty(table: pd.DataFrame, where: str) -> pd.DataFrame:
    if table.empty:
        raise DataError("the file has no rows", where=where)
    return table


def _without_header(table: pd.DataFrame) -> pd.DataFrame | None:
    """A list of structures whose first was taken for the name of the only column; None if it is no such list."""
    import pandas as pd

    if len(table.columns) != 1:
        return None
    first = str(table.columns[0]).strip()
    if first.casefold() in STRUCTURE_COLUMNS or not _is_structure(first):
        return None
    return pd.DataFrame({"input": [first, *table.iloc[:, 0]]}, dtype=object)


def _is_structure(text: str) -> bool:
    from rdkit import Chem, rdBase

    from hanten.chem.composition import is_formula

    with rdBase.BlockLogs():
        return bool(text) and (is_formula(text) or Chem.MolFromSmiles(text) is not None)


def _read(name: str) -> pd.DataFrame:
    import pandas as pd

    path = Path(name)
    if name != "-" and not path.is_file():
        raise DataError(
            "there is no such file",
            where=name,
            hint="give a file, a structure such as '*CC*', or - for standard input",
        )
    source = sys.stdin if name == "-" else path
    try:
        if path.suffix.lower() == ".xlsx":
            table = pd.read_excel(path, dtype=object)
        elif path.suffix.lower() == ".json":
            table = pd.DataFrame(pd.read_json(path, orient="records", dtype=False, convert_dates=False))
        elif path.suffix.lower() in {".smi", ".txt"}:
            lines = path.read_text(encoding="utf-8").splitlines()
            table = pd.DataFrame(
                {"smiles": [line.split()[0] for line in lines if line.strip()]}, dtype=object
            )
        else:
            table = pd.read_csv(
                source,
                dtype=object,
                keep_default_na=False,
                sep="\t" if path.suffix.lower() == ".tsv" else ",",
            )
    except pd.errors.EmptyDataError as error:
        raise DataError("the file is empty", where=name, hint="the first line names the columns") from error
    except UnicodeDecodeError as error:
        raise DataError(
            f"the file is not UTF-8 text (byte {error.start})", where=name, hint="save it as CSV UTF-8"
        ) from error
    except (ValueError, OSError, KeyError) as error:
        raise DataError(f"the file cannot be read as a table: {error}", where=name) from error
    return table


def find_structure_column(table: pd.DataFrame, wanted: str | None, where: str) -> str:
    """The column that holds structures: ``wanted``, else the first usual name, else the only column."""
    if wanted is not None:
        if wanted in table.columns:
            return wanted
        raise UnknownNameError(
            f"there is no column {wanted!r}", where=where, hint=did_you_mean(wanted, map(str, table.columns))
        )
    folded = {str(column).strip().casefold(): column for column in table.columns}
    for name in STRUCTURE_COLUMNS:
        if name in folded:
            return str(folded[name])
    if len(table.columns) == 1:
        return str(table.columns[0])
    columns = ", ".join(map(str, table.columns))
    raise UnknownNameError(
        f"which column holds the structures? There are: {columns}",
        where=where,
        hint="name it with --structure COL",
    )
