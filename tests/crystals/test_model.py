from __future__ import annotations

import json

import numpy as np
import pytest

from hanten.crystals import evaluate_split, load_conductivity_model, train_conductivity_model
from hanten.crystals.bundle import BUNDLED
from hanten.errors import BundleError
from hanten.models import BayesianLinear, RandomForest


def test_the_small_world_is_learned(small_model):
    frame = small_model.predict_frame(["BN", "PbTe"])
    assert frame["mean"][0] > 10 * frame["mean"][1]
    assert (frame["low"] < frame["mean"]).all()
    assert (frame["mean"] < frame["high"]).all()
    assert frame["in_domain"].all()


@pytest.mark.parametrize("bad", ["oops", "", "Si-1", "Si0", "Og", "Cm2O3", None, 7])
def test_a_bad_formula_is_a_row_with_a_reason(small_model, bad):
    frame = small_model.predict_frame(["BN", bad, "PbTe"])
    assert frame["error"].notna().tolist() == [False, True, False]
    assert np.isnan(frame["mean"][1])
    assert not frame["in_domain"][1]


def test_order_and_batch_do_not_matter(small_model):
    many = ["BN", "PbTe", "N1B1", "B0.5N0.5"]
    mean, sd = small_model.predict_log10(many)
    assert mean[0] == mean[2] == mean[3]
    assert small_model.predict_log10(["PbTe"])[0][0] == mean[1]
    assert (sd > 0).all()


def test_an_element_it_has_never_seen_is_out_of_domain(small_model):
    assert not small_model.predict_frame(["UO2"])["in_domain"][0]


def test_no_formulas(small_model):
    assert len(small_model.predict_frame([])) == 0


def test_the_standard_deviation_is_calibrated(small_model):
    assert 0.85 < small_model.card["scores"]["systems held out (calibration)"]["coverage_90"] < 0.95


def test_any_regressor_and_more_descriptors(small_table, tmp_path):
    def numbers_of_letters(formulas):
        return np.array([[len(text)] for text in formulas])

    model = train_conductivity_model(small_table, BayesianLinear(), extra=numbers_of_letters)
    assert model.predict_log10(["BN"])[0][0] > model.predict_log10(["PbTe"])[0][0]
    assert model.card["descriptors"] == []
    with pytest.raises(BundleError, match="extra descriptors"):
        model.save(tmp_path / "m.safetensors")


def test_a_saved_model_predicts_the_same(small_model, tmp_path):
    again = load_conductivity_model(small_model.save(tmp_path / "m.safetensors"))
    some = ["BN", "PbTe", "MgO", "Cs2Te"]
    for a, b in zip(again.predict_log10(some), small_model.predict_log10(some), strict=True):
        assert np.abs(a - b).max() < 1e-6
    assert again.predict_frame(some)["in_domain"].equals(small_model.predict_frame(some)["in_domain"])


def test_other_regressors_are_saved_too(small_table, tmp_path):
    model = train_conductivity_model(small_table, RandomForest(10, 0.2))
    again = load_conductivity_model(model.save(tmp_path / "m.safetensors"))
    assert again.predict_log10(["BN"])[0][0] == pytest.approx(model.predict_log10(["BN"])[0][0])


def test_a_changed_byte_is_noticed(small_model, tmp_path):
    path = small_model.save(tmp_path / "m.safetensors")
    data = bytearray(path.read_bytes())
    data[-50] ^= 1
    path.write_bytes(bytes(data))
    with pytest.raises(BundleError, match="digest"):
        load_conductivity_model(path)


def test_a_phase_model_is_no_conductivity_model():
    from hanten.phases.bundle import BUNDLED as OTHER

    with pytest.raises(BundleError, match="not a hanten conductivity model"):
        load_conductivity_model(OTHER)


def test_the_fixed_split(small_table, small_regressor):
    done = evaluate_split(small_table, {"small": small_regressor})["small"]
    assert done["n"] == int((small_table.split == "test").sum())
    assert done["r2"] > 0.8


def test_the_bundled_model():
    assert BUNDLED.stat().st_size < 3e6
    model = load_conductivity_model()
    frame = model.predict_frame(["BN", "Si", "NaCl", "PbTe", "CsBr"])
    assert frame["error"].isna().all()
    assert frame["mean"].iloc[0] > frame["mean"].iloc[3]
    json.dumps(model.card, allow_nan=False)
    assert {"data", "licence", "scores", "train_again"} <= set(model.card)


def test_the_public_values(data_dir):
    from hanten.crystals import read_conductivities

    table = read_conductivities()
    counts = {name: int((table.split == name).sum()) for name in ("train", "val", "test")}
    assert counts["test"] > 700
    assert len(set(table.formulas)) == len(table) == sum(counts.values())
    assert (table.values > 0).all()
