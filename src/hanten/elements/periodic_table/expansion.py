"""Expansion of a map to a finer set of nodes, by interpolation with its own Gaussian processes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.spatial.distance import cdist

from hanten.elements.periodic_table.model import (
    JITTER,
    Map,
    field_covariance,
    field_kernel,
    local_covariance,
    local_kernel,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray


def expand(fitted: Map, nodes: NDArray[np.float64], smoothness: float = 3.0) -> Map:
    """The map at other nodes of the same latent space.

    Length scales and gains are kriged with their own covariance, the centres with the covariance
    C_f = (g g') * C_h of y = g h.

    Examples
    --------
    >>> U = np.arange(4.0)[:, None]
    >>> coarse = Map(U, np.zeros(4), np.ones(4), U - 1.5, 1.0)
    >>> fine = expand(coarse, np.arange(0, 3.5, 0.5)[:, None])
    >>> np.allclose(fine.centres[::2], coarse.centres, atol=0.05)
    True
    """
    covariance = field_covariance(fitted.nodes, smoothness)
    cross = field_kernel(nodes, fitted.nodes, smoothness)
    weights = np.linalg.solve(covariance, np.column_stack([fitted.log_lengths, fitted.gains]))
    r, g = (cross @ weights).T
    g = np.maximum(g, 0.0)
    own = np.outer(fitted.gains, fitted.gains) * local_covariance(
        cdist(fitted.nodes, fitted.nodes, "sqeuclidean"), fitted.log_lengths, nodes.shape[1]
    )
    other = np.outer(g, fitted.gains) * local_kernel(
        cdist(nodes, fitted.nodes, "sqeuclidean"), r, fitted.log_lengths, nodes.shape[1]
    )
    centres = other @ np.linalg.solve(own + JITTER * np.eye(len(own)), fitted.centres)
    return Map(nodes, r, g, centres, fitted.precision)


def interpolate(
    values: NDArray[np.float64], nodes: NDArray[np.float64], places: NDArray[np.float64], length: float
) -> NDArray[np.float64]:
    """A property known on some nodes, at other places of the latent space.

    Gaussian-process regression with a constant mean, one per cent of noise and the given length scale.

    Parameters
    ----------
    values : (n,)
    nodes : (n, L)
    places : (m, L)

    Returns
    -------
    numpy.ndarray, shape (m,)

    Examples
    --------
    >>> line = np.arange(3.0)[:, None]
    >>> interpolate(np.array([0.0, 1.0, 2.0]), line, np.array([[1.0]]), 1.0).round(2)
    array([1.])
    """
    mean = values.mean()
    kernel = np.exp(-cdist(nodes, nodes, "sqeuclidean") / (2 * length**2)) + NOISE * np.eye(len(nodes))
    cross = np.exp(-cdist(places, nodes, "sqeuclidean") / (2 * length**2))
    smooth: NDArray[np.float64] = mean + cross @ np.linalg.solve(kernel, values - mean)
    return smooth


NOISE = 0.01
