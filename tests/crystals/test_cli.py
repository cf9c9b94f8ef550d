from __future__ import annotations

import json

import pandas as pd
from click.testing import CliRunner

from hanten.cli.main import hanten
from hanten.errors import ConfigError


def run(*words):
    return CliRunner().invoke(hanten, ["crystals", *words], standalone_mode=False)


def test_predict_json():
    done = run("predict", "BN", "nothing", "--json")
    assert done.return_value == 3
    good, bad = json.loads(done.stdout)
    assert good["mean"] > 0
    assert bad["mean"] is None
    assert bad["error"]


def test_screen_writes_a_run(tmp_path):
    done = run("screen", "B3N2", "AlN", "PbTe", "CsRb", "--low", "1", "-o", str(tmp_path / "run"), "-q")
    assert done.exit_code == 0, done.exception
    assert {"results.csv", "shortlist.csv", "report.html", "config.toml"} <= {
        p.name for p in (tmp_path / "run").iterdir()
    }
    assert len(pd.read_csv(tmp_path / "run" / "results.csv")) == 4


def test_limits_the_wrong_way_round(tmp_path):
    assert isinstance(run("screen", "BN", "--low", "60", "-o", str(tmp_path / "run")).exception, ConfigError)


def test_a_list_of_formulas_needs_no_header(tmp_path):
    path = tmp_path / "mine.csv"
    path.write_text("BN\nRn\n")
    rows = json.loads(run("predict", str(path), "--json").stdout)
    assert [row["input"] for row in rows] == ["BN", "Rn"]
    assert [row["nearest"] for row in rows] == ["BN", None]  # nothing known shares an element with radon
