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
import numpy.typing as npt

from hanten.design.kneser_ney import Floats, Keys, Level, fit_levels, level_shifts, row_probabilities
from hanten.design.syntax import END, Ints, Syntax, SyntaxState, Vocabulary
from hanten.design.tokens import count_tokens, join, try_split
from hanten.errors import DataError

_SLOTS = 1 << 15
_BATCH = 4096


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
            A token in fewer strings than this does not enter the vocabulary.
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
        rows = [row for row in map(try_split, strings) if row is not None]
        counts = {t: c for t, c in count_tokens(rows).items() if c >= least_token_count}
        vocabulary = Vocabulary.of(list(counts), n_attachment)
        syntax = Syntax(vocabulary, max_length)
        keys, tokens = _training_pairs(syntax, [vocabulary.encode(row) for row in rows])
        if not tokens.size:
            raise DataError(
                "no string can be learned from", hint="polymers have exactly two attachment points `*`"
            )
        order = min(order, syntax.span + 1)
        least = list(minimum or [1])
        least += [least[-1]] * (order + 1 - len(least))
        levels = fit_levels(keys, tokens, syntax.bits, syntax.span, order, least, trust)
        return cls(syntax, levels)

    def sample(self, n: int, rng: np.random.Generator) -> list[str]:
        """Draw ``n`` independent strings."""
        out: list[str] = []
        while len(out) < n:
            out += self.texts(self._write(SyntaxState.start(min(n - len(out), _BATCH)), rng))
        return out

    def log_prob(self, xs: Sequence[Any]) -> Floats:
        """Natural log-probability of each string, shape (n,); ``-inf`` for what cannot be written."""
        return np.concatenate(
            [np.zeros(0), *[self._log_prob(xs[i : i + _BATCH]) for i in range(0, len(xs), _BATCH)]]
        )

    def encode(self, text: str) -> list[int] | None:
        """Token ids of a string, or ``None`` if it is no SMILES or holds a token that is not in the vocabulary."""
        return self.vocabulary.encode(try_split(text))

    def regrow(self, prefixes: Sequence[Sequence[int]], rng: np.random.Generator) -> list[list[int]]:
        """Complete each prefix (token ids of a legal string) with an unmodified draw; ids without the end token."""
        state, _, _ = self._read(prefixes)
        tails = self._write(state, rng)
        return [[*prefix, *tail] for prefix, tail in zip(prefixes, tails, strict=True)]

    def next_tokens(self, prefixes: Sequence[Sequence[int]], rng: np.random.Generator) -> Ints:
        """Draw the token that follows each prefix, shape (n,)."""
        state, _, _ = self._read(prefixes)
        cumulative = np.cumsum(self._probabilities(state), axis=1)
        threshold = rng.random(len(prefixes)) * cumulative[:, -1]
        return np.asarray(np.argmax(cumulative > threshold[:, None], axis=1))

    def log_prob_after(self, rows: Sequence[Sequence[int]], at: Ints) -> Floats:
        """Log P(tokens after position ``at`` | tokens up to and including it) of each row, shape (n,)."""
        if any(END in row for row in rows):
            whole = [[] if END in row else row for row in rows]
            return np.where([END in row for row in rows], -np.inf, self.log_prob_after(whole, at))
        return self._read(rows, end=True, after=at)[1]

    def texts(self, rows: Iterable[Sequence[int]]) -> list[str]:
        """SMILES strings of rows of token ids."""
        tokens = self.vocabulary.tokens
        return [join([tokens[i] for i in row]) for row in rows]

    def _probabilities(self, state: SyntaxState) -> Floats:
        """Unnormalised probabilities of the next token: the estimate where legal, else 0."""
        return np.where(self.syntax.legal(state), self._rows.look_up(_keys(self.syntax, state)), 0.0)

    def _write(self, state: SyntaxState, rng: np.random.Generator) -> list[list[int]]:
        """Write every string to its end; the tokens written, without the end token."""
        rows, written = np.arange(len(state.kind)), list[tuple[Ints, Ints]]()
        going = np.ones(rows.size, dtype=bool)
        while going.any():
            if np.count_nonzero(going) < 0.7 * rows.size:
                rows, state, going = rows[going], state.take(going), going[going]
            cumulative = np.cumsum(self._probabilities(state), axis=1)
            threshold = rng.random(rows.size) * cumulative[:, -1]
            tokens = np.argmax(cumulative > threshold[:, None], axis=1)
            going &= tokens != END
            tokens[~going] = END  # a string that has ended stays as it is until its row is dropped
            self.syntax.advance(state, tokens)
            written.append((rows, tokens))
        table = np.full(
            (int(rows.max(initial=-1)) + 1 if not written else len(written[0][0]), len(written)), END
        )
        for i, (at, tokens) in enumerate(written):
            table[at, i] = tokens
        return [row[: row.index(END)] for row in table.tolist()]

    def _read(
        self, rows: Sequence[Sequence[int]], end: bool = False, after: Ints | None = None
    ) -> tuple[SyntaxState, Floats, npt.NDArray[np.bool_]]:
        """Run the state machine over ``rows``: states after them, log-probabilities, which were legal."""
        n = len(rows)
        table, lengths = _padded(rows, end)
        state, log_prob, legal = SyntaxState.start(n), np.zeros(n), np.ones(n, dtype=bool)
        for i in range(table.shape[1]):
            at = np.flatnonzero((lengths > i) & legal)
            tokens = table[at, i]
            now = state.take(at) if at.size < n else state
            if end:
                p = self._probabilities(now)
                chosen = p[np.arange(at.size), tokens]
                with np.errstate(divide="ignore"):
                    term = np.log(chosen) - np.log(np.cumsum(p, axis=1)[:, -1])
                log_prob[at] += (
                    term if after is None else np.where((after[at] < i) | (chosen == 0), term, 0.0)
                )
                legal[at[chosen == 0]] = False
            go = tokens != END if end else np.ones(at.size, dtype=bool)
            go &= legal[at]
            now = now.take(go)
            self.syntax.advance(now, tokens[go])
            state.put(at[go], now)
        return state, log_prob, legal

    def _log_prob(self, xs: Sequence[str]) -> Floats:
        encoded = [self.encode(x) for x in xs]
        known = [i for i, row in enumerate(encoded) if row is not None and len(row) < self.syntax.max_length]
        out = np.full(len(xs), -np.inf)
        if known:
            out[known] = self._read([encoded[i] or [] for i in known], end=True)[1]
        return out

    def __getstate__(self) -> dict[str, object]:
        return {"syntax": self.syntax, "levels": self.levels, "card": self.card}

    @cached_property
    def _rows(self) -> RowCache:
        return RowCache(
            self.levels, level_shifts(self.syntax.bits, self.syntax.span, self.order), len(self.vocabulary)
        )


