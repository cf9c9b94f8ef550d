"""From states to routes: score, class, place of the disconnection, tree."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from hanten.inference import Posterior
from hanten.synthesis.retro.candidates import Proposer
from hanten.synthesis.retro.classes import Classifier, ReactionClass, disconnection
from hanten.synthesis.retro.library import CLASSES
from hanten.synthesis.retro.likelihood import RouteLikelihood
from hanten.synthesis.retro.novelty import is_known
from hanten.synthesis.retro.result import Check, RetroRoute
from hanten.synthesis.retro.space import Child, State
from hanten.synthesis.routes import MolNode, Route, Step

_NEVER_SEEN = 1e-5


@dataclass(frozen=True)
class Ranked:
    """A state above the threshold, judged.

    Attributes
    ----------
    state : State
    score, log_prob, log_prior : float
    weight : float
        Share of the posterior's particles.
    cluster : int
        By disconnection; 0 is that of the best state.
    """

    state: State
    score: float
    log_prob: float
    log_prior: float
    weight: float
    cluster: int = 0


@dataclass(eq=False)
class Ranking:
    """Judges states by the posterior and by precedent.

    The score is ``log p(Y | S) + a log p0(S) + b log(precedent)``: the posterior with the prior to the power ``a``, and the
    share of training products with such a site that were made this way to the power ``b``.

    Parameters
    ----------
    likelihood, proposer, classify
    shares : (float, float)
        ``a`` and ``b``.
    """

    likelihood: RouteLikelihood
    proposer: Proposer
    classify: Classifier
    shares: tuple[float, float]
    _places: dict[tuple[str, ...], tuple[tuple[int, ...], ...]] = field(default_factory=dict)

    def ranked(self, posterior: Posterior | None) -> list[Ranked]:
        """Every state that was met and is above the threshold, best first, with clusters."""
        states = list(self.likelihood.visited)
        good = [x for x, inside in zip(states, self.likelihood.in_target(states), strict=True) if inside]
        counts = Counter(posterior.particles) if posterior else Counter[State]()
        particles = max(sum(counts.values()), 1)
        priors = self.likelihood.reference.prior.log_prob(good).tolist()
        judged = [
            self._judged(x, prior, counts[x] / particles) for x, prior in zip(good, priors, strict=True)
        ]
        judged.sort(key=lambda one: (-one.score, repr(one.state)))
        places = [self._place(one.state) for one in judged]
        numbers = {place: k for k, place in enumerate(dict.fromkeys(places))}
        return [
            Ranked(one.state, one.score, one.log_prob, one.log_prior, one.weight, numbers[place])
            for one, place in zip(judged, places, strict=True)
        ]

    def _judged(self, state: State, log_prior: float, weight: float) -> Ranked:
        log_prob = precedent = 0.0
        for product, reactants in self.likelihood.space.reactions(state):
            log_prob += self.likelihood.steps.known[product, reactants]
            precedent += math.log(max(self.precedent(product, reactants), _NEVER_SEEN))
        score = log_prob + self.shares[0] * log_prior + self.shares[1] * precedent
        return Ranked(state, score, log_prob, log_prior, weight)

    def _place(self, state: State) -> tuple[tuple[int, ...], ...]:
        product, reactants = next(self.likelihood.space.reactions(state))
        if reactants not in self._places:
            self._places[reactants] = disconnection(product, reactants)
        return self._places[reactants]

    def precedent(self, product: str, reactants: tuple[str, ...]) -> float:
        """The chance of the step: of the templates that propose it, else of its own core."""
        found = self.proposer.sets(product).get(tuple(sorted(reactants)))
        return found[0] if found else self.classify(product, reactants).chance

    def class_of(self, product: str, reactants: tuple[str, ...]) -> ReactionClass:
        """Class of a step; where its core cannot be told, that of the template that proposed it."""
        found = self.classify(product, reactants)
        proposed = self.proposer.sets(product).get(tuple(sorted(reactants)))
        if found.radius is not None or proposed is None:
            return found
        one = proposed[1]
        best = int(np.argmax(one.classes))
        return ReactionClass(CLASSES[best], one.classes[best], one.count, one.chance, one.radius)

    def route(self, one: Ranked) -> RetroRoute:
        """A judged state as a route."""
        space = self.likelihood.space
        reactions = list(space.reactions(one.state))
        checks = tuple(Check(p, r, self.class_of(p, r).precedents) for p, r in reactions)
        root = self._node(*reactions[0], one.state)
        tree = Route(root, posterior=one.weight)
        return RetroRoute(tree, one.score, one.log_prob, one.log_prior, one.weight, one.cluster, checks)

    def _node(self, product: str, reactants: tuple[str, ...], children: Iterable[Child]) -> MolNode:
        """A molecule that is made."""
        kind, stock = self.class_of(product, reactants), self.proposer.stock
        below = []
        for child in children:
            if isinstance(child, tuple):
                parts = tuple(stock.smiles[place] for place in child[1])
                below.append(self._node(child[0], parts, child[1]))
            else:
                member = stock.member(child)
                below.append(
                    MolNode(member.smiles, True, stock.name, member.source, member.price, member.lead_time)
                )
        step = Step(
            tuple(below),
            label=kind.label,
            log_prob=self.likelihood.steps.known[product, reactants],
            class_probability=kind.probability,
            novel=not is_known(product, reactants),
        )
        return MolNode(product, step=step)


def diverse(clusters: Sequence[int], n: int, share: float = 0.4) -> list[int]:
    """Which of ranked routes to show: the first of them, but no cluster takes more than its share while others wait.

    Parameters
    ----------
    clusters : sequence of int
        Of each route, best first.
    n : int
        How many to show.
    share : float
        Of ``n``, that one cluster may take.

    Returns
    -------
    list of int
        Rising indices.

    Examples
    --------
    >>> diverse([0, 0, 0, 0, 1, 2], 5)
    [0, 1, 2, 4, 5]
    """
    most, taken = max(1, math.ceil(share * n)), Counter[int]()
    chosen: list[int] = []
    waiting: list[int] = []
    for k, cluster in enumerate(clusters):
        if taken[cluster] < most and len(chosen) < n:
            taken[cluster] += 1
            chosen.append(k)
        else:
            waiting.append(k)
    return sorted([*chosen, *waiting[: n - len(chosen)]])
