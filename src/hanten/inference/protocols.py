"""What goes into Bayes' rule: a prior, a likelihood, and proposals that move between states.

A *state* is anything hashable: a string, a tuple of names, a number. This room never looks inside one.
Each protocol's docstring holds a complete working example; to plug something in, write one such class.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Protocol, TypeAlias, runtime_checkable

import numpy as np
import numpy.typing as npt

State: TypeAlias = Hashable
Array: TypeAlias = npt.NDArray[np.float64]


@runtime_checkable
class Prior(Protocol):
    """Where states come from before anything is known: a distribution one can draw from.

    Examples
    --------
    A fair die:

    >>> class Die:
    ...     def sample(self, n, rng):
    ...         return rng.integers(1, 7, size=n).tolist()
    ...
    ...     def log_prob(self, xs):
    ...         return np.array([-np.log(6) if x in range(1, 7) else -np.inf for x in xs])
    >>> isinstance(Die(), Prior)
    True
    >>> len(Die().sample(3, np.random.default_rng(0)))
    3
    """

    def sample(self, n: int, rng: np.random.Generator) -> Sequence[State]:
        """Draw ``n`` independent states."""
        ...

    def log_prob(self, xs: Sequence[State]) -> Array:
        """Natural log-probability of each of ``xs``, shape (n,); ``-inf`` is allowed, NaN never.

        It may lack a constant: samplers use only differences.
        """
        ...


@runtime_checkable
class Likelihood(Protocol):
    """How well each state explains what is wanted or seen: log p(Y | state).

    One optional method is used when present: ``in_target(xs) -> (n,) bool`` says which states the trace
    counts as *in the target* (without it, those whose likelihood exceeds 0.5).

    Examples
    --------
    An even throw, seen by a witness who is right nine times in ten:

    >>> class SeenEven:
    ...     def log_likelihood(self, xs):
    ...         return np.log([0.9 if x % 2 == 0 else 0.1 for x in xs])
    >>> isinstance(SeenEven(), Likelihood)
    True
    >>> SeenEven().log_likelihood([1, 2]).round(2).tolist()
    [-2.3, -0.11]
    """

    def log_likelihood(self, xs: Sequence[State]) -> Array:
        """Natural log-likelihood of each of ``xs``, shape (n,); ``-inf`` is allowed, NaN never."""
        ...


@runtime_checkable
class Proposal(Protocol):
    """How to step from one state to another, with the correction that keeps the posterior exact.

    ``log_corrections[i]`` is ``log[p0(y) q(x|y)] - log[p0(x) q(y|x)]`` for the step from ``x = xs[i]`` to
    ``y = ys[i]``, where ``p0`` is the **prior** and ``q`` this proposal. The step is then accepted with
    probability ``min(1, exp(beta * (log L(y) - log L(x)) + log_correction))``. A candidate that is no state
    at all is ``None``: a rejection. :func:`~hanten.inference.with_prior` adds the prior to a proposal that
    knows only its own ratio ``log q(x|y) - log q(y|x)``.

    Examples
    --------
    Turn the die to a neighbouring face. The step is symmetric and the prior is flat, so the correction is 0;
    a step off the die is no state:

    >>> class Tilt:
    ...     def propose(self, xs, rng):
    ...         ys = [x + step for x, step in zip(xs, rng.choice([-1, 1], size=len(xs)), strict=True)]
    ...         return [int(y) if 1 <= y <= 6 else None for y in ys], np.zeros(len(xs))
    >>> isinstance(Tilt(), Proposal)
    True
    >>> Tilt().propose([1, 6], np.random.default_rng(1))
    ([None, None], array([0., 0.]))
    """

    def propose(self, xs: Sequence[State], rng: np.random.Generator) -> tuple[Sequence[State | None], Array]:
        """One candidate per state, in the same order, and the log correction of each, shape (n,)."""
        ...
