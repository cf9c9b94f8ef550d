from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hanten.errors import ConfigError, HantenError, UnknownNameError
from hanten.phases import composition_grid, grid_size, load_phase_model, scan
from hanten.phases.ternary import check_system

STEPS = st.sampled_from([1, 2, 2.5, 4, 5, 10, 12.5, 20, 25, 50])


@settings(deadline=None)
@given(st.integers(2, 4), STEPS, st.booleans())
def test_the_size_is_known_before_the_grid_is_made(n, step, edges):
    if grid_size(n, step, edges=edges) > 50_000:
        return
    grid = composition_grid(n, step, edges=edges)
    assert len(grid) == grid_size(n, step, edges=edges)
    assert len(np.unique(grid, axis=0)) == len(grid)
    assert np.allclose(grid.sum(axis=1), 100)
    assert (grid >= 0).all()


def test_the_published_interval():
    assert grid_size(3, 0.25) == 80_601


@pytest.mark.parametrize("step", [0, -1, 0.3, 60, float("nan"), float("inf"), 7])
def test_a_step_that_makes_no_grid(step):
    with pytest.raises(ConfigError):
        grid_size(3, step)
    with pytest.raises(ConfigError):
        scan(["Al", "Cu", "Fe"], step)


def test_millions_of_points_are_refused_with_their_number():
    with pytest.raises(ConfigError):
        scan(["Al", "Cu", "Fe"], 1e-9)
    with pytest.raises(ConfigError, match="50,015,001") as caught:
        scan(["Al", "Cu", "Fe"], 0.01)
    assert "a step of 0.2 makes 125,751" in str(caught.value)
    assert "--limit" not in str(caught.value)  # nobody has the memory
    with pytest.raises(ConfigError, match="--limit 2003001"):
        scan(["Al", "Cu", "Fe"], 0.05)
    with pytest.raises(ConfigError, match="step of 1 makes"):
        scan(["Al", "Cu", "Fe"], 0.2, limit=6000)


@pytest.mark.parametrize(
    ("elements", "error", "said"),
    [
        (["Al"], ConfigError, "1 element cannot"),
        ([], ConfigError, "0 elements"),
        (["Al", "Al", "Fe"], ConfigError, "named twice"),
        (["Al", "Cu", "Xx"], UnknownNameError, "no element 'Xx'"),
        (["Al-Cu-Fe"], UnknownNameError, "one by one: Al Cu Fe"),
        (["Al", "Og"], UnknownNameError, "no element 'Og' in the element table"),
        (list("HBCNOF"), ConfigError, "6 elements"),
    ],
)
def test_a_system_that_cannot_be_scanned(elements, error, said):
    with pytest.raises(error, match=said) as caught:
        check_system(elements)
    assert isinstance(caught.value, HantenError)


def test_scan_agrees_with_predict():
    model = load_phase_model()
    done = scan(["Al", "Cu", "Fe"], 5, model=model)
    row = done.points[done.points["composition"] == "Al65Cu20Fe15"].iloc[0]
    assert row[["Al", "Cu", "Fe"]].tolist() == [65, 20, 15]
    direct = model.predict_frame(["Al65Cu20Fe15"]).iloc[0]
    assert row["quasicrystal"] == pytest.approx(direct["quasicrystal"], abs=1e-9)
    assert row["in_domain"] == direct["in_domain"]
    assert len(done.frame()) == grid_size(3, 5)


def test_known_compounds_of_the_system_and_its_parts():
    known = scan(["Al", "Cu", "Fe"], 50).known
    assert "Al65Cu20Fe15" in known["composition"].tolist()
    assert np.allclose(known[["Al", "Cu", "Fe"]].sum(axis=1), 100)
    assert {"quasicrystal", "other"} <= set(known["phase"])


def test_two_and_four_elements():
    assert len(scan(["Zn", "Sc"], 10).frame()) == 11
    assert len(scan(["Al", "Cu", "Fe", "Si"], 25).frame()) == 35


def test_the_summary_names_the_best():
    done = scan(["Al", "Cu", "Fe"], 5)
    assert done.best(count=1)["composition"].iloc[0] in done.summary()


def test_the_summary_says_nothing_of_compositions_outside():
    assert "No composition is in domain. Known: none." in scan(["He", "Ne"], 50).summary()
    assert "Most probable quasicrystal: Al65Cu20Fe15" in scan(["Al", "Cu", "Fe"], 5).summary()
