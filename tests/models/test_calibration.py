"""Kernels, calibration and the applicability domain."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from hanten.errors import DataError
from hanten.models.calibration import (
    conformal_factor,
    coverage,
    cross_conformal,
    gaussian_nll,
    log_normal_moments,
)
from hanten.models.domain import choose_threshold
from hanten.models.kernels import min_max, radial, squared_distance

COUNTS = arrays(np.float64, (5, 6), elements=st.integers(0, 4).map(float))


@given(COUNTS, COUNTS)
def test_min_max_is_what_it_says(A, B):
    smaller = np.minimum(A[:, None], B[None]).sum(-1)
    larger = np.maximum(A[:, None], B[None]).sum(-1)
    expected = np.where(larger > 0, smaller / np.where(larger > 0, larger, 1), 1.0)
    np.testing.assert_allclose(min_max(A, B), expected)


@given(COUNTS)
def test_min_max_is_a_kernel(A):
    K = min_max(A, A)
    assert np.linalg.eigvalsh(K).min() > -1e-9
    np.testing.assert_allclose(np.diag(K), 1.0)


def test_min_max_refuses_negative_numbers():
    with pytest.raises(DataError, match="negative"):
        min_max([[-1.0]], [[1.0]])


@pytest.mark.parametrize("kind", ["rbf", "matern52"])
def test_radial_slope(kind):
    d2, step = np.linspace(0, 9, 10)[None], 1e-6
    _, slope = radial(d2, 1.3, kind)
    numeric = (radial(d2, 1.3 * np.exp(step), kind)[0] - radial(d2, 1.3 * np.exp(-step), kind)[0]) / (
        2 * step
    )
    np.testing.assert_allclose(slope, numeric, atol=1e-6)


def test_squared_distance():
    A, B = np.random.default_rng(0).random((2, 4, 3))
    np.testing.assert_allclose(squared_distance(A, B), ((A[:, None] - B[None]) ** 2).mean(-1), atol=1e-12)


@pytest.mark.parametrize("truth", [0.3, 1.0, 4.0])
def test_cross_conformal_intervals_cover(truth):
    rng = np.random.default_rng(7)
    std = rng.uniform(0.5, 2.0, 2000)
    errors = truth * std * rng.standard_t(4, 2000)
    fixed = std * cross_conformal(errors, std, np.arange(2000) % 5)
    assert 0.88 < coverage(errors, np.zeros(2000), fixed, 0.9) < 0.92


def test_conformal_factor_of_one_row_is_finite():
    assert np.isfinite(conformal_factor([1.0], [0.5]))


def test_nll_prefers_the_truth():
    y = np.random.default_rng(0).normal(size=5000)
    scores = [gaussian_nll(y, 0 * y, 0 * y + s) for s in (0.5, 1.0, 2.0)]
    assert scores[1] == min(scores)


def test_log_normal_moments_by_sampling():
    z = np.random.default_rng(0).normal(0.3, 0.4, 400_000)
    mean, std = log_normal_moments(0.3, 0.4)
    assert mean == pytest.approx(np.exp(z).mean(), rel=0.01)
    assert std == pytest.approx(np.exp(z).std(), rel=0.01)


def test_threshold_when_error_does_not_depend_on_similarity():
    s = np.linspace(0, 1, 200)
    assert choose_threshold(s, np.ones(200), 1.0) <= 0.03
