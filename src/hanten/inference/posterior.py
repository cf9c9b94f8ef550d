"""What a run comes to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from hanten.errors import DataError
from hanten.inference.protocols import Array, State
from hanten.inference.steps import Row, Step
from hanten.inference.weights import log_sum_exp

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Posterior:
    """Weighted particles of the posterior, the log evidence, and how they came about.

    Attributes
    ----------
    particles : list
        States; equal states may occur many times, that is their weight.
    log_weights : array, shape (n,)
        Normalised: their exponentials sum to one.
    log_likelihood : array, shape (n,)
        Log-likelihood of each particle; ``-inf`` only when the run ended for want of anything better.
    log_evidence : float
        log p(Y): the mean likelihood under the prior.
    beta : float
        1, or where the run ended: the particles then stand for prior × likelihood ** beta.
    trace : list of dict
        One row a step.
    ended : str
        Why the run ended.
    best : state
        The most likely state met on the way, particle or not.
    """

    particles: list[State] = field(repr=False)
    log_weights: Array = field(repr=False)
    log_likelihood: Array = field(repr=False)
    log_evidence: float
    beta: float
    trace: list[Row] = field(repr=False)
    ended: str
    best: State

    @property
    def complete(self) -> bool:
        """Whether the run reached beta = 1, so that the particles are draws of the posterior."""
        return self.beta == 1

    def frame(self) -> pd.DataFrame:
        """One row per distinct state, heaviest first: state, log_weight, log_likelihood, particles.

        ``log_weight`` is the log of the summed weight of all particles in that state.
        """
        import pandas as pd

        rows: dict[State, list[int]] = {}
        for i, x in enumerate(self.particles):
            rows.setdefault(x, []).append(i)
        table = pd.DataFrame(
            {
                "state": pd.Series(list(rows), dtype=object),
                "log_weight": [log_sum_exp(self.log_weights[i]) for i in rows.values()],
                "log_likelihood": [self.log_likelihood[i[0]] for i in rows.values()],
                "particles": [len(i) for i in rows.values()],
            }
        )
        return table.sort_values("log_weight", ascending=False, kind="stable", ignore_index=True)

    def trace_frame(self) -> pd.DataFrame:
        """The trace as a table, one row a step."""
        import pandas as pd

        return pd.DataFrame(self.trace)

    def _repr_html_(self) -> str:
        head = f"<p>{len(self.particles)} particles, log evidence {self.log_evidence:.3f}; {self.ended}</p>"
        return head + str(self.frame().head(10).to_html())


def pool(steps: Sequence[Step]) -> Posterior:
    """One posterior from one or more steps with the same beta: all their particles, equally weighted.

    Examples
    --------
    A run told to ``extend`` yields several populations of the posterior:

    >>> from hanten.inference import FreshDraw, Settings, smc
    >>> class Coin:
    ...     def sample(self, n, rng):
    ...         return rng.integers(2, size=n).tolist()
    ...
    ...     def log_prob(self, xs):
    ...         return np.full(len(xs), np.log(0.5))
    ...
    ...     def log_likelihood(self, xs):
    ...         return np.log([0.5 if x else 0.25 for x in xs])
    >>> coin = Coin()
    >>> steps = smc(coin, coin, FreshDraw(coin), 500, np.random.default_rng(0), settings=Settings(extend=3))
    >>> posterior = pool([step for step in steps if step.beta == 1])
    >>> len(posterior.particles)
    2000
    >>> posterior
    Posterior(log_evidence=-0.99..., beta=1.0, ended='reached beta = 1', best=1)
    """
    if not steps or len({step.beta for step in steps}) != 1:
        raise DataError("only steps with one and the same beta can be pooled, and at least one")
    last = steps[-1]
    particles = [x for step in steps for x in step.particles]
    log_likelihood = np.concatenate([step.log_likelihood for step in steps])
    known = {**last.memory, **dict(zip(particles, log_likelihood.tolist(), strict=True))}
    return Posterior(
        particles=particles,
        log_weights=np.full(len(particles), -np.log(len(particles))),
        log_likelihood=log_likelihood,
        log_evidence=last.log_evidence,
        beta=last.beta,
        trace=list(last.trace),
        ended=last.ended or "taken before the run had ended",
        best=max(known, key=known.__getitem__),
    )
