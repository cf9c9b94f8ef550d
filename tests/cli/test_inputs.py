"""INPUT as a file or standard input: with and without a line that names the columns."""

from __future__ import annotations

import io
import json

import pytest

from hanten.cli.inputs import read_input
from hanten.cli.main import main
from hanten.errors import DataError


@pytest.fixture
def given(monkeypatch):
    """Text on standard input."""
    return lambda text: monkeypatch.setattr("sys.stdin", io.StringIO(text))


@pytest.mark.parametrize("first", ["*CC*", "CCO", "CCO.CC(=O)Cl", "Al63Cu25Fe12"])
@pytest.mark.parametrize("others", [[], ["c1ccccc1", "not readable", "CCO"]])
def test_a_list_without_a_header_loses_no_row(given, tmp_path, first, others):
    text = "\n".join([first, *others]) + "\n"
    given(text)
    (tmp_path / "list.csv").write_text(text, encoding="utf-8")
    for name in ("-", str(tmp_path / "list.csv")):
        table, column = read_input((name,))
        assert table[column].tolist() == [first, *others]


@pytest.mark.parametrize("header", ["psmiles", "Formula", "my_polymers", "name"])
def test_a_header_is_no_structure(given, header):
    given(f"{header}\n*CC*\n*CCO*\n")
    table, column = read_input(("-",))
    assert (column, table[column].tolist()) == (header, ["*CC*", "*CCO*"])


def test_a_column_that_was_asked_for_is_a_header(given):
    given("C\n*CC*\n")
    table, column = read_input(("-",), "C")
    assert (column, table[column].tolist()) == ("C", ["*CC*"])


@pytest.mark.parametrize(("text", "why"), [("", "empty"), ("psmiles\n", "no rows")])
def test_nothing_is_refused(given, text, why):
    given(text)
    with pytest.raises(DataError, match=why):
        read_input(("-",))


@pytest.mark.parametrize(
    ("words", "bad"),
    [
        (["canonical", "--json"], "CC"),
        (["forward", "--json"], "C(("),
        (["phases", "predict", "--json"], "Ts2"),
        (["crystals", "predict", "--json"], "Ts2"),
        (["predict", "--json", "-p", "density"], "*C"),
        (["stock", "lookup", "--json"], "C(("),
    ],
)
def test_the_exit_status_tells_some_from_none(capsys, words, bad):
    good = {"phases": "Al65Cu20Fe15", "crystals": "NaCl", "forward": "CCO.CC(=O)Cl", "stock": "CCO"}.get(
        words[0], "*CC*"
    )
    for rows, status in (([good], 0), ([good, bad], 3), ([bad, bad], 1)):
        with pytest.raises(SystemExit) as stop:
            main([*words, *rows])
        assert stop.value.code == status, rows
        assert len(json.loads(capsys.readouterr().out)) == len(rows)
