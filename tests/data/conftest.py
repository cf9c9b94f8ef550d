"""A fresh database for each test: an SQLite file, and a PostgreSQL server if one is named."""

from __future__ import annotations

import os

import pytest
import sqlalchemy as sa

from hanten.data import open_database


def _emptied(url):
    engine = sa.create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.begin() as connection:
        for table in ("records", "materials", "imports", "hanten_migrations"):
            connection.execute(sa.text(f"DROP TABLE IF EXISTS {table} CASCADE"))
    engine.dispose()
    return url


@pytest.fixture(params=["sqlite", "server"])
def place(request, tmp_path):
    """Where the database of a test is."""
    if request.param == "sqlite":
        return str(tmp_path / "records.db")
    url = os.environ.get("HANTEN_TEST_DATABASE_URL")
    if not url:
        pytest.skip("HANTEN_TEST_DATABASE_URL names no server")
    return _emptied(url)


@pytest.fixture
def db(place):
    """An empty database."""
    return open_database(place)