@dataclass
class RowCache:
    """Smoothed probabilities of contexts met lately, in a direct-mapped table; what is found does not depend on it."""

    levels: list[Level]
    shifts: list[int]
    n_tokens: int

    def __post_init__(self) -> None:
        self.keys = np.full(_SLOTS, np.uint64(0))
        self.full = np.zeros(_SLOTS, dtype=bool)
        self.rows = np.zeros((_SLOTS, self.n_tokens))
        self.drop = np.uint64(self.shifts[-1])

    def look_up(self, keys: Keys) -> Floats:
        """Rows of the contexts ``keys``, shape (n, n_tokens)."""
        keys = keys >> self.drop << self.drop
        slots = (keys * np.uint64(0x9E3779B97F4A7C15) >> np.uint64(64 - 15)).astype(np.int64)
        missing = np.flatnonzero(~self.full[slots] | (self.keys[slots] != keys))
        if not missing.size:
            return self.rows[slots]
        fresh, inverse = np.unique(keys[missing], return_inverse=True)
        rows = row_probabilities(self.levels, self.shifts, fresh, self.n_tokens)
        out = self.rows[slots]
        out[missing] = rows[inverse]
        at = slots[missing]
        self.keys[at], self.full[at], self.rows[at] = keys[missing], True, rows[inverse]
        return out


def _keys(syntax: Syntax, state: SyntaxState) -> Keys:
    """Packed contexts: the feature on top, then the last tokens, the most recent highest."""
    return syntax.feature(state) << np.uint64(syntax.bits * syntax.span) | state.context


def _padded(rows: Sequence[Sequence[int]], end: bool) -> tuple[Ints, Ints]:
    """Rows of ids as one table, with ``END`` behind each if asked, and their lengths."""
    lengths = np.array([len(row) + end for row in rows], dtype=np.int64)
    table = np.zeros((len(rows), int(lengths.max(initial=0))), dtype=np.int64)
    for i, row in enumerate(rows):
        table[i, : len(row)] = row
    if end:
        table[np.arange(len(rows)), lengths - 1] = END
    return table, lengths


def _training_pairs(syntax: Syntax, rows: Sequence[list[int] | None]) -> tuple[Keys, npt.NDArray[np.uint8]]:
    """Every (context, next token) of the rows that are legal throughout."""
    keys, tokens = list[Keys](), list[Keys]()
    usable = [row for row in rows if row is not None and len(row) < syntax.max_length]
    for start in range(0, len(usable), _BATCH):
        k, t = _pairs_of_batch(syntax, usable[start : start + _BATCH])
        keys.append(k)
        tokens.append(t)
    if not keys:
        return np.zeros(0, dtype=np.uint64), np.zeros(0, dtype=np.uint8)
    return np.concatenate(keys), np.concatenate(tokens).astype(np.uint8)


def _pairs_of_batch(syntax: Syntax, rows: Sequence[list[int]]) -> tuple[Keys, Any]:
    table, lengths = _padded(rows, end=True)
    at, state = np.arange(len(rows)), SyntaxState.start(len(rows))
    legal = np.ones(len(rows), dtype=bool)
    owners, keys = [], []
    for i in range(table.shape[1]):
        go = lengths[at] > i
        if not go.all():
            at, state = at[go], state.take(go)
        tokens = table[at, i]
        owners.append((at, tokens))
        keys.append(_keys(syntax, state))
        ok = syntax.legal(state)[np.arange(at.size), tokens]
        legal[at[~ok]] = False
        if not ok.all():
            at, tokens, state = at[ok], tokens[ok], state.take(ok)
        syntax.advance(state, tokens)
    owner = np.concatenate([a for a, _ in owners])
    keep = legal[owner]
    return np.concatenate(keys)[keep], np.concatenate([t for _, t in owners])[keep]
