"""Synthetic accessibility score of a repeat unit.

The score of Ertl and Schuffenhauer (J. Cheminform. 2009, 1:8, doi:10.1186/1758-2946-1-8) rates a molecule
from 1 (easy) to 10 (hard) by how common its fragments are and how complex it is. It was made for drug-like
molecules; here it is computed on the canonical repeat unit with a methyl group on each attachment point, so
that it depends neither on how the unit is written nor on an artificial macrocycle. Values of common
polymers lie between 1 and 4.

The implementation is the one that RDKit ships among its contributed tools, loaded on first use. It reads
RDKit's own table of fragment frequencies, a pickle inside the RDKit installation; no other pickle is read
or written.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rdkit import Chem, RDConfig

from hanten.chem import canonical_psmiles
from hanten.errors import MissingExtraError, StructureError


@lru_cache(maxsize=1)
def _scorer() -> Any:
    """RDKit's contributed scorer as a module, without touching ``sys.path``."""
    path = Path(RDConfig.RDContribDir) / "SA_Score" / "sascorer.py"
    spec = importlib.util.spec_from_file_location("hanten._rdkit_sascorer", path)
    if not path.is_file() or spec is None or spec.loader is None:
        raise MissingExtraError(
            f"this RDKit has no {path}", hint="install RDKit from its wheel: pip install rdkit"
        )
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@lru_cache(maxsize=200_000)
def _score(canonical: str) -> float:
    """Score of a canonical repeat unit, attachment points as methyl groups."""
    mol = Chem.RWMol(Chem.MolFromSmiles(canonical))
    for atom in mol.GetAtoms():
        if atom.GetAtomicNum() == 0:
            atom.SetAtomicNum(6)
            atom.SetNoImplicit(False)
    mol.UpdatePropertyCache()
    return float(_scorer().calculateScore(mol))


def sa_score(structures: Sequence[str]) -> NDArray[np.float64]:
    """Synthetic accessibility of repeat units, 1 (easy) to 10 (hard).

    Parameters
    ----------
    structures : sequence of str, n
        PSMILES.

    Returns
    -------
    ndarray of shape (n,)
        NaN where a string is no repeat unit.

    Examples
    --------
    >>> sa_score(["*CC(*)c1ccccc1", "*C(c1ccccc1)C*", "not a polymer"]).round(1)
    array([1.8, 1.8, nan])
    """
    scores = np.full(len(structures), np.nan)
    for i, text in enumerate(structures):
        try:
            scores[i] = _score(canonical_psmiles(text))
        except StructureError:
            continue
    return scores
