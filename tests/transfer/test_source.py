from __future__ import annotations

import numpy as np
import pytest

from hanten.errors import ConfigError, StructureError

UNITS = ["*CC*", "*CCO*", "*CC(*)C", "*CC(*)c1ccccc1"]


def by_hand(source, features, n_layers):
    h = features[:, source.columns].astype(float)
    for weight, bias in source.layers[:n_layers]:
        h = h @ weight + bias
        h[h < 0] = 0
    return h


def test_the_prediction_is_that_of_the_network_in_the_unit_of_the_property(source):
    X = source.featurize(UNITS)
    assert X.shape == (4, source.inputs.width)
    assert X.dtype == np.float32
    weight, bias = source.layers[-1]
    expected = 1.1 + 0.2 * (by_hand(source, X, 3) @ weight + bias)[:, 0]
    np.testing.assert_allclose(source.predict(X), expected, rtol=1e-5)


def test_a_logarithm_is_undone(source):
    from dataclasses import replace

    X = source.featurize(UNITS)
    np.testing.assert_allclose(replace(source, log=True).predict(X), 10 ** source.predict(X), rtol=1e-6)


def test_hidden_layers_count_from_both_ends_before_and_after_the_rectifier(source):
    X = source.featurize(UNITS)
    assert source.n_layers == 3
    assert source.widths == (8, 5, 4)
    for layer, width in ((1, 8), (2, 5), (-1, 4), (-3, 8)):
        before, after = source.hidden(X, layer, "pre"), source.hidden(X, layer, "post")
        assert before.shape == (4, width)
        np.testing.assert_array_equal(after, np.maximum(before, 0))
        number = layer if layer > 0 else layer + 4
        np.testing.assert_allclose(after, by_hand(source, X, number), rtol=1e-4, atol=1e-5)
    assert (source.hidden(X, 1, "pre") < 0).any()


@pytest.mark.parametrize("layer", [0, 4, -4])
def test_a_layer_that_is_not_there_is_named(source, layer):
    with pytest.raises(ConfigError, match=f"no hidden layer {layer}.*1 to 3"):
        source.hidden(source.featurize(UNITS), layer)


def test_other_activations_and_other_widths_are_refused(source):
    X = source.featurize(UNITS)
    with pytest.raises(ConfigError, match=r'"pre" or "post"'):
        source.hidden(X, 1, "both")
    with pytest.raises(ConfigError, match=r"reads \d+ features"):
        source.predict(X[:, :-1])


def test_it_knows_which_materials_it_saw_in_any_writing(source):
    assert source.saw(["*OCC*", "*CC(C)*", "*CC(*)c1ccccc1"]).tolist() == [True, True, False]


def test_bad_structures_are_all_named_or_rows_of_nan(source):
    with pytest.raises(StructureError, match="2 of 3 structures"):
        source.featurize(["*CC*", "oops", "*C("])
    X = source.featurize(["*CC*", "oops"], errors="nan")
    assert np.isfinite(X[0]).all()
    assert np.isnan(X[1]).all()
    assert np.isnan(source.predict(X)).tolist() == [False, True]


def test_features_are_the_same_for_all_writings(source):
    a, b = source.featurize(["*OCC*"]), source.featurize(["*CCO*"])
    np.testing.assert_array_equal(a, b)
