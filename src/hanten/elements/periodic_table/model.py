"""Generative topographic mapping with local length scales and gains: priors, kernels, densities.

Items x_n (n = 1..N, D features, standardised) belong to nodes u_k (k = 1..K): x_n | z_n = k ~ N(y_k, 1/beta I) with
y_k = g_k h_k. The gains g and the logarithms r of the length scales are Gaussian fields over the nodes, g
truncated to g >= 0; each feature of h is a Gaussian field whose length scale varies with r.

References
----------
.. [1] Kusaba et al., Sci. Rep. 11, 4780 (2021), doi:10.1038/s41598-021-81850-z
.. [2] Yamaguchi, GTM with local length scales and gains; Bishop et al., Neural Comput. 10, 215 (1998),
   doi:10.1162/089976698300017953
.. [3] Gibbs, PhD thesis, Cambridge (1997), section 3.10.3: the kernel with varying length scale
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.spatial.distance import cdist
from scipy.special import logsumexp

if TYPE_CHECKING:
    from numpy.typing import NDArray

JITTER = 1e-4
NUGGET = 0.01
FLAT = 1e-3  # mean square of the centres below which a map says nothing; items have one


@dataclass(frozen=True)
class Prior:
    """Hyperparameters.

    Attributes
    ----------
    smoothness : float
        lambda: the fields g and r have variance 1/lambda and squared length scale lambda.
    shape, rate : float
        Of the Gamma distribution of beta.
    """

    smoothness: float = 3.0
    shape: float = 1.0
    rate: float = 500.0


@dataclass(frozen=True, eq=False)
class Map:
    """A fitted map: its nodes and fields.

    Attributes
    ----------
    nodes : (K, L)
    log_lengths : (K,)
        r.
    gains : (K,)
        g >= 0.
    centres : (K, D)
        y_k = g_k h_k.
    precision : float
        beta.
    """

    nodes: NDArray[np.float64]
    log_lengths: NDArray[np.float64]
    gains: NDArray[np.float64]
    centres: NDArray[np.float64]
    precision: float

    @property
    def flat(self) -> bool:
        """Whether all centres lie at the mean of the items: the model sees no order in them.

        Few features, or features that have nothing to do with each other, do not pay for a map in the eyes of the prior.
        """
        return float((self.centres**2).mean()) < FLAT


def field_kernel(U: NDArray[np.float64], V: NDArray[np.float64], smoothness: float) -> NDArray[np.float64]:
    """Covariance of g, and of r, between nodes: exp(-d^2 / (2 lambda)) / lambda."""
    kernel: NDArray[np.float64] = np.exp(-cdist(U, V, "sqeuclidean") / (2 * smoothness)) / smoothness
    return kernel


def field_covariance(U: NDArray[np.float64], smoothness: float) -> NDArray[np.float64]:
    """The same among one set of nodes, with a nugget of one per cent."""
    return field_kernel(U, U, smoothness) + NUGGET / smoothness * np.eye(len(U))


def local_kernel(
    squared: NDArray[np.float64], r: NDArray[np.float64], s: NDArray[np.float64], dimensions: int
) -> NDArray[np.float64]:
    """Covariance of h between nodes with length scales exp(r) and exp(s).

    (2 l m / (l^2 + m^2))^(L/2) exp(-d^2 / (l^2 + m^2)) for squared distances d^2, shape (len(r), len(s)).
    """
    joint = np.exp(2 * r)[:, None] + np.exp(2 * s)[None, :]
    ratio = 2 * np.exp(r)[:, None] * np.exp(s)[None, :] / joint
    kernel: NDArray[np.float64] = ratio ** (dimensions / 2) * np.exp(-squared / joint)
    return kernel


def local_covariance(
    squared: NDArray[np.float64], r: NDArray[np.float64], dimensions: int
) -> NDArray[np.float64]:
    """The same among one set of nodes, the diagonal lifted by 1e-4."""
    return local_kernel(squared, r, r, dimensions) + JITTER * np.eye(len(r))


def log_densities(X: NDArray[np.float64], Y: NDArray[np.float64], precision: float) -> NDArray[np.float64]:
    """Log N(x_n; y_k, 1/beta I), (N, K)."""
    width = X.shape[1]
    logs: NDArray[np.float64] = width / 2 * np.log(precision / (2 * np.pi)) - precision / 2 * cdist(
        X, Y, "sqeuclidean"
    )
    return logs


def log_likelihood(X: NDArray[np.float64], fitted: Map) -> float:
    """Log p(X) with the memberships summed out, each node as likely as another."""
    logs = log_densities(X, fitted.centres, fitted.precision)
    return float((logsumexp(logs, axis=1) - np.log(logs.shape[1])).sum())


def responsibilities(X: NDArray[np.float64], fitted: Map) -> NDArray[np.float64]:
    """p(z_n = k | x_n), (N, K)."""
    logs = log_densities(X, fitted.centres, fitted.precision)
    found: NDArray[np.float64] = np.exp(logs - logsumexp(logs, axis=1, keepdims=True))
    return found
