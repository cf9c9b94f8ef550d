"""Regressors: the scikit-learn contract, means, standard deviations, and states of plain arrays."""

from __future__ import annotations

import json

import numpy as np
import pytest
from scipy import sparse
from sklearn.utils.estimator_checks import parametrize_with_checks

from hanten.errors import BundleError, DataError
from hanten.models import (
    AutoRegressor,
    Average,
    BayesianLinear,
    GaussianProcess,
    GradientBoosting,
    RandomForest,
)
from hanten.models.base import from_state, get_state
from hanten.models.kernels import MinMaxTo, min_max

REGRESSORS = [
    BayesianLinear(),
    GaussianProcess(),
    RandomForest(n_trees=20, max_features=1.0),
    GradientBoosting(n_members=2, n_trees=100, max_features=1.0),
    Average([BayesianLinear(), RandomForest(n_trees=10, max_features=1.0)]),
    AutoRegressor([BayesianLinear(), RandomForest(n_trees=10, max_features=1.0)]),
]
# The check needs the environment variable SCIPY_ARRAY_API and skips itself, which is a warning and so an error here.
SKIPPED = {"check_array_api_input"}


@parametrize_with_checks(REGRESSORS)
def test_scikit_learn_contract(estimator, check):
    name = check.func.__name__
    if name in SKIPPED:
        pytest.skip("needs SCIPY_ARRAY_API")
    check(estimator)


@pytest.fixture(scope="module")
def counts():
    rng = np.random.default_rng(0)
    X = rng.poisson(1.5, (120, 12)).astype(float)
    return X, X[:, 0] - 0.5 * X[:, 1] + 0.3 * np.sin(X[:, 2]) + rng.normal(0, 0.2, 120)


@pytest.mark.parametrize("model", REGRESSORS, ids=lambda m: type(m).__name__)
def test_beats_the_mean_and_gives_positive_standard_deviations(model, counts):
    X, y = counts
    mean, std = model.fit(X[:90], y[:90]).predict(X[90:], return_std=True)
    assert np.abs(mean - y[90:]).mean() < 0.8 * np.abs(y[:90].mean() - y[90:]).mean()
    assert mean.shape == std.shape == (30,)
    assert (std > 0).all()
    np.testing.assert_allclose(mean, model.predict(X[90:]), rtol=1e-10)


@pytest.mark.parametrize("model", REGRESSORS, ids=lambda m: type(m).__name__)
def test_state_is_json_and_arrays_and_gives_the_same_model(model, counts):
    X, y = counts
    fitted = model.fit(X, y)
    description, arrays = get_state(fitted, "m.")
    again = from_state(json.loads(json.dumps(description)), arrays, "m.")
    for one, two in zip(
        fitted.predict(X[:9], return_std=True), again.predict(X[:9], return_std=True), strict=True
    ):
        np.testing.assert_allclose(one, two, rtol=1e-4)


def test_state_with_a_missing_array_is_an_error(counts):
    description, arrays = get_state(BayesianLinear().fit(*counts))
    del arrays["coef_"]
    with pytest.raises(BundleError, match="coef_"):
        from_state(description, arrays)


def test_state_of_an_unknown_class_is_an_error(counts):
    description, arrays = get_state(BayesianLinear().fit(*counts))
    with pytest.raises(BundleError, match="Oracle"):
        from_state(description | {"class": "Oracle"}, arrays)


def test_bayesian_linear_has_the_evidence_of_its_own_formula():
    """More features than rows, against the Gaussian process with the same prior and noise."""
    rng = np.random.default_rng(1)
    X, w = rng.normal(size=(30, 50)), rng.normal(size=50)
    y = X @ w + rng.normal(0, 0.1, 30)
    model = BayesianLinear().fit(X, y)
    centred = X - X.mean(0)
    K = model.prior_variance_ * centred @ centred.T
    direct = y.mean() + K @ np.linalg.solve(K + model.noise_ * np.eye(30), y - y.mean())
    np.testing.assert_allclose(model.predict(X), direct, rtol=1e-6)
    _, std = model.predict(X, return_std=True)
    variance = np.diag(K - K @ np.linalg.solve(K + model.noise_ * np.eye(30), K)) + model.noise_
    np.testing.assert_allclose(std**2, variance, rtol=1e-5)


