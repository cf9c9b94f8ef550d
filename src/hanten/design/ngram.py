"""The chemical language model: a back-off n-gram on SMILES tokens, kept legal by a syntax state.

Strings are written token by token. The next token is drawn from the Kneser–Ney estimate for the last tokens,
restricted to the tokens that are legal (:mod:`hanten.design.syntax`) and renormalised:

    P(w | past) = P_KN(w | context, feature) [w legal] / sum over legal w' of P_KN(w' | context, feature)

Every legal token has positive probability and from every state a complete string can be reached, so the
probabilities of all complete strings sum to one, and :meth:`NGramPrior.log_prob` is exact for what
:meth:`NGramPrior.sample` draws.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from hanten.design.corpus import Corpus
from hanten.design.kneser_ney import Floats, Level, fit_levels, level_shifts
from hanten.design.row_table import RowTable
from hanten.design.syntax import Syntax
from hanten.design.token_rows import TokenRows
from hanten.design.vocabulary import END, Bools, Ints, Vocabulary
from hanten.design.walk import Walk, layout, training_pairs
from hanten.errors import DataError

_BATCH = 8192
_MOST_TOKENS = 240  # a token is stored in eight bits
_CROWDED = 0.9


@dataclass(frozen=True)
class NGramPrior:
    """A distribution over SMILES strings; the prior of inverse design.

    Parameters
    ----------
    syntax : Syntax
        Vocabulary and rules.
    levels : list of Level
        The smoothed n-grams, from the lowest order.
    card : dict
        What it was trained on, scores, licence.

    Examples
    --------
    >>> prior = NGramPrior.fit(["*CC*", "*CO*", "*CC(*)C", "*CCO*"], order=3)
    >>> [text.count("*") for text in prior.sample(3, np.random.default_rng(1))]
    [2, 2, 2]
    >>> bool(prior.log_prob(["*CC*"])[0] > prior.log_prob(["*OOOO*"])[0])
    True
    """

    syntax: Syntax
    levels: list[Level] = field(repr=False)
    card: dict[str, object] = field(default_factory=dict, repr=False)

    @property
    def order(self) -> int:
        """Tokens of the longest n-gram."""
        return len(self.levels) - 1

    @property
    def vocabulary(self) -> Vocabulary:
        """The tokens this prior can write."""
        return self.syntax.vocabulary

    @classmethod
    def fit(
        cls,
        strings: Iterable[str],
        *,
        order: int = 10,
        n_attachment: int = 2,
        least_token_count: int = 1,
        minimum: Sequence[int] | None = None,
        trust: float = 0.5,
        max_length: int = 160,
    ) -> NGramPrior:
        """Estimate the model from SMILES strings.

        Parameters
        ----------
        strings : iterable of str
            One writing of a structure each; strings that cannot be written legally are left out.
        order : int
            Tokens of the longest n-gram; at most what fits into 64 bits (9 to 10).
        n_attachment : int
            Attachment points of every string: 2 for polymers, 0 for molecules.
        least_token_count : int
            A token in fewer strings than this does not enter the vocabulary; nor do any but the 240 most frequent.
        minimum : sequence of int, optional
            Least count of an n-gram to be kept, for each level from the lowest; the last value holds for the rest.
        trust : float
            Factor on the Kneser–Ney discounts. Half of them costs hardly any bits per token and halves the number
            of invalid strings, most of which begin where the model knows nothing and guesses.
        max_length : int
            Tokens, end included, within which every string ends.

        Raises
        ------
        DataError
            If no string is usable.
        """
        corpus = Corpus.of(list(strings))
        frequent = [token for token, count in corpus.strings_with().items() if count >= least_token_count]
        vocabulary = Vocabulary.of(frequent[:_MOST_TOKENS], n_attachment)
        syntax = Syntax(vocabulary, max_length)
        pairs = training_pairs(syntax, corpus)
        if not pairs.count.size:
            raise DataError(
                "no string can be learned from", hint="polymers have exactly two attachment points `*`"
            )
        bits, span = layout(vocabulary)
        order = min(order, span + 1)
        least = list(minimum or [1])
        least += [least[-1]] * (order + 1 - len(least))
        return cls(syntax, fit_levels(pairs, bits, span, order, least, trust))

    def sample(self, n: int, rng: np.random.Generator) -> list[str]:
        """Draw ``n`` independent strings."""
        out: list[str] = []
        while len(out) < n:
            m = min(n - len(out), _BATCH)
            out += self.texts(self.complete(TokenRows.of([[]] * m), rng))
        return out

    def log_prob(self, xs: Sequence[Any]) -> Floats:
        """Natural log-probability of each string, shape (n,); ``-inf`` for what cannot be written."""
        out = np.full(len(xs), -np.inf)
        for start in range(0, len(xs), _BATCH):
            rows, good = self.encode(xs[start : start + _BATCH])
            known = np.flatnonzero(good)
            out[start + known] = self.log_prob_after(rows.take(known), np.full(len(known), -1))
        return out

    def encode(self, xs: Sequence[Any]) -> tuple[TokenRows, Bools]:
        """Token ids of strings, and which of them could be read: SMILES of known tokens, and not too many."""
        rows, good = TokenRows.of_texts(xs, self.vocabulary)
        return rows, good & (rows.lengths < self.syntax.max_length)

    def texts(self, rows: TokenRows) -> list[str]:
        """SMILES strings of rows of token ids."""
        return rows.texts(self.vocabulary)

    def complete(self, prefixes: TokenRows, rng: np.random.Generator) -> TokenRows:
        """Write the rest of strings that begin with ``prefixes``: unmodified draws from the model.

        The prefixes must be legal, as the beginnings of strings are that the model can write.
        """
        walk = Walk(self.syntax, len(prefixes))
        table = np.full((len(prefixes), self.syntax.max_length), END)
        going = np.ones(len(prefixes), dtype=bool)
        while going.any():
            if np.count_nonzero(going) < _CROWDED * going.size:
                walk.keep(going)
                going = going[going]
            tokens = self._next(walk, prefixes, rng)
            going &= tokens != END
            tokens[~going] = END  # a string that has ended stays as it is until its row is dropped
            table[walk.rows, walk.length] = tokens
            walk.write(tokens)
        lengths = np.argmax(table == END, axis=1)
        return TokenRows(table[:, : int(lengths.max(initial=0))], lengths)

    def next_probabilities(self, prefixes: TokenRows) -> Floats:
        """P(next token | prefix), shape (n, vocabulary size); token ``END`` ends the string."""
        out = np.zeros((len(prefixes), len(self.vocabulary)))
        walk = Walk(self.syntax, len(prefixes))
        while walk.rows.size:
            ends = prefixes.lengths[walk.rows] == walk.length
            if ends.any():
                out[walk.rows[ends]] = self._probabilities(walk)[ends]
            walk.keep(~ends)
            walk.write(prefixes.table[walk.rows, walk.length] if walk.rows.size else walk.rows)
        return np.asarray(out / np.cumsum(out, axis=1)[:, -1:])

    def log_prob_after(self, rows: TokenRows, at: Ints) -> Floats:
        """Log P(tokens after position ``at`` and the end | tokens up to and including it) of each row, shape (n,).

        ``-inf`` if the row cannot be written, whichever token it is that is not legal.
        """
        rows, out = rows.ended(), np.zeros(len(rows))
        walk = Walk(self.syntax, len(rows))
        while walk.rows.size:
            tokens = rows.table[walk.rows, walk.length]
            p = self._probabilities(walk)
            chosen = p[np.arange(tokens.size), tokens]
            with np.errstate(divide="ignore"):
                term = np.log(chosen) - np.log(np.cumsum(p, axis=1)[:, -1])
            out[walk.rows] += np.where((at[walk.rows] < walk.length) | (chosen == 0), term, 0.0)
            going = (chosen > 0) & (walk.length + 1 < rows.lengths[walk.rows])
            walk.keep(going)
            walk.write(tokens[going])
        return out

    def _next(self, walk: Walk, prefixes: TokenRows, rng: np.random.Generator) -> Ints:
        """The next token of each string: of its prefix, and behind that one drawn from the model.

        A token is drawn from the estimate as it is, and kept if it is legal; else it is drawn again from the legal
        ones. Either way it is legal token w with probability P(w) / P(legal).
        """
        given = prefixes.lengths[walk.rows] > walk.length
        tokens = np.full(given.size, END)
        if given.any():
            tokens[given] = prefixes.table[walk.rows[given], walk.length]
        drawing = np.flatnonzero(~given)
        if not drawing.size:
            return tokens
        nodes = self._rows.nodes(walk.keys()[drawing])
        tokens[drawing] = _pick(self._rows.cumulative(nodes), rng)
        refused = np.flatnonzero(~self.syntax.surely_legal(walk.state, tokens)[drawing])
        if refused.size:
            rows = drawing[refused]
            p = self._rows.probabilities(nodes[refused]) * self.syntax.legal(walk.state.glance(rows))
            tokens[rows] = _pick(np.cumsum(p, axis=1), rng)
        return tokens

    def _probabilities(self, walk: Walk) -> Floats:
        """Unnormalised probabilities of the next token: the estimate where legal, else 0."""
        p = self._rows.probabilities(self._rows.nodes(walk.keys()))
        return p * self.syntax.legal(walk.state)

    def __getstate__(self) -> dict[str, object]:
        return {"syntax": self.syntax, "levels": self.levels, "card": self.card}

    @cached_property
    def _rows(self) -> RowTable:
        bits, span = layout(self.vocabulary)
        return RowTable(self.levels, level_shifts(bits, span, self.order), len(self.vocabulary))


def _pick(cumulative: Floats, rng: np.random.Generator) -> Ints:
    """One column of each row, with probability proportional to its step in the row."""
    threshold = rng.random(len(cumulative)) * cumulative[:, -1]
    return np.asarray(np.argmax(cumulative > threshold[:, None], axis=1))
