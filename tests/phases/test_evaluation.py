from __future__ import annotations

import numpy as np
import pytest

from hanten.errors import ConfigError
from hanten.phases import cross_validate, train_phase_model
from hanten.phases.evaluation import reliability, score
from hanten.phases.table import make_phase_table
from hanten.phases.training import report_lines, summary


@pytest.fixture(scope="module")
def table():
    """A small world: zinc alloys are quasicrystals, cadmium alloys approximants, the rest is other."""
    rare = ["Sc", "Y", "Gd", "Tb", "Dy", "Ho", "Er", "Tm", "Yb", "Lu"]
    first = [f"Zn80{r}15Mg5" for r in rare]
    second = [f"Cd6{r}" for r in rare]
    others = [f"{a}{b}" for a in ("Fe", "Ni", "Ti", "Cu", "Al") for b in ("O", "S", "Si", "Ge", "As")]
    return make_phase_table([*first, *second, *others], ["QC"] * 10 + ["AC"] * 10 + ["OTHERS"] * 25)


@pytest.fixture(scope="module")
def held_out(table):
    return cross_validate(table, "system", n_splits=3)


def test_no_system_is_on_both_sides(table, held_out):
    systems = np.array(table.systems)
    for k in range(3):
        assert not set(systems[held_out.fold == k]) & set(systems[held_out.fold != k])


def test_the_small_world_is_learned(held_out):
    scores = held_out.scores()
    assert scores["quasicrystal_ap"] > 0.9
    assert scores["merged_recall"] > 0.8
    assert np.allclose(held_out.probabilities.sum(axis=1), 1)


def test_every_class_is_in_every_fold(table, held_out):
    for k in range(3):
        assert (table.labels[held_out.fold == k] < 2).any()


def test_metallic_only(table):
    done = cross_validate(table, "metallic", n_splits=3)
    assert len(done.labels) == int(table.metallic.sum()) < len(table)


def test_the_seed_decides(table, held_out):
    again = cross_validate(table, "system", n_splits=3)
    assert np.array_equal(again.probabilities, held_out.probabilities)


def test_unknown_folds(table):
    with pytest.raises(ConfigError, match="no folds"):
        cross_validate(table, "leave-nothing-out")


def test_perfect_answers_score_one():
    labels = np.array([0, 1, 2, 2])
    scores = score(labels, np.eye(3)[labels], labels)
    assert scores["macro_f1"] == scores["merged_recall"] == scores["accuracy"] == 1
    assert scores["brier"] == 0


def test_reliability_counts_every_row():
    p = np.random.default_rng(0).random(500)
    assert sum(b["n"] for b in reliability(p, p > 0.5)) == 500


def test_training_makes_a_model_that_travels(table, tmp_path, monkeypatch):
    model = train_phase_model(table)
    assert model.predict_frame(["Zn80Sc15Mg5", "Cd6Dy", "FeO"])["phase"].tolist() == [
        "quasicrystal",
        "approximant",
        "other",
    ]
    assert model.card["data"] == "your own table"
    assert "macro-F1" in summary(model)
    assert any("used" in line for line in report_lines(model.card["rows"]))
    from hanten.phases import load_phase_model

    again = load_phase_model(model.save(tmp_path / "mine.safetensors"))
    assert np.abs(again.predict(["Zn80Sc15Mg5"]) - model.predict(["Zn80Sc15Mg5"])).max() < 1e-12
