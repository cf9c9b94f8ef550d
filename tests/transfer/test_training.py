from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from hanten.chem import canonical_psmiles
from hanten.errors import ConfigError, DataError, MissingExtraError, RunError
from hanten.transfer import training
from hanten.transfer.inputs import Inputs
from hanten.transfer.library import open_library
from hanten.transfer.plans import draw_groups
from hanten.transfer.task_data import TaskData
from hanten.transfer.tasks import get_task
from hanten.transfer.train_library import canonical_keys, run
from hanten.transfer.training import Settings, held_out, train_sources, train_task

WRITTEN = [f"*{'C' * a}O{'C' * b}O*".replace("CCCC", "CC(C)C") for a in range(1, 12) for b in range(1, 12)]
UNITS = sorted({canonical_psmiles(unit) for unit in WRITTEN})


def made_up_task(_task, exclude_keys=(), limit=None, seed=0):
    """Mass-like values of polyethers, in place of public data."""
    kept = [unit for unit in UNITS if unit not in set(exclude_keys)]
    values = np.array([0.8 + 0.01 * len(unit) + 0.02 * unit.count("(") for unit in kept])
    return TaskData(tuple(kept), values, len(UNITS), 0, len(UNITS) - len(kept))


@pytest.fixture
def toy(monkeypatch, tmp_path):
    """Two small tasks, features that take no time, a cache of the test's own."""
    from hanten.features import MorganFingerprint

    pytest.importorskip("torch", reason="training needs torch (the train extra)")
    monkeypatch.setenv("HANTEN_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setattr(training, "load_task", made_up_task)
    monkeypatch.setattr(training, "featurizer_of", lambda _: MorganFingerprint(radius=1, size=64))
    return ["polymer/density", "polymer/Cp"]


def test_a_task_is_learned_and_scored_on_keys_it_never_saw(toy):
    library = train_sources(toy[:1], n_models=6, seed=1)
    source = library.best("density")
    card = source.card
    assert card["scores"]["r2"] > 0.8
    assert card["scores"]["n"] == held_out(UNITS, 1).sum()
    seen = source.saw(UNITS)
    assert not seen[held_out(UNITS, 1)].any()
    assert seen[~held_out(UNITS, 1)].all()
    X = source.featurize(UNITS)
    test = held_out(UNITS, 1)
    values = made_up_task(None).values
    assert np.abs(source.predict(X)[test] - values[test]).mean() == pytest.approx(
        card["scores"]["mae"], rel=1e-3
    )
    assert {"data", "split", "date", "train_again", "datasets", "widths", "seed", "view"} <= set(card)


def test_excluded_keys_are_seen_by_nobody(toy):
    left_out = UNITS[::3]
    library = train_sources(toy[0], exclude_keys=left_out, n_models=3)
    source = library.best("density")
    assert not source.saw(left_out).any()
    assert source.card["rows"]["excluded"] == len(left_out)
    assert source.card["excluded_digest"]


def test_a_finished_task_is_not_trained_again(toy, tmp_path, monkeypatch):
    folder = tmp_path / "library"
    said = []
    train_sources(toy[:1], n_models=2, folder=folder, say=said.append)
    before = (folder / "polymer/density.safetensors").read_bytes()
    real = training.train_task
    monkeypatch.setattr(
        training, "train_task", lambda task, *rest: calls.append(task.name) or real(task, *rest)
    )
    calls = []
    library = train_sources(toy, n_models=2, folder=folder)
    assert calls == ["polymer/Cp"]
    assert (folder / "polymer/density.safetensors").read_bytes() == before
    assert len(library) == 4
    assert library.load("polymer/Cp").inputs.digest == library.load("polymer/density").inputs.digest


def test_an_interrupted_run_goes_on(toy, tmp_path, monkeypatch):
    folder = tmp_path / "library"
    real = training.train_task

    def breaks(task, *rest):
        if task.name == "polymer/Cp":
            raise KeyboardInterrupt
        return real(task, *rest)

    monkeypatch.setattr(training, "train_task", breaks)
    with pytest.raises(KeyboardInterrupt):
        train_sources(toy, n_models=2, folder=folder)
    assert list(open_library(folder).index) == ["polymer/density"]
    monkeypatch.setattr(training, "train_task", real)
    assert set(train_sources(toy, n_models=2, folder=folder).index) == set(toy)


def test_when_time_is_up_it_says_what_waits(toy, tmp_path):
    said = []
    library = train_sources(toy, n_models=1, minutes=0.0, folder=tmp_path / "library", say=said.append)
    assert len(library) == 0
    assert "2 tasks" in said[-1]


def test_other_settings_do_not_go_into_the_same_folder(toy, tmp_path):
    train_sources(toy[:1], n_models=1, folder=tmp_path / "library")
    with pytest.raises(RunError, match=r"other settings.*seed"):
        train_sources(toy, n_models=1, seed=7, folder=tmp_path / "library")


def test_the_same_seed_gives_the_same_networks(toy):
    one, two, other = (train_sources(toy[:1], n_models=3, seed=s) for s in (5, 5, 6))
    X = one.best("density").featurize(UNITS[:9])
    names = one.names()
    for name in names:
        np.testing.assert_array_equal(one.load(name).predict(X), two.load(name).predict(X))
    assert not np.array_equal(one.load(names[0]).predict(X), other.load(names[0]).predict(X))


def test_constant_values_and_networks_that_diverge(toy, monkeypatch):
    from hanten.features import MorganFingerprint

    featurizer = MorganFingerprint(radius=1, size=64)
    raw = featurizer.fit_transform(UNITS)
    inputs = Inputs.learn("polymer", featurizer, raw, log=True)
    data = made_up_task(None)
    with pytest.raises(DataError, match="same value"):
        train_task(
            get_task("density"),
            replace(data, values=np.ones(len(UNITS))),
            inputs.scaled(raw),
            inputs,
            Settings(2),
        )


def test_without_torch_it_says_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setattr("hanten.transfer.fine_tuning.find_spec", lambda _: None)
    with pytest.raises(MissingExtraError, match=r"hanten\[train\]"):
        train_sources("polymer/density")
    with pytest.raises(MissingExtraError, match=r"hanten\[train\]"):
        run(["density"], tmp_path)


@pytest.mark.parametrize("options", [{"models": 0}, {"limit": 3}, {"threads": 0}, {"minutes": 0.0}])
def test_numbers_that_make_no_sense(toy, tmp_path, options):
    with pytest.raises(ConfigError):
        run(toy, tmp_path / "library", **options)


def test_keys_to_leave_out_come_in_any_writing():
    assert canonical_keys(["*OCC*", " ", "CO"]) == {"*CCO*", "CO"} | canonical_keys(["CO"])
    with pytest.raises(DataError, match=r"material 2 .*no material"):
        canonical_keys(["*CC*", "*C("])


def test_networks_are_drawn_as_they_should_be():
    blocks = ["a"] * 300 + ["b"] * 300
    varying = np.arange(600) % 3 > 0
    groups = draw_groups(45, blocks, varying, np.random.default_rng(0))
    assert sum(len(group.plans) for group in groups) == 45
    for group in groups:
        assert varying[group.columns].all()
        assert len(group.columns) <= 400
        assert {b for i, b in enumerate(blocks) if i in set(group.columns)} <= set(group.view.split("+"))
        assert len({len(plan.widths) for plan in group.plans}) == 1
        for plan in group.plans:
            assert 2 <= len(plan.widths) <= 4
            assert list(plan.widths) == sorted(plan.widths, reverse=True)
    assert len({plan.split_seed for group in groups for plan in group.plans}) == 45
