"""The one seam where work is spread over workers: a map over chunks of fixed size.

What a chunk holds, and the random stream it gets, depend only on the number of items and the chunk size.
So one, two or k workers give the same bits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any, TypeAlias, TypeVar

Mapper: TypeAlias = Callable[[Callable[..., Any], Any, Sequence[tuple[Any, ...]]], Iterable[Any]]
Item = TypeVar("Item")


def serial(function: Callable[..., Any], shared: Any, tasks: Sequence[tuple[Any, ...]]) -> list[Any]:
    """Call ``function(shared, *task)`` for each task, here and in order.

    A mapper of your own has this signature. ``shared`` is a prior, a likelihood or a set of proposals: it may
    be large, is the same object from step to step, and must not change while a run goes on.

    Examples
    --------
    >>> serial(pow, 2, [(3,), (4,)])
    [8, 16]
    """
    return [function(shared, *task) for task in tasks]


def parallel(n_jobs: int) -> Mapper:
    """A mapper over joblib workers, or :func:`serial` for one.

    The engine is joblib's: ``with joblib.parallel_config(backend="dask"): ...`` runs the same chunks on a
    cluster. Each worker gets ``shared`` once a call, however many tasks it does.

    Parameters
    ----------
    n_jobs : int
        Number of workers; -1 for one per core.

    Examples
    --------
    >>> parallel(1) is serial
    True
    """
    return serial if n_jobs == 1 else partial(_map_over_workers, n_jobs)


def chunked(items: Sequence[Item], size: int) -> list[list[Item]]:
    """Consecutive pieces of ``size`` items; the last may be shorter.

    Examples
    --------
    >>> chunked("abcde", 2)
    [['a', 'b'], ['c', 'd'], ['e']]
    """
    return [list(items[start : start + size]) for start in range(0, len(items), size)]


def _map_over_workers(
    n_jobs: int, function: Callable[..., Any], shared: Any, tasks: Sequence[tuple[Any, ...]]
) -> list[Any]:
    from joblib import Parallel, delayed, effective_n_jobs

    if len(tasks) < 2:
        return serial(function, shared, tasks)
    shares = chunked(tasks, -(-len(tasks) // effective_n_jobs(n_jobs)) or 1)
    results = Parallel(n_jobs=n_jobs)(delayed(serial)(function, shared, share) for share in shares)
    return [result for share in results for result in share]
