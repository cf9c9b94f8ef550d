import json

import numpy as np
import pytest
from toys import Measured, Normal, Walk

from hanten.errors import ConfigError, DataError
from hanten.inference import FreshDraw, Settings, run, smc, with_prior

KINDS = pytest.mark.parametrize("kind", ["standard", "waste_free"])
LEVELS = -(np.linspace(0, 12, 6) ** 1.5)


def shares(posterior, faces=6):
    weights = np.exp(posterior.log_weights)
    return np.bincount(posterior.particles, weights=weights, minlength=faces + 1)[1:]


@KINDS
@pytest.mark.parametrize("resampling", ["systematic", "multinomial", "residual", "stratified"])
def test_the_posterior_of_a_die(die, tilt, table, posterior_of, kind, resampling):
    settings = Settings(kind=kind, resampling=resampling)
    posterior = run(die, table(LEVELS), tilt, 20_000, np.random.default_rng(0), settings=settings)
    exact = posterior_of(LEVELS)
    assert abs(shares(posterior) - exact).max() < 0.015
    assert posterior.log_evidence == pytest.approx(np.log(np.exp(LEVELS).mean()), abs=0.03)
    assert posterior.complete
    assert posterior.ended == "reached beta = 1"


@KINDS
def test_the_conjugate_gaussian(kind):
    settings = Settings(kind=kind)
    moves = with_prior(Walk(), Normal())
    posterior = run(Normal(), Measured(), moves, 8000, np.random.default_rng(3), settings=settings)
    precision = 1 + 1 / 0.04
    assert np.mean(posterior.particles) == pytest.approx((3 / 0.04) / precision, abs=0.02)
    assert np.std(posterior.particles) == pytest.approx(precision**-0.5, rel=0.05)
    evidence = -0.5 * 9 / 1.04 - 0.5 * np.log(2 * np.pi * 1.04)
    assert posterior.log_evidence == pytest.approx(evidence, abs=0.1)


@KINDS
def test_hard_constraints_hold_from_the_first_stage_and_enter_the_evidence(die, tilt, table, kind):
    levels = np.array([-np.inf, -np.inf, -1.0, -30.0, 0.0, -np.inf])
    steps = list(
        smc(
            die,
            table(levels),
            [tilt, FreshDraw(die)],
            6000,
            np.random.default_rng(0),
            settings=Settings(kind),
        )
    )
    assert all(np.isfinite(step.log_likelihood).all() for step in steps)
    assert steps[0].row["ess"] == pytest.approx(3000, rel=0.1)
    assert steps[-1].log_evidence == pytest.approx(np.log((1 + np.exp(-1)) / 6), abs=0.1)


def test_one_survivor_is_enough_to_go_on(table, tilt):
    class Ladder:
        def sample(self, n, rng):  # noqa: ARG002
            return [*[1] * (n - 1), 6]

    levels, settings = [-np.inf, 0, 0, 0, 0, 0], Settings(retention=0.01)
    posterior = run(Ladder(), table(levels), tilt, 100, np.random.default_rng(0), settings=settings)
    assert posterior.complete
    assert len(set(posterior.particles)) == 5


def everything_is_a_number(steps):
    for step in steps:
        assert not np.isnan(step.log_likelihood).any()
        assert 0 <= step.beta <= 1
        json.dumps(step.row, allow_nan=False)


def test_an_impossible_target_ends_and_says_so(die, tilt, table):
    likelihood = table(np.full(6, -np.inf))
    steps = list(smc(die, likelihood, tilt, 50, np.random.default_rng(0)))
    everything_is_a_number(steps)
    assert len(steps) == 1
    posterior = run(die, likelihood, tilt, 50, np.random.default_rng(0))
    assert "because the likelihood of all 50 draws from the prior is zero" in posterior.ended
    assert not posterior.complete
    assert posterior.log_evidence == -np.inf
    assert len(posterior.particles) == 50
    assert posterior.best in posterior.particles
    assert len(posterior.frame()) > 0


