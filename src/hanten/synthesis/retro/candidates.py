"""What templates and the backward model propose: states that the stock can supply, and the intermediates between."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from rdkit import Chem

from hanten.synthesis.retro.backward import Backward
from hanten.synthesis.retro.library import Template, Templates
from hanten.synthesis.retro.space import MOST, Made, State, state_of
from hanten.synthesis.stock.stock import Stock

#: Weight of a set in which a similar member stands for a reactant that is not in stock, against the set itself.
INSTEAD = 0.1
Sets = dict[tuple[str, ...], tuple[float, Template]]


@dataclass(eq=False)
class Proposer:
    """Templates, a backward model and a stock.

    Parameters
    ----------
    templates : Templates
    stock : Stock
    backward : Backward, optional
        Proposes beside the templates.
    most : int
        Templates applied to a molecule.
    like : int
        Members that may stand for one reactant that is not in stock, the most similar first.
    """

    templates: Templates
    stock: Stock
    backward: Backward | None = None
    most: int = 400
    like: int = 3
    _guesses: dict[str, dict[tuple[str, ...], float]] = field(default_factory=dict)
    _sets: dict[str, Sets] = field(default_factory=dict)
    _places: dict[str, int | None] = field(default_factory=dict)

    def sets(self, product: str, most: int | None = None) -> Sets:
        """Reactant sets of a molecule with weights and templates, likeliest first; ``most`` templates the first time."""
        if product not in self._sets:
            found = self.templates.undo(Chem.MolFromSmiles(product), most or self.most)
            self._sets[product] = {one: what for one, what in found.items() if len(one) <= MOST}
        return self._sets[product]

    def ask(self, products: Iterable[str]) -> None:
        """Let the backward model guess for several molecules at once."""
        fresh = [one for one in dict.fromkeys(products) if one not in self._guesses]
        if self.backward is not None and fresh:
            for product, found in zip(fresh, self.backward.reactant_sets(fresh), strict=True):
                self._guesses[product] = {one: weight for one, weight in found if len(one) <= MOST}

    def proposals(self, product: str) -> list[tuple[tuple[str, ...], float]]:
        """Reactant sets of a molecule with weights, heaviest first: chances of templates and guesses added up."""
        self.ask([product])
        weights = {one: weight for one, (weight, _) in self.sets(product).items()}
        for one, weight in self._guesses.get(product, {}).items():
            weights[one] = weights.get(one, 0.0) + weight
        return sorted(weights.items(), key=lambda item: (-item[1], item[0]))

    def place(self, smiles: str) -> int | None:
        """Its place in the stock."""
        if smiles not in self._places:
            self._places[smiles] = self.stock.index(smiles)
        return self._places[smiles]

    def bought(self, product: str, most: int) -> dict[tuple[int, ...], float]:
        """The heaviest sets of places that may make a molecule; one missing reactant gives way to similar members."""
        table: dict[tuple[int, ...], float] = {}
        open_: list[tuple[list[int], str, float]] = []
        for reactants, weight in self.proposals(product):
            places = [self.place(one) for one in reactants]
            missing = [one for one, place in zip(reactants, places, strict=True) if place is None]
            known = [place for place in places if place is not None]
            if not missing:
                _add(table, known, weight)
            elif len(missing) == 1 and self.like:
                open_.append((known, missing[0], weight * INSTEAD))
        for known, missing_one, weight in open_:  # heaviest first; a look-up takes milliseconds
            if len(table) >= most and weight <= heapq.nlargest(most, table.values())[-1]:
                break
            for other, similarity in self._similar(missing_one):
                _add(table, [*known, other], weight * similarity**4)
        return heaviest(table, most)

    def _similar(self, smiles: str, least: float = 0.5) -> Iterator[tuple[int, float]]:
        places, values = self.stock.neighbours(smiles, self.like)
        for place, value in zip(places.tolist(), values.tolist(), strict=True):
            if value >= least:
                yield place, value


def _add(table: dict[tuple[int, ...], float], places: Iterable[int], weight: float) -> None:
    key = tuple(sorted(places))
    table[key] = table.get(key, 0.0) + weight


def one_step(proposer: Proposer, target: str, most: int = 400) -> dict[State, float]:
    """States of one step with weights, the heaviest first."""
    return {state_of(places): weight for places, weight in proposer.bought(target, most).items()}


@dataclass(frozen=True)
class Widths:
    """How many are followed: sets of the target, intermediates, templates and ways for each, states in all."""

    sets: int = 80
    intermediates: int = 30
    templates: int = 120
    ways: int = 25
    states: int = 6000


def two_step(
    proposer: Proposer, target: str, widths: Widths, over: Callable[[], bool]
) -> tuple[dict[State, float], tuple[str, ...]]:
    """States of two steps with weights, linear and convergent, and the intermediates they go through.

    ``over`` is asked before each intermediate; once it is true, those that are left are not followed.
    """
    wanted: dict[str, None] = {}
    chosen: list[tuple[list[int], list[str], float]] = []
    for reactants, weight in proposer.proposals(target):
        found = [(one, proposer.place(one)) for one in reactants]
        missing = [one for one, place in found if place is None]
        if 1 <= len(missing) <= 2 and len(chosen) < widths.sets:
            if len(wanted.keys() | set(missing)) <= widths.intermediates:
                wanted.update(dict.fromkeys(missing))
            if all(one in wanted for one in missing):
                chosen.append(([place for _, place in found if place is not None], missing, weight))
    proposer.ask(wanted)
    ways = {one: [] if over() else _ways(proposer, one, target, widths) for one in wanted}
    table: dict[State, float] = {}
    for places, missing, weight in chosen:
        for made in itertools.product(*(ways[one] for one in missing)):
            state = state_of([*places, *(child for child, _ in made)])
            total = weight
            for _, w in made:
                total *= w
            table[state] = table.get(state, 0.0) + total
    used = {child[0] for state in table for child in state if isinstance(child, tuple)}
    return heaviest(table, widths.states), tuple(sorted(used))


def _ways(proposer: Proposer, intermediate: str, target: str, widths: Widths) -> list[tuple[Made, float]]:
    proposer.sets(intermediate, widths.templates)
    found = proposer.bought(intermediate, widths.ways)
    return [
        ((intermediate, places), weight)
        for places, weight in found.items()
        if all(proposer.stock.smiles[place] != target for place in places)
    ]


def heaviest(table: Mapping[Any, float], most: int) -> dict[Any, float]:
    """The heaviest entries, in the order of weight; ties by the entry itself."""
    order = sorted(table.items(), key=lambda item: (-item[1], repr(item[0])))
    return dict(itertools.islice(order, most))
