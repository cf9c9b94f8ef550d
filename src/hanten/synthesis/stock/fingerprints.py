"""Fingerprints of a stock and exact neighbour search by popcount.

Morgan fingerprints of radius 2, folded to 2,048 bits, are kept as 32 words of 64 bits, *word by word* (32, n): a
query touches only the words in which it has bits, and each touch is one pass over contiguous memory. With a query
of some 40 bits that is about 22 of the 32 rows. The search is exact; blocks of members keep it in the processor's
cache, and a memory map keeps it out of memory.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
from rdkit import Chem, DataStructs, rdBase
from rdkit.Chem import rdFingerprintGenerator

BITS, RADIUS = 2048, 2
WORDS = BITS // 64
BLOCK = 1 << 15  # members at a time: two rows of a block and the counts fit in the cache
CHUNK = 4096  # members per job when fingerprints are built
Words = npt.NDArray[np.uint64]


@lru_cache(maxsize=1)
def _generator() -> Any:
    return rdFingerprintGenerator.GetMorganGenerator(radius=RADIUS, fpSize=BITS)


def fingerprint(mol: Any) -> Words:
    """The fingerprint of one molecule as 32 words.

    Examples
    --------
    >>> int(np.bitwise_count(fingerprint(Chem.MolFromSmiles("CCO"))).sum())
    6
    """
    text = DataStructs.BitVectToBinaryText(_generator().GetFingerprint(mol))
    return np.frombuffer(text, dtype="<u8")


def fingerprint_columns(smiles: Sequence[str]) -> Words:
    """Fingerprints of many SMILES, (32, n); a text that is no molecule gives an empty one."""
    empty = bytes(BITS // 8)
    texts = []
    with rdBase.BlockLogs():
        for text in smiles:
            mol = Chem.MolFromSmiles(text) if text else None
            texts.append(
                empty if mol is None else DataStructs.BitVectToBinaryText(_generator().GetFingerprint(mol))
            )
    return np.frombuffer(b"".join(texts), dtype="<u8").reshape(len(texts), WORDS).T


def fill(out: Words, smiles: Sequence[str], n_jobs: int = 1) -> None:
    """Compute fingerprints chunk by chunk into ``out`` (32, n), which may be a memory map."""
    from joblib import Parallel, delayed

    starts = range(0, len(smiles), CHUNK)
    jobs: Iterable[Any] = (
        delayed(fingerprint_columns)([smiles[i] for i in range(s, min(s + CHUNK, len(smiles)))])
        for s in starts
    )
    for start, block in zip(starts, Parallel(n_jobs=n_jobs, return_as="generator")(jobs), strict=True):
        out[:, start : start + block.shape[1]] = block


def bit_counts(columns: Words) -> npt.NDArray[np.uint16]:
    """Bits set for each member, (n,)."""
    counts = np.zeros(columns.shape[1], dtype=np.uint16)
    for row in columns:
        counts += np.bitwise_count(row)
    return counts


def shared_bits(
    columns: Words, query: Words, start: int = 0, stop: int | None = None
) -> npt.NDArray[np.uint16]:
    """Bits that a query shares with members ``start`` to ``stop``."""
    stop = columns.shape[1] if stop is None else stop
    shared = np.zeros(stop - start, dtype=np.uint16)
    for word in np.flatnonzero(query):
        shared += np.bitwise_count(columns[word, start:stop] & query[word])
    return shared


def top_k(
    columns: Words,
    counts: npt.NDArray[np.uint16],
    query: Words,
    k: int,
    *,
    alpha: float = 1.0,
    beta: float = 1.0,
    allowed: npt.NDArray[np.bool_] | None = None,
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:
    """The ``k`` members most similar to a query, exactly; ties go to the earlier member.

    The similarity is Tversky's, ``c / (c + alpha (a - c) + beta (b - c))`` with ``c`` shared bits, ``a`` bits of the
    query and ``b`` of the member: Tanimoto for 1, 1; the share of the member found in the query for 0, 1.

    Returns
    -------
    indices : (k,) int
        Best first; fewer where there are fewer members.
    similarities : (k,) float32, 0 to 1
    """
    n = columns.shape[1]
    own = int(np.bitwise_count(query).sum())
    best, value = np.empty(0, np.int64), np.empty(0, np.float32)
    for start in range(0, n, BLOCK):
        stop = min(start + BLOCK, n)
        shared = shared_bits(columns, query, start, stop).astype(np.float32)
        bottom = shared + alpha * (own - shared) + beta * (counts[start:stop] - shared)
        score = np.divide(shared, bottom, out=np.zeros_like(shared), where=bottom > 0)
        if allowed is not None:
            score[~allowed[start:stop]] = -1.0
        floor = value[-1] if len(value) >= k else -0.5
        here = np.flatnonzero(score > floor)
        if len(here):
            best, value = np.concatenate([best, here + start]), np.concatenate([value, score[here]])
            first = np.lexsort((best, -value))[:k] if len(best) < 4 * k else _leading(best, value, k)
            best, value = best[first], value[first]
    return best, value


def _leading(best: npt.NDArray[np.int64], value: npt.NDArray[np.float32], k: int) -> npt.NDArray[np.intp]:
    """The first ``k`` by value, then by index, without sorting all."""
    limit = np.partition(value, len(value) - k)[len(value) - k]
    candidates = np.flatnonzero(value >= limit)
    return candidates[np.lexsort((best[candidates], -value[candidates]))[:k]]
