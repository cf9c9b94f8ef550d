"""The syntax of SMILES as a state machine over many strings at once: what may come next, so that all closes.

Each string keeps the free valence of its current atom, the open branches, the open rings, and the attachment
points used so far. A token is *legal* when

* the grammar allows it here (no empty branch, no ring closed on the atom itself or on its neighbour, ...),
* the current atom has the free valence for it, and
* afterwards the string can still be finished: open rings and missing attachment points are *obligations*, and as
  long as there are any, an atom that can still be reached has free valence.

So from every reachable state a complete string can be written, and one is written, token by token,
when a string gets too long. A string that ends has no open branch, no open ring, and exactly the right number of
attachment points. Aromaticity is not checked here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Shorts = npt.NDArray[np.int16]
Bools = npt.NDArray[np.bool_]

BOS, END, OPEN, CLOSE = 0, 1, 2, 3  # ids of the tokens every vocabulary begins with
ATOM, BRANCH, BRANCH_END, RING, RING_END, STOP, NEVER = range(7)  # kinds
MAX_DEPTH, MAX_RINGS = 24, 12
_V, _S = 5, 5  # free valence, and free valence on the branch stack, are told apart below these numbers

_VALENCE = {
    "*": 1, "H": 1, "B": 3, "C": 4, "N": 3, "O": 2, "F": 1, "Si": 4, "P": 5, "S": 6, "Cl": 1, "Ge": 4, "As": 5,
    "Se": 6, "Br": 1, "Sn": 4, "Te": 6, "I": 1, "b": 3, "c": 3, "n": 3, "o": 2, "p": 3, "s": 2, "se": 2, "as": 3,
}  # fmt: skip
_BOND = {"": 1, "-": 1, "/": 1, "\\": 1, ":": 1, "=": 2, "#": 3, "$": 4}
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

    @classmethod
    def of(cls, tokens: tuple[str, ...]) -> TokenTable:
        """Read the arrays off the tokens' text."""
        rows = np.array([_describe(token) for token in tokens], dtype=np.int64)
        kind, cost, gives, ring, star, donor, soft = rows.T
        explicit = np.array([token[:1] in _BOND for token in tokens])
        return cls(
            kind, cost, gives, ring, star > 0, donor > 0, soft, (kind == ATOM) & (explicit | (soft == 0))
        )


def _describe(token: str) -> tuple[int, int, int, int, int, int, int]:
    """(kind, cost, free valence afterwards, ring index, is an attachment point, gives two pi electrons, aromatic)."""
    simple = {"": NEVER, "\n": STOP, "(": BRANCH, ")": BRANCH_END}
    if token in simple:
        return simple[token], 0, 0, 0, 0, 0, 0
    bond = token[0] if token[0] in _BOND else ""
    core, order = token[len(bond) :], _BOND[bond]
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


@dataclass
class SyntaxState:
    """The state of ``n`` strings being written; row i belongs to string i.

    ``valence`` is the current atom's free valence, ``spare`` the sum of it over the atoms of open branches.
    ``path`` counts the atoms from the first to the current one, leaving out closed branches; ``context`` holds the
    last tokens likewise, packed into one integer, the most recent highest.
    """

    length: Ints
    kind: Ints
    valence: Ints
    spare: Ints
    stars: Ints
    depth: Ints
    n_rings: Ints
    atom: Ints
    parent: Ints
    on_star: Bools
    entry: Bools  # the current atom enters an aromatic system, so it must open the ring of it now
    soft: Ints  # 0, or 1 for an aromatic current atom, 2 if that takes a third neighbour only by giving two electrons
    path: Ints
    donors: Ints  # atoms on the path that give two pi electrons, or none, to an aromatic ring
    plain: Ints  # atoms on the path that are not aromatic
    context: npt.NDArray[np.uint64]
    stack: Shorts  # (n, MAX_DEPTH, 8): the columns of `_KEPT`, then the first token of the branch
    stack_context: npt.NDArray[np.uint64]
    rings: Shorts  # (n, MAX_RINGS, 7): atom, bond order, path, donors, plain atoms, depth, aromatic for sure

    @classmethod
    def start(cls, n: int) -> SyntaxState:
        """``n`` empty strings."""

        def zeros(dtype: type, *shape: int) -> npt.NDArray[Any]:
            return np.zeros((n, *shape), dtype=dtype)

        special: dict[str, npt.NDArray[Any]] = {
            "on_star": zeros(np.bool_),
            "entry": zeros(np.bool_),
            "context": zeros(np.uint64),
            "stack": zeros(np.int16, MAX_DEPTH, 8),
            "stack_context": zeros(np.uint64, MAX_DEPTH),
            "rings": zeros(np.int16, MAX_RINGS, 7),
        }
        state = cls(
            **{f.name: special[f.name] if f.name in special else zeros(np.int64) for f in fields(cls)}
        )
        state.kind[:] = NEVER
        state.valence[:] = _V - 1
        return state

    def take(self, rows: npt.NDArray[Any] | slice) -> SyntaxState:
        """The states of ``rows``, as a copy."""
        return SyntaxState(*[np.array(getattr(self, f.name)[rows]) for f in fields(self)])

    def put(self, rows: npt.NDArray[Any], other: SyntaxState) -> None:
        """Write the states of ``other`` into ``rows``."""
        for f in fields(self):
            getattr(self, f.name)[rows] = getattr(other, f.name)


