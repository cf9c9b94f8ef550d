"""Modified Kneser–Ney smoothing of n-gram counts, interpolated.

    P_k(w | h) = max(c(h w) - D(c(h w)), 0) / c(h) + gamma(h) P_{k-1}(w | h')        (Chen & Goodman, eq. 23)

where h' is h without its oldest token, the counts below the highest order are continuation counts (in how many
different longer contexts was h w seen), and D takes one of three values, estimated from the counts of counts n_1 ..
n_4 of each order (their eq. 26). gamma(h) is whatever mass the first term leaves, so each row sums to one exactly,
also after rare n-grams have been pruned. Below the lowest order stands the uniform distribution.

A context is one integer: a syntax feature (highest 8 bits), then the last tokens, the most recent highest; the
context of order k keeps the leading part. So P_0 forgets everything, P_1 knows the feature, P_2 the feature and the
last token, and so on.

Reference: S. F. Chen & J. Goodman, Computer Speech & Language 13, 359 (1999), doi:10.1006/csla.1999.0128.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

Keys = npt.NDArray[np.uint64]
Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Level:
    """One order: its contexts, sorted, and for each the tokens seen after it, in compressed rows.

    Attributes
    ----------
    keys : array, shape (m,)
        Packed contexts, ascending.
    start : array, shape (m + 1,)
        Row i holds the entries ``start[i]:start[i+1]``.
    token, value : array, shape (entries,)
        The token and the first term of the formula above.
    gamma : array, shape (m,)
        Weight of the next lower order: one minus the row's values.
    """

    keys: Keys
    start: Ints
    token: npt.NDArray[np.uint8]
    value: Floats
    gamma: Floats

    @classmethod
    def of(cls, keys: Keys, counts: Ints, token: npt.NDArray[np.uint8], value: Floats) -> Level:
        """A level from row sizes ``counts``; gamma follows, so that every row sums to one."""
        start = np.concatenate([[0], np.cumsum(counts)])
        used = np.add.reduceat(np.concatenate([value, [0.0]]), start[:-1]) if len(keys) else np.zeros(0)
        return cls(keys, start, token, value, np.maximum(1.0 - np.where(counts > 0, used, 0.0), 0.0))


def discounts(counts: Ints) -> Floats:
    """D_1, D_2, D_3+ from the counts of counts; D[c] for c = 0 .. 3 (Chen & Goodman, eq. 26).

    Examples
    --------
    >>> discounts(np.array([1] * 80 + [2] * 20 + [3] * 8 + [4] * 4)).round(3)
    array([0.   , 0.667, 1.2  , 1.667])
    """
    n1, n2, n3, n4 = [max(int(np.count_nonzero(counts == c)), 1) for c in (1, 2, 3, 4)]
    y = n1 / (n1 + 2 * n2)
    raw = np.array([0.0, 1 - 2 * y * n2 / n1, 2 - 3 * y * n3 / n2, 3 - 4 * y * n4 / n3])
    return np.asarray(np.clip(raw, [0.0, 0.1, 0.1, 0.1], [0.0, 0.95, 1.9, 2.8]))


@dataclass(frozen=True)
class Counts:
    """Different (context, token) pairs of one order and how often each was seen, sorted."""

    keys: Keys
    token: npt.NDArray[np.uint8]
    count: Ints


def count_pairs(keys: Keys, tokens: npt.NDArray[np.uint8], weight: Ints | None = None) -> Counts:
    """Sort and merge equal (context, token) pairs, adding their weights.

    Contexts repeat so often that a hash table finds the different ones much faster than sorting would.
    """
    codes, different = pd.factorize(keys)
    order = np.argsort(different)
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    pairs = rank[codes] << 8 | tokens
    if weight is None:
        merged, count = np.unique(pairs, return_counts=True)
    else:
        merged, inverse = np.unique(pairs, return_inverse=True)
        count = np.bincount(inverse, weights=weight, minlength=len(merged)).astype(np.int64)
    return Counts(different[order][merged >> 8], (merged & 255).astype(np.uint8), count)


def merge_pairs(parts: list[Counts]) -> Counts:
    """The counts of all ``parts`` together."""
    if not parts:
        return Counts(np.zeros(0, dtype=np.uint64), np.zeros(0, dtype=np.uint8), np.zeros(0, dtype=np.int64))
    keys, tokens, count = (
        np.concatenate([getattr(p, name) for p in parts]) for name in ("keys", "token", "count")
    )
    return count_pairs(keys, tokens, count)


def lower(counts: Counts, shift: int, oldest: Keys) -> Counts:
    """Continuation counts of the next lower order: contexts lose the token below bit ``shift``.

    An n-gram that begins with the beginning of the string has no longer context; its count stays what it is
    (``oldest == 0`` marks those).
    """
    weight = np.where(oldest == 0, counts.count, 1)
    return count_pairs(counts.keys >> np.uint64(shift) << np.uint64(shift), counts.token, weight)


def estimate(counts: Counts, minimum: int = 1, trust: float = 1.0) -> Level:
    """The first term of the formula for every context, without n-grams seen fewer than ``minimum`` times.

    ``trust`` scales the discounts: below one, less probability goes to what was not seen.
    """
    d = discounts(counts.count) * trust
    new = np.concatenate([[True], counts.keys[1:] != counts.keys[:-1]])
    first = np.flatnonzero(new)
    totals = np.add.reduceat(counts.count, first)
    row = np.cumsum(new) - 1
    value = np.maximum(counts.count - d[np.minimum(counts.count, 3)], 0.0) / totals[row]
    kept = (counts.count >= minimum) & (value > 0)
    sizes = np.bincount(row[kept], minlength=len(first))
    used = sizes > 0
    return Level.of(counts.keys[first][used], sizes[used], counts.token[kept], value[kept])


def fit_levels(  # noqa: PLR0917
    pairs: Counts, bits: int, span: int, order: int, minimum: list[int], trust: float = 1.0
) -> list[Level]:
    """All orders from counts of packed contexts and the tokens that followed.

    Parameters
    ----------
    pairs : Counts
        Of full contexts: feature on top, below it ``span`` tokens of ``bits`` bits, most recent highest.
    bits, span : int
        As above.
    order : int
        Tokens of an n-gram: the context has ``order - 1`` of them.
    minimum : list of int
        For each level from the lowest, the least count of an n-gram that is kept.
    trust : float
        Factor on all discounts.

    Returns
    -------
    list of Level
        ``order + 1`` levels: nothing, feature, feature and last token, ...
    """
    shifts = level_shifts(bits, span, order)
    top = np.uint64(shifts[-1])
    counts = count_pairs(pairs.keys >> top << top, pairs.token, pairs.count)
    levels = [estimate(counts, minimum[order], trust)]
    for k in range(order - 1, -1, -1):
        if k >= 1:
            oldest = counts.keys >> np.uint64(shifts[k + 1]) & np.uint64((1 << bits) - 1)
            counts = lower(counts, shifts[k], oldest)
        else:
            counts = count_pairs(np.zeros_like(counts.keys), counts.token)
        levels.append(estimate(counts, minimum[k], trust))
    return levels[::-1]


def level_shifts(bits: int, span: int, order: int) -> list[int]:
    """For each level, how many low bits of a key its context ignores; level 0 ignores all."""
    return [63, *[bits * (span - k) for k in range(order)]]
