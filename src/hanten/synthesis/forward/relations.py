"""Where a copy would go on, in NumPy: the same function as ``matching``, which explains it and is what training uses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from hanten.synthesis.forward.matching import (
    _RUN_BUCKET,
    BEST_SCORE,
    COVERED,
    COVERS,
    DELETION,
    FARTHEST,
    FRONTIER,
    INSERTION,
    LONGEST_RUN,
    MISMATCH,
    NEAR,
    SCORES,
    UNTOUCHED,
)

Whole: TypeAlias = npt.NDArray[np.int16]
_BUCKET = np.array(_RUN_BUCKET, dtype=np.int16)
# What (covered, behind, near) mean together.
_COVER = np.array([UNTOUCHED, NEAR, FRONTIER, FRONTIER, COVERED, COVERED, COVERED, COVERED], dtype=np.int16)


@dataclass(frozen=True, slots=True)
class Match:
    """State after some target tokens, each (n, source length): see ``matching.Match``."""

    run: Whole
    score: Whole
    covered: npt.NDArray[np.bool_]

    def select(self, rows: npt.NDArray[np.intp]) -> Match:
        """The states of some rows."""
        return Match(self.run[rows], self.score[rows], self.covered[rows])

    def relation(self) -> Whole:
        """One number per source position."""
        behind = _shift(self.covered, 1)
        near = _shift(behind, 1) | _shift(behind, 2) | _shift(behind, 3)
        cover = _COVER[self.covered * np.int8(4) + behind * np.int8(2) + near]
        relation: Whole = (_BUCKET[self.run] * np.int16(SCORES) + self.score) * np.int16(COVERS) + cover
        return relation


def begin(source: Whole) -> Match:
    """The state before any target token."""
    zeros = np.zeros(source.shape, dtype=np.int16)
    return Match(zeros, zeros, np.zeros(source.shape, dtype=bool))


def advance(match: Match, source: Whole, token: Whole) -> Match:
    """The state after one more target token; ``source`` (n, S) and ``token`` (n,) are kinds of tokens."""
    equal = _shift(source, 1, fill=-1) == token[:, None]
    run = np.where(equal, np.minimum(_shift(match.run, 1) + 1, LONGEST_RUN), 0).astype(np.int16)
    along = _shift(match.score, 1) + np.where(equal, np.int16(1), np.int16(-MISMATCH))
    score = np.clip(np.maximum(along, match.score - np.int16(INSERTION)), 0, BEST_SCORE).astype(np.int16)
    skipped = score
    for k in range(1, FARTHEST + 1):
        skipped = np.maximum(skipped, _shift(score, k) - np.int16(k * DELETION))
    copied = np.where(equal, (along * np.int16(LONGEST_RUN + 1) + run) * 2 + ~_shift(match.covered, 1), -1)
    at = copied.argmax(axis=1)
    rows = np.arange(len(source))
    covered = match.covered.copy()
    covered[rows, np.maximum(at - 1, 0)] |= copied[rows, at] >= 0
    return Match(run, skipped, covered)


def relations(source: Whole, target: Whole) -> Whole:
    """Relations (n, T, S) of every target prefix to every source position, from kinds of tokens."""
    match = begin(source)
    table = np.empty((*target.shape, source.shape[1]), dtype=np.int16)
    for k in range(target.shape[1]):
        match = advance(match, source, target[:, k])
        table[:, k] = match.relation()
    return table


def _shift(values: npt.NDArray[Any], by: int, fill: int = 0) -> npt.NDArray[Any]:
    """Columns moved to the right."""
    moved = np.full_like(values, fill)
    moved[:, by:] = values[:, : max(values.shape[1] - by, 0)]
    return moved
