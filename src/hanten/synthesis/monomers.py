"""Known monomers: an index of 64-bit hashes, and the reagents and commodity monomers of the rule table."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from importlib.resources import files
from typing import Any

import numpy as np
from rdkit import Chem

from hanten.synthesis.polymerisation_ends import normal
from hanten.synthesis.polymerisation_rules import load_rules

INDEX = "known_monomers.npz"


def monomer_hash(smiles: str) -> int:
    """64-bit hash of the constitution of a molecule (canonical SMILES without stereochemistry).

    Raises
    ------
    ValueError
        If the SMILES cannot be read.
    """
    text = normal(smiles)
    if text is None:
        raise ValueError(f"{smiles!r} is not a molecule")
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little")


def parent(smiles: str) -> str | None:
    """The organic molecule in a salt or hydrate: the piece with most carbon atoms.

    Examples
    --------
    >>> parent("Nc1ccc(N)cc1.Cl")
    'Nc1ccc(N)cc1'
    """
    text = normal(smiles)
    if text is None:
        return None
    return max(text.split("."), key=lambda piece: (_carbons(piece), len(piece)))


def _carbons(smiles: str) -> int:
    return sum(atom.GetAtomicNum() == 6 for atom in Chem.MolFromSmiles(smiles).GetAtoms())


@lru_cache(maxsize=1)
def _index() -> frozenset[int]:
    with (
        files("hanten.synthesis").joinpath(INDEX).open("rb") as stream,
        np.load(stream, allow_pickle=False) as data,
    ):
        hashes: Any = data["hashes"]
    known = {int(value) for value in hashes}
    table = load_rules()
    known.update(
        monomer_hash(smiles) for smiles in (*table.reagents.values(), *table.common_monomers.values())
    )
    return frozenset(known)


@lru_cache(maxsize=200_000)
def in_known(monomer: str) -> bool:
    """Whether a monomer is in the index of known monomers, stereochemistry aside.

    Known are the 1,083 monomers of SMiPoly (Ohno et al. 2023, doi:10.1021/acs.jcim.3c00329), kept as hashes,
    and the reagents and commodity monomers listed by name in the rule table.

    Examples
    --------
    >>> in_known("C=Cc1ccccc1"), in_known("C=C[Si](F)(F)CCCCCC1CC1")
    (True, False)
    """
    return monomer_hash(monomer) in _index()
