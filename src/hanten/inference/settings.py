"""How a run goes about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from hanten.errors import ConfigError
from hanten.inference.resampling import resampling_scheme


@dataclass(frozen=True)
class Settings:
    """How far a stage goes, how long it moves, and when to end. The defaults suit most problems.

    Parameters
    ----------
    kind : {"standard", "waste_free"}
        Keep only where the moves end, or every state along them (Dau & Chopin 2022).
    ess_fraction : float
        In (0, 1). Each stage goes as far as leaves this share of the particles effective.
    resampling : {"systematic", "stratified", "residual", "multinomial"}
        How ancestors are drawn.
    retention : float
        In [0, 1). A stage's sweeps end when at most this share of particles stands where the stage began.
    max_sweeps : int
        ... or after this many.
    chain_length : int
        Waste-free only: states kept per ancestor; there are ``n / chain_length`` ancestors.
    extend : int
        Further steps at beta = 1, each yielding another population of the posterior.
    max_steps : int
        A run that has not reached beta = 1 by then ends and says so.
    chunk : int
        States per task for the workers. Part of what fixes the random numbers.
    remembered : int
        States whose likelihood is remembered.

    Examples
    --------
    >>> Settings(kind="waste_free").chain_length
    10
    >>> Settings(ess_fraction=2)
    Traceback (most recent call last):
    hanten.errors.ConfigError: ess_fraction is 2, not between 0 and 1
    """

    kind: Literal["standard", "waste_free"] = "standard"
    ess_fraction: float = 0.7
    resampling: str = "systematic"
    retention: float = 0.3
    max_sweeps: int = 50
    chain_length: int = 10
    extend: int = 0
    max_steps: int = 200
    chunk: int = 500
    remembered: int = 1_000_000

    def __post_init__(self) -> None:
        resampling_scheme(self.resampling)
        if self.kind not in {"standard", "waste_free"}:
            raise ConfigError(f"kind is {self.kind!r}, neither 'standard' nor 'waste_free'")
        if not 0 < self.ess_fraction < 1:
            raise ConfigError(f"ess_fraction is {self.ess_fraction}, not between 0 and 1")
        if not 0 <= self.retention < 1:
            raise ConfigError(f"retention is {self.retention}, not at least 0 and below 1")
        least = {"max_sweeps": 1, "chain_length": 2, "extend": 0, "max_steps": 1, "chunk": 1, "remembered": 0}
        for name, value in least.items():
            if getattr(self, name) < value:
                raise ConfigError(f"{name} is {getattr(self, name)}, less than {value}")
