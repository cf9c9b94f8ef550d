import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from hanten.errors import DataError
from hanten.inference import effective_sample_size
from hanten.inference.tempering import incremental_log_weights, next_beta, tempered

log_likelihoods = arrays(
    float,
    st.integers(1, 40),
    elements=st.floats(-1e308, 1e308) | st.floats(-100, 0) | st.just(-np.inf),
)


@given(log_likelihoods, st.floats(0, 1), st.floats(0.05, 0.95))
def test_the_next_beta_is_never_lower_and_never_beyond_one(log_likelihood, beta, fraction):
    assert beta <= next_beta(log_likelihood, beta, fraction) <= 1


@given(log_likelihoods, st.floats(0.05, 0.95))
def test_enough_effective_sample_size_is_left(log_likelihood, fraction):
    beta = next_beta(log_likelihood, 0.0, fraction)
    alive = np.isfinite(log_likelihood).sum()
    if beta > 0:
        ess = effective_sample_size(incremental_log_weights(log_likelihood, 0.0, beta))
        assert ess >= fraction * alive * (1 - 1e-6)


@given(st.integers(0, 1000), st.floats(0.1, 0.9))
def test_the_next_beta_is_the_largest_that_does(seed, fraction):
    log_likelihood = np.random.default_rng(seed).normal(0, 20, size=200)
    beta = next_beta(log_likelihood, 0.0, fraction)
    assert beta < 1
    ess = effective_sample_size(incremental_log_weights(log_likelihood, 0.0, beta))
    assert ess == pytest.approx(fraction * 200, rel=1e-3)


@pytest.mark.parametrize("scale", [1e-8, 1.0, 1e8, 1e50])
def test_any_range_of_likelihoods_gets_a_step_of_its_size(scale):
    log_likelihood = -scale * np.arange(1000.0)
    beta = next_beta(log_likelihood, 0.0, 0.5)
    assert 0 < beta <= 1
    assert effective_sample_size(beta * log_likelihood) >= 499


def test_equal_likelihoods_jump_to_the_posterior():
    assert next_beta(np.full(10, -1e9), 0.3, 0.5) == 1


def test_zero_likelihoods_do_not_hold_the_others_up():
    some = np.random.default_rng(0).normal(0, 5, size=50)
    padded = np.concatenate([some, np.full(950, -np.inf)])
    assert next_beta(padded, 0.0, 0.5) == next_beta(some, 0.0, 0.5) > 0


@pytest.mark.parametrize("beta", [0.0, 0.5])
def test_no_step_when_every_likelihood_is_zero(beta):
    assert next_beta(np.full(5, -np.inf), beta, 0.5) == beta


def test_no_step_when_none_that_floating_point_knows_is_small_enough():
    assert next_beta(np.array([0.0, -1e300, -2e300, -3e300]), 0.5, 0.5) == 0.5


def test_the_end_is_the_end():
    assert next_beta(np.array([0.0, -1e3]), 1.0, 0.5) == 1.0


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_what_is_no_likelihood_is_refused(bad):
    with pytest.raises(DataError, match="log-likelihood 1 of 2"):
        next_beta(np.array([0.0, bad]), 0.0, 0.5)


def test_at_beta_zero_only_the_support_counts():
    assert tempered(np.array([-3.0, 1e308, -np.inf]), 0.0).tolist() == [0, 0, -np.inf]
    assert tempered(np.array([-3.0, -np.inf]), 0.5).tolist() == [-1.5, -np.inf]
