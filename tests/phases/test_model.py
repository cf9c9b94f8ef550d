from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from hanten.chem import Composition
from hanten.errors import BundleError
from hanten.phases import load_phase_model
from hanten.phases.bundle import BUNDLED
from hanten.phases.model import OUTSIDE, records
from hanten.phases.table import read_compositions


@pytest.fixture(scope="module")
def model():
    return load_phase_model()


def test_known_compounds_are_known(model):
    frame = model.predict_frame(["Al65Cu20Fe15", "Zn75Sc15Fe10", "Cd6Yb", "NaCl", "Fe2O3"])
    assert frame["phase"].tolist() == ["quasicrystal", "quasicrystal", "approximant", "other", "other"]
    assert frame["in_domain"].all()
    assert frame["similarity"].iloc[:3].tolist() == pytest.approx([1, 1, 1], abs=1e-4)


def test_probabilities_sum_to_one(model):
    p = model.predict(["Al63Cu25Fe12", "MgZn2", "Ti"])
    assert np.allclose(p.sum(axis=1), 1)


def test_only_proportions_count(model):
    same = [
        "Al63Cu25Fe12",
        "Al0.63Cu0.25Fe0.12",
        "Fe12Al63Cu25",
        "Al126Cu50Fe24",
        Composition("Al63Cu25Fe12"),
    ]
    p = model.predict(same)
    assert np.abs(p - p[0]).max() < 1e-12
    assert len(set(model.predict_frame(same)["composition"])) == 1


def test_a_prediction_does_not_depend_on_the_batch(model):
    many = ["Al63Cu25Fe12", "NaCl", "Cd5Mg2Y"]
    assert np.array_equal(model.predict(many)[2], model.predict(many[2:])[0])


def test_an_unknown_system_is_not_called_other(model):
    row = model.predict_frame(["Pu2Np3Bi"]).iloc[0]
    assert row["other"] > 0.9
    assert not row["in_domain"]
    assert row["phase"] == OUTSIDE


@pytest.mark.parametrize("bad", ["oops", "", "Al-3", "Fe0", "Og2", "Lr", "Xx3", None, 4.2, "Al(", "Al1e99"])
def test_a_bad_formula_is_a_row_with_a_reason(model, bad):
    frame = model.predict_frame(["Al65Cu20Fe15", bad, "NaCl"])
    assert len(frame) == 3
    assert frame["error"].notna().tolist() == [False, True, False]
    assert np.isnan(frame["other"][1])
    assert not frame["in_domain"][1]
    assert frame["in_domain"].dtype == bool


def test_all_bad_and_none(model):
    assert model.predict_frame(["x", "y"])["error"].notna().all()
    assert len(model.predict_frame([])) == 0
    assert model.predict([]).shape == (0, 3)


def test_records_have_the_promised_keys(model):
    good, bad = records(model.predict_frame(["Al63Cu25Fe12", "oops"]))
    assert list(good) == ["input", "composition", "probabilities", "in_domain", "nearest", "error"]
    assert list(good["probabilities"]) == ["quasicrystal", "approximant", "other"]
    assert set(good["nearest"]) == {"composition", "phase", "similarity"}
    assert good["error"] is None
    assert bad["probabilities"] is None
    assert bad["nearest"] is None
    assert bad["error"]
    json.dumps([good, bad], allow_nan=False)


def test_the_file_is_small_and_says_where_it_comes_from(model):
    assert BUNDLED.stat().st_size < 3e6
    assert {"data", "licence", "scores", "rules", "date", "train_again", "known_biases"} <= set(model.card)
    assert model.card["scores"]["system"]["macro_f1"] > 0.8


def test_a_saved_model_predicts_the_same(model, tmp_path):
    again = load_phase_model(model.save(tmp_path / "m.safetensors"))
    some = ["Al63Cu25Fe12", "Zn77Sc7Tm9Fe7", "Fe3Al"]
    assert np.abs(again.predict(some) - model.predict(some)).max() < 1e-12
    assert again.predict_frame(some)["in_domain"].equals(model.predict_frame(some)["in_domain"])


@pytest.mark.parametrize("place", [12, 2000, -200])
def test_a_changed_byte_is_noticed(tmp_path, place):
    data = bytearray(BUNDLED.read_bytes())
    data[place] ^= 0x11
    path = tmp_path / "m.safetensors"
    path.write_bytes(bytes(data))
    with pytest.raises(BundleError):
        load_phase_model(path)


def test_what_is_no_model_is_refused(tmp_path):
    with pytest.raises(BundleError, match="no such file"):
        load_phase_model(tmp_path / "none.safetensors")
    path = tmp_path / "text.safetensors"
    path.write_text("hello")
    with pytest.raises(BundleError, match="not a hanten phase model"):
        load_phase_model(path)


def test_the_rules_speak_of_both_questions(model):
    rules = model.card["rules"]
    assert {rule["question"] for rule in rules} == {
        "quasicrystal or approximant",
        "quasicrystal rather than approximant",
    }
    assert all(rule["text"].endswith(".") and 0 < rule["weight"] < 1 for rule in rules)


def test_many_compositions_are_predicted_in_blocks(model, monkeypatch):
    amounts, formulas, _ = read_compositions(["Al65Cu20Fe15", "Cd6Yb", "NaCl", "Zn60Mg30Y10", "Fe"])
    whole = model.frame_of(amounts, formulas)
    monkeypatch.setattr("hanten.phases.model.BLOCK", 2)
    pd.testing.assert_frame_equal(model.frame_of(amounts, formulas), whole)


def test_an_element_beyond_the_table_is_told_with_its_range(model):
    row = model.predict_frame(["Og5Al", "Al"]).iloc[0]
    assert row["error"] == "'Og5Al': Og not in the element table (it has 94 elements, H to Pu)"


def test_nothing_is_near_that_shares_no_element(model):
    frame = model.predict_frame(["He", "Fe"])
    assert frame["nearest"].tolist()[0] is None
    assert frame["nearest_phase"].tolist()[0] is None
    assert frame["similarity"].tolist()[0] == 0
    assert [row["nearest"] is None for row in records(frame)] == [True, False]
