"""The trained models in the package: they load, say what they are, and were trained on what they may be."""

from __future__ import annotations

import numpy as np
import pytest

from hanten.errors import DataError, UnknownNameError
from hanten.models import list_bundled, load_model
from hanten.models.bundled import LIBRARY
from hanten.models.recipes import RECIPES, Recipe, assemble

NEEDED = {"thermal_conductivity", "density", "Cp", "refractive_index", "Tg"}
COMMON = ["*CC*", "*CC(*)c1ccccc1", "*CC(*)C", "*OCC*", "*CC(*)(C)C(=O)OC"]


def test_what_is_there():
    assert set(list_bundled()) >= NEEDED
    assert len(list_bundled()) >= 9
    assert set(list_bundled()) == set(RECIPES)
    assert sum(path.stat().st_size for path in LIBRARY.iterdir()) < 12e6


@pytest.mark.parametrize("name", list(RECIPES))
def test_each_loads_and_has_a_card(name):
    model = load_model(name)
    assert model.property_.name == name
    card = model.card
    for key in (
        "method",
        "data",
        "licence",
        "rows",
        "scores",
        "calibration",
        "known_biases",
        "date",
        "train_again",
    ):
        assert card[key], key
    assert 0.85 <= card["scores"]["random folds"]["coverage"]["0.9"] <= 0.95
    mean, std = model.predict(COMMON, return_std=True)
    assert model.property_.plausible(mean).all()
    assert (std > 0).all()
    assert len(model.training["keys"]) == len(set(model.training["keys"]))


def test_numbers_a_chemist_would_check():
    tg = load_model("Tg").predict(COMMON)
    assert tg[0] < tg[1]  # polyethylene below polystyrene
    assert abs(tg[1] - 373) < 30
    assert load_model("thermal_conductivity").predict(["*CC*"])[0] == pytest.approx(0.45, abs=0.03)
    assert load_model("density").predict(["*C(F)(F)C(F)(F)*"])[0] > 1.6


def test_conductivity_says_its_method():
    assert load_model("thermal_conductivity").method == "RadonPy MD, amorphous, 300 K"


def test_no_evaluation_data_in_any_recipe():
    from hanten.data import get_dataset

    for recipe in RECIPES.values():
        assert {get_dataset(name).grade for name in recipe.datasets} == {"train"}
    with pytest.raises(DataError, match="evaluation only"):
        assemble(Recipe("Tg", ("lamalab-tg",), "experiment", "", ""))


def test_names_and_aliases():
    assert load_model("thermal conductivity") is load_model("thermal_conductivity")
    with pytest.raises(UnknownNameError, match="did you mean density"):
        load_model("densty")
    with pytest.raises(UnknownNameError, match="no bundled model of Tm"):
        load_model("Tm")


def test_structures_of_the_training_set_are_near_themselves():
    frame = load_model("thermal_conductivity").predict_frame(["*CC(*)c1ccccc1"])
    assert frame["similarity"][0] == 1.0
    assert frame["in_domain"][0]


@pytest.mark.slow
def test_one_command_trains_it_again(data_dir, tmp_path):
    from hanten.models.build import build

    assert data_dir.is_dir()
    again = build("electron_affinity", tmp_path).model
    np.testing.assert_allclose(
        again.predict(COMMON), load_model("electron_affinity").predict(COMMON), rtol=1e-3
    )
