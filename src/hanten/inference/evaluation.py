"""The likelihood with a memory: no state is evaluated twice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import islice

import numpy as np

from hanten.errors import DataError
from hanten.inference.mapping import Mapper, chunked, serial
from hanten.inference.protocols import Array, Likelihood, State


class RememberedLikelihood:
    """Log-likelihoods by state, evaluated in chunks of fixed size and remembered.

    Parameters
    ----------
    likelihood : Likelihood
        What to evaluate.
    chunk : int
        Number of states in one call of it.
    capacity : int
        Number of states remembered; beyond it the oldest are forgotten.
    mapper : Mapper
        Where the chunks run.

    Attributes
    ----------
    memory : dict from state to float
        What is known, oldest first.
    calls : int
        How many states were evaluated so far.

    Examples
    --------
    >>> class Length:
    ...     def log_likelihood(self, xs):
    ...         return np.array([-float(len(x)) for x in xs])
    >>> remembered = RememberedLikelihood(Length(), chunk=2, capacity=100)
    >>> remembered(["a", "bb", "a", None]).tolist()
    [-1.0, -2.0, -1.0, -inf]
    >>> remembered.calls
    2
    """

    def __init__(self, likelihood: Likelihood, *, chunk: int, capacity: int, mapper: Mapper = serial) -> None:
        self.likelihood, self.chunk, self.capacity, self.mapper = likelihood, chunk, capacity, mapper
        self.memory: dict[State, float] = {}
        self.calls = 0

    def recall(self, memory: Mapping[State, float], calls: int) -> None:
        """Know what an earlier run knew."""
        self.memory, self.calls = dict(memory), calls

    def __call__(self, xs: Sequence[State | None]) -> Array:
        """Log-likelihood of each of ``xs``, shape (n,); ``-inf`` where it is ``None``."""
        fresh = list(dict.fromkeys(x for x in xs if x is not None and x not in self.memory))
        tasks = [(part,) for part in chunked(fresh, self.chunk)]
        for (part,), values in zip(tasks, self.mapper(_evaluate, self.likelihood, tasks), strict=True):
            self.memory.update(zip(part, values.tolist(), strict=True))
        self.calls += len(fresh)
        found = np.array([-np.inf if x is None else self.memory[x] for x in xs], dtype=np.float64)
        for oldest in list(islice(self.memory, max(0, len(self.memory) - self.capacity))):
            del self.memory[oldest]
        return found


def _evaluate(likelihood: Likelihood, xs: Sequence[State]) -> Array:
    values = np.asarray(likelihood.log_likelihood(xs), dtype=np.float64)
    if values.shape != (len(xs),):
        raise DataError(f"the likelihood gave shape {values.shape} for {len(xs)} states")
    bad = np.flatnonzero(np.isnan(values) | (values == np.inf))
    if bad.size:
        raise DataError(
            f"the log-likelihood of {xs[bad[0]]!r} is {values[bad[0]]}",
            hint="an impossible state has -inf; NaN and +inf have no meaning",
        )
    return values