@dataclass(frozen=True)
class Syntax:
    """The rules for one vocabulary: which tokens are legal in a state, and the state after a token.

    Parameters
    ----------
    vocabulary : Vocabulary
    max_length : int
        Tokens, end of string included, within which every string ends.
    """

    vocabulary: Vocabulary
    max_length: int

    @cached_property
    def bits(self) -> int:
        """Bits a token takes in a packed context."""
        return max(len(self.vocabulary) - 1, 1).bit_length()

    @cached_property
    def span(self) -> int:
        """Tokens a packed context holds: what fits beside the 8 bits of :meth:`feature` in 64."""
        return (64 - 8) // self.bits

    @cached_property
    def _closings(self) -> list[tuple[int, int]]:
        """(token id, ring index) of every token that closes a ring."""
        table = self.vocabulary.table
        return [(int(t), int(table.ring[t])) for t in np.flatnonzero(table.kind == RING_END)]

    @cached_property
    def _legal_by_class(self) -> Bools:
        """Legality of every token in every class of :meth:`_classes`, by broadcasting the rules over all of them."""
        grids = np.meshgrid(*[np.arange(size) for size in _SIZES], indexing="ij")
        v, before, s, o, left, on_star, depth, full, soft = [grid.reshape(-1, 1) for grid in grids]
        t = self.vocabulary.table
        start, opened = before == NEVER, before == BRANCH
        cost = np.where(soft, np.minimum(t.cost, 1), t.cost)
        bare = np.array([token[:1] not in _BOND for token in self.vocabulary.tokens])
        room = t.gives + np.where(start, t.cost, s) - np.where(opened, cost, 0)
        atom = np.where(start, bare, v >= cost) & ((o - t.star <= 0) | (room >= 1))
        atom &= ~t.star | ((left > 0) & (on_star == 0))
        inside = ~start & ~opened
        branch = inside & (v >= 1) & (on_star == 0) & (depth < 2)
        branch_end = inside & (depth > 0) & ((o == 0) | (s >= 1))
        ring = inside & (v >= cost) & (on_star == 0) & (full == 0) & (v - cost + s >= 1)
        ring_end = inside & (v >= cost) & ((o <= 1) | (v - cost + s >= 1))
        stop = inside & (depth == 0) & (o == 0)
        rules = {
            ATOM: atom,
            BRANCH: branch,
            BRANCH_END: branch_end,
            RING: ring,
            RING_END: ring_end,
            STOP: stop,
        }
        legal = np.zeros((v.shape[0], len(self.vocabulary)), dtype=bool)
        for kind, rule in rules.items():
            legal |= (t.kind == kind) & rule
        return legal

    def _classes(self, x: SyntaxState) -> Ints:
        """Which class of states each row belongs to; all states of a class have the same legal tokens, rings aside."""
        left = self.vocabulary.n_attachment - x.stars
        columns = (
            np.minimum(x.valence, _V - 1), x.kind, np.minimum(x.spare, _S - 1), np.minimum(left + x.n_rings, 2),
            left > 0, x.on_star, (x.depth > 0).astype(np.int64) + (x.depth >= MAX_DEPTH - 1), x.n_rings >= MAX_RINGS,
            x.soft > 0,
        )  # fmt: skip
        index = np.zeros(len(x.kind), dtype=np.int64)
        for column, size in zip(columns, _SIZES, strict=True):
            index *= size
            index += column
        return index

    def legal(self, x: SyntaxState) -> Bools:
        """Which tokens may come next, shape (n, vocabulary size); at least one is legal in every row."""
        legal: Bools = self._legal_by_class[self._classes(x)]
        partner, order = x.rings[:, :, 0], x.rings[:, :, 1]
        last: Bools = np.asarray(self.vocabulary.n_attachment - x.stars + x.n_rings <= 1)
        for token, k in self._closings:
            if k < MAX_RINGS:
                other = partner[:, k]
                paid = np.where(x.soft > 0, 1, order[:, k])
                fits = (other != x.atom) & (other != x.parent) & (paid <= x.valence)
                fits &= last | (x.valence - paid + x.spare >= 1)
                legal[:, token] &= (x.n_rings > k) & fits
            else:
                legal[:, token] = False
        late = np.flatnonzero(x.length + self._to_finish(x) >= self.max_length)
        if late.size:
            tokens = self._finishing_tokens(x.take(late), legal[late])
        aromatic = legal & self._aromatic(x)
        legal = np.asarray(np.where(np.any(aromatic, axis=1, keepdims=True), aromatic, legal))
        if late.size:
            legal[late] = False
            legal[late, tokens] = True
        return legal

    def _aromatic(self, x: SyntaxState) -> Bools:
        """What keeps aromatic rings closed; where these rules leave nothing, the others alone hold.

        The atom by which the text enters an aromatic system opens the first ring of it at once (the text walks
        around a ring before it comes back to where it entered). That ring is closed by aromatic atoms, so it must
        not be left for good: neither by a bond that is not aromatic, outside a branch, nor by closing the branch.
        """
        t = self.vocabulary.table
        rings, kind = x.rings, t.kind
        sure = rings[:, :, 6] > 0
        unmixed = rings[:, :, 4] == x.plain[:, None]
        locked = (sure & unmixed & (rings[:, :, 5] == x.depth[:, None])).any(axis=1) & (x.kind != BRANCH)
        allowed: Bools = ~(locked[:, None] & (t.loose | (kind == BRANCH_END)))
        allowed &= ~np.asarray(x.entry)[:, None] | (kind == RING) | (kind == RING_END)
        narrow = (t.soft > 0) & (t.gives < 2)  # one bond in, one in the ring, none to close it with
        allowed &= ~(narrow & (t.loose | (x.soft == 0)[:, None]) & (x.kind != NEVER)[:, None])
        for token, k in self._closings:
            if k < MAX_RINGS:
                allowed[:, token] &= ~sure[:, k] | (unmixed[:, k] & (x.soft > 0))
        return allowed

    def _to_finish(self, x: SyntaxState) -> Ints:
        """Tokens that certainly suffice to finish, with :meth:`_finishing_tokens`."""
        return x.depth + 4 * x.n_rings + 6 * (self.vocabulary.n_attachment - x.stars) + 8

    def _finishing_tokens(self, x: SyntaxState, legal: Bools) -> Ints:
        """The one token with which a string that is too long goes on: close rings, place stars, close branches."""
        index = self.vocabulary.index
        carbon, zero, star = index["C"], index["0"], index.get("*", END)
        left, free = self.vocabulary.n_attachment - x.stars, x.valence >= 1
        rings = np.where(free, np.where(legal[:, zero], zero, carbon), CLOSE)
        fork = (x.valence >= 2) & (x.kind != BRANCH) & (x.depth < MAX_DEPTH) & ~x.on_star
        stars = np.where(legal[:, star], star, np.where(fork, OPEN, np.where(free, carbon, CLOSE)))
        ends = np.where(legal[:, END], END, np.where(legal[:, CLOSE], CLOSE, carbon))
        return np.where(x.n_rings > 0, rings, np.where(left > 0, stars, ends))

    def feature(self, x: SyntaxState) -> npt.NDArray[np.uint64]:
        """What the language model is told of the state beside the last tokens, in 8 bits.

        Attachment points used; of the ring opened last: its size were it closed here, whether all of it is aromatic,
        whether an odd number of its atoms give two electrons or none; whether more rings are open.
        """
        last = x.rings[:, 0]
        size = np.clip(x.path - last[:, 2], 0, 7)
        pure = x.plain == last[:, 4]
        ring = ((size * 2 + pure) * 2 + ((x.donors - last[:, 3]) & 1)) * 2 + (x.n_rings > 1) + 1
        return (np.minimum(x.stars, 2) * 65 + np.where(x.n_rings > 0, ring, 0)).astype(np.uint64)

    def advance(self, x: SyntaxState, tokens: Ints) -> None:
        """Write one token to each string, in place; the tokens must be legal (``END`` changes nothing but the kind)."""
        table = self.vocabulary.table
        kind = table.kind[tokens]
        x.length += 1
        for code, write in ((ATOM, self._atom), (BRANCH, self._branch), (BRANCH_END, self._branch_end),
                            (RING, self._ring), (RING_END, self._ring_end)):  # fmt: skip
            rows = np.flatnonzero(kind == code)
            if rows.size:
                write(x, rows, tokens[rows])
        x.kind = kind

    def _push(self, x: SyntaxState, rows: Ints, tokens: Ints) -> None:
        newest = tokens.astype(np.uint64) << np.uint64(self.bits * (self.span - 1))
        x.context[rows] = x.context[rows] >> np.uint64(self.bits) | newest

    def _atom(self, x: SyntaxState, rows: Ints, tokens: Ints) -> None:
        table = self.vocabulary.table
        cost, before = table.cost[tokens], x.kind[rows]
        paid = np.where(x.soft[rows] > 0, np.minimum(cost, 1), cost)
        first = before == BRANCH
        opened, level = rows[first], x.depth[rows[first]] - 1
        x.stack[opened, level, 0] -= paid[first]
        x.stack[opened, level, 4] += (cost[first] == 2) & (x.soft[opened] > 0)
        x.stack[opened, level, -1] = tokens[first]
        x.spare[opened] -= paid[first]
        x.parent[rows] = x.atom[rows]
        x.atom[rows] = x.length[rows]
        x.valence[rows] = table.gives[tokens] + np.where(before == NEVER, cost, 0)
        x.entry[rows] = (table.soft[tokens] > 0) & (table.loose[tokens] | (x.soft[rows] == 0))
        x.on_star[rows], x.soft[rows] = table.star[tokens], table.soft[tokens]
        x.stars[rows] += table.star[tokens]
        x.donors[rows] += table.donor[tokens]
        x.plain[rows] += table.soft[tokens] == 0
        x.path[rows] += 1
        self._push(x, rows, tokens)

    def _branch(self, x: SyntaxState, rows: Ints, tokens: Ints) -> None:
        level = x.depth[rows]
        x.donors[rows] += x.soft[rows] == 2
        for column, name in enumerate(_KEPT):
            x.stack[rows, level, column] = getattr(x, name)[rows]
        x.stack_context[rows, level] = x.context[rows]
        x.spare[rows] += x.valence[rows]
        x.depth[rows] += 1
        self._push(x, rows, tokens)

    def _branch_end(self, x: SyntaxState, rows: Ints, tokens: Ints) -> None:
        x.depth[rows] -= 1
        level = x.depth[rows]
        for column, name in enumerate(_KEPT):
            getattr(x, name)[rows] = x.stack[rows, level, column]
        x.spare[rows] -= x.valence[rows]
        x.on_star[rows] = x.entry[rows] = False
        x.context[rows] = x.stack_context[rows, level]
        self._push(x, rows, np.full(rows.size, OPEN))
        self._push(
            x, rows, x.stack[rows, level, -1]
        )  # of the closed branch the context keeps the first token
        self._push(x, rows, tokens)

    def _ring(self, x: SyntaxState, rows: Ints, tokens: Ints) -> None:
        order = self.vocabulary.table.cost[tokens]
        x.donors[rows] += x.soft[rows] == 2
        own = x.soft[rows] == 0  # the atom that opens the ring belongs to it
        x.rings[rows, 1:] = x.rings[rows, :-1]
        path, donors, plain = x.path[rows] - 1, x.donors[rows] - (x.soft[rows] == 2), x.plain[rows] - own
        ring = [x.atom[rows], order, path, donors, plain, x.depth[rows], x.entry[rows]]
        x.rings[rows, 0] = np.stack(ring, axis=1)
        x.entry[rows] = False
        x.n_rings[rows] += 1
        x.valence[rows] -= np.where(x.soft[rows] > 0, 1, order)
        self._push(x, rows, tokens)

    def _ring_end(self, x: SyntaxState, rows: Ints, tokens: Ints) -> None:
        table = self.vocabulary.table
        k = table.ring[tokens]
        ring, own = x.rings[rows, k], x.soft[rows] == 0
        x.valence[rows] -= np.where(x.soft[rows] > 0, 1, np.maximum(table.cost[tokens], ring[:, 1]))
        x.path[rows] = np.minimum(
            x.path[rows], ring[:, 2] + 2
        )  # from now on, through the bond that closed the ring
        x.donors[rows] = np.minimum(x.donors[rows], ring[:, 3])
        x.plain[rows] = np.minimum(x.plain[rows], ring[:, 4] + own)
        for step in range(MAX_RINGS - 1):
            later = rows[k <= step]
            x.rings[later, step] = x.rings[later, step + 1]
        x.rings[rows, -1] = 0
        x.n_rings[rows] -= 1
        self._push(x, rows, tokens)


_KEPT = ("valence", "atom", "parent", "path", "donors", "plain", "soft")
_SIZES = (_V, 7, _S, 3, 2, 2, 3, 2, 2)
