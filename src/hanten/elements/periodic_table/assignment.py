"""One item per node: matching of items and nodes, in turn with tuning of the map."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import cdist

from hanten.elements.periodic_table.lengths import Lengths, inverse_and_log_det
from hanten.elements.periodic_table.model import Map, Prior, field_covariance, log_densities

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Placement:
    """Items on distinct nodes.

    Attributes
    ----------
    node : (N,)
        Node of each item.
    map : Map
        The map tuned to it.
    log_likelihood : float
        Sum over items of log N(x_n; y_node(n), 1/beta I).
    trace : tuple of float
        The same after each round.
    """

    node: NDArray[np.int_]
    map: Map
    log_likelihood: float
    trace: tuple[float, ...]


def assign(X: NDArray[np.float64], centres: NDArray[np.float64]) -> NDArray[np.int_]:
    """The node of each item: distinct, with the least sum of Euclidean distances.

    Parameters
    ----------
    X : (N, D)
    centres : (K, D), K >= N

    Examples
    --------
    >>> assign(np.array([[0.0], [0.2]]), np.array([[1.0], [0.0], [5.0]]))
    array([1, 0])
    """
    _, node = linear_sum_assignment(cdist(X, centres))
    found: NDArray[np.int_] = node
    return found


def place(X: NDArray[np.float64], fitted: Map, prior: Prior | None = None, *, rounds: int = 10) -> Placement:
    """Match items and nodes, tune the map to the match, again; the round of highest likelihood is kept.

    Parameters
    ----------
    X : (N, D)
    fitted : Map
        With at least N nodes.
    prior : Prior
    rounds : int

    Examples
    --------
    >>> nodes = np.arange(4.0)[:, None]
    >>> fitted = Map(nodes, np.zeros(4), np.ones(4), nodes - 1.5, 4.0)
    >>> place(np.array([[1.4], [-1.6], [0.4]]), fitted).node
    array([3, 0, 2])
    """
    prior = prior or Prior()
    fields, _ = inverse_and_log_det(field_covariance(fitted.nodes, prior.smoothness))
    squared = cdist(fitted.nodes, fitted.nodes, "sqeuclidean")
    lengths = Lengths(squared, fitted.nodes.shape[1], fields, X.shape[1])
    best: Placement | None = None
    trace: list[float] = []
    current, before = fitted, None
    for _ in range(rounds):
        node = assign(X, current.centres)
        current = _tune(X, node, current, (lengths, fields), prior)
        trace.append(_log_likelihood(X, node, current))
        if best is None or trace[-1] > best.log_likelihood:
            best = Placement(node, current, trace[-1], ())
        if before is not None and (node == before).all():
            break
        before = node
    assert best is not None
    return Placement(best.node, best.map, best.log_likelihood, tuple(trace))


def _log_likelihood(X: NDArray[np.float64], node: NDArray[np.int_], fitted: Map) -> float:
    return float(log_densities(X, fitted.centres, fitted.precision)[np.arange(len(X)), node].sum())


def _tune(
    X: NDArray[np.float64],
    node: NDArray[np.int_],
    fitted: Map,
    field: tuple[Lengths, NDArray[np.float64]],
    prior: Prior,
) -> Map:
    """The conditional modes of beta, g, H and r, one after the other."""
    lengths, fields = field
    K = len(fitted.nodes)
    n, CX = np.zeros(K), np.zeros((K, X.shape[1]))
    n[node], CX[node] = 1.0, X
    error = float(((X - fitted.centres[node]) ** 2).sum())
    beta = (prior.shape - 1 + X.size / 2) / (prior.rate + error / 2)
    H: NDArray[Any] = fitted.centres / np.where(fitted.gains > 0, fitted.gains, 1.0)[:, None]
    power = beta * n * (H**2).sum(axis=1)
    g = np.abs(np.linalg.solve(fields + np.diag(power), beta * (H * CX).sum(axis=1)))
    C_inverse, _ = inverse_and_log_det(lengths.covariance(fitted.log_lengths))
    H = np.linalg.solve(C_inverse + np.diag(beta * n * g**2), beta * g[:, None] * CX)
    r = lengths.mode(fitted.log_lengths, H @ H.T, steps=3)
    return Map(fitted.nodes, r, g, g[:, None] * H, beta)
