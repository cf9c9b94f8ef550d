"""The sampler against posteriors known exactly, on four spaces small enough to enumerate."""

import numpy as np
import pytest
from spaces import NAMES, CutAndRegrow, Space, floor, histogram, metropolis_matrix, space, total_variation

from hanten.inference import FreshDraw, Settings, run

EVERY_SPACE = pytest.mark.parametrize("name", NAMES)
BETAS = pytest.mark.parametrize("beta", [0.0, 0.3, 1.0])


@pytest.fixture(scope="module")
def tiny():
    """Polymers of up to five tokens."""
    return Space("*CO=()", 5)


def test_the_spaces_are_the_known_ones():
    sizes = {name: len(space(name).strings) for name in NAMES}
    assert sizes == {"chains": 2568, "rings": 2832, "aromatics": 1519, "polymers": 3391}
    chains = space("chains")
    assert np.exp(chains.log_ngram).sum() == pytest.approx(0.559, abs=5e-4)
    assert chains.log_evidence == pytest.approx(-3.166, abs=5e-4)
    assert all(text.count("*") == 2 for text in space("polymers").strings)


def test_the_prior_draws_what_its_log_probabilities_say(tiny):
    n, exact = 100_000, np.exp(tiny.log_prior)
    counts = np.bincount(tiny.rows(tiny.sample(n, np.random.default_rng(0))), minlength=len(exact))
    assert exact.sum() == pytest.approx(1)
    assert (abs(counts / n - exact) < 5 * np.sqrt(exact / n) + 5 / n).all()


def test_the_proposal_draws_what_its_matrix_says(tiny):
    proposal, n, rng = CutAndRegrow(tiny), 40_000, np.random.default_rng(0)
    matrix = proposal.matrix()
    for start in (0, len(tiny.strings) // 2, len(tiny.strings) - 1):
        x = tiny.strings[start]
        ys, correction = proposal.propose([x] * n, rng)
        valid = [y for y in ys if y is not None]
        counts = np.bincount(tiny.rows(valid), minlength=len(tiny.strings))
        assert (abs(counts / n - matrix[start]) < 5 * np.sqrt(matrix[start] / n) + 5 / n).all()
        ratios = [np.log((len(x) + 1) / (len(y) + 1)) for y in valid]
        assert correction[[y is not None for y in ys]] == pytest.approx(ratios)


def imbalance(proposal, beta):
    """Largest violation of detailed balance, and of invariance, of the explicit kernel matrix."""
    target, kernel = proposal.space.tempered_posterior(beta), metropolis_matrix(proposal, beta)
    flow = target[:, None] * kernel
    return abs(flow - flow.T).max(), abs(target @ kernel - target).max()


@BETAS
def test_the_kernel_is_in_detailed_balance(tiny, beta):
    assert max(imbalance(CutAndRegrow(tiny), beta)) < 1e-12


@pytest.mark.slow
@EVERY_SPACE
@BETAS
def test_the_kernel_is_in_detailed_balance_on_every_space(name, beta):
    assert max(imbalance(CutAndRegrow(space(name)), beta)) < 1e-12


@BETAS
@pytest.mark.parametrize("mistake", [{"length_factor": False}, {"extend": False}], ids=["length", "extend"])
def test_a_kernel_without_its_correction_is_caught(tiny, beta, mistake):
    balance, invariance = imbalance(CutAndRegrow(tiny, **mistake), beta)
    assert balance > 1e-6
    assert invariance > 1e-6


def test_the_code_that_runs_has_the_kernel_of_the_matrix(tiny):
    """Particles of the exact target stay there; without the length factor they drift off."""
    from hanten.inference.evaluation import RememberedLikelihood
    from hanten.inference.moves import Kernel
    from hanten.inference.population import Population

    exact, n = np.exp(tiny.log_prior), 100_000

    def drift(proposal):
        rng = np.random.default_rng(0)
        kernel = Kernel(proposal, RememberedLikelihood(tiny, chunk=10_000, capacity=10_000))
        rows = rng.choice(len(exact), size=n, p=exact)
        population = Population([tiny.strings[i] for i in rows], tiny.log_region[rows])
        for _ in range(3):
            population, _ = kernel.sweep(population, 0.0, rng)
        return total_variation(histogram(tiny, population.particles), exact)

    noise = floor_of(exact, n)
    assert drift(CutAndRegrow(tiny)) < 1.3 * noise
    assert drift(CutAndRegrow(tiny, length_factor=False)) > 3 * noise


def floor_of(exact, n):
    rng = np.random.default_rng(1)
    return np.mean([total_variation(rng.multinomial(n, exact) / n, exact) for _ in range(20)])


@pytest.mark.parametrize("settings", [Settings(), Settings(kind="waste_free")], ids=lambda s: s.kind)
@EVERY_SPACE
def test_particles_match_the_exact_posterior(name, settings):
    s, n = space(name), 1000
    posterior = run(s, s, CutAndRegrow(s), n, np.random.default_rng(0), settings=settings)
    assert posterior.complete
    exact = s.tempered_posterior()
    reached = total_variation(histogram(s, posterior.particles, np.exp(posterior.log_weights)), exact)
    assert reached < 1.6 * floor(s, n, np.random.default_rng(1))
    assert posterior.log_evidence == pytest.approx(s.log_evidence, abs=0.25)


@pytest.mark.slow
@pytest.mark.parametrize("proposals", ["regrow", "regrow and fresh draws"])
@EVERY_SPACE
def test_ten_thousand_particles_reach_the_floor(name, proposals):
    s, n = space(name), 10_000
    moves = [CutAndRegrow(s)] if proposals == "regrow" else [CutAndRegrow(s), FreshDraw(s)]
    runs = [run(s, s, moves, n, np.random.default_rng(seed)) for seed in range(5)]
    exact = s.tempered_posterior()
    reached = np.mean([total_variation(histogram(s, r.particles), exact) for r in runs])
    assert reached <= 1.3 * floor(s, n, np.random.default_rng(1))
    assert np.mean([abs(r.log_evidence - s.log_evidence) for r in runs]) <= 0.05


@pytest.mark.slow
@EVERY_SPACE
def test_intervals_cover(name):
    """Each string's share, over 20 runs: 90 % intervals from the runs themselves hold the exact value."""
    s, n, runs = space(name), 2000, 20
    shares = np.array(
        [
            histogram(s, run(s, s, CutAndRegrow(s), n, np.random.default_rng(seed)).particles)
            for seed in range(runs)
        ]
    )
    exact = s.tempered_posterior()
    often = exact > 20 / n
    error = shares.std(axis=0, ddof=1) / np.sqrt(runs)
    covered = abs(shares.mean(axis=0) - exact) < 1.729 * error  # Student, 19 degrees of freedom, 90 %
    assert 0.75 <= covered[often].mean() <= 1
