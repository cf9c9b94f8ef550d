"""The last tokens of strings that are being written, as the language model sees them: closed branches left out.

After a branch the model sees the atom before it, then of the branch its first token and a mark of what else was in it,
then ``)``. So the atoms of the chain stay near each other, however long a branch between them was. A context is one
integer: the last tokens, the most recent highest.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hanten.design.syntax_state import MAX_DEPTH
from hanten.design.vocabulary import CLOSE, OPEN, Ints

Keys = npt.NDArray[np.uint64]
SINGLE = 1  # mark of a branch of one token


@dataclass
class Context:
    """Contexts of ``n`` strings, each with the contexts that its open branches will go back to.

    Parameters
    ----------
    bits, span : int
        Bits of a token, tokens of a context.
    n : int
        Strings.
    """

    bits: int
    span: int
    n: int

    def __post_init__(self) -> None:
        self.rows: Ints = np.arange(self.n)
        self.packed: Keys = np.zeros(self.n, dtype=np.uint64)
        self._depth: Ints = np.zeros(self.n, dtype=np.int64)
        self._before: Keys = np.zeros((self.n, MAX_DEPTH + 1), dtype=np.uint64)
        self._first: Keys = np.zeros((self.n, MAX_DEPTH + 1), dtype=np.uint64)
        self._opened: Ints = np.zeros((self.n, MAX_DEPTH + 1), dtype=np.int64)
        self._fresh = np.zeros(self.n, dtype=bool)
        self._length = 0

    def keep(self, which: npt.NDArray[np.bool_]) -> None:
        """Go on with these strings only."""
        self.rows, self.packed = self.rows[which], self.packed[which]
        self._depth, self._fresh = self._depth[which], self._fresh[which]

    def write(self, tokens: Ints) -> None:
        """One more token in each string."""
        new = tokens.astype(np.uint64)
        opens, closes = np.flatnonzero(tokens == OPEN), np.flatnonzero(tokens == CLOSE)
        fresh = np.flatnonzero(self._fresh)
        self._first[self.rows[fresh], self._depth[fresh]] = new[fresh]
        if closes.size:
            row, level = self.rows[closes], self._depth[closes]
            single = self._length - self._opened[row, level] == 2
            first = self._first[row, level]
            mark = np.where(single, SINGLE, OPEN).astype(np.uint64)
            self.packed[closes] = self._push(self._push(self._before[row, level], mark), first)
            self._depth[closes] = level - 1
        if opens.size:
            self._depth[opens] += 1
            row, level = self.rows[opens], self._depth[opens]
            self._before[row, level] = self.packed[opens]
            self._opened[row, level] = self._length
        self.packed = self._push(self.packed, new)
        self._fresh = tokens == OPEN
        self._length += 1

    def _push(self, packed: Keys, tokens: Keys) -> Keys:
        return packed >> np.uint64(self.bits) | tokens << np.uint64(self.bits * (self.span - 1))
