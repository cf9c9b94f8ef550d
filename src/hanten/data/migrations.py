"""Named migrations, oldest first. One that was published is never changed; new ones go to the end.

Each database remembers by name which migrations it has had, so an old file is brought up to date when it is
opened for writing, and a file from a newer hanten is refused instead of damaged.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence

import sqlalchemy as sa

from hanten._version import __version__
from hanten.data import schema
from hanten.errors import DataError

Migration = Callable[[sa.Connection], None]


def m001_tables(connection: sa.Connection) -> None:
    """Materials, imports and records, as they were in the first version."""
    first = sa.MetaData()
    text, number = sa.Text, sa.Float(53)
    sa.Table(
        "imports",
        first,
        sa.Column("id", sa.Integer, primary_key=True),
        *[sa.Column(name, text, nullable=False) for name in ("name", "sha256", "created")],
        sa.Column("undone", text),
        *[sa.Column(name, text, nullable=False) for name in ("version", "mapping")],
        *[sa.Column(name, sa.Integer, nullable=False) for name in ("n_rows", "n_records")],
    )
    sa.Table(
        "materials",
        first,
        sa.Column("id", sa.Integer, primary_key=True),
        *[sa.Column(name, text, nullable=False) for name in ("kind", "canonical")],
        sa.UniqueConstraint("kind", "canonical"),
    )
    sa.Table(
        "records",
        first,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("material_id", sa.ForeignKey("materials.id"), nullable=False, index=True),
        sa.Column("import_id", sa.ForeignKey("imports.id"), nullable=False, index=True),
        *[sa.Column(name, text, nullable=False) for name in ("key", "structure", "property")],
        sa.Column("value", number, nullable=False),
        sa.Column("unit", text, nullable=False),
        sa.Column("uncertainty", number),
        sa.Column("method", text, nullable=False),
        *[sa.Column(name, number) for name in ("temperature", "pressure")],
        *[
            sa.Column(name, text, nullable=False)
            for name in ("sample_state", "source", "doi", "licence", "date")
        ],
        sa.UniqueConstraint("key", "value"),
        sa.Index("records_by_property", "property", "value"),
    )
    first.create_all(connection)


MIGRATIONS: list[Migration] = [m001_tables]


def applied(connection: sa.Connection) -> list[str] | None:
    """Names of the migrations the database has had, oldest first; ``None`` if it was never hanten's."""
    if not sa.inspect(connection).has_table(schema.migrations.name):
        return None
    return list(connection.scalars(sa.select(schema.migrations.c.name).order_by(schema.migrations.c.name)))


def missing(connection: sa.Connection, where: str, known: Sequence[Migration] = ()) -> list[Migration]:
    """The migrations still to be run.

    Raises
    ------
    DataError
        If the database has had a migration that this program does not know: it belongs to a newer version.
    """
    known = known or MIGRATIONS
    done = applied(connection) or []
    unknown = sorted(set(done) - {migration.__name__ for migration in known})
    if unknown:
        raise DataError(
            f"the database was made by a newer hanten than {__version__} (it has had {', '.join(unknown)})",
            where=where,
            hint="upgrade: pip install --upgrade hanten",
        )
    return [migration for migration in known if migration.__name__ not in done]


def migrate(connection: sa.Connection, where: str, known: Sequence[Migration] = ()) -> list[str]:
    """Run what is missing, in order, and remember it; the caller's transaction makes it all or nothing.

    Returns
    -------
    list of str
        Names of the migrations that were run.
    """
    to_run = missing(connection, where, known)
    if to_run:
        schema.metadata.create_all(connection, tables=[schema.migrations])
    for migration in to_run:
        migration(connection)
        now = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
        row = {"name": migration.__name__, "applied": now, "version": __version__}
        connection.execute(sa.insert(schema.migrations).values(row))
    return [migration.__name__ for migration in to_run]
