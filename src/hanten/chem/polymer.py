"""Polymers and molecules: small frozen things that are equal when they are the same substance."""

from __future__ import annotations

from dataclasses import dataclass, field

from rdkit import Chem

from hanten.chem.canonical import canonical_psmiles
from hanten.chem.reading import check_text, parse_smiles
from hanten.errors import StructureError


@dataclass(frozen=True, slots=True, order=True, init=False)
class Polymer:
    """A homopolymer, given by its repeat unit.

    Parameters
    ----------
    text : str
        PSMILES: the SMILES of a repeat unit with exactly two attachment points ``*`` (also ``[*]``,
        ``[*:1]``).

    Attributes
    ----------
    psmiles : str
        Canonical PSMILES of the primitive repeat unit: one string per polymer. It alone decides equality,
        order and hash.
    written : str
        The text as given.

    Raises
    ------
    StructureError
        If the text is not a repeat unit with exactly two attachment points.

    Examples
    --------
    >>> Polymer("*OCC*")
    Polymer('*CCO*')
    >>> Polymer("*OCC*") == Polymer("*CCOCCO*")
    True
    >>> len({Polymer("*C*"), Polymer("*CC*"), Polymer("*CCCC*")})
    1
    """

    psmiles: str
    written: str = field(compare=False)

    def __init__(self, text: str) -> None:
        object.__setattr__(self, "psmiles", canonical_psmiles(text))
        object.__setattr__(self, "written", text)

    @property
    def mol(self) -> Chem.Mol:
        """RDKit molecule of the canonical repeat unit, made anew on each call."""
        return Chem.MolFromSmiles(self.psmiles)

    def __str__(self) -> str:
        return self.psmiles

    def __repr__(self) -> str:
        return f"Polymer({self.psmiles!r})"

    def _repr_svg_(self) -> str:
        from hanten.chem.drawing import draw

        return draw([self], legends=[""])


@dataclass(frozen=True, slots=True, order=True, init=False)
class Molecule:
    """A molecule without attachment points.

    Parameters
    ----------
    text : str
        SMILES. Several fragments (a salt, a hydrate) are one molecule here.

    Attributes
    ----------
    smiles : str
        Canonical SMILES; it alone decides equality, order and hash.
    written : str
        The text as given.

    Raises
    ------
    StructureError
        If the text is not the SMILES of a molecule, or has attachment points.

    Examples
    --------
    >>> Molecule("OCC") == Molecule("CCO")
    True
    >>> Molecule("*CC*")
    Traceback (most recent call last):
    hanten.errors.StructureError: '*CC*': attachment points (atoms 0, 3) in a molecule (...
    """

    smiles: str
    written: str = field(compare=False)

    def __init__(self, text: str) -> None:
        object.__setattr__(self, "smiles", canonical_smiles(text))
        object.__setattr__(self, "written", text)

    @property
    def mol(self) -> Chem.Mol:
        """RDKit molecule of the canonical SMILES, made anew on each call."""
        return Chem.MolFromSmiles(self.smiles)

    def __str__(self) -> str:
        return self.smiles

    def __repr__(self) -> str:
        return f"Molecule({self.smiles!r})"

    def _repr_svg_(self) -> str:
        from hanten.chem.drawing import draw

        return draw([self], legends=[""])


def canonical_smiles(text: str) -> str:
    """Canonical SMILES of a molecule: RDKit's, repeated until it does not change.

    Raises
    ------
    StructureError
        If the text is not the SMILES of a molecule without attachment points.

    Examples
    --------
    >>> canonical_smiles("C1=CC=CC=C1O")
    'Oc1ccccc1'
    """
    text = check_text(text, "molecule")
    mol = parse_smiles(text)
    points = [str(atom.GetIdx()) for atom in mol.GetAtoms() if atom.GetAtomicNum() == 0]
    if points:
        raise StructureError(
            f"{text!r}: attachment points (atoms {', '.join(points)}) in a molecule",
            hint="a repeat unit is a Polymer",
        )
    for atom in mol.GetAtoms():
        atom.SetAtomMapNum(0)
    seen = [Chem.MolToSmiles(mol)]
    while (smiles := Chem.MolToSmiles(Chem.MolFromSmiles(seen[-1]))) not in seen:
        seen.append(smiles)
    return min(seen[seen.index(smiles) :])
