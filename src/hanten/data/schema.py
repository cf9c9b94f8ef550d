"""The tables of the database, as SQLAlchemy Core describes them.

``materials`` holds each distinct material once, ``records`` the values, ``imports`` what came in together and
can be undone together. :mod:`hanten.data.migrations` builds them.
"""

from __future__ import annotations

from sqlalchemy import (
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

metadata = MetaData()

migrations = Table(
    "hanten_migrations",
    metadata,
    Column("name", String(80), primary_key=True),
    Column("applied", String(32), nullable=False),
    Column("version", String(32), nullable=False),
)

imports = Table(
    "imports",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("created", Text, nullable=False),
    Column("undone", Text),
    Column("version", Text, nullable=False),
    Column("mapping", Text, nullable=False),
    Column("n_rows", Integer, nullable=False),
    Column("n_records", Integer, nullable=False),
)

materials = Table(
    "materials",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("canonical", Text, nullable=False),
    UniqueConstraint("kind", "canonical"),
)

records = Table(
    "records",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("material_id", ForeignKey("materials.id"), nullable=False, index=True),
    Column("import_id", ForeignKey("imports.id"), nullable=False, index=True),
    Column("key", Text, nullable=False),
    Column("structure", Text, nullable=False),
    Column("property", Text, nullable=False),
    Column("value", Float(53), nullable=False),
    Column("unit", Text, nullable=False),
    Column("uncertainty", Float(53)),
    Column("method", Text, nullable=False),
    Column("temperature", Float(53)),
    Column("pressure", Float(53)),
    Column("sample_state", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("doi", Text, nullable=False),
    Column("licence", Text, nullable=False),
    Column("date", Text, nullable=False),
    UniqueConstraint("key", "value"),
    Index("records_by_property", "property", "value"),
)
