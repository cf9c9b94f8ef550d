"""Moves between strings, each with its exact correction.

The state is the string. All moves leave the prior unchanged by themselves, so the sampler adds nothing but the
likelihood. A candidate that is no polymer has likelihood zero, which is a rejection.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from hanten.design.ngram import NGramPrior
from hanten.design.token_rows import TokenRows
from hanten.design.vocabulary import END

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class CutAndRegrow:
    """Cut the string somewhere and let the prior write the rest anew.

    Cut at k, uniform over the allowed cuts of x; keep the first k tokens; regrow to the end with an unmodified draw
    from the prior's language model. For each cut, P(x) P(y | x[:k]) = P(x) P(y) / P(x[:k]) is symmetric in x and y:
    the prior cancels, and what is left is how often k is chosen,

        log correction = log(number of cuts of x) - log(number of cuts of y).

    With ``reach`` None every cut 0 .. len(x) is allowed (k = len(x) only asks whether the string goes on), so that
    the numbers are len + 1. With a ``reach`` only the last ``reach`` + 1 cuts are: small changes near the end. Then y
    must be short enough that k is among *its* last cuts too, else there is no way back and the step is rejected.

    Parameters
    ----------
    prior : NGramPrior
        The very prior of the run.
    reach : int, optional
        Most tokens to cut off.
    share : float
        The reach holds for this share of the steps, drawn without looking at the string; the others cut anywhere.
    """

    prior: NGramPrior
    reach: int | None = None
    share: float = 1.0

    def propose(self, xs: Sequence[Any], rng: np.random.Generator) -> tuple[list[str | None], Array]:
        """One candidate per string and its log correction; ``None`` for a string the prior cannot write."""
        rows, good = self.prior.encode(xs)
        limited = np.ones(len(xs), dtype=bool) if self.share >= 1 else rng.random(len(xs)) < self.share
        lowest = self._lowest(rows.lengths, limited)
        cuts = lowest + np.floor(rng.random(len(xs)) * (rows.lengths - lowest + 1)).astype(np.int64)
        grown = self.prior.complete(rows.cut(cuts).take(good), rng)
        back = self._lowest(grown.lengths, limited[good])
        value = np.log(rows.lengths[good] - lowest[good] + 1) - np.log(grown.lengths - back + 1)
        correction = np.full(len(xs), -np.inf)
        correction[good] = np.where(cuts[good] >= back, value, -np.inf)
        ys: list[str | None] = [None] * len(xs)
        for i, text in zip(np.flatnonzero(good), self.prior.texts(grown), strict=True):
            ys[i] = text if np.isfinite(correction[i]) else None
        return ys, correction

    def _lowest(
        self, lengths: npt.NDArray[np.int64], limited: npt.NDArray[np.bool_]
    ) -> npt.NDArray[np.int64]:
        """The first allowed cut of strings of these lengths."""
        if self.reach is None:
            return np.zeros_like(lengths)
        return np.where(limited, np.maximum(lengths - self.reach, 0), 0)


@dataclass(frozen=True)
class Substitute:
    """Draw one token anew where it stands and keep the rest: C for O, a ring closed elsewhere.

    Position i is uniform over the tokens of x; the new token w' is drawn from P(. | x[:i]), the prior's own. Then

        log correction = log P(y) - log P(w' | x[:i]) - log P(x) + log P(w | x[:i]),

    which is the ratio of the probabilities of what follows. A candidate that can no longer be written is ``None``.
    """

    prior: NGramPrior

    def propose(self, xs: Sequence[Any], rng: np.random.Generator) -> tuple[list[str | None], Array]:
        """One candidate per string and its log correction."""
        rows, good = self.prior.encode(xs)
        ys: list[str | None] = [None] * len(xs)
        correction = np.full(len(xs), -np.inf)
        old = rows.take(good)
        if not len(old):
            return ys, correction
        each = np.arange(len(old))
        at = np.floor(rng.random(len(old)) * old.lengths).astype(np.int64)
        cumulative = np.cumsum(self.prior.next_probabilities(old.cut(at)), axis=1)
        threshold = rng.random(len(old)) * cumulative[:, -1]
        new = TokenRows(old.table.copy(), old.lengths)
        new.table[each, at] = np.argmax(cumulative > threshold[:, None], axis=1)
        ended = new.table[each, at] == END
        value = self.prior.log_prob_after(new, at) - self.prior.log_prob_after(old, at)
        correction[good] = np.where(ended, -np.inf, value)
        legal = np.isfinite(correction[good])
        for i, text in zip(np.flatnonzero(good)[legal], self.prior.texts(new.take(legal)), strict=True):
            ys[i] = text
        return ys, correction
