"""Affine transfer, multi-fidelity, frozen features, shotgun, fine-tuning: each does what its paper says."""

from __future__ import annotations

from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pytest

from hanten.errors import ConfigError, MissingExtraError
from hanten.models import BayesianLinear, RandomForest
from hanten.transfer import AffineTransfer, FineTuned, FrozenFeatures, MultiFidelity, Shotgun
from hanten.transfer.affine import by_turns
from hanten.transfer.fine_tuning import forward

rng = np.random.default_rng(1)


class Network:
    """A fake source model: one random network that knows ``tanh``-like features of X."""

    def __init__(self, seed, width=6, columns=4):
        local = np.random.default_rng(seed)
        self.name, self.kind, self.property_name = f"polymer/fake/{seed:04d}", "polymer", "density"
        self.columns, self.n_layers, self.widths = np.arange(columns), 2, (width, width)
        sizes = [columns, width, width, 1]
        self.layers = tuple((local.normal(size=(a, b)), local.normal(size=b)) for a, b in pairwise(sizes))

    def predict(self, X):
        return forward(list(self.layers), np.asarray(X)[:, self.columns])

    def hidden(self, X, layer=-1, activation="post"):
        found = np.asarray(X)[:, self.columns]
        for weight, bias in self.layers[: layer % 3 if layer > 0 else 3 + layer]:
            before = found @ weight + bias
            found = np.maximum(before, 0)
        return before if activation == "pre" else found


@pytest.fixture(scope="module")
def task():
    """A target that is an affine transformation of what a source network says."""
    source = Network(3)
    X = rng.normal(size=(90, 4))
    return SimpleNamespace(source=source, X=X, y=2 * source.predict(X) - 1 + 0.3 * X[:, 0])


def test_affine_transfer_finds_the_product():
    x, f = rng.uniform(-1, 1, (120, 2)), rng.uniform(0.5, 2, 120)
    y, X = f**2 + f * np.sin(2 * x[:, 0]), np.column_stack([x, f])
    full = AffineTransfer(strengths=(1e-3, 1e-2)).fit(X[:80], y[:80])
    convex = AffineTransfer(strengths=(1e-3, 1e-2), constant_scale=True).fit(X[:80], y[:80])
    errors = [np.abs(model.predict(X[80:]) - y[80:]).mean() for model in (full, convex)]
    assert errors[0] < errors[1] < 0.5


def test_affine_transfer_by_turns_descends():
    K, z = np.exp(-((np.arange(12)[:, None] - np.arange(12)) ** 2) / 8), rng.normal(size=12)
    sums = []
    for rounds in range(5):
        done = by_turns(K, K, z, 0.1, 0.1, rounds=rounds)
        fit = ((z - done.predict(K, K)) ** 2).sum()
        ridge = 0.1 * done.a1 @ K @ done.a1 + 1.0 * done.a2 @ K @ done.a2 + 0.1 * done.a3 @ K @ done.a3
        sums.append(fit + ridge)
    assert np.all(np.diff(sums) < 1e-9)


def test_affine_transfer_with_constant_scale_is_one_ridge_regression():
    X = np.column_stack([rng.normal(size=(20, 2)), rng.normal(size=20)])
    y = rng.normal(size=20)
    model = AffineTransfer("linear", constant_scale=True, strengths=(0.5,)).fit(X, y)
    standard = (X - X.mean(0)) / X.std(0)
    A = np.column_stack([standard[:, 2], np.ones(20), standard[:, :2] / np.sqrt(2), np.ones(20)])
    z = (y - y.mean()) / y.std()
    w = np.linalg.solve(A.T @ A + 0.5 * np.eye(5), A.T @ z)
    np.testing.assert_allclose(model.predict(X), A @ w * y.std() + y.mean(), rtol=1e-8)


def test_multi_fidelity_learns_scale_and_discrepancy():
    x = rng.uniform(0, 10, 25)
    low = np.sin(3 * x) + 0.2 * x
    X, y = np.column_stack([x, low]), 1.7 * low - 0.4 * x + 3
    model = MultiFidelity().fit(X[:20], y[:20])
    alone = MultiFidelity(source=lambda X: 0 * X[:, 0]).fit(X[:20, :1], y[:20])
    assert abs(model.scale_[0] - 1.7) < 0.3
    assert (
        np.abs(model.predict(X[20:]) - y[20:]).mean()
        < 0.5 * np.abs(alone.predict(X[20:, :1]) - y[20:]).mean()
    )


