import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from hanten.errors import DataError
from hanten.inference import effective_sample_size, log_mean_exp, log_sum_exp, normalise

moderate = arrays(float, st.integers(1, 30), elements=st.floats(-50, 50))
anything = arrays(
    float, st.integers(1, 30), elements=st.floats(allow_nan=False, max_value=1e308) | st.just(-np.inf)
)


@given(moderate)
def test_effective_sample_size_is_what_its_formula_says(log_weights):
    weights = np.exp(log_weights)
    assert effective_sample_size(log_weights) == pytest.approx(weights.sum() ** 2 / (weights**2).sum())


@given(anything)
def test_effective_sample_size_lies_between_one_and_the_number_of_live_particles(log_weights):
    alive = np.isfinite(log_weights).sum()
    ess = effective_sample_size(log_weights)
    assert ess == 0 if alive == 0 else 1 - 1e-9 <= ess <= alive * (1 + 1e-9)


@given(st.integers(1, 1000), st.floats(-1e3, 1e3))
def test_equal_weights_are_all_effective(n, level):
    assert effective_sample_size(np.full(n, level)) == pytest.approx(n)


def test_the_inverse_is_not_the_effective_sample_size():
    assert effective_sample_size([0.0, -np.inf, -np.inf]) == 1
    assert effective_sample_size([0.0, 0.0, 0.0]) == 3


@given(moderate, st.floats(-1e3, 1e3))
def test_a_common_factor_changes_nothing_but_the_mean(log_weights, shift):
    assert effective_sample_size(log_weights + shift) == pytest.approx(effective_sample_size(log_weights))
    assert normalise(log_weights + shift) == pytest.approx(normalise(log_weights), abs=1e-9)
    assert log_mean_exp(log_weights + shift) == pytest.approx(log_mean_exp(log_weights) + shift, abs=1e-9)


@given(moderate)
def test_sums_and_means_agree_with_plain_arithmetic(log_weights):
    assert log_sum_exp(log_weights) == pytest.approx(np.log(np.exp(log_weights).sum()))
    assert log_mean_exp(log_weights) == pytest.approx(np.log(np.exp(log_weights).mean()))


@given(anything.filter(lambda w: np.isfinite(w).any()))
def test_normalised_weights_sum_to_one_and_keep_zeros(log_weights):
    weights = normalise(log_weights)
    assert weights.sum() == pytest.approx(1)
    assert (weights[log_weights == -np.inf] == 0).all()
    assert not np.isnan(weights).any()


def test_all_zero_weights():
    nothing = np.full(3, -np.inf)
    assert effective_sample_size(nothing) == 0
    assert log_sum_exp(nothing) == log_mean_exp(nothing) == -np.inf
    with pytest.raises(DataError, match="every weight is zero"):
        normalise(nothing)


@pytest.mark.parametrize("function", [effective_sample_size, log_mean_exp, log_sum_exp, normalise])
@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_what_is_no_weight_is_refused_with_its_place(function, bad):
    with pytest.raises(DataError, match=r"log-weight 1 of 3 is (nan|inf)"):
        function([0.0, bad, 0.0])


@pytest.mark.parametrize("shape", [(0,), (2, 2), ()])
def test_weights_are_a_vector(shape):
    with pytest.raises(DataError, match="vector"):
        effective_sample_size(np.zeros(shape))
