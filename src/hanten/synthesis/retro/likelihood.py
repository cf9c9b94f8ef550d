"""Log p(Y | S) from the forward model, with a fingerprint distance where it says nothing.

Far from the answer log p is hundreds of nats below zero and its differences are noise. There the distance takes over:
the product is said to come from the model, or, with the tiny probability ``exp(FLOOR)``, from what shares fragments with the
reactants,

    p~(Y | S) = p(Y | S) + exp(FLOOR) exp(-E(S, Y)),

where ``E`` grows with the share of the product's fingerprint bits that no reactant has and, less, with bits that only
reactants have. Above the floor it is the forward model alone; a route is never shown for its distance.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from rdkit import Chem

from hanten.synthesis.forward.mapping import all_given, all_needed
from hanten.synthesis.retro.prior import Reference
from hanten.synthesis.retro.space import Array, Space, State
from hanten.synthesis.stock import fingerprints as fp

FLOOR = -30.0
MISSING, SPARE = 30.0, 6.0
Reaction = tuple[str, tuple[str, ...]]


class Forward(Protocol):
    """What is needed of a forward model."""

    def predict(
        self, reactant_sets: Sequence[Sequence[str]], n_best: int = 1
    ) -> list[list[tuple[str, float]]]:
        """Products of each set with probabilities."""
        ...

    def log_prob(self, reactant_sets: Sequence[Sequence[str]], products: Sequence[str]) -> Array:
        """(n,) log p(product | reactants)."""
        ...


@dataclass(eq=False)
class Steps:
    """Log p of single steps, each scored once; and the distance of each.

    Attributes
    ----------
    score : callable
        Reactant sets and products -> (n,) log p.
    known : dict
        (product, reactants) -> log p.
    """

    score: Callable[[Sequence[tuple[str, ...]], Sequence[str]], Any]
    known: dict[Reaction, float] = field(default_factory=dict)
    _bits: dict[str, fp.Words] = field(default_factory=dict)

    def log_prob(self, reactions: Sequence[Reaction]) -> Array:
        """Exact log p of each, shape (n,)."""
        fresh = list(dict.fromkeys(one for one in reactions if one not in self.known))
        if fresh:
            sets, products = [reactants for _, reactants in fresh], [product for product, _ in fresh]
            values = np.asarray(self.score(sets, products), dtype=np.float64)
            self.known.update(zip(fresh, values.tolist(), strict=True))
        return np.array([self.known[one] for one in reactions], dtype=np.float64)

    def energy(self, reaction: Reaction) -> float:
        """``E``: 0 where every bit of the product is in a reactant and no other."""
        product, reactants = reaction
        wanted = self.bits(product)
        given = np.bitwise_or.reduce([self.bits(one) for one in reactants])
        size = max(int(np.bitwise_count(wanted).sum()), 1)
        missing = int(np.bitwise_count(wanted & ~given).sum())
        spare = int(np.bitwise_count(given & ~wanted).sum())
        return (MISSING * missing + SPARE * spare) / size

    def bits(self, smiles: str) -> fp.Words:
        """Fingerprint of a molecule."""
        if smiles not in self._bits:
            self._bits[smiles] = fp.fingerprint(Chem.MolFromSmiles(smiles))
        return self._bits[smiles]


@dataclass(eq=False)
class RouteLikelihood:
    """Likelihood of a state against the reference: ``log p~(Y | S) + log p0(S) - log q(S)``.

    Parameters
    ----------
    space, reference, steps
    threshold : float
        Least log p of each step of a route that counts.
    """

    space: Space
    reference: Reference
    steps: Steps
    threshold: float
    visited: dict[State, None] = field(default_factory=dict)

    def log_likelihood(self, xs: Sequence[Any]) -> Array:
        """Natural logarithms, shape (n,)."""
        self.visited.update(dict.fromkeys(xs))
        split = [list(self.space.reactions(x)) for x in xs]
        values = self.steps.log_prob([one for part in split for one in part]).tolist()
        total, at = np.empty(len(xs)), 0
        for k, part in enumerate(split):
            total[k] = sum(
                np.logaddexp(value, FLOOR - self.steps.energy(one))
                for one, value in zip(part, values[at : at + len(part)], strict=True)
            )
            at += len(part)
        return total + self.reference.prior.log_prob(xs) - self.reference.log_prob(xs)

    def in_target(self, xs: Sequence[Any]) -> list[bool]:
        """Whether every step of a state is above the threshold, needs all its reactants, and makes no atom from nothing.

        The model is lenient to a bystander that gives no atom to the product, and to a reactant that is missing: it saw neither in
        training.
        """
        return [all(map(self._good, self.space.reactions(x))) for x in xs]

    def _good(self, one: Reaction) -> bool:
        product, reactants = one
        probable = self.steps.known.get(one, -math.inf) >= self.threshold
        return probable and all_given(reactants, product) and all_needed(reactants, product)

    def surrogate(self, state: State) -> float:
        """What the distance alone says; cheap."""
        return -sum(self.steps.energy(one) for one in self.space.reactions(state))
