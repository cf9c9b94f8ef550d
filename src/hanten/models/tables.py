"""Reading a training table from a file, every cell as it stands there."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from hanten.errors import DataError

if TYPE_CHECKING:
    import pandas as pd


def read_training_table(path: Path) -> pd.DataFrame:
    """A CSV, TSV or XLSX file as a table of text.

    Raises
    ------
    DataError
        If it is missing, empty or unreadable.
    """
    import pandas as pd

    if not path.is_file():
        raise DataError("there is no such file", where=str(path))
    try:
        if path.suffix.lower() == ".xlsx":
            return pd.read_excel(path, dtype=object)
        return pd.read_csv(
            path, dtype=object, keep_default_na=False, sep="\t" if path.suffix.lower() == ".tsv" else ","
        )
    except pd.errors.EmptyDataError as error:
        raise DataError(
            "the file is empty", where=str(path), hint="the first line names the columns"
        ) from error
    except (ValueError, KeyError, OSError) as error:
        raise DataError(f"the file cannot be read as a table: {error}", where=str(path)) from error
