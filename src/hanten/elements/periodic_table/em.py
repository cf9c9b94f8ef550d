"""The fast route: variational expectation maximisation.

Memberships and latent features are averaged out under q(z) q(H), length scales, gains and precision are
maximised. Every update raises the same bound on log p(X, g, r, beta), which a test checks.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import nnls
from scipy.spatial.distance import cdist

from hanten.elements.periodic_table.lengths import Lengths, inverse_and_log_det
from hanten.elements.periodic_table.model import Map, Prior, field_covariance

if TYPE_CHECKING:
    from numpy.typing import NDArray

MIN_STEPS = 20


@dataclass(frozen=True, eq=False)
class Fit:
    """A map, the bound after each iteration, and whether it has converged."""

    map: Map
    trace: tuple[float, ...]
    converged: bool


def fit_em(
    X: NDArray[np.float64],
    nodes: NDArray[np.float64],
    start: NDArray[np.float64],
    prior: Prior | None = None,
    *,
    max_iter: int = 300,
    tolerance: float = 2e-5,
) -> Fit:
    """Fit the map by variational EM.

    Parameters
    ----------
    X : (N, D)
        Standardised features.
    nodes : (K, L)
    start : (K, D)
        Centres to start from.
    prior : Prior
    max_iter : int
    tolerance : float
        Stop when the bound rises by less, per item and feature.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> X = np.linspace(-1, 1, 20)[:, None] * [1.0, -1.0] + 0.1 * rng.normal(size=(20, 2))
    >>> nodes = np.arange(5.0)[:, None]
    >>> fit = fit_em(X, nodes, np.linspace(-1, 1, 5)[:, None] * [1.0, -1.0])
    >>> bool(np.all(np.diff(fit.trace) > -1e-6))
    True
    """
    state = _State(X, nodes, start, prior or Prior())
    trace: list[float] = []
    converged = False
    for _ in range(max_iter):
        state.update()
        trace.append(state.bound())
        rise = trace[-1] - trace[-2] if len(trace) > MIN_STEPS else np.inf
        if converged := bool(rise < tolerance * X.size):
            break
    return Fit(state.map(), tuple(trace), converged)


class _State:
    """Memberships R (N, K), features M (K, D) with covariance Sigma (K, K), gains, log lengths, precision."""

    def __init__(
        self, X: NDArray[np.float64], nodes: NDArray[np.float64], start: NDArray[np.float64], prior: Prior
    ) -> None:
        self.X, self.nodes, self.prior = X, nodes, prior
        fields = field_covariance(nodes, prior.smoothness)
        self.field_precision, _ = inverse_and_log_det(fields)
        self.lengths = Lengths(
            cdist(nodes, nodes, "sqeuclidean"), nodes.shape[1], self.field_precision, X.shape[1]
        )
        K = len(nodes)
        self.r, self.g = np.zeros(K), np.ones(K)
        self.M, self.Sigma = start.copy(), np.zeros((K, K))
        self.C_inverse, self.C_log_det = inverse_and_log_det(self.lengths.covariance(self.r))
        self.beta = 1.0
        self._update_memberships()

    def update(self) -> None:
        """One sweep: H, g, r, beta, z; each maximises the bound given the others."""
        self._update_features()
        self._update_gains()
        self._update_lengths()
        self._update_precision()
        self._update_memberships()

    def _distances(self) -> NDArray[np.float64]:
        """Expected squared distance of each item from each centre, (N, K)."""
        spread = self.X.shape[1] * self.g**2 * self.Sigma.diagonal()
        distances: NDArray[np.float64] = cdist(self.X, self.g[:, None] * self.M, "sqeuclidean") + spread
        return distances

    def _update_memberships(self) -> None:
        logs = -self.beta / 2 * self._distances()
        logs -= logs.max(axis=1, keepdims=True)
        R = np.exp(logs)
        self.R = R / R.sum(axis=1, keepdims=True)
        self.n, self.CX = self.R.sum(axis=0), self.R.T @ self.X

    def _update_features(self) -> None:
        Q = self.C_inverse + np.diag(self.beta * self.n * self.g**2)
        self.Sigma, log_det = inverse_and_log_det(Q)
        self.Sigma_log_det = -log_det
        self.M = self.beta * self.Sigma @ (self.g[:, None] * self.CX)

    def _update_gains(self) -> None:
        power = self.n * ((self.M**2).sum(axis=1) + self.X.shape[1] * self.Sigma.diagonal())
        Q = self.field_precision + np.diag(self.beta * power)
        b = self.beta * (self.M * self.CX).sum(axis=1)
        g = np.linalg.solve(Q, b)
        if (g < 0).any():  # the maximum over g >= 0: |L' g - L^-1 b| least
            L = np.linalg.cholesky(Q)
            g, _ = nnls(L.T, np.linalg.solve(L, b))
        self.g = g

    def _update_lengths(self) -> None:
        S = self.M @ self.M.T + self.X.shape[1] * self.Sigma
        self.r = self.lengths.mode(self.r, S, steps=1)
        self.C_inverse, self.C_log_det = inverse_and_log_det(self.lengths.covariance(self.r))

    def _update_precision(self) -> None:
        error = float((self.R * self._distances()).sum())
        self.beta = (self.prior.shape - 1 + self.X.size / 2) / (self.prior.rate + error / 2)

    def bound(self) -> float:
        """The evidence lower bound plus the log prior of g, r and beta, up to a constant."""
        D, R = self.X.shape[1], self.R
        error = float((R * self._distances()).sum())
        fit = self.X.size / 2 * np.log(self.beta / (2 * np.pi)) - self.beta / 2 * error
        entropy = -float((R * np.log(np.maximum(R, 1e-300))).sum()) - len(R) * np.log(R.shape[1])
        S = self.M @ self.M.T + D * self.Sigma
        features = D / 2 * (self.Sigma_log_det - self.C_log_det) - float((self.C_inverse * S).sum()) / 2
        fields = -(self.g @ self.field_precision @ self.g + self.r @ self.field_precision @ self.r) / 2
        noise = (self.prior.shape - 1) * np.log(self.beta) - self.prior.rate * self.beta
        return float(fit + entropy + features + fields + noise)

    def map(self) -> Map:
        return Map(self.nodes, self.r, self.g, self.g[:, None] * self.M, self.beta)
