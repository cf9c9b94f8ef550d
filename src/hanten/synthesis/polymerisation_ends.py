"""Monomer <-> fragment: what a monomer leaves in the chain, and which monomer a piece of chain came from.

A fragment is the SMILES of a piece of chain with two labelled attachment points, stereochemistry left out.
Both directions are cached: the same diamine stands in thousands of candidates.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from rdkit import Chem, rdBase

from hanten.synthesis.polymerisation_rules import Rule, load_rules, reaction

MOST_PRODUCTS = 24  # of one monomer; a group in more places than this is not a monomer anyone would choose


def _read(smiles: str) -> Any:
    """A molecule without stereochemistry, or None; silent."""
    with rdBase.BlockLogs():
        mol = Chem.MolFromSmiles(smiles)
    if mol is not None and ("@" in smiles or "/" in smiles or "\\" in smiles):
        Chem.RemoveStereochemistry(mol)
    return mol


@lru_cache(maxsize=100_000)
def normal(smiles: str) -> str | None:
    """Canonical SMILES of a molecule or fragment without stereochemistry; None if it is no valid molecule."""
    mol = _read(smiles)
    return None if mol is None else Chem.MolToSmiles(mol)


def _transform(mols: list[Any], smarts: str, label: int) -> list[Any]:
    """Apply a transformation once, everywhere it applies; distinct sanitized products."""
    products: dict[str, None] = {}
    compiled = reaction(smarts, label)
    for mol in mols:
        for (product,) in compiled.RunReactants((mol,), maxProducts=MOST_PRODUCTS):
            with rdBase.BlockLogs():
                failed = Chem.SanitizeMol(product, catchErrors=True)
            if not failed:
                products.setdefault(Chem.MolToSmiles(product))
    # Aromaticity and hydrogens are settled by one more reading, so that both directions agree.
    return [mol for mol in map(_read, products) if mol is not None]


def _sites(mol: Any, smarts: str) -> int:
    """In how many places of a molecule a transformation applies."""
    return len(
        mol.GetSubstructMatches(
            reaction(smarts, 1).GetReactantTemplate(0), uniquify=True, maxMatches=MOST_PRODUCTS
        )
    )


def _tiers(mol: Any, group: str, needed: int, *, crowded: bool) -> list[str] | None:
    """How a group reacts ``needed`` times, tier by tier; None if it cannot, or makes a network."""
    chosen: list[str] = []
    for smarts in load_rules().groups[group].forward:
        found = _sites(mol, smarts)
        if crowded and found:
            found = min(found, needed - len(chosen))
        chosen += [smarts] * found
        if len(chosen) >= needed:
            return chosen if len(chosen) == needed else None
    return None


@lru_cache(maxsize=100_000)
def fragments(
    monomer: str, first: tuple[str, int], second: tuple[str, int], crowded: bool = False
) -> frozenset[str]:
    """Fragments a monomer leaves when one group reacts to end ``first`` and another to end ``second``.

    Parameters
    ----------
    monomer : str
        SMILES.
    first, second : (group key, label)

    Examples
    --------
    >>> sorted(fragments("OCCO", ("hydroxyl", 2), ("hydroxyl", 2)))
    ['[2*]OCCO[2*]']
    >>> sorted(fragments("OCC(O)CO", ("hydroxyl", 2), ("hydroxyl", 2)))
    []
    """
    mol = Chem.MolFromSmiles(monomer)
    groups = load_rules().groups
    if groups[first[0]].family == groups[second[0]].family:
        one, two = (_tiers(mol, group, 2, crowded=crowded) for group, _ in (first, second))
        tiers = [one[0], two[1]] if one and two else None
    else:
        one, two = (_tiers(mol, group, 1, crowded=crowded) for group, _ in (first, second))
        tiers = one + two if one and two else None
    if tiers is None:
        return frozenset()
    mols = [mol]
    for smarts, (_, label) in zip(tiers, (first, second), strict=True):
        mols = _transform(mols, smarts, label)[:MOST_PRODUCTS]
    return frozenset(Chem.MolToSmiles(m) for m in mols)


@lru_cache(maxsize=100_000)
def monomer_of(fragment: str, first: tuple[str, int], second: tuple[str, int]) -> tuple[str, ...]:
    """Molecules whose groups ``first`` and ``second`` would have become the two ends of a fragment.

    Examples
    --------
    >>> monomer_of("[1*]C(=O)CCC([1*])=O", ("acid", 1), ("acid", 1))
    ('O=C(O)CCC(=O)O',)
    """
    mols = [Chem.MolFromSmiles(fragment)]
    for group, label in (first, second):
        mols = [m for smarts in load_rules().groups[group].backward for m in _transform(mols, smarts, label)]
    found = (normal(Chem.MolToSmiles(Chem.RemoveHs(m))) for m in mols)
    return tuple(sorted({smiles for smiles in found if smiles and "*" not in smiles}))


@lru_cache(maxsize=100_000)
def opened(monomer: str, rule: Rule) -> frozenset[str]:
    """Fragments that addition to, or ring opening of, one monomer leaves in the chain.

    Examples
    --------
    >>> vinyl = load_rules().by_key["vinyl"]
    >>> sorted(opened("C=Cc1ccccc1", vinyl))
    ['[3*]CC([3*])c1ccccc1']
    """
    mol = Chem.MolFromSmiles(monomer)
    if rule.kind == "ring":
        return _ring_opened(mol, rule)
    found = _sites(mol, rule.forward)
    if found == 0 or (found > 1 and not _one_site(mol, rule)):
        return frozenset()
    return frozenset(Chem.MolToSmiles(m) for m in _transform([mol], rule.forward, 0))


def _one_site(mol: Any, rule: Rule) -> bool:
    """Whether all places where a rule applies share an atom or a bond (a conjugated diene is one site)."""
    matches = mol.GetSubstructMatches(reaction(rule.forward).GetReactantTemplate(0), maxMatches=MOST_PRODUCTS)
    first = set(matches[0])
    near = first.union(n.GetIdx() for a in first for n in mol.GetAtomWithIdx(a).GetNeighbors())
    return all(near.intersection(match) for match in matches[1:])


def bond_atoms(pattern: Any) -> tuple[int, int]:
    """Positions in a linkage query of the atoms mapped 1 and 2."""
    at = {atom.GetAtomMapNum(): atom.GetIdx() for atom in pattern.GetAtoms()}
    return at[1], at[2]


def _ring_opened(mol: Any, rule: Rule) -> frozenset[str]:
    """Cut every ring bond that is the rule's linkage and lies in a ring of an allowed size."""
    pattern = load_rules().patterns[rule.linkages[0]]
    i, j = bond_atoms(pattern)
    rings = mol.GetRingInfo()
    found = set()
    for match in mol.GetSubstructMatches(pattern, uniquify=False, maxMatches=MOST_PRODUCTS):
        bond = mol.GetBondBetweenAtoms(match[i], match[j])
        if rings.MinBondRingSize(bond.GetIdx()) in rule.sizes:
            smiles = _cut(mol, bond, match[i], rule.labels)
            if smiles is not None:
                found.add(smiles)
    return frozenset(found)


