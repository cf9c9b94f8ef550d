"""Which polymers are known already: an index of hashes of canonical PSMILES.

A hash has 64 bits: among a million known structures a new one is mistaken for a known one with probability 5e-14.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from hanten.runs import atomic_write

_FILE = Path(__file__).parent / "priors" / "known.npz"


def structure_hash(canonical: str) -> int:
    """64-bit hash of a canonical string; the same on every machine.

    Examples
    --------
    >>> hex(structure_hash("*C*"))
    '0x...'
    """
    return int.from_bytes(hashlib.blake2b(canonical.encode(), digest_size=8).digest(), "big")


def hashes(structures: Iterable[str]) -> npt.NDArray[np.uint64]:
    """Sorted distinct hashes of ``structures``."""
    return np.unique(np.fromiter(map(structure_hash, structures), dtype=np.uint64))


def save_known(structures: Iterable[str], path: str | Path) -> None:
    """Write the index of ``structures`` to one file."""
    with atomic_write(path, "wb") as handle:
        np.savez_compressed(handle, gaps=np.diff(hashes(structures), prepend=np.uint64(0)))


@lru_cache(maxsize=1)
def bundled_known() -> npt.NDArray[np.uint64]:
    """Hashes of the structures the bundled prior was trained on."""
    with np.load(_FILE, allow_pickle=False) as file:
        return np.cumsum(file["gaps"], dtype=np.uint64)


class KnownIndex:
    """Membership in a set of structures.

    Examples
    --------
    >>> KnownIndex(["*C*"], bundled=False).contains(["*C*", "*CO*"]).tolist()
    [True, False]
    """

    def __init__(self, structures: Iterable[str] = (), *, bundled: bool = True) -> None:
        own = hashes(structures)
        self._hashes = np.union1d(own, bundled_known()) if bundled else own

    def __len__(self) -> int:
        return len(self._hashes)

    def contains(self, canonical: Sequence[str]) -> npt.NDArray[np.bool_]:
        """Which of ``canonical`` are known, shape (n,)."""
        wanted = np.fromiter(map(structure_hash, canonical), dtype=np.uint64, count=len(canonical))
        return np.isin(wanted, self._hashes)
