"""What the templates propose: states that the stock can supply, with weights, and the intermediates between."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from rdkit import Chem

from hanten.synthesis.retro.library import Template, Templates
from hanten.synthesis.retro.space import MOST, Made, State, state_of
from hanten.synthesis.stock.stock import Stock

Sets = dict[tuple[str, ...], tuple[float, Template]]


@dataclass(eq=False)
class Proposer:
    """Templates and a stock.

    Parameters
    ----------
    templates : Templates
    stock : Stock
    most : int
        Templates applied to a molecule.
    like : int
        Members that may stand for one reactant that is not in stock, the most similar first.
    """

    templates: Templates
    stock: Stock
    most: int = 400
    like: int = 3
    _sets: dict[str, Sets] = field(default_factory=dict)
    _places: dict[str, int | None] = field(default_factory=dict)

    def sets(self, product: str, most: int | None = None) -> Sets:
        """Reactant sets of a molecule with weights and templates, likeliest first; ``most`` templates the first time."""
        if product not in self._sets:
            found = self.templates.undo(Chem.MolFromSmiles(product), most or self.most)
            self._sets[product] = {one: what for one, what in found.items() if len(one) <= MOST}
        return self._sets[product]

    def place(self, smiles: str) -> int | None:
        """Its place in the stock."""
        if smiles not in self._places:
            self._places[smiles] = self.stock.index(smiles)
        return self._places[smiles]

    def bought(self, product: str) -> Iterator[tuple[tuple[int, ...], float]]:
        """Sets of places that may make a molecule, with weights; one missing reactant gives way to similar members."""
        for reactants, (weight, _) in self.sets(product).items():
            places = [self.place(one) for one in reactants]
            missing = [one for one, place in zip(reactants, places, strict=True) if place is None]
            known = [place for place in places if place is not None]
            if not missing:
                yield tuple(known), weight
            elif len(missing) == 1 and self.like:
                for other, similarity in self._similar(missing[0]):
                    yield (*known, other), weight * 0.1 * similarity**4

    def _similar(self, smiles: str, least: float = 0.5) -> Iterator[tuple[int, float]]:
        places, values = self.stock.neighbours(smiles, self.like)
        for place, value in zip(places.tolist(), values.tolist(), strict=True):
            if value >= least:
                yield place, value


def one_step(proposer: Proposer, target: str, most: int = 400) -> dict[State, float]:
    """States of one step with weights, the heaviest first."""
    table: dict[State, float] = {}
    for places, weight in proposer.bought(target):
        state = state_of(places)
        table[state] = table.get(state, 0.0) + weight
    return heaviest(table, most)


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
    for reactants, (weight, _) in proposer.sets(target).items():
        found = [(one, proposer.place(one)) for one in reactants]
        missing = [one for one, place in found if place is None]
        if 1 <= len(missing) <= 2 and len(chosen) < widths.sets:
            if len(wanted.keys() | set(missing)) <= widths.intermediates:
                wanted.update(dict.fromkeys(missing))
            if all(one in wanted for one in missing):
                chosen.append(([place for _, place in found if place is not None], missing, weight))
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
    table: dict[tuple[int, ...], float] = {}
    for places, weight in proposer.bought(intermediate):
        if all(proposer.stock.smiles[place] != target for place in places):
            key = tuple(sorted(places))
            table[key] = table.get(key, 0.0) + weight
    return [((intermediate, places), weight) for places, weight in heaviest(table, widths.ways).items()]


def heaviest(table: Mapping[Any, float], most: int) -> dict[Any, float]:
    """The heaviest entries, in the order of weight; ties by the entry itself."""
    order = sorted(table.items(), key=lambda item: (-item[1], repr(item[0])))
    return dict(itertools.islice(order, most))
