"""On a stock small enough to enumerate, every part is held to the exact posterior."""

import itertools
import math
from collections import Counter

import numpy as np
import pytest

from hanten.inference import FreshDraw, Mixture, Settings, smc, with_prior
from hanten.inference.posterior import pool
from hanten.synthesis.retro.likelihood import RouteLikelihood, Steps
from hanten.synthesis.retro.moves import AddDrop, Lookup, Neighbour, Redraw, Screened
from hanten.synthesis.retro.prior import SIZES, Reference, StockPrior
from hanten.synthesis.retro.space import (
    Space,
    groups,
    members,
    multiplicity,
    replaced,
    state_of,
    stock_weights,
)
from hanten.synthesis.stock import build_stock

TARGET = "CCNC(=O)c1ccccc1"
SMILES = ["CCN", "O=C(O)c1ccccc1", "O=C(Cl)c1ccccc1", "CN", "CCO", "c1ccccc1"]
MADE = ("NC(=O)c1ccccc1",)


def score(sets, products):
    """A forward model made of a hash, rugged on purpose, that favours the right reactants."""
    out = []
    for reactants, product in zip(sets, products, strict=True):
        noise = (hash((tuple(sorted(map(len, reactants))), len(product))) % 100) / 40
        right = ("CCN" in reactants) + any("C(=O)" in one for one in reactants)
        out.append(-3.0 + 1.2 * right - 0.4 * len(reactants) + noise)
    return np.array(out)


@pytest.fixture(scope="module", params=[False, True], ids=["one step", "two steps"])
def problem(request):
    stock = build_stock(SMILES, name="toy").stock
    n = 3 if request.param else len(SMILES)
    stock = stock.filter(np.arange(len(SMILES)) < n)
    weights = stock_weights(stock) * np.linspace(1.0, 2.0, n)
    space = Space(TARGET, stock, weights, MADE if request.param else ())
    # Smaller steps keep the two-step space enumerable.
    sizes = (0.4, 0.6) if request.param else SIZES
    steps = Steps(score)
    lookup = Lookup(space, steps, k=3)
    prior = StockPrior(space, sizes)
    table = {state_of([0, 1]): 3.0, state_of([0, 2]): 1.0}
    if request.param:
        table[state_of([0, (MADE[0], (1,))])] = 1.0
    reference = Reference(prior, table, lookup.table(TARGET, ()))
    return space, prior, reference, RouteLikelihood(space, reference, steps, math.log(0.05)), lookup


def every_state(space, prior):
    places = range(space.stock.size)
    sizes = range(1, len(prior.sizes) + 1)
    sets = [s for k in sizes for s in itertools.combinations_with_replacement(places, k)]
    children = [*places, *((one, s) for one in space.intermediates for s in sets)]
    return [state_of(c) for k in sizes for c in itertools.combinations_with_replacement(children, k)]


def exact(problem):
    space, prior, reference, likelihood, _ = problem
    states = every_state(space, prior)
    logs = likelihood.log_likelihood(states) + reference.log_prob(states)
    weights = np.exp(logs - np.logaddexp.reduce(logs))
    return dict(zip(states, weights, strict=True)), float(np.logaddexp.reduce(logs))


def test_prior_and_reference_are_normalised(problem):
    space, prior, reference, *_ = problem
    states = every_state(space, prior)
    assert len(set(states)) == len(states)
    for one in (prior, reference):
        assert np.exp(np.logaddexp.reduce(one.log_prob(states))) == pytest.approx(1, abs=1e-9)


def test_draws_follow_their_probabilities(problem):
    space, prior, reference, *_ = problem
    states = every_state(space, prior)
    for one in (prior, reference):
        counts = Counter(one.sample(8_000, np.random.default_rng(0)))
        p = np.exp(one.log_prob(states))
        got = np.array([counts[x] for x in states]) / 8_000
        assert np.abs(got - p).max() < 0.02
        assert sum(counts.values()) == sum(counts[x] for x in states)


def test_the_likelihood_times_reference_is_model_times_prior(problem):
    space, prior, reference, likelihood, _ = problem
    states = every_state(space, prior)[::7]
    joint = likelihood.log_likelihood(states) + reference.log_prob(states) - prior.log_prob(states)
    for x, value in zip(states, joint, strict=True):
        exact_value = sum(
            np.logaddexp(score([r], [p])[0], -30 - likelihood.steps.energy((p, r)))
            for p, r in space.reactions(x)
        )
        assert value == pytest.approx(exact_value, abs=1e-9)


