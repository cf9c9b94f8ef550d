from __future__ import annotations

import os
import signal
import subprocess
import sys

import pandas as pd
import pytest

from hanten.errors import ConfigError, RunError, UnknownNameError
from hanten.phases import FamilyScreen, screen_families
from hanten.phases.screening import LINES

ELEMENTS = ("Al", "Cu", "Fe", "Pd", "Mn")


def test_every_system_once_and_the_best_first(tmp_path):
    family = FamilyScreen(ELEMENTS[:4], step=20)
    frame = screen_families(family, tmp_path / "run")
    assert len(frame) == family.count == 4
    assert frame["quasicrystal"].is_monotonic_decreasing
    assert (frame["points"] == 6).all()
    assert pd.read_csv(tmp_path / "run" / "results.csv")["system"].tolist() == frame["system"].tolist()


def test_only_systems_with_an_element():
    family = FamilyScreen(ELEMENTS, always=("Al",))
    assert family.count == len(list(family.systems())) == 6
    assert all("Al" in system for system in family.systems())


def test_workers_do_not_change_the_result(tmp_path):
    family = FamilyScreen(ELEMENTS[:4], step=20)
    one = screen_families(family, tmp_path / "one")
    two = screen_families(family, tmp_path / "two", n_jobs=2)
    pd.testing.assert_frame_equal(one, two)


KILLED = """
import sys
from hanten.phases import FamilyScreen, screen_families
screen_families(FamilyScreen(('Al', 'Cu', 'Fe', 'Pd', 'Mn'), step=5), sys.argv[1],
                progress=lambda line, done, total: print(done, flush=True))
"""


def test_a_killed_run_goes_on_and_ends_the_same(tmp_path):
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(tmp_path / "run")],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ,
    )
    assert process.stdout.readline()
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    lines = tmp_path / "run" / LINES
    before = lines.read_text().splitlines()
    assert 1 <= len(before) < 10
    with lines.open("a") as handle:
        handle.write('{"system": "Al-Cu')  # what a kill in the middle of a write leaves
    family = FamilyScreen(ELEMENTS, step=5)
    seen = []
    frame = screen_families(
        family, tmp_path / "run", resume=True, progress=lambda line, *_: seen.append(line["system"])
    )
    assert len(seen) == family.count - len(before)
    pd.testing.assert_frame_equal(frame, screen_families(family, tmp_path / "whole"))
    assert not (tmp_path / "run" / "results.csv").read_text().startswith("{")


def test_a_run_is_not_overwritten_or_mixed_up(tmp_path):
    family = FamilyScreen(ELEMENTS[:3], step=25)
    screen_families(family, tmp_path / "run")
    with pytest.raises(RunError, match="holds a run already"):
        screen_families(family, tmp_path / "run")
    with pytest.raises(RunError, match="another family"):
        screen_families(FamilyScreen(ELEMENTS[:4], step=25), tmp_path / "run", resume=True)
    with pytest.raises(RunError, match="no run to resume"):
        screen_families(family, tmp_path / "none", resume=True)
    assert len(screen_families(family, tmp_path / "run", force=True)) == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"elements": ("Al",)}, "made of 1"),
        ({"elements": ("Al", "Cu")}, "systems of 3 elements"),
        ({"elements": ELEMENTS, "step": 50}, "leaves no composition"),
        ({"elements": ELEMENTS, "always": ("Zn",)}, "add Zn to the elements"),
        ({"elements": ELEMENTS, "always": ELEMENTS, "size": 2}, "is too many"),
        ({"elements": ELEMENTS, "step": 0.1, "limit": 1_000_000}, "compositions, more than 1,000,000"),
        ({"elements": ("Al", "Cu", "Fe", "Al")}, "twice"),
    ],
)
def test_a_family_that_makes_no_sense(arguments, said):
    with pytest.raises(ConfigError, match=said):
        FamilyScreen(**arguments)


def test_an_unknown_element():
    with pytest.raises(UnknownNameError, match="Xx"):
        FamilyScreen(("Al", "Cu", "Fe", "Pd", "Xx"))
