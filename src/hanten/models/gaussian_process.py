"""Gaussian process regression with a sum of kernels on blocks of features, by the marginal likelihood.

References
----------
C. E. Rasmussen, C. K. I. Williams, Gaussian Processes for Machine Learning, MIT Press 2006, algorithm 2.1 and
eqs. 5.8-5.9; equation numbers below are theirs. http://gaussianprocess.org/gpml/
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt
from scipy import linalg, optimize, sparse

from hanten.models.base import Array, Regressor
from hanten.models.kernels import MinMaxTo, min_max, radial, squared_distance

Block = tuple[str, int, int]
RADIAL = ("rbf", "matern52")
KINDS = ("minmax", "linear", *RADIAL)


class GaussianProcess(Regressor):
    """A Gaussian process; by default with the Tanimoto (min-max) kernel on counts.

    The covariance is ``Σ a_b k_b(x, x') + noise``: one kernel and one weight per block of columns. Weights, length
    scales and noise maximise the marginal likelihood. Targets are standardised inside.

    Parameters
    ----------
    blocks : sequence of (kind, start, stop), optional
        Kernel and columns of each block; kind is ``"minmax"`` (non-negative counts), ``"rbf"`` or ``"matern52"``
        (descriptors, standardised inside), or ``"linear"`` (the same, for what acts in proportion). Without it, one
        min-max kernel on all columns.
    max_steps : int
        Steps of the optimiser at most.
    max_rows : int
        The marginal likelihood is evaluated on at most this many rows, evenly picked.
    max_variance_rows : int
        The standard deviation is conditioned on at most this many rows, evenly picked. Fewer rows can only make it
        larger; the mean always uses all rows.

    Attributes
    ----------
    weights_, lengths_ : ndarray, (blocks,)
        Weight (share of the variance of y) and length scale of each block.
    noise_ : float
        Noise variance, as a share of the variance of y.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> X = rng.poisson(2.0, (60, 8)).astype(float)
    >>> model = GaussianProcess().fit(X, X[:, 0] - X[:, 1])
    >>> mean, std = model.predict(X[:2], return_std=True)
    >>> bool(np.abs(mean - (X[:2, 0] - X[:2, 1])).max() < 1.0), bool((std > 0).all())
    (True, True)
    """

    _accepts_sparse: ClassVar[bool] = True
    _fitted_arrays: ClassVar[tuple[str, ...]] = (
        "X_",
        "alpha_",
        "weights_",
        "lengths_",
        "noise_",
        "extra_noise_",
        "y_mean_",
        "y_scale_",
        "centre_",
        "scale_",
    )

    def __init__(
        self,
        blocks: Sequence[Block] | None = None,
        max_steps: int = 40,
        max_rows: int = 700,
        max_variance_rows: int = 1500,
    ) -> None:
        self.blocks, self.max_steps = blocks, max_steps
        self.max_rows, self.max_variance_rows = max_rows, max_variance_rows

    def fit(self, X: Any, y: Any, noise_variance: npt.ArrayLike | None = None) -> Self:
        """Find weights, length scales and noise, and condition on the data.

        Parameters
        ----------
        X : array_like or sparse matrix, (n, d)
        y : array_like, (n,)
        noise_variance : array_like, (n,), optional
            Known variance of each value, in the unit of y squared; the learned noise comes on top of it.
        """
        X, y = self._check_xy(X, y)
        self.centre_, self.scale_ = self._standardiser(X)
        self.X_ = X
        self.y_mean_, self.y_scale_ = float(y.mean()), float(y.std()) or 1.0
        z = (y - self.y_mean_) / self.y_scale_
        known = np.zeros(len(z)) if noise_variance is None else np.asarray(noise_variance, dtype=np.float64)
        self.extra_noise_ = known / self.y_scale_**2
        picked = _evenly(len(z), self.max_rows)
        self._optimise(self._bases(X[picked], X[picked]), z[picked], self.extra_noise_[picked])
        covariance = self._covariance(self._bases(X, X))
        covariance[np.diag_indices(len(z))] += self.noise_ + self.extra_noise_
        self.alpha_ = linalg.cho_solve(linalg.cho_factor(covariance, lower=True), z)  # (2.25)
        self._restore()
        return self

    def _restore(self) -> None:
        self._factor: tuple[Any, Any] | None = None
        self._to_training: dict[int, MinMaxTo] = {}

    def _mean_std(self, X: Any, *, std: bool) -> tuple[Array, Array | None]:
        cross = self._covariance(self._bases(X, self.X_, self._kernels_to_training()))
        mean = cross @ self.alpha_ * self.y_scale_ + self.y_mean_  # (2.25)
        if not std:
            return mean, None
        rows, inverse = self._inverse_factor()
        known = cross.T if len(rows) == cross.shape[1] else cross[:, rows].T
        explained = (linalg.blas.dtrmm(1.0, inverse, known, lower=1) ** 2).sum(axis=0)  # (2.26)
        variance = np.maximum(self._prior_variance(X) - explained, 1e-9) + self.noise_
        return mean, np.sqrt(variance) * self.y_scale_

    def _inverse_factor(self) -> tuple[Any, Any]:
        """Inverse Cholesky factor of the training covariance; made at the first call, never stored in a file."""
        if self._factor is None:
            rows = _evenly(self.X_.shape[0], self.max_variance_rows)
            covariance = self._covariance(self._bases(self.X_[rows], self.X_[rows]))
            covariance[np.diag_indices(len(rows))] += self.noise_ + self.extra_noise_[rows]
            lower = linalg.cholesky(covariance, lower=True, overwrite_a=True, check_finite=False)
            inverse, _ = linalg.lapack.dtrtri(lower, lower=1)
            self._factor = rows, inverse
        return self._factor

    def _kernels_to_training(self) -> dict[int, MinMaxTo]:
        """The min-max kernels to the training rows, by first column; made at the first call too."""
        for kind, start, stop in self._blocks():
            if kind == "minmax" and start not in self._to_training:
                self._to_training[start] = MinMaxTo(self.X_[:, start:stop])
        return self._to_training

    def _blocks(self) -> list[Block]:
        if self.blocks is None:
            return [("minmax", 0, int(self.n_features_in_))]
        return [(str(kind), int(start), int(stop)) for kind, start, stop in self.blocks]

    def _standardiser(self, X: Any) -> tuple[Array, Array]:
        """Centre and spread of the columns of descriptors; min-max blocks stay as they are."""
        centre, scale = np.zeros(X.shape[1]), np.ones(X.shape[1])
        for kind, start, stop in self._blocks():
            if kind not in KINDS:
                raise ValueError(f"{kind!r} is not a kernel; there are {', '.join(KINDS)}")
            if kind != "minmax":
                columns = _dense(X[:, start:stop])
                spread = columns.std(axis=0)
                centre[start:stop], scale[start:stop] = (
                    columns.mean(axis=0),
                    np.where(spread > 1e-12, spread, 1.0),
                )
        return centre, scale

    def _bases(self, A: Any, B: Any, prepared: Mapping[int, MinMaxTo] | None = None) -> list[Array]:
        """Per block what no hyperparameter changes: the min-max or linear kernel itself, or squared distances."""
        out = []
        for kind, start, stop in self._blocks():
            a, b = A[:, start:stop], B[:, start:stop]
            if kind == "minmax":
                out.append(prepared[start](a) if prepared is not None else min_max(a, b))
            else:
                centre, scale = self.centre_[start:stop], self.scale_[start:stop]
                one, two = (_dense(a) - centre) / scale, (_dense(b) - centre) / scale
                out.append(one @ two.T / (stop - start) if kind == "linear" else squared_distance(one, two))
        return out

    def _covariance(self, bases: list[Array]) -> Array:
        total = np.zeros(bases[0].shape)
        for (kind, _, _), weight, length, base in zip(
            self._blocks(), self.weights_, self.lengths_, bases, strict=True
        ):
            total += weight * (radial(base, length, kind)[0] if kind in RADIAL else base)
        return total

    def _prior_variance(self, X: Any) -> Array:
        """``k(x, x)``: the weight of a kernel, times the mean square of the columns where it is linear."""
        variance = np.zeros(X.shape[0])
        for (kind, start, stop), weight in zip(self._blocks(), self.weights_, strict=True):
            if kind == "linear":
                standard = (_dense(X[:, start:stop]) - self.centre_[start:stop]) / self.scale_[start:stop]
                variance += weight * (standard**2).mean(axis=1)
            else:
                variance += weight
        return variance

    def _optimise(self, bases: list[Array], z: Array, known: Array) -> None:
        """Maximise the log marginal likelihood over logarithms: weights, length scales, noise."""
        kinds = [kind for kind, _, _ in self._blocks()]
        n, radials = len(kinds), [i for i, kind in enumerate(kinds) if kind in RADIAL]
        start = np.concatenate([np.full(n, np.log(1.0 / n)), np.zeros(len(radials)), [np.log(0.1)]])
        bounds = [(-9.0, 5.0)] * n + [(-3.0, 4.0)] * len(radials) + [(-9.0, 2.0)]
        options = {"maxiter": self.max_steps, "ftol": 1e-6}
        found = optimize.minimize(
            _negative_evidence,
            start,
            (kinds, bases, z, known),
            jac=True,
            method="L-BFGS-B",
            bounds=bounds,
            options=options,
        )
        self.weights_, self.noise_ = np.exp(found.x[:n]), float(np.exp(found.x[-1]))
        self.lengths_ = np.ones(n)
        self.lengths_[radials] = np.exp(found.x[n:-1])

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.positive_only = self.blocks is None
        return tags


def _negative_evidence(
    theta: Array, kinds: list[str], bases: list[Array], z: Array, known: Array
) -> tuple[float, Array]:
    """Minus the log marginal likelihood (5.8), without its constant, and its gradient (5.9)."""
    n = len(kinds)
    lengths = iter(np.exp(theta[n:-1]))
    kernels, slopes = [], []
    for kind, weight, base in zip(kinds, np.exp(theta[:n]), bases, strict=True):
        value, slope = radial(base, float(next(lengths)), kind) if kind in RADIAL else (base, None)
        kernels.append(weight * value)
        slopes.extend([] if slope is None else [weight * slope])
    covariance = np.sum(kernels, axis=0)
    noise = np.exp(theta[-1])
    covariance[np.diag_indices(len(z))] += noise + known + 1e-10
    try:
        factor = linalg.cho_factor(covariance, lower=True)
    except linalg.LinAlgError:  # too ill-conditioned: the optimiser steps back
        return 1e25, np.zeros_like(theta)
    inverse = linalg.cho_solve(factor, np.eye(len(z)))
    alpha = inverse @ z
    evidence = 0.5 * float(z @ alpha) + float(np.log(np.diag(factor[0])).sum())
    trace = inverse - np.outer(alpha, alpha)
    gradient = [0.5 * float((trace * d).sum()) for d in (*kernels, *slopes)]
    return evidence, np.array([*gradient, 0.5 * noise * float(np.trace(trace))])


def _evenly(n: int, most: int) -> npt.NDArray[np.intp]:
    """At most ``most`` of ``n`` row numbers, a fixed random choice in ascending order."""
    if n <= most:
        return np.arange(n)
    return np.sort(np.random.default_rng(0).choice(n, most, replace=False))


def _dense(X: Any) -> Array:
    return np.asarray(X.toarray() if sparse.issparse(X) else X, dtype=np.float64)
