"""A structure made ready for featurizers: parsed once, seen in several ways.

A polymer is an infinite chain, so none of its features may depend on where the repeat unit was cut, and a chain
has no rings but those of its repeat unit. The usual cyclic oligomer keeps the first promise and breaks the
second: closed into a macrocycle, every backbone atom becomes a ring atom. :meth:`Structure.periodic` closes the
chain *after* ring perception, so that each atom and bond keeps the ring membership it has in the infinite chain,
and repeats the unit until nothing a featurizer looks at reaches round the circle to itself.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from rdkit import Chem, rdBase

from hanten.errors import StructureError

if TYPE_CHECKING:
    from collections.abc import Iterable

_ATTACHMENT = Chem.MolFromSmarts("[#0]~*")


@dataclass(frozen=True)
class Ends:
    """Where the repeat unit continues: the two attachment points, the atoms that bear them, the bond between units."""

    points: tuple[int, int]
    head: int
    tail: int
    bond: Any


@dataclass(frozen=True)
class Periodic:
    """Some repeat units closed into a circle; rings, hydrogens and aromaticity are those of the infinite chain.

    Attributes
    ----------
    mol : rdkit.Chem.Mol
        Atoms ``0 .. unit_atoms - 1`` are the first repeat unit, in the order of the parsed unit without its
        attachment points; the other units follow in the same order.
    n_units : int
        Number of repeat units; one for a molecule.
    unit_atoms : int
        Heavy atoms of one unit.
    """

    mol: Any
    n_units: int
    unit_atoms: int


@dataclass(frozen=True)
class Structure:
    """A polymer or molecule, parsed once for all the featurizers of a batch.

    Parameters
    ----------
    text : str
        Canonical PSMILES (two ``*``) or SMILES (no ``*``).
    mol : rdkit.Chem.Mol
        Its graph, attachment points included.
    """

    text: str
    mol: Any
    _circles: dict[int, Periodic] = field(default_factory=dict, compare=False, repr=False)

    @cached_property
    def ends(self) -> Ends | None:
        """The attachment points; ``None`` for a molecule."""
        matches = self.mol.GetSubstructMatches(_ATTACHMENT)
        if not matches:
            return None
        (first, head), (second, tail) = matches
        return Ends((first, second), head, tail, self.mol.GetBondBetweenAtoms(first, head).GetBondType())

    @cached_property
    def period(self) -> int:
        """Bonds from one repeat unit to the same atom of the next, along the shortest path; 0 for a molecule."""
        if self.ends is None:
            return 0
        if self.ends.head == self.ends.tail:
            return 1
        return len(Chem.GetShortestPath(self.mol, self.ends.head, self.ends.tail))

    @property
    def is_polymer(self) -> bool:
        """Whether the structure has attachment points."""
        return self.ends is not None

    def units_for(self, circumference: int) -> int:
        """Fewest repeat units whose circle is at least ``circumference`` bonds round (1 for a molecule)."""
        return max(1, -(-circumference // self.period)) if self.period else 1

    def periodic(self, circumference: int) -> Periodic:
        """The chain closed into a circle of at least ``circumference`` bonds.

        Examples
        --------
        The backbone of polystyrene stays acyclic:

        >>> circle = Structure.read("*CC(*)c1ccccc1").periodic(8)
        >>> circle.n_units, circle.mol.GetNumAtoms(), circle.mol.GetRingInfo().NumRings()
        (4, 32, 4)
        """
        n_units = self.units_for(circumference)
        if n_units not in self._circles:
            self._circles[n_units] = self._close(n_units)
        return self._circles[n_units]

    def _close(self, n_units: int) -> Periodic:
        if self.ends is None:
            return Periodic(self.mol, 1, self.mol.GetNumAtoms())
        mol, size, bonds = _joined(self.mol, self.ends, n_units, Chem.BondType.ZERO)
        Chem.GetSymmSSSR(mol)  # a zero-order bond is never a ring bond, so the circle itself is no ring
        for index in bonds:
            mol.GetBondWithIdx(index).SetBondType(self.ends.bond)
        mol.UpdatePropertyCache(strict=False)
        Chem.SetConjugation(mol)
        Chem.SetHybridization(mol)
        return Periodic(mol, n_units, size)

    def circle_graph(self, circumference: int) -> tuple[Any, int, int]:
        """Like :meth:`periodic` but quick: atoms and bonds only, no rings and no hydrogens perceived.

        Returns
        -------
        (rdkit.Chem.Mol, int, int)
            The graph, its number of units, the atoms of one unit.
        """
        if self.ends is None:
            return self.mol, 1, self.mol.GetNumAtoms()
        n_units = self.units_for(circumference)
        mol, size, _ = _joined(self.mol, self.ends, n_units, self.ends.bond)
        return mol, n_units, size

    def without_ends(self, per_atom: Iterable[int]) -> list[int]:
        """Values given atom by atom of :attr:`mol`, less those of the attachment points."""
        values = list(per_atom)
        if self.ends is not None:
            for point in sorted(self.ends.points, reverse=True):
                del values[point]
        return values

    @classmethod
    def read(cls, text: str) -> Structure:
        """Parse a canonical PSMILES or SMILES; the caller vouches that it is canonical.

        Raises
        ------
        StructureError
            If the string cannot be parsed or has attachment points other than two of one bond each.
        """
        with rdBase.BlockLogs():
            mol = Chem.MolFromSmiles(text)
        if mol is None or not mol.GetNumAtoms():
            raise StructureError(f"{text!r} is not a structure RDKit can read", hint="check brackets and valences")
        return cls.of_mol(text, mol)

    @classmethod
    def of_mol(cls, text: str, mol: Any) -> Structure:
        """Take a molecule that is parsed already (attachment points as atoms of atomic number 0)."""
        n_ends = len(mol.GetSubstructMatches(_ATTACHMENT))
        if n_ends not in {0, 2} or (not n_ends and "*" in text):
            raise StructureError(
                f"{text!r} is neither a repeat unit (2 attachment points) nor a molecule (none)",
                hint=f"it has {text.count('*')}",
            )
        return cls(text, mol)


def _joined(unit: Any, ends: Ends, n_units: int, bond: Any) -> tuple[Any, int, list[int]]:
    """``n_units`` copies of ``unit`` less its attachment points, joined head to tail in a circle by ``bond``."""
    single = Chem.RWMol(unit)
    head, tail = (i - sum(p < i for p in ends.points) for i in (ends.head, ends.tail))
    if n_units == 1:
        single.AddBond(ends.tail, ends.head, bond)
    for point in sorted(ends.points, reverse=True):
        single.RemoveAtom(point)
    size = single.GetNumAtoms()
    if n_units == 1:
        return single, size, [single.GetNumBonds() - 1]
    chain = Chem.RWMol(single)
    for _ in range(n_units - 1):
        chain.InsertMol(single)
    first = chain.GetNumBonds()
    for k in range(n_units):
        chain.AddBond(k * size + tail, (k + 1) % n_units * size + head, bond)
    return chain, size, list(range(first, first + n_units))


def prepare(item: Any, *, canonical: bool = False) -> Structure:
    """Make any form of a structure ready: a string in any writing, a Polymer, a Molecule, a Structure.

    Parameters
    ----------
    item : str, Polymer, Molecule or Structure
    canonical : bool
        The string is canonical already; it is not canonicalised again.

    Raises
    ------
    StructureError
        If it is missing, not text, or neither a repeat unit nor a molecule.
    """
    if isinstance(item, Structure):
        return item
    text = getattr(item, "psmiles", None) or getattr(item, "smiles", None)
    if text is not None:
        return Structure.read(text)
    if item is None or item != item:  # noqa: PLR0124 - only NaN differs from itself
        raise StructureError("the structure is missing")
    if not isinstance(item, str):
        raise StructureError(f"{item!r} is not a structure", hint="pass a string, a Polymer or a Molecule")
    return Structure.read(item if canonical else _canonical(item))


def _canonical(text: str) -> str:
    return text.replace("[*]", "*")
