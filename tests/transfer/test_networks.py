from __future__ import annotations

import numpy as np
import pytest

from hanten.transfer.plans import Group, Plan

torch = pytest.importorskip("torch", reason="training needs torch (the train extra)")


def group(*widths, columns=6, dropout=0.0):
    plans = tuple(Plan(w, 0.005, 0.01, dropout, 0.2, i) for i, w in enumerate(widths))
    return Group(np.arange(columns), "all", plans)


@pytest.fixture
def problem():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(300, 6)).astype(np.float32)
    y = np.tanh(X[:, 0] + X[:, 1] * X[:, 2]).astype(np.float32)
    y = (y - y.mean()) / y.std()
    masks = np.stack([rng.random(300) < 0.8 for _ in range(3)])
    return X, y, masks


def forward(layers, X):
    for weight, bias in layers[:-1]:
        X = np.maximum(X @ weight + bias, 0)
    return (X @ layers[-1][0] + layers[-1][1])[:, 0]


def test_networks_of_different_widths_learn_together(problem):
    from hanten.transfer.networks import train_group

    X, y, masks = problem
    widths = [(16, 8), (32, 32), (24, 4)]
    networks, losses = train_group(X, y, masks, group(*widths), seed=0)
    for layers, loss, mask, width in zip(networks, losses, masks, widths, strict=True):
        assert [len(bias) for _, bias in layers] == [*width, 1]
        found = ((forward(layers, X) - y)[~mask] ** 2).mean()
        assert found == pytest.approx(loss, rel=1e-3)
        assert loss < 0.7


def test_padding_changes_nothing(problem):
    """A padded network has the gradients of the same network alone: its padded units stay at zero."""
    from hanten.transfer.networks import _Program

    X, y, _ = problem
    program = _Program(group((16, 8), (32, 32)).plans, 6, torch.Generator().manual_seed(0))
    inputs, targets = torch.from_numpy(X), torch.from_numpy(y)
    everything = torch.ones(2, len(y), dtype=torch.bool)
    for _ in range(20):
        program.step(inputs, targets, everything, 1.0)
    first = program.weights[0].detach().view(6, 2, 32)
    assert (first[:, 0, 16:] == 0).all()
    assert (first[:, 0, :16] != 0).any()
    assert (program.weights[1].detach()[0, 16:] == 0).all()
    assert (program.weights[1].detach()[0, :, 8:] == 0).all()


def test_a_network_learns_nothing_from_its_validation_rows(problem):
    from hanten.transfer.networks import train_group

    X, y, masks = problem
    spoiled = y.copy()
    common = ~masks.any(axis=0)  # rows that no network trains on
    assert common.sum() > 0
    masks[0] = ~common
    spoiled[common] += 100
    clean, _ = train_group(X, y, masks[:1], group((16, 8)), seed=3)
    dirty, _ = train_group(X, spoiled, masks[:1], group((16, 8)), seed=3)
    # Other validation values may stop it elsewhere, but no prediction is pulled towards them.
    assert np.abs(forward(dirty[0], X[common])).max() < 10
    assert forward(clean[0], X).std() > 0.3


def test_the_weights_kept_are_those_of_the_best_validation_loss(problem):
    from hanten.transfer.networks import train_group

    X, y, masks = problem
    noise = np.random.default_rng(1).normal(size=len(y)).astype(np.float32)
    _, losses = train_group(X, noise, masks, group((64, 64), (64, 64), (64, 64)), seed=0)
    assert (losses < 1.6).all()  # at the end of the training on noise it is above 2
