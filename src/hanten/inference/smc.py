"""Adaptive tempered sequential Monte Carlo: from draws of the prior to draws of the posterior.

Population after population, particles stand for prior × likelihood ** beta, beta rising from 0 to 1. A stage

1. chooses beta so that a given share of the effective sample size is left,
2. weights the particles by likelihood ** (beta - previous beta); their mean weight goes into the evidence,
3. resamples them by weight, and
4. moves them with Metropolis-corrected proposals that leave the new target unchanged.

References
----------
Del Moral, Doucet & Jasra, "Sequential Monte Carlo samplers", J. R. Stat. Soc. B 68, 411 (2006),
doi:10.1111/j.1467-9868.2006.00553.x. The weights of step 2 are those of its section 3.3.2.3, for moves that
leave the target unchanged.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from hanten.errors import ConfigError, DataError
from hanten.inference.evaluation import RememberedLikelihood
from hanten.inference.mapping import Mapper, chunked, parallel
from hanten.inference.moves import Kernel, Moved, move, move_in_chains
from hanten.inference.population import Population
from hanten.inference.posterior import Posterior, pool
from hanten.inference.proposals import Mixture
from hanten.inference.protocols import Array, Likelihood, Prior, Proposal, State
from hanten.inference.randomness import generator_at, spawn
from hanten.inference.resampling import resampling_scheme
from hanten.inference.settings import Settings
from hanten.inference.steps import Row, Step
from hanten.inference.tempering import incremental_log_weights, next_beta
from hanten.inference.weights import effective_sample_size, log_mean_exp, normalise


def smc(
    prior: Prior,
    likelihood: Likelihood,
    proposals: Proposal | Sequence[Proposal],
    n: int,
    rng: np.random.Generator,
    *,
    settings: Settings = Settings(),  # noqa: B008 - frozen
    resume: Step | None = None,
    n_jobs: int = 1,
    mapper: Mapper | None = None,
) -> Iterator[Step]:
    """Sample the posterior, one step at a time.

    Each step that is yielded is complete in itself: look at its ``row``, save it with
    :func:`~hanten.inference.save_checkpoint`, stop whenever you like. The last one says why it is the last in
    ``ended``; nothing here runs for ever, and a target out of reach ends with the best that was found.

    Parameters
    ----------
    prior, likelihood : Prior, Likelihood
        Bayes' rule.
    proposals : Proposal or sequence of Proposal
        How particles move. Of several, each step draws one, all equally often;
        :class:`~hanten.inference.Mixture` sets how often.
    n : int
        Number of particles.
    rng : numpy.random.Generator
        The only source of randomness. The same seed gives the same bits for any number of workers.
    settings : Settings, optional
        How far a stage goes, how long it moves, when to end.
    resume : Step, optional
        Go on from this step (it is not yielded again); ``rng`` is then not used: the step knows its own.
    n_jobs : int
        Workers for proposals and likelihoods, through joblib.
    mapper : Mapper, optional
        Any other way to map a function over tasks, called as :func:`~hanten.inference.serial` is; ``n_jobs``
        is then not used.

    Yields
    ------
    Step
        The first is the draw from the prior, at beta = 0.

    Examples
    --------
    Which bias has a coin that fell on its head nine times in ten? Prior: flat on 0.0, 0.1, ..., 1.0.

    >>> class Flat:
    ...     def sample(self, n, rng):
    ...         return rng.integers(11, size=n).tolist()
    ...
    ...     def log_prob(self, xs):
    ...         return np.zeros(len(xs))
    >>> class NineHeads:
    ...     def log_likelihood(self, xs):
    ...         p = np.array(xs) / 10
    ...         with np.errstate(divide="ignore"):
    ...             return 9 * np.log(p) + np.log(1 - p)
    >>> from hanten.inference import FreshDraw
    >>> for step in smc(Flat(), NineHeads(), FreshDraw(Flat()), 1000, np.random.default_rng(0)):
    ...     print(f"beta {step.beta:.2f}, mean bias {np.mean(step.particles) / 10:.1f}")
    beta 0.00, mean bias 0.5
    beta 0.19, mean bias 0.7
    beta 0.73, mean bias 0.8
    beta 1.00, mean bias 0.8
    >>> step.ended
    'reached beta = 1'
    """
    proposal = proposals if isinstance(proposals, Proposal) else Mixture(proposals)
    remembered = RememberedLikelihood(
        likelihood, chunk=settings.chunk, capacity=settings.remembered, mapper=mapper or parallel(n_jobs)
    )
    kernel = Kernel(proposal, remembered)
    if resume is None:
        sampler = _Sampler(kernel, settings, rng)
        step = sampler.begin(prior, n)
        yield step
    else:
        sampler = _Sampler(kernel, settings, generator_at(resume.rng_state))
        step = sampler.take_up(resume, n)
    while step.ended is None:
        step = sampler.advance(step)
        yield step


def run(
    prior: Prior,
    likelihood: Likelihood,
    proposals: Proposal | Sequence[Proposal],
    n: int,
    rng: np.random.Generator,
    *,
    settings: Settings = Settings(),  # noqa: B008 - frozen
    resume: Step | None = None,
    n_jobs: int = 1,
    mapper: Mapper | None = None,
) -> Posterior:
    """Take all steps of :func:`smc` (same arguments) and return the posterior of the last."""
    last = resume  # of a run that had ended there is no further step
    options = {"settings": settings, "resume": resume, "n_jobs": n_jobs, "mapper": mapper}
    for last in smc(prior, likelihood, proposals, n, rng, **options):  # type: ignore[arg-type]  # noqa: B007
        pass
    assert last is not None  # a run has at least one step
    return pool([last])


@dataclass(frozen=True)
class _Sampler:
    """The algorithm. Between steps nothing changes but the generator and what the likelihood remembers."""

    kernel: Kernel
    settings: Settings
    rng: np.random.Generator

    def begin(self, prior: Prior, n: int) -> Step:
        """Draws of the prior; those whose likelihood is zero make room for the others."""
        drawn = _draw(prior, n, self.kernel.likelihood, self.rng)
        log_weights = incremental_log_weights(drawn.log_likelihood, 0.0, 0.0)
        moved = Moved(drawn, acceptance=0.0, sweeps=0)
        if np.isfinite(log_weights).any() and not np.isfinite(log_weights).all():
            moved = self.resample_and_move(drawn, log_weights, 0.0)
        return self.finish(None, 0.0, log_weights, moved)

    def advance(self, step: Step) -> Step:
        """One stage. At beta = 1 all weights are equal, and it only moves the particles on."""
        beta = next_beta(step.log_likelihood, step.beta, self.settings.ess_fraction)
        log_weights = incremental_log_weights(step.log_likelihood, step.beta, beta)
        moved = self.resample_and_move(step.population, log_weights, beta)
        return self.finish(step, beta, log_weights, moved)

    def resample_and_move(self, population: Population, log_weights: Array, beta: float) -> Moved:
        """Ancestors by weight, then moves that leave the target at ``beta`` unchanged."""
        n, waste_free = len(population.particles), self.settings.kind == "waste_free"
        n_ancestors = -(-n // self.settings.chain_length) if waste_free else n
        resample = resampling_scheme(self.settings.resampling)
        ancestors = population.take(resample(self.rng, normalise(log_weights), n_ancestors).tolist())
        step = move_in_chains if waste_free else move
        moved = step(self.kernel, ancestors, beta, self.rng, self.settings)
        return replace(moved, population=moved.population.take(range(n)))

    def finish(self, before: Step | None, beta: float, log_weights: Array, moved: Moved) -> Step:
        """The stage as a complete step, with its line of the trace."""
        log_evidence = (before.log_evidence if before else 0.0) + log_mean_exp(log_weights)
        row: Row = {
            "step": before.index + 1 if before else 0,
            "beta": beta,
            "ess": effective_sample_size(log_weights),
            "acceptance": moved.acceptance if moved.sweeps else None,
            "unique": len(set(moved.population.particles)),
            "in_target": _in_target(self.kernel.likelihood.likelihood, moved.population),
            "log_evidence": log_evidence if np.isfinite(log_evidence) else None,
            "sweeps": moved.sweeps,
            "calls": self.kernel.likelihood.calls,
        }
        step = Step(
            index=before.index + 1 if before else 0,
            beta=beta,
            population=moved.population,
            log_evidence=log_evidence,
            ended=None,
            rng_state=self.rng.bit_generator.state,
            memory=dict(self.kernel.likelihood.memory),
            trace=(*(before.trace if before else ()), row),
        )
        return replace(step, ended=why_ended(step, self.settings))

    def take_up(self, step: Step, n: int) -> Step:
        """A step to go on from, judged by the present settings: they may ask for more than its own did."""
        if len(step.particles) != n:
            raise ConfigError(f"the run to resume has {len(step.particles)} particles, not {n}")
        self.kernel.likelihood.recall(step.memory, int(step.row["calls"] or 0))
        return replace(step, ended=why_ended(step, self.settings))


def why_ended(step: Step, settings: Settings) -> str | None:
    """The reason why ``step`` is the last of its run, or ``None`` when the run goes on."""
    n, log_likelihood = len(step.particles), step.log_likelihood
    if not np.isfinite(log_likelihood).any():
        return (
            f"stuck at beta = 0, because the likelihood of all {n} draws from the prior is zero "
            "(loosen what is impossible, or draw more)"
        )
    if step.beta == 1:
        further = sum(row["beta"] == 1 for row in step.trace) - 1
        return "reached beta = 1" if further >= settings.extend else None
    spread = np.ptp(log_likelihood)
    if next_beta(log_likelihood, step.beta, settings.ess_fraction) <= step.beta:
        return f"stuck at beta = {step.beta:.4g}, because log-likelihoods lie too far apart (by {spread:.3g})"
    if step.index >= settings.max_steps:
        return (
            f"stuck at beta = {step.beta:.4g}, because max_steps = {settings.max_steps} were taken "
            f"(log-likelihoods still differ by {spread:.3g})"
        )
    return None


def _in_target(likelihood: Likelihood, population: Population) -> float:
    judge = getattr(likelihood, "in_target", None)
    inside = judge(population.particles) if judge else population.log_likelihood > np.log(0.5)
    return float(np.mean(inside))


def _draw(prior: Prior, n: int, likelihood: RememberedLikelihood, rng: np.random.Generator) -> Population:
    if n < 2:
        raise ConfigError(f"n is {n}: a population has at least 2 particles")
    sizes = [len(part) for part in chunked(range(n), likelihood.chunk)]
    tasks = list(zip(sizes, spawn(rng, len(sizes)), strict=True))
    particles = [x for part in likelihood.mapper(_sample, prior, tasks) for x in part]
    return Population(particles, likelihood(particles))


def _sample(prior: Prior, n: int, rng: np.random.Generator) -> Sequence[State]:
    particles = prior.sample(n, rng)
    if len(particles) != n:
        raise DataError(f"the prior gave {len(particles)} states where {n} were asked for")
    return particles
