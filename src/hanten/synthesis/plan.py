"""What a search for routes is asked, and what it answers for one target."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Literal

from hanten.errors import ConfigError
from hanten.synthesis.routes import Route

Status = Literal["routes", "in_stock", "none"]


@dataclass(frozen=True)
class Plan:
    """What was found for one target.

    Attributes
    ----------
    target : str
        As given.
    canonical : str
        Canonical SMILES or PSMILES; empty if it could not be read.
    kind : {"molecule", "polymer"}
    status : {"routes", "in_stock", "none"}
        ``in_stock``: it can be bought; routes that make it are given all the same.
    reason : str
        One sentence: what was found, or why nothing.
    routes : tuple of Route
        Complete ones, best first: every leaf is in stock.
    partial : tuple of Route
        Where there is no complete one: the best of those that miss leaves.
    error : str or None
        Why the target could not be worked on.
    facts : dict
        How the search went: ``found``, ``clusters``, ``evaluated``, ``trace``, ``seconds``.
    """

    target: str
    canonical: str
    kind: Literal["molecule", "polymer"]
    status: Status
    reason: str
    routes: tuple[Route, ...] = ()
    partial: tuple[Route, ...] = ()
    error: str | None = None
    facts: dict[str, Any] = field(default_factory=dict, compare=False)

    def record(self) -> dict[str, Any]:
        """As ``hanten synth --json`` prints it."""
        return {
            "target": self.target,
            "canonical": self.canonical or None,
            "kind": self.kind,
            "status": self.status,
            "reason": self.reason,
            "routes": [route.record() for route in self.routes],
            "partial": [route.record() for route in self.partial],
            "error": self.error,
            "facts": {key: value for key, value in self.facts.items() if key != "trace"},
        }

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> Plan:
        """A plan read back from :meth:`record`."""
        routes, partial = (tuple(map(_read_route, record[key])) for key in ("routes", "partial"))
        rest = {key: record[key] for key in ("target", "kind", "status", "reason", "error", "facts")}
        return cls(canonical=record["canonical"] or "", routes=routes, partial=partial, **rest)


@dataclass(frozen=True)
class PlanSettings:
    """How to look for routes.

    Attributes
    ----------
    steps : {1, 2}
        Most reactions between stock and target, or stock and monomer, on any branch.
    n : int
        Most routes.
    seed : int
    time_limit : float or None
        Seconds a target; 60 for one step, 300 for two.
    learned : bool
        Use the learned model; without it only documented reactions.
    """

    steps: int = 1
    n: int = 50
    seed: int = 0
    time_limit: float | None = None
    learned: bool = True

    def __post_init__(self) -> None:
        if self.steps not in {1, 2}:
            raise ConfigError(f"steps is {self.steps}", hint="1 or 2; longer routes join two searches")
        if self.n < 1:
            raise ConfigError(f"the number of routes is {self.n}", hint="at least 1")
        if self.time_limit is not None and not 0 < self.time_limit < float("inf"):
            raise ConfigError(f"the time limit is {self.time_limit}", hint="seconds, above 0")

    @property
    def seconds(self) -> float:
        """The time limit of one target."""
        return self.time_limit or (60.0 if self.steps == 1 else 300.0)


def _read_route(row: dict[str, Any]) -> Route:
    route = Route.from_dict(row["tree"])
    given = row["score"] if row["posterior"] is not None else None
    return replace(
        route,
        posterior=row["posterior"],
        given_score=given,
        confirmed=row["confirmed"],
        cluster=row["cluster"],
    )
