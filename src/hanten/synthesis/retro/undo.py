"""A core used backwards: find it in a product, and give the reactants it may have come from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache

from rdkit import Chem, rdBase

from hanten.synthesis.retro.transform import Side, Transform

_ORDERS = {
    1.0: Chem.BondType.SINGLE,
    2.0: Chem.BondType.DOUBLE,
    3.0: Chem.BondType.TRIPLE,
    1.5: Chem.BondType.AROMATIC,
}
MOST_MATCHES = 24


def pattern(transform: Transform) -> tuple[Chem.Mol, list[int]]:
    """The product side as a query, and the node of each of its atoms."""
    query, nodes = Chem.RWMol(), []
    number: dict[int, int] = {}
    for k, node in enumerate(transform.nodes):
        if node.product is not None:
            number[k] = query.AddAtom(_query_atom(_smarts(node.product)))
            nodes.append(k)
    for edge in transform.edges:
        if edge.product:
            query.AddBond(number[edge.first], number[edge.second], _ORDERS[edge.product])
    return query.GetMol(), nodes


@lru_cache(maxsize=4096)
def _query_atom(smarts: str) -> Chem.Atom:
    return Chem.AtomFromSmarts(smarts)


def _smarts(side: Side) -> str:
    parts = [f"#{side.element}", "a" if side.aromatic else "A"]
    if side.hydrogens >= 0:
        parts += [f"H{side.hydrogens}", f"{side.charge:+d}"]
    if side.degree >= 0:
        parts.append(f"D{side.degree}")
    return f"[{';'.join(parts)}]"


def undo(
    transform: Transform, query: Chem.Mol, nodes: Sequence[int], product: Chem.Mol
) -> Iterator[tuple[str, ...]]:
    """Reactant sets that the transform may have made the product from.

    Parameters
    ----------
    transform : Transform
    query, nodes
        From :func:`pattern`.
    product : Mol
        Not changed.

    Yields
    ------
    tuple of str
        Canonical SMILES, sorted; each set once. Sets that contain the product are left out.
    """
    seen: set[tuple[str, ...]] = set()
    whole = Chem.MolToSmiles(product)
    for match in product.GetSubstructMatches(query, uniquify=False, maxMatches=MOST_MATCHES):
        reactants = _undone(transform, dict(zip(nodes, match, strict=True)), product)
        if reactants and reactants not in seen and whole not in reactants:
            seen.add(reactants)
            yield reactants


def _undone(transform: Transform, at: dict[int, int], product: Chem.Mol) -> tuple[str, ...] | None:
    """The product with one match of the core turned back; None where no sensible molecule results."""
    with rdBase.BlockLogs():
        try:
            # Read once more at the end: hydrogens that were set by hand must not stay in the text.
            mols = [Chem.MolFromSmiles(text) for text in _edited(transform, at, product).split(".")]
        except (
            RuntimeError,
            ValueError,
        ):  # what RDKit says of a bond that is there already, or an impossible ring
            return None
        if any(part is None for part in mols):
            return None
        return tuple(sorted(Chem.MolToSmiles(part) for part in mols))


def _edited(transform: Transform, at: dict[int, int], product: Chem.Mol) -> str:
    """SMILES of the reactants; RDKit's errors where there are none."""
    mol = Chem.RWMol(product)
    for k, node in enumerate(transform.nodes):
        if node.product is None:
            at[k] = mol.AddAtom(Chem.Atom(node.reactants.element if node.reactants else 0))
    touched = _set_bonds(transform, at, mol)
    for k, node in enumerate(transform.nodes):
        if node.reactants is not None and not node.context:
            _set_atom(mol.GetAtomWithIdx(at[k]), node.reactants, loses_stereo=at[k] in touched)
    _clear_stereo(mol, touched)
    gone = [at[k] for k, node in enumerate(transform.nodes) if node.reactants is None]
    for atom in sorted(gone, reverse=True):
        mol.RemoveAtom(atom)
    Chem.SanitizeMol(mol)
    Chem.AssignStereochemistry(mol, cleanIt=True, force=True)
    return str(Chem.MolToSmiles(mol))


def _set_bonds(transform: Transform, at: dict[int, int], mol: Chem.RWMol) -> set[int]:
    """Give every bond of the core its order in the reactants; the atoms whose neighbours changed."""
    touched = set()
    for edge in transform.edges:
        a, b = at[edge.first], at[edge.second]
        if edge.product == edge.reactants:
            continue
        if edge.product and not edge.reactants:
            mol.RemoveBond(a, b)
        elif not edge.product:
            if mol.GetBondBetweenAtoms(a, b) is not None:
                raise ValueError("the match has a bond where the core has none")
            mol.AddBond(a, b, _ORDERS[edge.reactants])
        else:
            bond = mol.GetBondBetweenAtoms(a, b)
            bond.SetBondType(_ORDERS[edge.reactants])
            bond.SetStereo(Chem.BondStereo.STEREONONE)
        bond = mol.GetBondBetweenAtoms(a, b)
        if bond is not None:
            bond.SetIsAromatic(edge.reactants == 1.5)
        touched |= {a, b}
    return touched


def _set_atom(atom: Chem.Atom, side: Side, *, loses_stereo: bool) -> None:
    atom.SetFormalCharge(side.charge)
    atom.SetIsAromatic(bool(side.aromatic))
    atom.SetNoImplicit(True)
    atom.SetNumExplicitHs(side.hydrogens)
    if loses_stereo:
        atom.SetChiralTag(Chem.ChiralType.CHI_UNSPECIFIED)


def _clear_stereo(mol: Chem.RWMol, touched: set[int]) -> None:
    """A double bond whose reference neighbours are gone has no geometry."""
    for bond in mol.GetBonds():
        refs = list(bond.GetStereoAtoms())
        if refs and (
            mol.GetBondBetweenAtoms(bond.GetBeginAtomIdx(), refs[0]) is None
            or mol.GetBondBetweenAtoms(bond.GetEndAtomIdx(), refs[1]) is None
        ):
            bond.SetStereo(Chem.BondStereo.STEREONONE)
    for bond in mol.GetBonds():
        if bond.GetBeginAtomIdx() in touched and bond.GetEndAtomIdx() in touched:
            bond.SetBondDir(Chem.BondDir.NONE)
