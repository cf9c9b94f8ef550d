"""Atom-pair and topological-torsion fingerprints of polymers and molecules."""

from __future__ import annotations

from abc import abstractmethod
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from rdkit.Chem import rdFingerprintGenerator
from scipy import sparse as sp

from hanten.features.base import StructureTransformer, check_whole

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hanten.features.structure import Structure


class _FoldedCounts(StructureTransformer):
    """Fingerprints whose entries are counted over the whole circle and divided by its repeat units."""

    def __init__(
        self,
        size: int = 2048,
        *,
        count: bool = True,
        errors: str = "raise",
        n_jobs: int | None = None,
        sparse: bool = False,
    ) -> None:
        self.size = size
        self.count = count
        self.sparse = sparse
        super().__init__(errors=errors, n_jobs=n_jobs)

    @abstractmethod
    def _generator(self) -> tuple[Any, int]:
        """RDKit's generator, and the circumference on which nothing it counts meets itself."""

    def _check(self) -> None:
        check_whole("size", self.size, 1, 2**24)

    def _width(self) -> int:
        return self.size

    def _row(self, structure: Structure) -> NDArray[Any]:
        generator, circumference = self._generator()
        circle = structure.periodic(circumference)
        counts: NDArray[Any] = generator.GetCountFingerprintAsNumPy(circle.mol)
        return counts / circle.n_units if self.count else counts > 0

    def _finish(self, dense: NDArray[np.float32]) -> Any:
        return sp.csr_array(dense) if self.sparse else dense


class AtomPairFingerprint(_FoldedCounts):
    """Pairs of atom types and the bonds between them, counted per repeat unit or as present/absent.

    Parameters
    ----------
    max_distance : int
        Longest distance in bonds. A chain has pairs at every distance, so the number is the range of sight;
        10 spans two or three aromatic rings. (RDKit's 30 is a bound on the size of molecules.)
    size : int
        Columns the pairs are folded into.
    count : bool
        How often a pair occurs per repeat unit (default), or only whether it does. A pair between two repeat
        units belongs to each by half, so that their sum is exact.
    errors, n_jobs
        See :class:`~hanten.features.base.StructureTransformer`.
    sparse : bool
        Return a ``scipy.sparse.csr_array``.

    References
    ----------
    .. [1] Carhart, Smith and Venkataraghavan, J. Chem. Inf. Comput. Sci. 25, 64 (1985),
       doi:10.1021/ci00046a002

    Examples
    --------
    Polyethylene has one pair of carbons at each distance, per CH2:

    >>> AtomPairFingerprint(max_distance=4).fit_transform(["*CC*"]).sum()
    np.float32(4.0)
    """

    def __init__(
        self,
        max_distance: int = 10,
        size: int = 2048,
        *,
        count: bool = True,
        errors: str = "raise",
        n_jobs: int | None = None,
        sparse: bool = False,
    ) -> None:
        self.max_distance = max_distance
        super().__init__(size, count=count, errors=errors, n_jobs=n_jobs, sparse=sparse)

    def _check(self) -> None:
        super()._check()
        check_whole("max_distance", self.max_distance, 1, 30)

    def _names(self) -> list[str]:
        kind = "count" if self.count else "bit"
        return [f"atom_pair_d{self.max_distance}_{kind}_{i}" for i in range(self.size)]

    def _generator(self) -> tuple[Any, int]:
        return _pairs(self.max_distance, self.size), 2 * self.max_distance + 1


class TopologicalTorsionFingerprint(_FoldedCounts):
    """Paths of four bonded atoms, counted per repeat unit or as present/absent.

    Parameters
    ----------
    size, count, errors, n_jobs, sparse
        See :class:`AtomPairFingerprint`.

    References
    ----------
    .. [1] Nilakantan et al., J. Chem. Inf. Comput. Sci. 27, 82 (1987), doi:10.1021/ci00054a008

    Examples
    --------
    >>> TopologicalTorsionFingerprint().fit_transform(["*CC*", "CCO"]).sum(axis=1)
    array([1., 0.], dtype=float32)
    """

    def _names(self) -> list[str]:
        kind = "count" if self.count else "bit"
        return [f"torsion_{kind}_{i}" for i in range(self.size)]

    def _generator(self) -> tuple[Any, int]:
        return _torsions(self.size), 5


@lru_cache(maxsize=8)
def _pairs(max_distance: int, size: int) -> Any:
    return rdFingerprintGenerator.GetAtomPairGenerator(
        maxDistance=max_distance, fpSize=size, countSimulation=False
    )


@lru_cache(maxsize=8)
def _torsions(size: int) -> Any:
    return rdFingerprintGenerator.GetTopologicalTorsionGenerator(fpSize=size, countSimulation=False)
