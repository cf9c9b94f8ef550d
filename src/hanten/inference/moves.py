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

from hanten.inference.evaluation import RememberedLikelihood
from hanten.inference.mapping import chunked
from hanten.inference.population import Population
from hanten.inference.proposals import proposed
from hanten.inference.protocols import Array, Proposal, State
from hanten.inference.randomness import spawn
from hanten.inference.settings import Settings
from hanten.inference.tempering import tempered


@dataclass(frozen=True)
class Kernel:
    """The Metropolis–Hastings kernel of a proposal.

    Parameters
    ----------
    proposal : Proposal
        Where a step may lead; :class:`~hanten.inference.Mixture` makes one of several.
    likelihood : RememberedLikelihood
        Also says where the chunks run, and how large they are.
    """

    proposal: Proposal
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
        with np.errstate(over="ignore", invalid="ignore"):  # beyond float64: taken, or refused
            gain = tempered(log_likelihood, beta) - tempered(population.log_likelihood, beta)
            log_ratio = gain + log_correction
        # log u for u uniform in (0, 1) is minus a standard exponential, and never log 0.
        accepted = -rng.standard_exponential(len(candidates)) < log_ratio
        pairs = zip(population.particles, candidates, accepted.tolist(), strict=True)
        particles = [y if take and y is not None else x for x, y, take in pairs]
        moved = sum(x != y for x, y in zip(population.particles, particles, strict=True))
        kept = np.where(accepted, log_likelihood, population.log_likelihood)
        return Population(particles, kept), moved / len(particles)

    def _propose(self, xs: list[State], rng: np.random.Generator) -> tuple[list[State | None], Array]:
        parts = chunked(xs, self.likelihood.chunk)
        tasks = list(zip(parts, spawn(rng, len(parts)), strict=True))
        results = list(self.likelihood.mapper(proposed, self.proposal, tasks))
        return [y for ys, _ in results for y in ys], np.concatenate([correction for _, correction in results])


def retention(before: Sequence[State], after: Sequence[State]) -> float:
    """Share of particles found where they stood before, less what chance alone would give.

    For particles at equilibrium it is the mean autocorrelation of the indicator functions of the states:
    1 when nothing moved, about 0 when ``after`` is independent of ``before``. It cannot see what two
    different states have in common, because this room does not look inside them.

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
    return _move_until(kernel, population, beta, rng, goal=settings.retention, limit=settings.max_sweeps)


def move_in_chains(
    kernel: Kernel, ancestors: Population, beta: float, rng: np.random.Generator, settings: Settings
) -> Moved:
    """A chain of ``chain_length`` states from each ancestor, all of them kept as particles.

    The waste-free step of Dau & Chopin, J. R. Stat. Soc. B 84, 114 (2022), doi:10.1111/rssb.12475. As many
    sweeps lie between kept states as the first of them needed. What is asked of it is ``retention`` squared:
    in :func:`move` two particles of one ancestor both move away from it, and their correlation is the square;
    here it is the correlation of neighbours in a chain. Fewer particles move, so up to four times
    ``max_sweeps`` may lie between two of them.
    """
    goal, limit = settings.retention**2, 4 * settings.max_sweeps
    links = [_move_until(kernel, ancestors, beta, rng, goal=goal, limit=limit)]
    sweeps = links[0].sweeps
    while len(links) < settings.chain_length - 1:
        links.append(_move_until(kernel, links[-1].population, beta, rng, goal=None, limit=sweeps))
    populations = [ancestors, *(link.population for link in links)]
    return Moved(
        Population(
            [x for population in populations for x in population.particles],
            np.concatenate([population.log_likelihood for population in populations]),
        ),
        float(np.mean([link.acceptance for link in links])),
        sweeps * len(links),
    )


def _move_until(
    kernel: Kernel,
    population: Population,
    beta: float,
    rng: np.random.Generator,
    *,
    goal: float | None,
    limit: int,
) -> Moved:
    start, acceptances = population.particles, list[float]()
    while len(acceptances) < limit:
        population, acceptance = kernel.sweep(population, beta, rng)
        acceptances.append(acceptance)
        if goal is not None and retention(start, population.particles) <= goal:
            break
    return Moved(population, float(np.mean(acceptances)), len(acceptances))
