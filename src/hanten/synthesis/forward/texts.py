"""A reactant set as text: canonical SMILES, its other spellings, and the numbers of its tokens or why a model cannot read it."""

from __future__ import annotations

from functools import lru_cache
from typing import TypeAlias

from rdkit import Chem, rdBase

from hanten.chem.reaction import tokenize
from hanten.errors import StructureError
from hanten.synthesis.forward.alignment import source_order
from hanten.synthesis.forward.vocabulary import Vocabulary

#: SMILES of the molecules of a reactant set, in the order of the text.
Source: TypeAlias = tuple[str, ...]


@lru_cache(maxsize=200_000)
def canonical(smiles: str) -> str:
    """Canonical SMILES of a molecule, or of several joined by ``.``.

    Raises
    ------
    StructureError
        If RDKit cannot read it, or it has attachment points.

    Examples
    --------
    >>> canonical("OCC.C(=O)(O)C")
    'CC(=O)O.CCO'
    """
    text = smiles.strip() if isinstance(smiles, str) else smiles
    if not isinstance(text, str) or not text:
        raise StructureError(f"{smiles!r} is no molecule", hint="give SMILES such as CCO")
    with rdBase.BlockLogs():
        mol = Chem.MolFromSmiles(text)
    if mol is None:
        tokenize(text)  # names a character that is no part of a SMILES
        raise StructureError(f"{text!r} cannot be read as a molecule")
    if mol.HasSubstructMatch(_ANY):
        raise StructureError(f"{text!r} has attachment points (*); this model reads whole molecules")
    for atom in mol.GetAtoms():
        atom.SetAtomMapNum(0)
    return str(Chem.MolToSmiles(mol))


_ANY = Chem.MolFromSmarts("[#0]")


@lru_cache(maxsize=20_000)
def begun_elsewhere(source: Source, k: int, of: int) -> Source:
    """The ``k``-th of some texts of a reactant set: each molecule from the atom so far along it.

    >>> begun_elsewhere(("CC(=O)O", "CCN"), 2, 3)
    ('O=C(C)O', 'NCC')
    """
    mols = [Chem.MolFromSmiles(text) for text in source]
    texts = [Chem.MolToSmiles(mol, rootedAtAtom=k * mol.GetNumAtoms() // of) for mol in mols]
    return tuple(sorted(texts, key=source_order))


@lru_cache(maxsize=100_000)
def _tokens(text: str) -> tuple[str, ...]:
    return tuple(tokenize(text))


def token_numbers(vocabulary: Vocabulary, longest: int, text: str) -> list[int]:
    """Token numbers of a text.

    Raises
    ------
    StructureError
        If it has more than ``longest`` tokens, or one that is not known: the first, and its place.
    """
    tokens = _tokens(text)
    if len(tokens) > longest:
        raise StructureError(
            f"{_short(text)}: {len(tokens)} tokens, and the model reads at most {longest}",
            hint="leave out what does not react",
        )
    try:
        return [vocabulary.numbers[token] for token in tokens]
    except KeyError as error:
        token = error.args[0]
        place = sum(map(len, tokens[: tokens.index(token)])) + 1
        raise StructureError(
            f"{text!r}: the model never saw the token {token!r} (character {place})",
            hint="it cannot be guessed; the model was trained on patent reactions of common elements",
        ) from error


def _short(text: str, most: int = 60) -> str:
    return repr(text if len(text) <= most else text[:most] + "...")


def token_count(source: Source) -> int:
    """Tokens of a reactant set, begin and end counted.

    >>> token_count(("CC(=O)O", "CCN"))
    13
    """
    return len(_tokens(".".join(source))) + 2