def test_likelihoods_too_far_apart_end_and_say_so(die, tilt, table):
    levels = [0.0, -1e299, -2e299, -3e299, -4e299, -5e299]
    steps = list(smc(die, table(levels), tilt, 50, np.random.default_rng(0), settings=Settings(max_sweeps=2)))
    everything_is_a_number(steps)
    assert steps[-1].ended.startswith(("stuck at beta", "reached"))


def test_a_far_target_ends_with_the_best_found(tilt, die, table):
    levels = -1e5 * np.arange(6.0, 0, -1)
    steps = list(smc(die, table(levels), tilt, 200, np.random.default_rng(0)))
    everything_is_a_number(steps)
    assert steps[-1].beta == 1
    assert set(steps[-1].particles) == {6}


def test_no_more_than_max_steps(die, tilt, table):
    settings = Settings(ess_fraction=0.99, max_steps=2)
    posterior = run(die, table(10 * LEVELS), tilt, 500, np.random.default_rng(0), settings=settings)
    assert posterior.ended.startswith("stuck at beta = 0.")
    assert "max_steps = 2" in posterior.ended
    assert [row["step"] for row in posterior.trace] == [0, 1, 2]


def test_proposals_that_never_fit_still_end(die, table):
    class Nowhere:
        def propose(self, xs, rng):  # noqa: ARG002
            return [None] * len(xs), np.zeros(len(xs))

    steps = list(smc(die, table(LEVELS), Nowhere(), 100, np.random.default_rng(0)))
    everything_is_a_number(steps)
    assert steps[-1].beta == 1
    assert steps[-1].row["acceptance"] == 0


def test_a_flat_likelihood_returns_the_prior(die, tilt, table):
    posterior = run(die, table(np.full(6, -2.0)), tilt, 6000, np.random.default_rng(0))
    assert posterior.log_evidence == pytest.approx(-2)
    assert abs(shares(posterior) - 1 / 6).max() < 0.02


def test_the_trace_tells_what_happened(die, tilt, table):
    steps = list(smc(die, table(LEVELS), tilt, 1000, np.random.default_rng(0)))
    rows = steps[-1].trace
    assert [list(row) for row in rows] == [
        ["step", "beta", "ess", "acceptance", "unique", "in_target", "log_evidence", "sweeps", "calls"]
    ] * len(rows)
    betas = [row["beta"] for row in rows]
    assert betas == sorted(betas)
    assert (betas[0], betas[-1]) == (0, 1)
    assert rows[0]["acceptance"] is None
    assert rows[-1]["in_target"] == pytest.approx(np.mean(np.array(steps[-1].particles) == 1))
    assert rows[1]["ess"] == pytest.approx(700, rel=0.01)
    assert all(step.ended is None for step in steps[:-1])


def test_the_likelihood_may_say_itself_what_is_in_target(die, tilt, table):
    class Judging(table):
        def in_target(self, xs):
            return np.array(xs) > 3

    steps = list(smc(die, Judging(np.zeros(6)), tilt, 4000, np.random.default_rng(0)))
    assert steps[0].row["in_target"] == pytest.approx(0.5, abs=0.05)


def test_no_state_is_evaluated_twice(die, tilt, table):
    likelihood = table(LEVELS)
    posterior = run(die, likelihood, tilt, 500, np.random.default_rng(0))
    assert len(likelihood.asked) == len(set(likelihood.asked)) == posterior.trace[-1]["calls"]


def test_extending_yields_further_populations_of_the_posterior(die, tilt, table, posterior_of):
    settings = Settings(extend=3)
    steps = list(smc(die, table(LEVELS), tilt, 4000, np.random.default_rng(0), settings=settings))
    final = [step for step in steps if step.beta == 1]
    assert len(final) == 4
    assert len({step.log_evidence for step in final}) == 1
    assert final[0].particles != final[-1].particles
    share = np.mean(np.array(final[-1].particles) == 1)
    assert share == pytest.approx(posterior_of(LEVELS)[0], abs=0.03)


