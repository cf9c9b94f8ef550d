"""The scikit-learn contract of every transfer method, and that each can be kept as plain arrays."""

from __future__ import annotations

import json

import numpy as np
import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

from hanten.errors import BundleError, HantenError
from hanten.models import BayesianLinear, RandomForest
from hanten.models.base import from_state, get_state
from hanten.transfer import AffineTransfer, FineTuned, FrozenFeatures, MultiFidelity, Shotgun, TauRho
from hanten.transfer.heads import Foreign


class Total:
    """A source whose name in a test's id has no address in it."""

    def __call__(self, X):
        return np.asarray(X).sum(axis=1)

    def __repr__(self):
        return "total"


total = Total()

METHODS = [
    TauRho(BayesianLinear()),
    TauRho(BayesianLinear(), source=total, tau=0.5, rho=0.5),
    TauRho(RandomForest(n_trees=20, max_features=1.0), taus=(0.0,), rhos=(0.0, 0.5)),
    AffineTransfer(strengths=(0.1,)),
    AffineTransfer("linear", strengths=(0.1,)),
    MultiFidelity(),
    FrozenFeatures(BayesianLinear()),
    FrozenFeatures(sources=[np.tanh]),
    Shotgun(),
    Foreign(),
]
# The check needs the environment variable SCIPY_ARRAY_API and skips itself, which is a warning and so an error here.
SKIPPED = {"check_array_api_input"}
SAVED = [
    m
    for m in METHODS
    if not isinstance(m, Foreign)
    and not getattr(m, "sources", None)
    and not callable(getattr(m, "source", None))
]


@parametrize_with_checks(METHODS)
def test_scikit_learn_contract(estimator, check):
    if check.func.__name__ in SKIPPED:
        pytest.skip("needs SCIPY_ARRAY_API")
    check(estimator)


def test_fine_tuning_keeps_the_contract():
    pytest.importorskip("torch", reason="fine-tuning needs torch (the extra 'train')")
    from sklearn.utils.estimator_checks import check_estimator

    failed = {
        found["check_name"]: found["exception"]
        for found in check_estimator(FineTuned(max_epochs=200), on_skip=None, on_fail=None)
        if found["status"] == "failed" and found["check_name"] not in SKIPPED
    }
    assert not failed


@pytest.fixture(scope="module")
def rows():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(60, 4))
    X[:, 3] = X[:, 0] ** 2 + X[:, 1]  # what a source says
    return X, 2 * X[:, 3] + 0.5 * X[:, 2] + rng.normal(0, 0.1, 60)


@pytest.mark.parametrize("model", SAVED, ids=repr)
def test_a_fitted_method_is_json_and_arrays(model, rows):
    X, y = rows
    description, arrays = get_state(model.fit(X, y), "m.")
    again = from_state(json.loads(json.dumps(description)), arrays, "m.")
    for one, two in zip(
        model.predict(X[:9], return_std=True), again.predict(X[:9], return_std=True), strict=True
    ):
        np.testing.assert_allclose(one, two, rtol=1e-6)


@pytest.mark.parametrize(
    "model",
    [TauRho(BayesianLinear(), source=total), FrozenFeatures(sources=[np.tanh]), TauRho(Foreign())],
    ids=["function as source", "function of features", "foreign head"],
)
def test_what_is_not_arrays_cannot_be_kept(model, rows):
    with pytest.raises(BundleError):
        get_state(model.fit(*rows), "m.")


@pytest.mark.parametrize("model", METHODS, ids=repr)
def test_standard_deviations_are_those_of_new_values(model, rows):
    X, y = rows
    mean, std = model.fit(X[:40], y[:40]).predict(X[40:], return_std=True)
    assert (std > 0).all()
    assert 0.05 < np.sqrt(np.mean(((mean - y[40:]) / std) ** 2)) < 3.0


@pytest.mark.parametrize("source", [9, [0, 7], [], "two"])
def test_a_source_that_is_not_there_is_an_error(source, rows):
    with pytest.raises(HantenError):
        TauRho(BayesianLinear(), source=source).fit(*rows)
