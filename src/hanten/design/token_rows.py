"""Many strings as one table of token ids, and back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from hanten.design.corpus import Corpus
from hanten.design.tokens import RING_OPEN, digit
from hanten.design.vocabulary import END, RING, RING_END, Bools, Ints, Vocabulary


@dataclass(frozen=True)
class TokenRows:
    """Rows of token ids.

    Attributes
    ----------
    table : array of int, (n, width)
        Row i holds ``lengths[i]`` ids, then only ``END``.
    lengths : array of int, (n,)

    Examples
    --------
    >>> vocabulary = Vocabulary.of(["*", "C"], 2)
    >>> rows, good = TokenRows.of_texts(["*CC*", "*CN*"], vocabulary)
    >>> rows.lengths.tolist(), good.tolist()
    ([4, 0], [True, False])
    >>> rows.texts(vocabulary)
    ['*CC*', '']
    """

    table: Ints
    lengths: Ints

    @classmethod
    def of(cls, rows: Sequence[Sequence[int]]) -> TokenRows:
        """From lists of ids."""
        lengths = np.array([len(row) for row in rows], dtype=np.int64)
        flat = np.array([i for row in rows for i in row], dtype=np.int64)
        return cls._filled(flat, lengths)

    @classmethod
    def of_texts(cls, texts: Sequence[Any], vocabulary: Vocabulary) -> tuple[TokenRows, Bools]:
        """From SMILES strings, and which of them could be read; the others are empty rows."""
        return cls.of_corpus(Corpus.of([str(text) for text in texts]), vocabulary)

    @classmethod
    def of_corpus(cls, corpus: Corpus, vocabulary: Vocabulary) -> tuple[TokenRows, Bools]:
        """From strings split into tokens; one with a token that is not in the vocabulary cannot be read."""
        ids = np.array([vocabulary.index.get(word, -1) for word in corpus.words], dtype=np.int64)
        flat, line = ids[corpus.codes], np.repeat(np.arange(len(corpus.lengths)), corpus.lengths)
        good = corpus.lengths > 0
        good[line[flat < 0]] = False
        return cls._filled(flat[good[line]], np.where(good, corpus.lengths, 0)), good

    @classmethod
    def _filled(cls, flat: Ints, lengths: Ints) -> TokenRows:
        table = np.full((len(lengths), int(lengths.max(initial=0))), END, dtype=np.int64)
        table[np.arange(table.shape[1]) < lengths[:, None]] = flat
        return cls(table, lengths)

    def __len__(self) -> int:
        return len(self.lengths)

    def take(self, which: Any) -> TokenRows:
        """Some of the rows."""
        return TokenRows(self.table[which], self.lengths[which])

    def cut(self, lengths: Ints) -> TokenRows:
        """The first ``lengths`` ids of each row."""
        kept = np.arange(self.table.shape[1]) < lengths[:, None]
        return TokenRows(np.where(kept, self.table, END), np.asarray(lengths))

    def ended(self) -> TokenRows:
        """The same rows with an ``END`` that counts."""
        table = np.pad(self.table, ((0, 0), (0, 1)), constant_values=END)
        return TokenRows(table, self.lengths + 1)

    def lists(self) -> list[list[int]]:
        """The rows as lists of ids."""
        return [row[:n] for row, n in zip(self.table.tolist(), self.lengths.tolist(), strict=True)]

    def texts(self, vocabulary: Vocabulary) -> list[str]:
        """The SMILES strings, as :func:`hanten.design.tokens.join` writes them."""
        inside = np.arange(self.table.shape[1]) < self.lengths[:, None]
        flat = self.table[inside]
        words = [vocabulary.tokens[i] for i in flat.tolist()]
        ends = np.cumsum(self.lengths)
        kind = vocabulary.table.kind[flat]
        at = np.flatnonzero((kind == RING) | (kind == RING_END))
        _write_digits(words, at.tolist(), np.searchsorted(ends, at, side="right").tolist())
        starts = [0, *ends.tolist()]
        return ["".join(words[a:b]) for a, b in pairwise(starts)]


def _write_digits(words: list[str], at: list[int], line: list[int]) -> None:
    """Replace ring tokens at the positions ``at`` by digits, in place; every ring gets the lowest one that is free."""
    rings: list[int] = []
    current = -1
    for i, of in zip(at, line, strict=True):
        if of != current:
            rings, current = [], of
        word = words[i]
        if word[-1] == RING_OPEN:
            number = 1
            while number in rings:
                number += 1
            rings.insert(0, number)
            words[i] = word[:-1] + digit(number)
        else:
            bond = "" if word[0].isdigit() else word[0]
            words[i] = bond + digit(rings.pop(int(word[len(bond) :])))
