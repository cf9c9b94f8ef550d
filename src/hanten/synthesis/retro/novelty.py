"""Is a reaction one that the models were trained on? By digests, so that the package need not carry the reactions."""

from __future__ import annotations

import lzma
from collections.abc import Iterable
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

import numpy as np
import numpy.typing as npt

from hanten.runs import atomic_write

KNOWN = Path(__file__).parent / "known_reactions.xz"


def digest(product: str, reactants: Iterable[str]) -> int:
    """32 bits of a reaction: of its canonical SMILES, reactants sorted, each once.

    >>> digest("CCOC(C)=O", ["CCO", "CC(=O)O"]) == digest("CCOC(C)=O", ["CC(=O)O", "CCO", "CCO"])
    True
    """
    text = ".".join(sorted({part for one in reactants for part in one.split(".")})) + ">>" + product
    return int.from_bytes(sha256(text.encode()).digest()[:4], "big")


def is_known(product: str, reactants: Iterable[str]) -> bool:
    """Whether the training reactions hold it; wrongly yes about once in 17,000.

    >>> is_known("CCNC(=O)c1ccccc1", ["[Xe]"])
    False
    """
    known = _known()
    wanted = np.uint32(digest(product, reactants))
    at = int(np.searchsorted(known, wanted))
    return at < len(known) and bool(known[at] == wanted)


def save_known(path: str | Path, reactions: Iterable[tuple[str, Iterable[str]]]) -> int:
    """Write the digests of reactions; returns how many."""
    values = np.unique(np.array([digest(*one) for one in reactions], dtype=np.uint32))
    steps = np.diff(values, prepend=np.uint32(0)).astype(">u4")
    # Byte planes compress: the high bytes are nearly all zero.
    planes = np.ascontiguousarray(steps.view(np.uint8).reshape(-1, 4).T)
    with atomic_write(path, "wb") as handle:
        handle.write(lzma.compress(planes.tobytes(), preset=9))
    return len(values)


@lru_cache(maxsize=1)
def _known() -> npt.NDArray[np.uint32]:
    planes = np.frombuffer(lzma.decompress(KNOWN.read_bytes()), dtype=np.uint8).reshape(4, -1)
    steps = np.ascontiguousarray(planes.T).view(">u4").ravel().astype(np.uint64)
    return np.cumsum(steps).astype(np.uint32)
