from __future__ import annotations

import json

import pandas as pd
import pytest
from click.testing import CliRunner

from hanten.cli.main import hanten
from hanten.errors import ConfigError, HantenError


def run(*words):
    return CliRunner().invoke(hanten, ["phases", *words], catch_exceptions=True, standalone_mode=False)


def test_predict_json():
    done = run("predict", "Al63Cu25Fe12", "--json")
    (row,) = json.loads(done.stdout)
    assert row["input"] == "Al63Cu25Fe12"
    assert sum(row["probabilities"].values()) == pytest.approx(1)


def test_a_bad_row_is_partial_success():
    done = run("predict", "Al63Cu25Fe12", "Xx2", "--json")
    assert done.return_value == 3
    assert json.loads(done.stdout)[1]["error"]


def test_a_table_keeps_its_columns(tmp_path):
    path = tmp_path / "mine.csv"
    path.write_text("formula,batch\nAl65Cu20Fe15,7\nNaCl,8\n")
    run("predict", str(path), "-o", str(tmp_path / "out.csv"))
    frame = pd.read_csv(tmp_path / "out.csv")
    assert frame["batch"].tolist() == [7, 8]
    assert frame["phase"].tolist() == ["quasicrystal", "other"]


def test_scan_writes_table_and_map(tmp_path):
    done = run(
        "scan",
        "Al",
        "Cu",
        "Fe",
        "--step",
        "10",
        "-o",
        str(tmp_path / "t.csv"),
        "--map",
        str(tmp_path / "m.svg"),
    )
    assert done.exit_code == 0, done.exception
    assert len(pd.read_csv(tmp_path / "t.csv")) == 66
    assert "<svg" in (tmp_path / "m.svg").read_text()
    assert "Al65Cu20Fe15 (quasicrystal)" in done.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["scan", "Al"], "1 element"),
        (["scan", "Al", "Cu", "Fe", "--step", "0.01"], "50,015,001"),
        (["scan", "Al", "Cu", "--map", "x.svg"], "three elements"),
        (["scan", "Al", "Cu", "Fe", "--map", "x.bmp"], "pictures"),
        (["screen", "Al", "Cu"], "systems of 3"),
    ],
)
def test_what_cannot_be_done_is_said_before_anything_is_computed(words, said):
    error = run(*words).exception
    assert isinstance(error, HantenError)
    assert said in str(error)


def test_scan_without_maps_of_two_elements():
    assert run("scan", "Zn", "Sc", "--step", "25").exit_code == 0


def test_screen_and_resume(tmp_path):
    words = ["screen", "Al", "Cu", "Fe", "--step", "25", "-o", str(tmp_path / "run")]
    assert run(*words).exit_code == 0
    assert isinstance(run(*words).exception, HantenError)
    assert run(*words, "--resume", "-q").exit_code == 0
    assert not isinstance(run(*words, "--force").exception, ConfigError)


def test_rules():
    assert "quasicrystals" in run("rules").stdout
    assert json.loads(run("rules", "--json").stdout)["data"]["contradictions"]


def test_a_list_of_formulas_needs_no_header(tmp_path):
    path = tmp_path / "mine.csv"
    path.write_text("Al65Cu20Fe15\nCd6Yb\n")
    rows = json.loads(run("predict", str(path), "--json").stdout)
    assert [row["input"] for row in rows] == ["Al65Cu20Fe15", "Cd6Yb"]
    path.write_text("alloy\nAl65Cu20Fe15\n")
    assert len(json.loads(run("predict", str(path), "--json").stdout)) == 1
