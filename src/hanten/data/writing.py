"""Writing records: all of an import in one transaction, twins left out, everything undoable."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from hanten._version import __version__
from hanten.data.records import Record
from hanten.data.schema import imports, materials, records
from hanten.errors import DataError

_CHUNK = 400  # SQLite takes at least 999 values in one statement, a pair of them per row


@dataclass(frozen=True)
class Written:
    """What became of the records of one import.

    Parameters
    ----------
    import_id : int or None
        The number to undo it with; ``None`` if nothing new was written.
    n_records : int
        Records written.
    identical : tuple of Record
        Not written, because the same record was there already (or twice in the import).
    differing : tuple of (Record, float)
        Written although a record of the same material, property, method, source and conditions has another
        value; that value comes with it.
    """

    import_id: int | None
    n_records: int
    identical: tuple[Record, ...] = field(default=(), repr=False)
    differing: tuple[tuple[Record, float], ...] = field(default=(), repr=False)


@dataclass(frozen=True)
class Origin:
    """Where the records of one import come from: name and digest of the file, how its columns were read."""

    name: str
    sha256: str = ""
    mapping: str = "{}"
    n_rows: int = 0


def write(connection: sa.Connection, incoming: Sequence[Record], origin: Origin) -> Written:
    """Add ``incoming`` as one import, inside the caller's transaction."""
    new, identical, differing = separate(incoming, known_values(connection, incoming))
    if not new:
        return Written(None, 0, identical, differing)
    entry = {
        "name": origin.name,
        "sha256": origin.sha256,
        "created": _now(),
        "version": __version__,
        "mapping": origin.mapping,
        "n_rows": origin.n_rows or len(incoming),
        "n_records": len(new),
    }
    number = connection.execute(sa.insert(imports).values(entry)).inserted_primary_key
    assert number is not None
    ids = _material_ids(connection, new)
    for chunk in _chunks(new):
        connection.execute(sa.insert(records), [_row(record, ids, int(number[0])) for record in chunk])
    return Written(int(number[0]), len(new), identical, differing)


def known_values(connection: sa.Connection, incoming: Sequence[Record]) -> dict[str, list[float]]:
    """The values already stored under the keys of ``incoming``."""
    known: dict[str, list[float]] = {}
    for chunk in _chunks(sorted({record.key for record in incoming})):
        statement = sa.select(records.c.key, records.c.value).where(records.c.key.in_(chunk))
        for key, value in connection.execute(statement):
            known.setdefault(key, []).append(value)
    return known


def separate(
    incoming: Sequence[Record], known: dict[str, list[float]]
) -> tuple[list[Record], tuple[Record, ...], tuple[tuple[Record, float], ...]]:
    """New records, those identical to a known one, and those of the new that differ only in value."""
    known = {key: list(values) for key, values in known.items()}
    new, identical, differing = [], [], []
    for record in incoming:
        values = known.setdefault(record.key, [])
        if record.value in values:
            identical.append(record)
            continue
        if values:
            differing.append((record, values[0]))
        values.append(record.value)
        new.append(record)
    return new, tuple(identical), tuple(differing)


def undo(connection: sa.Connection, import_id: int | None) -> dict[str, Any]:
    """Take back one import, the latest by default: its records go, and the materials only they had.

    Raises
    ------
    DataError
        If there is no such import, or it was taken back before.
    """
    statement = sa.select(imports).order_by(imports.c.id.desc()).limit(1)
    statement = statement.where(
        imports.c.undone.is_(None) if import_id is None else imports.c.id == import_id
    )
    entry = connection.execute(statement).mappings().first()
    if entry is None:
        what = "nothing to undo" if import_id is None else f"no import has the number {import_id}"
        raise DataError(what, hint="`hanten data undo --list` shows the imports")
    if entry["undone"] is not None:
        raise DataError(f"import {import_id} was undone already, on {entry['undone']}")
    connection.execute(sa.delete(records).where(records.c.import_id == entry["id"]))
    used = sa.select(records.c.material_id).where(records.c.material_id == materials.c.id)
    connection.execute(sa.delete(materials).where(~used.exists()))
    connection.execute(sa.update(imports).where(imports.c.id == entry["id"]).values(undone=_now()))
    return dict(entry)


def _material_ids(connection: sa.Connection, new: Sequence[Record]) -> dict[tuple[str, str], int]:
    """The number of each material, known or made now."""
    wanted = sorted({(record.kind, record.canonical) for record in new})
    ids: dict[tuple[str, str], int] = {}
    for chunk in _chunks(wanted):
        ids |= _select_materials(connection, chunk)
        fresh = [{"kind": kind, "canonical": text} for kind, text in chunk if (kind, text) not in ids]
        if fresh:
            connection.execute(_insert_or_ignore(connection), fresh)
            ids |= _select_materials(connection, [(row["kind"], row["canonical"]) for row in fresh])
    return ids


def _select_materials(
    connection: sa.Connection, names: Sequence[tuple[str, str]]
) -> dict[tuple[str, str], int]:
    columns = materials.c
    statement = sa.select(columns.kind, columns.canonical, columns.id)
    statement = statement.where(columns.canonical.in_([text for _, text in names]))
    return {(kind, text): number for kind, text, number in connection.execute(statement)}


def _insert_or_ignore(connection: sa.Connection) -> Any:
    """An insert that lets another process win the race for the same material."""
    if connection.dialect.name == "postgresql":
        from sqlalchemy.dialects.postgresql import insert
    elif connection.dialect.name == "sqlite":
        from sqlalchemy.dialects.sqlite import insert  # type: ignore[assignment]
    else:
        return sa.insert(materials)
    return insert(materials).on_conflict_do_nothing()


def _row(record: Record, ids: dict[tuple[str, str], int], import_id: int) -> dict[str, Any]:
    fields = (
        "key",
        "structure",
        "property",
        "value",
        "unit",
        "uncertainty",
        "method",
        "temperature",
        "pressure",
    )
    texts = ("sample_state", "source", "doi", "licence", "date")
    row = {name: getattr(record, name) for name in (*fields, *texts)}
    return row | {"material_id": ids[record.kind, record.canonical], "import_id": import_id}


def _chunks(items: Sequence[Any]) -> Iterator[Sequence[Any]]:
    return (items[start : start + _CHUNK] for start in range(0, len(items), _CHUNK))


def _now() -> str:
    return dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
