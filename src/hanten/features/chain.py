"""Descriptors of the chain that need no more than the graph: quick enough for a sampler."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from rdkit import Chem, rdBase

from hanten.errors import StructureError
from hanten.features.base import StructureTransformer
from hanten.features.structure import prepare

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
BATCH = 1000  # chains whose atoms are held in one table
_AROMATIC, _FLEXIBLE = Chem.MolFromSmarts("a"), Chem.MolFromSmarts("[!D1]-;!@[!D1]")
_KNOWN: dict[int, tuple[float, ...]] = {}  # what atoms of a kind contribute; aromatic ones at the complement


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
        row: NDArray[Any] = _descriptors([_Chain.of(structure)])[0]
        return row

    def _chunk(self, items: Sequence[Any], *, canonical: bool) -> tuple[NDArray[np.float32], dict[int, str]]:
        """All structures at once; the numbers of one do not depend on the others."""
        chains: list[_Chain] = []
        bad: dict[int, str] = {}
        with rdBase.BlockLogs():
            for i, item in enumerate(items):
                try:
                    chains.append(_Chain.of(prepare(item, canonical=canonical)))
                except StructureError as error:
                    bad[i] = str(error)
        out = np.full((len(items), self._width()), np.nan, dtype=np.float32)
        good = [i for i in range(len(items)) if i not in bad]
        for at in range(0, len(good), BATCH):
            out[good[at : at + BATCH]] = _descriptors(chains[at : at + BATCH])
        return out, bad


class _Chain(NamedTuple):
    """What is read off one graph: the kind of each atom, what it belongs to, and the shape."""

    atoms: list[tuple[float, ...]]
    main: set[int]
    points: tuple[int, int]
    length: int
    flexible: float
    flexible_inside: float

    @classmethod
    def of(cls, structure: Structure) -> _Chain:
        ends, mol = structure.ends, structure.mol
        if ends is None:
            raise StructureError(
                f"{structure.text!r} is a molecule and has no backbone", hint="a polymer has two '*'"
            )
        main = _backbone(structure.path, structure.rings)
        pairs = mol.GetSubstructMatches(_FLEXIBLE, maxMatches=100_000)
        # The bond to the next unit, whose two halves end in stars.
        between = float(ends.bond == Chem.BondType.SINGLE)
        inside = sum(i in main and j in main for i, j in pairs)
        return cls(
            _atom_table(structure),
            main,
            ends.points,
            len(structure.path),
            len(pairs) + between,
            inside + between,
        )


def _descriptors(chains: Sequence[_Chain]) -> NDArray[np.float64]:
    """One row per chain: sums and means over the three regions, then the shape."""
    sizes = [len(chain.atoms) for chain in chains]
    starts = np.cumsum([0, *sizes[:-1]])
    regions = np.zeros((sum(sizes), 3, 1))
    regions[[i + at for at, chain in zip(starts.tolist(), chains, strict=True) for i in chain.main], 1] = 1.0
    regions[:, 0], regions[:, 2] = 1.0, 1.0 - regions[:, 1]
    regions[[i + at for at, chain in zip(starts.tolist(), chains, strict=True) for i in chain.points]] = 0.0
    table = np.array([atom for chain in chains for atom in chain.atoms], dtype=np.float64)
    sums = np.add.reduceat(regions * table[:, None, :], starts, axis=0)  # (chains, regions, quantities)
    means = sums / np.maximum(sums[:, :, :1], 1.0)
    blocks = np.concatenate([sums, means], axis=2).reshape(len(chains), -1)
    length, flexible, inside = np.array([chain[3:] for chain in chains], dtype=np.float64).T
    mass, side = sums[:, 0, 1], sums[:, 2, 1]
    shape = [length, mass / length, side / mass, flexible, inside, inside / length]
    return np.concatenate([blocks, np.stack(shape, axis=1)], axis=1)


def _backbone(path: Sequence[int], rings: Sequence[Sequence[int]]) -> set[int]:
    found, waiting = set(path), [set(ring) for ring in rings]
    while passed := [ring for ring in waiting if len(ring & found) > 1]:
        found = found.union(*passed)
        waiting = [ring for ring in waiting if not ring <= found]
    return found


def _atom_table(structure: Structure) -> list[tuple[float, ...]]:
    """:data:`QUANTITIES` of each atom; what a kind of atom contributes is remembered."""
    mol, kinds = structure.mol, list(structure.kinds)
    if structure.rings:
        for (i,) in mol.GetSubstructMatches(_AROMATIC, maxMatches=100_000):
            kinds[i] = ~kinds[i]
    try:
        return [_KNOWN[kind] for kind in kinds]
    except KeyError:
        for i, kind in enumerate(kinds):
            if kind not in _KNOWN:
                _KNOWN[kind] = _quantities(mol.GetAtomWithIdx(i))
        return [_KNOWN[kind] for kind in kinds]


def _quantities(atom: Any) -> tuple[float, ...]:
    number, hydrogens = atom.GetAtomicNum(), atom.GetTotalNumHs()
    flags = (
        atom.GetIsAromatic(), atom.IsInRing(), number == 6 and atom.GetTotalDegree() == 3, number != 6, number == 7,
        number == 8, number in {9, 17, 35, 53}, number in {7, 8} and hydrogens > 0, atom.GetDegree() > 2,
    )  # fmt: skip
    return (1.0, atom.GetMass() + 1.008 * hydrogens, float(hydrogens), *map(float, flags))