def local(problem, name):
    space, prior, reference, likelihood, lookup = problem
    move = {
        "redraw": Redraw(space, lookup),
        "neighbour": Neighbour(space, 5),
        "add": AddDrop(space, lookup, len(prior.sizes)),
    }
    return with_prior(move[name], reference), likelihood


@pytest.mark.parametrize("name", ["redraw", "neighbour", "add"])
def test_each_ratio_is_that_of_the_frequencies(problem, name):
    """Count x -> y and y -> x for one state and its most frequent follower: the ratio is what the move says."""
    space, prior, _reference, _likelihood, lookup = problem
    move = {
        "redraw": Redraw(space, lookup),
        "neighbour": Neighbour(space, 5),
        "add": AddDrop(space, lookup, len(prior.sizes)),
    }[name]
    rng, n = np.random.default_rng(1), 3000
    start = state_of([0, 0]) if name != "add" else state_of([0])
    if space.intermediates:
        start = state_of([(MADE[0], (0,)), (MADE[0], (0,))]) if name != "add" else state_of([(MADE[0], (0,))])
    ys, ratios = move.propose([start] * n, rng)
    counts = Counter(y for y in ys if y is not None and y != start)
    told = {y: ratio for y, ratio in zip(ys, ratios, strict=True) if y is not None}
    for y, count in counts.most_common(3):
        back, _ = move.propose([y] * n, rng)
        returned = sum(x == start for x in back)
        if min(count, returned) > 60:
            spread = 4 * math.sqrt(1 / count + 1 / returned)
            assert math.log(returned / count) == pytest.approx(told[y], abs=spread)


@pytest.mark.parametrize("names", [("redraw",), ("redraw", "neighbour", "add")])
def test_moves_leave_the_posterior_as_it_is(problem, names):
    """Start at exact draws, move, and compare with the exact posterior."""
    _space, _prior, _reference, likelihood, _lookup = problem
    truth, _ = exact(problem)
    states, p = list(truth), np.array(list(truth.values()))
    rng = np.random.default_rng(2)
    moves = [Screened(local(problem, name)[0], likelihood.surrogate, 0.05) for name in names]
    xs = [states[i] for i in rng.choice(len(states), 2000, p=p)]
    proposal = Mixture(moves)
    value = dict(zip(states, likelihood.log_likelihood(states), strict=True))
    for _ in range(5):
        ys, correction = proposal.propose(xs, rng)
        at = np.array([value[x] for x in xs])
        to = np.array([value.get(y, -np.inf) for y in ys])
        take = -rng.standard_exponential(len(xs)) < to - at + correction
        xs = [y if t else x for x, y, t in zip(xs, ys, take, strict=True)]
    counts = Counter(xs)
    top = np.argsort(-p)[:12]
    got = np.array([counts[states[i]] for i in top]) / len(xs)
    assert np.abs(got - p[top]).max() < 4 * math.sqrt(p.max() / len(xs)) + 0.002


def test_the_sampler_finds_the_exact_posterior_and_evidence(problem):
    _space, _prior, reference, likelihood, _lookup = problem
    truth, evidence = exact(problem)
    moves = [
        FreshDraw(reference),
        *(
            Screened(local(problem, name)[0], likelihood.surrogate, 0.05)
            for name in ("redraw", "neighbour", "add")
        ),
    ]
    settings = Settings(extend=3, max_sweeps=6)
    steps = list(smc(reference, likelihood, Mixture(moves), 600, np.random.default_rng(3), settings=settings))
    posterior = pool([step for step in steps if step.beta == 1])
    counts = Counter(posterior.particles)
    distance = 0.5 * sum(abs(counts[x] / len(posterior.particles) - p) for x, p in truth.items())
    floor = 0.5 * sum(math.sqrt(2 * p * (1 - p) / (math.pi * 600)) for p in truth.values())
    assert distance < 3 * floor + 0.02
    assert posterior.log_evidence == pytest.approx(evidence, abs=0.15)


def test_groups_and_places_of_a_tree():
    made = ("CCO", (1, 1))
    state = state_of([made, 5, made, 2])
    assert state == (2, 5, made, made)
    assert groups(state) == [None, made]
    assert (members(state, None), members(state, made)) == ((2, 5), (1, 1))
    assert (multiplicity(state, None), multiplicity(state, made)) == (1, 2)
    assert replaced(state, made, (3, 1)) == (2, 5, ("CCO", (1, 1)), ("CCO", (1, 3)))
    assert replaced(state, None, ()) == (made, made)
