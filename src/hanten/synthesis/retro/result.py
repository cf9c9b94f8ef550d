"""What an inversion gives: routes, ranked and diverse, and how the sampling went."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

from hanten.inference import Posterior
from hanten.synthesis.routes import Route

if TYPE_CHECKING:
    import pandas as pd

Status = Literal["routes", "in_stock", "none"]


@dataclass(frozen=True)
class Check:
    """What is known of one step beyond its probability.

    Attributes
    ----------
    product : str
    reactants : tuple of str
    precedents : int
        Training reactions with the same core.
    forward_rank : int or None
        Rank of the product among what the forward model predicts by beam search; 0 where it is not among them; None
        where there was no time to ask.
    forward_probability : float or None
        Its probability there.
    """

    product: str
    reactants: tuple[str, ...]
    precedents: int
    forward_rank: int | None = None
    forward_probability: float | None = None

    def asked(self, answers: Mapping[tuple[str, tuple[str, ...]], Sequence[tuple[str, float]]]) -> Check:
        """The same with what the forward model answered, where it was asked."""
        answer = answers.get((self.product, self.reactants))
        if answer is None:
            return self
        products = [product for product, _ in answer]
        if self.product not in products:
            return replace(self, forward_rank=0, forward_probability=0.0)
        at = products.index(self.product)
        return replace(self, forward_rank=at + 1, forward_probability=min(1.0, answer[at][1]))


@dataclass(frozen=True)
class RetroRoute:
    """A route with its place in the posterior.

    Attributes
    ----------
    route : Route
        The tree.
    score : float
        By which it is ranked: log p of all steps, and the shares of prior and precedent that validation chose.
    log_prob, log_prior : float
        Natural logarithms of the steps' probabilities given their reactants, and of the prior of the leaves.
    weight : float
        Share of the posterior's particles.
    cluster : int
        Routes with the same number break the target at the same place; 0 holds the best route.
    checks : tuple of Check
        One per step, the last step first.
    """

    route: Route
    score: float
    log_prob: float
    log_prior: float
    weight: float
    cluster: int
    checks: tuple[Check, ...]

    @property
    def confirmed(self) -> bool:
        """Whether the forward model predicts every step's product among its first ones."""
        return all(bool(check.forward_rank) for check in self.checks)

    @property
    def steps(self) -> int:
        """Number of reactions."""
        return self.route.steps

    @property
    def leaves(self) -> tuple[str, ...]:
        """SMILES of what is bought."""
        return tuple(leaf.smiles for leaf in self.route.leaves)

    def record(self) -> dict[str, Any]:
        """For JSON."""
        return self.route.record() | {
            "score": self.score,
            "log_prior": self.log_prior,
            "posterior": self.weight,
            "cluster": self.cluster,
            "confirmed": self.confirmed,
        }


@dataclass(frozen=True)
class RetroResult:
    """Routes to a target.

    Attributes
    ----------
    target : str
        Canonical SMILES.
    status : {"routes", "in_stock", "none"}
        ``in_stock``: it can be bought; routes that make it are given all the same.
    reason : str
        One sentence: what was found, or why nothing.
    routes : tuple of RetroRoute
        The best first; no cluster takes more than its share while others have routes.
    found : int
        Distinct routes above the threshold, of which ``routes`` are the first.
    clusters : int
        Distinct places where they break the target.
    posterior : Posterior or None
        Particles, evidence and how the run ended.
    trace : list of dict
        One row a stage.
    evaluated : int
        Steps that the forward model scored.
    seconds : float
        Wall time.
    """

    target: str
    status: Status
    reason: str
    routes: tuple[RetroRoute, ...]
    found: int = 0
    clusters: int = 0
    posterior: Posterior | None = field(default=None, repr=False, compare=False)
    trace: Sequence[dict[str, Any]] = field(default=(), repr=False)
    evaluated: int = 0
    seconds: float = field(default=0.0, compare=False)

    def frame(self) -> pd.DataFrame:
        """One row a route: rank, score, log_prob, posterior, cluster, steps, leaves, classes, confirmed."""
        import pandas as pd

        rows = [
            {
                "rank": k,
                "score": one.score,
                "log_prob": one.log_prob,
                "posterior": one.weight,
                "cluster": one.cluster,
                "steps": one.steps,
                "leaves": ".".join(one.leaves),
                "classes": "; ".join(step.label for step in one.route.reactions),
                "confirmed": one.confirmed,
            }
            for k, one in enumerate(self.routes, 1)
        ]
        return pd.DataFrame(rows)
