from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import multivariate_normal
from sklearn.manifold import trustworthiness as by_sklearn

from hanten.elements.periodic_table import (
    continuity,
    is_contiguous,
    log_evidence,
    make_layout,
    potential_scale_reduction,
    prediction,
    stress,
    trustworthiness,
)
from hanten.elements.periodic_table.layouts import LAYOUTS
from hanten.errors import ConfigError


def test_trustworthiness_is_that_of_scikit_learn_where_nothing_ties():
    rng = np.random.default_rng(0)
    for k in (1, 4, 9):
        X, P = rng.normal(size=(30, 5)), rng.normal(size=(30, 2))
        assert trustworthiness(X, P, k) == pytest.approx(by_sklearn(X, P, n_neighbors=k))
        assert continuity(X, P, k) == pytest.approx(by_sklearn(P, X, n_neighbors=k))


def test_measures_do_not_depend_on_the_order_of_items():
    rng = np.random.default_rng(1)
    X, P = rng.normal(size=(25, 5)), make_layout("square", 25, (5,)).fine
    order = rng.permutation(25)
    for measure in (trustworthiness, continuity):
        assert measure(X, P, 4) == pytest.approx(measure(X[order], P[order], 4), abs=1e-12)
    assert prediction(X, P) == pytest.approx(prediction(X[order], 7 * P[order]))
    assert log_evidence(X, P) == pytest.approx(log_evidence(X[order], 7 * P[order]))


def test_evidence_is_the_density_of_gaussian_processes():
    rng = np.random.default_rng(3)
    P = make_layout("square", 25, (5,)).fine
    X = np.sin(P @ rng.normal(size=(2, 4)))
    X -= X.mean(axis=0)
    squared = ((P[:, None] - P[None]) ** 2).sum(axis=2)
    best = max(
        multivariate_normal(
            cov=(1 - noise) * np.exp(-squared / (2 * (0.5 * reach) ** 2)) + noise * np.eye(25)
        )
        .logpdf(X.T)
        .sum()
        for reach in (1.0, 1.5, 2.0, 3.0, 4.0)
        for noise in (0.05, 0.1, 0.15, 0.2, 0.3, 0.4)
    )
    assert log_evidence(X, P) == pytest.approx(best)
    assert log_evidence(X, P) > log_evidence(X[rng.permutation(25)], P) + 10


def test_prediction_is_that_of_a_gaussian_process_without_the_item():
    rng = np.random.default_rng(3)
    P = make_layout("square", 25, (5,)).fine
    X = np.sin(P @ rng.normal(size=(2, 4)))
    X -= X.mean(axis=0)
    best = np.inf
    for reach in (1.0, 1.5, 2.0, 3.0, 4.0):
        for noise in (0.05, 0.15):
            unit = 0.5 * reach
            errors = []
            for i in range(25):
                rest = np.arange(25) != i
                K = (1 - noise) * np.exp(-((P[rest, None] - P[None, rest]) ** 2).sum(axis=2) / (2 * unit**2))
                k = (1 - noise) * np.exp(-((P[rest] - P[i]) ** 2).sum(axis=1) / (2 * unit**2))
                errors.append(X[i] - k @ np.linalg.solve(K + noise * np.eye(24), X[rest]))
            best = min(best, np.mean(np.square(errors)))
    assert prediction(X, P) == pytest.approx(1 - best / np.mean(X**2))
    assert prediction(X, P) > 0.9
    assert prediction(X[rng.permutation(25)], P) < 0.3


def test_chains_that_have_seen_different_parts_are_told():
    same = np.random.default_rng(0).normal(size=(4, 400))
    assert potential_scale_reduction(same) == pytest.approx(1, abs=0.02)
    assert potential_scale_reduction(same + 3 * np.arange(4)[:, None]) > 2
    drift = same + np.linspace(0, 5, 400)
    assert potential_scale_reduction(drift) > 1.3  # halves of one chain differ
    assert np.isnan(potential_scale_reduction(same[:, :3]))


def test_a_perfect_map_and_a_random_one():
    rng = np.random.default_rng(2)
    P = make_layout("square", 49, (7,)).fine
    assert trustworthiness(P, P, 4) == continuity(P, P, 4) == 1
    assert stress(2 * P, P) == pytest.approx(0, abs=1e-9)
    assert trustworthiness(P, P[rng.permutation(49)], 4) < 0.7


def test_too_many_neighbours():
    with pytest.raises(ConfigError, match="k=5 neighbours of 10 items"):
        trustworthiness(np.eye(10), np.eye(10), 5)


def test_families_in_one_piece():
    layout = make_layout("square", 9, (5,))
    pairs, nodes = layout.neighbours(), layout.fine
    corner = [0, 1, 6, 24]  # nodes of the items
    places = nodes[corner]
    assert is_contiguous([0, 1, 2], places, nodes, pairs)
    assert not is_contiguous([0, 3], nodes[[0, 6, 18, 24, 12]][[0, 1, 2, 3, 4]], nodes, pairs)
    assert is_contiguous([0, 3], places[[0, 1, 2, 3]][[0, 1, 2, 3]], nodes, pairs) is False


@pytest.mark.parametrize("name", LAYOUTS)
def test_layouts(name):
    layout = make_layout(name, 54)
    assert len(layout.fine) >= 54 > len(layout.coarse) / 2
    assert len({tuple(p) for p in layout.fine.round(6).tolist()}) == len(layout.fine)
    pairs = layout.neighbours()
    assert set(pairs.ravel().tolist()) == set(range(len(layout.fine)))
    spacing = np.sort(np.linalg.norm(layout.coarse[:, None] - layout.coarse[None], axis=2), axis=1)[:, 1]
    assert np.median(spacing) == pytest.approx(1, abs=0.15)


def test_shapes_of_layouts():
    assert make_layout("rectangular", 10, (3, 7)).fine.shape == (21, 2)
    assert make_layout("cylinder", 54, (18, 5)).fine.shape == (90, 3)
    assert make_layout("cone", 54, (5,)).fine.shape == (61, 3)
    radius = np.linalg.norm(make_layout("cylinder", 54).fine[:, :2], axis=1)
    assert np.ptp(radius) < 1e-9
    square = make_layout("square", 54)
    assert {tuple(u) for u in square.coarse} <= {tuple(u) for u in square.fine}


@pytest.mark.parametrize(
    ("arguments", "match"),
    [
        (("squire", 9), "did you mean square"),
        (("square", 54, (3,)), "54 items do not fit on the 9 nodes"),
        (("square", 9, (3, 3)), "no shape of the layout 'square'"),
        (("square", 9, (2.5,)), "no shape"),
        (("square", 9, (200,)), "more than 2000"),
        (("cubic", 9, (50,)), "more than 2000"),
    ],
)
def test_layouts_that_cannot_be(arguments, match):
    with pytest.raises(ConfigError, match=match):
        make_layout(*arguments)
