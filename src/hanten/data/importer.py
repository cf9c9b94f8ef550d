r"""Import of a table in two steps: a plan to look at, then one transaction that writes all of it or nothing.

Examples
--------
>>> import pathlib, tempfile
>>> from hanten.data import open_database, plan_import
>>> path = pathlib.Path(tempfile.mkdtemp()) / "mine.csv"
>>> _ = path.write_text("SMILES,Tg [degC]\n*CC(*)c1ccccc1,100\n*CC*,hot\n")
>>> plan = plan_import(path)
>>> [(problem.row, problem.column, problem.reason) for problem in plan.problems]
[(3, 'Tg [degC]', "'hot' is not a number")]
>>> plan.write(open_database(":memory:"), skip_bad=True).n_records
1
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

import pandas as pd

from hanten.data.database import Database
from hanten.data.mapping import ColumnMapping, guess_mapping
from hanten.data.records import Record
from hanten.data.rows import Problem, Reader, parse_defaults
from hanten.data.tables import Table, read_table
from hanten.data.writing import Origin, Written, separate
from hanten.errors import DataError


@dataclass(frozen=True)
class ImportPlan:
    """What an import will write, before it does.

    Parameters
    ----------
    table : Table
        As it was read.
    mapping : ColumnMapping
        What the columns mean.
    records : tuple of Record
        Of the good rows, in order.
    problems : tuple of Problem
        Of the bad rows, in order. A row is imported whole or not at all.
    warnings : tuple of str
        What looks wrong and is imported all the same: unit conflicts, implausible values, twins.
    """

    table: Table
    mapping: ColumnMapping
    records: tuple[Record, ...] = field(repr=False)
    problems: tuple[Problem, ...] = field(repr=False)
    warnings: tuple[str, ...]

    @property
    def n_rows(self) -> int:
        """Rows of the table, good and bad."""
        return len(self.table.frame) + len(self.table.ragged)

    @property
    def n_bad(self) -> int:
        """Rows with at least one problem."""
        return len({problem.row for problem in self.problems})

    def preview(self, n: int = 5) -> pd.DataFrame:
        """The first ``n`` records, as they will be written."""
        names = ["canonical", "property", "value", "unit", "method", "temperature", "source"]
        rows = [[getattr(record, name) for name in names] for record in self.records[:n]]
        return pd.DataFrame(rows, columns=names)

    def problem_frame(self) -> pd.DataFrame:
        """All problems, one per row: ``row``, ``column``, ``cell``, ``reason``."""
        names = ["row", "column", "cell", "reason"]
        return pd.DataFrame([[getattr(p, name) for name in names] for p in self.problems], columns=names)

    def compare(self, database: Database) -> tuple[int, int]:
        """How many of the records are there already, and how many differ in value from one that is."""
        distinct, _, _ = separate(self.records, {})
        known = database.known_values(distinct)
        identical = [record for record in distinct if record.value in known.get(record.key, [])]
        differing = [
            record for record in distinct if known.get(record.key) and record.value not in known[record.key]
        ]
        return len(identical), len(differing)

    def refuse(self) -> NoReturn:
        """Raise the error of an import that is not made because of its bad rows."""
        message = (
            f"{self.n_bad} of {self.n_rows} rows are bad, so nothing was imported; first {self.problems[0]}"
        )
        raise DataError(
            message, where=self.table.name, hint="mend them, or import the others with --skip-bad"
        )

    def write(self, database: Database, *, skip_bad: bool = False) -> Written:
        """Write the records in one transaction.

        Raises
        ------
        DataError
            If there are bad rows and ``skip_bad`` is false, or the database cannot be written. Nothing was
            written.
        """
        if self.problems and not skip_bad:
            self.refuse()
        if not self.records:
            raise DataError("no row holds a value that can be imported", where=self.table.name)
        mapping = json.dumps(self.mapping.frame().to_dict("records"), ensure_ascii=False)
        origin = Origin(self.table.name, self.table.sha256, mapping, self.n_rows)
        return database.write(list(self.records), origin)


def import_file(path: str | Path, database: Database, *, skip_bad: bool = False, **options: Any) -> Written:
    """Plan and write at once; ``options`` are those of :func:`plan_import`."""
    return plan_import(path, **options).write(database, skip_bad=skip_bad)


def plan_import(
    path: str | Path,
    *,
    mapping: Mapping[str, str] | None = None,
    structure: str | None = None,
    kind: str | None = None,
    defaults: Mapping[str, str] | None = None,
    encoding: str | None = None,
    n_jobs: int = 1,
) -> ImportPlan:
    """Read a CSV, XLSX or JSON table, guess what its columns mean, and check every row.

    Parameters
    ----------
    path : path
        The table. One column per property (``Tg [degC]``), or the columns property, value and unit.
    mapping : dict of str to str
        Column to meaning, where the guess is wrong: ``{"Tg (exp)": "Tg:degC", "remark": "-"}``.
    structure : str, optional
        The column with the structures.
    kind : {"polymer", "molecule", "composition"}, optional
        What they describe.
    defaults : dict of str to str
        For rows that do not say it: ``method``, ``source``, ``doi``, ``licence``, ``date``, ``sample_state``,
        ``temperature``, ``pressure``. The source is the name of the file if nothing else is said.
    encoding : str, optional
        Of a text file.
    n_jobs : int
        Processes that read structures.

    Returns
    -------
    ImportPlan

    Raises
    ------
    DataError, UnknownNameError, UnitError
        If the file cannot be read, or a column is missing or not understood.
    """
    table = read_table(path, encoding)
    given = parse_defaults({"source": table.name} | dict(defaults or {}))
    meaning = guess_mapping(
        table.frame, where=table.name, overrides=mapping, structure=structure, kind=kind, defaults=given
    )
    return ImportPlan(table, meaning, *Reader(table, meaning, n_jobs).read())