def _cut(mol: Any, bond: Any, side_one: int, labels: tuple[int, int]) -> str | None:
    """Fragment that a cut ring bond leaves; the two halves must stay connected."""
    begin_label, end_label = labels if bond.GetBeginAtomIdx() == side_one else labels[::-1]
    kind = bond.GetBondType()
    if bond.GetIsAromatic():
        kind = Chem.BondType.SINGLE
    cut = Chem.FragmentOnBonds(mol, [bond.GetIdx()], dummyLabels=[(end_label, begin_label)], bondTypes=[kind])
    smiles = Chem.MolToSmiles(cut)
    return None if "." in smiles else normal(smiles)


@lru_cache(maxsize=100_000)
def closed(fragment: str, rule: Rule) -> tuple[str, ...]:
    """Molecules that would open to a fragment, or to two, three or four of it in a row.

    Examples
    --------
    >>> closed("[1*]C(=O)C(C)O[2*]", next(r for r in load_rules().rules if r.name == "lactone"))
    ('CC1OC(=O)C(C)OC1=O',)
    """
    if rule.kind == "addition":
        found = {Chem.MolToSmiles(m) for m in _transform([Chem.MolFromSmiles(fragment)], rule.backward, 0)}
        return tuple(sorted(s for s in found if "*" not in s))
    found = set()
    mol = Chem.MolFromSmiles(fragment)
    path = Chem.GetShortestPath(mol, *_dummies(mol))[1:-1]
    if any(len(set(ring).intersection(path)) > 2 for ring in mol.GetRingInfo().AtomRings() if len(ring) > 5):
        return ()  # a ring closed through a para- or meta-phenylene is no monomer
    for copies in rule.copies:
        if copies * len(path) in rule.sizes:
            smiles = _ring_of(_row(fragment, copies, rule.labels))
            if smiles:
                found.add(smiles)
    return tuple(sorted(found))


