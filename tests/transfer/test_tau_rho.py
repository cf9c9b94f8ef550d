"""The limiting cases of the (τ, ρ) class are exactly what they are called."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import Ridge

from hanten.errors import ConfigError
from hanten.models import BayesianLinear
from hanten.transfer import TauRho
from hanten.transfer.tau_rho import pseudo_target

rng = np.random.default_rng(0)
X = rng.normal(size=(40, 5))
F = np.sin(X[:, 0]) + X[:, 1]
XF = np.column_stack([X, F])
Y = 3 * F + X[:, 2] + rng.normal(0, 0.1, 40)
NEW = np.column_stack([rng.normal(size=(7, 5)), rng.normal(size=7)])
RAW = {"align": "none"}


def test_no_transfer_is_the_learner_alone():
    model = TauRho.no_transfer(Ridge()).fit(XF, Y)
    np.testing.assert_allclose(model.predict(NEW), Ridge().fit(X, Y).predict(NEW[:, :5]))


def test_source_as_is_is_the_source():
    np.testing.assert_array_equal(TauRho.source_as_is(Ridge()).fit(XF, Y).predict(NEW), NEW[:, 5])


@pytest.mark.parametrize("penalty", [0.0, 0.3, 4.0])
def test_cross_domain_similarity_minimises_its_own_sum(penalty):
    """min Σ (y - Xw)² + λ Σ (f_s - Xw)² + (1 + λ) |w|²: completing the square leaves Ridge(1) on z."""
    plain = Ridge(alpha=1.0, fit_intercept=False)
    model = TauRho.cross_domain_similarity(plain, penalty=penalty, **RAW).fit(XF, Y)
    A = (1 + penalty) * (X.T @ X + np.eye(5))
    w = np.linalg.solve(A, X.T @ (Y + penalty * F))
    np.testing.assert_allclose(model.predict(NEW), NEW[:, :5] @ w, rtol=1e-9)


@pytest.mark.parametrize("rho", [0.25, 0.5, 0.9])
def test_density_ratio_fits_the_blend_itself(rho):
    """κ = 0: Σ (y - ρ f_s - (1 - ρ) f)² is least for f = z, so that least squares of z and of the blend agree."""
    from sklearn.linear_model import LinearRegression

    model = TauRho.density_ratio(LinearRegression(), rho=rho, **RAW).fit(XF, Y)
    assert model.tau_ == model.rho_ == rho
    direct = LinearRegression().fit((1 - rho) * X, Y - rho * F)
    np.testing.assert_allclose(model.predict(NEW), rho * NEW[:, 5] + direct.predict((1 - rho) * NEW[:, :5]))


def test_probabilistic_offset_fits_the_residual():
    model = TauRho.probabilistic_offset(Ridge(), **RAW).fit(XF, Y)
    direct = Ridge().fit(X, Y - F)
    np.testing.assert_allclose(model.predict(NEW), NEW[:, 5] + direct.predict(NEW[:, :5]))


def test_the_offset_is_the_limit_of_the_density_ratio():
    from sklearn.linear_model import LinearRegression

    near = TauRho.density_ratio(LinearRegression(), rho=1 - 1e-7, **RAW).fit(XF, Y)
    limit = TauRho.probabilistic_offset(LinearRegression(), **RAW).fit(XF, Y)
    np.testing.assert_allclose(near.predict(NEW), limit.predict(NEW), rtol=1e-6)


@settings(max_examples=50, deadline=None)
@given(st.floats(-5, 0.95), st.floats(-10, 10), st.floats(-10, 10))
def test_the_pseudo_target_inverts_the_blend(tau, y, f):
    z = pseudo_target(np.array([y]), np.array([f]), tau)
    np.testing.assert_allclose((1 - tau) * z + tau * f, y, atol=1e-9)


def test_the_source_is_aligned_on_training_rows_only():
    model = TauRho(BayesianLinear(), tau=0.0, rho=1.0).fit(XF, Y)
    slope, intercept = np.polyfit(F, Y, 1)
    np.testing.assert_allclose(model.predict(NEW), slope * NEW[:, 5] + intercept, rtol=1e-9)


def test_the_choice_finds_a_good_source_and_drops_a_useless_one():
    good = TauRho(BayesianLinear()).fit(XF, Y)
    noise = np.column_stack([X, rng.normal(size=40)])
    useless = TauRho(BayesianLinear()).fit(noise, 2 * X[:, 0])
    assert good.rho_ > 0 or good.tau_ > 0
    assert useless.tau_ == useless.rho_ == 0


def test_of_several_sources_the_better_is_taken():
    many = np.column_stack([X, rng.normal(size=40), F])
    assert TauRho(BayesianLinear(), source=[5, 6]).fit(many, Y).column_ == 1


def test_impossible_choices_are_refused():
    with pytest.raises(ConfigError, match="tau <= rho"):
        TauRho(Ridge(), tau=0.9, rhos=(0.0, 0.5)).fit(XF, Y)
    with pytest.raises(ConfigError, match="zscore"):
        TauRho(Ridge(), align="z-score").fit(XF, Y)
    with pytest.raises(ConfigError, match="negative"):
        TauRho.cross_domain_similarity(penalty=-1)