def test_multi_fidelity_scale_is_how_the_prediction_moves():
    x = rng.uniform(0, 5, 20)
    X = np.column_stack([x, np.cos(x)])
    model = MultiFidelity().fit(X, np.cos(x) * 0.7 + 0.1 * x)
    moved = model.predict([[2.0, 1.0], [2.0, 0.0]])
    np.testing.assert_allclose(moved[0] - moved[1], model.scale_[0], rtol=1e-6)


@pytest.mark.parametrize("activation", ["pre", "post"])
def test_frozen_features_are_the_hidden_layers(task, activation):
    model = FrozenFeatures(BayesianLinear(), [task.source], layers=(-1, -2), activation=activation).fit(
        task.X, task.y
    )
    blocks = [task.source.hidden(task.X, layer, activation) for layer in (-1, -2)]
    np.testing.assert_array_equal(model._features(task.X), np.hstack(blocks))
    if activation == "post":  # the last hidden layer holds the source itself
        assert np.corrcoef(model.predict(task.X), task.y)[0, 1] > 0.98


def test_frozen_features_refuse_what_has_no_layers(task):
    with pytest.raises(ConfigError, match="no hidden layers"):
        FrozenFeatures(BayesianLinear(), ["density"]).fit(task.X, task.y)


def test_shotgun_finds_the_source_and_averages_ten(task):
    sources = [Network(seed) for seed in range(20, 34)] + [task.source]
    model = Shotgun([BayesianLinear(scale=True), RandomForest(n_trees=10)], sources, layers=(-1, -2)).fit(
        task.X[:60], task.y[:60]
    )
    assert model.chosen_[0].tolist() == [14, 0, 0]
    assert len(model.members_) == 10
    assert len(set(model.chosen_[:, 0].tolist())) == 10
    assert model.choices_.shape == (5, 10)
    assert 0 < model.stability_ <= 1
    assert (model.choices_[:, 0] == 14).all()


def test_shotgun_sees_nothing_of_the_rows_it_is_tested_on(task):
    """Other values of the held-out rows change neither the choice nor the prediction."""
    sources = [Network(seed) for seed in range(12)]
    one = Shotgun(sources=sources).fit(task.X[:40], task.y[:40])
    two = Shotgun(sources=sources).fit(task.X[:40], task.y[:40].copy())
    np.testing.assert_array_equal(one.chosen_, two.chosen_)
    np.testing.assert_array_equal(one.predict(task.X[40:]), two.predict(task.X[40:]))


def test_shotgun_will_not_bet_on_few(task):
    with pytest.raises(ConfigError, match="average 10"):
        Shotgun(sources=[Network(s) for s in range(12)], n_sources=3).fit(task.X, task.y)


def test_fine_tuning_without_torch_says_what_to_install(task, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "torch", None)
    with pytest.raises(MissingExtraError, match=r"hanten\[train\]"):
        FineTuned(task.source).fit(task.X, task.y)


class TestWithTorch:
    @pytest.fixture(autouse=True)
    def _torch(self):
        pytest.importorskip("torch", reason="fine-tuning needs torch (the extra 'train')")

    def test_frozen_layers_stay_and_free_ones_move(self, task):
        model = FineTuned(task.source, freeze=1, max_epochs=60).fit(task.X[:40], task.y[:40])
        assert (model.epochs_ > 0).any()
        size = task.source.layers[0][0].size
        first = task.source.layers[0][0].ravel()
        for flat in model.flat_:
            np.testing.assert_array_equal(flat[:size], first)
        moved = FineTuned(task.source, freeze=0, max_epochs=60).fit(task.X[:40], task.y[:40])
        assert np.abs(moved.flat_[:, :size] - first).max() > 1e-4

    def test_it_starts_from_the_source_and_beats_a_random_start(self, task):
        tuned = FineTuned(task.source, freeze=1).fit(task.X[:30], task.y[:30])
        scratch = FineTuned(task.source, from_scratch=True).fit(task.X[:30], task.y[:30])
        errors = [np.abs(m.predict(task.X[30:]) - task.y[30:]).mean() for m in (tuned, scratch)]
        assert errors[0] < 0.7 * errors[1]

    def test_the_same_seed_gives_the_same_bits(self, task):
        one, two = (FineTuned(max_epochs=30).fit(task.X, task.y) for _ in range(2))
        np.testing.assert_array_equal(one.predict(task.X), two.predict(task.X))

    def test_too_many_frozen_layers_are_refused(self, task):
        with pytest.raises(ConfigError, match="2 hidden layers"):
            FineTuned(task.source, freeze=3).fit(task.X, task.y)
