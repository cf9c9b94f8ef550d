from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from hanten.design import DesignConfig
from hanten.discover import DiscoverConfig, discover, open_discovery
from hanten.discover.config import RecordsConfig, choose_config, read_discover_config
from hanten.discover.evidence import compare_with_measured
from hanten.discover.records import read_records, train_on_records
from hanten.errors import ConfigError, DataError, RunError
from hanten.models import load_model

COLUMNS = {"structure", "canonical", "log_weight", "in_domain", "novel", "sa_score", "probability"}
TRACE = {"beta", "ess", "acceptance", "unique", "in_target", "log_evidence"}


def small(**options):
    chosen = {"targets": ("thermal_conductivity >= 0.3 W/m/K",), "n": 15, "particles": 60, **options}
    return DiscoverConfig(name="small", shortlist=5, design=DesignConfig(**chosen))


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "small"
    return discover(small(), folder), folder


def test_library_is_distinct_novel_and_screened(found):
    library = found[0].library
    assert len(library) >= 15
    assert library["canonical"].is_unique
    assert library["novel"].all()
    assert set(library.columns) >= COLUMNS | {"polymer_class", "synthesizable", "nearest_known"}
    assert np.isfinite(library[["thermal_conductivity_mean", "thermal_conductivity_sd", "log_weight"]]).all(
        axis=None
    )
    assert library["probability"].is_monotonic_decreasing


def test_shortlist_has_reasons_and_keeps_what_was_required(found):
    short = found[0].shortlist
    assert 0 < len(short) <= 5
    assert short["in_domain"].all()
    assert short["reason"].str.contains("P\\(target\\)").all()


def test_run_folder_holds_what_other_tools_read(found):
    folder = found[1]
    results = pd.read_csv(folder / "results.csv")
    assert set(results.columns) >= COLUMNS
    rows = [json.loads(line) for line in (folder / "trace.jsonl").read_text().splitlines()]
    assert all(set(row) >= TRACE for row in rows)
    assert rows[-1]["beta"] == 1
    assert read_discover_config(folder / "config.toml") == small()
    assert (folder / "log.txt").read_text()


def test_report_explains_itself_without_network(found):
    page = (found[1] / "report.html").read_text(encoding="utf-8")
    for text in (
        "RadonPy MD, amorphous, 300 K",
        "HNT002",
        "Rank correlation",
        "Please cite",
        "seed",
        "SHA-256",
    ):
        assert text in page, text
    assert re.findall(r'(?:src|href)="(?!#|data:)([^"]+)"', page) == []


def test_an_existing_run_is_not_overwritten(found):
    with pytest.raises(RunError, match="holds a run already"):
        discover(small(), found[1])


def test_a_finished_run_can_be_told_again(found):
    again = open_discovery(found[1])
    assert again.library["canonical"].tolist() == found[0].library["canonical"].tolist()
    np.testing.assert_allclose(again.library["probability"], found[0].library["probability"])
    assert again.checks == found[0].checks


def test_an_unfinished_run_cannot_be_told(tmp_path):
    (tmp_path / "config.toml").write_text("")
    with pytest.raises(RunError, match=r"results\.csv"):
        open_discovery(tmp_path)


def test_an_impossible_region_ends_and_says_so(tmp_path):
    config = small(targets=("thermal_conductivity >= 19 W/m/K",), n=5, max_steps=4, max_extensions=1)
    found = discover(config, tmp_path / "run")
    status = {check.code: check.status for check in found.checks}
    assert status["HNT002"] == "issue"
    assert (tmp_path / "run" / "report.html").exists()
    assert not found.library["log_weight"].isna().any()


def test_predictions_beside_measurements():
    compared = compare_with_measured(load_model("thermal_conductivity"))
    assert len(compared.table) >= 40
    assert (compared.table["low"] <= compared.table["high"]).all()
    assert compared.spearman > 0
    assert compare_with_measured(load_model("density")) is None


# --------------------------------------------------------------------------------------- configuration


