"""Where a copy would go on: what each source position has to do with the target written so far.

A target that follows its source is copied, interrupted by the reaction. The decoder need not learn to find its place:
for the target's first t tokens and every source position i it is told

``run``
    how many tokens just before i equal the last tokens of the target (0 to 16 and more);
``score``
    the score of the best local alignment (Smith & Waterman 1981, doi:10.1016/0022-2836(81)90087-5) that ends at
    both, with gaps: it survives a few inserted or left-out tokens (0 to 12);
``cover``
    whether position i was copied already, is the first after a copied one, is close behind one, or neither: it
    survives long insertions.

Tokens are compared by kind (``Vocabulary.kinds``): a ring closure that is numbered anew, an atom whose hydrogens or
stereo changed still go on.

The three are one number, :func:`relations`, for which attention and pointer learn a bias. It is a function of source
and target text, so teacher forcing stays parallel and decoding goes on from its last state.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor

# Buckets of run: 0, 1, 2, 3, 4-5, 6-8, 9-15, 16 and more.
_RUN_BUCKET = (0, 1, 2, 3, 4, 4, 5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7)
LONGEST_RUN = len(_RUN_BUCKET) - 1
RUNS = _RUN_BUCKET[-1] + 1
BEST_SCORE = 12
SCORES = BEST_SCORE + 1
MISMATCH, INSERTION, DELETION, FARTHEST = 3, 2, 1, 3
UNTOUCHED, FRONTIER, NEAR, COVERED = range(4)
COVERS = 4
RELATIONS = RUNS * SCORES * COVERS


@dataclass(frozen=True, slots=True)
class Match:
    """State after some target tokens; each (n, source length).

    Attributes
    ----------
    run, score : int tensors
        See the module.
    covered : bool tensor
        Source positions copied so far.
    """

    run: Tensor
    score: Tensor
    covered: Tensor

    def select(self, rows: Tensor) -> Match:
        """The states of some rows, as beam search needs them."""
        return Match(self.run[rows], self.score[rows], self.covered[rows])

    def relation(self) -> Tensor:
        """One number per source position, 0 to ``RELATIONS`` - 1."""
        import torch

        behind = _shift(self.covered, 1)
        near = _shift(behind, 1) | _shift(behind, 2) | _shift(behind, 3)
        cover = torch.where(behind, FRONTIER, torch.where(near, NEAR, UNTOUCHED))
        cover = torch.where(self.covered, COVERED, cover)
        bucket = torch.tensor(_RUN_BUCKET, device=self.run.device)[self.run]
        return (bucket * SCORES + self.score) * COVERS + cover


def begin(source: Tensor) -> Match:
    """The state before any target token."""
    import torch

    zeros = torch.zeros_like(source)
    return Match(zeros, zeros, zeros.bool())


def advance(match: Match, source: Tensor, token: Tensor) -> Match:
    """The state after one more target token.

    Parameters
    ----------
    match : Match
        State before.
    source : int tensor (n, length)
        Kinds of the source tokens.
    token : int tensor (n,)
        Kind of the token that was written.
    """
    import torch

    equal = _shift(source, 1, fill=-1) == token[:, None]
    run = torch.where(equal, _shift(match.run, 1) + 1, 0).clamp_(max=LONGEST_RUN)
    along = _shift(match.score, 1) + torch.where(equal, 1, -MISMATCH)
    score = torch.maximum(along, match.score - INSERTION).clamp_(0, BEST_SCORE)
    skipped = score
    for k in range(1, FARTHEST + 1):
        skipped = torch.maximum(skipped, _shift(score, k) - k * DELETION)
    copied = (along * (LONGEST_RUN + 1) + run) * 2 + ~_shift(match.covered, 1)
    where = torch.where(equal, copied, -1).max(dim=1)
    here = torch.zeros_like(match.covered).scatter_(1, (where.indices - 1).clamp(min=0)[:, None], True)
    return Match(run, skipped, match.covered | (here & (where.values >= 0)[:, None]))


def relations(source: Tensor, target: Tensor) -> Tensor:
    """Relations of every target prefix to every source position.

    Parameters
    ----------
    source : int tensor (n, S)
        Kinds of the source tokens.
    target : int tensor (n, T)
        Kinds of the target tokens, without its end.

    Returns
    -------
    int tensor (n, T, S)
        Row t stands for the prefix that ends with token t.
    """
    import torch

    match, rows = begin(source), []
    for k in range(target.shape[1]):
        match = advance(match, source, target[:, k])
        rows.append(match.relation())
    return torch.stack(rows, dim=1)


def _shift(values: Tensor, by: int, fill: int = 0) -> Tensor:
    """Columns moved to the right."""
    import torch

    empty = torch.full_like(values[:, :by], fill)
    return torch.cat([empty, values[:, : values.shape[1] - by]], dim=1)[:, : values.shape[1]]
