"""Metropolis-corrected moves: every particle takes steps that leave prior * likelihood**beta unchanged.

One *sweep* proposes one step to each particle. How many sweeps a stage needs is not known beforehand: they go
on until the particles have forgotten where the stage began.

References
----------
Metropolis et al., J. Chem. Phys. 21, 1087 (1953), doi:10.1063/1.1699114; Hastings, Biometrika 57, 97
(1970), doi:10.1093/biomet/57.1.97; mixtures of kernels: Tierney, Ann. Stat. 22, 1701 (1994),
doi:10.1214/aos/1176325750.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hanten.errors import DataError
from hanten.inference.evaluation import RememberedLikelihood
from hanten.inference.mapping import chunked
from hanten.inference.population import Population
from hanten.inference.protocols import Array, Proposal, State
from hanten.inference.randomness import spawn
from hanten.inference.settings import Settings
from hanten.inference.tempering import tempered


@dataclass(frozen=True)
class Kernel:
    """A Metropolis–Hastings kernel whose proposal is a mixture: each step draws one of ``proposals``.

    Parameters
    ----------
    proposals : sequence of Proposal
        What can be proposed.
    shares : array, shape (len(proposals),)
        How often each is drawn; sums to one.
    likelihood : RememberedLikelihood
        Also says where the chunks run, and how large they are.
    """

    proposals: Sequence[Proposal]
    shares: Array
    likelihood: RememberedLikelihood

    def sweep(
        self, population: Population, beta: float, rng: np.random.Generator
    ) -> tuple[Population, float]:
        """Propose one step to every particle.

        Returns
        -------
        Population
            Where the particles stand now.
        float
            Acceptance: the share of them that took a step to another state.
        """
        candidates, log_correction = self._propose(population.particles, rng)
        log_likelihood = self.likelihood(candidates)
        with np.errstate(over="ignore"):
            gain = tempered(log_likelihood, beta) - tempered(population.log_likelihood, beta)
        # log u for u uniform in (0, 1) is minus a standard exponential, and never log 0.
        accepted = -rng.standard_exponential(len(candidates)) < gain + log_correction
        pairs = zip(population.particles, candidates, accepted.tolist(), strict=True)
        particles = [y if take and y is not None else x for x, y, take in pairs]
        moved = sum(x != y for x, y in zip(population.particles, particles, strict=True))
        kept = np.where(accepted, log_likelihood, population.log_likelihood)
        return Population(particles, kept), moved / len(particles)

    def _propose(self, xs: list[State], rng: np.random.Generator) -> tuple[list[State | None], Array]:
        parts = chunked(xs, self.likelihood.chunk)
        generators = spawn(rng, len(parts))
        tasks = [(self.proposals, self.shares, *task) for task in zip(parts, generators, strict=True)]
        results = list(self.likelihood.mapper(propose_mixture, tasks))
        return [y for ys, _ in results for y in ys], np.concatenate([correction for _, correction in results])


def propose_mixture(
    proposals: Sequence[Proposal], shares: Array, xs: Sequence[State], rng: np.random.Generator
) -> tuple[list[State | None], Array]:
    """One candidate per state, each from a proposal drawn with probability ``shares``.

    The draw does not look at the state, so each proposal's own correction stays right.
    """
    candidates: list[State | None] = [None] * len(xs)
    log_correction = np.full(len(xs), -np.inf)
    which = rng.choice(len(proposals), size=len(xs), p=shares)
    for j, proposal in enumerate(proposals):
        rows = np.flatnonzero(which == j)
        if rows.size:
            ys, corrections = _proposed(proposal, [xs[i] for i in rows.tolist()], rng)
            log_correction[rows] = corrections
            for i, y in zip(rows.tolist(), ys, strict=True):
                candidates[i] = y
    return candidates, log_correction


def _proposed(
    proposal: Proposal, xs: list[State], rng: np.random.Generator
) -> tuple[Sequence[State | None], Array]:
    ys, log_correction = proposal.propose(xs, rng)
    name, corrections = type(proposal).__name__, np.array(log_correction, dtype=np.float64)
    if len(ys) != len(xs) or corrections.shape != (len(xs),):
        raise DataError(
            f"{name} gave {len(ys)} candidates and corrections of shape {corrections.shape}",
            where=f"proposing to {len(xs)} states",
        )
    corrections[[y is None for y in ys]] = -np.inf
    bad = np.flatnonzero(np.isnan(corrections) | (corrections == np.inf))
    if bad.size:
        i = bad[0]
        raise DataError(f"{name} gave the step {xs[i]!r} -> {ys[i]!r} the log correction {corrections[i]}")
    return ys, corrections


def retention(before: Sequence[State], after: Sequence[State]) -> float:
    """Share of particles found where they stood before, less what chance alone would give.

    For particles at equilibrium it is the mean autocorrelation of the indicator functions of the states:
    1 when nothing moved, about 0 when ``after`` is independent of ``before``.

    Examples
    --------
    >>> retention(["a", "b", "c", "d"], ["a", "b", "d", "c"])
    0.333...
    """
    same = sum(x == y for x, y in zip(before, after, strict=True)) / len(before)
    chance = sum(count**2 for count in Counter(before).values()) / len(before) ** 2
    return (same - chance) / (1 - chance) if chance < 1 else same


@dataclass(frozen=True)
class Moved:
    """What the sweeps of a stage came to."""

    population: Population
    acceptance: float
    sweeps: int


def move(
    kernel: Kernel, population: Population, beta: float, rng: np.random.Generator, settings: Settings
) -> Moved:
    """Sweep until few enough particles are retained, or ``max_sweeps`` are done."""
    start, acceptances = population.particles, list[float]()
    while len(acceptances) < settings.max_sweeps:
        population, acceptance = kernel.sweep(population, beta, rng)
        acceptances.append(acceptance)
        if retention(start, population.particles) <= settings.retention:
            break
    return Moved(population, float(np.mean(acceptances)), len(acceptances))


def move_in_chains(
    kernel: Kernel, ancestors: Population, beta: float, rng: np.random.Generator, settings: Settings
) -> Moved:
    """A chain of ``chain_length`` states from each ancestor, all of them kept as particles.

    The waste-free step of Dau & Chopin, J. R. Stat. Soc. B 84, 114 (2022), doi:10.1111/rssb.12475. Between
    kept states lie as many sweeps as the first link needed.
    """
    first = move(kernel, ancestors, beta, rng, settings)
    links = [first]
    while len(links) < settings.chain_length - 1:
        links.append(_move_for(kernel, links[-1].population, beta, rng, first.sweeps))
    populations = [ancestors, *(link.population for link in links)]
    return Moved(
        Population(
            [x for population in populations for x in population.particles],
            np.concatenate([population.log_likelihood for population in populations]),
        ),
        float(np.mean([link.acceptance for link in links])),
        first.sweeps * len(links),
    )


def _move_for(
    kernel: Kernel, population: Population, beta: float, rng: np.random.Generator, sweeps: int
) -> Moved:
    acceptances = []
    for _ in range(sweeps):
        population, acceptance = kernel.sweep(population, beta, rng)
        acceptances.append(acceptance)
    return Moved(population, float(np.mean(acceptances)), sweeps)