def test_default_configuration_is_the_conductivity_problem():
    assert DiscoverConfig().design.targets[0].startswith("thermal_conductivity >= 0.4")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("shortlst = 3", "did you mean shortlist"),
        ("[design]\ntargets = ['Tgg >= 3 K']", "no property is called 'Tgg'"),
        ("[design]\ntargets = ['Tg >= 3 kg']", "dimensions differ"),
        ("[design]\ntargets = []", "no target region"),
        ("diversity = 2", "from 0 to 1"),
        ("require = ['blue']", "cannot be required"),
        ("name = 'a/b'", "cannot name a folder"),
        ("= 3", "is not TOML"),
    ],
)
def test_bad_configurations_teach(tmp_path, text, message):
    path = tmp_path / "wish.toml"
    path.write_text(text)
    with pytest.raises(Exception, match=message) as error:
        read_discover_config(path)
    assert isinstance(error.value, (ConfigError, ValueError, KeyError))


def test_count_and_seed_win_over_the_file(tmp_path):
    path = tmp_path / "wish.toml"
    path.write_text("[design]\ntargets = ['Tg >= 400 K']\nn = 7\n")
    config = choose_config(path, n=3, seed=9)
    assert (config.design.n, config.design.seed) == (3, 9)


# --------------------------------------------------------------------------------------- your own records


def table_of(tmp_path, rows=30):
    path = tmp_path / "mine.csv"
    units = ["*" + "C" * n + "O*" for n in range(1, rows + 1)]
    values = [f"{-80 + 2 * n}" for n in range(1, rows + 1)]
    pd.DataFrame({"smiles": [*units, "not a polymer"], "Tg [degC]": [*values, "20"]}).to_csv(
        path, index=False
    )
    return path


def test_records_are_read_in_registry_units(tmp_path):
    records = read_records(RecordsConfig(path=str(table_of(tmp_path))))
    assert len(records) == 30
    assert records["value"].iloc[0] == pytest.approx(195.15)


def test_models_are_trained_on_your_records(tmp_path):
    config = RecordsConfig(path=str(table_of(tmp_path)))
    models = train_on_records(config, ["Tg", "density"])
    assert list(models) == ["Tg"]
    assert 180 < models["Tg"].predict(["*CCCCO*"])[0] < 260


def test_missing_records_are_named(tmp_path):
    with pytest.raises(DataError, match="no such file"):
        read_records(RecordsConfig(path=str(tmp_path / "none.csv")))
    with pytest.raises(DataError, match="no record of Td"):
        train_on_records(RecordsConfig(path=str(table_of(tmp_path))), ["Td"])


# --------------------------------------------------------------------------------------- through the command line


@pytest.mark.slow
def test_killed_discovery_resumes_to_the_same_bits(tmp_path):
    config = tmp_path / "wish.toml"
    config.write_text("[design]\ntargets = ['thermal_conductivity >= 0.3 W/m/K']\nn = 40\nparticles = 100\n")
    run = [sys.executable, "-m", "hanten", "discover", str(config), "-j", "1", "-o"]
    subprocess.run([*run, str(tmp_path / "whole")], check=True, capture_output=True)
    process = subprocess.Popen([*run, str(tmp_path / "cut")], stderr=subprocess.PIPE, text=True)
    for line in process.stderr:
        if line.startswith("step 1 "):
            break
    process.kill()
    process.wait()
    process.stderr.close()
    again = [sys.executable, "-m", "hanten", "discover", "--resume", "-j", "2", "-o", str(tmp_path / "cut")]
    subprocess.run(again, check=True, capture_output=True)
    whole, cut = (pd.read_csv(tmp_path / name / "results.csv") for name in ("whole", "cut"))
    pd.testing.assert_frame_equal(whole, cut)


@pytest.mark.slow
def test_your_records_end_to_end(tmp_path):
    base = small(targets=("Tg >= 230 K",))
    config = replace(base, records=RecordsConfig(path=str(table_of(tmp_path))), require=())
    found = discover(config, tmp_path / "run")
    assert "mine.csv" in (tmp_path / "run" / "report.html").read_text()
    assert (tmp_path / "run" / "Tg.hanten").exists()
    assert len(found.library) >= 15
