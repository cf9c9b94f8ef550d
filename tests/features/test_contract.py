"""The scikit-learn contract, errors, configurations: the same for every featurizer."""

from __future__ import annotations

import json
import pickle

import numpy as np
import pandas as pd
import pytest
from joblib import parallel_config
from sklearn.base import clone
from sklearn.compose import ColumnTransformer
from sklearn.pipeline import FeatureUnion, make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils import estimator_checks as checks

from hanten.chem import Polymer
from hanten.errors import ConfigError, StructureError
from hanten.features import (
    CompositionDescriptors,
    MACCSKeys,
    MorganFingerprint,
    RDKitDescriptors,
    featurizer_from_config,
    make_union,
)
from hanten.features.config import FEATURIZERS as CLASSES

UNITS = ["*CC*", "*CC(*)c1ccccc1", "*OCC*"]
BAD = ["*CC*", "*CC", None, "not a polymer", "*CCO*"]

# Of scikit-learn's checks, those that need no data. parametrize_with_checks itself selects a single one,
# since the tags say that the input is strings: all others feed tables of numbers, which are no structures.
# What they check of transformers (subsets, order, pickling, names, set_output, containers) is checked below.
DATALESS = (
    checks.check_no_attributes_set_in_init,
    checks.check_parameters_default_constructible,
    checks.check_get_params_invariance,
    checks.check_set_params,
    checks.check_do_not_raise_errors_in_init_or_set_params,
    checks.check_estimator_cloneable,
    checks.check_estimator_repr,
    checks.check_valid_tag_types,
    checks.check_estimator_tags_renamed,
    checks.check_mixin_order,
)


@pytest.mark.parametrize("check", DATALESS, ids=lambda c: c.__name__)
@pytest.mark.parametrize("kind", CLASSES)
def test_scikit_learn_without_data(kind, check):
    check(kind, CLASSES[kind]())


def test_any_container_gives_the_same(featurizer):
    expected = featurizer.transform(UNITS)
    for X in (
        tuple(UNITS),
        pd.Series(UNITS, index=[5, 6, 7]),
        pd.DataFrame({"unit": UNITS}),
        np.array(UNITS),
        np.array(UNITS, dtype=object)[:, None],
        [Polymer(u) for u in UNITS],
        pd.Series([Polymer(u) for u in UNITS]),
    ):
        np.testing.assert_array_equal(featurizer.transform(X), expected)
    assert expected.dtype == np.float32


def test_rows_depend_on_themselves_alone(featurizer):
    X = featurizer.fit_transform(UNITS)
    np.testing.assert_array_equal(featurizer.transform(UNITS[::-1]), X[::-1])
    np.testing.assert_array_equal(np.vstack([featurizer.transform([u]) for u in UNITS]), X)
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(featurizer)).transform(UNITS), X)


def test_nothing_in_nothing_out(featurizer):
    assert featurizer.transform([]).shape == (0, len(featurizer.get_feature_names_out()))


def test_names_are_distinct_and_fit(featurizer):
    names = featurizer.get_feature_names_out()
    assert len(set(names)) == len(names) == featurizer.transform(UNITS).shape[1]


def test_pandas_output_keeps_the_index(featurizer):
    series = pd.Series(UNITS, index=["a", "b", "c"])
    frame = clone(featurizer).set_output(transform="pandas").fit_transform(series)
    assert list(frame.index) == ["a", "b", "c"]
    assert list(frame.columns) == list(featurizer.get_feature_names_out())


def test_clone_and_pipeline(featurizer):
    other = clone(featurizer)
    assert str(other.get_params()) == str(featurizer.get_params())
    np.testing.assert_array_equal(other.fit(UNITS).transform(UNITS), featurizer.transform(UNITS))
    assert make_pipeline(clone(featurizer), StandardScaler()).fit_transform(UNITS).shape[0] == 3


def test_column_transformer():
    frame = pd.DataFrame({"unit": UNITS, "T": [1.0, 2.0, 3.0]})
    both = ColumnTransformer([("m", MorganFingerprint(size=8), "unit"), ("T", "passthrough", ["T"])])
    assert both.fit_transform(frame).shape == (3, 9)


