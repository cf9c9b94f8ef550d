"""hanten as a one-step model of other planners: Syntheseus and AiZynthFinder search deeper than two steps.

Neither program is imported until one of the classes is asked for, so hanten does not need them:

* ``HantenExpansion``: an expansion policy of AiZynthFinder. In its configuration file::

      expansion:
        hanten:
          type: hanten.synthesis.adapters.HantenExpansion
          n: 50

* ``HantenBackward`` and ``HantenForward``: reaction models of Syntheseus, for example
  ``search = RetroStarSearch(reaction_model=HantenBackward(), ...)``.

All three are thin; :func:`expand` does the work.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from rdkit import Chem

from hanten.errors import MissingExtraError
from hanten.synthesis.monomer_templates import canonical, precursors

#: Reactant sets per product that the forward model scores; of those templates propose, the likeliest.
MOST_SCORED = 100


@dataclass(frozen=True)
class Expansion:
    """One way to make a molecule in one step.

    Attributes
    ----------
    reactants : tuple of str
        Canonical SMILES.
    probability : float
        Share of this way among those offered: the forward model's probability of the product times the weight of what
        proposed it (precedent of a template, probability of the backward model), normalised; of a documented reaction its grade takes the place of the model's probability where
        that is lower.
    label, kind : str
        Name of the reaction class or template; "model" or "template".
    log_prob : float
        Natural log of the forward model's probability of the product; ``-inf`` where it cannot read the reaction.
    """

    reactants: tuple[str, ...]
    probability: float
    label: str
    kind: str
    log_prob: float


def expand(product: str, n: int = 50, forward: Any = None) -> list[Expansion]:
    """Ways to make a molecule in one step, whatever can be bought; the likeliest first.

    Parameters
    ----------
    product : str
        SMILES.
    n : int
        Most ways.
    forward : forward model, optional
        The bundled one if not given.

    Raises
    ------
    StructureError
        If the text is no molecule.

    Examples
    --------
    >>> ways = expand("CCNC(=O)c1ccccc1", n=5)
    >>> ("CCN", "O=C(Cl)c1ccccc1") in [way.reactants for way in ways]
    True
    """
    from hanten.synthesis.forward import load_forward
    from hanten.synthesis.retro import load_backward, load_templates
    from hanten.synthesis.retro.library import CLASSES

    target = canonical(product)
    named: dict[tuple[str, ...], tuple[str, str, float, float]] = {}
    for reactants, (weight, template) in load_templates().undo(Chem.MolFromSmiles(target)).items():
        if len(named) < MOST_SCORED:
            label = CLASSES[int(np.argmax(template.classes))]
            named[tuple(sorted(reactants))] = (label, "model", min(1.0, weight), 0.0)
    for reactants, weight in load_backward().reactant_sets([target])[0]:
        label, kind, chance, grade = named.get(reactants, ("of the backward model", "model", 0.0, 0.0))
        named[reactants] = (label, kind, min(1.0, chance + weight), grade)
    for found in precursors(target):
        grade = found.template.confidence
        named[found.reactants] = (found.template.name, "template", 1.0, grade)
    if not named:
        return []
    sets = list(named)
    log_p = (forward or load_forward()).log_prob(sets, [target] * len(sets), errors="impossible")
    mass = [
        max(np.exp(value), grade) * weight
        for value, (_, _, weight, grade) in zip(log_p, named.values(), strict=True)
    ]
    total = sum(mass) or 1.0
    ways = [
        Expansion(reactants, float(m / total), label, kind, float(value))
        for (reactants, (label, kind, _, _)), m, value in zip(named.items(), mass, log_p, strict=True)
    ]
    return sorted(ways, key=lambda way: (-way.probability, way.reactants))[:n]


def _aizynthfinder() -> type:
    """The expansion policy, as a subclass of AiZynthFinder's."""
    try:
        from aizynthfinder.chem import SmilesBasedRetroReaction
        from aizynthfinder.context.policy.expansion_strategies import ExpansionStrategy
    except ImportError as error:
        raise _missing("aizynthfinder") from error

    class HantenExpansion(ExpansionStrategy):  # type: ignore[misc]
        """Documented reactions and learned templates, scored by hanten's forward model."""

        _required_kwargs: Sequence[str] = ()

        def __init__(self, key: str, config: Any, **options: Any) -> None:
            super().__init__(key, config, **options)
            self.n = int(options.get("n", 50))

        def get_actions(self, molecules: Any, cache_molecules: Any = None) -> tuple[list[Any], list[float]]:  # noqa: ARG002
            """Reactions of each molecule, and their priors."""
            actions, priors = [], []
            for mol in molecules:
                for place, way in enumerate(expand(mol.smiles, self.n)):
                    about = {
                        "policy_probability": way.probability,
                        "policy_probability_rank": place,
                        "policy_name": self.key,
                        "classification": way.label,
                        "template": "",
                        "hanten_kind": way.kind,
                        "hanten_log_prob": way.log_prob,
                    }
                    reactants = ".".join(way.reactants)
                    actions.append(SmilesBasedRetroReaction(mol, metadata=about, reactants_str=reactants))
                    priors.append(way.probability)
            return actions, priors

    return HantenExpansion


def _syntheseus(name: str) -> type:
    """A reaction model of Syntheseus."""
    try:
        from syntheseus.interface.bag import Bag
        from syntheseus.interface.models import BackwardReactionModel, ForwardReactionModel
        from syntheseus.interface.molecule import Molecule
        from syntheseus.interface.reaction import Reaction, SingleProductReaction
    except ImportError as error:
        raise _missing("syntheseus") from error

    class HantenBackward(BackwardReactionModel):  # type: ignore[misc]
        """Product to reactants, in one step."""

        def _get_reactions(self, inputs: list[Any], num_results: int) -> list[Sequence[Any]]:
            return [
                [
                    SingleProductReaction(
                        reactants=Bag([Molecule(text) for text in way.reactants]),
                        product=product,
                        metadata={"probability": way.probability, "source": f"{way.kind}: {way.label}"},
                    )
                    for way in expand(product.smiles, num_results)
                ]
                for product in inputs
            ]

    class HantenForward(ForwardReactionModel):  # type: ignore[misc]
        """Reactants to products."""

        def _get_reactions(self, inputs: list[Any], num_results: int) -> list[Sequence[Any]]:
            from hanten.synthesis.forward import load_forward

            sets = [[molecule.smiles for molecule in bag] for bag in inputs]
            answers = load_forward().predict(sets, num_results)
            return [
                [
                    Reaction(
                        reactants=bag, products=Bag([Molecule(smiles)]), metadata={"probability": probability}
                    )
                    for smiles, probability in found
                ]
                for bag, found in zip(inputs, answers, strict=True)
            ]

    return {"HantenBackward": HantenBackward, "HantenForward": HantenForward}[name]


def _missing(package: str) -> MissingExtraError:
    return MissingExtraError(f"{package} is not installed", hint=f"pip install {package}")


_MADE: dict[str, Callable[[], type]] = {
    "HantenExpansion": _aizynthfinder,
    "HantenBackward": lambda: _syntheseus("HantenBackward"),
    "HantenForward": lambda: _syntheseus("HantenForward"),
}


@cache
def _made(name: str) -> type:
    return _MADE[name]()


def __getattr__(name: str) -> Any:
    if name not in _MADE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return _made(name)
