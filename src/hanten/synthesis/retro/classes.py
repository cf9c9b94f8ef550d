"""The class of a reaction, by the core that its sides have in common with known reactions."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from rdkit import Chem, rdBase

from hanten.errors import StructureError
from hanten.synthesis.forward.mapping import match, profile
from hanten.synthesis.retro.library import CLASSES, Templates
from hanten.synthesis.retro.transform import Mapped, core

UNKNOWN = "unprecedented"


@dataclass(frozen=True)
class ReactionClass:
    """What kind of reaction a step is.

    Attributes
    ----------
    label : str
        One of ``CLASSES``, or ``unprecedented`` where no training reaction has its core.
    probability : float
        Of the class given the core; 0 where unprecedented.
    precedents : int
        Training reactions with the same core (radius 1, else 0).
    chance : float
        Share of training products with such a site that were made this way.
    radius : int or None
        Of the core that was found.
    """

    label: str
    probability: float
    precedents: int
    chance: float
    radius: int | None


@dataclass(eq=False)
class Classifier:
    """Looks up the core of a reaction among templates; atoms are matched by ``forward.mapping``."""

    templates: Templates
    _known: dict[tuple[str, tuple[str, ...]], ReactionClass] = field(default_factory=dict)

    def __call__(self, product: str, reactants: tuple[str, ...]) -> ReactionClass:
        """The class of a step.

        Examples
        --------
        >>> from hanten.synthesis.retro.library import load_templates
        >>> Classifier(load_templates())("CCNC(=O)c1ccccc1", ("CCN", "O=C(O)c1ccccc1")).label
        'acylation'
        """
        key = (product, reactants)
        if key not in self._known:
            self._known[key] = self._find(product, reactants)
        return self._known[key]

    def _find(self, product: str, reactants: tuple[str, ...]) -> ReactionClass:
        reaction = mapped(product, reactants)
        for radius in (1, 0):
            try:
                found = core(reaction, radius) if reaction else None
            except RuntimeError:  # a guess so wrong that RDKit cannot order its core: no precedent
                found = None
            template = self.templates.by_text.get((radius, found.to_text())) if found else None
            if template is not None:
                best = int(np.argmax(template.classes))
                return ReactionClass(
                    CLASSES[best], template.classes[best], template.count, template.chance, radius
                )
        return ReactionClass(UNKNOWN, 0.0, 0, 0.0, None)


def mapped(product: str, reactants: tuple[str, ...]) -> Mapped | None:
    """A step with its atoms matched by guess; reactants that give no atom are left out."""
    parts = [part for one in reactants for part in one.split(".")]
    parts.sort(key=lambda text: (-len(text), text))
    try:
        found = match([profile(part) for part in parts], profile(product))
    except StructureError:
        return None
    used = sorted({pair[0] for pair in found if pair is not None})
    if not used:
        return None
    starts, total = {}, 0
    for r in used:
        starts[r] = total
        total += len(profile(parts[r]).elements)
    with rdBase.BlockLogs():
        left, right = Chem.MolFromSmiles(".".join(parts[r] for r in used)), Chem.MolFromSmiles(product)
    return Mapped(right, left, [None if pair is None else starts[pair[0]] + pair[1] for pair in found])


def disconnection(product: str, reactants: tuple[str, ...]) -> tuple[tuple[int, ...], ...]:
    """Where a step breaks its product: bonds between parts of different reactants, by symmetry class of their atoms.

    For a step within one reactant, the atoms that change. Equal for equivalent places, whatever groups leave.

    Examples
    --------
    >>> bromide = disconnection("c1ccc(-c2ccncc2)cc1", ("Brc1ccncc1", "OB(O)c1ccccc1"))
    >>> bromide == disconnection("c1ccc(-c2ccncc2)cc1", ("Brc1ccccc1", "OB(O)c1ccncc1"))
    True
    """
    parts = sorted(
        (part for one in reactants for part in one.split(".")), key=lambda text: (-len(text), text)
    )
    whole = profile(product)
    found = match([profile(part) for part in parts], whole)
    ranks = list(Chem.CanonicalRankAtoms(Chem.MolFromSmiles(product), breakTies=False))
    places = {
        tuple(sorted((ranks[a], ranks[b])))
        for a, near in enumerate(whole.bonds)
        for b, _ in near
        if a < b and _origin(found[a]) != _origin(found[b])
    }
    if not places:
        reaction = mapped(product, reactants)
        if reaction is not None:
            from hanten.synthesis.retro.transform import changed_atoms

            places = {(ranks[a],) for a in changed_atoms(reaction)}
    return tuple(sorted(places))


def _origin(pair: tuple[int, int] | None) -> int:
    return -1 if pair is None else pair[0]
