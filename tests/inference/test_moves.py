import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanten.errors import DataError
from hanten.inference import FreshDraw, Mixture, Population, Settings
from hanten.inference.evaluation import RememberedLikelihood
from hanten.inference.moves import Kernel, move, move_in_chains, retention

LOG_LIKELIHOODS = np.log([0.9, 0.1, 0.4, 0.3, 0.05, 0.6])


class Scripted:
    """Proposes what it is told."""

    def __init__(self, candidates, corrections):
        self.candidates, self.corrections = candidates, corrections

    def propose(self, xs, rng):  # noqa: ARG002
        return self.candidates, np.array(self.corrections)


@pytest.fixture
def kernel_of(table):
    def make(*proposals, log_likelihoods=LOG_LIKELIHOODS):
        likelihood = RememberedLikelihood(table(log_likelihoods), chunk=1000, capacity=1000)
        return Kernel(Mixture(proposals), likelihood)

    return make


@pytest.fixture
def population_of():
    def make(particles, log_likelihoods=LOG_LIKELIHOODS):
        return Population(list(particles), np.asarray(log_likelihoods)[np.array(particles) - 1])

    return make


def test_no_state_and_no_density_are_rejections(kernel_of, population_of):
    kernel = kernel_of(Scripted([None, 2, None], [np.nan, -np.inf, 0.0]))
    after, acceptance = kernel.sweep(population_of([1, 1, 3]), 1.0, np.random.default_rng(0))
    assert after.particles == [1, 1, 3]
    assert acceptance == 0


def test_a_state_of_zero_likelihood_is_never_entered_even_at_beta_zero(kernel_of, population_of):
    levels = [0.0, -np.inf]
    kernel = kernel_of(Scripted([2, 2], [0.0, 0.0]), log_likelihoods=levels)
    after, _ = kernel.sweep(population_of([1, 1], levels), 0.0, np.random.default_rng(0))
    assert after.particles == [1, 1]


def test_a_better_state_is_always_entered(kernel_of, population_of):
    kernel = kernel_of(Scripted([1, 1], [0.0, 0.0]))
    after, acceptance = kernel.sweep(population_of([2, 1]), 1.0, np.random.default_rng(0))
    assert after.particles == [1, 1]
    assert after.log_likelihood.tolist() == [LOG_LIKELIHOODS[0]] * 2
    assert acceptance == 0.5  # the second was there already


@pytest.mark.parametrize(
    ("candidates", "corrections", "message"),
    [
        ([1], [0.0, 0.0], "1 candidates"),
        ([1, 2], [0.0], r"shape \(1,\)"),
        ([1, 2], [0.0, np.nan], "3 -> 2 the log correction nan"),
        ([1, 2], [0.0, np.inf], "3 -> 2 the log correction inf"),
    ],
)
def test_a_broken_proposal_is_named(kernel_of, population_of, candidates, corrections, message):
    kernel = kernel_of(Scripted(candidates, corrections))
    with pytest.raises(DataError, match=f"Scripted.*{message}"):
        kernel.sweep(population_of([1, 3]), 1.0, np.random.default_rng(0))


@pytest.mark.parametrize("beta", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("mixture", [False, True])
def test_the_target_is_left_unchanged(kernel_of, population_of, posterior_of, die, tilt, beta, mixture):
    target, rng, n = posterior_of(LOG_LIKELIHOODS, beta), np.random.default_rng(1), 60_000
    kernel = kernel_of(tilt, FreshDraw(die)) if mixture else kernel_of(tilt)
    population = population_of((rng.choice(6, size=n, p=target) + 1).tolist())
    for _ in range(3):
        population, _ = kernel.sweep(population, beta, rng)
    shares = np.bincount(population.particles, minlength=7)[1:] / n
    assert (abs(shares - target) < 5 * np.sqrt(target / n)).all()


@pytest.mark.parametrize("beta", [0.3, 1.0])
def test_the_target_is_found_from_anywhere(kernel_of, population_of, posterior_of, tilt, beta):
    n, rng, kernel = 5000, np.random.default_rng(2), kernel_of(tilt)
    population = population_of([2] * n)
    for _ in range(120):
        population, _ = kernel.sweep(population, beta, rng)
    target = posterior_of(LOG_LIKELIHOODS, beta)
    shares = np.bincount(population.particles, minlength=7)[1:] / n
    assert (abs(shares - target) < 5 * np.sqrt(target / n)).all()


def test_sweeps_go_on_until_the_start_is_forgotten(kernel_of, population_of, tilt):
    population = population_of(np.random.default_rng(0).integers(1, 7, size=2000).tolist())
    few = move(kernel_of(tilt), population, 1.0, np.random.default_rng(0), Settings(retention=0.5))
    many = move(kernel_of(tilt), population, 1.0, np.random.default_rng(0), Settings(retention=0.1))
    assert few.sweeps < many.sweeps < 50
    assert retention(population.particles, many.population.particles) <= 0.1


def test_sweeps_end_when_nothing_can_move(kernel_of, population_of):
    stuck = kernel_of(Scripted([None] * 4, [0.0] * 4))
    moved = move(stuck, population_of([1, 2, 3, 4]), 1.0, np.random.default_rng(0), Settings(max_sweeps=7))
    assert (moved.sweeps, moved.acceptance) == (7, 0)


def test_chains_keep_their_ancestors_and_all_links(kernel_of, population_of, tilt):
    ancestors, settings = population_of([1, 6, 3]), Settings(kind="waste_free", chain_length=4)
    moved = move_in_chains(kernel_of(tilt), ancestors, 1.0, np.random.default_rng(0), settings)
    assert len(moved.population.particles) == 12
    assert moved.population.particles[:3] == [1, 6, 3]
    assert moved.sweeps % 3 == 0
    again = LOG_LIKELIHOODS[np.array(moved.population.particles) - 1]
    assert (moved.population.log_likelihood == again).all()


@given(st.lists(st.sampled_from("abc"), min_size=1))
def test_what_stays_is_retained(xs):
    assert retention(xs, xs) == pytest.approx(1)


def test_independent_draws_retain_nothing():
    rng = np.random.default_rng(0)
    before, after = (rng.choice(4, size=20_000, p=[0.7, 0.1, 0.1, 0.1]).tolist() for _ in range(2))
    assert abs(retention(before, after)) < 0.02
