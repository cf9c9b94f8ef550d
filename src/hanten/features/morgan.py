"""Morgan (extended-connectivity) fingerprints of polymers and molecules."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from rdkit.Chem import rdFingerprintGenerator
from scipy import sparse as sp

from hanten.features.base import StructureTransformer, check_choice, check_whole
from hanten.features.regions import REGIONS, region_atoms

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hanten.features.structure import Ends, Structure


class MorganFingerprint(StructureTransformer):
    """Circular atom environments up to a radius, counted per repeat unit or as present/absent.

    Parameters
    ----------
    radius : int
        Bonds from the central atom; 2 by default (the diameter-4 "ECFP4"): on polymers of a thousand examples
        radius 3 adds rare environments and no accuracy.
    size : int
        Columns the environments are folded into.
    count : bool
        How often an environment occurs per repeat unit (default), or only whether it does.
    region : {"all", "backbone", "side chain"}
        Which atoms' environments are taken (see :func:`~hanten.features.regions.backbone`); the environments
        themselves may reach into the other region. Only a polymer has a backbone.
    errors, n_jobs
        See :class:`~hanten.features.base.StructureTransformer`.
    sparse : bool
        Return a ``scipy.sparse.csr_array`` instead of a dense array.

    Notes
    -----
    A polymer's environments are those of the infinite chain: the same for every cut, direction and number of
    repeat units written, with no end groups, and with a backbone atom a ring atom only when the repeat unit
    has that ring. Two atoms on opposite sides of the bond between repeat units never see the same set of
    bonds, so the removal of duplicate environments, done unit by unit, is exact.

    References
    ----------
    .. [1] Rogers and Hahn, J. Chem. Inf. Model. 50, 742 (2010), doi:10.1021/ci100050t

    Examples
    --------
    >>> X = MorganFingerprint(radius=2).fit_transform(["*CC*", "*CCO*", "*OCC*"])
    >>> X.shape, bool((X[1] == X[2]).all())
    ((3, 2048), True)
    """

    def __init__(
        self,
        radius: int = 2,
        size: int = 2048,
        *,
        count: bool = True,
        region: str = "all",
        errors: str = "raise",
        n_jobs: int | None = None,
        sparse: bool = False,
    ) -> None:
        self.radius = radius
        self.size = size
        self.count = count
        self.region = region
        self.sparse = sparse
        super().__init__(errors=errors, n_jobs=n_jobs)

    def _check(self) -> None:
        check_whole("radius", self.radius, 0, 10)
        check_whole("size", self.size, 1, 2**24)
        check_choice("region", self.region, REGIONS)

    def _names(self) -> list[str]:
        kind = "count" if self.count else "bit"
        region = "" if self.region == "all" else f"_{self.region.replace(' ', '_')}"
        return [f"morgan_r{self.radius}{region}_{kind}_{i}" for i in range(self.size)]

    def _width(self) -> int:
        return self.size

    def _row(self, structure: Structure) -> NDArray[Any]:
        if structure.ends is not None and self.radius < 2 and self.region == "all":
            row = self._row_of_unit(structure, structure.ends)
        else:
            row = self._row_of_circle(structure)
        return row if self.count else row > 0

    def _row_of_unit(self, structure: Structure, ends: Ends) -> NDArray[Any]:
        """Up to radius 1 an attachment point has only to look like the atom of the next unit that it stands for."""
        invariants, (first, second) = list(structure.kinds), ends.points
        invariants[first], invariants[second] = invariants[ends.tail], invariants[ends.head]
        centres = [i for i in range(len(invariants)) if i not in ends.points]
        row: NDArray[Any] = _generator(self.radius, self.size).GetCountFingerprintAsNumPy(
            structure.mol, fromAtoms=centres, customAtomInvariants=invariants
        )
        return row

    def _row_of_circle(self, structure: Structure) -> NDArray[Any]:
        mol, n_units, size = structure.circle_graph(2 * self.radius + 1)
        if self.region != "all":
            centres = region_atoms(structure, self.region)
            if not centres:
                return np.zeros(self.size)
        else:
            centres = list(range(size)) if n_units > 1 else []  # to RDKit an empty list is every atom
        invariants = structure.without_ends(structure.kinds)
        row: NDArray[Any] = _generator(self.radius, self.size).GetCountFingerprintAsNumPy(
            mol, fromAtoms=centres, customAtomInvariants=invariants * n_units
        )
        return row

    def _finish(self, dense: Any) -> Any:
        return sp.csr_array(dense) if self.sparse else dense


@lru_cache(maxsize=8)
def _generator(radius: int, size: int) -> Any:
    return rdFingerprintGenerator.GetMorganGenerator(radius=radius, fpSize=size)
