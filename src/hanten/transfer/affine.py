"""Affine model transfer: ``y = g1(f_s) + g2(f_s) · g3(x)``.

References
----------
S. Minami, K. Fukumizu, Y. Hayashi, R. Yoshida, "Transfer learning with affine model transformation", NeurIPS 36 (2023);
https://doi.org/10.48550/arXiv.2210.09745
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
from scipy import linalg, sparse

from hanten.errors import ConfigError, did_you_mean
from hanten.models.base import Array, Regressor
from hanten.models.gaussian_process import Block
from hanten.models.kernels import min_max, radial, squared_distance
from hanten.transfer.heads import inner_folds
from hanten.transfer.signal import Source, check_in_columns, read_source

FORMS = ("kernel", "linear")
STRENGTHS = (0.03, 0.3, 3.0, 30.0)
SCALE_STRENGTH = 1.0


class AffineTransfer(Regressor):
    """Ridge regression of ``g1(f_s) + g2(f_s) · g3(x)`` in three function spaces, by turns.

    The transformation of the source that minimises the expected squared error and is consistent has this form: g1 corrects the
    source, g3 holds what only the target knows, g2 says where that matters. ``min Σ (y - g1 - g2 g3)² + λ1 |g1|² +
    λ2 |g2 - 1|² + λ3 |g3|²`` is solved for one function at a time, each a ridge regression (algorithm 1 of the paper).

    Parameters
    ----------
    form : {"kernel", "linear"}
        Gaussian kernels (and those of ``blocks`` for x), or functions linear in f_s and in x.
    source : columns of X, callable, source model, or a list of these, optional
        See :func:`hanten.transfer.signal.read_source`; the last column of X without it.
    blocks : sequence of (kind, start, stop), optional
        Kernels of g3 on the columns of X without the source, averaged; one Gaussian (or linear) kernel without it.
    constant_scale : bool
        Keep ``g2 = 1``: the convex case, ``y = g1(f_s) + g3(x)``.
    strengths : sequence of float
        λ1 and λ3 are chosen among these by inner cross-validation; variance of the noise over that of the function.
    rounds : int
        Turns at most.
    n_splits : int
    random_state : int or None

    Attributes
    ----------
    strengths_ : ndarray, (2,)
        λ1 and λ3.
    noise_ : float
        Mean squared inner error, in units of y squared.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> x, f = rng.uniform(-1, 1, 40), rng.uniform(0, 2, 40)
    >>> model = AffineTransfer("linear").fit(np.column_stack([x, f]), f + f * x)
    >>> bool(abs(model.predict([[0.5, 1.0]])[0] - 1.5) < 0.15)
    True
    """

    _accepts_sparse: ClassVar[bool] = True
    _fitted_arrays: ClassVar[tuple[str, ...]] = (
        "f_", "X_", "f_centre_", "f_scale_", "centre_", "scale_", "y_mean_", "y_scale_",
        "a1_", "a2_", "a3_", "g2_", "strengths_", "noise_",
    )  # fmt: skip

    def __init__(
        self,
        form: str = "kernel",
        source: Source = None,
        blocks: Sequence[Block] | None = None,
        *,
        constant_scale: bool = False,
        strengths: Sequence[float] = STRENGTHS,
        rounds: int = 8,
        n_splits: int = 5,
        random_state: int | None = 0,
    ) -> None:
        self.form, self.source, self.blocks, self.constant_scale = form, source, blocks, constant_scale
        self.strengths, self.rounds = strengths, rounds
        self.n_splits, self.random_state = n_splits, random_state

    def fit(self, X: Any, y: Any) -> Self:
        """Choose λ1 and λ3 in inner folds, then solve by turns on all rows.

        Parameters
        ----------
        X : array_like or sparse matrix, (n, d)
        y : array_like, (n,)
        """
        if self.form not in FORMS:
            raise ConfigError(f"form={self.form!r} is not a choice", hint=did_you_mean(self.form, FORMS))
        X, y = self._check_xy(X, y)
        self.f_, self.X_ = read_source(self.source, X)
        self._standardise(y)
        K1, K3, z = (
            self._source_kernel(self.f_),
            self._own_kernel(self.X_),
            (y - self.y_mean_) / self.y_scale_,
        )
        pairs = [(one, two) for one in self.strengths for two in self.strengths]
        errors = {pair: self._inner_error(K1, K3, z, pair) for pair in pairs}
        best = min(errors, key=lambda pair: (errors[pair], -pair[0] - pair[1]))
        self.strengths_, self.noise_ = np.array(best), max(errors[best], 1e-12) * self.y_scale_**2
        done = by_turns(K1, K3, z, *best, rounds=self._turns())
        self.a1_, self.a2_, self.a3_, self.g2_ = done.a1, done.a2, done.a3, done.g2
        return self

    def _inner_error(self, K1: Array, K3: Array, z: Array, pair: tuple[float, float]) -> float:
        errors = np.empty(len(z))
        for train, test in inner_folds(len(z), self.n_splits, self.random_state):
            within, across = np.ix_(train, train), np.ix_(test, train)
            done = by_turns(K1[within], K3[within], z[train], *pair, rounds=self._turns())
            errors[test] = done.predict(K1[across], K3[across]) - z[test]
        return float(np.mean(errors**2))

    def _check_savable(self) -> None:
        check_in_columns(self.source)

    def _mean_std(self, X: Any, *, std: bool) -> tuple[Array, Array | None]:
        f, rest = read_source(self.source, X)
        K1, K3 = self._source_kernel(f), self._own_kernel(rest)
        done = Turns(self.a1_, self.a2_, self.a3_, self.g2_)
        mean = done.predict(K1, K3) * self.y_scale_ + self.y_mean_
        if not std:
            return mean, None
        explained, prior = self._variances(K1, K3, 1.0 + K1 @ self.a2_, f, rest)
        doubt = np.maximum(prior - explained, 0.0) * self.noise_ / self.strengths_.min()
        return mean, np.sqrt(self.noise_ + np.minimum(doubt, self.y_scale_**2))

    def _variances(self, K1: Array, K3: Array, g2: Array, f: Array, rest: Any) -> tuple[Array, Array]:
        """With g2 fixed, y is a Gaussian process with covariance ``K1 + g2 K3 g2'``: (2.26) of Rasmussen and Williams."""
        weights = self.strengths_.min() / self.strengths_
        own = self._covariance(
            self._source_kernel(self.f_), self._own_kernel(self.X_), self.g2_, self.g2_, weights
        )
        own[np.diag_indices(len(own))] += self.strengths_.min()
        cross = self._covariance(K1, K3, g2, self.g2_, weights)
        half = linalg.solve_triangular(linalg.cholesky(own, lower=True), cross.T, lower=True)
        one, three = self._own_variance(f, rest)
        return (half**2).sum(axis=0), weights[0] * one + weights[1] * g2**2 * three

    @staticmethod
    def _covariance(K1: Array, K3: Array, left: Array, right: Array, weights: Array) -> Array:
        total: Array = weights[0] * K1 + weights[1] * left[:, None] * K3 * right[None, :]
        return total

    def _turns(self) -> int:
        return 0 if self.constant_scale else self.rounds

    def _standardise(self, y: Array) -> None:
        self.y_mean_, self.y_scale_ = float(y.mean()), float(y.std()) or 1.0
        self.f_centre_, self.f_scale_ = _centre_scale(self.f_)
        dense = _dense(self.X_)
        self.centre_, self.scale_ = _centre_scale(dense)

    def _source_kernel(self, f: Array) -> Array:
        standard, known = ((one - self.f_centre_) / self.f_scale_ for one in (f, self.f_))
        if self.form == "linear":
            linear: Array = standard @ known.T / known.shape[1] + 1.0
            return linear
        return radial(squared_distance(standard, known), 1.0, "rbf")[0]

    def _own_kernel(self, X: Any) -> Array:
        blocks = self.blocks or [("linear" if self.form == "linear" else "rbf", 0, X.shape[1])]
        parts = [self._block(str(kind), slice(start, stop), X) for kind, start, stop in blocks]
        mean: Array = np.mean(parts, axis=0)
        return mean

    def _block(self, kind: str, columns: slice, X: Any) -> Array:
        if kind == "minmax":
            return min_max(X[:, columns], self.X_[:, columns])
        centre, scale = self.centre_[columns], self.scale_[columns]
        standard, known = ((_dense(one[:, columns]) - centre) / scale for one in (X, self.X_))
        if kind == "linear":
            linear: Array = standard @ known.T / known.shape[1] + 1.0
            return linear
        return radial(squared_distance(standard, known), 1.0, kind)[0]

    def _own_variance(self, f: Array, X: Any) -> tuple[Array, Array]:
        """``k(x, x)`` of both kernels."""
        if self.form == "kernel":
            return np.ones(len(f)), np.ones(len(f))
        one, three = (f - self.f_centre_) / self.f_scale_, (_dense(X) - self.centre_) / self.scale_
        return (one**2).mean(axis=1) + 1.0, (three**2).mean(axis=1) + 1.0


