"""Force-field descriptors: distributions of atom, bond, angle and torsion parameters, as kernel means."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from rdkit import Chem
from rdkit.Chem import rdForceFieldHelpers, rdPartialCharges

from hanten.errors import StructureError
from hanten.features.base import StructureTransformer, check_choice, check_whole

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hanten.features.structure import Structure

    Terms = tuple[NDArray[np.float64], NDArray[np.float64]]

ELEMENTS = ("H", "C", "N", "O", "F", "Si", "P", "S", "Cl", "Br", "I", "other")
CIRCUMFERENCE = 5  # a torsion spans three bonds


@dataclass(frozen=True)
class Parameter:
    """A force-field parameter and the range in which its distribution is looked at.

    Attributes
    ----------
    name, unit : str
    low, high : float
        Ends of the grid of kernel centres; values beyond are moved to the ends.
    """

    name: str
    unit: str
    low: float
    high: float


PARAMETERS = (
    Parameter("charge", "e", -0.6, 0.6),
    Parameter("vdw_distance", "angstrom", 2.8, 4.6),
    Parameter("vdw_depth", "kcal/mol", 0.04, 0.42),
    Parameter("bond_length", "angstrom", 0.9, 2.2),
    Parameter("bond_stiffness", "kcal/mol/angstrom^2", 300.0, 2100.0),
    Parameter("bond_polarity", "e", 0.0, 0.8),
    Parameter("angle", "degree", 90.0, 180.0),
    Parameter("angle_stiffness", "kcal/mol/rad^2", 40.0, 400.0),
    Parameter("torsion_barrier", "kcal/mol", 0.0, 40.0),
)


class ForceFieldDescriptors(StructureTransformer):
    """How the force-field parameters of a structure's atoms, bonds, angles and torsions are distributed.

    Each parameter's distribution over the repeat unit is embedded on a grid of Gaussian kernels: entry m of a
    block is the mean over the terms t of exp(-(x_t - c_m)^2 / (2 s^2)), with the centres c_m evenly spaced
    and s their spacing. Element fractions stand for the masses. Bonded and van der Waals parameters are those
    of UFF as RDKit implements it, charges are Gasteiger's (on the endless chain, all hydrogens explicit).

    Parameters
    ----------
    grid : int
        Kernel centres for each of the nine parameters.
    aggregate : {"mean", "sum"}
        Mean over the terms (independent of size), or sum over the terms of one repeat unit.
    errors, n_jobs
        See :class:`~hanten.features.base.StructureTransformer`. A structure with an atom that the force field
        does not know cannot be described.

    Notes
    -----
    The idea, and the success of such vectors in predicting polymer properties from molecular dynamics, are
    from [1]_ and [2]_; there the parameters are GAFF2's.

    References
    ----------
    .. [1] Hayashi et al., npj Comput. Mater. 8, 222 (2022), doi:10.1038/s41524-022-00906-4
    .. [2] Kusaba et al., Phys. Rev. B 108, 134107 (2023), doi:10.1103/PhysRevB.108.134107
    .. [3] Rappé et al., J. Am. Chem. Soc. 114, 10024 (1992), doi:10.1021/ja00051a040 (UFF)
    .. [4] Gasteiger and Marsili, Tetrahedron 36, 3219 (1980), doi:10.1016/0040-4020(80)80168-2

    Examples
    --------
    >>> featurizer = ForceFieldDescriptors()
    >>> X = featurizer.fit_transform(["*CC*", "*CC(*)C"])
    >>> X.shape, featurizer.get_feature_names_out()[1], X[:, 1].round(3)
    ((2, 192), 'ff_fraction_C', array([0.333, 0.333], dtype=float32))
    """

    def __init__(
        self, grid: int = 20, *, aggregate: str = "mean", errors: str = "raise", n_jobs: int | None = None
    ) -> None:
        self.grid = grid
        self.aggregate = aggregate
        super().__init__(errors=errors, n_jobs=n_jobs)

    def _check(self) -> None:
        check_whole("grid", self.grid, 2, 1000)
        check_choice("aggregate", self.aggregate, ("mean", "sum"))

    def _names(self) -> list[str]:
        kernels = [
            f"ff_{p.name}_at_{centre:.4g}"
            for p in PARAMETERS
            for centre in np.linspace(p.low, p.high, self.grid)
        ]
        return [f"ff_fraction_{symbol}" for symbol in ELEMENTS] + kernels

    def _width(self) -> int:
        return len(ELEMENTS) + self.grid * len(PARAMETERS)

    def _row(self, structure: Structure) -> NDArray[Any]:
        elements, terms = force_field_terms(structure)
        scale = elements.sum() if self.aggregate == "mean" else 1.0
        blocks = [elements / scale]
        for parameter, (values, weights) in zip(PARAMETERS, terms, strict=True):
            blocks.append(_kernel_sum(parameter, values, weights, self.grid))
            if self.aggregate == "mean":
                blocks[-1] /= max(weights.sum(), 1e-12)
        return np.concatenate(blocks)


def _kernel_sum(p: Parameter, values: NDArray[Any], weights: NDArray[Any], grid: int) -> NDArray[np.float64]:
    centres = np.linspace(p.low, p.high, grid)
    width = centres[1] - centres[0]
    distance = (np.clip(values, p.low, p.high)[:, None] - centres) / width
    summed: NDArray[np.float64] = weights @ np.exp(-0.5 * distance**2)
    return summed


def force_field_terms(structure: Structure) -> tuple[NDArray[np.float64], list[Terms]]:
    """Element counts of one repeat unit, and values and weights of each of :data:`PARAMETERS`.

    A bond or torsion shared with the next repeat unit weighs one half.

    Raises
    ------
    StructureError
        If the force field does not know an atom or a bond.
    """
    circle = structure.periodic(CIRCUMFERENCE)
    mol = Chem.AddHs(circle.mol)
    if not rdForceFieldHelpers.UFFHasAllMoleculeParams(mol):
        raise StructureError(
            f"{structure.text!r} has an atom that the universal force field (UFF) does not know"
        )
    rdPartialCharges.ComputeGasteigerCharges(mol)
    charge = np.array([atom.GetDoubleProp("_GasteigerCharge") for atom in mol.GetAtoms()])
    if not np.isfinite(charge).all():
        raise StructureError(f"{structure.text!r} has an atom without Gasteiger parameters")
    owner = _owners(mol, circle.unit_atoms)
    atoms = np.flatnonzero(owner)
    vdw = np.array([rdForceFieldHelpers.GetUFFVdWParams(mol, i, i) for i in atoms.tolist()]).reshape(-1, 2)
    ones = np.ones(len(atoms))
    per_atom = [(charge[atoms], ones), (vdw[:, 0], ones), (vdw[:, 1], ones)]
    return _element_counts(mol, atoms), [*per_atom, *_bonded(mol, owner, charge)]


def _owners(mol: Any, unit_atoms: int) -> NDArray[np.bool_]:
    """Which atoms, hydrogens included, belong to the first repeat unit."""
    owner = np.zeros(mol.GetNumAtoms(), dtype=bool)
    for atom in mol.GetAtoms():
        i = atom.GetIdx()
        heavy = i if i < unit_atoms or atom.GetDegree() != 1 or atom.GetAtomicNum() != 1 else None
        owner[i] = (heavy if heavy is not None else atom.GetNeighbors()[0].GetIdx()) < unit_atoms
    return owner


def _element_counts(mol: Any, atoms: NDArray[np.intp]) -> NDArray[np.float64]:
    counts = np.zeros(len(ELEMENTS))
    for i in atoms.tolist():
        symbol = mol.GetAtomWithIdx(i).GetSymbol()
        counts[ELEMENTS.index(symbol) if symbol in ELEMENTS else -1] += 1
    return counts


def _bonded(mol: Any, owner: NDArray[np.bool_], charge: NDArray[np.float64]) -> list[Terms]:
    """Bond length, stiffness, polarity; angle, stiffness; torsion barrier."""
    neighbours = [[n.GetIdx() for n in atom.GetNeighbors()] for atom in mol.GetAtoms()]
    own = owner.tolist()
    bonds, angles, torsions = [], [], []
    for j, around in enumerate(neighbours):
        if own[j]:
            angles += [_angle(mol, i, j, k) for n, i in enumerate(around) for k in around[:n]]
        for k in around:
            weight = 0.5 * (own[j] + own[k])
            if j < k and weight:
                stiffness, length = rdForceFieldHelpers.GetUFFBondStretchParams(mol, j, k)
                bonds.append((length, stiffness, abs(charge[j] - charge[k]), weight))
                torsions += [
                    (rdForceFieldHelpers.GetUFFTorsionParams(mol, i, j, k, m) or 0.0, weight)
                    for i in around
                    if i != k
                    for m in neighbours[k]
                    if m not in {j, i}
                ]
    length, stiffness, polarity, shared = np.array(bonds).reshape(-1, 4).T
    bend, angle = np.array(angles).reshape(-1, 2).T
    barrier, part = np.array(torsions).reshape(-1, 2).T
    whole = np.ones(len(angle))
    return [
        (length, shared),
        (stiffness, shared),
        (polarity, shared),
        (angle, whole),
        (bend, whole),
        (barrier, part),
    ]


def _angle(mol: Any, i: int, j: int, k: int) -> tuple[float, float]:
    found: tuple[float, float] = rdForceFieldHelpers.GetUFFAngleBendParams(mol, i, j, k)
    return found
