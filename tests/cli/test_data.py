"""``hanten data``: shown before written, data to stdout, talk to stderr, exit codes."""

import json

import pytest

from hanten.cli.main import main

TABLE = """name,SMILES,Tg [°C],density (g/cm3),remark
PS,*CC(*)c1ccccc1,100,1.05,x
PE,*CC*,-120,0.95,
PEO,*OCC*,-67,1.12,
"""
BAD = TABLE + "bad,*CC(,1,1,\nhot,*CO*,hot,1.4,\n"


@pytest.fixture
def hanten(capsys, tmp_path, monkeypatch):
    """Run a command line; return status, stdout, stderr."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HANTEN_DATABASE", str(tmp_path / "records.db"))
    (tmp_path / "good.csv").write_text(TABLE, "utf-8")
    (tmp_path / "bad.csv").write_text(BAD, "utf-8")

    def run(*words):
        with pytest.raises(SystemExit) as stopped:
            main(["data", *words])
        out, err = capsys.readouterr()
        assert "Traceback" not in err
        return int(stopped.value.code or 0), out, err

    return run


def test_help_names_the_commands_in_the_order_of_use_and_ends_with_examples(hanten):
    status, out, _ = hanten("--help")
    assert status == 0
    places = [
        out.index(f"\n  {name} ") for name in ("list", "fetch", "import", "query", "export", "stats", "undo")
    ]
    assert places == sorted(places)
    assert "\n    hanten data query Tg" in out
    for name in ("list", "fetch", "import", "query", "export", "stats", "undo"):
        assert f"\n    hanten data {name}" in hanten(name, "--help")[1]


def test_a_table_is_shown_then_imported_then_found_then_taken_back(hanten, tmp_path):
    status, out, err = hanten("import", "good.csv", "--dry-run")
    assert (status, out) == (0, "")
    for words in (
        "Tg [°C]",
        "degC",
        "(not used)",
        "373.15",
        "method is taken to be experiment",
        "nothing was written",
    ):
        assert words in err
    assert not (tmp_path / "records.db").exists()
    status, out, err = hanten("import", "good.csv", "--yes")
    assert (status, out) == (0, "")
    assert "6 records ->" in err
    status, out, _ = hanten("query", "Tg", "--min", "200 K")
    assert status == 0
    assert [line.split(",")[3] for line in out.splitlines()[1:]] == ["*CC(*)c1ccccc1", "*CCO*"]
    status, _, err = hanten("undo")
    assert status == 0
    assert "good.csv" in err
    assert hanten("query")[1].count("\n") == 1


def test_bad_rows_stop_the_import_or_make_it_partial(hanten, tmp_path):
    status, out, err = hanten("import", "bad.csv", "--yes")
    assert (status, out) == (1, "")
    assert "2 of 5 rows are bad, so nothing was imported" in err
    assert not (tmp_path / "records.db").exists()
    status, _, err = hanten("import", "bad.csv", "--yes", "--skip-bad", "-o", "bad-rows.csv")
    assert status == 3
    assert "6 records ->" in err
    lines = (tmp_path / "bad-rows.csv").read_text("utf-8").splitlines()
    assert [line.split(",")[:2] for line in lines] == [["row", "column"], ["5", "SMILES"], ["6", "Tg [°C]"]]
    assert hanten("import", "bad.csv", "--dry-run")[0] == 3


def test_nobody_to_say_yes_is_a_usage_error(hanten, tmp_path):
    status, _, err = hanten("import", "good.csv")
    assert status == 2
    assert "--yes" in err
    assert not (tmp_path / "records.db").exists()


def test_json_for_programs(hanten):
    status, out, _ = hanten("import", "bad.csv", "--yes", "--skip-bad", "--json")
    result = json.loads(out)
    assert status == 3
    assert (result["import_id"], result["n_records"], result["n_bad_rows"]) == (1, 6, 2)
    assert [problem["row"] for problem in result["problems"]] == [5, 6]
    rows = json.loads(hanten("query", "density", "--json")[1])
    assert (rows[0]["unit"], rows[0]["uncertainty"]) == ("g/cm**3", None)
    assert {row["property"] for row in json.loads(hanten("stats", "--json")[1])} == {"Tg", "density"}
    assert json.loads(hanten("undo", "--list", "--json")[1])[0]["name"] == "bad.csv"
    assert json.loads(hanten("undo", "--json")[1])["n_records"] == 6


def test_export_does_not_replace_a_file_unasked(hanten, tmp_path):
    hanten("import", "good.csv", "--yes")
    status, out, err = hanten("export", "all.json")
    assert (status, out) == (0, "")
    assert "6 records" in err
    status, _, err = hanten("export", "all.json")
    assert status == 1
    assert "--force" in err
    assert hanten("export", "all.json", "--force", "--property", "Tg")[0] == 0
    assert len(json.loads((tmp_path / "all.json").read_text("utf-8"))) == 3


@pytest.mark.parametrize(
    ("words", "status", "says"),
    [
        (["query", "Tg", "--db", "none.db"], 1, "no database yet"),
        (["undo"], 1, "nothing to undo"),
        (["stats", "--db", "good.csv"], 1, "not a database"),
        (["import", "nowhere.csv"], 1, "no such file"),
        (["import", "good.csv", "--map", "Tg"], 1, "COLUMN=MEANING"),
        (["import", "good.csv", "--map", "TG=Tg"], 1, "did you mean Tg [°C]"),
        (["import", "good.csv", "--structure", "smiles"], 1, "did you mean SMILES"),
        (["import", "good.csv", "--method", "wish"], 1, "not a method"),
        (["import", "good.csv", "--kind", "rock"], 2, "rock"),
        (["imprt"], 2, "imprt"),
        (["fetch", "radonpi"], 1, "radonpy-pi1070"),
        (["undo", "x"], 2, "integer"),
    ],
)
def test_wrong_words_get_an_answer(hanten, words, status, says):
    code, out, err = hanten(*words)
    assert (code, out) == (status, "")
    assert says in err


def test_the_default_database_is_empty_until_the_first_import(hanten, tmp_path):
    status, out, err = hanten("query", "Tg")
    assert status == 0
    assert out.startswith("id,kind,structure")
    assert "no database yet" in err
    assert hanten("stats")[0] == 0
    assert not (tmp_path / "records.db").exists()


def test_list_tells_licence_and_size(hanten):
    status, out, _ = hanten("list", "--json")
    entries = {entry["name"]: entry for entry in json.loads(out)}
    assert status == 0
    assert entries["radonpy-pi1070"]["rows"] == 1077
    assert entries["radonpy-pi1070"]["licence"] == "BSD-3-Clause"
    assert hanten("list")[1].startswith("name,what it is,rows,size,licence,grade,properties\n")


def test_fetch_reads_the_mirror_and_prints_where_the_files_are(hanten, data_dir, tmp_path, monkeypatch):
    monkeypatch.setenv("HANTEN_DATA_DIR", str(data_dir))
    monkeypatch.setenv("HANTEN_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    status, out, err = hanten("fetch", "radonpy-pi1070")
    assert status == 0
    assert out.strip().endswith("PI1070.csv")
    assert "BSD-3-Clause" in err
