"""The database: what goes in comes out, once; queries; export; undo; migrations."""

import json

import pandas as pd
import pytest
import sqlalchemy as sa

from hanten.data import Record, import_file, migrations, open_database, schema
from hanten.data.search import COLUMNS
from hanten.errors import ConfigError, DataError, HantenError, StructureError, UnknownNameError


def some_records():
    return [
        Record.of(
            "*CC(*)c1ccccc1", "Tg", 100, "degC", source="Handbook A", temperature=298.15, uncertainty=2
        ),
        Record.of("*CC(*)c1ccccc1", "density", 1.05, source="Handbook A"),
        Record.of(
            "*CCO*", "Tg", 206, source="lab_1", method="md", date="2019-06", doi="10.1000/x", licence="CC0"
        ),
        Record.of(
            "*NCCCCCC(*)=O", "Tg", 325, source="lab%2", sample_state="semicrystalline", pressure="1 atm"
        ),
        Record.of("CCO", "density", 0.789, kind="molecule", source="Handbook A"),
    ]


@pytest.fixture
def full(db):
    db.add(some_records())
    return db


def test_what_goes_in_comes_out(full):
    assert full.records() == some_records()
    assert len(full) == 5


def test_an_empty_database_answers(db):
    assert len(db) == 0
    assert list(db.query("Tg").columns) == list(COLUMNS)
    assert db.records() == []
    assert db.stats().empty
    assert db.imports().empty
    assert db.query(substructure="C", similar_to="*CC*").empty
    assert "0 records" in repr(db)
    assert "<table" in db._repr_html_()


def test_twins_are_written_once_and_differing_ones_reported(full):
    assert full.add(some_records()).import_id is None
    other = Record.of("*CC(*)c1ccccc1", "Tg", 105, "degC", source="Handbook A", temperature=298.15)
    result = full.add([other, other, *some_records()[:1]])
    assert (result.n_records, len(result.identical), len(result.differing)) == (1, 2, 1)
    assert result.differing[0][1] == 373.15
    assert len(full) == 6


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"property": "glass transition"}, 3),
        ({"property": "Tg", "minimum": "50 degC"}, 2),
        ({"property": "Tg", "minimum": 206, "maximum": 325}, 2),
        ({"property": "density", "maximum": "0.8 g/mL"}, 1),
        ({"method": "MD"}, 1),
        ({"source": "handbook"}, 3),
        ({"source": "lab_"}, 1),
        ({"source": "%"}, 1),
        ({"kind": "molecule"}, 1),
        ({"substructure": "c1ccccc1"}, 2),
        ({"substructure": "C(=O)NCCCCCC(=O)N"}, 1),
        ({"substructure": "CO"}, 2),
        ({"substructure": "CO", "kind": "polymer"}, 1),
        ({"similar_to": "*C(C*)c1ccccc1", "threshold": 0.99}, 2),
        ({"similar_to": "CCO", "threshold": 1.0}, 1),
        ({"property": "Tg", "limit": 2}, 2),
        ({"substructure": "c1ccccc1", "limit": 1}, 1),
        ({"limit": 0}, 0),
        ({"property": "Tg", "minimum": 1e9}, 0),
    ],
)
def test_queries(full, filters, expected):
    assert len(full.query(**filters)) == expected
    assert len(full.records(**filters)) == expected


def test_the_most_similar_comes_first(full):
    frame = full.query(similar_to="*CC(*)c1ccc(C)cc1", threshold=0.0)
    assert frame["similarity"].is_monotonic_decreasing
    assert frame["canonical"].iloc[0] == some_records()[0].canonical
    assert set(frame["kind"]) == {"polymer"}


@pytest.mark.parametrize(
    ("filters", "error", "words"),
    [
        ({"property": "Tgg"}, UnknownNameError, "did you mean Tg"),
        ({"minimum": "450 K"}, DataError, "needs a property"),
        ({"property": "Tg", "minimum": "450 GPa"}, HantenError, "dimensions differ"),
        ({"property": "Tg", "minimum": "hot"}, HantenError, "not a quantity"),
        ({"method": "wish"}, UnknownNameError, "not a method"),
        ({"kind": "rock"}, UnknownNameError, "not a kind"),
        ({"substructure": "C(("}, StructureError, "not a SMARTS"),
        ({"substructure": ""}, StructureError, "not a SMARTS"),
        ({"similar_to": "*CC"}, StructureError, "attachment point"),
        ({"similar_to": "*CC*", "threshold": 2}, DataError, "between 0 and 1"),
        ({"limit": -1}, DataError, "cannot be shown"),
    ],
)
def test_senseless_queries_are_refused(db, filters, error, words):
    with pytest.raises(error, match=words):
        db.query(**filters)


def test_statistics(full):
    stats = full.stats().set_index(["property", "method"])
    assert stats.loc[("Tg", "experiment"), "records"] == 2
    assert stats.loc[("Tg", "experiment"), "max"] == 373.15
    assert stats.loc[("density", "experiment"), "materials"] == 2


