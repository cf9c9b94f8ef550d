"""Folds: no key on both sides, every row tested once per repeat, the same for the same seed."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hanten.data.splits import class_folds, cluster_folds, cluster_labels, grouped_folds
from hanten.errors import DataError, StructureError

keys_and_folds = st.lists(st.integers(0, 12), min_size=2, max_size=80).flatmap(
    lambda keys: st.tuples(st.just(keys), st.integers(2, max(2, len(set(keys)))))
)


@settings(max_examples=200, deadline=None)
@given(keys_and_folds, st.integers(1, 3), st.integers(0, 2**32 - 1))
def test_grouped_folds_keep_keys_together_and_test_every_row_once(case, n_repeats, seed):
    keys, n_splits = case
    if len(set(keys)) < n_splits:
        with pytest.raises(DataError, match="different keys"):
            grouped_folds(keys, n_splits, n_repeats, seed)
        return
    folds = list(grouped_folds(keys, n_splits, n_repeats, seed))
    assert len(folds) == n_splits * n_repeats
    key = np.array(keys)
    for train, test in folds:
        assert not set(key[train]) & set(key[test])
        assert sorted([*train, *test]) == list(range(len(keys)))
        assert len(test) > 0
    for repeat in range(n_repeats):
        tested = np.concatenate([test for _, test in folds[repeat * n_splits : (repeat + 1) * n_splits]])
        assert sorted(tested) == list(range(len(keys)))


@given(keys_and_folds, st.integers(0, 1000))
def test_grouped_folds_are_the_same_for_the_same_seed(case, seed):
    keys, n_splits = case
    if len(set(keys)) < n_splits:
        return
    first, second = (list(grouped_folds(keys, n_splits, 2, seed)) for _ in range(2))
    for (train_a, test_a), (train_b, test_b) in zip(first, second, strict=True):
        np.testing.assert_array_equal(train_a, train_b)
        np.testing.assert_array_equal(test_a, test_b)


def test_grouped_folds_differ_between_seeds_and_between_repeats():
    keys = list(range(100))
    tests = [tuple(test) for _, test in grouped_folds(keys, 5, 2, seed=0)]
    assert len(set(tests)) == 10
    assert tests[0] != tuple(next(grouped_folds(keys, 5, 1, seed=1))[1])


def test_grouped_folds_are_balanced():
    rng = np.random.default_rng(0)
    keys = rng.integers(0, 200, size=1000)
    sizes = [len(test) for _, test in grouped_folds(keys, 5)]
    assert max(sizes) - min(sizes) <= np.bincount(keys).max()


def test_grouped_folds_take_text_tuples_series_and_a_generator():
    keys = pd.Series(["a", "b", "a", "c"])
    a = [test.tolist() for _, test in grouped_folds(keys, 3, seed=np.random.default_rng(5))]
    b = [test.tolist() for _, test in grouped_folds([(k, 1) for k in keys], 3, seed=np.random.default_rng(5))]
    assert a == b


def test_grouped_folds_serve_scikit_learn():
    from sklearn.linear_model import LinearRegression
    from sklearn.model_selection import cross_val_score

    x = np.arange(20.0)[:, None]
    scores = cross_val_score(
        LinearRegression(), x, 2 * x[:, 0], cv=list(grouped_folds(np.arange(20) // 2, 4))
    )
    np.testing.assert_allclose(scores, 1.0)


@pytest.mark.parametrize("missing", [None, float("nan"), pd.NA])
def test_a_row_without_a_key_is_named(missing):
    with pytest.raises(DataError, match="row 1"):
        grouped_folds(["a", missing, "b"], 2)


@pytest.mark.parametrize(("n_splits", "n_repeats"), [(1, 1), (0, 1), (2, 0)])
def test_senseless_numbers_of_folds_are_refused(n_splits, n_repeats):
    with pytest.raises(DataError, match="make no sense"):
        grouped_folds(["a", "b"], n_splits, n_repeats)


def test_no_rows_are_refused():
    with pytest.raises(DataError, match="no rows"):
        grouped_folds([], 2)


@settings(max_examples=100)
@given(st.lists(st.tuples(st.sampled_from("ABC"), st.integers(0, 8)), min_size=2, max_size=50))
def test_class_folds_hold_out_one_class_and_its_keys(rows):
    labels, keys = zip(*rows, strict=True)
    if len(set(labels)) < 2:
        with pytest.raises(DataError, match="one class"):
            class_folds(labels, keys)
        return
    folds = list(class_folds(labels, keys))
    assert len(folds) == len(set(labels))
    assert sorted(np.concatenate([test for _, test in folds])) == list(range(len(rows)))
    for train, test in folds:
        assert len({labels[i] for i in test}) == 1
        assert not {labels[i] for i in train} & {labels[i] for i in test}
        assert not {keys[i] for i in train} & {keys[i] for i in test}


def test_class_folds_need_as_many_keys_as_labels():
    with pytest.raises(DataError, match="3 labels and 1 keys"):
        class_folds(["a", "b", "c"], ["x"])


UNITS = [
    "*CC(*)c1ccccc1", "*CC(*)c1ccc(C)cc1", "*CC(*)c1ccc(CC)cc1", "*CCO*", "*CCCO*", "*CCCCO*",
    "*NCCCCCC(*)=O", "*NCCCCCCC(*)=O", "*CC(*)C(=O)OC", "*CC(C)(*)C(=O)OC", "*CCO*", "*C(F)(F)C(*)(F)F",
]  # fmt: skip


@pytest.mark.parametrize("similarity", [0.2, 0.4, 0.6, 1.0])
def test_whole_clusters_are_held_out(similarity):
    labels = cluster_labels(UNITS, similarity)
    assert labels[3] == labels[10]
    for train, test in cluster_folds(UNITS, 2, n_repeats=3, similarity=similarity):
        assert not set(labels[train]) & set(labels[test])


def test_clusters_do_not_depend_on_the_order_of_rows():
    labels = cluster_labels(UNITS, 0.4)
    order = np.random.default_rng(3).permutation(len(UNITS))
    np.testing.assert_array_equal(cluster_labels([UNITS[i] for i in order], 0.4), labels[order])


def test_similarity_one_joins_only_equal_fingerprints():
    labels = cluster_labels(UNITS, 1.0)
    assert labels[6] == labels[7]  # nylon 6 and nylon 7 differ by what radius 2 does not see
    assert len(set(labels)) == len(set(UNITS)) - 1


def test_every_member_is_at_least_as_similar_to_its_leader_as_asked():
    from rdkit.DataStructs import TanimotoSimilarity

    from hanten.data.similarity import fingerprint_bits

    bits = fingerprint_bits(UNITS)
    labels = cluster_labels(UNITS, 0.4)
    for label in set(labels):
        members = np.flatnonzero(labels == label)
        assert any(all(TanimotoSimilarity(bits[i], bits[j]) >= 0.4 for j in members) for i in members)


def test_a_bad_structure_is_named():
    with pytest.raises(StructureError, match="row"):
        cluster_labels(["*CC*", "*CC(*"])


def test_a_senseless_radius_is_refused():
    with pytest.raises(DataError, match="cannot bound a cluster"):
        cluster_labels(["*CC*"], similarity=0.0)
