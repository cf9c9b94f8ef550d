"""Fingerprints of the database's own: similarity search, substructure search and cluster folds.

A polymer is looked at as a repeat unit between as many neighbours as matter, so that nothing depends on where
the chain is cut and no ring appears that the chain does not have. Models use the richer set in
:mod:`hanten.features`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from hanten.data.records import canonical_string
from hanten.errors import StructureError

RADIUS = 2
_LOOKS_FURTHER = 12  # atoms that a recursive SMARTS may look beyond those it matches


def contains(structure: str, kind: str, pattern: Any) -> bool:
    """Whether a material contains a substructure; in a polymer it may reach over several repeat units.

    A polymer is looked at as a piece of chain that is longer than the pattern, so that no ring is found that
    the chain does not have; its open ends match nothing.

    Parameters
    ----------
    structure : str
        Canonical PSMILES or SMILES.
    kind : {"polymer", "molecule"}
        What it is.
    pattern : rdkit.Chem.Mol
        Made from SMARTS.

    Examples
    --------
    >>> from rdkit import Chem
    >>> contains("*CCO*", "polymer", Chem.MolFromSmarts("COCCOC"))
    True
    >>> contains("*CCO*", "polymer", Chem.MolFromSmarts("[R]"))
    False
    """
    unit = _mol(structure)
    if _matches_inside(unit, pattern):
        return True
    if kind != "polymer":
        return False
    n_atoms = pattern.GetNumAtoms() + _LOOKS_FURTHER * ("$(" in _smarts(pattern))
    return _matches_inside(_chain(unit, lambda between: max(n_atoms - 2, 0) // between + 2), pattern)


def _matches_inside(mol: Any, pattern: Any) -> bool:
    """Whether ``pattern`` is found without using an attachment point as one of its atoms."""
    first = mol.GetSubstructMatch(pattern)
    if not first:
        return False
    ends = {atom.GetIdx() for atom in mol.GetAtoms() if atom.GetAtomicNum() == 0}
    if ends.isdisjoint(first):
        return True
    matches = mol.GetSubstructMatches(pattern, uniquify=False, maxMatches=100_000)
    return any(ends.isdisjoint(match) for match in matches)


def _smarts(pattern: Any) -> str:
    from rdkit import Chem

    return str(Chem.MolToSmarts(pattern))


def _mol(structure: str) -> Any:
    """A canonical string as a molecule, its aromaticity taken from the string."""
    from rdkit import Chem, rdBase

    with rdBase.BlockLogs():
        mol = Chem.MolFromSmiles(structure, sanitize=False)
    if mol is None:
        raise StructureError(f"{structure!r} cannot be read", hint="give a canonical string")
    mol.UpdatePropertyCache(strict=False)
    Chem.GetSSSR(mol)
    return mol


def _chain(unit: Any, how_many: Callable[[int], int]) -> Any:
    """Repeat units in a row, ends open; how many depends on the number of atoms between attachment points."""
    from rdkit import Chem

    left, right = (atom.GetIdx() for atom in unit.GetAtoms() if atom.GetAtomicNum() == 0)
    n_units = how_many(len(Chem.GetShortestPath(unit, left, right)) - 2)
    first, last = (unit.GetAtomWithIdx(star).GetNeighbors()[0].GetIdx() for star in (left, right))
    bond = unit.GetBondBetweenAtoms(last, right).GetBondType()
    size = unit.GetNumAtoms()
    chain = Chem.RWMol(unit)
    for _ in range(n_units - 1):
        chain.InsertMol(unit)
    chain.BeginBatchEdit()
    for shift in range(0, (n_units - 1) * size, size):
        chain.AddBond(shift + last, shift + size + first, bond)
        chain.RemoveAtom(shift + right)
        chain.RemoveAtom(shift + size + left)
    chain.CommitBatchEdit()
    chain.UpdatePropertyCache(strict=False)
    Chem.GetSSSR(chain)
    return chain


@cache
def _generator() -> Any:
    from rdkit.Chem import rdFingerprintGenerator

    return rdFingerprintGenerator.GetMorganGenerator(radius=RADIUS, fpSize=2048)


def fingerprint_bits(structures: Sequence[str], kind: str = "polymer") -> list[Any]:
    """Binary Morgan fingerprints (radius 2, 2048 bits), one RDKit bit vector per structure.

    Parameters
    ----------
    structures : sequence of str
        PSMILES or SMILES, in any writing.
    kind : {"polymer", "molecule"}
        How to read them.

    Raises
    ------
    StructureError
        Naming the first structure that cannot be read and its row.

    Examples
    --------
    >>> a, b = fingerprint_bits(["*CCO*", "*COC*"])
    >>> a == b
    True
    """
    return [
        _fingerprint(_canonical_of_row(text, kind, row), kind, bits=True)
        for row, text in enumerate(structures)
    ]


def _canonical_of_row(text: str, kind: str, row: int) -> str:
    try:
        return canonical_string(text, kind)
    except StructureError as error:
        raise StructureError(error.message, where=f"row {row}", hint=error.hint) from error


def unit_counts(canonical: str, kind: str = "polymer") -> Any:
    """Morgan counts (radius 2, 2048 bits) of one repeat unit of the endless chain, or of a molecule.

    Examples
    --------
    >>> sum(unit_counts("*C*").GetNonzeroElements().values())  # one atom: radius 0, 1 and 2
    3
    """
    return _fingerprint(canonical, kind, bits=False)


def _fingerprint(canonical: str, kind: str, *, bits: bool) -> Any:
    """Fingerprint of a repeat unit between as many neighbours as its outermost environments reach."""
    mol = _mol(canonical)
    make = _generator().GetFingerprint if bits else _generator().GetCountFingerprint
    if kind != "polymer":
        return make(mol)
    n_atoms = mol.GetNumAtoms() - 2
    sides = []

    def how_many(between: int) -> int:
        sides.append(-(-RADIUS // between))
        return 2 * sides[0] + 1

    chain = _chain(mol, how_many)
    start = 1 + sides[0] * n_atoms  # behind the open end on the left and the units before this one
    return make(chain, fromAtoms=list(range(start, start + n_atoms)))