def test_bad_rows_are_all_listed(featurizer):
    with pytest.raises(
        StructureError, match=r"3 of 5 structures cannot be read: row 1: .* row 2: .* row 3: "
    ):
        featurizer.transform(BAD)


def test_bad_rows_stay_as_nan(featurizer):
    X = clone(featurizer).set_params(errors="nan").transform(BAD)
    assert np.isnan(X).all(axis=1).tolist() == [False, True, True, True, False]
    np.testing.assert_array_equal(X[[0, 4]], featurizer.transform(["*CC*", "*CCO*"]))
    reasons = featurizer.reasons(BAD)
    assert [r is None for r in reasons] == [True, False, False, False, True]


def test_a_long_list_of_bad_rows_is_cut_and_says_so():
    with pytest.raises(StructureError, match="and 80 more"):
        MorganFingerprint().transform(["x"] * 100)


@pytest.mark.parametrize("X", ["*CC*", np.zeros((2, 2))])
def test_not_a_list_of_structures(X):
    with pytest.raises(ConfigError):
        MorganFingerprint().transform(X)


@pytest.mark.parametrize("backend", ["threading", pytest.param("loky", marks=pytest.mark.slow)])
def test_parallel_is_the_same(backend):
    many = [f"*{'C' * (n % 25)}{'CO' * (n // 25)}O*" for n in range(250)] + ["bad"]
    one = MorganFingerprint(size=64, errors="nan").transform(many)
    with parallel_config(backend=backend):
        two = MorganFingerprint(size=64, errors="nan", n_jobs=2).transform(many)
    np.testing.assert_array_equal(two, one)


def test_canonical_and_parsed_entries(featurizer):
    from hanten.features.structure import prepare

    canonical = [str(Polymer(u)) for u in UNITS]
    expected = featurizer.transform(UNITS)
    np.testing.assert_array_equal(featurizer.transform_canonical(canonical), expected)
    np.testing.assert_array_equal(featurizer.transform_structures([prepare(u) for u in UNITS]), expected)


def test_configuration_survives_json(featurizer):
    text = json.dumps(featurizer.get_config())
    other = featurizer_from_config(json.loads(text))
    np.testing.assert_array_equal(other.transform(UNITS), featurizer.transform(UNITS))
    assert json.dumps(other.get_config()) == text
    assert list(other.get_feature_names_out()) == list(featurizer.get_feature_names_out())


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"featurizer": "MorganFingerprnt"}, "did you mean MorganFingerprint"),
        ({"definition": 99}, "definition 99"),
        ({"parameters": {"radios": 2}}, "did you mean radius"),
        ({"parameters": {"radius": -2}}, "whole number"),
        ({"surprise": 1}, "unknown key 'surprise'"),
    ],
)
def test_wrong_configurations(change, match):
    with pytest.raises(ConfigError, match=match):
        featurizer_from_config(MorganFingerprint().get_config() | change)


def test_union_names_parameters_and_parsing_once(monkeypatch):
    union = make_union(MorganFingerprint(size=8), MorganFingerprint(3, 8), MACCSKeys())
    assert [name for name, _ in union.members] == ["morganfingerprint-1", "morganfingerprint-2", "maccskeys"]
    union.set_params(**{"morganfingerprint-2__radius": 1})
    assert union.members[1][1].radius == 1
    parsed = []
    from hanten.features.structure import Structure

    read = Structure.read.__func__
    monkeypatch.setattr(
        Structure, "read", classmethod(lambda cls, text: parsed.append(text) or read(cls, text))
    )
    X = union.transform(UNITS)
    assert len(parsed) == 3
    by_sklearn = FeatureUnion(union.members).fit(UNITS)
    np.testing.assert_array_equal(X, by_sklearn.transform(UNITS))
    assert list(union.get_feature_names_out()) == list(by_sklearn.get_feature_names_out())


def test_unions_that_make_no_sense():
    for members in ([], [("a", StandardScaler())], [("a", MACCSKeys()), ("a", MACCSKeys())]):
        with pytest.raises(ValueError, match=r"union|member|unique"):
            type(make_union())(members).fit(UNITS)
    with pytest.raises(ConfigError, match="structures"):
        make_union(CompositionDescriptors(), RDKitDescriptors()).fit(UNITS)
