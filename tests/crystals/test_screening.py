from __future__ import annotations

import pandas as pd
import pytest

from hanten.crystals import screen
from hanten.crystals.screening import LINES
from hanten.crystals.table import read_formulas, read_pool
from hanten.errors import ConfigError, DataError, RunError
from hanten.report.crystals import checks, screening_report, write_report

POOL = ["BN", "B3N4", "oops", "PbTe", "Cs2Te", "UO2", "BeO2", "Tl3Bi", "Cs3Bi"] * 3


@pytest.fixture(scope="module")
def found(small_model):
    return screen(POOL, model=small_model, high=20, low=0.5)


def test_same_length_same_order(found):
    assert found.predictions["input"].tolist() == POOL
    assert int(found.predictions["error"].notna().sum()) == 3


def test_shortlists_are_new_in_domain_and_ordered(found):
    for rows, key in ((found.high, "p_high"), (found.low, "p_low")):
        assert rows["composition"].is_unique
        assert rows["in_domain"].all()
        assert rows[key].is_monotonic_decreasing
        assert not set(rows["composition"]) & {"BN", "PbTe"}
    assert found.high["median"].iloc[0] > found.low["median"].iloc[0]


def test_a_stopped_run_goes_on(small_model, tmp_path, monkeypatch):
    from hanten.crystals import screening

    monkeypatch.setattr(screening, "BATCH", 5)
    whole = screen(POOL, tmp_path / "whole", model=small_model)

    class StopError(Exception):
        pass

    def stop(done, total, highest):
        if done >= 10:
            raise StopError

    with pytest.raises(StopError):
        screen(POOL, tmp_path / "run", model=small_model, progress=stop)
    with (tmp_path / "run" / LINES).open("a") as handle:
        handle.write('[{"input": "B')
    seen = []
    again = screen(
        POOL, tmp_path / "run", model=small_model, resume=True, progress=lambda done, *_: seen.append(done)
    )
    assert seen[0] == 15
    pd.testing.assert_frame_equal(again.predictions, whole.predictions)
    with pytest.raises(RunError, match="other formulas"):
        screen(POOL[:4], tmp_path / "run", model=small_model, resume=True)
    with pytest.raises(RunError, match="already"):
        screen(POOL, tmp_path / "run", model=small_model)


def test_workers_do_not_change_the_result(small_model, found):
    two = screen(POOL, model=small_model, high=20, low=0.5, n_jobs=2)
    pd.testing.assert_frame_equal(two.predictions, found.predictions)


@pytest.mark.parametrize(("low", "high"), [(5, 1), (0, 10), (-1, 10), (1, float("inf"))])
def test_limits_that_make_no_sense(small_model, low, high):
    with pytest.raises(ConfigError):
        screen(["BN"], model=small_model, low=low, high=high)


def test_nothing_to_screen(small_model):
    with pytest.raises(DataError, match="no formulas"):
        screen([], model=small_model)


def test_only_bad_formulas(small_model):
    done = screen(["oops", "x"], model=small_model)
    assert done.high.empty
    assert "No new composition" in screening_report(done).html()


def test_the_report_holds_what_was_found(found, tmp_path):
    write_report(found, tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text()
    assert found.high["composition"].iloc[0] in page
    assert "<svg" in page
    assert [check.code for check in checks(found)] == ["HNT004", "HNT040", "HNT041"]


def test_pools(tmp_path):
    path = tmp_path / "pool.csv"
    path.write_text("id,formula\n1,BN\n2,\n")
    assert read_formulas(path) == ["BN", ""]
    (tmp_path / "one.txt").write_text("BN\nPbTe\n")
    assert read_pool((str(tmp_path / "one.txt"),)) == ["BN", "PbTe"]
    (tmp_path / "bad.csv").write_text("a,b\n1,2\n")
    with pytest.raises(DataError, match="no column of formulas"):
        read_formulas(tmp_path / "bad.csv")
    with pytest.raises(DataError, match="no such file"):
        read_formulas(tmp_path / "none.csv")
    assert read_pool(("BN", "PbTe")) == ["BN", "PbTe"]
