"""A stretch of chain: some repeat units in a row, for patterns that cross the ends of the written unit."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from rdkit import Chem

LEAST_ATOMS = 12


@dataclass(frozen=True)
class Chain:
    """Repeat units joined head to tail, a dummy atom at either end.

    Atom ``a`` of copy ``k`` has index ``k * size + a``; the dummies come last. ``index % size`` is therefore
    one atom of the periodic chain, and a pattern that lies anywhere in the chain, also across the place where
    the unit happens to be cut, is found with an atom in the middle copy.

    Attributes
    ----------
    mol : rdkit.Chem.Mol
        The sanitized stretch, without stereochemistry.
    size : int
        Heavy atoms in one repeat unit.
    units : int
        Copies, odd and at least three.
    path : tuple of int
        Atoms on a shortest path from end to end, the dummies left out.
    cuts : tuple of (int, int, int)
        The acyclic bonds on the path in path order: (atom before, atom after, bond index).
    """

    mol: Any
    size: int
    units: int
    path: tuple[int, ...]
    cuts: tuple[tuple[int, int, int], ...]

    @property
    def middle(self) -> range:
        """Atom indices of the middle copy."""
        start = self.units // 2 * self.size
        return range(start, start + self.size)

    @property
    def period(self) -> int:
        """Acyclic path bonds per repeat unit: ``cuts[i + period]`` is ``cuts[i]`` one unit further on."""
        return (len(self.cuts) + 1) // self.units

    @property
    def path_length(self) -> int:
        """Path atoms per repeat unit."""
        return len(self.path) // self.units

    def main_chain(self) -> frozenset[int]:
        """Atoms on the path and in the rings the path runs through."""
        path = set(self.path)
        rings = (ring for ring in self.mol.GetRingInfo().AtomRings() if len(path.intersection(ring)) > 1)
        return frozenset(path.union(*rings))


def chain_of(mol: Any) -> Chain:
    """Copies of a repeat unit in a row: odd, three (five of a one-atom path) or more, a dozen atoms or more.

    Parameters
    ----------
    mol : rdkit.Chem.Mol
        A repeat unit: exactly two dummy atoms of degree one.

    Examples
    --------
    >>> chain = chain_of(Chem.MolFromSmiles("*CC(*)c1ccccc1"))
    >>> Chem.MolToSmiles(chain.mol), chain.size, chain.period
    ('*CC(CC(CC(*)c1ccccc1)c1ccccc1)c1ccccc1', 8, 2)
    """
    size = mol.GetNumAtoms() - 2
    stars = [atom.GetIdx() for atom in mol.GetAtoms() if atom.GetAtomicNum() == 0]
    bond = mol.GetAtomWithIdx(stars[0]).GetBonds()[0].GetBondType()
    order = [a for a in range(size + 2) if a not in stars]
    head, tail = (order.index(mol.GetAtomWithIdx(s).GetNeighbors()[0].GetIdx()) for s in stars)
    units = max(5 if head == tail else 3, -(-LEAST_ATOMS // size)) | 1
    core = Chem.RWMol(Chem.RenumberAtoms(mol, order + stars))
    core.RemoveAtom(size + 1)
    core.RemoveAtom(size)
    long = Chem.RWMol(core)
    for _ in range(units - 1):
        long.InsertMol(core)
    for k in range(units - 1):
        long.AddBond(k * size + tail, (k + 1) * size + head, bond)
    for anchor in (head, (units - 1) * size + tail):
        long.AddBond(anchor, long.AddAtom(Chem.Atom(0)), bond)
    Chem.RemoveStereochemistry(long)
    Chem.SanitizeMol(long)
    path = Chem.GetShortestPath(long, units * size, units * size + 1)[1:-1]
    steps = [(a, b, long.GetBondBetweenAtoms(a, b)) for a, b in pairwise(path)]
    cuts = [(a, b, step.GetIdx()) for a, b, step in steps if not step.IsInRing()]
    return Chain(long.GetMol(), size, units, tuple(path), tuple(cuts))
