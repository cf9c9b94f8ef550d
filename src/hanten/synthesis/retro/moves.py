"""How trees move: each proposal with the exact ratio of its own probabilities.

All return ``log q(x | y) - log q(y | x)``; :func:`~hanten.inference.with_prior` adds the reference's part. Where a move
is one of several occurrences of the same member, occurrences are counted, so that multisets are treated right.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np

from hanten.inference import Proposal
from hanten.synthesis.retro.likelihood import Steps
from hanten.synthesis.retro.space import (
    MOST,
    Array,
    Child,
    Space,
    State,
    groups,
    members,
    multiplicity,
    replaced,
)

Proposed: TypeAlias = tuple[list[Any], Array]


@dataclass(eq=False)
class Lookup:
    """Which member is missing: a distribution over places given the product and the other reactants.

    The fingerprint bits of the product that the others lack are looked up in the stock by Tversky similarity (with no others,
    that is a search for fragments of the product). A share of the prior's weights is mixed in, so that every
    member has a probability.

    Parameters
    ----------
    space, steps
    k : int
        Members that are looked up.
    share : float
        Of the prior's weights.
    """

    space: Space
    steps: Steps
    k: int = 100
    share: float = 0.1
    power: float = 6.0
    _known: dict[Hashable, dict[int, float]] = field(default_factory=dict)

    def table(self, product: str, others: tuple[str, ...]) -> dict[int, float]:
        """Places that were looked up, with probabilities that sum to one (or nothing)."""
        key = (product, others)
        if key not in self._known:
            query = self.steps.bits(product)
            for one in others:
                query = query & ~self.steps.bits(one)
            places, similarity = self.space.stock.neighbours(query, self.k, alpha=0.5, beta=0.5)
            weights = np.asarray(similarity, dtype=np.float64) ** self.power
            keep = weights > 0
            total = weights[keep].sum()
            self._known[key] = (
                dict(zip(places[keep].tolist(), (weights[keep] / total).tolist(), strict=True))
                if total
                else {}
            )
        return self._known[key]

    def draw(self, product: str, others: tuple[str, ...], rng: np.random.Generator) -> int:
        """A place."""
        table = self.table(product, others)
        if not table or rng.random() < self.share:
            return self.space.draw(1, rng)[0]
        return list(table)[int(rng.choice(len(table), p=list(table.values())))]

    def log_prob(self, place: int, product: str, others: tuple[str, ...]) -> float:
        """Log-probability of drawing a place."""
        table = self.table(product, others)
        plain = float(np.exp(self.space.log_weights[place]))
        if not table:
            return math.log(plain) if plain else -math.inf
        total = (1 - self.share) * table.get(place, 0.0) + self.share * plain
        return math.log(total) if total else -math.inf


def _each(
    xs: Sequence[Any], rng: np.random.Generator, one: Callable[[State, Any], tuple[State | None, float]]
) -> Proposed:
    found = [one(x, rng) for x in xs]
    return [y for y, _ in found], np.array([ratio for _, ratio in found], dtype=np.float64)


def _choose_leaf(state: State, rng: np.random.Generator) -> tuple[Child | None, int, tuple[int, ...]] | None:
    """A leaf, all occurrences alike: its group, its place, and the other leaves of the group."""
    weights = [multiplicity(state, g) * len(members(state, g)) for g in groups(state)]
    if not sum(weights):
        return None
    group = groups(state)[int(rng.choice(len(weights), p=np.array(weights) / sum(weights)))]
    leaves = members(state, group)
    at = int(rng.integers(len(leaves)))
    return group, leaves[at], leaves[:at] + leaves[at + 1 :]


def _ways(state: State, group: Child | None, place: int) -> float:
    """Log of the number of occurrences of a leaf in a group and its equals."""
    return math.log(multiplicity(state, group) * members(state, group).count(place))


def _moved(group: Child | None, places: Sequence[int]) -> Child | None:
    return (group[0], tuple(sorted(places))) if isinstance(group, tuple) else None


def _around(
    space: Space, state: State, group: Child | None, rest: Sequence[int]
) -> tuple[str, tuple[str, ...]]:
    """Product of a group, and SMILES of what else goes into it."""
    others = [space.stock.smiles[place] for place in rest]
    if isinstance(group, tuple):
        return group[0], tuple(sorted(others))
    return space.target, tuple(sorted([*others, *(c[0] for c in state if isinstance(c, tuple))]))


@dataclass(frozen=True, eq=False)
class Redraw:
    """Draw one leaf anew given the others: complement search, and for a lone leaf fragment search.

    A Gibbs-like move: q(y | x) = (occurrences of a) / (leaves) * f(b | others).
    """

    space: Space
    lookup: Lookup

    def propose(self, xs: Sequence[Any], rng: np.random.Generator) -> Proposed:
        """One candidate per state."""
        return _each(xs, rng, self._one)

    def _one(self, x: State, rng: np.random.Generator) -> tuple[State | None, float]:
        chosen = _choose_leaf(x, rng)
        if chosen is None:
            return None, -math.inf
        group, old, rest = chosen
        around = _around(self.space, x, group, rest)
        new = self.lookup.draw(*around, rng)
        y = replaced(x, group, (*rest, new))
        there = _ways(x, group, old) + self.lookup.log_prob(new, *around)
        back = _ways(y, _moved(group, (*rest, new)), new) + self.lookup.log_prob(old, *around)
        return y, back - there


@dataclass(eq=False)
class Neighbour:
    """Replace one leaf by a similar member of the stock.

    q(y | x) = (occurrences of a) / (leaves) * k(b | a), where k goes with the square of the Tanimoto similarity over the
    nearest members; a step whose way back is not among them is no step.
    """

    space: Space
    k: int = 40
    _known: dict[int, dict[int, float]] = field(default_factory=dict)

    def kernel(self, place: int) -> dict[int, float]:
        """Neighbours of a place with probabilities."""
        if place not in self._known:
            places, similarity = self.space.stock.neighbours(self.space.stock.smiles[place], self.k + 1)
            found = {
                int(p): float(s) ** 2 for p, s in zip(places, similarity, strict=True) if p != place and s > 0
            }
            total = sum(found.values())
            self._known[place] = {p: s / total for p, s in found.items()}
        return self._known[place]

    def propose(self, xs: Sequence[Any], rng: np.random.Generator) -> Proposed:
        """One candidate per state."""
        return _each(xs, rng, self._one)

    def _one(self, x: State, rng: np.random.Generator) -> tuple[State | None, float]:
        chosen = _choose_leaf(x, rng)
        kernel = self.kernel(chosen[1]) if chosen else {}
        if not chosen or not kernel:
            return None, -math.inf
        group, old, rest = chosen
        new = list(kernel)[int(rng.choice(len(kernel), p=list(kernel.values())))]
        back = self.kernel(new).get(old)
        if back is None:
            return None, -math.inf
        y = replaced(x, group, (*rest, new))
        ways = _ways(y, _moved(group, (*rest, new)), new) - _ways(x, group, old)
        return y, ways + math.log(back) - math.log(kernel[new])


@dataclass(frozen=True, eq=False)
class AddDrop:
    """Add a reactant by complement search, or drop one.

    A step chooses adding or dropping evenly, then a group; added is b with f(b | all others), dropped is any occurrence.
    """

    space: Space
    lookup: Lookup
    most: int = MOST

    def propose(self, xs: Sequence[Any], rng: np.random.Generator) -> Proposed:
        """One candidate per state."""
        return _each(xs, rng, self._one)

    def _one(self, x: State, rng: np.random.Generator) -> tuple[State | None, float]:
        every = groups(x)
        weights = np.array([multiplicity(x, g) for g in every], dtype=np.float64)
        adds, group = rng.random() < 0.5, every[int(rng.choice(len(every), p=weights / weights.sum()))]
        leaves = members(x, group)
        size = len(group[1]) if isinstance(group, tuple) else len(x)
        if adds:
            if size >= self.most:
                return None, -math.inf
            new = self.lookup.draw(*_around(self.space, x, group, leaves), rng)
            y = replaced(x, group, (*leaves, new))
            return y, -self._added(x, group, leaves, new, y)
        if size == 1 or not leaves:
            return None, -math.inf
        at = int(rng.integers(len(leaves)))
        rest = leaves[:at] + leaves[at + 1 :]
        y = replaced(x, group, rest)
        return y, self._added(y, _moved(group, rest), rest, leaves[at], x)

    def _added(
        self, small: State, group: Child | None, leaves: Sequence[int], new: int, large: State
    ) -> float:
        """Log of q(large | small) / q(small | large)."""
        grown = _moved(group, (*leaves, new))
        there = math.log(multiplicity(small, group)) + self.lookup.log_prob(
            new, *_around(self.space, small, group, leaves)
        )
        return there - (_ways(large, grown, new) - math.log(len(leaves) + 1))


@dataclass(frozen=True, eq=False)
class Screened:
    """A proposal whose hopeless candidates are dropped before the forward model sees them.

    Delayed acceptance (Christen & Fox 2005, doi:10.1198/106186005X76983): a candidate passes with probability
    min(1, r), r = exp(sharpness * (g(y) - g(x))) for a cheap surrogate g. What passes is proposed with
    q(y | x) min(1, r), so the correction is less by log r, and the posterior is what it was. The surrogate saves
    work; it decides nothing.

    Parameters
    ----------
    proposal : Proposal
        With its full correction or without the prior's part: the screen adds its own to either.
    surrogate : callable
        State -> float.
    sharpness : float
        0 lets everything pass.
    """

    proposal: Proposal
    surrogate: Callable[[State], float]
    sharpness: float = 0.5

    def propose(self, xs: Sequence[Any], rng: np.random.Generator) -> Proposed:
        """One candidate per state, or None where it was screened out."""
        ys, ratios = self.proposal.propose(xs, rng)
        ratios = np.array(ratios, dtype=np.float64)
        kept: list[Any] = list(ys)
        for k, (x, y) in enumerate(zip(xs, kept, strict=True)):
            if y is not None and y != x:
                log_r = self.sharpness * (self.surrogate(y) - self.surrogate(x))
                if -rng.standard_exponential() < log_r:
                    ratios[k] -= log_r
                else:
                    kept[k], ratios[k] = None, -math.inf
        return kept, ratios
