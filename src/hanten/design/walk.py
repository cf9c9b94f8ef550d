"""Strings written side by side, one token a step: their syntax and what the language model sees of them."""

from __future__ import annotations

import numpy as np

from hanten.design.context import Context
from hanten.design.corpus import Corpus
from hanten.design.kneser_ney import Counts, Keys, count_pairs, merge_pairs
from hanten.design.syntax import Syntax
from hanten.design.token_rows import TokenRows
from hanten.design.vocabulary import Bools, Ints, Vocabulary

FEATURE_BITS = 8
_BATCH = 16_384


def layout(vocabulary: Vocabulary) -> tuple[int, int]:
    """Bits of a token, and how many tokens fit into 64 bits beside the feature of the syntax."""
    bits = max(len(vocabulary) - 1, 1).bit_length()
    return bits, (64 - FEATURE_BITS) // bits


class Walk:
    """``n`` strings, empty at first, that get one token each at every step.

    Attributes
    ----------
    state : SyntaxState
        The syntax of the strings that are still being written.
    length : int
        Tokens written so far.
    """

    def __init__(self, syntax: Syntax, n: int) -> None:
        self.syntax = syntax
        self.state = syntax.start(n)
        self._context = Context(*layout(syntax.vocabulary), n)
        self.length = 0

    @property
    def rows(self) -> Ints:
        """Numbers of the strings that are still being written."""
        return self._context.rows

    def keys(self) -> Keys:
        """Packed contexts: the feature of the syntax on top, then the last tokens, the most recent highest."""
        shift = np.uint64(self._context.bits * self._context.span)
        return self.syntax.feature(self.state) << shift | self._context.packed

    def keep(self, which: Bools) -> None:
        """Go on with these strings only."""
        if not which.all():
            self.state = self.state.take(which)
            self._context.keep(which)

    def write(self, tokens: Ints) -> None:
        """One more legal token in each string."""
        self.syntax.advance(self.state, tokens)
        self._context.write(tokens)
        self.length += 1


def training_pairs(syntax: Syntax, corpus: Corpus) -> Counts:
    """How often each token followed each context in the strings that are legal throughout and not too long."""
    parts = []
    for i in range(0, len(corpus.lengths), _BATCH):
        rows, good = TokenRows.of_corpus(corpus.part(i, i + _BATCH), syntax.vocabulary)
        good &= rows.lengths < syntax.max_length
        if good.any():
            parts.append(_pairs_of_batch(syntax, rows.take(good).ended()))
    return merge_pairs(parts)


def _pairs_of_batch(syntax: Syntax, rows: TokenRows) -> Counts:
    walk, legal = Walk(syntax, len(rows)), np.ones(len(rows), dtype=bool)
    owners, keys, followers = [], [], []
    for i in range(int(rows.lengths.max(initial=0))):
        walk.keep(rows.lengths[walk.rows] > i)
        tokens = rows.table[walk.rows, i]
        fine = syntax.is_legal(walk.state, tokens)
        legal[walk.rows[~fine]] = False
        walk.keep(fine)
        tokens = tokens[fine]
        owners.append(walk.rows)
        keys.append(walk.keys())
        followers.append(tokens)
        walk.write(tokens)
    keep = legal[np.concatenate(owners)]
    return count_pairs(np.concatenate(keys)[keep], np.concatenate(followers)[keep].astype(np.uint8))