def test_gaussian_process_matches_the_textbook(counts):
    from hanten.models.kernels import min_max

    X, y = counts
    model = GaussianProcess().fit(X, y)
    a, noise = model.weights_[0], model.noise_
    K = a * min_max(X, X) + noise * np.eye(len(y))
    k = a * min_max(X[:5] + 1, X)
    z = (y - y.mean()) / y.std()
    mean, std = model.predict(X[:5] + 1, return_std=True)
    np.testing.assert_allclose(mean, k @ np.linalg.solve(K, z) * y.std() + y.mean(), rtol=1e-8)
    variance = a + noise - np.einsum("ij,ji->i", k, np.linalg.solve(K, k.T))
    np.testing.assert_allclose(std, np.sqrt(variance) * y.std(), rtol=1e-4)


def test_gradient_of_the_evidence(counts):
    from scipy.optimize import check_grad

    from hanten.models.gaussian_process import _negative_evidence
    from hanten.models.kernels import min_max, squared_distance

    X, y = counts
    kinds, bases = (
        ["minmax", "rbf", "matern52"],
        [min_max(X, X), squared_distance(X, X), squared_distance(X, X)],
    )
    theta = np.log([0.7, 0.4, 0.3, 1.3, 0.8, 0.1])
    args = (kinds, bases, (y - y.mean()) / y.std(), np.zeros(len(y)))
    error = check_grad(
        lambda t: _negative_evidence(t, *args)[0], lambda t: _negative_evidence(t, *args)[1], theta
    )
    assert error < 1e-3


def test_known_noise_is_believed(counts):
    X, y = counts
    wrong = y.copy()
    wrong[:5] += 10
    noise = np.where(np.arange(len(y)) < 5, 100.0, 0.0)
    told, untold = GaussianProcess().fit(X, wrong, noise_variance=noise), GaussianProcess().fit(X, wrong)
    assert np.abs(told.predict(X[:5]) - y[:5]).mean() < np.abs(untold.predict(X[:5]) - y[:5]).mean()


def test_fewer_variance_rows_never_make_it_surer(counts):
    X, y = counts
    few = GaussianProcess(max_variance_rows=40).fit(X, y)
    _, less = few.predict(X, return_std=True)
    _, more = GaussianProcess().fit(X, y).predict(X, return_std=True)
    assert (less >= more - 1e-4).all()


def test_sparse_and_dense_agree(counts):
    X, y = counts
    dense = GaussianProcess().fit(X, y).predict(X[:7], return_std=True)
    thin = GaussianProcess().fit(sparse.csr_array(X), y).predict(sparse.csr_array(X[:7]), return_std=True)
    np.testing.assert_allclose(dense, thin, rtol=1e-6)


def test_an_unknown_kernel_is_named(counts):
    with pytest.raises(ValueError, match="'cosine' is not a kernel"):
        GaussianProcess(blocks=[("cosine", 0, 12)]).fit(*counts)


def test_forest_arrays_predict_what_scikit_learn_predicts(counts):
    from sklearn.ensemble import RandomForestRegressor

    X, y = counts
    ours = RandomForest(n_trees=15, max_features=0.5, random_state=3).fit(X, y)
    theirs = RandomForestRegressor(15, max_features=0.5, min_samples_leaf=2, random_state=3).fit(X, y)
    np.testing.assert_allclose(ours.predict(X), theirs.predict(X), rtol=1e-6)


def test_auto_chooses_the_line_for_a_line():
    X = np.random.default_rng(0).random((60, 3))
    model = AutoRegressor().fit(X, X @ [1.0, 2.0, 3.0])
    assert type(model.chosen_[0]) is BayesianLinear
    assert len(model.scores_) == 4


@pytest.mark.parametrize("most", [0, MinMaxTo.MOST])
def test_the_prepared_kernel_is_the_kernel(most, monkeypatch):
    monkeypatch.setattr(MinMaxTo, "MOST", most)
    rng = np.random.default_rng(0)
    fixed = sparse.random_array(
        (40, 30), density=0.3, rng=rng, data_sampler=lambda size: rng.integers(1, 9, size)
    )
    others = sparse.random_array(
        (25, 30), density=0.4, rng=rng, data_sampler=lambda size: rng.exponential(4, size)
    )
    kernel = MinMaxTo(fixed)
    np.testing.assert_allclose(kernel(others), min_max(others, fixed), rtol=1e-14, atol=1e-15)
    np.testing.assert_allclose(kernel(fixed), min_max(fixed, fixed), rtol=1e-14, atol=1e-15)
    assert (kernel(others)[7:8] == kernel(sparse.csr_array(others)[[7]])).all()
    assert MinMaxTo(np.zeros((2, 3)))(np.zeros((1, 3))).tolist() == [[1.0, 1.0]]
    with pytest.raises(DataError, match="negative"):
        kernel(-others)
