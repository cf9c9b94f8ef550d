"""What a run hands out, step by step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from hanten.inference.population import Population
from hanten.inference.protocols import Array, State

Row = dict[str, float | int | None]


@dataclass(frozen=True)
class Step:
    """One stage of a run, complete: a later stage needs nothing but this.

    Attributes
    ----------
    index : int
        0 for the draw from the prior.
    beta : float
        The tempering exponent; particles stand for prior × likelihood ** beta.
    population : Population
        Particles of equal weight with their log-likelihoods.
    log_evidence : float
        Log of the mean of likelihood ** beta under the prior.
    row : dict
        This step's line of the trace: step, beta, ess (before resampling), acceptance (share of particles
        that a sweep carries elsewhere; None without sweeps), unique, in_target (share), log_evidence (None
        when -inf), sweeps, calls (states evaluated since the run began).
    ended : str or None
        Why this is the last step; ``None`` when it is not.
    rng_state : mapping
        State of the bit generator.
    memory : mapping
        Log-likelihood of every state evaluated so far (as many as are remembered).
    trace : tuple of dict
        The rows of all steps up to this one.
    """

    index: int
    beta: float
    population: Population = field(repr=False)
    log_evidence: float
    ended: str | None
    rng_state: Mapping[str, Any] = field(repr=False)
    memory: Mapping[State, float] = field(repr=False)
    trace: tuple[Row, ...] = field(repr=False)

    @property
    def row(self) -> Row:
        """The line of the trace that belongs to this step."""
        return self.trace[-1]

    @property
    def particles(self) -> list[State]:
        """The particles, each of weight 1 / n."""
        return self.population.particles

    @property
    def log_likelihood(self) -> Array:
        """Log-likelihood of each particle, shape (n,)."""
        return self.population.log_likelihood
