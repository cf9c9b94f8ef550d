"""How well a map keeps the order of its items: trustworthiness, continuity, evidence, prediction, stress, contiguous families."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial.distance import cdist, pdist
from scipy.stats import rankdata

from hanten.errors import ConfigError

if TYPE_CHECKING:
    from numpy.typing import NDArray

_TIE = 1e-9
_REACHES = (
    1.0,
    1.5,
    2.0,
    3.0,
    4.0,
)  # length scales of landscapes, in distances to the nearest item
_NOISES = (0.05, 0.1, 0.15, 0.2, 0.3, 0.4)


def trustworthiness(X: NDArray[np.float64], places: NDArray[np.float64], k: int) -> float:
    """Are neighbours on the map neighbours in truth? One for yes, 0.5 on average for a random map.

    One minus the penalty sum_i sum_j (rank of j from i in feature space - k) over those j that are among the k
    nearest of i on the map but not in feature space, divided by its largest value. Items as far on the
    map, as on a lattice, share the places among the k nearest; items as far in truth share the best rank.

    Parameters
    ----------
    X : (N, D)
        Features, standardised.
    places : (N, L)
        Coordinates on the map.
    k : int
        Neighbours; less than N / 2.

    References
    ----------
    .. [1] Venna and Kaski, ICANN 2001, doi:10.1007/3-540-44668-0_68

    Examples
    --------
    >>> X = np.arange(10.0)[:, None]
    >>> trustworthiness(X, X, 3)
    1.0
    """
    return _kept(cdist(X, X), cdist(places, places), k)


def continuity(X: NDArray[np.float64], places: NDArray[np.float64], k: int) -> float:
    """Are neighbours in truth neighbours on the map? The same with the two spaces exchanged.

    Examples
    --------
    >>> X = np.arange(10.0)[:, None]
    >>> continuity(X, -X, 3)
    1.0
    """
    return _kept(cdist(places, places), cdist(X, X), k)


def _kept(truth: NDArray[np.float64], shown: NDArray[np.float64], k: int) -> float:
    n = len(truth)
    if not 1 <= k < n / 2:
        raise ConfigError(f"k={k} neighbours of {n} items: k must be at least 1 and less than half of them")
    penalty = 0.0
    for i in range(n):
        others = np.arange(n) != i
        rank = rankdata(_rounded(truth[i, others]), method="min")
        near = shown[i, others]
        penalty += float((_membership(near, k) * np.maximum(rank - k, 0)).sum())
    return float(1 - 2 / (n * k * (2 * n - 3 * k - 1)) * penalty)


def _rounded(distances: NDArray[np.float64]) -> NDArray[np.float64]:
    """Distances that differ by rounding alone made equal."""
    scale = _TIE * max(float(distances.max()), 1e-300)
    steps: NDArray[np.float64] = np.round(distances / scale)
    return steps


def _membership(distances: NDArray[np.float64], k: int) -> NDArray[np.float64]:
    """How surely each is among the k nearest when ties are broken at random; the sum is k."""
    near = _rounded(distances)
    last = np.partition(near, k - 1)[k - 1]
    inside, tied = near < last, near == last
    weight: NDArray[np.float64] = inside + tied * (k - inside.sum()) / tied.sum()
    return weight


def log_evidence(X: NDArray[np.float64], places: NDArray[np.float64]) -> float:
    """Log density of the features given the places, if each of them is a smooth landscape over the map.

    The logarithm of the marginal likelihood of Gaussian processes, the landscapes themselves integrated out: it is
    high where items tell of each other's features, as Mendeleev's table told of elements that nobody had seen. The
    best of five length scales (1 to 4 times the distance to the nearest item) and six noise variances (5 to 40 %)
    counts.

    Parameters
    ----------
    X : (N, D)
        Features, standardised.
    places : (N, L)
        Coordinates on the map, all distinct; their scale does not matter.

    Returns
    -------
    float
        In nats, of all features together. Comparable between tables and layouts of the same items and features.

    References
    ----------
    .. [1] Rasmussen and Williams, Gaussian Processes for Machine Learning, MIT Press 2006, equation 5.8

    Examples
    --------
    >>> X = np.arange(20.0)[:, None] / 6 - 1.6
    >>> log_evidence(X, X) > log_evidence(X, np.random.default_rng(0).permutation(X))
    True
    """
    centred = X - X.mean(axis=0)
    found = []
    for kernel in _kernels(places):
        values, vectors = np.linalg.eigh(kernel)
        power = ((vectors.T @ centred) ** 2).sum(axis=1)
        for noise in _NOISES:
            variance = (1 - noise) * np.maximum(values, 0.0) + noise
            found.append(-(power / variance).sum() / 2 - X.shape[1] / 2 * np.log(variance).sum())
    return float(max(found) - X.size / 2 * np.log(2 * np.pi))


def prediction(X: NDArray[np.float64], places: NDArray[np.float64]) -> float:
    """Do the places of all other items foretell the features of an item? Mendeleev's own test.

    One minus the mean squared error of leaving each item out in turn, in units of the variance of the features. The
    features are Gaussian processes over the map; of five length scales (1 to 4 times the distance to the nearest item)
    and two noise variances (5 and 15 %) the best pair counts. 1 is perfect, 0 is no better than the mean.

    Parameters
    ----------
    X : (N, D)
        Features, standardised.
    places : (N, L)
        Coordinates on the map, all distinct; their scale does not matter.

    References
    ----------
    .. [1] Rasmussen and Williams, Gaussian Processes for Machine Learning, MIT Press 2006, section 5.4.2: the error
       of leaving each item out, in closed form

    Examples
    --------
    >>> places = np.arange(20.0)[:, None]
    >>> round(prediction(places - places.mean(), places), 2)
    0.99
    """
    centred = X - X.mean(axis=0)
    errors = [_left_out(centred, kernel, noise) for kernel in _kernels(places) for noise in (0.05, 0.15)]
    return float(1 - min(errors) / max(float((centred**2).mean()), 1e-300))


def _left_out(X: NDArray[np.float64], kernel: NDArray[np.float64], noise: float) -> float:
    """Mean squared error of foretelling each row from all others."""
    inverse = np.linalg.inv((1 - noise) * kernel + noise * np.eye(len(X)))
    return float((((inverse @ X) / inverse.diagonal()[:, None]) ** 2).mean())


def _kernels(places: NDArray[np.float64]) -> Iterator[NDArray[np.float64]]:
    """Squared exponential covariances between places, with length scales in distances to the nearest item."""
    squared = cdist(places, places, "sqeuclidean")
    nearest = (squared + np.diag(np.full(len(squared), np.inf))).min(axis=1)
    unit = max(float(np.median(nearest)), 1e-300)
    for reach in _REACHES:
        yield np.exp(-squared / (2 * reach**2 * unit))


def stress(X: NDArray[np.float64], places: NDArray[np.float64]) -> float:
    """Kruskal's stress 1 of the distances on the map, after the best common factor; zero is best.

    Examples
    --------
    >>> X = np.random.default_rng(0).normal(size=(9, 2))
    >>> round(stress(X, 3 * X), 6)
    0.0
    """
    truth, shown = pdist(X), pdist(places)
    factor = (truth @ shown) / max(float(shown @ shown), 1e-300)
    return float(np.sqrt(((truth - factor * shown) ** 2).sum() / max(float((truth**2).sum()), 1e-300)))


def is_contiguous(
    members: Iterable[int], places: NDArray[np.float64], nodes: NDArray[np.float64], pairs: NDArray[np.int_]
) -> bool:
    """Whether a family of items forms one piece on the map.

    Every node belongs to the nearest item (to all of them when several are as near), which divides the map into cells;
    a family is in one piece when one can walk between its members over neighbouring nodes of its own cells.

    Parameters
    ----------
    members : iterable of int
        Items of the family.
    places : (N, L)
        Coordinates of all items.
    nodes : (K, L)
    pairs : (P, 2)
        Neighbouring nodes.

    Examples
    --------
    >>> nodes = np.arange(5.0)[:, None]
    >>> pairs = np.array([[0, 1], [1, 2], [2, 3], [3, 4]])
    >>> places = np.array([[0.0], [4.0], [3.0]])
    >>> is_contiguous([1, 2], places, nodes, pairs), is_contiguous([0, 1], places, nodes, pairs)
    (True, False)
    """
    family = sorted(set(members))
    distances = cdist(nodes, places)
    nearest = distances.min(axis=1)
    own = (distances[:, family] <= nearest[:, None] + _TIE).any(axis=1)
    walk = pairs[own[pairs].all(axis=1)]
    graph = coo_array((np.ones(len(walk)), (walk[:, 0], walk[:, 1])), shape=(len(nodes), len(nodes)))
    _, piece = connected_components(graph.tocsr(), directed=False)
    homes = np.argmin(cdist(places[family], nodes), axis=1)
    return bool(len(set(piece[homes].tolist())) <= 1)