@dataclass(frozen=True)
class Turns:
    """The three functions by their weights on the training rows; ``g2 = 1 + K1 a2``."""

    a1: Array
    a2: Array
    a3: Array
    g2: Array

    def predict(self, K1: Array, K3: Array) -> Array:
        """``g1(f_s) + g2(f_s) · g3(x)`` from the kernels between new and training rows."""
        value: Array = K1 @ self.a1 + (1.0 + K1 @ self.a2) * (K3 @ self.a3)
        return value


def by_turns(K1: Array, K3: Array, z: Array, strength1: float, strength3: float, *, rounds: int) -> Turns:
    """Algorithm 1: start with g2 = 1, where g1 and g3 are found together; then each function in turn.

    Examples
    --------
    >>> done = by_turns(np.eye(2), np.eye(2), np.array([1.0, -1.0]), 1e-6, 1e6, rounds=0)
    >>> done.predict(np.eye(2), np.eye(2)).round(3)
    array([ 1., -1.])
    """
    identity, g2, a2 = np.eye(len(z)), np.ones(len(z)), np.zeros(len(z))
    joint = linalg.solve(K1 / strength1 + K3 / strength3 + identity, z, assume_a="pos")
    a1, a3 = joint / strength1, joint / strength3
    for _ in range(rounds):
        g3 = K3 @ a3
        left = z - K1 @ a1 - g3  # g2 = 1 + h: the ridge is on h
        a2 = g3 * linalg.solve(g3[:, None] * K1 * g3 + SCALE_STRENGTH * identity, left, assume_a="pos")
        g2 = 1.0 + K1 @ a2
        covariance = K1 / strength1 + g2[:, None] * K3 * g2 / strength3
        joint = linalg.solve(covariance + identity, z, assume_a="pos")
        before, (a1, a3) = a1, (joint / strength1, g2 * joint / strength3)
        if np.abs(a1 - before).max() <= 1e-6 * max(np.abs(a1).max(), 1e-12):
            break
    return Turns(a1, a2, a3, g2)


def _centre_scale(X: Array) -> tuple[Array, Array]:
    spread = X.std(axis=0)
    return X.mean(axis=0), np.where(spread > 1e-12, spread, 1.0)


def _dense(X: Any) -> Array:
    return np.asarray(X.toarray() if sparse.issparse(X) else X, dtype=np.float64)
