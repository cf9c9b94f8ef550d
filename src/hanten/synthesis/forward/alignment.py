"""Aligned pairs: the target SMILES is written in the order of the source SMILES, so that it is mostly copying.

Canonical SMILES of reactants and product begin at unrelated atoms and run in unrelated directions. Rooting both
at the same atom brings them close (Zhong et al. 2022, doi:10.1039/D2SC02763A); here the whole *order* of the
target follows the source, so that a reaction that changes two atoms changes a few tokens:

1. every target atom that comes from a source atom takes that atom's place in the source text;
2. a part that a new bond attaches goes where the group it replaces stood, else directly behind its neighbour;
3. RDKit writes the target by this order.

Alignment uses atom maps and is needed for training pairs alone: a model trained on them writes targets that
follow whatever source it is given.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from rdkit import Chem, rdBase

Place = tuple[int, ...]
_LAST = 1_000_000  # behind every source atom


def follow(source: str, target: str, rng: np.random.Generator | None = None) -> tuple[str, str] | None:
    """A source text, and the target written in its order.

    Parameters
    ----------
    source, target : str
        SMILES with atom maps; maps that occur on both sides are the same atom.
    rng : Generator, optional
        Write each source molecule from a random atom; without it, canonically.

    Returns
    -------
    (str, str) or None
        SMILES without maps: the source molecules by :func:`source_order`, and the target; None if RDKit cannot
        read a side.

    Examples
    --------
    >>> follow("[CH3:1][C:2](=[O:3])O.[NH2:4][CH2:5]C", "[CH2:5](C)[NH:4][C:2](=[O:3])[CH3:1]")
    ('CC(=O)O.CCN', 'CC(=O)NCC')
    >>> follow(
    ...     "Br[c:1]1[cH:2][cH:3][cH:4][cH:5][c:6]1[CH3:7].O[CH3:8]",
    ...     "[c:1]1([CH3:8])[cH:2][cH:3][cH:4][cH:5][c:6]1[CH3:7]",
    ... )
    ('Cc1ccccc1Br.CO', 'Cc1ccccc1C')
    """
    with rdBase.BlockLogs():
        mols = [Chem.MolFromSmiles(part) for part in source.split(".")]
        goal = Chem.MolFromSmiles(target)
    if goal is None or any(m is None for m in mols):
        return None
    written = [_write(mol, rng) for mol in mols]
    written.sort(key=lambda item: source_order(item[0]))
    known, start = Source(), 0
    for _, mol, maps in written:
        known.add(mol, maps, start)
        start += mol.GetNumAtoms()
    return ".".join(text for text, _, _ in written), Target(goal, known).write()


def source_order(smiles: str) -> tuple[int, str]:
    """Sort key of the molecules of a source: the longest text first; ties by text."""
    return -len(smiles), smiles


def in_source_order(smiles: Sequence[str]) -> str:
    """Join molecules into one source text, the longest first.

    >>> in_source_order(["CCO", "CC(=O)O"])
    'CC(=O)O.CCO'
    """
    return ".".join(sorted(smiles, key=source_order))


def _write(mol: Chem.Mol, rng: np.random.Generator | None) -> tuple[str, Chem.Mol, list[int]]:
    """Text without maps, the molecule (it knows the order of output), and the maps by atom."""
    maps = [atom.GetAtomMapNum() for atom in mol.GetAtoms()]
    for atom in mol.GetAtoms():
        atom.SetAtomMapNum(0)
    root = -1 if rng is None else int(rng.integers(mol.GetNumAtoms()))
    return Chem.MolToSmiles(mol, rootedAtAtom=root), mol, maps


@dataclass(frozen=True, slots=True)
class Neighbour:
    """What a mapped source atom is bonded to."""

    place: int
    map: int
    element: int
    order: float


@dataclass(frozen=True, slots=True)
class Source:
    """Places and neighbours of the mapped source atoms, by map number."""

    places: dict[int, int] = field(default_factory=dict)
    neighbours: dict[int, list[Neighbour]] = field(default_factory=dict)

    def add(self, mol: Chem.Mol, maps: list[int], start: int) -> None:
        """Take in a molecule that was just written; its first place is ``start``."""
        written = mol.GetPropsAsDict(includePrivate=True, includeComputed=True)["_smilesAtomOutputOrder"]
        place = {idx: start + k for k, idx in enumerate(written)}
        self.places.update((maps[a], place[a]) for a in place if maps[a])
        for bond in mol.GetBonds():
            a, b = bond.GetBeginAtom(), bond.GetEndAtom()
            for one, other in ((a, b), (b, a)):
                i, j = one.GetIdx(), other.GetIdx()
                if maps[i]:
                    found = Neighbour(place[j], maps[j], other.GetAtomicNum(), bond.GetBondTypeAsDouble())
                    self.neighbours.setdefault(maps[i], []).append(found)

    def bonded(self, a: int, b: int) -> bool:
        """Whether two map numbers are neighbours in the source."""
        return any(n.map == b for n in self.neighbours.get(a, ()))


class Target:
    """The target's atoms, to be given places: (place,), or (place of the junction, ..., place)."""

    def __init__(self, mol: Chem.Mol, source: Source) -> None:
        self.mol, self.source = mol, source
        self.maps = [atom.GetAtomMapNum() for atom in mol.GetAtoms()]
        self.own = [source.places.get(m, _LAST) if m else _LAST for m in self.maps]
        self.kept: dict[int, list[int]] = {a: [] for a in range(len(self.maps))}
        self.new: dict[int, list[int]] = {a: [] for a in range(len(self.maps))}
        self.found: dict[int, Place] = {}
        for bond in mol.GetBonds():
            a, b = bond.GetBeginAtomIdx(), bond.GetEndAtomIdx()
            bonds = self.kept if self._in_source(a, b) else self.new
            bonds[a].append(b)
            bonds[b].append(a)
        self._swap_twins()

    def write(self) -> str:
        """SMILES of the target by the places of its atoms."""
        for first in sorted(self.kept, key=self.own.__getitem__):
            if first not in self.found:
                self._grow(first)
        for atom in self.mol.GetAtoms():
            atom.SetAtomMapNum(0)
        moved = Chem.RenumberAtoms(self.mol, sorted(self.kept, key=self.found.__getitem__))
        fragments = Chem.GetMolFrags(moved, asMols=True, sanitizeFrags=False)
        return ".".join(Chem.MolToSmiles(mol, canonical=False, rootedAtAtom=0) for mol in fragments)

    def _in_source(self, a: int, b: int) -> bool:
        if self.own[a] == _LAST or self.own[b] == _LAST:
            return self.own[a] == self.own[b]
        return self.source.bonded(self.maps[a], self.maps[b])

    def _lost(self, atom: int) -> list[Neighbour]:
        present = {self.own[other] for other in (*self.kept[atom], *self.new[atom])}
        return [n for n in self.source.neighbours.get(self.maps[atom], ()) if n.place not in present]

    def _swap_twins(self) -> None:
        """Of OH and =O of an acid, which one is lost is a convention of the mapping: keep the bond order."""
        for bond in self.mol.GetBonds():
            if bond.GetBondTypeAsDouble() != 2:
                continue
            for centre, end in (
                (bond.GetBeginAtom(), bond.GetEndAtom()),
                (bond.GetEndAtom(), bond.GetBeginAtom()),
            ):
                if end.GetDegree() == 1:
                    order = {
                        n.place: n.order for n in self.source.neighbours.get(self.maps[centre.GetIdx()], ())
                    }
                    twins = [
                        n
                        for n in self._lost(centre.GetIdx())
                        if (n.element, n.order) == (end.GetAtomicNum(), 2)
                    ]
                    if twins and order.get(self.own[end.GetIdx()]) == 1:
                        self.own[end.GetIdx()] = twins[0].place

    def _grow(self, first: int) -> None:
        """Place the part that holds ``first``, then every part that a new bond hangs on it."""
        stack: list[tuple[int, Place]] = [(first, ())]
        while stack:
            start, prefix = stack.pop()
            if start in self.found:
                continue
            part = self._part(start)
            self.found.update((atom, (*prefix, self.own[atom])) for atom in part)
            for atom in part:
                behind = [n.place for n in self._lost(atom) if n.place > self.own[atom]]
                at = (*prefix, min(behind)) if behind else self.found[atom]
                stack.extend((other, at) for other in self.new[atom])

    def _part(self, start: int) -> list[int]:
        """The atoms reached from ``start`` over bonds that the source has as well."""
        part, ends, seen = [start], [start], {start}
        while ends:
            for other in self.kept[ends.pop()]:
                if other not in seen:
                    seen.add(other)
                    part.append(other)
                    ends.append(other)
        return part
