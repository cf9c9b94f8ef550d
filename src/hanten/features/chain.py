"""Descriptors of the chain that need no more than the graph: quick enough for a sampler."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from rdkit import Chem
from rdkit.Chem import rdMolDescriptors

from hanten.errors import StructureError
from hanten.features.base import StructureTransformer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from hanten.features.structure import Structure

QUANTITIES = (
    "heavy_atoms",
    "mass",
    "hydrogens",
    "aromatic",
    "ring",
    "planar_carbon",
    "hetero",
    "nitrogen",
    "oxygen",
    "halogen",
    "donor",
    "branching",
)
REGIONS = ("all", "backbone", "side_chain")
SHAPE = (
    "backbone_length",
    "mass_per_backbone_bond",
    "side_chain_mass_fraction",
    "flexible_bonds",
    "flexible_backbone_bonds",
    "flexible_backbone_fraction",
)
_AROMATIC, _FLEXIBLE = Chem.MolFromSmarts("a"), Chem.MolFromSmarts("[!D1]-;!@[!D1]")
_KNOWN: dict[tuple[int, bool], tuple[float, ...]] = {}  # what atoms of a kind contribute


class ChainDescriptors(StructureTransformer):
    """Sums and means of atomic quantities over the unit, its backbone and its side chains, and the chain's shape.

    The quick relative of :class:`~hanten.features.RegionalDescriptors`: no charges, no surface, no substructure
    search. Every number is read off the graph of one repeat unit and holds for the infinite chain.

    Parameters
    ----------
    errors, n_jobs
        See :class:`~hanten.features.base.StructureTransformer`. A molecule has no backbone and is an error.

    Notes
    -----
    A *flexible bond* is a single bond outside rings between atoms that both have another neighbour.
    A *planar carbon* has three neighbours, hydrogens included. The backbone is the shortest path between the
    attachment points and every ring that shares two atoms with it. ``backbone_length`` counts bonds from one repeat unit to the next; masses include hydrogens.

    Examples
    --------
    >>> X = ChainDescriptors().set_output(transform="pandas").fit_transform(["*CC(*)c1ccccc1"])
    >>> X[["backbone_heavy_atoms_sum", "side_chain_aromatic_sum", "backbone_length"]].to_numpy().tolist()
    [[2.0, 6.0, 2.0]]
    """

    def _names(self) -> list[str]:
        sums = [
            f"{region}_{quantity}_{kind}"
            for region in REGIONS
            for kind in ("sum", "mean")
            for quantity in QUANTITIES
        ]
        return [*sums, *SHAPE]

    def _row(self, structure: Structure) -> NDArray[Any]:
        if structure.ends is None:
            raise StructureError(
                f"{structure.text!r} is a molecule and has no backbone", hint="a polymer has two '*'"
            )
        mol, ends = structure.mol, structure.ends
        rings = mol.GetRingInfo().AtomRings()
        path = (ends.head,) if ends.head == ends.tail else Chem.GetShortestPath(mol, ends.head, ends.tail)
        main = _backbone(path, rings)
        regions = np.ones((3, mol.GetNumAtoms()))
        regions[1] = [i in main for i in range(mol.GetNumAtoms())]
        regions[2] = 1.0 - regions[1]
        regions[:, ends.points] = 0.0
        sums = regions @ _atom_table(mol)
        means = sums / np.maximum(sums[:, :1], 1.0)
        blocks = np.hstack([sums, means]).ravel()
        pairs = mol.GetSubstructMatches(_FLEXIBLE, maxMatches=100_000)
        between = float(
            ends.bond == Chem.BondType.SINGLE
        )  # the bond to the next unit, whose two halves end in stars
        flexible, inside = len(pairs) + between, sum(i in main and j in main for i, j in pairs) + between
        mass, length = sums[0, 1], len(path)
        return np.concatenate(
            [blocks, [length, mass / length, sums[2, 1] / mass, flexible, inside, inside / length]]
        )


def _backbone(path: Sequence[int], rings: Sequence[Sequence[int]]) -> set[int]:
    found, waiting = set(path), [set(ring) for ring in rings]
    while passed := [ring for ring in waiting if len(ring & found) > 1]:
        found = found.union(*passed)
        waiting = [ring for ring in waiting if not ring <= found]
    return found


def _atom_table(mol: Any) -> NDArray[np.float64]:
    """:data:`QUANTITIES` of each atom; what a kind of atom contributes is remembered."""
    aromatic = {i for (i,) in mol.GetSubstructMatches(_AROMATIC, maxMatches=100_000)}
    rows = []
    for i, kind in enumerate(rdMolDescriptors.GetConnectivityInvariants(mol)):
        key = (kind, i in aromatic)
        if key not in _KNOWN:
            _KNOWN[key] = _quantities(mol.GetAtomWithIdx(i))
        rows.append(_KNOWN[key])
    return np.array(rows, dtype=np.float64)


def _quantities(atom: Any) -> tuple[float, ...]:
    number, hydrogens = atom.GetAtomicNum(), atom.GetTotalNumHs()
    flags = (
        atom.GetIsAromatic(), atom.IsInRing(), number == 6 and atom.GetTotalDegree() == 3, number != 6, number == 7,
        number == 8, number in {9, 17, 35, 53}, number in {7, 8} and hydrogens > 0, atom.GetDegree() > 2,
    )  # fmt: skip
    return (1.0, atom.GetMass() + 1.008 * hydrogens, float(hydrogens), *map(float, flags))
