"""What the syntax of SMILES must remember of a string that is being written, for many strings at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from hanten.design.vocabulary import NEVER, Bools, Ints

Shorts = npt.NDArray[np.int16]

MAX_DEPTH, MAX_RINGS = 24, 12
_START_VALENCE = 4
KEPT = slice(5, 12)  # the numbers that come back when a branch closes
DONORS_KEPT = 5  # which of them is `donors`; `valence` is the first


def _number(i: int) -> Any:
    return property(lambda self: self.core[i])


@dataclass
class SyntaxState:
    """The state of ``n`` strings being written; column i of ``core`` belongs to string i.

    Attributes
    ----------
    core : array of int, (15, n)
        Each row under its own name below.
    stack : array of int16, (n, MAX_DEPTH, 7)
        For each open branch the `KEPT` rows of the atom that it will go back to.
    rings : array of int16, (7, n, MAX_RINGS)
        Of each open ring, the last opened first: the atom it was opened at, its bond order, path, donors and plain
        atoms before it, the depth of branches, whether it is aromatic for sure.
    """

    core: Ints
    stack: Shorts
    rings: Shorts

    kind = _number(0)  # of the last token
    spare = _number(1)  # free valence of the atoms of open branches, all together
    left = _number(2)  # attachment points to come
    on_star = _number(3)  # the current atom is an attachment point
    depth = _number(4)
    valence = _number(5)  # free valence of the current atom
    soft = _number(
        6
    )  # 0, or 1 for an aromatic atom, 2 if it takes a third neighbour only by giving two electrons
    atom = _number(7)
    parent = _number(8)
    path = _number(9)  # atoms from the first to the current one, closed branches left out
    donors = _number(10)  # atoms on the path that give two pi electrons, or none, to an aromatic ring
    plain = _number(11)  # atoms on the path that are not aromatic
    n_rings = _number(12)
    entry = _number(13)  # the current atom enters an aromatic system, so it must open the ring of it now
    length = _number(14)

    @classmethod
    def start(cls, n: int, n_attachment: int) -> SyntaxState:
        """``n`` empty strings."""
        stack = np.zeros((n, MAX_DEPTH, 7), dtype=np.int16)
        state = cls(np.zeros((15, n), dtype=np.int64), stack, np.zeros((7, n, MAX_RINGS), dtype=np.int16))
        state.kind[:], state.left[:], state.valence[:] = NEVER, n_attachment, _START_VALENCE
        return state

    def __len__(self) -> int:
        return int(self.core.shape[1])

    def take(self, rows: Ints | Bools) -> SyntaxState:
        """The states of some of the strings, as a copy."""
        return SyntaxState(self.core[:, rows], self.stack[rows], self.rings[:, rows])

    def glance(self, rows: Ints) -> SyntaxState:
        """The same without the stack: enough for the rules, not for writing on."""
        return SyntaxState(self.core[:, rows], self.stack[:0], self.rings[:, rows])
