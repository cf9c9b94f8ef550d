"""The one seam where work is spread over workers: a map over chunks of fixed size.

What a chunk holds, and the random stream it gets, depend only on the number of items and the chunk size.
So one, two or k workers give the same bits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeAlias, TypeVar

Mapper: TypeAlias = Callable[[Callable[..., Any], Sequence[tuple[Any, ...]]], Iterable[Any]]
Item = TypeVar("Item")


def serial(function: Callable[..., Any], tasks: Sequence[tuple[Any, ...]]) -> list[Any]:
    """Call ``function(*task)`` for each task, here and in order.

    Examples
    --------
    >>> serial(pow, [(2, 3), (3, 2)])
    [8, 9]
    """
    return [function(*task) for task in tasks]


def parallel(n_jobs: int) -> Mapper:
    """A mapper over joblib workers, or :func:`serial` for one.

    The engine is joblib's: ``with joblib.parallel_config(backend="dask"): ...`` runs the same chunks on a
    cluster.

    Parameters
    ----------
    n_jobs : int
        Number of workers; -1 for one per core.

    Examples
    --------
    >>> parallel(1) is serial
    True
    """
    if n_jobs == 1:
        return serial

    def mapper(function: Callable[..., Any], tasks: Sequence[tuple[Any, ...]]) -> Iterable[Any]:
        from joblib import Parallel, delayed

        results: Iterable[Any] = Parallel(n_jobs=n_jobs)(delayed(function)(*task) for task in tasks)
        return results

    return mapper


def chunked(items: Sequence[Item], size: int) -> list[list[Item]]:
    """Consecutive pieces of ``size`` items; the last may be shorter.

    Examples
    --------
    >>> chunked("abcde", 2)
    [['a', 'b'], ['c', 'd'], ['e']]
    """
    return [list(items[start : start + size]) for start in range(0, len(items), size)]
