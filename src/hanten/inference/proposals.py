"""Proposals made of others, and those that need to know nothing about the states they move."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hanten.errors import ConfigError, DataError
from hanten.inference.protocols import Array, Prior, Proposal, State


def proposed(
    proposal: Proposal, xs: Sequence[State], rng: np.random.Generator
) -> tuple[Sequence[State | None], Array]:
    """What ``proposal`` proposes, checked; the log correction is ``-inf`` where there is no candidate.

    Raises
    ------
    DataError
        If the numbers of candidates and corrections do not fit, or a correction is NaN or ``+inf``.
    """
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


class Mixture:
    """Several proposals as one: each step of each particle draws one of them.

    The draw does not look at the state, so each proposal's own correction stays right.

    Parameters
    ----------
    proposals : sequence of Proposal
        What is mixed.
    shares : sequence of float, optional
        How often each is drawn, relative to the others; equally often when not given.

    Examples
    --------
    >>> class Up:
    ...     def propose(self, xs, rng):
    ...         return [x + 1 for x in xs], np.zeros(len(xs))
    >>> class Down:
    ...     def propose(self, xs, rng):
    ...         return [x - 1 for x in xs], np.zeros(len(xs))
    >>> ys, _ = Mixture([Up(), Down()], shares=[3, 1]).propose([0] * 8, np.random.default_rng(0))
    >>> ys
    [1, 1, 1, 1, -1, -1, 1, 1]
    """

    def __init__(self, proposals: Sequence[Proposal], shares: Sequence[float] | None = None) -> None:
        self.proposals = tuple(proposals)
        weights = np.ones(len(self.proposals)) if shares is None else np.asarray(shares, dtype=np.float64)
        if not self.proposals or weights.shape != (len(self.proposals),) or not (weights > 0).all():
            raise ConfigError(f"{len(self.proposals)} proposals need as many positive shares, not {shares}")
        self.shares = weights / weights.sum()

    def propose(self, xs: Sequence[State], rng: np.random.Generator) -> tuple[Sequence[State | None], Array]:
        """One candidate per state, each from a proposal drawn for it."""
        candidates: list[State | None] = [None] * len(xs)
        log_correction = np.full(len(xs), -np.inf)
        which = rng.choice(len(self.proposals), size=len(xs), p=self.shares)
        for j, proposal in enumerate(self.proposals):
            rows = np.flatnonzero(which == j).tolist()
            if rows:
                ys, log_correction[rows] = proposed(proposal, [xs[i] for i in rows], rng)
                for i, y in zip(rows, ys, strict=True):
                    candidates[i] = y
        return candidates, log_correction


@dataclass(frozen=True)
class FreshDraw:
    """Forget the state and draw a new one from the prior.

    Here ``q(y|x) = p0(y)``, so the prior and the proposal cancel and the log correction is 0. It carries
    particles between far-apart modes while ``beta`` is small, and is hardly ever accepted near 1: mix it with
    local moves.

    Parameters
    ----------
    prior : Prior
        The very prior of the run; any other makes the correction wrong.

    Examples
    --------
    >>> class Coin:
    ...     def sample(self, n, rng):
    ...         return rng.choice(["head", "tail"], size=n).tolist()
    ...
    ...     def log_prob(self, xs):
    ...         return np.full(len(xs), np.log(0.5))
    >>> FreshDraw(Coin()).propose(["head", "head"], np.random.default_rng(0))
    (['tail', 'tail'], array([0., 0.]))
    """

    prior: Prior

    def propose(self, xs: Sequence[State], rng: np.random.Generator) -> tuple[Sequence[State | None], Array]:
        """One draw of the prior per state; the corrections are all 0."""
        return self.prior.sample(len(xs), rng), np.zeros(len(xs))


@dataclass(frozen=True)
class _WithPrior:
    proposal: Proposal
    prior: Prior

    def propose(self, xs: Sequence[State], rng: np.random.Generator) -> tuple[Sequence[State | None], Array]:
        ys, log_ratio = self.proposal.propose(xs, rng)
        rows = [i for i, y in enumerate(ys) if y is not None]
        log_correction = np.full(len(xs), -np.inf)
        if rows:
            before, after = [xs[i] for i in rows], [ys[i] for i in rows]
            gain = np.subtract(self.prior.log_prob(after), self.prior.log_prob(before))
            log_correction[rows] = np.asarray(log_ratio, dtype=float)[rows] + gain
        return ys, log_correction


def with_prior(proposal: Proposal, prior: Prior) -> Proposal:
    """The same proposal with the prior's part of the correction added.

    Parameters
    ----------
    proposal : Proposal
        One whose second result is only its own ratio ``log q(x|y) - log q(y|x)`` (0 when symmetric).
    prior : Prior
        The prior of the run; its ``log_prob`` is evaluated at every state and every valid candidate.

    Returns
    -------
    Proposal
        Corrections are ``log[p0(y) q(x|y)] - log[p0(x) q(y|x)]``, as the sampler expects.

    Examples
    --------
    A symmetric step under a prior that prefers small numbers:

    >>> class Geometric:
    ...     def sample(self, n, rng):
    ...         return (rng.geometric(0.5, size=n) - 1).tolist()
    ...
    ...     def log_prob(self, xs):
    ...         return np.array([-(x + 1) * np.log(2) if x >= 0 else -np.inf for x in xs])
    >>> class Up:
    ...     def propose(self, xs, rng):
    ...         return [x + 1 for x in xs], np.zeros(len(xs))
    >>> ys, log_correction = with_prior(Up(), Geometric()).propose([0, 1], np.random.default_rng(0))
    >>> ys, log_correction.round(3).tolist()
    ([1, 2], [-0.693, -0.693])
    """
    return _WithPrior(proposal, prior)
