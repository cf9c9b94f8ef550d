"""What a state is: a small tree whose leaves are members of the stock.

A one-step state is a sorted tuple of one to three *places* in the stock (a multiset: a place may repeat). In a two-step
state a child may instead be ``(intermediate, places)``: a molecule with the places it is made from. Intermediates come
from a finite list that the templates propose for the target. States are hashable, and plain enough for a checkpoint.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from hanten.synthesis.stock.stock import Stock

Places: TypeAlias = tuple[int, ...]
Made: TypeAlias = tuple[str, Places]
Child: TypeAlias = int | Made
State: TypeAlias = tuple[Child, ...]
Array: TypeAlias = npt.NDArray[np.float64]

#: Most reactants of a step.
MOST = 3


def state_of(children: Iterable[Child]) -> State:
    """The one way to write a state: places first, each kind sorted.

    >>> state_of([7, ("CCO", (5, 2)), 3])
    (3, 7, ('CCO', (2, 5)))
    """
    every = [child if isinstance(child, int) else (child[0], tuple(sorted(child[1]))) for child in children]
    return tuple(sorted(every, key=lambda child: (isinstance(child, tuple), child)))


def groups(state: State) -> list[Child | None]:
    """Where leaves hang: ``None`` is the root, then each distinct made child."""
    return [None, *dict.fromkeys(child for child in state if isinstance(child, tuple))]


def members(state: State, group: Child | None) -> Places:
    """The leaves of a group."""
    if isinstance(group, tuple):
        return group[1]
    return tuple(child for child in state if isinstance(child, int))


def replaced(state: State, group: Child | None, places: Sequence[int]) -> State:
    """The state with other leaves in one of its groups."""
    if isinstance(group, tuple):
        at = state.index(group)
        return state_of([*state[:at], (group[0], tuple(places)), *state[at + 1 :]])
    return state_of([*places, *(child for child in state if isinstance(child, tuple))])


def multiplicity(state: State, group: Child | None) -> int:
    """How many equal groups there are."""
    return 1 if group is None else state.count(group)


@dataclass(frozen=True, eq=False)
class Space:
    """A target, the stock without it, and the intermediates that are considered.

    Attributes
    ----------
    target : str
        Canonical SMILES.
    stock : Stock
        Does not contain the target.
    intermediates : tuple of str
        Empty for one step.
    weights : array (size,)
        Of each place in the prior; zero where it is not available.
    """

    target: str
    stock: Stock
    weights: Array
    intermediates: tuple[str, ...] = ()

    @cached_property
    def log_weights(self) -> Array:
        """Their logarithms, normalised."""
        with np.errstate(divide="ignore"):
            logs: Array = np.log(self.weights / self.weights.sum())
        return logs

    @cached_property
    def cumulative(self) -> Array:
        """Their cumulative sum, ending at one."""
        total: Array = np.cumsum(self.weights)
        total /= total[-1]
        return total

    def draw(self, n: int, rng: np.random.Generator) -> list[int]:
        """Places by weight."""
        found = np.searchsorted(self.cumulative, rng.random(n), side="right")
        return [int(place) for place in np.minimum(found, len(self.weights) - 1)]

    def smiles(self, child: Child) -> str:
        """Canonical SMILES of a child."""
        return child[0] if isinstance(child, tuple) else self.stock.smiles[child]

    def reactions(self, state: State) -> Iterator[tuple[str, tuple[str, ...]]]:
        """The steps of a state: product and reactants, the last step first."""
        yield self.target, tuple(self.smiles(child) for child in state)
        for child in state:
            if isinstance(child, tuple):
                yield child[0], tuple(self.stock.smiles[place] for place in child[1])


def stock_weights(stock: Stock) -> Array:
    """How readily a member is thought of: the square root of its known uses, less where it is dear.

    ``sqrt(1 + uses) / sqrt(1 + price / 50 USD per gram)``; the price counts only where it is known.
    """
    price = np.nan_to_num(np.asarray(stock.prices, dtype=np.float64), nan=0.0)
    weights = np.sqrt(1.0 + np.asarray(stock.uses, dtype=np.float64)) / np.sqrt(1.0 + price / 50.0)
    return np.where(stock.available, weights, 0.0)
