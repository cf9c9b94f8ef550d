"""How good a model is as it is used: rank of the truth, and whether its probabilities can be believed."""

from __future__ import annotations

import itertools
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from hanten.synthesis.forward.evaluation import wilson
from hanten.synthesis.forward.model import ForwardTransformer
from hanten.synthesis.forward.pairs import read_reactions
from hanten.synthesis.forward.texts import canonical

#: Ranks that are counted, by direction; the last is the width of the beam.
TOPS = {"forward": (1, 2, 5), "backward": (1, 5, 10)}
EDGES = (0.0, 0.1, 0.3, 0.5, 0.7, 0.9, 0.97, 1.0)


@dataclass(frozen=True)
class Score:
    """What a model did on true reactions.

    Attributes
    ----------
    ranks : tuple of (int or None)
        Rank of the truth among what is predicted, 1 the first; None where it is not among them.
    probabilities : tuple of float
        Of the first answer; 0 where there is none.
    unreadable : int
        Reactions that the model refuses to read; they count as wrong.
    processor_seconds : float
        Of the prediction.
    of : int
        Reactions in the file.
    tops : tuple of int
        Ranks that are counted.
    """

    ranks: tuple[int | None, ...]
    probabilities: tuple[float, ...]
    unreadable: int
    processor_seconds: float
    of: int
    tops: tuple[int, ...] = TOPS["forward"]

    def top(self, k: int) -> int:
        """Reactions whose truth is among the first ``k``."""
        return sum(rank is not None and rank <= k for rank in self.ranks)

    def reliability(self) -> list[dict[str, float]]:
        """Of first answers by their probability: how many, mean probability, share that is right."""
        given, right = np.array(self.probabilities), np.array([rank == 1 for rank in self.ranks])
        rows = []
        for low, high in itertools.pairwise(EDGES):
            inside = (given >= low) & ((given < high) | (high == EDGES[-1]))
            if inside.any():
                means = {"probability": float(given[inside].mean()), "right": float(right[inside].mean())}
                rows.append({"low": low, "high": high, "n": int(inside.sum()), **means})
        return rows

    def calibration_error(self) -> float:
        """Mean distance of probability and share right, weighted by the reactions in each bin."""
        rows = self.reliability()
        return sum(row["n"] * abs(row["probability"] - row["right"]) for row in rows) / len(self.ranks)

    def record(self) -> dict[str, Any]:
        """For a card."""
        n = len(self.ranks)
        tops = {f"top{k}": [self.top(k), *(round(v, 4) for v in wilson(self.top(k), n))] for k in self.tops}
        rest = {"unreadable": self.unreadable, "processor_seconds": round(self.processor_seconds)}
        return {
            "n": n,
            "of": self.of,
            **tops,
            **rest,
            "reliability": [{k: round(v, 4) for k, v in row.items()} for row in self.reliability()],
            "calibration_error": round(self.calibration_error(), 4),
        }

    def line(self) -> str:
        """One line of text."""
        n = len(self.ranks)
        tops = ", ".join(f"top {k}: {self.top(k) / n:.3f}" for k in self.tops)
        return f"{n} of {self.of}, {tops}, calibration error {self.calibration_error():.3f}"


def score(
    model: ForwardTransformer,
    path: Path,
    limit: int = 0,
    beam: int = 0,
    size: int = 200,
    *,
    reagents: bool = False,
) -> Score:
    """Score a model on the reactions of a table in the direction that it was trained for.

    Parameters
    ----------
    model : ForwardTransformer
        Its card tells the direction.
    path : path
        Table with the columns ``reactants`` and ``product``.
    limit : int
        So many of them, drawn evenly; 0 is all.
    beam : int
        Texts kept in the search; 0 is the largest rank that is counted.
    size : int
        Reactions at a time.
    reagents : bool
        Mix those of the column ``reagents`` in among the reactants.
    """
    direction = model.card.get("pairs", {}).get("settings", {}).get("direction", "forward")
    reactions = list(read_reactions(path, reagents=reagents))
    count = len(reactions)
    if limit and limit < count:
        reactions = [reactions[k] for k in np.linspace(0, count - 1, limit).astype(int)]
    asked = [reactants if direction == "forward" else [product] for reactants, product in reactions]
    truth = [product if direction == "forward" else ".".join(reactants) for reactants, product in reactions]
    ranks: list[int | None] = [None] * len(reactions)
    probabilities = [0.0] * len(reactions)
    readable = [k for k, one in enumerate(asked) if model.why_not(one) is None]
    tops = TOPS[direction]
    begin = time.process_time()
    for start in range(0, len(readable), size):
        rows = readable[start : start + size]
        for k, answer in zip(rows, model.predict([asked[r] for r in rows], beam or tops[-1]), strict=True):
            given = [one for one, _ in answer]
            wanted = canonical(truth[k])
            ranks[k] = given.index(wanted) + 1 if wanted in given else None
            probabilities[k] = min(answer[0][1], 1.0) if answer else 0.0
    spent = time.process_time() - begin
    return Score(tuple(ranks), tuple(probabilities), len(reactions) - len(readable), spent, count, tops)
