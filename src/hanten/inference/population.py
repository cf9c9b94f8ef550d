"""Particles of equal weight."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from hanten.inference.protocols import Array, State


@dataclass(frozen=True)
class Population:
    """States and the log-likelihood of each, in the same order.

    Examples
    --------
    >>> import numpy as np
    >>> Population(["a", "b"], np.array([-1.0, -2.0])).take([1, 1]).particles
    ['b', 'b']
    """

    particles: list[State]
    log_likelihood: Array

    def take(self, rows: Iterable[int]) -> Population:
        """The particles at ``rows``, in that order, with repetition."""
        rows = list(rows)
        return Population([self.particles[i] for i in rows], self.log_likelihood[rows])
