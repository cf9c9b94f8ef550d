from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hanten.errors import BundleError
from hanten.models import RandomForest
from hanten.models.small_forest import pack_forest, unpack_forest
from hanten.phases.forests import best_threshold, calibration_line, combine, decide, straighten

shares = st.lists(st.floats(0, 1), min_size=1, max_size=20)


@settings(deadline=None)
@given(shares, st.floats(0.1, 5), st.floats(-3, 3))
def test_probabilities_sum_to_one_and_stay_inside(p, slope, intercept):
    done = combine(np.array(p), np.array(p[::-1]), ((slope, intercept), (1.0, 0.0)))
    assert np.allclose(done.sum(axis=1), 1)
    assert (done >= 0).all()


@settings(deadline=None)
@given(shares)
def test_calibration_keeps_the_order(p):
    out = straighten(np.sort(p), (0.7, 0.2))
    assert (np.diff(out) >= 0).all()


def test_a_calibrated_answer_needs_no_line():
    p = np.repeat([0.1, 0.5, 0.9], 1000)
    truth = np.tile(np.arange(1000) / 1000, 3) < p
    slope, intercept = calibration_line(p, truth)
    assert slope == pytest.approx(1, abs=0.05)
    assert intercept == pytest.approx(0, abs=0.05)


def test_overconfident_answers_are_pulled_in():
    p = np.repeat([0.01, 0.99], 1000)
    truth = np.tile(np.arange(1000) / 1000, 2) < np.repeat([0.2, 0.8], 1000)
    assert straighten([0.99], calibration_line(p, truth))[0] == pytest.approx(0.8, abs=0.02)


@settings(deadline=None)
@given(st.integers(0, 1000))
def test_the_threshold_gives_the_best_f1(seed):
    rng = np.random.default_rng(seed)
    p = rng.random(40)
    known = rng.random(40) < p
    known[0] = True

    def f1(threshold):
        found = p >= threshold
        return 2 * (found & known).sum() / (found.sum() + known.sum())

    assert (
        f1(best_threshold(p, known)) >= max(f1(t) for t in p) - 0.06
    )  # the threshold is rounded to four digits


def test_the_likelier_of_the_two_is_named():
    p = np.array([[0.3, 0.2, 0.5], [0.2, 0.3, 0.5], [0.2, 0.2, 0.6]])
    assert decide(p, 0.5).tolist() == [0, 1, 2]


def test_a_packed_forest_predicts_the_same_bits():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(200, 5)) * 1e3
    forest = RandomForest(n_trees=20, min_leaf=1, extra=True).fit(X, (X[:, 0] > 0).astype(float))
    packed = pack_forest(forest, "a.", spread=True)
    again = unpack_forest(packed, "a.", n_features=5)
    new = rng.normal(size=(500, 5)) * 1e3
    assert np.array_equal(forest.predict(new), again.predict(new))
    assert sum(a.nbytes for a in packed.values()) < 0.6 * sum(
        getattr(forest, name).nbytes
        for name in ("feature_", "threshold_", "left_", "right_", "value_", "spread_")
    )


def test_a_forest_that_does_not_fit_together_is_refused():
    X = np.arange(20.0)[:, None]
    packed = pack_forest(RandomForest(n_trees=2).fit(X, X[:, 0]))
    with pytest.raises(BundleError, match="fit together"):
        unpack_forest({**packed, "value": packed["value"][:-1]}, n_features=1)
    with pytest.raises(BundleError, match="missing"):
        unpack_forest({}, n_features=1)
    with pytest.raises(BundleError, match="outside"):
        unpack_forest({**packed, "right": packed["right"] + (packed["right"] > 0) * 1000}, n_features=1)
