"""Tables of formulas: reading them, both arms, the model that is kept, and bad input."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from hanten.chem import Composition
from hanten.errors import BundleError, ConfigError, DataError, UnitError, UnknownNameError
from hanten.features import CompositionDescriptors
from hanten.properties import get_property
from hanten.report.transfer import check_outputs, write_outputs
from hanten.transfer import CompositionModel, SourceFeatures, load_composition_model, transfer
from hanten.transfer.formulas import clean_formulas, holds_formulas
from hanten.transfer.inputs import Inputs
from hanten.transfer.keys import seen_set
from hanten.transfer.scaling import Scaling
from hanten.transfer.source import SourceModel
from hanten.transfer.sources import Chosen, choose_sources
from hanten.transfer.target import read_target

METALS, ANIONS = ("Mg", "Ca", "Zn", "Cd", "Pb", "Sr"), ("O", "S", "Se", "Te")
FORMULAS = [f"{metal}{anion}" for metal in METALS for anion in ANIONS]
DENSITY = get_property("density")


@pytest.fixture(scope="module")
def networks():
    """Two tasks of two untrained networks, one with a scaling of its own."""
    featurizer = CompositionDescriptors()
    inputs = Inputs.learn("composition", featurizer, featurizer.fit_transform(FORMULAS), log=False)
    found = []
    for i in range(4):
        rng = np.random.default_rng(i)
        sizes = [inputs.width, 8, 5, 1]
        layers = tuple(
            (
                (rng.normal(size=(a, b)) / np.sqrt(a)).astype(np.float16).astype(np.float32),
                np.zeros(b, np.float32),
            )
            for a, b in pairwise(sizes)
        )
        task = ("composition/density", "composition/bulk_modulus")[i // 2]
        found.append(
            SourceModel(
                f"{task}/{i:04d}",
                "composition",
                task.partition("/")[2],
                "",
                {"method": "toy"},
                inputs,
                np.arange(inputs.width),
                layers,
                5.0,
                1.0,
                False,
                seen_set(FORMULAS[:3]),
            )
        )
    scaling = Scaling.learn(inputs.transform(FORMULAS))
    return [*found[:2], *(replace(one, scaling=scaling) for one in found[2:])]


@pytest.fixture(scope="module")
def told(networks):
    """Values that are what the sources say, on another scale; the last two rows have none."""
    said = SourceFeatures(networks).transform([Composition(text) for text in FORMULAS])[:, 0].astype(float)
    values = [f"{5 + one:.4f}" for one in (said - said.mean()) / said.std()]
    return pd.DataFrame({"formula": FORMULAS, "density": [*values[:-2], "", ""]})


@pytest.fixture(scope="module")
def study(told, networks):
    return transfer(told, "formula", "density", sources=Chosen(tuple(networks)), n_draws=2, head="linear")


def test_both_arms_are_paired_and_predict_the_rows_without_a_value(study):
    assert study.comparison.gain > 0.3 * study.comparison.baseline.mean()
    assert isinstance(study.model, CompositionModel)
    assert study.unmeasured == ("SrSe", "SrTe")
    frame = study.predictions()
    assert frame["formula"].tolist() == ["SrSe", "SrTe"]
    assert frame["error"].isna().all()
    assert (frame["sd"] > 0).all()
    assert study.baseline.random.structures == study.transfer.random.structures


def test_it_is_written_and_read_again(study, tmp_path):
    names = [tmp_path / name for name in ("m.safetensors", "m.html", "m.csv")]
    lines = write_outputs(study, names)
    assert lines[2].startswith("2 rows without a value")
    again = load_composition_model(names[0])
    one, two = (model.predict(FORMULAS, return_std=True) for model in (study.model, again))
    np.testing.assert_allclose(one, two, rtol=1e-3)
    assert again.card["transfer"] == study.model.card["transfer"]
    assert b"pickle" not in names[0].read_bytes()
    names[0].write_bytes(names[0].read_bytes()[:-9])
    with pytest.raises(BundleError):
        load_composition_model(names[0])


@pytest.mark.parametrize("method", ["multi-fidelity", "frozen", "shotgun", "affine"])
def test_every_method_takes_formulas(method, told, networks):
    sources = networks if method != "shotgun" else networks * 3
    done = transfer(told[:12], "formula", "density", method=method, sources=Chosen(tuple(sources)), n_draws=2)
    assert np.isfinite(done.comparison.gain)


def test_a_bad_formula_is_a_row_with_a_reason(study):
    mean, std = study.model.predict(["MgO", "Mgo2", None], return_std=True)
    assert np.isfinite(mean).tolist() == [True, False, False] == np.isfinite(std).tolist()
    frame = study.model.predict_frame(["Mgo2", "MgO", "FeNi"])
    assert frame["error"].notna().tolist() == [True, False, False]
    assert frame["in_domain"].tolist()[::2] == [False, False]
    assert study.model.predict([]).shape == (0,)


@pytest.mark.parametrize(
    ("column", "entries", "formulas"),
    [
        ("Formula", ["whatever"], True),
        ("alloy", ["Fe70Cr20Ni10", "Al2O3", ""], True),
        ("smiles", ["CCO", "c1ccccc1"], False),
        ("x", ["CO", "CN"], False),
        ("x", ["*CC*"], False),
        ("x", ["", None], False),
    ],
)
def test_what_a_column_holds(column, entries, formulas):
    assert holds_formulas(column, entries) is formulas


def test_one_composition_in_several_writings_is_one_value():
    table = pd.DataFrame(
        {
            "f": ["Al2O3", "Al0.4O0.6", "Al4O6", "Fee", "SiO2", ""],
            "density": ["3.9", "4.1", "4.4", "1", "2.2", "7"],
        }
    )
    clean = clean_formulas(table, "f", "density", DENSITY)
    assert clean.structures == ("Al2O3", "O2Si")
    assert clean.y.tolist() == [4.1, 2.2]
    assert clean.report["duplicate_rows"] == 2
    assert clean.report["largest_spread"]["structure"] == "Al2O3"
    assert [bad["row"] for bad in clean.report["examples"]] == [3, 5]
    assert "Fee" in clean.report["examples"][0]["reason"]


class TestBadInput:
    def test_seven_formulas_are_refused(self, told, networks):
        with pytest.raises(DataError, match="7 materials have a value"):
            transfer(told[:7], "formula", "density", sources=Chosen(tuple(networks)))

    def test_no_value_at_all(self, told, networks):
        with pytest.raises(DataError, match="no row has a formula and a value"):
            transfer(told.assign(density=""), "formula", "density", sources=Chosen(tuple(networks)))

    def test_a_constant_target(self, told, networks):
        with pytest.raises(DataError, match="nothing to learn"):
            transfer(told.assign(density="3.0"), "formula", "density", sources=Chosen(tuple(networks)))

    def test_a_unit_of_another_kind(self, told, networks):
        with pytest.raises(UnitError):
            transfer(told, "formula", "density", unit="K", sources=Chosen(tuple(networks)))

    def test_a_missing_column(self, told, networks):
        with pytest.raises(UnknownNameError, match="formul"):
            transfer(told, "formul", "density", kind="composition", sources=Chosen(tuple(networks)))

    def test_repeat_units_in_a_column_of_formulas(self, told, networks):
        table = told.assign(formula=["*CC*", *FORMULAS[1:]])
        done = transfer(
            table, "formula", "density", sources=Chosen(tuple(networks)), n_draws=2, head="linear"
        )
        assert any("row 0 is not used: formula" in note for note in done.notes)

    def test_a_world_that_is_not_there(self, told):
        with pytest.raises(ConfigError, match="no world"):
            read_target(told, "formula", "density", DENSITY, None, "glass")

    def test_a_source_that_needs_structures(self):
        with pytest.raises(ConfigError, match="reads structures, and the table holds formulas"):
            choose_sources(FORMULAS, "density", ["model/density"], kind="composition")

    def test_a_file_of_the_other_kind(self, tmp_path):
        with pytest.raises(ConfigError, match="a model of formulas"):
            check_outputs([tmp_path / "m.hanten"], formulas=True)
        with pytest.raises(ConfigError, match="a model of structures"):
            check_outputs([tmp_path / "m.safetensors"])


def test_a_source_of_compositions_knows_whether_it_saw_a_polymer(networks):
    assert networks[0].saw(["*CC*", "OMg"]).tolist() == [False, True]


def test_the_library_has_sources_for_formulas():
    chosen = choose_sources(FORMULAS[:9], "thermal_conductivity", retrain=False, kind="composition")
    assert {row["task"].partition("/")[0] for row in chosen.report} == {"composition"}
    assert "composition/thermal_conductivity@aflow" in {row["task"] for row in chosen.report}
