"""The tokens of a language model, and what each of them does to the string: bonds, branches, rings, valence."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

BOS, END, OPEN, CLOSE = 0, 1, 2, 3  # ids of the tokens every vocabulary begins with
ATOM, BRANCH, BRANCH_END, RING, RING_END, STOP, NEVER = range(7)  # kinds

_VALENCE = {
    "*": 1, "H": 1, "B": 3, "C": 4, "N": 3, "O": 2, "F": 1, "Si": 4, "P": 5, "S": 6, "Cl": 1, "Ge": 4, "As": 5,
    "Se": 6, "Br": 1, "Sn": 4, "Te": 6, "I": 1, "b": 3, "c": 3, "n": 3, "o": 2, "p": 3, "s": 2, "se": 2, "as": 3,
}  # fmt: skip
BOND = {"": 1, "-": 1, "/": 1, "\\": 1, ":": 1, "=": 2, "#": 3, "$": 4}
_BRACKET = re.compile(r"\[\d*([A-Z][a-z]?|[a-z]{1,2}|\*)[^H+\-]*(?:H(\d?))?(?:([+-])(\d?))?")


@dataclass(frozen=True)
class Vocabulary:
    r"""The tokens of a model, in the order of their ids.

    Parameters
    ----------
    tokens : tuple of str
        ``("", "\n", "(", ")", ...)``: before the string, end of string, branches, then all others.
    n_attachment : int
        Attachment points a complete string has: 2 for polymers, 0 for molecules.

    Examples
    --------
    >>> v = Vocabulary.of(["*", "C", "O", "&", "0"], n_attachment=2)
    >>> v.encode(["*", "C", "*"])
    [4, 5, 4]
    """

    tokens: tuple[str, ...]
    n_attachment: int = 2

    @classmethod
    def of(cls, tokens: list[str], n_attachment: int) -> Vocabulary:
        """A vocabulary of ``tokens`` and of those every string needs."""
        fixed = ["", "\n", "(", ")"]
        needed = [t for t in ["C", "*", "0"] if t != "*" or n_attachment]
        return cls(
            tuple(fixed + list(dict.fromkeys(t for t in [*tokens, *needed] if t not in fixed))), n_attachment
        )

    def __len__(self) -> int:
        return len(self.tokens)

    @cached_property
    def index(self) -> dict[str, int]:
        """Token -> id."""
        return {token: i for i, token in enumerate(self.tokens) if i > END}

    def encode(self, tokens: list[str] | None) -> list[int] | None:
        """Ids of ``tokens``, or ``None`` if one is not in the vocabulary."""
        try:
            return [self.index[token] for token in tokens] if tokens else None
        except KeyError:
            return None

    @cached_property
    def table(self) -> TokenTable:
        """What the state machine must know of each token."""
        return TokenTable.of(self.tokens)


@dataclass(frozen=True)
class TokenTable:
    """Arrays over token ids: kind, bond order (cost to the current atom), free valence after, ring index, donor."""

    kind: Ints
    cost: Ints
    gives: Ints
    ring: Ints
    star: Bools
    donor: Bools
    soft: Ints
    loose: Bools  # an atom that is not joined to an aromatic neighbour by an aromatic bond
    leaves: (
        Bools  # leads away from the ring that is being walked around: such an atom, or the end of a branch
    )
    narrow: Bools  # an aromatic atom with one bond in, one in the ring, and none to close it with

    @classmethod
    def of(cls, tokens: tuple[str, ...]) -> TokenTable:
        """Read the arrays off the tokens' text."""
        rows = np.array([_describe(token) for token in tokens], dtype=np.int64)
        kind, cost, gives, ring, star, donor, soft = rows.T
        explicit = np.array([token[:1] in BOND for token in tokens])
        loose = (kind == ATOM) & (explicit | (soft == 0))
        leaves, narrow = loose | (kind == BRANCH_END), (soft > 0) & (gives < 2)
        return cls(kind, cost, gives, ring, star > 0, donor > 0, soft, loose, leaves, narrow)


def _describe(token: str) -> tuple[int, int, int, int, int, int, int]:
    """(kind, cost, free valence afterwards, ring index, is an attachment point, gives two pi electrons, aromatic)."""
    simple = {"": NEVER, "\n": STOP, "(": BRANCH, ")": BRANCH_END}
    if token in simple:
        return simple[token], 0, 0, 0, 0, 0, 0
    bond = token[0] if token[0] in BOND else ""
    core, order = token[len(bond) :], BOND[bond]
    if core == "&":
        return RING, order, 0, 0, 0, 0, 0
    if core.isdigit():
        return RING_END, order, 0, int(core), 0, 0, 0
    valence, aromatic = _valence(core)
    used = 1 if aromatic and order == 2 else order
    donor = core in {"o", "s", "[nH]", "[se]"}
    return (
        ATOM,
        order,
        max(valence - used, 0),
        0,
        int(core == "*"),
        int(donor),
        int(aromatic) + (core in {"n", "p"}),
    )


def _valence(core: str) -> tuple[int, bool]:
    """Bonds an atom can make (sigma bonds only for an aromatic one), and whether it is aromatic."""
    if core[0] != "[":
        return _VALENCE[core], core.islower()
    match = _BRACKET.match(core)
    if match is None or match[1] not in _VALENCE:
        return 4, False
    element, hydrogens, sign, size = match.groups()
    hydrogen = 0 if hydrogens is None else int(hydrogens or 1)
    charge = (0 if sign is None else int(size or 1)) * (-1 if sign == "-" else 1)
    if element.islower():
        charge = min(charge, 0)
    elif element in {
        "B",
        "C",
        "Si",
    }:  # a missing electron is a missing bond; boron gains one with an extra electron
        charge = -charge if element == "B" else -abs(charge)
    return max(_VALENCE[element] + charge - hydrogen, 0), element.islower()
