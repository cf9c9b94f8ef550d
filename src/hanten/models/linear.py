"""Bayesian linear regression with both precisions found by maximising the evidence.

References
----------
D. J. C. MacKay, "Bayesian interpolation", Neural Computation 4 (1992) 415; https://doi.org/10.1162/neco.1992.4.3.415
"""

from __future__ import annotations

from typing import Any, ClassVar, Self

import numpy as np
from scipy import linalg

from hanten.models.base import Array, Regressor


class BayesianLinear(Regressor):
    """``y = x·w + b + noise`` with a Gaussian prior on ``w``; works for more features than rows.

    Parameters
    ----------
    max_steps : int
        Rounds of MacKay's fixed point at most.
    tol : float
        Stop when both precisions change by less than this share.
    scale : bool
        Divide every feature by its standard deviation first.

    Attributes
    ----------
    coef_ : ndarray, (d,)
    intercept_ : float
    noise_ : float
        Variance of the noise.

    Examples
    --------
    >>> import numpy as np
    >>> X = np.arange(20.0)[:, None]
    >>> model = BayesianLinear().fit(X, 3 * X[:, 0] + 1)
    >>> mean, std = model.predict([[10.5]], return_std=True)
    >>> round(float(mean[0]), 3)
    32.5
    """

    _fitted_arrays: ClassVar[tuple[str, ...]] = (
        "coef_",
        "intercept_",
        "noise_",
        "prior_variance_",
        "centre_",
        "scale_",
        "axes_",
        "shrink_",
    )

    def __init__(self, max_steps: int = 200, tol: float = 1e-6, scale: bool = False) -> None:
        self.max_steps, self.tol, self.scale = max_steps, tol, scale

    def fit(self, X: Any, y: Any) -> Self:
        """Find the posterior of the weights and the two precisions.

        Parameters
        ----------
        X : array_like, (n, d)
        y : array_like, (n,)
        """
        X, y = self._check_xy(X, y)
        self.centre_ = X.mean(axis=0)
        spread = X.std(axis=0)
        self.scale_ = np.where(spread > 0, spread, 1.0) if self.scale else np.ones(X.shape[1])
        mean = float(y.mean())
        U, s, axes = linalg.svd((X - self.centre_) / self.scale_, full_matrices=False, lapack_driver="gesdd")
        keep = s > s.max(initial=0.0) * 1e-10 if s.max(initial=0.0) > 0 else np.zeros(len(s), bool)
        s, axes, projected = s[keep], axes[keep], U[:, keep].T @ (y - mean)
        alpha, beta = self._precisions(s, projected, float(((y - mean) ** 2).sum()), len(y))
        weights = beta * s / (alpha + beta * s**2) * projected  # posterior mean in the basis of the axes
        self.coef_ = axes.T @ weights / self.scale_
        self.intercept_ = mean - float(self.centre_ @ self.coef_)
        self.noise_, self.prior_variance_ = 1.0 / beta, 1.0 / alpha
        self.axes_, self.shrink_ = axes, 1.0 / alpha - 1.0 / (alpha + beta * s**2)
        return self

    def _precisions(self, s: Array, projected: Array, total: float, n: int) -> tuple[float, float]:
        """MacKay (1992), eqs. 2.19-2.22: gamma is the number of well-determined weights."""
        floor = max(total / n, 1e-12) * 1e-9 + 1e-300
        alpha, beta = 1.0, 1.0 / max(total / n, floor)
        outside = total - float(projected @ projected)
        for _ in range(self.max_steps):
            shrunk = beta * s**2 / (alpha + beta * s**2)
            gamma = float(shrunk.sum())
            energy = float(((shrunk * projected / np.where(s > 0, s, 1.0)) ** 2).sum())
            misfit = outside + float((((1 - shrunk) * projected) ** 2).sum())
            new = (
                min(gamma / max(energy, 1e-300), 1e12) if gamma > 0 else alpha,
                max(n - gamma, 1e-9) / max(misfit, n * floor),
            )
            done = abs(new[0] - alpha) < self.tol * alpha and abs(new[1] - beta) < self.tol * beta
            alpha, beta = new
            if done:
                break
        return alpha, beta

    def _mean_std(self, X: Any, *, std: bool) -> tuple[Array, Array | None]:
        mean = np.asarray(X @ self.coef_ + self.intercept_, dtype=np.float64)
        if not std:
            return mean, None
        Z = (X - self.centre_) / self.scale_
        variance = self.prior_variance_ * (Z**2).sum(axis=1) - ((Z @ self.axes_.T) ** 2) @ self.shrink_
        return mean, np.sqrt(np.maximum(variance, 0.0) + self.noise_)
