"""Connections: where the database lies, how SQLite is set up, and what its errors mean."""

from __future__ import annotations

import os
import sqlite3
import struct
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import sqlalchemy as sa
from sqlalchemy.pool import NullPool, StaticPool

from hanten.errors import ConfigError, DataError, MissingExtraError

BUSY_SECONDS = 60.0
_HEADER = b"SQLite format 3\x00"


def default_location() -> str:
    r"""Where the database is when nothing else is said.

    That is what ``HANTEN_DATABASE`` names, else ``records.db`` in the folder ``HANTEN_HOME``, else in the
    user's data folder.

    The user's data folder is ``$XDG_DATA_HOME/hanten`` (``~/.local/share/hanten``), ``~/Library/Application
    Support/hanten`` on macOS, ``%LOCALAPPDATA%\hanten`` on Windows.
    """
    if named := os.environ.get("HANTEN_DATABASE"):
        return named
    if folder := os.environ.get("HANTEN_HOME"):
        return str(Path(folder) / "records.db")
    home = Path.home()
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = home / "Library" / "Application Support"
    else:
        base = Path(os.environ.get("XDG_DATA_HOME") or home / ".local" / "share")
    return str(base / "hanten" / "records.db")


def connect(place: str, *, create: bool) -> tuple[sa.Engine, str]:
    """An engine for a file, ``":memory:"`` or an SQLAlchemy URL, and its name for messages.

    Raises
    ------
    DataError
        If the file is not there (and ``create`` is false), or is not a usable SQLite file. It is not touched.
    """
    if "://" in place and not place.startswith("sqlite"):
        return _server(place)
    path = place.split("://", 1)[-1].removeprefix("/") if place.startswith("sqlite://") else place
    if path in {":memory:", ""}:
        memory = sa.create_engine(
            "sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False}
        )
        return _configured(memory), ":memory:"
    return _file(Path(path).expanduser(), create=create), path


def _server(url: str) -> tuple[sa.Engine, str]:
    try:
        parsed = sa.make_url(url)
        if parsed.drivername == "postgresql":
            parsed = parsed.set(drivername="postgresql+psycopg")
        return sa.create_engine(parsed, poolclass=NullPool), parsed.render_as_string(hide_password=True)
    except (sa.exc.ArgumentError, sa.exc.NoSuchModuleError) as error:
        hint = "like postgresql://user:password@host/name, or give a file"
        raise ConfigError("the database URL cannot be understood", hint=hint) from error
    except ModuleNotFoundError as error:
        hint = f"pip install {'psycopg[binary]' if 'psycopg' in str(error.name) else error.name}"
        raise MissingExtraError(f"this database needs the Python package {error.name}", hint=hint) from error


def _file(path: Path, *, create: bool) -> sa.Engine:
    if path.is_dir():
        raise DataError("this is a folder, not a database file", where=str(path))
    if path.exists():
        check_file(path)
        if not create and not path.stat().st_size:
            raise DataError("the file is empty: it holds no records", where=str(path))
    elif not create:
        raise DataError(
            "there is no database yet", where=str(path), hint="`hanten data import FILE` makes it"
        )
    else:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise DataError(f"the folder cannot be made: {error.strerror}", where=str(path.parent)) from error
    uri = f"file:{quote(str(path.absolute()))}?{_mode(path)}"

    def opened() -> sqlite3.Connection:
        return sqlite3.connect(uri, uri=True, timeout=BUSY_SECONDS, check_same_thread=False)

    return _configured(sa.create_engine("sqlite://", creator=opened, poolclass=NullPool))


def is_writable(path: Path) -> bool:
    """Whether this process may change ``path``, or make it."""
    return os.access(path if path.exists() else path.parent, os.W_OK) and os.access(path.parent, os.W_OK)


def _mode(path: Path) -> str:
    if is_writable(path):
        return "mode=rwc"
    wal = path.with_name(path.name + "-wal")
    return "mode=ro" if wal.exists() else "mode=ro&immutable=1"


def _configured(engine: sa.Engine) -> sa.Engine:
    """Foreign keys on, and transactions under our control: a writer takes the lock before it looks."""

    @sa.event.listens_for(engine, "connect")
    def _connected(connection: sqlite3.Connection, _record: Any) -> None:
        connection.isolation_level = None
        connection.execute("PRAGMA foreign_keys = ON")

    @sa.event.listens_for(engine, "begin")
    def _begun(connection: sa.Connection) -> None:
        writing = connection.get_execution_options().get("writing", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")

    return engine


def check_file(path: Path) -> None:
    """Refuse what is not SQLite, or was cut short, before SQLite touches it.

    Raises
    ------
    DataError
        Saying which of the two it is. An empty file is accepted: SQLite takes it as a new database.
    """
    try:
        size = path.stat().st_size
        with path.open("rb") as handle:
            head = handle.read(100)
    except OSError as error:
        raise DataError(f"the file cannot be read: {error.strerror}", where=str(path)) from error
    if size and not head.startswith(_HEADER[: len(head)]):
        hint = "give another file with --db, or `hanten data import` it if it is a table"
        raise DataError("the file is not a database", where=str(path), hint=hint)
    if not size or path.with_name(path.name + "-wal").exists():
        return
    page, pages = struct.unpack(">H", head[16:18])[0] if len(head) == 100 else 0, 0
    if len(head) == 100:
        page = 65536 if page == 1 else page
        pages = struct.unpack(">I", head[28:32])[0]
    if len(head) < 100 or size < page * pages:
        message = f"the database file is cut short: {size} bytes of {page * pages or 'at least 512'}"
        raise DataError(
            message, where=str(path), hint="restore it from a copy, or import your tables into a new file"
        )


_MEANINGS = {
    "not a database": ("the file is not a database", "give another file"),
    "malformed": (
        "the database file is damaged",
        "restore it from a copy, or import your tables into a new file",
    ),
    "disk is full": ("the disk is full; nothing was written", "make room and run it again"),
    "disk i/o error": (
        "the disk refuses to write or read (is it full?); nothing was written",
        "make room and try again",
    ),
    "no space left": ("the disk is full; nothing was written", "make room and run it again"),
    "readonly": ("the database is read-only", "change its permissions, or work on a copy"),
    "read-only": ("the database is read-only", "change its permissions, or work on a copy"),
    "locked": (f"another process has been writing for {BUSY_SECONDS:.0f} s", "try again when it has ended"),
    "unable to open": ("the database file cannot be opened", "check the folder and its permissions"),
}


@contextmanager
def explained(where: str) -> Iterator[None]:
    """Turn what the database driver raises into a :class:`~hanten.errors.DataError` that says what to do."""
    try:
        yield
    except sa.exc.DBAPIError as error:
        said = (
            str(error.orig).strip().splitlines()[0] if str(error.orig).strip() else type(error.orig).__name__
        )
        for words, (message, hint) in _MEANINGS.items():
            if words in said.casefold():
                raise DataError(message, where=where, hint=hint) from error
        raise DataError(f"the database refuses: {said}", where=where) from error
