"""The prior over trees of stock members, and the reference that a run starts from.

The prior knows nothing of the target but the list of intermediates: how many reactants a step has, and how common and
dear each is. The reference is where particles begin: half of them at what templates propose, some at fragments of the
target, the rest at the prior. It is a distribution one can draw from and evaluate, so starting there is exact:
the sampler's "prior" is the reference ``q`` and its likelihood is ``p(Y | S) p0(S) / q(S)``, whose product is the posterior.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from hanten.synthesis.retro.space import Array, Child, Places, Space, State, state_of

#: Share of patent reactions with one, two, three reactants.
SIZES = (0.24, 0.70, 0.06)
#: Probability that a reactant is made, not bought, where two steps are allowed.
MADE = 0.3


def log_orders(items: Sequence[Hashable]) -> float:
    """Log of the number of orders of a multiset: m! / (c1! c2! ...).

    >>> round(math.exp(log_orders([1, 1, 2])))
    3
    """
    return math.lgamma(len(items) + 1) - sum(math.lgamma(c + 1) for c in Counter(items).values())


@dataclass(frozen=True, eq=False)
class StockPrior:
    """``p0``: sizes, and members independent of each other given the size.

    Parameters
    ----------
    space : Space
    sizes : tuple of float
        Probability of one, two, three reactants in a step.
    """

    space: Space
    sizes: tuple[float, ...] = SIZES

    @property
    def made(self) -> float:
        """Probability that a reactant is an intermediate."""
        return MADE if self.space.intermediates else 0.0

    def sample(self, n: int, rng: np.random.Generator) -> list[State]:
        """Draw ``n`` trees."""
        return [self._draw(rng) for _ in range(n)]

    def log_prob(self, xs: Sequence[Any]) -> Array:
        """Natural log-probability of each tree, shape (n,); normalised."""
        return np.array([self._log_prob(x) for x in xs], dtype=np.float64)

    def _draw(self, rng: np.random.Generator) -> State:
        size = 1 + int(rng.choice(len(self.sizes), p=self.sizes))
        children: list[Child] = []
        for _ in range(size):
            if self.made and rng.random() < self.made:
                product = self.space.intermediates[int(rng.integers(len(self.space.intermediates)))]
                below = 1 + int(rng.choice(len(self.sizes), p=self.sizes))
                children.append((product, tuple(sorted(self.space.draw(below, rng)))))
            else:
                children += self.space.draw(1, rng)
        return state_of(children)

    def _log_prob(self, state: State) -> float:
        if not 1 <= len(state) <= len(self.sizes):
            return -math.inf
        total = math.log(self.sizes[len(state) - 1]) + log_orders(state)
        for child in state:
            if isinstance(child, int):
                total += math.log(1 - self.made) + float(self.space.log_weights[child])
            elif child[0] not in self._known or not 1 <= len(child[1]) <= len(self.sizes):
                return -math.inf
            else:
                total += math.log(self.made / len(self._known)) + self._log_set(child[1])
        return total

    def _log_set(self, places: Places) -> float:
        logs = sum(float(self.space.log_weights[place]) for place in places)
        return math.log(self.sizes[len(places) - 1]) + log_orders(places) + logs

    @cached_property
    def _known(self) -> frozenset[str]:
        return frozenset(self.space.intermediates)


@dataclass(frozen=True, eq=False)
class Reference:
    """``q``: a mixture of a table of states, sets of fragments, and the prior.

    Parameters
    ----------
    prior : StockPrior
    table : mapping of state to float
        Weights of proposed states; may be empty.
    fragments : mapping of int to float
        Weights of places; may be empty.
    shares : tuple of three floats
        Of table, fragments and prior; what is empty gives its share to the prior.
    """

    prior: StockPrior
    table: Mapping[State, float]
    fragments: Mapping[int, float]
    shares: tuple[float, float, float] = (0.6, 0.2, 0.2)

    def __post_init__(self) -> None:
        table, fragments, _rest = self.shares
        table, fragments = table * bool(self.table), fragments * bool(self.fragments)
        object.__setattr__(self, "shares", (table, fragments, 1 - table - fragments))

    @cached_property
    def _states(self) -> tuple[list[State], Array, dict[State, float]]:
        states, weights = list(self.table), np.array(list(self.table.values()), dtype=np.float64)
        weights = weights / weights.sum() if len(weights) else weights
        logs = np.log(weights).tolist()
        return states, weights, dict(zip(states, logs, strict=True))

    @cached_property
    def _pieces(self) -> tuple[list[int], Array, dict[int, float]]:
        places, weights = list(self.fragments), np.array(list(self.fragments.values()), dtype=np.float64)
        weights = weights / weights.sum() if len(weights) else weights
        return places, weights, dict(zip(places, np.log(weights).tolist(), strict=True))

    def sample(self, n: int, rng: np.random.Generator) -> list[State]:
        """Draw ``n`` trees."""
        kinds = rng.choice(3, size=n, p=self.shares)
        drawn = []
        for kind in kinds:
            if kind == 0:
                states, weights, _ = self._states
                drawn.append(states[int(rng.choice(len(states), p=weights))])
            elif kind == 1:
                places, weights, _ = self._pieces
                size = 1 + int(rng.choice(len(self.prior.sizes), p=self.prior.sizes))
                drawn.append(state_of(places[int(i)] for i in rng.choice(len(places), size, p=weights)))
            else:
                drawn += self.prior.sample(1, rng)
        return drawn

    def log_prob(self, xs: Sequence[Any]) -> Array:
        """Natural log-probability of each tree, shape (n,)."""
        logs = np.full((3, len(xs)), -np.inf)
        with np.errstate(divide="ignore"):
            shares = np.log(self.shares)
        logs[0] = shares[0] + np.array([self._states[2].get(x, -math.inf) for x in xs])
        logs[1] = shares[1] + np.array([self._log_fragments(x) for x in xs])
        logs[2] = shares[2] + self.prior.log_prob(xs)
        total: Array = np.logaddexp.reduce(logs, axis=0)
        return total

    def _log_fragments(self, state: State) -> float:
        pieces = self._pieces[2]
        if not 1 <= len(state) <= len(self.prior.sizes) or any(child not in pieces for child in state):
            return -math.inf
        logs = sum(pieces[child] for child in state if isinstance(child, int))
        return math.log(self.prior.sizes[len(state) - 1]) + log_orders(state) + logs
