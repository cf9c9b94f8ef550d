import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from hanten.errors import DataError, UnknownNameError
from hanten.inference.resampling import RESAMPLING, resampling_scheme, residual, stratified, systematic

weight_vectors = arrays(float, st.integers(1, 20), elements=st.floats(0, 1, allow_subnormal=False)).filter(
    lambda w: w.sum() > 0
)
seeds = st.integers(0, 2**32)
every_scheme = pytest.mark.parametrize("scheme", RESAMPLING.values(), ids=RESAMPLING)


@every_scheme
@given(weights=weight_vectors, n=st.integers(0, 50), seed=seeds)
def test_n_ancestors_in_order_and_none_of_weight_zero(scheme, weights, n, seed):
    rows = scheme(np.random.default_rng(seed), weights, n)
    assert rows.shape == (n,)
    assert (np.diff(rows) >= 0).all()
    assert (weights[rows] > 0).all()


@every_scheme
@given(weights=weight_vectors, n=st.integers(1, 50), seed=seeds)
def test_a_seed_fixes_the_draw(scheme, weights, n, seed):
    once, again = (scheme(np.random.default_rng(seed), weights, n) for _ in range(2))
    assert (once == again).all()


@given(weights=weight_vectors, n=st.integers(1, 50), seed=seeds)
def test_counts_stay_near_their_expectation(weights, n, seed):
    expected = n * weights / weights.sum()

    def counts(scheme):
        return np.bincount(scheme(np.random.default_rng(seed), weights, n), minlength=len(weights))

    assert (abs(counts(systematic) - expected) < 1 + 1e-9).all()
    assert (abs(counts(stratified) - expected) < 2 + 1e-9).all()
    assert (counts(residual) >= np.floor(expected - 1e-9)).all()


@every_scheme
@pytest.mark.parametrize("weights", [[0.1, 0.2, 0.3, 0.4], [0.4, 0.1, 0.3, 0.2], [0.5, 0.0, 0.25, 0.25]])
def test_unbiased_whatever_the_order(scheme, weights):
    n, repeats, rng = 7, 4000, np.random.default_rng(5)
    counts = np.array([np.bincount(scheme(rng, weights, n), minlength=4) for _ in range(repeats)])
    error = counts.std(axis=0) / np.sqrt(repeats)
    assert (abs(counts.mean(axis=0) - n * np.array(weights)) <= 4 * error + 1e-12).all()


@every_scheme
def test_degenerate_weights(scheme):
    rng = np.random.default_rng(0)
    assert scheme(rng, [0.0, 3.0, 0.0], 5).tolist() == [1] * 5
    assert scheme(rng, [2.0], 3).tolist() == [0] * 3


@pytest.mark.parametrize("scheme", [systematic, residual])
def test_equal_weights_keep_everybody(scheme):
    assert scheme(np.random.default_rng(0), np.ones(64), 64).tolist() == list(range(64))


class AlmostOne:
    """A generator whose uniforms are as large as they come."""

    def random(self, n=None):
        top = np.nextafter(1.0, 0.0)
        return top if n is None else np.full(n, top)


@every_scheme
def test_rounding_never_reaches_a_trailing_zero(scheme):
    weights = np.append(np.full(1000, 0.1), 0.0)
    assert scheme(AlmostOne(), weights, 3333).max() == 999


@every_scheme
@pytest.mark.parametrize("bad", [[0.5, np.nan], [0.5, -0.1], [0.0, 0.0], [np.inf, 1.0], [], [[1.0]]])
def test_what_are_no_weights_is_refused(scheme, bad):
    with pytest.raises(DataError, match="weights must be"):
        scheme(np.random.default_rng(0), bad, 3)


def test_an_unknown_scheme_is_named_with_what_was_meant():
    with pytest.raises(UnknownNameError, match="did you mean stratified"):
        resampling_scheme("stratfied")
