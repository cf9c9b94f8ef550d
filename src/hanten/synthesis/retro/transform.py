"""A reaction's core as one labelled graph: what it is, how it is found, and how it is undone.

The graph condenses both sides (cf. Varnek et al. 2005, doi:10.1007/s10822-005-9008-0): a node is an atom with what it is
in the product and in the reactants, an edge a bond with its order on either side. Kept are

* the *centre*: atoms whose bonds, hydrogens or charge differ between the sides;
* what leaves: reactant atoms that are not in the product, attached to the centre;
* at radius 1 also the neighbours of the centre, by element and aromaticity alone.

Written in a canonical order, equal cores are equal texts, and can be counted.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from zlib import crc32

from rdkit import Chem

#: Largest cores that are kept: atoms of the centre, atoms that leave.
MOST_CENTRE, MOST_LEAVING = 12, 24


class Side(NamedTuple):
    """An atom on one side: atomic number, aromatic, charge, hydrogens (-1: any), degree (-1: any)."""

    element: int
    aromatic: int
    charge: int = 0
    hydrogens: int = -1
    degree: int = -1


class Node(NamedTuple):
    """An atom in product and reactants; None where it is not there."""

    product: Side | None
    reactants: Side | None

    @property
    def context(self) -> bool:
        """Whether it only stands beside the centre."""
        return self.product is not None and self.product.hydrogens == -1


class Edge(NamedTuple):
    """A bond between two nodes; orders are 0 (none), 1, 2, 3 or 1.5 (aromatic)."""

    first: int
    second: int
    product: float
    reactants: float


@dataclass(frozen=True, slots=True)
class Transform:
    """The core of a reaction.

    Attributes
    ----------
    nodes : tuple of Node
    edges : tuple of Edge
    """

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]

    def to_text(self) -> str:
        """One line that :meth:`from_text` reads."""
        nodes = ";".join("/".join(_side_text(side) for side in node) for node in self.nodes)
        edges = ";".join(f"{e.first},{e.second},{e.product:g},{e.reactants:g}" for e in self.edges)
        return f"{nodes}|{edges}"

    @classmethod
    def from_text(cls, text: str) -> Transform:
        """Read what :meth:`to_text` wrote."""
        nodes, edges = text.split("|")
        return cls(
            tuple(Node(*map(_side, node.split("/"))) for node in nodes.split(";")),
            tuple(
                Edge(int(a), int(b), float(p), float(r))
                for a, b, p, r in (edge.split(",") for edge in edges.split(";") if edge)
            ),
        )


def _side_text(side: Side | None) -> str:
    return "" if side is None else ",".join(map(str, side))


def _side(text: str) -> Side | None:
    return Side(*map(int, text.split(","))) if text else None


@dataclass(frozen=True)
class Mapped:
    """Both sides of a reaction with atoms that are known to be the same.

    Attributes
    ----------
    product, reactants : Mol
        ``reactants`` holds all of them.
    origin : sequence of (int or None)
        For each product atom the reactant atom that it is.
    """

    product: Chem.Mol
    reactants: Chem.Mol
    origin: Sequence[int | None]


def by_maps(reactants: str, product: str) -> Mapped | None:
    """A reaction whose sides carry atom maps; None if a side cannot be read or a map occurs twice."""
    left, right = Chem.MolFromSmiles(reactants), Chem.MolFromSmiles(product)
    if left is None or right is None:
        return None
    places = {atom.GetAtomMapNum(): atom.GetIdx() for atom in left.GetAtoms() if atom.GetAtomMapNum()}
    origin = [places.get(atom.GetAtomMapNum()) for atom in right.GetAtoms()]
    known = [place for place in origin if place is not None]
    return Mapped(right, left, origin) if known and len(set(known)) == len(known) else None


def core(reaction: Mapped, radius: int = 1) -> Transform | None:
    """The core of a reaction in canonical order.

    Parameters
    ----------
    reaction : Mapped
        Both sides.
    radius : int
        1 with the neighbours of the centre, 0 without.

    Returns
    -------
    Transform or None
        None if nothing changes, or too much.
    """
    origin = reaction.origin
    bonds = {1: _bonds(reaction.product), 0: _bonds(reaction.reactants)}
    of_product = {r: p for p, r in enumerate(origin) if r is not None}
    centre = {p for p, r in enumerate(origin) if r is None or _changed(reaction, bonds, p, r)}
    touched = {origin[p] for p in centre if origin[p] is not None}
    leaving = _leaving(bonds[0], touched, of_product)
    if not centre or len(centre) > MOST_CENTRE or len(leaving) > MOST_LEAVING:
        return None
    beside = {q for p in centre for q in bonds[1][p]} - centre if radius else set()
    names = [("p", p) for p in sorted(centre | beside)] + [("r", r) for r in sorted(leaving)]
    nodes = [
        _node(reaction, name, in_centre=name[0] == "r" or name[1] in centre, radius=radius) for name in names
    ]
    found: dict[tuple[int, int], list[float]] = {}
    number = {name: k for k, name in enumerate(names)}
    for side, table in bonds.items():
        for a, near in table.items():
            for b, order in near.items():
                pair = [number.get(_name(side, x, of_product)) for x in (a, b)]
                if a < b and None not in pair:
                    found.setdefault(tuple(sorted(pair)), [0.0, 0.0])[1 - side] = order  # type: ignore[arg-type,type-var]
    return canonical_order(nodes, [Edge(a, b, *orders) for (a, b), orders in sorted(found.items())])


def changed_atoms(reaction: Mapped) -> list[int]:
    """The product atoms whose bonds, hydrogens or charge differ from those of the reactants."""
    bonds = {1: _bonds(reaction.product), 0: _bonds(reaction.reactants)}
    return [p for p, r in enumerate(reaction.origin) if r is None or _changed(reaction, bonds, p, r)]


def _name(side: int, atom: int, of_product: dict[int, int]) -> tuple[str, int]:
    if side:
        return "p", atom
    return ("p", of_product[atom]) if atom in of_product else ("r", atom)


def _bonds(mol: Chem.Mol) -> dict[int, dict[int, float]]:
    table: dict[int, dict[int, float]] = {k: {} for k in range(mol.GetNumAtoms())}
    for bond in mol.GetBonds():
        a, b, order = bond.GetBeginAtomIdx(), bond.GetEndAtomIdx(), bond.GetBondTypeAsDouble()
        table[a][b] = table[b][a] = order
    return table


def _changed(
    reaction: Mapped,
    bonds: dict[int, dict[int, dict[int, float]]],
    p: int,
    r: int,
) -> bool:
    one, other = reaction.product.GetAtomWithIdx(p), reaction.reactants.GetAtomWithIdx(r)
    if one.GetTotalNumHs() != other.GetTotalNumHs() or one.GetFormalCharge() != other.GetFormalCharge():
        return True
    mine = {reaction.origin[q]: order for q, order in bonds[1][p].items()}
    return mine != bonds[0][r]


def _leaving(
    table: dict[int, dict[int, float]], touched: set[int | None], of_product: dict[int, int]
) -> set[int]:
    """Reactant atoms that are not in the product, reached from the centre."""
    ends = [b for a in touched if a is not None for b in table[a] if b not in of_product]
    found = set(ends)
    while ends:
        new = {b for b in table[ends.pop()] if b not in of_product} - found
        found |= new
        ends += new
    return found


def _node(reaction: Mapped, name: tuple[str, int], *, in_centre: bool, radius: int) -> Node:
    if name[0] == "r":
        return Node(None, _full(reaction.reactants.GetAtomWithIdx(name[1])))
    atom = reaction.product.GetAtomWithIdx(name[1])
    if not in_centre:
        beside = Side(atom.GetAtomicNum(), int(atom.GetIsAromatic()))
        return Node(beside, beside)
    r = reaction.origin[name[1]]
    here = _full(atom)._replace(degree=atom.GetDegree() if radius else -1)
    return Node(here, None if r is None else _full(reaction.reactants.GetAtomWithIdx(r)))


def _full(atom: Chem.Atom) -> Side:
    return Side(
        atom.GetAtomicNum(), int(atom.GetIsAromatic()), atom.GetFormalCharge(), atom.GetTotalNumHs(), -1
    )


def sides_of(mol: Chem.Mol) -> frozenset[Side]:
    """What its atoms are, as any core may ask for them: with degree, without, and by element and aromaticity alone."""
    found = set()
    for atom in mol.GetAtoms():
        full = _full(atom)
        found |= {full, full._replace(degree=atom.GetDegree()), Side(full.element, full.aromatic)}
    return frozenset(found)


def canonical_order(nodes: Sequence[Node], edges: Iterable[Edge]) -> Transform:
    """The same graph, in an order that depends on nothing but the graph.

    RDKit writes it as a molecule of dummy atoms, whose isotopes stand for nodes and edges.
    """
    edges = list(edges)
    graph = Chem.RWMol()
    for label in [*map(repr, nodes), *(f"{e.product:g}>{e.reactants:g}" for e in edges)]:
        atom = Chem.Atom(0)
        atom.SetIsotope(crc32(label.encode()) & 0x7FFF)
        graph.AddAtom(atom)
    for k, edge in enumerate(edges):
        graph.AddBond(edge.first, len(nodes) + k, Chem.BondType.SINGLE)
        graph.AddBond(edge.second, len(nodes) + k, Chem.BondType.SINGLE)
    Chem.MolToSmiles(graph)
    written = graph.GetPropsAsDict(includePrivate=True, includeComputed=True)["_smilesAtomOutputOrder"]
    rank = {old: new for new, old in enumerate(k for k in written if k < len(nodes))}
    ends = [sorted((rank[e.first], rank[e.second])) for e in edges]
    moved = sorted(Edge(a, b, e.product, e.reactants) for (a, b), e in zip(ends, edges, strict=True))
    return Transform(tuple(nodes[old] for old in rank), tuple(moved))
