"""The scaling of one task: near twins are told apart, constant columns stay, and every reader applies it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from hanten.errors import BundleError
from hanten.transfer import FineTuned, SourceFeatures
from hanten.transfer.scaling import LIMIT, Scaling
from hanten.transfer.store import FORMAT_VERSION, Folder, index_digest, pack, parse_index, to_json, unpack

from .conftest import UNITS, make_source, make_sources, make_summary


@pytest.fixture
def scaling(inputs):
    return Scaling.learn(inputs.transform(UNITS[:4]))


def test_it_brings_each_column_to_one_size():
    rows = np.random.default_rng(0).normal([5.0, -1.0, 3.0], [0.01, 2.0, 0.0], size=(500, 3))
    scaled = Scaling.learn(rows)(rows)
    np.testing.assert_allclose(scaled[:, :2].mean(axis=0), 0, atol=1e-2)
    np.testing.assert_allclose(scaled[:, :2].std(axis=0), 1, rtol=1e-2)
    np.testing.assert_allclose(scaled[:, 2], 0, atol=1e-6)
    assert np.abs(Scaling.learn(rows)([[100.0, 0, 3]])).max() == LIMIT


def test_a_network_reads_its_columns_through_it(inputs, scaling):
    plain = make_source(inputs)
    scaled = replace(plain, scaling=scaling.only(plain.columns))
    X = inputs.transform(UNITS)
    by_hand = X.copy()
    by_hand[:, plain.columns] = scaling.only(plain.columns)(X[:, plain.columns])
    np.testing.assert_allclose(scaled.predict(X), plain.predict(by_hand), rtol=1e-6)
    np.testing.assert_allclose(scaled.hidden(X, 1), plain.hidden(by_hand, 1), rtol=1e-6)


def test_it_is_kept_in_the_library_and_the_old_format_has_none(inputs, scaling):
    task = replace(make_sources(inputs), scaling=scaling)
    again = unpack(*pack(task), task.seen)
    np.testing.assert_array_equal(again.scaling.array(), scaling.array())
    X = inputs.transform(UNITS)
    np.testing.assert_allclose(again.source(1, inputs).predict(X), task.source(1, inputs).predict(X))
    assert unpack(*pack(make_sources(inputs)), task.seen).scaling is None


def test_a_library_of_the_first_format_is_still_read(folder):
    old = {**folder.index, "format_version": 1}
    (folder.path / "index.json").write_bytes(to_json({**old, "digest": index_digest(old)}))
    assert Folder.open(folder.path).sources("polymer/Tg").scaling is None
    new = {**folder.index, "format_version": FORMAT_VERSION + 1}
    with pytest.raises(BundleError, match="update hanten"):
        parse_index(to_json({**new, "digest": index_digest(new)}), "here")


def test_it_is_kept_in_the_bundle_of_a_transfer_model(inputs, scaling):
    task = replace(make_sources(inputs), scaling=scaling)
    sources = [task.source(i, inputs) for i in range(3)]
    features = SourceFeatures(sources, what="hidden")
    again = SourceFeatures.from_config(features.get_config()["parameters"], features.get_arrays())
    np.testing.assert_allclose(again.transform(UNITS), features.transform(UNITS), rtol=1e-3, atol=1e-4)
    for one, two in zip(again.sources, sources, strict=True):
        np.testing.assert_array_equal(one.scaling.array(), two.scaling.array())


def test_fine_tuning_starts_from_what_the_source_says(inputs, scaling):
    pytest.importorskip("torch", reason="fine-tuning needs torch (the extra 'train')")
    from hanten.models.base import from_state, get_state

    plain = make_source(inputs)
    source = replace(plain, scaling=scaling.only(plain.columns))
    X = inputs.transform(UNITS).astype(float)
    y = 3 * source.predict(X) + 1
    tuned = FineTuned(source, max_epochs=0, n_splits=3).fit(X, y)
    np.testing.assert_allclose(tuned.predict(X), y, rtol=1e-4)
    again = from_state(*get_state(FineTuned(max_epochs=0).fit(X, y)))
    assert again.predict(X).shape == (len(UNITS),)


def test_a_library_may_hold_both_kinds(folder, inputs, scaling):
    folder.write_sources(
        replace(make_sources(inputs, "polymer/Cp"), scaling=scaling), make_summary("polymer/Cp", "Cp")
    )
    opened = Folder.open(folder.path)
    assert opened.sources("polymer/Cp").scaling is not None
    assert opened.sources("polymer/density").scaling is None
