"""For contrast: a sampler of the kind still in use, which lacks two corrections.

Its scheme, written down anew from its description: at every step the particles are weighted by
``likelihood ** beta`` (not by the *increase* of beta, although earlier weights have been used up by
resampling), resampled, and **all** of them mutated by cutting up to three tokens and regrowing, without any
acceptance step; an invalid string leaves its parent in place. Fifty values of beta, the last ten at 1.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from spaces import Space

SCHEDULE = np.concatenate(
    [np.linspace(0.01, 0.2, 20), np.linspace(0.21, 0.4, 10), np.linspace(0.4, 1, 10), np.ones(10)]
)


@dataclass(frozen=True)
class Outcome:
    """Weighted particles at the end, and how many distinct strings were evaluated at each step, summed."""

    particles: list[str]
    weights: np.ndarray
    calls: int


def run_uncorrected(s: Space, n: int, rng: np.random.Generator) -> Outcome:
    """Fifty steps of weighting, resampling and mutating."""
    rows = s.rows(s.sample(n, rng))
    weights, calls = _weights(s, rows, SCHEDULE[0]), len(np.unique(rows))
    for beta in SCHEDULE[1:]:
        rows = _mutate(s, rng.choice(rows, size=n, p=weights), rng)
        weights, calls = _weights(s, rows, beta), calls + len(np.unique(rows))
    return Outcome([s.strings[i] for i in rows], weights, calls)


def _weights(s: Space, rows: np.ndarray, beta: float) -> np.ndarray:
    weights = np.exp(beta * (s.log_region[rows] - s.log_region[rows].max()))
    return weights / weights.sum()


def _mutate(s: Space, rows: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    cuts = np.maximum(s.lengths[rows] - rng.integers(1, 4, size=len(rows)), 0)
    regrown = s.read(s.regrow(s.codes[rows], cuts, rng))
    return np.array([row if y is None else s.index[y] for row, y in zip(rows, regrown, strict=True)])
