"""From a repeat unit to what can be bought: monomer sets, each monomer bought or made, one tree for the polymer."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice, product
from typing import Any

from rdkit import Chem

from hanten.chem import Polymer
from hanten.chem.chain import chain_of
from hanten.errors import StructureError
from hanten.synthesis.documented import Expand, value, ways
from hanten.synthesis.polymerisation_backward import MonomerSet, backward, sets_of_chain
from hanten.synthesis.polymerisation_forward import forward
from hanten.synthesis.polymerisation_rules import load_rules
from hanten.synthesis.practice import grade, load_practice, parent_polymers, unstable
from hanten.synthesis.routes import MolNode, Route, Step, rank
from hanten.synthesis.stock.stock import Stock

MOST_SETS = 24
MOST_COMBINATIONS = 64
REFERENCE = "hanten's polymerisation rules, docs/polymerisation.md"


@dataclass(frozen=True)
class RankedSet:
    """A monomer set and how good it is as a way to the polymer.

    Attributes
    ----------
    monomers : MonomerSet
    practice : float
        How usual the way is: natural log, 0 for the textbook's.
    routes : tuple of MolNode
        The best way to have each monomer.
    """

    monomers: MonomerSet
    practice: float
    routes: tuple[MolNode, ...]

    @property
    def score(self) -> float:
        """Practice, and what having the monomers takes."""
        return self.practice + sum(value(node) for node in self.routes)


def monomer_sets(polymer: Polymer | str) -> list[MonomerSet]:
    """Monomer sets that polymerise to exactly this repeat unit, checked forwards, the most usual first.

    Where no two monomers make one repeat unit, the doubled unit is cut as well: bisphenol S and its dichloride leave
    the unit of poly(ether sulfone) twice. Sets with a molecule that is no monomer
    (vinyl alcohol) are left out.

    Raises
    ------
    StructureError
        If the text is no repeat unit.

    Examples
    --------
    >>> print(monomer_sets("*C(=O)c1ccc(cc1)C(=O)Nc1ccc(cc1)N*")[0])
    diamine + diacid chloride: O=C(Cl)c1ccc(C(=O)Cl)cc1 + Nc1ccc(N)cc1
    """
    polymer = polymer if isinstance(polymer, Polymer) else Polymer(polymer)
    found = backward(polymer)
    if not any(_two_monomers(s) for s in found):
        found += _from_two_units(polymer)
    good = [s for s in found if not any(map(unstable, s.monomers)) and polymerises(s, polymer)]
    return sorted(good, key=lambda s: (-_practice(s), -sum(s.known) / len(s.known)))


def _from_two_units(polymer: Polymer) -> list[MonomerSet]:
    """Sets of two different monomers that leave the repeat unit twice."""
    mol = polymer.mol
    if mol.GetNumAtoms() > 60:
        return []
    doubled = two_units(mol)
    return [s for s in sets_of_chain(chain_of(doubled)) if _two_monomers(s)]


def _two_monomers(monomers: MonomerSet) -> bool:
    """Whether two monomers of our choice alternate, no reagent among them."""
    reagents = load_rules().reagents.values()
    return len(monomers.monomers) == 2 and not set(monomers.monomers) & set(reagents)


def two_units(mol: Any) -> Any:
    """A repeat unit twice, head to tail.

    Examples
    --------
    >>> Chem.MolToSmiles(two_units(Chem.MolFromSmiles("*CCO*")))
    '*CCOCCO*'
    """
    both = Chem.RWMol(Chem.CombineMols(mol, mol))
    size = mol.GetNumAtoms()
    first, second = (a.GetIdx() for a in mol.GetAtoms() if a.GetAtomicNum() == 0)
    ends = both.GetAtomWithIdx(second), both.GetAtomWithIdx(size + first)
    kind = ends[0].GetBonds()[0].GetBondType()
    anchors = [end.GetNeighbors()[0].GetIdx() for end in ends]
    both.AddBond(anchors[0], anchors[1], kind)
    for index in sorted((second, size + first), reverse=True):
        both.RemoveAtom(index)
    Chem.SanitizeMol(both)
    return both.GetMol()


def polymerises(monomers: MonomerSet, polymer: Polymer) -> bool:
    """Whether the rules, run forwards on the monomers, give exactly this polymer, stereochemistry aside."""
    flat = _flat(polymer.psmiles)
    try:
        return any(_flat(made.psmiles) == flat for made, _ in forward(monomers.monomers))
    except StructureError:
        return False


def _flat(psmiles: str) -> str:
    if not set("@/\\") & set(psmiles):
        return psmiles
    mol = Chem.MolFromSmiles(psmiles)
    Chem.RemoveStereochemistry(mol)
    return Polymer(Chem.MolToSmiles(mol)).psmiles


def _practice(monomers: MonomerSet) -> float:
    return grade(monomers.rule, monomers.monomers)


def ranked_sets(
    polymer: Polymer,
    stock: Stock,
    *,
    steps: int = 2,
    deadline: float | None = None,
    expand: Expand | None = None,
) -> list[RankedSet]:
    """Monomer sets with the best way to have each monomer, best first."""
    ranked = []
    for monomers in monomer_sets(polymer)[:MOST_SETS]:
        best = tuple(
            ways(m, stock, steps, most=1, deadline=deadline, expand=expand)[0] for m in monomers.monomers
        )
        ranked.append(RankedSet(monomers, graded(monomers), best))
    return sorted(ranked, key=lambda one: -one.score)


def graded(monomers: MonomerSet) -> float:
    """Practice, less for each monomer that is in no list of monomers."""
    return _practice(monomers) + load_practice().unknown_monomer * monomers.known.count(False)


def polymer_routes(
    polymer: Polymer | str,
    stock: Stock,
    *,
    steps: int = 2,
    n: int = 50,
    deadline: float | None = None,
    expand: Expand | None = None,
) -> list[Route]:
    """Routes to a polymer: each polymerises a monomer set, and buys or makes each monomer.

    Parameters
    ----------
    polymer : Polymer or str
        A string is read as PSMILES.
    stock : Stock
    steps : int
        Most reactions on the way to a monomer; the polymerisation is not counted.
    n : int
        Most routes.
    deadline : float, optional
        ``time.monotonic()`` after which nothing new is begun.
    expand : callable, optional
        Last steps to a molecule by a learned model.

    Returns
    -------
    list of Route
        Solved ones first, then by score. Empty if no rule makes the polymer.

    Raises
    ------
    StructureError
        If the text is no repeat unit.

    Examples
    --------
    >>> from hanten.synthesis.stock import build_stock
    >>> shelf = build_stock(["OCCO", "Cc1ccc(C)cc1"], name="shelf").stock
    >>> route = polymer_routes("*OCCOC(=O)c1ccc(cc1)C(*)=O", shelf)[0]
    >>> route.solved, [step.label for step in route.reactions]
    (True, ['diol + diacid', 'oxidation of methylarenes to aromatic acids'])
    """
    polymer = polymer if isinstance(polymer, Polymer) else Polymer(polymer)
    routes: list[Route] = []
    for one in ranked_sets(polymer, stock, steps=steps, deadline=deadline, expand=expand):
        options = [ways(m, stock, steps, deadline=deadline, expand=expand) for m in one.monomers.monomers]
        routes += [_route(polymer, one, chosen) for chosen in islice(product(*options), MOST_COMBINATIONS)]
    if not routes:
        for modification, parent in parent_polymers(polymer):
            below = polymer_routes(parent, stock, steps=steps, n=n, deadline=deadline, expand=expand)
            step = Step((), "polymerisation", modification.name, conditions=modification.conditions)
            routes += [
                Route(MolNode(polymer.psmiles, step=replace(step, reactants=(r.root,))), "polymer")
                for r in below
            ]
    return rank(routes)[:n]


def _route(polymer: Polymer, one: RankedSet, chosen: Sequence[MolNode]) -> Route:
    monomers = one.monomers
    step = Step(
        tuple(chosen),
        "polymerisation",
        monomers.rule,
        one.practice,
        conditions=monomers.reagent,
        reference=REFERENCE,
    )
    return Route(MolNode(polymer.psmiles, step=step), "polymer")


def unmet(polymer: Polymer) -> str:
    """Why there is no route at all to a polymer."""
    if backward(polymer):
        return "the monomers that the rules find do not exist as such (enols and the like)"
    return "no polymerisation rule makes this repeat unit"


def time_left(deadline: float | None) -> bool:
    """Whether there is time to begin something new."""
    return deadline is None or time.monotonic() < deadline
