"""The class of a polymer, by the linkages in its main chain.

The scheme is the 21 classes of PoLyInfo (National Institute for Materials Science), plus "other". A chain
with hetero-atoms in it belongs to the first class in ``LINKAGES`` whose pattern lies in the main chain
(atoms :1 and :2 on the path from unit to unit); a chain of carbon alone is told by its substituents.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from rdkit import Chem

from hanten.chem.chain import Chain

POLYINFO_CLASSES = {
    1: "polyolefin", 2: "polystyrene", 3: "polyvinyl", 4: "polyacrylic", 5: "polyhalo-olefin", 6: "polydiene",
    7: "polyether", 8: "polysulfide", 9: "polyester", 10: "polyamide", 11: "polyurethane", 12: "polyurea",
    13: "polyimide", 14: "polyanhydride", 15: "polycarbonate", 16: "polyimine", 17: "polysiloxane",
    18: "polyphosphazene", 19: "polyketone", 20: "polysulfone", 21: "polyphenylene",
}  # fmt: skip
CLASSES = (*POLYINFO_CLASSES.values(), "other")

HALOGENS = {9, 17, 35, 53}

# (class, pattern): the first pattern found in the main chain decides.
LINKAGES = (
    ("polyphosphazene", "[#15:1]~[#7;!$([#7]~[#6]):2]"),
    ("polyimide", "[#6;$([#6]=[O,S]):1]~[#7;R;$([#7](~[#6]=[O,S])~[#6]=[O,S]):2]"),
    ("polyurethane", "[CX3;$(C(=[O,S])[#7]):1]~[O,S;X2:2]"),
    ("polyurethane", "[#7;$([#7]1[#6](=[O,S])[O,S][#6][#6]1):1]~[#6:2]"),
    ("polyurea", "[CX3;$(C(=[O,S])([#7])[#7]):1]~[#7:2]"),
    ("polycarbonate", "[CX3;$(C(=[O,S])([O,S;X2])[O,S;X2]):1]-[O,S;X2:2]"),
    ("polyanhydride", "[CX3;$(C(=O)[#6]):1]-[OX2;$(O(C=O)C=O):2]"),
    ("polyamide", "[CX3;$(C(=[O,S])[#6,H]):1]-[#7:2]"),
    ("polyester", "[CX3;$(C(=[O,S])[#6,H]):1]-[O,S;X2:2]"),
    ("polysulfone", "[S;$(S=O):1]~[#6,#7,#8:2]"),
    ("polysiloxane", "[Si,Ge:1]~[*:2]"),
    ("polyimine", "[#6:1]=[#7;!R:2]"),
    ("polyketone", "[CX3;$(C=O):1]-[#6:2]"),
    ("polysulfide", "[S;X2;!R:1]~[*:2]"),
    ("polyether", "[O;X2;!R:1]~[*:2]"),
    ("polyimine", "[#7:1]~[#6:2]"),
    ("polysulfide", "[#16:1]~[#6:2]"),
    ("polyether", "[#8:1]~[#6:2]"),
)

# Chains of carbon alone: the first pattern with atom :1 on the path decides.
SUBSTITUENTS = (
    ("polyphenylene", "[c:1]"),
    ("polydiene", "[C:1]=,#[C]"),
    ("polydiene", "[C:1]-[CH1]=[CH2]"),
    ("polystyrene", "[CX4:1]-c1aaaaa1"),
    ("polyacrylic", "[CX4:1]-C(=O)-[O,N,S,n]"),
)


@lru_cache(maxsize=1)
def _patterns() -> tuple[list[tuple[str, Any, list[int]]], list[tuple[str, Any, list[int]]]]:
    def compiled(table: tuple[tuple[str, str], ...]) -> list[tuple[str, Any, list[int]]]:
        rows = [(name, Chem.MolFromSmarts(smarts)) for name, smarts in table]
        return [(name, q, [a.GetIdx() for a in q.GetAtoms() if a.GetAtomMapNum()]) for name, q in rows]

    return compiled(LINKAGES), compiled(SUBSTITUENTS)


def classify(chain: Chain) -> str:
    """Class of a polymer.

    Examples
    --------
    >>> from hanten.chem.chain import chain_of
    >>> [
    ...     classify(chain_of(Chem.MolFromSmiles(s)))
    ...     for s in ("*CC(*)c1ccccc1", "*OCCOC(=O)c1ccc(C(*)=O)cc1", "*C*")
    ... ]
    ['polystyrene', 'polyester', 'polyolefin']
    """
    path = set(chain.path)
    linkages, substituents = _patterns()
    carbon_only = all(chain.mol.GetAtomWithIdx(a).GetAtomicNum() == 6 for a in path)
    found = _first(linkages, chain, path)
    if found is not None:
        return found
    if not carbon_only:
        return "other"
    return _first(substituents, chain, path) or _plain(chain)


def _plain(chain: Chain) -> str:
    """A saturated carbon chain without telling substituents: by the elements beside the carbon."""
    atoms = [chain.mol.GetAtomWithIdx(i) for i in chain.middle]
    elements = {atom.GetAtomicNum() for atom in atoms} - {6}
    if not elements:
        return "polyvinyl" if any(atom.GetIsAromatic() for atom in atoms) else "polyolefin"
    on_path = {n.GetAtomicNum() for i in chain.path for n in chain.mol.GetAtomWithIdx(i).GetNeighbors()}
    return "polyhalo-olefin" if elements <= HALOGENS and HALOGENS & on_path else "polyvinyl"


def _first(table: list[tuple[str, Any, list[int]]], chain: Chain, path: set[int]) -> str | None:
    """The first row whose pattern touches the middle repeat unit with its mapped atoms on the path."""
    for name, query, mapped in table:
        for match in chain.mol.GetSubstructMatches(query, uniquify=False, maxMatches=200):
            key = [match[i] for i in mapped]
            if path.issuperset(key) and any(a in chain.middle for a in key):
                return name
    return None
