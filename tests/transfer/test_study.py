"""From a table of strings to a verdict and a bundle: both arms, the refusal of negative transfer, bad input."""

from __future__ import annotations

import json
import re
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

import hanten
import hanten.chem
from hanten.errors import BundleError, ConfigError, DataError, MissingExtraError, UnitError, UnknownNameError
from hanten.models.bundle import dump_bundle
from hanten.transfer import SourceFeatures, TransferStudy, transfer
from hanten.transfer.arms import METHODS, make_arms
from hanten.transfer.keys import seen_set
from hanten.transfer.source import SourceModel
from hanten.transfer.sources import Chosen, choose_sources

SIDES = ["", "C", "CC", "Cl", "F", "C#N", "c1ccccc1", "O"]
UNITS24 = [
    str(hanten.chem.Polymer(f"*C{f'({side})' if side else ''}C{spacer}*"))
    for side in SIDES
    for spacer in ("", "O", "C(=O)N")
]


def make_source(inputs, seed, name="polymer/density/0000", property_name="density", seen=None):
    """An untrained network of two hidden layers on all columns."""
    rng = np.random.default_rng(seed)
    sizes = [inputs.width, 8, 5, 1]
    layers = tuple(
        (half(rng.normal(size=(a, b)) / np.sqrt(a)), half(rng.normal(size=b))) for a, b in pairwise(sizes)
    )
    seen = np.zeros(0, np.uint64) if seen is None else seen
    columns = np.arange(inputs.width)
    return SourceModel(
        name, "polymer", property_name, "", {"method": "toy"}, inputs, columns, layers, 1.1, 0.2, False, seen
    )  # fmt: skip


def half(array):
    return array.astype(np.float16).astype(np.float32)


pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


@pytest.fixture(scope="module")
def networks(inputs):
    """Two tasks of three networks each, that saw nothing."""
    return [
        make_source(inputs, seed=10 * t + i, name=f"polymer/{task}/{i:04d}", property_name=task)
        for t, task in enumerate(("density", "Cp"))
        for i in range(3)
    ]


@pytest.fixture(scope="module")
def told(networks):
    """A table whose values are what the sources say, on another scale."""
    said = SourceFeatures(networks).transform(UNITS24)[:, 0].astype(float)
    standard = (said - said.mean()) / said.std()
    noise = np.random.default_rng(0).normal(0, 0.02, len(said))
    return pd.DataFrame({"psmiles": UNITS24, "Tg": 350 + 60 * (standard + noise)})


@pytest.fixture(scope="module")
def study(told, networks):
    return transfer(told, "psmiles", "Tg", sources=Chosen(tuple(networks)), n_draws=2, head="linear")


def test_a_source_that_knows_helps(study):
    assert study.comparison.verdict == "helps"
    assert study.chosen == "transfer"
    assert study.model is study.transfer.model
    assert study.comparison.gain > 0.3 * study.comparison.baseline.mean()
    assert "transfer helped by" in study.summary()


def test_both_arms_are_tested_on_the_same_folds(study):
    one, two = study.baseline.random, study.transfer.random
    assert one.structures == two.structures
    np.testing.assert_array_equal(one.fold, two.fold)
    assert len(study.comparison.baseline) == 2


def test_it_shows_itself(study):
    frame = study.frame()
    assert frame["arm"].tolist() == ["no transfer (linear)", "tau-rho", "paired gain"]
    assert frame["used"].tolist() == ["", "yes", ""]
    said = json.loads(json.dumps(study.as_dict(), default=float))
    assert said["paired"]["draws"] == 2
    assert said["chosen"] == "transfer"


def test_negative_transfer_is_refused(told, networks):
    values = np.random.default_rng(5).permutation(told["Tg"].to_numpy())
    confused = told.assign(Tg=values)
    study = transfer(confused, "psmiles", "Tg", sources=Chosen(tuple(networks)), n_draws=2, head="linear")
    assert study.chosen == "baseline"
    assert study.model is study.baseline.model
    assert "interval of the gain" in study.reason or "negative transfer" in study.reason
    forced = transfer(
        confused, "psmiles", "Tg", sources=Chosen(tuple(networks)), n_draws=2, head="linear", force=True
    )
    assert forced.chosen == "transfer"
    assert "asked for" in forced.reason


def test_the_card_tells_of_the_comparison(study):
    card = study.model.card["transfer"]
    assert "95 % interval" in card["paired"]
    assert card["used"].startswith("transfer")


