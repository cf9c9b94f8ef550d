"""Which product atom comes from which reactant atom, guessed without atom maps, and the product written by it.

A trained model writes products that follow their reactants (see ``alignment``). To score a *given* product one must
write it the same way, but what a user or a sampler has carries no maps. So atoms are matched here: by the largest
circular environment that two atoms share (labels refined round by round after Weisfeiler & Leman 1968), and from each
matched pair on over bonds, best agreement first. It is quick, deterministic and no more than a guess; a wrong guess
gives a legal but less probable text.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from rdkit import Chem, rdBase

from hanten.errors import StructureError
from hanten.synthesis.forward.alignment import Neighbour, Source, Target, source_order

ROUNDS = 5


@dataclass(frozen=True, slots=True)
class Profile:
    """What matching needs to know of a molecule; atoms are numbered as in its SMILES.

    Attributes
    ----------
    elements : tuple of int
        Atomic numbers.
    bonds : tuple of tuple of (int, float)
        For each atom its neighbours and bond orders.
    labels : tuple of tuple of int
        For each round, 0 to ``ROUNDS``, the label of each atom's environment.
    """

    elements: tuple[int, ...]
    bonds: tuple[tuple[tuple[int, float], ...], ...]
    labels: tuple[tuple[int, ...], ...]


@lru_cache(maxsize=50_000)
def profile(smiles: str) -> Profile:
    """The profile of a molecule; StructureError if RDKit cannot read it."""
    with rdBase.BlockLogs():
        mol = Chem.MolFromSmiles(smiles)
    if mol is None:
        raise StructureError(f"{smiles!r} is no molecule")
    return _profile(mol)


def _profile(mol: Chem.Mol) -> Profile:
    bonds: list[list[tuple[int, float]]] = [[] for _ in range(mol.GetNumAtoms())]
    for bond in mol.GetBonds():
        a, b, order = bond.GetBeginAtomIdx(), bond.GetEndAtomIdx(), bond.GetBondTypeAsDouble()
        bonds[a].append((b, order))
        bonds[b].append((a, order))
    elements = tuple(atom.GetAtomicNum() for atom in mol.GetAtoms())
    # Hashes of tuples of numbers are the same in every run, unlike those of texts.
    rounds = [tuple(2 * atom.GetAtomicNum() + atom.GetIsAromatic() for atom in mol.GetAtoms())]
    for _ in range(ROUNDS):
        last = rounds[-1]
        rounds.append(
            tuple(
                hash((last[a], *sorted((order, last[b]) for b, order in near)))
                for a, near in enumerate(bonds)
            )
        )
    return Profile(elements, tuple(map(tuple, bonds)), tuple(rounds))


def match(reactants: Sequence[Profile], product: Profile) -> list[tuple[int, int] | None]:
    """For each product atom the (reactant, atom) that it is guessed to come from, or None.

    Examples
    --------
    >>> match([profile("CC(=O)O"), profile("CCN")], profile("CCNC(C)=O"))
    [(1, 0), (1, 1), (1, 2), (0, 1), (0, 0), (0, 2)]
    """
    found: list[tuple[int, int] | None] = [None] * len(product.elements)
    taken: set[tuple[int, int]] = set()
    heap: list[tuple[int, int, int, int]] = []
    for radius in range(ROUNDS, 0, -1):
        where: dict[int, list[tuple[int, int]]] = {}
        for r, reactant in enumerate(reactants):
            for a, label in enumerate(reactant.labels[radius]):
                where.setdefault(label, []).append((r, a))
        for p, label in enumerate(product.labels[radius]):
            if found[p] is None and label in where:
                source = next((one for one in where[label] if one not in taken), None)
                if source is not None:
                    heapq.heappush(heap, (-radius, p, *source))
                    _grow(reactants, product, found, taken, heap)
    return found


def _grow(
    reactants: Sequence[Profile],
    product: Profile,
    found: list[tuple[int, int] | None],
    taken: set[tuple[int, int]],
    heap: list[tuple[int, int, int, int]],
) -> None:
    """Match from the pairs in ``heap`` on over bonds, the best agreement first."""
    while heap:
        _, p, r, a = heapq.heappop(heap)
        if found[p] is not None or (r, a) in taken:
            continue
        found[p] = (r, a)
        taken.add((r, a))
        reactant = reactants[r]
        for q, order in product.bonds[p]:
            if found[q] is None:
                for b, other in reactant.bonds[a]:
                    if (r, b) not in taken and product.elements[q] == reactant.elements[b]:
                        agreement = _agreement(product, q, reactant, b)
                        heapq.heappush(heap, (-2 * agreement - (order == other), q, r, b))


def _agreement(one: Profile, a: int, other: Profile, b: int) -> int:
    radius = 0
    while radius <= ROUNDS and one.labels[radius][a] == other.labels[radius][b]:
        radius += 1
    return radius


def aligned(reactants: Sequence[str], product: Chem.Mol, known: Profile | None = None) -> str:
    """The product written in the order of its reactants' atoms.

    Parameters
    ----------
    reactants : sequence of str
        Canonical SMILES in the order of the source text, each one molecule.
    product : Mol
        Not changed.
    known : Profile, optional
        Of the product, if it is at hand.

    Examples
    --------
    >>> aligned(["CC(=O)O", "CCN"], Chem.MolFromSmiles("CCNC(C)=O"))
    'CC(=O)NCC'
    """
    parts = [profile(text) for text in reactants]
    starts = [0]
    for part in parts:
        starts.append(starts[-1] + len(part.elements))
    found = match(parts, known or _profile(product))
    # The map number of an atom is its place in the source, counted from 1.
    places = {starts[r] + a + 1: starts[r] + a for r, a in (pair for pair in found if pair is not None)}
    neighbours = {
        m: [_neighbour(parts[r], starts[r], b, order, places) for b, order in parts[r].bonds[a]]
        for r, a in (pair for pair in found if pair is not None)
        if (m := starts[r] + a + 1)
    }
    goal = Chem.Mol(product)
    for atom, pair in zip(goal.GetAtoms(), found, strict=True):
        atom.SetAtomMapNum(0 if pair is None else starts[pair[0]] + pair[1] + 1)
    return Target(goal, Source(places, neighbours)).write()


def with_maps(reactants: str, product: str) -> tuple[str, str] | None:
    """A reaction with guessed atom maps; any that it carries are dropped.

    Parameters
    ----------
    reactants, product : str
        SMILES; molecules joined by ``.``.

    Returns
    -------
    (str, str) or None
        SMILES with atom maps, the reactants in the order of a source text; None if RDKit cannot read a side, or if a
        molecule gives no atom to the product: neither matched nor of an element that is left unmatched.

    Examples
    --------
    >>> with_maps("CCN.CC(=O)O", "CCNC(C)=O")
    ('[CH3:1][C:2](=[O:3])[OH:4].[CH3:5][CH2:6][NH2:7]', '[CH3:1][C:2](=[O:3])[NH:7][CH2:6][CH3:5]')
    >>> with_maps("CC(=O)O.[Na+]", "CC(=O)OC") is None
    True
    """
    with rdBase.BlockLogs():
        return _with_maps([_plain(text) for text in reactants.split(".")], _plain(product))


def _with_maps(texts: Sequence[str | None], goal: str | None) -> tuple[str, str] | None:
    if goal is None or any(text is None for text in texts):
        return None
    source = sorted((text for text in texts if text is not None), key=source_order)
    parts, whole = [profile(text) for text in source], profile(goal)
    found = match(parts, whole)
    if not _explained(parts, whole, found):
        return None
    mols = [Chem.MolFromSmiles(text) for text in (*source, goal)]
    number = 0
    for mol in mols[:-1]:
        for atom in mol.GetAtoms():
            number += 1
            atom.SetAtomMapNum(number)
    for atom, pair in zip(mols[-1].GetAtoms(), found, strict=True):
        if pair is not None:
            atom.SetAtomMapNum(mols[pair[0]].GetAtomWithIdx(pair[1]).GetAtomMapNum())
    written = [Chem.MolToSmiles(mol) for mol in mols]
    return ".".join(written[:-1]), written[-1]


@lru_cache(maxsize=50_000)
def all_needed(reactants: tuple[str, ...], product: str) -> bool:
    """Whether each reactant gives an atom to the product, as far as matching can tell; canonical SMILES.

    >>> all_needed(("CC(=O)O", "CCN"), "CCNC(C)=O"), all_needed(("CC(=O)O", "CCN", "Cc1ccccc1"), "CCNC(C)=O")
    (True, False)
    """
    parts, whole = [profile(text) for text in reactants], profile(product)
    return _explained(parts, whole, match(parts, whole))


def all_given(reactants: tuple[str, ...], product: str) -> bool:
    """Whether the reactants hold as many atoms of each element as the product, hydrogen aside; canonical SMILES.

    A reaction of the data for which it does not hold is a wrong record, such as a counter-ion given as product.

    >>> all_given(("CC(=O)O", "CCN"), "CCNC(C)=O"), all_given(("Brc1ccccc1",), "C=Cc1ccccc1")
    (True, False)
    """
    held = Counter(element for text in reactants for element in profile(text).elements)
    wanted = Counter(element for element in profile(product).elements if element > 1)
    return wanted <= held


def _explained(
    reactants: Sequence[Profile], product: Profile, found: Sequence[tuple[int, int] | None]
) -> bool:
    """Whether each reactant is matched, or has an element that is still to be explained (bromine of N-bromosuccinimide)."""
    givers = {pair[0] for pair in found if pair is not None}
    open_ = {element for element, pair in zip(product.elements, found, strict=True) if pair is None}
    return all(r in givers or not open_.isdisjoint(one.elements) for r, one in enumerate(reactants))


def _plain(smiles: str) -> str | None:
    """Canonical SMILES without atom maps; None if RDKit cannot read it."""
    mol = Chem.MolFromSmiles(smiles)
    if mol is None:
        return None
    for atom in mol.GetAtoms():
        atom.SetAtomMapNum(0)
    # Once more through the text: the order of atoms is then that of the canonical SMILES.
    return str(Chem.MolToSmiles(Chem.MolFromSmiles(Chem.MolToSmiles(mol))))


def _neighbour(part: Profile, start: int, atom: int, order: float, places: dict[int, int]) -> Neighbour:
    place = start + atom
    return Neighbour(place, place + 1 if place + 1 in places else 0, part.elements[atom], order)
