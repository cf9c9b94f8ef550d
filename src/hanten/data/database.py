"""The property database: one file (or server) of records that remembers where each came from.

Examples
--------
>>> from hanten.data import Record, open_database
>>> db = open_database(":memory:")
>>> added = db.add([Record.of("*CC(*)c1ccccc1", "Tg", 100, "degC", source="handbook")])
>>> db.query("Tg", minimum="350 K")[["canonical", "value", "unit"]].values.tolist()
[['*CC(*)c1ccccc1', 373.15, 'K']]
>>> _ = db.undo()
>>> len(db)
0
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd
import sqlalchemy as sa

from hanten.data import engine as connections
from hanten.data import migrations, schema, search, writing
from hanten.data.records import Record
from hanten.errors import DataError
from hanten.runs import atomic_write

_LOCK = 0x68616E74656E  # "hanten"
EXPORT_SUFFIXES = (".csv", ".xlsx", ".json")


def open_database(path_or_url: str | Path | None = None, *, create: bool = True) -> Database:
    """Open the database, or make it.

    Parameters
    ----------
    path_or_url : path or str, optional
        An SQLite file, ``":memory:"``, or an SQLAlchemy URL such as ``postgresql://user@host/name``. By
        default what the environment variable ``HANTEN_DATABASE`` names, else ``records.db`` in ``HANTEN_HOME`` or
        in the user's data folder (``~/.local/share/hanten`` on Linux).
    create : bool
        Whether to make a database that does not exist yet.

    Returns
    -------
    Database

    Raises
    ------
    DataError
        If it does not exist and ``create`` is false; if the file is no database of hanten, is cut short or
        damaged, or was made by a newer version. A file that is refused is not changed.

    Examples
    --------
    >>> len(open_database(":memory:"))
    0
    """
    place = connections.default_location() if path_or_url is None else str(path_or_url)
    engine, where = connections.connect(place, create=create)
    database = Database(engine, where)
    database._prepare()  # noqa: SLF001  (the other half of the constructor, which may fail)
    return database


class Database:
    """Records in an SQL database. Made by :func:`open_database`.

    Every method opens its own connection and closes it, so there is nothing to close, and several processes
    may work on the same database: writers wait for each other (up to a minute), readers never wait.

    Attributes
    ----------
    where : str
        The file or URL, without password.
    """

    def __init__(self, engine: sa.Engine, where: str) -> None:
        self._engine, self.where = engine, where
        self._writer = engine.execution_options(writing=True)

    def add(self, records: Iterable[Record], name: str = "added in Python") -> writing.Written:
        """Write ``records`` as one import, all or none; identical ones that are there already are left out.

        Returns
        -------
        Written
            How many, which were left out, and which differ from what was there.
        """
        return self.write(list(records), writing.Origin(name))

    def write(self, records: list[Record], origin: writing.Origin) -> writing.Written:
        """As :meth:`add`, remembering where the records come from."""
        with self._writing() as connection:
            return writing.write(connection, records, origin)

    def known_values(self, records: list[Record]) -> dict[str, list[float]]:
        """The values already stored for the same measurements, by :attr:`Record.key`."""
        with self._reading() as connection:
            return writing.known_values(connection, records)

    def query(
        self,
        property: str | None = None,  # noqa: A002  (the word of the field)
        *,
        minimum: float | str | None = None,
        maximum: float | str | None = None,
        method: str | None = None,
        source: str | None = None,
        kind: str | None = None,
        substructure: str | None = None,
        similar_to: str | None = None,
        threshold: float = 0.5,
        limit: int | None = None,
    ) -> pd.DataFrame:
        """The records that pass all the filters given.

        Parameters
        ----------
        property : str, optional
            Name or alias.
        minimum, maximum : float or str, optional
            Inclusive; a number in the unit of the property, or text with a unit: ``"450 K"``, ``"177 degC"``.
        method : {"experiment", "molecular dynamics", "quantum chemistry", "model"}, optional
            How the value was got.
        source : str, optional
            Part of the source, in any case.
        kind : {"polymer", "molecule", "composition"}, optional
            What the material is.
        substructure : str, optional
            SMARTS. Found in polymers also across the bond between two repeat units.
        similar_to : str, optional
            PSMILES or SMILES. Adds the column ``similarity`` and puts the most similar first: Tanimoto
            similarity of the Morgan counts (radius 2) of one repeat unit.
        threshold : float in [0, 1]
            Similarity at least.
        limit : int, optional
            Rows at most.

        Returns
        -------
        pandas.DataFrame
            One row per record, oldest first. ``temperature`` is in K, ``pressure`` in Pa.
        """
        wanted = search.Filter(
            property, minimum, maximum, method, source, kind, substructure, similar_to, threshold, limit
        )
        with self._reading() as connection:
            return search.find(connection, wanted)

    def records(self, **filters: Any) -> list[Record]:
        """The records that pass ``filters`` (those of :meth:`query`), as objects."""
        names = [name for name in Record.__dataclass_fields__ if name in search.COLUMNS]
        frame = self.query(**filters)[names].astype(object)
        return [Record(**row) for row in frame.where(frame.notna(), None).to_dict("records")]

    def stats(self) -> pd.DataFrame:
        """One row per property and method: records, materials, smallest, median, mean and largest value."""
        chosen = schema.records.c
        statement = sa.select(chosen.property, chosen.unit, chosen.method, chosen.value, chosen.material_id)
        with self._reading() as connection:
            frame = search.table_of(connection, statement)
        summary = frame.groupby(["property", "unit", "method"], sort=True).agg(
            records=("value", "size"),
            materials=("material_id", "nunique"),
            min=("value", "min"),
            median=("value", "median"),
            mean=("value", "mean"),
            max=("value", "max"),
        )
        return summary.reset_index()

    def export(self, path: str | Path, **filters: Any) -> int:
        """Write the records that pass ``filters`` to a CSV, XLSX or JSON file, and say how many.

        The file appears only when it is complete, and :func:`hanten.data.import_file` reads it back.

        Raises
        ------
        DataError
            If the name ends in something else.
        """
        path = Path(path)
        suffix = path.suffix.lower()
        if suffix not in EXPORT_SUFFIXES:
            raise DataError(
                f"cannot export to {path.suffix or 'a name without ending'!r}",
                hint="use .csv, .xlsx or .json",
            )
        frame = self.query(**filters).drop(columns=["id", "import_id"])
        with atomic_write(path, "wb" if suffix == ".xlsx" else "w") as handle:
            if suffix == ".csv":
                frame.to_csv(handle, index=False)
            elif suffix == ".json":
                frame.to_json(handle, orient="records", indent=1, force_ascii=False, double_precision=15)
            else:
                buffer = io.BytesIO()
                frame.to_excel(buffer, index=False, sheet_name="records")
                handle.write(buffer.getvalue())
        return len(frame)

    def imports(self) -> pd.DataFrame:
        """What came in together, oldest first: number, name, date, rows, records, when it was undone."""
        columns = ["id", "name", "created", "n_rows", "n_records", "undone", "sha256"]
        statement = sa.select(*[schema.imports.c[name] for name in columns]).order_by(schema.imports.c.id)
        with self._reading() as connection:
            return search.table_of(connection, statement)

    def undo(self, import_id: int | None = None) -> dict[str, Any]:
        """Take back an import, by default the latest one, and say which it was.

        A record that two imports brought belongs to the first of them.

        Raises
        ------
        DataError
            If there is none, or it was undone before.
        """
        with self._writing() as connection:
            return writing.undo(connection, import_id)

    def __len__(self) -> int:
        with self._reading() as connection:
            return int(connection.scalar(sa.select(sa.func.count()).select_from(schema.records)) or 0)

    def __repr__(self) -> str:
        return f"<Database {self.where}: {len(self)} records>"

    def _repr_html_(self) -> str:
        return f"<p>{self.where}: {len(self)} records</p>{self.stats().to_html(index=False)}"

    def _prepare(self) -> None:
        """Bring the tables up to date, unless the database belongs to another program or a newer version."""
        with self._reading() as connection:
            tables = sa.inspect(connection).get_table_names()
            foreign = tables and schema.migrations.name not in tables
            to_run = migrations.missing(connection, self.where)
            lite = connection.dialect.name == "sqlite"
        if foreign and lite:
            hint = "give another file with --db"
            raise DataError("this is an SQLite database of another program", where=self.where, hint=hint)
        if to_run:
            if lite:
                self._journal()
            with self._writing() as connection:
                migrations.migrate(connection, self.where)

    def _journal(self) -> None:
        """Write-ahead logging: readers and one writer at the same time."""
        with connections.explained(self.where), self._engine.connect() as connection:
            raw = connection.connection.dbapi_connection
            assert raw is not None
            raw.execute("PRAGMA journal_mode = WAL")  # type: ignore[attr-defined]

    @contextmanager
    def _reading(self) -> Iterator[sa.Connection]:
        with connections.explained(self.where), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def _writing(self) -> Iterator[sa.Connection]:
        """A transaction: all is written at its end or nothing; one writer at a time on every database."""
        with connections.explained(self.where), self._writer.begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
            yield connection
