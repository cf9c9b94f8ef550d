"""Where a fit begins: the nodes laid through the leading principal components of the items."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.spatial.distance import cdist

from hanten.elements.periodic_table.model import Map

if TYPE_CHECKING:
    from numpy.typing import NDArray


def standardise(
    X: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Columns of mean zero and (sample) standard deviation one; a constant column becomes zero.

    Returns
    -------
    numpy.ndarray, (N, D)
    numpy.ndarray, (D,)
        Means.
    numpy.ndarray, (D,)
        Standard deviations; one where constant.
    """
    mean = X.mean(axis=0)
    spread = X.std(axis=0, ddof=1) if len(X) > 1 else np.ones(X.shape[1])
    spread = np.where(spread > 1e-12 * np.maximum(np.abs(mean), 1e-300), spread, 1.0)
    return (X - mean) / spread, mean, spread


def initial_centres(
    X: NDArray[np.float64], nodes: NDArray[np.float64], rng: np.random.Generator | None = None
) -> NDArray[np.float64]:
    """Centres on a plane through the leading principal components, scaled to the spread of the items.

    Parameters
    ----------
    X : (N, D)
        Standardised.
    nodes : (K, L)
    rng : numpy.random.Generator, optional
        Turns the plane: another start for each draw. Without it the components stand in their order, the first
        along the widest direction of the layout.

    Returns
    -------
    numpy.ndarray, shape (K, D)
    """
    centred = nodes - nodes.mean(axis=0)
    width = centred.shape[1]
    _, singular, axes = np.linalg.svd(X - X.mean(axis=0), full_matrices=False)
    used = min(width, len(singular))
    order = np.argsort(-centred.std(axis=0), kind="stable")[:used]
    plan = np.zeros((width, X.shape[1]))
    plan[order] = axes[:used] * singular[:used, None] / np.sqrt(max(1, len(X) - 1))
    scaled = centred / np.maximum(centred.std(axis=0), 1e-12)
    if rng is not None:
        turn, _ = np.linalg.qr(rng.normal(size=(width, width)))
        scaled = scaled @ turn
    found: NDArray[np.float64] = scaled @ plan + X.mean(axis=0)
    return found


def plane(X: NDArray[np.float64], nodes: NDArray[np.float64], centres: NDArray[np.float64]) -> Map:
    """A start as a map of its own, with the precision that the items have about it."""
    error = float((cdist(X, centres, "sqeuclidean").min(axis=1)).mean()) / X.shape[1]
    return Map(nodes, np.zeros(len(nodes)), np.ones(len(nodes)), centres, 1 / max(error, 1e-6))
