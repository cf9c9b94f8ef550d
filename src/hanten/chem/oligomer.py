"""Whole repeat units closed into a ring: a finite molecule that stands for the endless chain."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from rdkit import Chem, rdBase

from hanten.chem._straight import TOKEN, mirrored_atom
from hanten.chem.canonical import canonical_word, links, mirror

if TYPE_CHECKING:
    from hanten.chem._segments import Form
    from hanten.chem.polymer import Polymer

_PLAIN: Any = Chem.SmilesParserParams()
_PLAIN.sanitize = _PLAIN.removeHs = False
_SANITIZE = (
    Chem.SanitizeFlags.SANITIZE_ALL
    ^ Chem.SanitizeFlags.SANITIZE_KEKULIZE
    ^ Chem.SanitizeFlags.SANITIZE_SETAROMATICITY
)
_SMALLEST = 8  # RDKit keeps no E/Z in smaller rings


def cyclic_oligomer(polymer: Polymer | str, min_atoms: int = 12, min_units: int = 1) -> tuple[Chem.Mol, int]:
    """A macrocycle of whole primitive repeat units: the chain without its ends.

    Around every atom it looks like the chain, out to half the way round the ring. What is counted on it,
    divided by the number of units, does not depend on how the polymer was written.

    Parameters
    ----------
    polymer : Polymer or str
        A polymer, or any PSMILES of it.
    min_atoms : int
        Least number of atoms on the shortest way round the ring (8 where less is asked). For atom
        environments of radius r, ``2 * r + 2`` is enough.
    min_units : int
        Least number of primitive repeat units.

    Returns
    -------
    mol : Mol
        Sanitized, with stereo. The units are the same all along: a ring of ``*CC(*)C`` without written
        stereo has none, one with a written centre is isotactic.
    n_units : int
        How many primitive repeat units it holds.

    Raises
    ------
    StructureError
        If the text is not a repeat unit.

    Examples
    --------
    >>> mol, n = cyclic_oligomer("*OCC*", min_atoms=12)
    >>> n, Chem.MolToSmiles(mol)
    (4, 'C1COCCOCCOCCO1')
    """
    word = canonical_word(polymer if isinstance(polymer, str) else polymer.psmiles)
    span = sum(form.span for form in word)
    units = max(min_units, -(-max(min_atoms, _SMALLEST) // span), -(-3 // len(word)))
    text = _ring_smiles(word, units)
    if text is None:  # an odd number of turns in the direction marks: an even number of units agrees
        units += 1
        text = _ring_smiles(word, units)
    assert text is not None
    return _sanitized(text), units


def _sanitized(text: str) -> Chem.Mol:
    """The molecule with the aromaticity its segments are written with.

    RDKit's own search would call some rings of conjugated units annulenes, which the chain is not, and takes
    minutes where the ring is fused to many others.
    """
    with rdBase.BlockLogs():
        mol = Chem.MolFromSmiles(text, _PLAIN)
        Chem.SanitizeMol(mol, _SANITIZE)
        Chem.AssignStereochemistry(mol, cleanIt=True, force=True)
    return mol


def _ring_smiles(word: list[Form], n_units: int) -> str | None:
    """Segments written one after the other, the last bonded to the first by ring closure 99.

    ``None`` where the direction marks do not agree all round the ring.
    """
    chain = word * n_units
    bonds = links(chain)
    texts = [bond + mirror(form.body, turned) for (bond, turned), form in zip(bonds, chain, strict=True)]
    first, last = chain[0], chain[-1]
    tail = mirror(last.tail, bonds[-1][1])
    if tail and first.lead and tail != first.lead:
        return None
    bond = tail or first.lead or ("-" if last.ends_aromatic and first.starts_aromatic else "")
    texts[0] = _opened(first.body, mirror(bond))
    texts[-1] = bonds[-1][0] + mirror(_closed(last.body), bonds[-1][1])
    return "".join(texts)


@lru_cache(maxsize=65536)
def _opened(body: str, bond: str) -> str:
    """A segment whose left attachment point is replaced by an opened ring closure.

    Without an atom before it, an implicit hydrogen counts as the first neighbour and changes places with it.
    """
    atom = _atom_at(body, 0)
    return f"{mirrored_atom(atom) if 'H' in atom[1:] else atom}{bond}%99{body[len(atom) :]}"


@lru_cache(maxsize=65536)
def _closed(body: str) -> str:
    """A segment whose right attachment point is replaced by a ring closure, which precedes branches."""
    depth, start, stop, branches = 0, 0, 0, 0
    for match in TOKEN.finditer(body):
        if match["open"]:
            depth += 1
        elif match["close"]:
            depth -= 1
            branches += depth == 0
        elif depth == 0 and match["atom"]:
            start, stop, branches = match.start(), match.end(), 0
        elif depth == 0 and match["ring"]:
            stop = match.end()
    atom = _atom_at(body, start)
    turned = mirrored_atom(atom) if branches % 2 else atom
    return f"{body[:start]}{turned}{body[start + len(atom) : stop]}%99{body[stop:]}"


def _atom_at(body: str, start: int) -> str:
    match = TOKEN.match(body, start)
    assert match is not None
    return match[0]
