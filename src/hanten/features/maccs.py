"""MACCS keys of polymers and molecules."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
from rdkit import Chem
from rdkit.Chem import MACCSkeys, rdMolDescriptors

from hanten.features.base import StructureTransformer

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hanten.features.structure import Structure

N_KEYS = 166
CIRCUMFERENCE = 12  # longer than any pattern of the keys
_AROMATIC_RINGS, _FRAGMENTS = 125, 166  # the two keys that are no patterns


class MACCSKeys(StructureTransformer):
    """The 166 public MACCS keys: present/absent, or counted per repeat unit.

    Parameters
    ----------
    count : bool
        Matches per repeat unit instead of yes or no. A key that asks for "more than k" matches asks it of one
        repeat unit of a polymer; the count leaves the threshold out.
    errors, n_jobs
        See :class:`~hanten.features.base.StructureTransformer`.

    Notes
    -----
    For a molecule the keys are those of RDKit. A polymer's ring keys see the rings of its repeat unit only.

    References
    ----------
    .. [1] Durant et al., J. Chem. Inf. Comput. Sci. 42, 1273 (2002), doi:10.1021/ci010132r

    Examples
    --------
    >>> keys = MACCSKeys()
    >>> X = keys.fit_transform(["*CC(*)c1ccccc1"])
    >>> X.shape, X[0, list(keys.get_feature_names_out()).index("maccs_163_six_ring")]
    ((1, 166), np.float32(1.0))
    """

    def __init__(self, *, count: bool = False, errors: str = "raise", n_jobs: int | None = None) -> None:
        self.count = count
        super().__init__(errors=errors, n_jobs=n_jobs)

    def _names(self) -> list[str]:
        readable = {
            125: "_aromatic_rings",
            160: "_methyl",
            162: "_aromatic",
            163: "_six_ring",
            164: "_oxygen",
        }
        readable |= {161: "_nitrogen", 165: "_ring", 166: "_fragments"}
        kind = "_count" if self.count else ""
        return [f"maccs_{i}{readable.get(i, '')}{kind}" for i in range(1, N_KEYS + 1)]

    def _row(self, structure: Structure) -> NDArray[Any]:
        circle = structure.periodic(CIRCUMFERENCE)
        row = np.zeros(N_KEYS)
        for key, pattern, more_than in _patterns():
            found = len(circle.mol.GetSubstructMatches(pattern, maxMatches=100_000)) / circle.n_units
            row[key - 1] = found if self.count else found > more_than
        for key, found in _others(circle.mol, circle.n_units):
            row[key - 1] = found if self.count else found > 1
        return row


def _others(mol: Any, n_units: int) -> tuple[tuple[int, float], ...]:
    fragments = len(Chem.GetMolFrags(mol)) if n_units == 1 else 1
    return (_AROMATIC_RINGS, rdMolDescriptors.CalcNumAromaticRings(mol) / n_units), (_FRAGMENTS, fragments)


@cache
def _patterns() -> list[tuple[int, Any, int]]:
    """Key number, pattern, and the number of matches that must be exceeded."""
    table = MACCSkeys.smartsPatts
    return [(key, Chem.MolFromSmarts(smarts), more) for key, (smarts, more) in table.items() if smarts != "?"]
