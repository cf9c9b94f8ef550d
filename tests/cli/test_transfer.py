"""``hanten transfer`` and ``hanten train --transfer`` on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from hanten.cli.transfer import command
from hanten.errors import ConfigError, DataError, HantenError, UnknownNameError

FEW = Path(__file__).resolve().parents[2] / "examples" / "few.csv"
QUICK = ["--target", "thermal_conductivity", "--source", "model/density", "--as-they-are", "--draws", "2"]


def call(*arguments):
    return CliRunner().invoke(command, list(map(str, arguments)))


@pytest.fixture
def short(tmp_path):
    """The first ``n`` polymers of the example."""

    def write(n):
        lines = FEW.read_text(encoding="utf-8").splitlines()
        path = tmp_path / f"{n}.csv"
        path.write_text("\n".join(lines[: n + 1]) + "\n", encoding="utf-8")
        return path

    return write


@pytest.mark.slow
def test_both_arms_the_gain_and_the_model_that_is_written(short, tmp_path):
    done = call(short(10), *QUICK, "--json", "-o", tmp_path / "m.hanten", "-o", tmp_path / "m.html")
    assert done.exit_code == 0, done.stderr
    said = json.loads(done.stdout)
    assert set(said["arms"]) == {"baseline", "transfer"}
    assert said["paired"]["draws"] == 2
    assert said["chosen"] in {"baseline", "transfer"}
    assert any("very few" in note for note in said["notes"])
    assert f"model ({said['chosen']})" in done.stderr
    assert (tmp_path / "m.hanten").stat().st_size > 10_000
    assert "<svg" in (tmp_path / "m.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        (["--target", "kappa"], UnknownNameError, "kappa"),
        ([*QUICK, "--source", "densty"], HantenError, "densty"),
        ([*QUICK, "--method", "shotgun"], ConfigError, "no hidden layers"),
    ],
)
def test_wrong_options_say_what_to_type(arguments, error, words):
    done = call(FEW, *arguments)
    assert isinstance(done.exception, error)
    assert words in str(done.exception)


def test_seven_rows_are_refused(short):
    done = call(short(7), *QUICK)
    assert isinstance(done.exception, DataError)
    assert "needs 8" in str(done.exception)


def test_an_output_of_another_kind_is_refused_before_the_work(short, tmp_path):
    done = call(short(10), *QUICK, "-o", tmp_path / "m.txt")
    assert isinstance(done.exception, ConfigError)
    assert "0 folds" not in done.stderr
    assert "folds" not in done.stderr


def test_train_with_sources_needs_a_table(tmp_path):
    from hanten.cli.train import command as train

    done = CliRunner().invoke(train, ["--recipe", "density", "--transfer", "-o", str(tmp_path / "m.hanten")])
    assert isinstance(done.exception, ConfigError)
    assert "--transfer needs a table" in str(done.exception)


def test_a_discovery_may_train_with_sources(monkeypatch, tmp_path):
    from types import SimpleNamespace

    from hanten.discover.config import RecordsConfig
    from hanten.discover.records import train_on_records
    from hanten.transfer import study

    asked = {}

    def transfer(rows, structure, target, **options):
        asked.update(rows=len(rows), structure=structure, target=target, **options)
        return SimpleNamespace(model="the chosen arm", summary=lambda: "transfer helped")

    monkeypatch.setattr(study, "transfer", transfer)
    path = tmp_path / "few.csv"
    path.write_text("psmiles,thermal_conductivity\n*CC*,0.3\n*CC(*)C,0.2\n", encoding="utf-8")
    models = train_on_records(RecordsConfig(path=str(path), transfer=True), ["thermal_conductivity"])
    assert models == {"thermal_conductivity": "the chosen arm"}
    assert (asked["rows"], asked["property"]) == (2, "thermal_conductivity")


def test_train_with_sources_keeps_the_chosen_arm(monkeypatch):
    from types import SimpleNamespace

    from hanten.transfer import study

    asked = {}

    def transfer(*_, **options):
        asked.update(options)
        return SimpleNamespace(
            chosen="baseline", baseline="without", transfer="with", summary=lambda: "it hurt"
        )

    monkeypatch.setattr(study, "transfer", transfer)
    given = {
        "structure": "psmiles",
        "target": "Tg",
        "property": None,
        "unit": "degC",
        "method": None,
        "model": "auto",
        "seed": 3,
    }
    assert study.train_with_sources("few.csv", None, given) == "without"
    assert (asked["head"], asked["seed"], asked["unit"]) == ("gp", 3, "degC")


GAPS = FEW.parent / "transfer_band_gaps.csv"


def test_a_table_of_formulas(tmp_path):
    done = call(
        GAPS, "--target", "crystal_band_gap", "--source", "composition/crystal_band_gap", "--as-they-are",
        "--draws", "2", "--json", "-o", tmp_path / "gaps.csv", "-o", tmp_path / "m.safetensors", "-o", tmp_path / "m.html",
    )  # fmt: skip
    assert done.exit_code == 0, done.stderr
    assert json.loads(done.stdout)["sources"][0]["task"] == "composition/crystal_band_gap"
    rows = (tmp_path / "gaps.csv").read_text(encoding="utf-8").splitlines()
    assert [row.partition(",")[0] for row in rows] == ["formula", "AlAs", "ZnSe", "ZnTe"]
    assert "3 rows without a value" in done.stderr


def test_a_source_of_structures_is_refused_for_formulas():
    done = call(GAPS, "--target", "crystal_band_gap", "--source", "model/density", "--as-they-are")
    assert isinstance(done.exception, ConfigError)
    assert "the table holds formulas" in str(done.exception)


@pytest.mark.parametrize(("table", "name"), [(GAPS, "m.hanten"), (FEW, "m.safetensors")])
def test_training_with_sources_wants_a_file_of_the_right_kind(table, name, tmp_path):
    from hanten.cli.train import command as train

    column = "formula" if table == GAPS else "psmiles"
    words = [str(table), "--structure", column, "--target", "x", "--transfer", "-o", str(tmp_path / name)]
    done = CliRunner().invoke(train, words)
    assert isinstance(done.exception, ConfigError)
    assert "is not kept in a" in str(done.exception)
