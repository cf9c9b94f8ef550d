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

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from hanten.design.syntax_state import DONORS_KEPT, KEPT, MAX_DEPTH, MAX_RINGS, SyntaxState
from hanten.design.vocabulary import (
    ATOM,
    BOND,
    BRANCH,
    BRANCH_END,
    CLOSE,
    END,
    NEVER,
    OPEN,
    RING,
    RING_END,
    STOP,
    Bools,
    Ints,
    Vocabulary,
)

# Rules look at these numbers, each up to a greatest value: the kind of the last token, the free valence on the branch
# stack, attachment points to come, ..., free valence, aromatic; last, rings and attachment points together.
_GREATEST = np.array([6, 4, 1, 1, 1, 4, 1, 2])
_STRIDES = np.concatenate([np.cumprod((_GREATEST + 1)[::-1])[-2::-1], [1]])


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
    def _closings(self) -> tuple[Ints, Ints]:
        """Ids of the tokens that close a ring, and which ring each closes."""
        table = self.vocabulary.table
        tokens = np.flatnonzero((table.kind == RING_END) & (table.ring < MAX_RINGS))
        return tokens, table.ring[tokens]

    @cached_property
    def _legal_by_class(self) -> Bools:
        """Legality of every token in every class of :meth:`_classes`, by broadcasting the rules over all of them."""
        grids = np.meshgrid(*[np.arange(greatest + 1) for greatest in _GREATEST], indexing="ij")
        before, s, left, on_star, depth, v, soft, o = [grid.reshape(-1, 1) for grid in grids]
        t = self.vocabulary.table
        start, opened = before == NEVER, before == BRANCH
        cost = np.where(soft, np.minimum(t.cost, 1), t.cost)
        bare = np.array([token[:1] not in BOND for token in self.vocabulary.tokens])
        room = t.gives + np.where(start, t.cost, s) - np.where(opened, cost, 0)
        atom = np.where(start, bare, v >= cost) & ((o - t.star <= 0) | (room >= 1))
        atom &= ~t.star | ((left > 0) & (on_star == 0))
        inside = ~start & ~opened
        branch = inside & (v >= 1) & (on_star == 0)
        branch_end = inside & (depth > 0) & ((o == 0) | (s >= 1))
        ring = inside & (v >= cost) & (on_star == 0) & (v - cost + s >= 1)
        ring_end = inside & (v >= cost) & ((o <= 1) | (v - cost + s >= 1)) & (t.ring < MAX_RINGS)
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
        """Which class of states each string belongs to; all of a class have the same legal tokens, rings aside."""
        known = np.minimum(x.core[:7], _GREATEST[:7, None])
        return np.asarray(_STRIDES[:7] @ known + np.minimum(x.left + x.n_rings, 2))

    def start(self, n: int) -> SyntaxState:
        """``n`` empty strings."""
        return SyntaxState.start(n, self.vocabulary.n_attachment)

    def legal(self, x: SyntaxState) -> Bools:
        """Which tokens may come next, shape (n, vocabulary size); at least one is legal in every row."""
        legal: Bools = self._legal_by_class[self._classes(x)]
        tokens, rings = self._closings
        legal[:, tokens] &= self._may_close(x, slice(None))[:, rings]
        late = np.flatnonzero(self._too_long(x))
        if late.size:
            finishing = self._finishing_tokens(x.glance(late), legal[late])
        aromatic = legal & self._aromatic(x)
        legal = np.asarray(np.where(np.any(aromatic, axis=1, keepdims=True), aromatic, legal))
        if late.size:
            legal[late] = False
            legal[late, finishing] = True
        return legal

    def surely_legal(self, x: SyntaxState, tokens: Ints) -> Bools:
        """Which of ``tokens``, one of each string, are legal without exception made, shape (n,).

        In a string that is too long, or where the rules for aromatic rings would leave nothing, exceptions are
        made, and this says no to every token. Everywhere else it says what :meth:`legal` says.
        """
        t = self.vocabulary.table
        kind = t.kind[tokens]
        fine: Bools = self._legal_by_class[self._classes(x), tokens] & ~self._too_long(x)
        sure, unmixed = self._aromatic_rings(x)
        fine &= ~(self._locked(x, sure & unmixed) & t.leaves[tokens])
        fine &= (x.entry == 0) | (kind == RING) | (kind == RING_END)
        fine &= ~(t.narrow[tokens] & (t.loose[tokens] | (x.soft == 0)) & (x.kind != NEVER))
        closing = np.flatnonzero((kind == RING_END) & fine)
        if closing.size:
            k = t.ring[tokens[closing]]
            each = np.arange(closing.size)
            fine[closing] = self._may_close(x, closing)[each, k]
            fine[closing] &= ~sure[closing, k] | (unmixed[closing, k] & (x.soft[closing] > 0))
        return fine

    def is_legal(self, x: SyntaxState, tokens: Ints) -> Bools:
        """Which of ``tokens``, one of each string, are legal, shape (n,)."""
        fine = self.surely_legal(x, tokens)
        doubtful = np.flatnonzero(~fine)
        if doubtful.size:
            fine[doubtful] = self.legal(x.glance(doubtful))[np.arange(doubtful.size), tokens[doubtful]]
        return fine

    def _may_close(self, x: SyntaxState, rows: Ints | slice) -> Bools:
        """Whether each ring may be closed now, shape (rows, MAX_RINGS)."""
        core = x.core[:, rows]
        x = SyntaxState(core[:, :, None], x.stack, x.rings[:, rows])
        partner, order = x.rings[0], x.rings[1]
        paid = np.where(x.soft > 0, 1, order)
        fits = (partner != x.atom) & (partner != x.parent) & (paid <= x.valence)
        fits &= (x.left + x.n_rings <= 1) | (x.valence - paid + x.spare >= 1)
        return np.asarray(fits & (np.arange(MAX_RINGS) < x.n_rings))

    def _too_long(self, x: SyntaxState) -> Bools:
        """Whether the string must be brought to its end now: the tokens left just suffice, or nothing more fits."""
        to_finish = x.depth + 4 * x.n_rings + 6 * x.left + 8
        too_deep = (x.depth >= MAX_DEPTH - 1) | (x.n_rings >= MAX_RINGS)
        return np.asarray((x.length + to_finish >= self.max_length) | too_deep)

    def _aromatic(self, x: SyntaxState) -> Bools:
        """What keeps aromatic rings closed; where these rules leave nothing, the others alone hold.

        The atom by which the text enters an aromatic system opens the first ring of it at once (the text walks
        around a ring before it comes back to where it entered). That ring is closed by aromatic atoms, so it must
        not be left for good: neither by a bond that is not aromatic, outside a branch, nor by closing the branch.
        """
        t = self.vocabulary.table
        sure, unmixed = self._aromatic_rings(x)
        allowed: Bools = ~(self._locked(x, sure & unmixed)[:, None] & t.leaves)
        allowed &= (x.entry == 0)[:, None] | (t.kind == RING) | (t.kind == RING_END)
        allowed &= ~(t.narrow & (t.loose | (x.soft == 0)[:, None]) & (x.kind != NEVER)[:, None])
        tokens, rings = self._closings
        allowed[:, tokens] &= (~sure | (unmixed & (x.soft > 0)[:, None]))[:, rings]
        return allowed

    def _aromatic_rings(self, x: SyntaxState) -> tuple[Bools, Bools]:
        """Of each open ring: whether it is aromatic for sure, and whether all its atoms so far are aromatic."""
        return x.rings[6] > 0, x.rings[4] == x.plain[:, None]

    def _locked(self, x: SyntaxState, walked: Bools) -> Bools:
        """Whether the text walks around an aromatic ring that it must close before it goes elsewhere."""
        return np.asarray((walked & (x.rings[5] == x.depth[:, None])).any(axis=1) & (x.kind != BRANCH))

    def _finishing_tokens(self, x: SyntaxState, legal: Bools) -> Ints:
        """The one token with which a string that is too long goes on: close rings, place stars, close branches."""
        index = self.vocabulary.index
        carbon, zero, star = index["C"], index["0"], index.get("*", END)
        free = x.valence >= 1
        rings = np.where(free, np.where(legal[:, zero], zero, carbon), CLOSE)
        fork = (x.valence >= 2) & (x.kind != BRANCH) & (x.depth < MAX_DEPTH) & (x.on_star == 0)
        stars = np.where(legal[:, star], star, np.where(fork, OPEN, np.where(free, carbon, CLOSE)))
        ends = np.where(legal[:, END], END, np.where(legal[:, CLOSE], CLOSE, carbon))
        return np.where(x.n_rings > 0, rings, np.where(x.left > 0, stars, ends))

    def feature(self, x: SyntaxState) -> npt.NDArray[np.uint64]:
        """What the language model is told of the state beside the last tokens, in 8 bits.

        Attachment points to come; of the ring opened last: its size were it closed here, whether all of it is
        aromatic, whether an odd number of its atoms give two electrons or none; whether more rings are open.
        """
        last = x.rings[:, :, 0]
        size = np.minimum(np.maximum(x.path - last[2], 0), 7)
        ring = size * 8 + (x.plain == last[4]) * 4 + ((x.donors - last[3]) & 1) * 2 + (x.n_rings > 1) + 1
        return np.asarray(x.left * 65 + ring * (x.n_rings > 0)).astype(np.uint64)

    def advance(self, x: SyntaxState, tokens: Ints) -> None:
        """Write one token to each string, in place; the tokens must be legal (``END`` changes nothing but the kind)."""
        kind = self.vocabulary.table.kind[tokens]
        x.length[:] += 1
        for code, write in ((ATOM, self._atom), (RING, self._ring), (RING_END, self._ring_end)):
            rows = np.flatnonzero(kind == code)
            if rows.size:
                write(x, rows, tokens[rows])
        _open_branch(x, np.flatnonzero(kind == BRANCH))
        _close_branch(x, np.flatnonzero(kind == BRANCH_END))
        x.kind[:] = kind

    def _atom(self, x: SyntaxState, rows: Ints, tokens: Ints) -> None:
        table = self.vocabulary.table
        now = x.glance(rows)
        cost, aromatic = table.cost[tokens], now.soft > 0
        paid = np.where(aromatic, np.minimum(cost, 1), cost)
        first = now.kind == BRANCH
        at = rows[first], now.depth[first] - 1
        x.stack[(*at, 0)] -= paid[first].astype(np.int16)
        x.stack[(*at, DONORS_KEPT)] += (cost[first] == 2) & aromatic[first]
        now.spare[:] -= paid * first
        now.parent[:], now.atom[:] = now.atom, now.length
        now.valence[:] = table.gives[tokens] + cost * (now.kind == NEVER)
        soft, star = table.soft[tokens], table.star[tokens]
        now.entry[:] = (soft > 0) & (table.loose[tokens] | ~aromatic)
        now.on_star[:], now.soft[:] = star, soft
        now.left[:] -= star
        now.donors[:] += table.donor[tokens]
        now.plain[:] += soft == 0
        now.path[:] += 1
        x.core[:, rows] = now.core

    def _ring(self, x: SyntaxState, rows: Ints, tokens: Ints) -> None:
        order, now = self.vocabulary.table.cost[tokens], x.glance(rows)
        now.donors[:] += now.soft == 2
        plain = now.plain - (now.soft == 0)  # the atom that opens the ring belongs to it
        ring = [now.atom, order, now.path - 1, now.donors - (now.soft == 2), plain, now.depth, now.entry]
        x.rings[:, rows, 1:] = now.rings[:, :, :-1]
        x.rings[:, rows, 0] = np.stack(ring)
        now.entry[:] = 0
        now.n_rings[:] += 1
        now.valence[:] -= np.where(now.soft > 0, 1, order)
        x.core[:, rows] = now.core

    def _ring_end(self, x: SyntaxState, rows: Ints, tokens: Ints) -> None:
        table = self.vocabulary.table
        k, now = table.ring[tokens], x.glance(rows)
        ring = now.rings[:, np.arange(len(k)), k]
        now.valence[:] -= np.where(now.soft > 0, 1, np.maximum(table.cost[tokens], ring[1]))
        now.path[:] = np.minimum(now.path, ring[2] + 2)  # from now on, through the bond that closed the ring
        now.donors[:] = np.minimum(now.donors, ring[3])
        now.plain[:] = np.minimum(now.plain, ring[4] + (now.soft == 0))
        now.n_rings[:] -= 1
        x.core[:, rows] = now.core
        kept = np.arange(MAX_RINGS - 1)
        x.rings[:, rows, :-1] = np.where(kept < k[:, None], now.rings[:, :, :-1], now.rings[:, :, 1:])
        x.rings[:, rows, -1] = 0


def _open_branch(x: SyntaxState, rows: Ints) -> None:
    if rows.size:
        level = x.depth[rows]
        x.donors[rows] += x.soft[rows] == 2
        x.stack[rows, level] = x.core[KEPT, rows].T
        x.spare[rows] += x.valence[rows]
        x.depth[rows] += 1


def _close_branch(x: SyntaxState, rows: Ints) -> None:
    if rows.size:
        x.depth[rows] -= 1
        x.core[KEPT, rows] = x.stack[rows, x.depth[rows]].T
        x.spare[rows] -= x.valence[rows]
        x.on_star[rows] = x.entry[rows] = 0