@pytest.mark.parametrize("suffix", [".csv", ".xlsx", ".json"])
def test_an_export_comes_back_as_the_same_records(full, tmp_path, suffix):
    path = tmp_path / f"all{suffix}"
    assert full.export(path) == 5
    again = open_database(tmp_path / "again.db")
    import_file(path, again)
    assert again.records() == some_records()


def test_an_export_can_be_filtered_and_its_format_must_be_known(full, tmp_path):
    assert full.export(tmp_path / "tg.json", property="Tg", minimum="300 K") == 2
    assert [item["property"] for item in json.loads((tmp_path / "tg.json").read_text("utf-8"))] == [
        "Tg",
        "Tg",
    ]
    with pytest.raises(DataError, match=r"\.csv, \.xlsx or \.json"):
        full.export(tmp_path / "tg.parquet")


def test_an_import_is_taken_back_and_nothing_else(full):
    full.add([Record.of("*CC*", "Tg", 150)], name="second")
    full.add([Record.of("*CC(*)C", "Tg", 260)], name="third")
    assert full.undo()["name"] == "third"
    assert full.undo(1)["n_records"] == 5
    assert [record.canonical for record in full.records()] == [Record.of("*CC*", "Tg", 150).canonical]
    with pytest.raises(DataError, match="undone already"):
        full.undo(1)
    with pytest.raises(DataError, match="no import has the number 9"):
        full.undo(9)
    full.undo()
    with pytest.raises(DataError, match="nothing to undo"):
        full.undo()
    assert full.imports()["undone"].notna().all()
    assert full.add(some_records()).n_records == 5


def test_reopening_keeps_everything(place, full):
    assert open_database(place, create=False).records() == full.records()


def test_a_database_that_does_not_exist_is_made_only_when_asked(tmp_path):
    with pytest.raises(DataError, match="no database yet"):
        open_database(tmp_path / "none.db", create=False)
    assert not (tmp_path / "none.db").exists()
    open_database(tmp_path / "new" / "folder" / "some.db")
    assert (tmp_path / "new" / "folder" / "some.db").exists()


def test_the_default_place_follows_the_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("HANTEN_DATABASE", str(tmp_path / "env.db"))
    open_database().add(some_records())
    assert (tmp_path / "env.db").exists()
    monkeypatch.delenv("HANTEN_DATABASE")
    monkeypatch.setenv("HANTEN_HOME", str(tmp_path / "home"))
    assert open_database().where == str(tmp_path / "home" / "records.db")
    monkeypatch.delenv("HANTEN_HOME")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    monkeypatch.setattr("sys.platform", "linux")
    assert open_database().where == str(tmp_path / "share" / "hanten" / "records.db")


def test_urls_are_understood_or_refused(tmp_path):
    assert open_database(f"sqlite:///{tmp_path}/u.db").where == f"{tmp_path}/u.db"
    assert (tmp_path / "u.db").exists()
    with pytest.raises(ConfigError, match="cannot be understood"):
        open_database("nonsense://x/y")
    with pytest.raises(HantenError) as caught:
        open_database("postgresql://me:secret@127.0.0.1:1/none?connect_timeout=1")
    assert "secret" not in str(caught.value)


def test_migrations_give_the_tables_that_queries_use(db):
    inspector = sa.inspect(db._engine)
    for table in schema.metadata.sorted_tables:
        columns = {column["name"]: column["nullable"] for column in inspector.get_columns(table.name)}
        assert columns == {column.name: bool(column.nullable) for column in table.columns}
        indexes = {tuple(index["column_names"]) for index in inspector.get_indexes(table.name)}
        assert {tuple(index.columns.keys()) for index in table.indexes} <= indexes


def test_migrations_run_once_in_order_and_keep_the_records(place, full, monkeypatch):
    def m002_remark(connection):
        connection.execute(sa.text("ALTER TABLE records ADD COLUMN remark TEXT"))

    monkeypatch.setattr(migrations, "MIGRATIONS", [*migrations.MIGRATIONS, m002_remark])
    assert open_database(place).records() == full.records()
    again = open_database(place)
    with again._engine.connect() as connection:
        assert migrations.applied(connection) == ["m001_tables", "m002_remark"]


def test_a_failed_migration_changes_nothing(place, full, monkeypatch):
    def m002_broken(connection):
        connection.execute(sa.text("CREATE TABLE half (id INTEGER)"))
        raise RuntimeError("broken")

    monkeypatch.setattr(migrations, "MIGRATIONS", [*migrations.MIGRATIONS, m002_broken])
    with pytest.raises(RuntimeError):
        open_database(place)
    monkeypatch.undo()
    assert open_database(place).records() == full.records()
    assert not sa.inspect(full._engine).has_table("half")


def test_a_newer_database_is_refused(place, full):
    row = {"name": "m999_future", "applied": "2030-01-01", "version": "9.0"}
    with full._writing() as connection:
        connection.execute(sa.insert(schema.migrations).values(row))
    with pytest.raises(DataError, match=r"newer hanten.*m999_future.*upgrade"):
        open_database(place)


def test_memory_is_a_database_of_its_own():
    a, b = open_database(":memory:"), open_database(":memory:")
    a.add(some_records())
    assert (len(a), len(b)) == (5, 0)
    assert isinstance(a.query("Tg"), pd.DataFrame)
