"""The library inside the package: complete, small, honest cards, sensible predictions."""

from __future__ import annotations

import numpy as np
import pytest

from hanten.data.catalog import get_dataset
from hanten.transfer.library import BUNDLED, open_library
from hanten.transfer.references import reference_materials
from hanten.transfer.store import Folder
from hanten.transfer.tasks import get_task


@pytest.fixture(scope="module")
def library():
    return open_library(BUNDLED)


def test_it_has_the_best_of_many_properties_and_is_small(library):
    files = [path for path in BUNDLED.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) <= 6_000_000
    assert {str(path.relative_to(BUNDLED)) for path in files} == {
        *library.folder.index["files"],
        "index.json",
    }
    assert len(library.index) >= 60
    assert sum(entry["n_trained"] for entry in library.index.values()) >= 3000
    assert {entry["kind"] for entry in library.index.values()} == {"polymer", "molecule", "composition"}


def test_every_card_says_what_it_must_and_names_only_data_that_may_be_trained_on(library):
    folder = Folder.open(BUNDLED)
    for name in library.index:
        task = get_task(name)
        described = folder.sources(name)
        card = described.card
        assert all(get_dataset(data).grade == "train" for data in card["datasets"])
        assert card["property"] == task.property_.name
        assert card["unit"] == task.property_.unit
        assert not card["excluded_digest"]
        assert all(entry["licence"] for entry in card["data"])
        for entry in ("split", "date", "train_again", "scores_are", "features"):
            assert card[entry]
        for model in described.models:
            assert {"r2", "mae", "n", "validation_r2"} == set(model["scores"])
            assert model["scores"]["n"] >= 10


def test_every_source_predicts_finite_values_of_simple_materials(library):
    for kind in ("polymer", "molecule", "composition"):
        X = library.inputs(kind).transform(reference_materials(kind)[::10])
        for name in library.list(kind)["best"]:
            source = library.load(name)
            found = source.predict(X)
            assert np.isfinite(found).all()
            assert np.ptp(found) > 0
            assert source.hidden(X, -1).shape == (len(X), source.widths[-1])
            assert len(source.seen_keys) > 50


def test_known_materials_come_out_right(library):
    tg = library.best("Tg", kind="polymer")
    glassy, rubbery = tg.predict(tg.featurize(["*Oc1ccc(cc1)C(C)(C)c1ccc(cc1)OC(=O)*", "*CC(*)CC"]))
    assert glassy > rubbery + 50
    stiff = library.best("bulk_modulus", kind="composition")
    diamond_like, salt = stiff.predict(stiff.featurize(["BN", "KBr"]))
    assert diamond_like > 5 * salt


def test_the_search_of_the_documentation_is_answered(library):
    found = library.search("polymers, near refractive index, R2 > 0.8")
    assert found["task"][0] == "polymer/refractive_index"
    assert (found["r2"] >= 0.8).all()
