"""The length scales given the latent features: density of r, its gradient, its mode by Fisher scoring.

log p(r | H) = -D/2 log|C| - tr(C^-1 S)/2 - r' C_r^-1 r / 2 + const, with C = C_h(r) and S = H'H summed over the features
(or its expectation). The covariance C depends on r_i only in row and column i: dC/dr_i = e_i a_i' + a_i e_i',
which makes gradient and Fisher information products of K x K matrices.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.linalg.lapack import dpotrf, dpotri

from hanten.elements.periodic_table.model import JITTER

if TYPE_CHECKING:
    from numpy.typing import NDArray

_HALVINGS = 8


def inverse_and_log_det(matrix: NDArray[np.float64]) -> tuple[NDArray[np.float64], float]:
    """Inverse and log determinant of a positive definite matrix."""
    factor, failed = dpotrf(matrix, lower=1)
    if failed:
        raise np.linalg.LinAlgError("the covariance is not positive definite")
    inverse, _ = dpotri(factor, lower=1)
    inverse = inverse + inverse.T  # only the lower triangle is filled
    inverse.ravel()[:: len(matrix) + 1] /= 2
    return inverse, float(2 * np.log(factor.diagonal()).sum())


@dataclass(frozen=True, eq=False)
class Lengths:
    """The target density of r on one set of nodes.

    Attributes
    ----------
    squared : (K, K)
        Squared distances between the nodes.
    dimensions : int
        L, of the latent space.
    prior_precision : (K, K)
        C_r^-1.
    features : float
        D.
    """

    squared: NDArray[np.float64]
    dimensions: int
    prior_precision: NDArray[np.float64]
    features: int

    def covariance(self, r: NDArray[np.float64]) -> NDArray[np.float64]:
        """C_h(r), (K, K)."""
        return self._kernel(r)[0] + JITTER * np.eye(len(r))

    def _kernel(self, r: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The kernel without jitter, and l_i^2 + l_j^2."""
        square = np.exp(2 * r)
        joint = square[:, None] + square[None, :]
        half = self.dimensions / 2
        logs = half * (np.log(2.0) + r[:, None] + r[None, :] - np.log(joint)) - self.squared / joint
        return np.exp(logs), joint

    def log_density(self, r: NDArray[np.float64], S: NDArray[np.float64]) -> float:
        """Log p(r | S) up to a constant."""
        inverse, log_det = inverse_and_log_det(self.covariance(r))
        return self._value(r, S, inverse, log_det)

    def _value(
        self, r: NDArray[np.float64], S: NDArray[np.float64], inverse: NDArray[np.float64], det: float
    ) -> float:
        return float(-self.features / 2 * det - (inverse * S).sum() / 2 - r @ self.prior_precision @ r / 2)

    def expand(
        self, r: NDArray[np.float64], S: NDArray[np.float64]
    ) -> tuple[float, NDArray[np.float64], NDArray[np.float64]]:
        """Log p(r | S), its gradient (K,) and its Fisher information (K, K)."""
        kernel, joint = self._kernel(r)
        P, det = inverse_and_log_det(kernel + JITTER * np.eye(len(r)))
        square = np.exp(2 * r)
        # d log C_ij / d r_i = L/2 (1 - 2 l_i^2 / joint) + 2 d^2 l_i^2 / joint^2; column i of A is a_i.
        share = 2 * square[:, None] / joint
        slope = self.dimensions / 2 * (1 - share) + self.squared * share / joint
        A = (kernel * slope).T.copy()
        np.fill_diagonal(A, 0.0)
        PA = P @ A
        B = P @ S @ P - self.features * P  # d log p / dC = B / 2
        gradient = (B * A.T).sum(axis=1) - self.prior_precision @ r
        information = self.features * (PA * PA.T + (A.T @ PA) * P) + self.prior_precision
        return self._value(r, S, P, det), gradient, information

    def mode(self, start: NDArray[np.float64], S: NDArray[np.float64], steps: int) -> NDArray[np.float64]:
        """Fisher scoring from ``start``, each step halved until the density does not fall."""
        r: NDArray[np.float64] = start
        value, gradient, information = self.expand(r, S)
        for _ in range(steps):
            direction: NDArray[np.float64] = np.asarray(np.linalg.solve(information, gradient), dtype=float)
            size = min(1.0, 2.0 / (np.abs(direction).max() + 1e-12))
            for _ in range(_HALVINGS):
                trial = r + size * direction
                gained = self.log_density(trial, S) - value
                if gained > 0:
                    break
                size /= 2
            else:
                return r
            r = trial
            if gained < 1e-4:
                return r
            value, gradient, information = self.expand(r, S)
        return r
