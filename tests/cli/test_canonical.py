"""``hanten canonical`` and ``hanten draw``."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from hanten.cli.main import main


def run(capsys, *words):
    with pytest.raises(SystemExit) as stop:
        main(list(words))
    return stop.value.code, *capsys.readouterr()


def test_json_for_programs(capsys):
    status, out, err = run(capsys, "canonical", "*OCC*", "--json")
    assert (status, err) == (0, "")
    assert json.loads(out) == [{"input": "*OCC*", "canonical": "*CCO*", "error": None}]


def test_some_or_all_rows_bad(capsys):
    status, out, err = run(capsys, "canonical", "*OCC*", "CC", "--json")
    assert status == 3
    assert "no attachment point" in json.loads(out)[1]["error"]
    assert "1 of 2 structures read" in err
    assert run(capsys, "canonical", "CC")[0] == 1


def test_table_in_table_out(capsys, tmp_path):
    source, target = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text("name,psmiles,error\na,*OCC*,0.1\nb,*CC,0.2\nc,,0.3\n", encoding="utf-8")
    assert run(capsys, "canonical", str(source), "-o", str(target))[0] == 3
    table = pd.read_csv(target, keep_default_na=False)
    assert list(table.columns) == ["name", "psmiles", "error_input", "canonical", "error"]
    assert table["name"].tolist() == ["a", "b", "c"]
    assert table["canonical"].tolist() == ["*CCO*", "", ""]
    assert "missing" in table["error"][2] or "empty" in table["error"][2]


def test_other_kinds(capsys):
    out = json.loads(run(capsys, "canonical", "--kind", "auto", "Al0.5Fe0.5", "OCC", "*OCC*", "--json")[1])
    assert [row["canonical"] for row in out] == ["AlFe", "CCO", "*CCO*"]


def test_draw(capsys, tmp_path):
    status, out, _ = run(capsys, "draw", "*CC*")
    assert status == 0
    assert out.startswith("<svg")
    target = tmp_path / "two.svg"
    status, _, err = run(capsys, "draw", "*CC*", "*CC", "-o", str(target))
    assert status == 3
    assert "2 of 2 drawn" in err
    assert "1 attachment point" in target.read_text(encoding="utf-8")


def test_help_ends_with_two_examples(capsys):
    for name in ("canonical", "draw"):
        status, out, _ = run(capsys, name, "--help")
        assert status == 0
        assert out.count(f"\n    hanten {name} ") == 2 or out.count(f"hanten {name} ") == 2
