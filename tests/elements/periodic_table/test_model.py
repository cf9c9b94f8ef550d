"""EM raises its bound, the sampler has the posterior it should, assignment is optimal."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy.optimize import approx_fprime
from scipy.spatial.distance import cdist
from scipy.stats import multivariate_normal, truncnorm

from hanten.elements.periodic_table import (
    assign,
    expand,
    fit_em,
    interpolate,
    make_layout,
    place,
    sample_chain,
)
from hanten.elements.periodic_table.lengths import Lengths, inverse_and_log_det
from hanten.elements.periodic_table.mcmc import Sampler
from hanten.elements.periodic_table.model import (
    Map,
    Prior,
    field_covariance,
    local_covariance,
    log_densities,
    log_likelihood,
    responsibilities,
)
from hanten.elements.periodic_table.start import initial_centres, standardise

GRID = np.array(list(itertools.product(range(3), range(3))), dtype=float)


def _data(n=20, d=6, seed=0):
    rng = np.random.default_rng(seed)
    latent = rng.uniform(-1, 1, size=(n, 2))
    X = np.sin(latent @ rng.normal(size=(2, d))) + 0.1 * rng.normal(size=(n, d))
    return standardise(X)[0]


def _lengths(d=6):
    precision, _ = inverse_and_log_det(field_covariance(GRID, 3.0))
    return Lengths(cdist(GRID, GRID, "sqeuclidean"), 2, precision, d)


def test_kernel_is_the_published_formula():
    r = np.random.default_rng(0).normal(0, 0.5, 9)
    C = local_covariance(cdist(GRID, GRID, "sqeuclidean"), r, 2)
    li, lj = np.exp(r[1]), np.exp(r[5])
    d2 = ((GRID[1] - GRID[5]) ** 2).sum()
    assert C[1, 5] == pytest.approx((2 * li * lj / (li**2 + lj**2)) * np.exp(-d2 / (li**2 + lj**2)))
    np.testing.assert_allclose(C.diagonal(), 1 + 1e-4)
    np.testing.assert_allclose(_lengths().covariance(r), C, rtol=1e-12)
    field = field_covariance(GRID, 3.0)
    assert field[0, 1] == pytest.approx(np.exp(-1 / 6) / 3)
    assert field[0, 0] == pytest.approx(1.01 / 3)


def test_gradient_and_information_of_the_length_scales():
    rng = np.random.default_rng(1)
    lengths, r = _lengths(), rng.normal(0, 0.3, 9)
    H = rng.normal(size=(9, 6))
    value, gradient, information = lengths.expand(r, H @ H.T)
    density = multivariate_normal(np.zeros(9), lengths.covariance(r)).logpdf(H.T).sum()
    prior = -r @ lengths.prior_precision @ r / 2
    constant = 6 * 9 / 2 * np.log(2 * np.pi)
    assert value == pytest.approx(density + prior + constant)
    numeric = approx_fprime(r, lambda x: lengths.log_density(x, H @ H.T), 1e-6)
    np.testing.assert_allclose(gradient, numeric, rtol=1e-3, atol=1e-2)
    assert (np.linalg.eigvalsh(information) > 0).all()


def test_fisher_information_is_the_mean_squared_score():
    rng = np.random.default_rng(2)
    lengths, r = _lengths(d=1), rng.normal(0, 0.2, 9)
    root = np.linalg.cholesky(lengths.covariance(r))
    scores = []
    for _ in range(4000):
        h = root @ rng.normal(size=9)
        scores.append(lengths.expand(r, np.outer(h, h))[1] + lengths.prior_precision @ r)
    found = np.cov(np.array(scores).T)
    expected = lengths.expand(r, np.eye(9))[2] - lengths.prior_precision
    np.testing.assert_allclose(found, expected, atol=0.12 * expected.diagonal().max())


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("layout", ["square", "cone"])
def test_em_raises_the_bound_at_every_step(layout, seed):
    X = _data(seed=seed)
    nodes = make_layout(layout, 20).coarse
    start = initial_centres(X, nodes, np.random.default_rng(seed))
    fit = fit_em(X, nodes, start, Prior(rate=10.0), max_iter=60, tolerance=0.0)
    assert len(fit.trace) == 60
    assert (np.diff(fit.trace) >= -1e-7 * abs(fit.trace[0])).all()


def test_em_bound_rises_when_a_gain_would_be_negative():
    X = _data()
    start = -3 * initial_centres(X, GRID)[::-1]
    fit = fit_em(X, GRID, start, Prior(rate=1.0), max_iter=80, tolerance=0.0)
    assert (np.diff(fit.trace) >= -1e-7 * abs(fit.trace[0])).all()
    assert (fit.map.gains >= 0).all()


def test_likelihood_and_responsibilities_by_hand():
    X, Y = np.array([[0.0]]), np.array([[0.0], [2.0]])
    fitted = Map(np.array([[0.0], [1.0]]), np.zeros(2), np.ones(2), Y, 1.0)
    density = np.array([1.0, np.exp(-2.0)]) / np.sqrt(2 * np.pi)
    np.testing.assert_allclose(np.exp(log_densities(X, Y, 1.0))[0], density)
    assert log_likelihood(X, fitted) == pytest.approx(np.log(density.mean()))
    np.testing.assert_allclose(responsibilities(X, fitted)[0], density / density.sum())


def test_assignment_is_optimal():
    rng = np.random.default_rng(3)
    for _ in range(5):
        X, centres = rng.normal(size=(4, 2)), rng.normal(size=(6, 2))
        node = assign(X, centres)
        cost = cdist(X, centres)
        best = min(cost[range(4), p].sum() for p in itertools.permutations(range(6), 4))
        assert cost[range(4), node].sum() == pytest.approx(best)
        assert len(set(node.tolist())) == 4


def test_placement_keeps_the_best_round():
    X = _data()
    layout = make_layout("square", 20)
    fit = fit_em(X, layout.coarse, initial_centres(X, layout.coarse), Prior(rate=10.0))
    placed = place(X, expand(fit.map, layout.fine), Prior(rate=10.0))
    assert len(set(placed.node.tolist())) == 20
    assert placed.log_likelihood == max(placed.trace)
    by_hand = log_densities(X, placed.map.centres, placed.map.precision)[range(20), placed.node].sum()
    assert placed.log_likelihood == pytest.approx(by_hand)


def test_expansion_goes_through_the_coarse_nodes():
    rng = np.random.default_rng(0)
    H = np.linalg.cholesky(local_covariance(cdist(GRID, GRID, "sqeuclidean"), np.zeros(9), 2)) @ rng.normal(
        size=(9, 4)
    )
    fitted = Map(GRID, np.zeros(9), np.ones(9), H, 2.0)
    again = expand(fitted, GRID)
    np.testing.assert_allclose(again.centres, H, atol=0.06)
    np.testing.assert_allclose(again.log_lengths, 0, atol=1e-12)
    assert interpolate(np.ones(9), GRID, GRID + 0.3, 1.0) == pytest.approx(1.0)


# The sampler ---------------------------------------------------------------------------------------------------


def _sampler(X, nodes, seed=0):
    rng = np.random.default_rng(seed)
    start = Map(
        nodes, np.zeros(len(nodes)), np.ones(len(nodes)), rng.normal(size=(len(nodes), X.shape[1])), 1.0
    )
    return Sampler(X, start, Prior(rate=5.0)), rng


def test_length_scales_against_integration_on_a_grid():
    """Two nodes: the posterior of r given H, by summation and by the chain."""
    nodes = np.array([[0.0], [1.0]])
    H = np.array([[1.0, -0.5, 0.2], [0.9, -0.1, 0.6]])
    sampler, rng = _sampler(np.zeros((1, 3)), nodes)
    sampler.H = H
    draws = []
    for _ in range(10_000):
        sampler.draw_lengths(rng)
        draws.append(sampler.r)
    axis = np.linspace(-2.5, 2.5, 81)
    grid = np.array(list(itertools.product(axis, axis)))
    logs = np.array([sampler.lengths.log_density(r, H @ H.T) for r in grid])
    weight = np.exp(logs - logs.max())
    weight /= weight.sum()
    mean = weight @ grid
    variance = weight @ (grid - mean) ** 2
    np.testing.assert_allclose(np.mean(draws, axis=0), mean, atol=0.12)
    np.testing.assert_allclose(np.var(draws, axis=0), variance, rtol=0.35)


def test_gains_against_the_truncated_normal():
    """One node: g given H is a normal distribution cut at zero."""
    sampler, rng = _sampler(np.array([[-0.3, 0.2]]), np.zeros((1, 1)))
    sampler.H, sampler.beta = np.array([[0.8, 0.4]]), 2.0
    draws = []
    for _ in range(20_000):
        sampler.draw_gains(rng)
        draws.append(sampler.g[0])
    precision = 1 / (1.01 / 3) + 2.0 * 0.8
    mean, spread = 2.0 * (-0.24 + 0.08) / precision, precision**-0.5
    exact = truncnorm(-mean / spread, np.inf, loc=mean, scale=spread)
    assert min(draws) >= 0
    assert np.mean(draws) == pytest.approx(exact.mean(), abs=0.01)
    assert np.std(draws) == pytest.approx(exact.std(), rel=0.05)


@pytest.mark.slow
def test_the_whole_chain_leaves_the_joint_distribution_as_it_is():
    """Geweke's test: parameters and data drawn in turn have the prior as their distribution."""
    nodes, d, n, rng = np.array([[0.0], [1.0], [2.0]]), 2, 3, np.random.default_rng(0)
    prior = Prior(shape=6.0, rate=5.0)
    sampler = Sampler(
        rng.normal(size=(n, d)), Map(nodes, np.zeros(3), np.ones(3), np.zeros((3, d)), 1.0), prior
    )
    found = []
    for _ in range(40_000):
        sampler.step(rng)
        sampler.draw_members(rng)
        centres = (sampler.g[:, None] * sampler.H)[sampler.z]
        sampler.X = centres + rng.normal(size=(n, d)) / np.sqrt(sampler.beta)
        sampler.CX = np.zeros_like(sampler.H)
        np.add.at(sampler.CX, sampler.z, sampler.X)
        found.append([sampler.beta, sampler.r[1], sampler.r[1] ** 2, sampler.H[0, 0], sampler.H[0, 0] ** 2])
    found = np.array(found)
    batches = found.reshape(100, -1, found.shape[1]).mean(axis=1)
    error = batches.std(axis=0) / 10
    expected = np.array([6 / 5, 0.0, 1.01 / 3, 0.0, 1.0001])
    assert (np.abs(found.mean(axis=0) - expected) < 4 * error + 1e-3).all()


def test_a_chain_is_reproducible_and_finds_the_data():
    X = _data()
    nodes = make_layout("square", 20).coarse
    start = fit_em(X, nodes, initial_centres(X, nodes), Prior(rate=10.0)).map
    one, two = (
        sample_chain(X, start, np.random.default_rng(7), Prior(rate=10.0), iterations=60, burn_in=30, thin=10)
        for _ in range(2)
    )
    np.testing.assert_array_equal(one.map.centres, two.map.centres)
    assert len(one.draws) == 3
    assert 0 < one.acceptance <= 1
    assert np.isfinite(one.trace).all()
