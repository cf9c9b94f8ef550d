"""The identity of a purchasable molecule: its InChIKey, after salts are stripped and charges are balanced.

The rule, in order:

1. Atom maps are removed; attachment points are refused.
2. Of several pieces, those without carbon and the usual counter-ions and solvents (``COMPANIONS``) are dropped
   as long as another piece remains: an amine hydrochloride is the amine.
3. Charges that a proton can balance are balanced: a sodium carboxylate is the acid.
4. The standard InChIKey of what remains is the key. Standard InChI moves hydrogens between hetero atoms, so
   2-hydroxypyridine and 2-pyridone are one key; keto and enol forms are two.

Stereochemistry and isotopes are kept.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from rdkit import Chem, rdBase
from rdkit.Chem import inchi

from hanten.chem.reading import check_text, parse_smiles
from hanten.errors import StructureError

#: Counter-ions and solvents that come with a molecule, as canonical SMILES of their neutral forms.
COMPANIONS = frozenset(
    Chem.MolToSmiles(Chem.MolFromSmiles(smiles))
    for smiles in (
        *("O=CO", "CC(=O)O", "OC(=O)C(F)(F)F", "OC(=O)C(O)=O", "OC(=O)C=CC(O)=O", "OC(=O)C(O)C(O)C(O)=O"),
        *("OC(=O)CC(O)(CC(O)=O)C(O)=O", "CS(O)(=O)=O", "OS(=O)(=O)C(F)(F)F", "Cc1ccc(S(=O)(=O)O)cc1"),
        *("CO", "CCO", "CC#N", "C1CCOC1", "C1COCCO1", "CN(C)C=O", "ClC(Cl)Cl", "ClCCl", "CCN(CC)CC"),
    )
)
KEY_PATTERN = re.compile(r"[A-Z]{14}-[A-Z]{10}-[A-Z]")


@dataclass(frozen=True)
class Normal:
    """A molecule as the stock knows it.

    Attributes
    ----------
    smiles : str
        Canonical SMILES of the molecule without its companions, charged as written.
    key : str
        InChIKey of its neutral form.
    """

    smiles: str
    key: str


@lru_cache(maxsize=100_000)
def normalise(smiles: str) -> Normal:
    """The molecule without counter-ions and solvents, and the key under which it is in the stock.

    Raises
    ------
    StructureError
        If the text is no molecule, has attachment points, or InChI cannot name it.

    Examples
    --------
    >>> normalise("Cl.NCc1ccccc1").smiles
    'NCc1ccccc1'
    >>> normalise("CC(=O)[O-].[Na+]").key == normalise("CC(=O)O").key
    True
    >>> normalise("Oc1ccccn1").key == normalise("O=c1cccc[nH]1").key
    True
    """
    mol = parent_of(parse_smiles(check_text(smiles, "molecule")), smiles)
    return Normal(Chem.MolToSmiles(mol), _key(mol, smiles))


def inchikey(smiles: str) -> str:
    """InChIKey of the normalised molecule.

    Examples
    --------
    >>> inchikey("CCO")
    'LFQSCWFLJHTTHZ-UHFFFAOYSA-N'
    """
    return normalise(smiles).key


def key_hash(key: str) -> int:
    """64-bit hash of an InChIKey; among 10 million members two share one with a probability of 3 in a million."""
    return int.from_bytes(hashlib.blake2b(key.encode(), digest_size=8).digest(), "little")


def parent_of(mol: Any, shown: str) -> Any:
    """The molecule without atom maps, counter-ions and solvents."""
    for atom in mol.GetAtoms():
        if atom.GetAtomicNum() == 0:
            raise StructureError(
                f"{shown!r}: attachment points in a molecule", hint="a stock holds molecules"
            )
        atom.SetAtomMapNum(0)
    if mol.GetNumAtoms() == 0:
        raise StructureError("no molecule: the text is empty")
    pieces = Chem.GetMolFrags(mol, asMols=True)
    if len(pieces) == 1:
        return mol
    kept = {Chem.MolToSmiles(piece): piece for piece in pieces}
    for dropped in (_without_carbon, _is_companion):
        rest = {smiles: piece for smiles, piece in kept.items() if not dropped(piece)}
        kept = rest or kept
    whole = Chem.MolFromSmiles(".".join(sorted(kept)))
    return mol if whole is None else whole


def _without_carbon(mol: Any) -> bool:
    return all(atom.GetAtomicNum() != 6 for atom in mol.GetAtoms())


def _is_companion(mol: Any) -> bool:
    flat = Chem.MolToSmiles(neutral(mol), isomericSmiles=False)
    return flat in COMPANIONS


def neutral(mol: Any) -> Any:
    """The molecule with the charges balanced that a proton can balance."""
    if all(atom.GetFormalCharge() == 0 for atom in mol.GetAtoms()):
        return mol
    from rdkit.Chem.MolStandardize import rdMolStandardize

    with rdBase.BlockLogs():
        return rdMolStandardize.Uncharger().uncharge(mol)


def _key(mol: Any, shown: str) -> str:
    with rdBase.BlockLogs():
        key: str = inchi.MolToInchiKey(neutral(mol))  # type: ignore[no-untyped-call]
    if not key:
        raise StructureError(f"{shown!r}: InChI has no name for it")
    return key
