"""Fingerprints of the database's own: similarity search, substructure search and cluster folds.

For polymers both are taken on the periodic repeat unit (a ring of whole units), so that nothing depends on
where the chain is cut. Models use the richer set in :mod:`hanten.features`.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from hanten.errors import DataError, StructureError

RADIUS = 2
KINDS = ("polymer", "molecule", "composition")


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
    from rdkit import Chem

    unit = Chem.MolFromSmiles(structure)
    mol = _chain(unit, pattern.GetNumAtoms()) if kind == "polymer" else unit
    first = mol.GetSubstructMatch(pattern)
    if not first:
        return False
    ends = {atom.GetIdx() for atom in mol.GetAtoms() if atom.GetAtomicNum() == 0}
    if ends.isdisjoint(first):
        return True
    return any(
        ends.isdisjoint(match)
        for match in mol.GetSubstructMatches(pattern, uniquify=False, maxMatches=100_000)
    )


def _chain(unit: Any, n_atoms: int) -> Any:
    """Repeat units in a row, with one more at each end than a pattern of ``n_atoms`` can cover."""
    from rdkit import Chem

    left, right = (atom.GetIdx() for atom in unit.GetAtoms() if atom.GetAtomicNum() == 0)
    between = len(Chem.GetShortestPath(unit, left, right)) - 2
    n_units = -(-n_atoms // between) + 2
    size = unit.GetNumAtoms()
    chain = Chem.RWMol(unit)
    for _ in range(n_units - 1):
        chain.InsertMol(unit)
    for i in range(n_units - 1):
        end, start = i * size + right, (i + 1) * size + left
        a, b = (chain.GetAtomWithIdx(k).GetNeighbors()[0].GetIdx() for k in (end, start))
        chain.AddBond(a, b, chain.GetBondBetweenAtoms(a, end).GetBondType())
    for atom in sorted((i * size + k for i in range(n_units) for k in (left, right)), reverse=True):
        if atom not in {left, (n_units - 1) * size + right}:
            chain.RemoveAtom(atom)
    Chem.SanitizeMol(chain)
    return chain.GetMol()


def search_mol(structure: str, kind: str) -> tuple[Any, int]:
    """The molecule that searches look at, and the number of repeat units in it.

    Parameters
    ----------
    structure : str
        PSMILES or SMILES.
    kind : {"polymer", "molecule"}
        For a polymer the ring of repeat units; a molecule is itself, once.

    Returns
    -------
    mol : rdkit.Chem.Mol
    n_units : int

    Raises
    ------
    StructureError
        If the structure cannot be read.

    Examples
    --------
    >>> mol, n_units = search_mol("*CCO*", "polymer")
    >>> mol.GetNumAtoms() == 3 * n_units
    True
    """
    from hanten.chem import Molecule, cyclic_oligomer

    if kind == "polymer":
        mol, n_units = cyclic_oligomer(structure)
        return mol, int(n_units)
    if kind == "molecule":
        return Molecule(structure).mol, 1
    raise DataError(f"{kind!r} has no structure to search in", hint="polymers and molecules have one")


@cache
def _generator() -> Any:
    from rdkit.Chem import rdFingerprintGenerator

    return rdFingerprintGenerator.GetMorganGenerator(radius=RADIUS, fpSize=2048)


def fingerprint_bits(structures: Sequence[str], kind: str = "polymer") -> list[Any]:
    """Binary Morgan fingerprints (radius 2, 2048 bits), one RDKit bit vector per structure.

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
    return [_generator().GetFingerprint(_mol_of_row(text, kind, row)) for row, text in enumerate(structures)]


def _mol_of_row(text: str, kind: str, row: int) -> Any:
    try:
        return search_mol(text, kind)[0]
    except StructureError as error:
        raise StructureError(error.message, where=f"row {row}, {text!r}", hint=error.hint) from error


def unit_counts(structure: str, kind: str = "polymer") -> Any:
    """Morgan counts (radius 2) of one repeat unit, or of a molecule, as an RDKit sparse vector.

    Counts of the ring are divided by the number of units in it.

    Examples
    --------
    >>> sum(unit_counts("*CC*").GetNonzeroElements().values()) > 0
    True
    """
    from rdkit.DataStructs import UIntSparseIntVect

    mol, n_units = search_mol(structure, kind)
    counts = _generator().GetCountFingerprint(mol)
    if n_units == 1:
        return counts
    unit = UIntSparseIntVect(counts.GetLength())
    for bit, count in counts.GetNonzeroElements().items():
        unit[bit] = max(1, round(count / n_units))
    return unit
