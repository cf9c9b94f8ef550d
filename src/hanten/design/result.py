"""What a design run comes to: candidates with predictions and weights, trace, evidence, checks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from hanten.design.checks import Check
from hanten.design.config import DesignConfig
from hanten.design.known import KnownIndex
from hanten.design.likelihood import RegionLikelihood, canonical_or_none
from hanten.design.targets import TargetRegion
from hanten.inference import Step

if TYPE_CHECKING:
    import pandas as pd


class Harvest:
    """Particles of the posterior gathered over steps, by canonical string; known polymers are counted but not kept.

    ``counts`` are particles per polymer, ``first`` the writing met first, ``total`` all particles gathered.
    """

    def __init__(self, known: KnownIndex) -> None:
        self.known, self.total = known, 0
        self.counts: dict[str, int] = {}
        self.first: dict[str, str] = {}
        self.log_likelihood: dict[str, float] = {}
        self._canonical: dict[str, str | None] = {}

    def __len__(self) -> int:
        return len(self.counts)

    def add(self, particles: Iterable[Any], log_likelihood: npt.NDArray[np.float64]) -> None:
        """Add the particles of one step, which weigh the same each."""
        texts = [str(p) for p in particles]
        for text in dict.fromkeys(texts):
            if text not in self._canonical:
                self._canonical[text] = canonical_or_none(text)
        canonical = [self._canonical[text] for text in texts]
        names = list(dict.fromkeys(c for c in canonical if c is not None and c not in self.counts))
        new = {c for c, known in zip(names, self.known.contains(names), strict=True) if not known}
        self.total += len(texts)
        for text, c, value in zip(texts, canonical, log_likelihood.tolist(), strict=True):
            if c is not None and (c in self.counts or c in new) and value > -np.inf:
                self.counts[c] = self.counts.get(c, 0) + 1
                self.first.setdefault(c, text)
                self.log_likelihood[c] = value


@dataclass(frozen=True)
class DesignResult:
    """Candidates of a design run.

    Attributes
    ----------
    config : DesignConfig
    targets : list of TargetRegion
    likelihood : RegionLikelihood
        With the models used.
    ended : str
        Why the run ended.
    """

    config: DesignConfig
    targets: list[TargetRegion]
    likelihood: RegionLikelihood = field(repr=False)
    known: KnownIndex = field(repr=False)
    harvest: Harvest = field(repr=False)
    last: Step = field(repr=False)
    ended: str
    warnings: list[Check] = field(repr=False)

    @property
    def trace(self) -> list[dict[str, Any]]:
        """One row a step: beta, ess, acceptance, unique, in_target, log_evidence."""
        return [dict(row) for row in self.last.trace]

    @property
    def log_evidence(self) -> float:
        """Log P(Y in region): how probable the region is under the prior."""
        return self.last.log_evidence

    @property
    def complete(self) -> bool:
        """Whether the particles are draws of the posterior (beta reached 1)."""
        return self.last.beta == 1

    def frame(self) -> pd.DataFrame:
        """One row per distinct novel polymer, the heaviest first.

        Columns ``structure`` (as sampled), ``canonical``, ``log_weight`` (log of its share of the posterior
        particles), ``<property>_mean``, ``<property>_sd``, ``in_domain`` (of every model), ``novel``, ``sa_score``,
        ``log_likelihood``.
        """
        return self._frame.copy()

    @cached_property
    def _frame(self) -> pd.DataFrame:
        import pandas as pd

        from hanten.design.synthesizability import sa_score

        found = self.harvest
        names = sorted(found.counts, key=lambda c: (-found.counts[c], -found.log_likelihood[c], c))
        columns: dict[str, Any] = {
            "structure": pd.Series([found.first[c] for c in names], dtype=object),
            "canonical": pd.Series(names, dtype=object),
            "log_weight": np.log(
                np.array([found.counts[c] for c in names], dtype=float) / max(found.total, 1)
            ),
        }
        inside = np.ones(len(names), dtype=bool)
        for t in self.targets:
            predicted = self.likelihood.models[t.name].predict_frame(names, canonical=True)
            columns[f"{t.name}_mean"], columns[f"{t.name}_sd"] = predicted["mean"], predicted["sd"]
            inside &= predicted["in_domain"].to_numpy(dtype=bool)
        columns |= {
            "in_domain": inside,
            "novel": ~self.known.contains(names),
            "sa_score": sa_score(names) if names else np.zeros(0),
            "log_likelihood": [found.log_likelihood[c] for c in names],
        }
        return pd.DataFrame(columns)

    @property
    def checks(self) -> list[Check]:
        """Named checks of what could make the result misleading."""
        weights = np.array(list(self.harvest.counts.values()) or [0])
        heaviest = float(weights.max() / max(self.harvest.total, 1))
        outside = 1 - float(self._frame["in_domain"].mean()) if len(self._frame) else 0.0
        return [
            *self.warnings,
            Check.of("HNT001", "posterior reached", self.complete, self.ended),
            Check.of("HNT003", "no particle holds the posterior", heaviest < 0.5, f"heaviest holds {heaviest:.1%}"),
            Check.of("HNT004", "candidates in domain", outside <= 0.5, f"{outside:.0%} out of domain"),
            Check.of("HNT005", "as many as asked for", len(self.harvest) >= self.config.n,
                     f"{len(self.harvest)} of {self.config.n} candidates"),
        ]  # fmt: skip

    def _repr_html_(self) -> str:
        head = f"<p>{len(self.harvest)} candidates; log evidence {self.log_evidence:.2f}; {self.ended}</p>"
        return head + str(self._frame.head(10).to_html())
