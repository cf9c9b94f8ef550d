"""Toys small enough to know the answer. On sys.path, so that worker processes find them too."""

from __future__ import annotations

import numpy as np


class Die:
    """Prior: a fair die of any number of faces."""

    def __init__(self, faces=6):
        self.faces = faces

    def sample(self, n, rng):
        return rng.integers(1, self.faces + 1, size=n).tolist()

    def log_prob(self, xs):
        return np.array([-np.log(self.faces) if 1 <= x <= self.faces else -np.inf for x in xs])


class Table:
    """Likelihood: looked up by face; counts how often it was asked."""

    def __init__(self, log_likelihoods):
        self.table = np.asarray(log_likelihoods, dtype=float)
        self.asked = []

    def log_likelihood(self, xs):
        self.asked += list(xs)
        return self.table[np.array(xs) - 1]


class Tilt:
    """Proposal: a neighbouring face; off the die is no state."""

    def __init__(self, faces=6):
        self.faces = faces

    def propose(self, xs, rng):
        ys = (np.array(xs) + rng.choice([-1, 1], size=len(xs))).tolist()
        return [y if 1 <= y <= self.faces else None for y in ys], np.zeros(len(xs))


class Normal:
    """Prior: the standard normal distribution."""

    def sample(self, n, rng):
        return rng.normal(size=n).tolist()

    def log_prob(self, xs):
        return -0.5 * np.array(xs) ** 2


class Walk:
    """Proposal: a symmetric step on the line; its correction lacks the prior."""

    def propose(self, xs, rng):
        return (np.array(xs) + rng.normal(0, 0.5, size=len(xs))).tolist(), np.zeros(len(xs))


class Measured:
    """Likelihood: a measurement of 3.0 with error 0.2."""

    def log_likelihood(self, xs):
        return -0.5 * ((np.array(xs) - 3) / 0.2) ** 2 - np.log(0.2 * np.sqrt(2 * np.pi))


def exact_posterior(log_likelihoods, beta=1.0):
    """The posterior of a fair die."""
    weights = np.exp(beta * (np.array(log_likelihoods) - np.max(log_likelihoods)))
    return weights / weights.sum()
