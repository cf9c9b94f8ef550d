"""Smoothed probabilities of the next token, row by row, computed when they are first wanted.

What the model says after a context depends only on the longest part of the context that was seen in training. Each
seen context of each order is a *node*; its row is that of the node one order below, times gamma, plus its own first
terms (:mod:`hanten.design.kneser_ney`). So each row costs one step, once.
"""

from __future__ import annotations

from functools import cached_property
from threading import Lock

import numpy as np

from hanten.design.kneser_ney import Floats, Ints, Keys, Level


class RowTable:
    """Rows of P(next token | context) for all nodes of a back-off model.

    Parameters
    ----------
    levels : list of Level
        From the lowest order; the lowest has one context, the empty one.
    shifts : list of int
        Low bits that the contexts of each level ignore.
    n_tokens : int
    """

    def __init__(self, levels: list[Level], shifts: list[int], n_tokens: int) -> None:
        self.levels, self.n_tokens = levels, n_tokens
        self._shifts = np.array(shifts[1:], dtype=np.uint64)
        self._first = np.concatenate([[0], np.cumsum([len(level.keys) for level in levels])])
        size = int(self._first[-1])
        self._filled = np.zeros(size, dtype=bool)
        self._rows = np.empty((size, n_tokens))  # memory is used when a row is
        self._sums = np.empty((size, n_tokens))
        self._lock = Lock()

    @cached_property
    def _below(self) -> Ints:
        """For each node the one that its row is made from."""
        below = [np.zeros(len(self.levels[0].keys), dtype=np.int64)]
        below += [self._search(level.keys, k) for k, level in enumerate(self.levels[1:])]
        return np.concatenate(below)

    @cached_property
    def _ends(self) -> tuple[Keys, Ints]:
        """Contexts that no seen context extends, ascending, and their node at each level, shape (n, levels)."""
        ends = [np.zeros(1, dtype=np.uint64)]
        for level, above, shift in zip(self.levels[1:], [*self.levels[2:], None], self._shifts, strict=True):
            extended = above is not None and np.isin(level.keys, above.keys >> shift << shift)
            ends.append(level.keys[~np.asarray(extended)] if above is not None else level.keys)
        keys = np.unique(np.concatenate(ends))
        return keys, np.column_stack([self._search(keys, k) for k in range(len(self.levels))])

    def _search(self, keys: Keys, highest: int) -> Ints:
        """The node of each context at level ``highest``, or at the next lower one that has it."""
        nodes = np.zeros(len(keys), dtype=np.int64)
        left = np.arange(len(keys))
        for k in range(highest, 0, -1):
            known, shift = self.levels[k].keys, self._shifts[k - 1]
            if left.size and known.size:
                wanted = keys[left] >> shift << shift
                at = np.minimum(np.searchsorted(known, wanted), len(known) - 1)
                found = known[at] == wanted
                nodes[left[found]] = self._first[k] + at[found]
                left = left[~found]
        return nodes

    def nodes(self, keys: Keys) -> Ints:
        """The node of the longest seen part of each context, shape (n,).

        Among sorted contexts the one that shares most with ``key`` stands next to where it would stand.
        """
        ends, nodes = self._ends
        at = np.searchsorted(ends, keys)
        right, left = np.minimum(at, len(ends) - 1), np.maximum(at - 1, 0)
        differ_left, differ_right = keys ^ ends[left], keys ^ ends[right]
        nearest = np.where(differ_left < differ_right, left, right)
        shared = np.searchsorted(self._limits, np.minimum(differ_left, differ_right), side="right")
        return np.asarray(nodes[nearest, len(self.levels) - 1 - shared])

    @cached_property
    def _limits(self) -> Keys:
        """Contexts that differ by less than ``_limits[-k]`` are one and the same at level k."""
        return np.uint64(1) << self._shifts[::-1]

    def probabilities(self, nodes: Ints) -> Floats:
        """P(. | context) of each node, shape (n, n_tokens)."""
        self._fill(nodes)
        return self._rows[nodes]

    def cumulative(self, nodes: Ints) -> Floats:
        """Sums of :meth:`probabilities` up to each token, shape (n, n_tokens)."""
        self._fill(nodes)
        return self._sums[nodes]

    def _fill(self, nodes: Ints) -> None:
        if self._filled[nodes].all():
            return
        with self._lock:
            missing, chain = nodes, []
            while (missing := np.unique(missing[~self._filled[missing]])).size:
                chain.append(missing)
                missing = self._below[missing[missing >= self._first[1]]]
            for wanted in reversed(chain):
                self._compute(wanted[~self._filled[wanted]])

    def _compute(self, nodes: Ints) -> None:
        """The rows of ``nodes``; those below them are there already, or among them in an earlier level."""
        of_level = np.searchsorted(self._first, nodes, side="right") - 1
        for k in np.unique(of_level):
            now, level = nodes[of_level == k], self.levels[k]
            at = now - self._first[k]
            base = self._rows[self._below[now]] if k else self._uniform(len(now))
            rows = base * level.gamma[at, None]
            sizes = level.start[at + 1] - level.start[at]
            offsets = np.arange(sizes.sum()) - np.repeat(np.cumsum(sizes) - sizes, sizes)
            entries = np.repeat(level.start[at], sizes) + offsets
            rows[np.repeat(np.arange(len(now)), sizes), level.token[entries]] += level.value[entries]
            self._rows[now], self._sums[now] = rows, np.cumsum(rows, axis=1)
            self._filled[now] = True

    def _uniform(self, n: int) -> Floats:
        rows = np.full((n, self.n_tokens), 1.0 / (self.n_tokens - 1))
        rows[:, 0] = 0.0  # the token that begins a string
        return rows
