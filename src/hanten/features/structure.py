"""A structure made ready for featurizers: parsed once, seen in several ways.

A polymer is an infinite chain, so none of its features may depend on where the repeat unit was cut, and a
chain has no rings but those of its repeat unit. The usual cyclic oligomer keeps the first promise and breaks
the second: closed into a macrocycle, every backbone atom becomes a ring atom. :meth:`Structure.periodic`
closes the chain *after* ring perception, so that each atom and bond keeps the ring membership it has in the
infinite chain, and repeats the unit until nothing a featurizer looks at reaches round the circle to itself.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from rdkit import Chem, rdBase
from rdkit.Chem import rdMolDescriptors

from hanten.chem import canonical_psmiles, canonical_smiles
from hanten.errors import StructureError

if TYPE_CHECKING:
    from collections.abc import Iterable

_ATTACHMENT = Chem.MolFromSmarts("[#0]~*")
_ELEMENT: dict[int, int] = {}  # kind of atom -> atomic number
_AS_WRITTEN = Chem.SmilesParserParams()
for _setting in ("sanitize", "removeHs", "parseName", "allowCXSMILES"):
    setattr(_AS_WRITTEN, _setting, False)


@dataclass(frozen=True)
class Ends:
    """Where the unit continues: the attachment points, the atoms that bear them, the bond between units."""

    points: tuple[int, int]
    head: int
    tail: int
    bond: Any


@dataclass(frozen=True)
class Periodic:
    """Repeat units closed into a circle; rings, hydrogens, aromaticity are those of the infinite chain.

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
        Its graph as the canonical string writes it, attachment points included.
    ends : Ends or None
        The attachment points; ``None`` for a molecule.
    """

    text: str
    mol: Any
    ends: Ends | None
    _circles: dict[int, Periodic] = field(default_factory=dict, compare=False, repr=False)

    @cached_property
    def path(self) -> tuple[int, ...]:
        """Atoms on a shortest path along the backbone, the attachment points left out; none for a molecule."""
        if self.ends is None:
            return ()
        if self.ends.head == self.ends.tail:
            return (self.ends.head,)
        return tuple(Chem.GetShortestPath(self.mol, self.ends.head, self.ends.tail))

    @property
    def period(self) -> int:
        """Bonds from an atom to its image in the next repeat unit (shortest path); 0 for a molecule."""
        return len(self.path)

    @cached_property
    def kinds(self) -> tuple[int, ...]:
        """A number per atom that stands for element, neighbours, hydrogens, charge, isotope and ring membership."""
        return tuple(rdMolDescriptors.GetConnectivityInvariants(self.mol))

    @cached_property
    def elements(self) -> frozenset[int]:
        """Atomic numbers that occur; 0 stands for an attachment point."""
        return frozenset(map(self.element_of, range(len(self.kinds))))

    def element_of(self, atom: int) -> int:
        """Atomic number of an atom; that of a kind is remembered."""
        kind = self.kinds[atom]
        if kind not in _ELEMENT:
            _ELEMENT[kind] = self.mol.GetAtomWithIdx(atom).GetAtomicNum()
        return _ELEMENT[kind]

    @cached_property
    def rings(self) -> tuple[tuple[int, ...], ...]:
        """Atoms of each ring."""
        return tuple(self.mol.GetRingInfo().AtomRings())

    @property
    def is_polymer(self) -> bool:
        """Whether the structure has attachment points."""
        return self.ends is not None

    def units_for(self, circumference: int) -> int:
        """Fewest repeat units in a circle of at least ``circumference`` (and 3) bonds; 1 for a molecule."""
        return -(-max(3, circumference) // self.period) if self.period else 1

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
        bonds: list[int] = []
        if self.ends is None:
            mol, size = Chem.Mol(self.mol), self.mol.GetNumAtoms()
        else:
            mol, size, bonds = _joined(self.mol, self.ends, n_units, Chem.BondType.ZERO)
        Chem.GetSymmSSSR(mol)  # a zero-order bond is never a ring bond, so the circle itself is no ring
        for index in bonds:
            mol.GetBondWithIdx(index).SetBondType(self.ends.bond)  # type: ignore[union-attr]
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

        A canonical string states its aromatic atoms itself, so nothing is perceived again but hydrogens and
        rings: about five times quicker than RDKit's full reading.

        Raises
        ------
        StructureError
            If it cannot be parsed, a valence is impossible, or it has attachment points other than two of one
            bond each.
        """
        with rdBase.BlockLogs():
            mol = Chem.MolFromSmiles(text, _AS_WRITTEN)
            if mol is None or not mol.GetNumAtoms():
                raise StructureError(
                    f"{text!r} is not a structure RDKit can read", hint="check brackets, rings"
                )
            try:
                mol.UpdatePropertyCache()
            except ValueError as error:
                raise StructureError(f"{text!r}: {error}") from error
        Chem.FastFindRings(mol)
        return cls.of_mol(text, mol)

    @classmethod
    def of_mol(cls, text: str, mol: Any) -> Structure:
        """Take a molecule parsed from its canonical string (attachment points have atomic number 0)."""
        matches = mol.GetSubstructMatches(_ATTACHMENT)
        if len(matches) == 2:
            (first, head), (second, tail) = matches
            bond = mol.GetBondBetweenAtoms(first, head).GetBondType()
            return cls(text, mol, Ends((first, second), head, tail, bond))
        if matches or "*" in text:
            raise StructureError(
                f"{text!r} is neither a repeat unit (two attachment points) nor a molecule (none)",
                hint=f"it has {text.count('*')}",
            )
        return cls(text, mol, None)


def _joined(unit: Any, ends: Ends, n_units: int, bond: Any) -> tuple[Any, int, list[int]]:
    """Copies of ``unit`` less its attachment points, joined head to tail in a circle by ``bond``."""
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
    if not canonical:
        item = canonical_psmiles(item) if "*" in item else canonical_smiles(item)
    return Structure.read(item)