@pytest.mark.parametrize("method", [m for m in METHODS if m != "fine-tuning"])
def test_every_method_is_kept_in_one_file(method, told, networks, tmp_path):
    sources = networks if method != "shotgun" else networks * 2
    arms = make_arms(method, _views(), sources, head="linear" if method in {"tau-rho", "shotgun"} else "gp")
    from hanten.models import train

    model = train(told, "psmiles", "Tg", model=arms.transfer[1], views=arms.transfer[0]).model
    path = model.save(tmp_path / "m.hanten")
    again = hanten.load_model(path)
    one, two = model.predict(UNITS24[:4], return_std=True), again.predict(UNITS24[:4], return_std=True)
    np.testing.assert_allclose(one, two, rtol=1e-3)
    assert b"pickle" not in path.read_bytes()


def test_fine_tuning_needs_torch(told, networks, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "torch", None)
    with pytest.raises(MissingExtraError, match=r"hanten\[train\]"):
        transfer(told, "psmiles", "Tg", method="fine-tuning", sources=Chosen(tuple(networks)), n_draws=2)


def test_a_whole_model_may_be_a_source(told):
    density = hanten.load_model("density")
    features = SourceFeatures([density])
    again = SourceFeatures.from_config(features.get_config()["parameters"], features.get_arrays())
    np.testing.assert_allclose(again.transform(UNITS24[:5]), features.transform(UNITS24[:5]), rtol=1e-5)
    np.testing.assert_allclose(features.transform(UNITS24[:5])[:, 0], density.predict(UNITS24[:5]), rtol=1e-5)


def test_features_that_changed_are_refused(networks):
    arrays = SourceFeatures(networks).get_arrays()
    parameters = SourceFeatures(networks).get_config()["parameters"]
    changed = next(key for key in arrays if key.endswith("probes"))
    with pytest.raises(BundleError, match="not those the sources were trained on"):
        SourceFeatures.from_config(parameters, arrays | {changed: arrays[changed] + 1})
    text = arrays["description"].tobytes().decode().replace('"definition": ', '"definition": 9')
    with pytest.raises(BundleError, match="other features"):
        SourceFeatures.from_config(
            parameters, arrays | {"description": np.frombuffer(text.encode(), np.uint8)}
        )


def test_bad_structures_keep_their_row(networks):
    found = SourceFeatures(networks, errors="nan").transform(["*CC*", "nonsense(", "*CCO*"])
    assert np.isfinite(found).all(axis=1).tolist() == [True, False, True]


class TestBadInput:
    def test_seven_rows_are_refused_with_the_reason(self, told, networks):
        with pytest.raises(DataError, match="7 materials have a value, and a transfer study needs 8"):
            transfer(told[:7], "psmiles", "Tg", sources=Chosen(tuple(networks)))

    def test_eight_rows_are_warned_about(self, told, networks):
        study = transfer(told[:8], "psmiles", "Tg", sources=Chosen(tuple(networks)), n_draws=2, head="linear")
        assert any("8 materials are very few" in note for note in study.notes)

    def test_a_constant_target_is_refused(self, told, networks):
        with pytest.raises(DataError, match="nothing to learn"):
            transfer(told.assign(Tg=300.0), "psmiles", "Tg", sources=Chosen(tuple(networks)))

    def test_conflicting_duplicates_are_reported_and_their_median_taken(self, told, networks):
        again = pd.DataFrame({"psmiles": ["*C*", "*CCCC*"], "Tg": [100.0, 900.0]})
        table = pd.concat([told[:12], again], ignore_index=True)
        study = transfer(table, "psmiles", "Tg", sources=Chosen(tuple(networks)), n_draws=2, head="linear")
        note = next(note for note in study.notes if "median" in note)
        assert "rows repeat a material" in note
        assert re.search(r"largest disagreement is \d+", note)

    def test_a_unit_of_another_kind_is_an_error(self, told, networks):
        with pytest.raises(UnitError):
            transfer(told, "psmiles", "Tg", unit="g/cm**3", sources=Chosen(tuple(networks)))

    def test_source_and_target_in_other_units_of_the_same_kind_agree(self, told, networks):
        celsius = told.assign(Tg=told["Tg"] - 273.15)
        chosen = Chosen(tuple(networks))
        one = transfer(told, "psmiles", "Tg", sources=chosen, n_draws=2, head="linear")
        two = transfer(celsius, "psmiles", "Tg", unit="degC", sources=chosen, n_draws=2, head="linear")
        np.testing.assert_allclose(one.comparison.transfer, two.comparison.transfer, rtol=1e-6)

    @pytest.mark.parametrize(
        "options", [{"method": "magic"}, {"head": "oracle"}, {"method": "affine", "head": "forest"}]
    )
    def test_an_unknown_method_or_head_is_an_error(self, options, told, networks):
        with pytest.raises(ConfigError):
            transfer(told, "psmiles", "Tg", sources=Chosen(tuple(networks)), **options)

    def test_a_missing_column_is_an_error(self, told, networks):
        with pytest.raises(UnknownNameError, match="psmile"):
            transfer(told, "psmile", "Tg", sources=Chosen(tuple(networks)))

    def test_no_sources_is_an_error(self, told):
        with pytest.raises(ConfigError, match="no sources"):
            transfer(told, "psmiles", "Tg", sources=Chosen(()))


