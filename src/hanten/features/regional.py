"""Descriptors of backbone and side chains: quantity x region x aggregation, with readable names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from rdkit import Chem
from rdkit.Chem import rdMolDescriptors, rdPartialCharges

from hanten.errors import StructureError
from hanten.features.base import StructureTransformer, check_choice
from hanten.features.regions import REGIONS, region_atoms, shortest_path

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from hanten.features.structure import Periodic, Structure

CIRCUMFERENCE = 7
_SP2, _SP3 = Chem.HybridizationType.SP2, Chem.HybridizationType.SP3
_ROTATABLE = Chem.MolFromSmarts("[!D1;!$(*#*)]-&!@[!D1;!$(*#*)]")

QUANTITIES: dict[str, Callable[[Any], float]] = {
    "heavy_atoms": lambda atom: 1.0,  # noqa: ARG005
    "mass": lambda atom: atom.GetMass() + 1.008 * atom.GetTotalNumHs(),
    "hydrogens": lambda atom: atom.GetTotalNumHs(),
    "aromatic": lambda atom: atom.GetIsAromatic(),
    "ring": lambda atom: atom.IsInRing(),
    "sp2": lambda atom: atom.GetHybridization() == _SP2,
    "sp3": lambda atom: atom.GetHybridization() == _SP3,
    "hetero": lambda atom: atom.GetAtomicNum() != 6,
    "nitrogen": lambda atom: atom.GetAtomicNum() == 7,
    "oxygen": lambda atom: atom.GetAtomicNum() == 8,
    "halogen": lambda atom: atom.GetAtomicNum() in {9, 17, 35, 53},
    "donor": lambda atom: atom.GetAtomicNum() in {7, 8} and atom.GetTotalNumHs() > 0,
    "branching": lambda atom: atom.GetDegree() > 2,
    "charge": lambda atom: atom.GetDoubleProp("_GasteigerCharge") + atom.GetDoubleProp("_GasteigerHCharge"),
    "logp": lambda atom: atom.GetDoubleProp("_logp"),
    "refractivity": lambda atom: atom.GetDoubleProp("_refractivity"),
    "surface": lambda atom: atom.GetDoubleProp("_surface"),
    "polar_surface": lambda atom: atom.GetDoubleProp("_polar"),
}
"""What an atom contributes, its hydrogens included (e, g/mol, square angstrom)."""

AGGREGATIONS: dict[str, Callable[[NDArray[Any]], float]] = {
    "sum": lambda v: v.sum(),
    "mean": lambda v: v.mean() if v.size else 0.0,
    "sd": lambda v: v.std() if v.size else 0.0,
    "max": lambda v: v.max() if v.size else 0.0,
    "min": lambda v: v.min() if v.size else 0.0,
}
SHAPE = (
    "backbone_length",
    "mass_per_backbone_bond",
    "surface_per_backbone_bond",
    "backbone_rotatable_bonds",
    "side_chain_rotatable_bonds",
    "backbone_rotatable_fraction",
    "side_chain_heavy_atom_fraction",
    "side_chain_mass_fraction",
    "side_chains",
    "side_chain_largest",
    "side_chain_longest",
)
"""Descriptors of the unit as a whole, always present."""


class RegionalDescriptors(StructureTransformer):
    """Quantities of the backbone and of the side chains of a repeat unit, and how they hang together.

    Parameters
    ----------
    quantities : sequence of str, optional
        Of :data:`QUANTITIES`; all by default.
    regions : sequence of str
        Of ``"all"``, ``"backbone"``, ``"side chain"``.
    aggregations : sequence of str
        Of ``"sum"`` (per repeat unit), ``"mean"``, ``"sd"``, ``"max"``, ``"min"`` over the heavy atoms of the
        region. A region without atoms has 0 everywhere.
    errors, n_jobs
        See :class:`~hanten.features.base.StructureTransformer`. A molecule has no backbone and is an error.

    Notes
    -----
    Names read ``<region>_<quantity>_<aggregation>``. :data:`SHAPE` comes last: ``backbone_length`` is the
    number of bonds from one repeat unit to the next along the shortest path, ``side_chains`` the number of
    side chains, ``side_chain_largest`` the heavy atoms of the largest, ``side_chain_longest`` the bonds from
    the backbone to the farthest of their atoms, ``backbone_rotatable_fraction`` rotatable bonds per bond of
    the shortest path.

    Examples
    --------
    >>> X = RegionalDescriptors(["mass"], ["backbone"], ["sum"]).fit_transform(["*CC(*)c1ccccc1"])
    >>> X[0, :2]
    array([27.046,  2.   ], dtype=float32)
    """

    def __init__(
        self,
        quantities: Sequence[str] | None = None,
        regions: Sequence[str] = ("all", "backbone", "side chain"),
        aggregations: Sequence[str] = ("sum", "mean", "sd"),
        *,
        errors: str = "raise",
        n_jobs: int | None = None,
    ) -> None:
        self.quantities = quantities
        self.regions = regions
        self.aggregations = aggregations
        super().__init__(errors=errors, n_jobs=n_jobs)

    def _check(self) -> None:
        for name, chosen, known in (
            ("quantities", self._quantities(), list(QUANTITIES)),
            ("regions", self.regions, list(REGIONS)),
            ("aggregations", self.aggregations, list(AGGREGATIONS)),
        ):
            for value in chosen:
                check_choice(name, value, known)

    def _quantities(self) -> list[str]:
        return list(QUANTITIES if self.quantities is None else self.quantities)

    def _names(self) -> list[str]:
        blocks = [
            f"{region.replace(' ', '_')}_{quantity}_{aggregation}"
            for quantity in self._quantities()
            for region in self.regions
            for aggregation in self.aggregations
        ]
        return [*blocks, *SHAPE]

    def _row(self, structure: Structure) -> NDArray[Any]:
        circle = structure.periodic(CIRCUMFERENCE)
        atoms = {region: region_atoms(structure, region) for region in REGIONS}
        table = atom_quantities(structure, circle)
        values = [
            AGGREGATIONS[aggregation](table[quantity][atoms[region]])
            for quantity in self._quantities()
            for region in self.regions
            for aggregation in self.aggregations
        ]
        return np.array([*values, *_shape(structure, circle, table, atoms)], dtype=float)


def atom_quantities(structure: Structure, circle: Periodic) -> dict[str, NDArray[np.float64]]:
    """Each of :data:`QUANTITIES` for the atoms of the first repeat unit."""
    mol = circle.mol
    rdPartialCharges.ComputeGasteigerCharges(mol)
    crippen = rdMolDescriptors._CalcCrippenContribs(mol)  # noqa: SLF001 - RDKit has no other door to them
    surface = rdMolDescriptors._CalcLabuteASAContribs(mol)[0]  # noqa: SLF001
    polar = rdMolDescriptors._CalcTPSAContribs(mol)  # noqa: SLF001
    atoms = [mol.GetAtomWithIdx(i) for i in range(circle.unit_atoms)]
    for i, atom in enumerate(atoms):
        for name, value in zip(("_logp", "_refractivity"), crippen[i], strict=True):
            atom.SetDoubleProp(name, value)
        atom.SetDoubleProp("_surface", surface[i])
        atom.SetDoubleProp("_polar", polar[i])
    table = {name: np.array([float(of(atom)) for atom in atoms]) for name, of in QUANTITIES.items()}
    if not np.isfinite(table["charge"]).all():
        raise StructureError(f"{structure.text!r} has an atom without Gasteiger parameters")
    return table


def _shape(
    structure: Structure, circle: Periodic, table: dict[str, NDArray[np.float64]], atoms: dict[str, list[int]]
) -> list[float]:
    length = len(shortest_path(structure))
    main, side = atoms["backbone"], atoms["side chain"]
    rotatable = _rotatable_bonds(circle, set(main))
    mass, surface = table["mass"], table["surface"]
    sizes, longest = _side_chains(structure, main, side)
    return [
        length,
        mass.sum() / length,
        surface.sum() / length,
        *rotatable,
        rotatable[0] / length,
        len(side) / circle.unit_atoms,
        mass[side].sum() / mass.sum(),
        len(sizes),
        max(sizes, default=0),
        longest,
    ]


def _rotatable_bonds(circle: Periodic, main: set[int]) -> tuple[float, float]:
    """Rotatable bonds per repeat unit between two backbone atoms, and the others."""
    pairs = circle.mol.GetSubstructMatches(_ROTATABLE, maxMatches=100_000)
    inside = sum({i % circle.unit_atoms, j % circle.unit_atoms} <= main for i, j in pairs)
    return inside / circle.n_units, (len(pairs) - inside) / circle.n_units


def _side_chains(structure: Structure, main: list[int], side: list[int]) -> tuple[list[int], int]:
    """Heavy atoms of each side chain, and bonds from the backbone to the farthest side-chain atom."""
    assert structure.ends is not None
    kept = structure.without_ends(range(structure.mol.GetNumAtoms()))
    number = {old: new for new, old in enumerate(kept)}
    left, front, distance = set(side), main, 0
    neighbours = [
        [number[n.GetIdx()] for n in structure.mol.GetAtomWithIdx(old).GetNeighbors() if n.GetIdx() in number]
        for old in kept
    ]
    while front := [n for i in front for n in neighbours[i] if n in left]:
        distance += 1
        left -= set(front)
    return [len(chain) for chain in _components(side, neighbours)], distance


def _components(atoms: list[int], neighbours: list[list[int]]) -> list[set[int]]:
    left, found = set(atoms), []
    while left:
        stack = [left.pop()]
        chain = set(stack)
        while stack:
            new = {n for n in neighbours[stack.pop()] if n in left}
            left -= new
            chain |= new
            stack += new
        found.append(chain)
    return found