def _dummies(mol: Any) -> list[int]:
    """Indices of the attachment points."""
    return [atom.GetIdx() for atom in mol.GetAtoms() if atom.GetAtomicNum() == 0]


def row_of(fragment: str, copies: int, labels: tuple[int, int]) -> str | None:
    """SMILES of copies of a fragment in a row, as a cyclic dimer or oligomer leaves them.

    Examples
    --------
    >>> row_of("[1*]C(=O)CO[2*]", 2, (1, 2))
    '[1*]C(=O)COC(=O)CO[2*]'
    """
    return normal(Chem.MolToSmiles(_row(fragment, copies, labels)))


def _row(fragment: str, copies: int, labels: tuple[int, int]) -> Any:
    """Copies of a fragment joined side 2 to side 1."""
    mol = unit = Chem.MolFromSmiles(fragment)
    for _ in range(copies - 1):
        mol = join(mol, labels[1], unit, labels[0])
    return mol


def _star(mol: Any, label: int, which: int = 0) -> int:
    """Index of an attachment point of a label, the first or the second of them."""
    stars = [a.GetIdx() for a in mol.GetAtoms() if a.GetAtomicNum() == 0 and a.GetIsotope() == label]
    return int(stars[which])


def _link(mol: Any, one: int, two: int) -> Any:
    """Bond the neighbours of two attachment points to one another and take the points away."""
    mol = Chem.RWMol(mol)
    ends = [mol.GetAtomWithIdx(star).GetBonds()[0] for star in (one, two)]
    anchors = [bond.GetOtherAtomIdx(star) for bond, star in zip(ends, (one, two), strict=True)]
    mol.AddBond(*anchors, ends[0].GetBondType())
    for star in sorted((one, two), reverse=True):
        mol.RemoveAtom(star)
    return mol


def join(left: Any, left_label: int, right: Any, right_label: int, which: int = 0) -> Any:
    """Two pieces of chain joined at the attachment points named; ``which`` turns the right piece round."""
    both = Chem.CombineMols(left, right)
    return _link(
        both, _star(left, left_label), left.GetNumAtoms() + _star(right, right_label, which)
    ).GetMol()


def _ring_of(mol: Any) -> str | None:
    """Close a piece of chain into a ring."""
    one, two = _dummies(mol)
    anchors = {mol.GetAtomWithIdx(star).GetNeighbors()[0].GetIdx() for star in (one, two)}
    if len(anchors) < 2 or mol.GetBondBetweenAtoms(*anchors):
        return None
    return normal(Chem.MolToSmiles(_link(mol, one, two)))
