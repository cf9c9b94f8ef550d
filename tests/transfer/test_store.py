from __future__ import annotations

import json

import numpy as np
import pytest

from hanten.errors import BundleError
from hanten.transfer.inputs import Inputs
from hanten.transfer.library import open_library
from hanten.transfer.store import INDEX, Folder, index_digest, pack, to_json, unpack

from .conftest import make_sources, make_summary

UNITS = ["*CC*", "*CCO*", "*CC(*)c1ccccc1"]


def test_a_source_predicts_the_same_after_it_was_stored(folder, inputs):
    library = open_library(folder.path)
    kept = library.load("polymer/density/0001")
    from_memory = folder.sources("polymer/density").source(1, inputs)
    X = kept.featurize(UNITS)
    np.testing.assert_array_equal(X, inputs.transform(UNITS))
    np.testing.assert_array_equal(kept.predict(X), from_memory.predict(X))
    assert kept.unit == "g/cm**3"
    assert kept.card["scores"]["r2"] == 0.6
    assert kept.saw(["*OCC*", "*CC(*)c1ccccc1"]).tolist() == [True, False]


def test_packing_is_undone_by_unpacking(folder):
    sources = folder.sources("polymer/density")
    again = unpack(*pack(sources), sources.seen)
    for one, other in zip(sources.layers, again.layers, strict=True):
        for (w, b), (v, c) in zip(one, other, strict=True):
            np.testing.assert_array_equal(w, v)
            np.testing.assert_array_equal(b, c)
    assert [c.tolist() for c in again.columns] == [c.tolist() for c in sources.columns]


@pytest.mark.parametrize(
    "name", ["polymer/density.safetensors", "polymer/density.json", "inputs-polymer.safetensors"]
)
def test_a_changed_byte_is_refused(folder, name):
    path = folder.path / name
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(bytes(data))
    with pytest.raises(BundleError, match="changed after it was saved"):
        open_library(folder.path).load("polymer/density")


def test_a_changed_index_is_refused(folder):
    path = folder.path / INDEX
    path.write_text(path.read_text().replace('"best":2', '"best":1', 1))
    with pytest.raises(BundleError, match=r"index.json was changed"):
        open_library(folder.path)


def test_a_half_fetched_folder_says_what_to_do(folder):
    (folder.path / "polymer/Tg.safetensors").unlink()
    with pytest.raises(BundleError, match=r"1 of \d+ files are missing.*half fetched.*again"):
        open_library(folder.path)
    (folder.path / "polymer/Tg.safetensors").write_bytes(b"cut off")
    with pytest.raises(BundleError, match="half fetched"):
        open_library(folder.path)


def test_a_folder_without_library_and_a_missing_one(tmp_path):
    with pytest.raises(BundleError, match="holds no library"):
        open_library(tmp_path)
    with pytest.raises(BundleError, match="holds no library"):
        open_library(tmp_path / "nowhere")


def test_something_else_a_newer_format_and_files_outside(folder):
    path = folder.path / INDEX
    path.write_text("[1, 2]")
    with pytest.raises(BundleError, match="not that of a library"):
        open_library(folder.path)
    newer = {**folder.index, "format_version": 99}
    path.write_bytes(to_json({**newer, "digest": index_digest(newer)}))
    with pytest.raises(BundleError, match=r"format 99.*update hanten"):
        open_library(folder.path)
    outside = {**folder.index, "files": {"../secret": {"sha256": "0" * 64, "size": 1}}}
    path.write_bytes(to_json({**outside, "digest": index_digest(outside)}))
    with pytest.raises(BundleError, match="outside the library"):
        open_library(folder.path)


def test_tensors_that_do_not_fit_their_cards_are_refused(folder):
    name = "polymer/density.json"
    described = json.loads((folder.path / name).read_text())
    described["models"][0]["widths"] = [8, 5, 3]
    folder._write(name, to_json(described))
    folder.write_index()
    with pytest.raises(BundleError, match=r"weights, the cards say|does not fit"):
        open_library(folder.path).load("polymer/density")


def test_another_featurizer_version_is_refused(folder, inputs):
    config = json.loads(json.dumps(inputs.config()))
    config["featurizer"]["definition"] = 99
    with pytest.raises(BundleError, match="trained on other features"):
        Inputs.restore(config, inputs.arrays())
    arrays = inputs.arrays()
    arrays["probes"] = arrays["probes"] + 1
    with pytest.raises(BundleError, match="features of known structures"):
        Inputs.restore(inputs.config(), arrays)


def test_another_element_table_is_refused():
    from hanten.features import CompositionDescriptors

    featurizer = CompositionDescriptors()
    formulas = ["Al2O3", "GaAs", "NaCl"]
    inputs = Inputs.learn("composition", featurizer, featurizer.fit_transform(formulas), log=False)
    arrays, config = inputs.arrays(), inputs.config()
    assert Inputs.restore(config, arrays).digest == inputs.digest
    with pytest.raises(BundleError, match="another element table"):
        Inputs.restore({**config, "table": "0" * 64}, arrays)


def test_a_built_library_takes_a_task_from_the_last_folder_that_has_it(folder, inputs, tmp_path):
    from hanten.transfer.build import build

    first = build([str(folder.path)], tmp_path / "first", per_task=2)
    other = Folder.create(tmp_path / "other", {"n_models": 3})
    other.write_inputs(inputs)
    other.write_sources(make_sources(inputs, n=3, note="again"), make_summary(r2=0.99))
    both = build([str(first.path), str(other.path)], tmp_path / "both", per_task=1)
    assert set(both.index["tasks"]) == {"polymer/refractive_index", "polymer/Tg", "polymer/density"}
    assert both.index["tasks"]["polymer/density"]["r2"] == 0.99
    assert both.sources("polymer/density").card["note"] == "again"
    assert both.index["tasks"]["polymer/Tg"]["n_trained"] == 3
    assert len(both.sources("polymer/Tg").models) == 1