def test_a_caller_may_stop_between_any_two_steps(die, tilt, table):
    steps = smc(die, table(LEVELS), tilt, 100, np.random.default_rng(0))
    assert next(steps).beta == 0
    steps.close()


@KINDS
def test_the_same_seed_gives_the_same_bits_for_any_number_of_workers(kind):
    moves, settings = (
        with_prior(Walk(), Normal()),
        Settings(kind=kind, chunk=40, max_sweeps=2, chain_length=3, ess_fraction=0.5),
    )
    one, *others = (
        run(
            Normal(),
            Measured(),
            [moves, FreshDraw(Normal())],
            210,
            np.random.default_rng(5),
            settings=settings,
            n_jobs=n_jobs,
        )
        for n_jobs in (1, 2, 3)
    )
    for other in others:
        assert other.particles == one.particles
        assert other.trace == one.trace
        assert other.log_likelihood.tobytes() == one.log_likelihood.tobytes()


def test_any_mapper_will_do(die, tilt, table):
    def backwards(function, shared, tasks):
        done = {i: function(shared, *task) for i, task in reversed(list(enumerate(tasks)))}
        return [done[i] for i in range(len(tasks))]

    settings = Settings(chunk=30)
    one, two = (
        run(die, table(LEVELS), tilt, 200, np.random.default_rng(1), settings=settings, mapper=mapper)
        for mapper in (None, backwards)
    )
    assert one.particles == two.particles


def test_taking_up_a_step_gives_what_would_have_come(die, tilt, table):
    def steps(**options):
        return list(smc(die, table(LEVELS), tilt, 300, np.random.default_rng(4), **options))

    whole = steps()
    rest = steps(resume=whole[1])
    assert [step.particles for step in rest] == [step.particles for step in whole[2:]]
    assert rest[-1].trace == whole[-1].trace


def test_a_finished_run_can_be_extended(die, tilt, table):
    done = list(smc(die, table(LEVELS), tilt, 300, np.random.default_rng(4)))[-1]
    again = run(die, table(LEVELS), tilt, 300, np.random.default_rng(4), resume=done)
    assert again.particles == done.particles
    further = run(
        die, table(LEVELS), tilt, 300, np.random.default_rng(4), resume=done, settings=Settings(extend=1)
    )
    assert len(further.trace) == len(done.trace) + 1


def test_what_does_not_fit_together_is_refused(die, tilt, table):
    likelihood, rng = table(LEVELS), np.random.default_rng(0)
    done = list(smc(die, likelihood, tilt, 30, rng))[-1]
    with pytest.raises(ConfigError, match="30 particles, not 40"):
        run(die, likelihood, tilt, 40, rng, resume=done)
    with pytest.raises(ConfigError, match="at least 2 particles"):
        run(die, likelihood, tilt, 1, rng)
    with pytest.raises(ConfigError, match="0 proposals"):
        run(die, likelihood, [], 10, rng)


def test_a_prior_that_gives_too_few_is_refused(tilt, table):
    class Stingy:
        def sample(self, n, rng):  # noqa: ARG002
            return [1] * (n - 1)

    with pytest.raises(DataError, match="gave 9 states where 10"):
        run(Stingy(), table(LEVELS), tilt, 10, np.random.default_rng(0))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"kind": "wastefree"}, "neither 'standard' nor 'waste_free'"),
        ({"ess_fraction": 1.0}, "ess_fraction"),
        ({"retention": -0.1}, "retention"),
        ({"max_sweeps": 0}, "max_sweeps is 0, less than 1"),
        ({"chain_length": 1}, "chain_length"),
        ({"extend": -1}, "extend"),
        ({"chunk": 0}, "chunk"),
    ],
)
def test_settings_that_make_no_sense_are_refused(options, message):
    with pytest.raises(ConfigError, match=message):
        Settings(**options)