class TestSeen:
    """What the target's materials are to a source that was trained on them."""

    @pytest.fixture
    def library(self, inputs, monkeypatch):
        from hanten.transfer import sources

        knows = [make_source(inputs, seed=1, name="polymer/density/0000", seen=seen_set(UNITS24[:5]))]
        same = [
            make_source(
                inputs, seed=2, name="polymer/Tg/0000", property_name="Tg", seen=seen_set(UNITS24[:5])
            )
        ]
        found = {"polymer/density": knows, "polymer/Tg": same}
        monkeypatch.setattr(sources, "_from_library", lambda *_: found)
        return found

    @pytest.mark.usefixtures("library")
    def test_it_is_said_what_cannot_be_trained_again(self, monkeypatch):
        monkeypatch.setitem(__import__("sys").modules, "torch", None)
        chosen = choose_sources(UNITS24, "Tg")
        density, tg = chosen.report
        assert (density["seen"], tg["seen"]) == (5, 5)
        assert density["action"].startswith("kept, for it knows another property")
        assert "hanten[train]" in density["action"]
        assert tg["action"].startswith("left out, for it knows their Tg")
        assert len(chosen.sources) == 1
        assert len(chosen.notes) == 2
        assert "polymer/density (5)" in chosen.notes[0]

    @pytest.mark.usefixtures("library")
    def test_the_bundled_model_of_the_property_joins_in(self):
        chosen = choose_sources(UNITS24, "Tg", retrain=False, with_model=True)
        assert [row["task"] for row in chosen.report] == ["model/Tg", "polymer/density", "polymer/Tg"]

    @pytest.mark.usefixtures("library")
    def test_it_is_trained_again_without_them_when_it_can(self, monkeypatch, inputs):
        from hanten.transfer import sources

        new = [make_source(inputs, seed=9)]
        asked = {}

        def again(task, members, keys, seed):
            asked[task] = keys
            return new

        monkeypatch.setattr(sources, "_trained_again", again)
        monkeypatch.setattr(sources, "require_torch", lambda: None)
        chosen = choose_sources(UNITS24, "Tg")
        assert chosen.sources == (new[0], new[0])
        assert set(UNITS24[:5]) <= asked["polymer/density"]
        assert {row["action"] for row in chosen.report} == {"trained again without them"}

    @pytest.mark.usefixtures("library")
    def test_as_they_are_keeps_them(self):
        chosen = choose_sources(UNITS24, "Tg", retrain=False)
        assert len(chosen.sources) == 2
        assert all("as asked" in row["action"] for row in chosen.report)

    def test_when_nothing_is_left_it_says_why(self, library, monkeypatch):
        monkeypatch.setitem(__import__("sys").modules, "torch", None)
        del library["polymer/density"]
        with pytest.raises(DataError, match="left out, for it knows their Tg"):
            choose_sources(UNITS24, "Tg")


def test_the_page_and_the_bundle(study, tmp_path):
    from hanten.report.transfer import write_outputs

    lines = write_outputs(study, [tmp_path / "a.html", tmp_path / "a.hanten"])
    assert len(lines) == 2
    page = (tmp_path / "a.html").read_text(encoding="utf-8")
    assert "<svg" in page
    assert "Paired on the same folds" in page
    assert hanten.load_model(tmp_path / "a.hanten").property_.name == "Tg"
    with pytest.raises(ConfigError, match="neither a page nor a model"):
        write_outputs(study, [tmp_path / "a.txt"])


def test_a_study_is_frozen_and_small(study):
    assert isinstance(study, TransferStudy)
    assert len(dump_bundle(study.model)) < 2_000_000


def _views():
    from hanten.models.vectorize import default_views

    return default_views()


def test_rows_without_a_value_are_predicted(told, networks, tmp_path):
    from hanten.report.transfer import write_outputs

    table = told.assign(Tg=[*map(str, told["Tg"][:-2]), "", "n/a"])
    done = transfer(table, "psmiles", "Tg", sources=Chosen(tuple(networks)), n_draws=2, head="linear")
    assert done.unmeasured == tuple(UNITS24[-2:])
    (line,) = write_outputs(done, [tmp_path / "new.csv"])
    assert line.startswith("2 rows without a value")
    frame = pd.read_csv(tmp_path / "new.csv")
    assert frame["structure"].tolist() == UNITS24[-2:]
    assert np.isfinite(frame["mean"]).all()
