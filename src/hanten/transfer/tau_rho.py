"""The (τ, ρ) class of transfer: one page from no transfer to the source as it is.

References
----------
S. Minami, S. Liu, S. Wu, K. Fukumizu, R. Yoshida, "A general class of transfer learning regression without
implementation cost", Proc. AAAI 35 (2021) 8992; https://doi.org/10.1609/aaai.v35i10.17087
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Self

import numpy as np

from hanten.errors import ConfigError
from hanten.models.base import Array, Regressor
from hanten.transfer.heads import as_head, extra_variance, fit_head, inner_folds, mean_std
from hanten.transfer.signal import Alignment, Source, align, check_in_columns, read_source

TAUS = (-1.0, 0.0, 0.5, 1.0)
RHOS = (0.0, 0.25, 0.5, 0.75, 1.0)
OFFSET = 1.0


class TauRho(Regressor):
    r"""Fit ``z = (y - τ f_s) / (1 - τ)`` with any learner, predict ``(1 - ρ) f + ρ f_s``.

    The posterior of the target is the source times a density ratio,
    ``p_t(y | x) = w(y, x | θ) p_s(y | x)``, with ``p_s ∝ exp(-(y - f_s)² / σ)`` and ``w ∝ exp(-(y - f_θ)² / η)``. Its mean
    is ``(1 - ρ) f_θ + ρ f_s`` with ``ρ = η / (σ + η)``; a prior that penalises ``(f_θ - f_s)²`` with weight κ leaves ordinary
    least squares of f_θ on z, with ``τ = ρ - κ / (1 - ρ) <= ρ``.

    Parameters
    ----------
    regressor : scikit-learn regressor, optional
        The learner of f; a Gaussian process with a Gaussian kernel without it.
    source : columns of X, callable, source model, or a list of these, optional
        Where f_s comes from; see :func:`hanten.transfer.signal.read_source`. The last column of X without it. Of several
        sources one is chosen, in every training set again.
    tau, rho : float, optional
        Chosen by inner cross-validation without them. ``tau = 1`` is the limit ``τ = ρ → 1``.
    align : {"linear", "zscore", "none"}
        How f_s is brought to the scale of y, inside every training set.
    taus, rhos : sequence of float
        What the choice is made among, with ``τ <= ρ``.
    n_splits : int
        Inner folds.
    random_state : int or None

    Attributes
    ----------
    tau_, rho_ : float
        As used.
    scores_ : ndarray, (pairs, 3)
        τ, ρ and inner mean absolute error of each pair tried.
    column_ : int
        Which of several sources was used.
    slope_, intercept_ : float
        The alignment.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> x = rng.uniform(-3, 3, 24)
    >>> X = np.column_stack([x, np.sin(x)])  # the last column is what a source says
    >>> model = TauRho().fit(X, 2 * np.sin(x) + 0.1 * x)
    >>> bool(np.abs(model.predict(X) - 2 * np.sin(x) - 0.1 * x).max() < 0.2)
    True
    """

    _accepts_sparse: ClassVar[bool] = True
    _fitted_arrays: ClassVar[tuple[str, ...]] = (
        "tau_", "rho_", "column_", "slope_", "intercept_", "extra_variance_", "scores_",
    )  # fmt: skip
    _fitted_parts: ClassVar[tuple[str, ...]] = ("learner_",)

    def __init__(
        self,
        regressor: Any = None,
        source: Source = None,
        tau: float | None = None,
        rho: float | None = None,
        *,
        align: str = "linear",
        taus: Sequence[float] = TAUS,
        rhos: Sequence[float] = RHOS,
        n_splits: int = 5,
        random_state: int | None = 0,
    ) -> None:
        self.regressor, self.source, self.tau, self.rho = regressor, source, tau, rho
        self.align, self.taus, self.rhos = align, taus, rhos
        self.n_splits, self.random_state = n_splits, random_state

    # The limiting cases of the class, by name (figure 1 of the paper) --------------------------------------

    @classmethod
    def no_transfer(cls, regressor: Any = None, **options: Any) -> Self:
        """``τ = ρ = 0``: the learner on the target data alone."""
        return cls(regressor, tau=0.0, rho=0.0, **options)

    @classmethod
    def cross_domain_similarity(cls, regressor: Any = None, penalty: float = 1.0, **options: Any) -> Self:
        """``ρ = 0, τ = -λ``: least squares plus ``λ Σ (f_s - f)²``, which draws f towards the source."""
        if penalty < 0:
            raise ConfigError(f"penalty={penalty} must not be negative")
        return cls(regressor, tau=-float(penalty), rho=0.0, **options)

    @classmethod
    def density_ratio(cls, regressor: Any = None, rho: float | None = None, **options: Any) -> Self:
        """``τ = ρ`` (κ = 0): fit of ``y ≈ (1 - ρ) f + ρ f_s``; ``rho=None`` chooses it by inner cross-validation."""
        model = cls(regressor, tau=rho, rho=rho, **options)
        return model.set_params(taus=(0.0, 0.25, 0.5, 0.75), rhos=()) if rho is None else model

    @classmethod
    def probabilistic_offset(cls, regressor: Any = None, **options: Any) -> Self:
        """The limit ``τ = ρ → 1``: the learner fits ``y - f_s``, and f_s is added again."""
        return cls(regressor, tau=OFFSET, rho=OFFSET, **options)

    @classmethod
    def source_as_is(cls, regressor: Any = None, **options: Any) -> Self:
        """``ρ = 1``: the source, not aligned unless asked for."""
        return cls(regressor, tau=0.0, rho=1.0, **({"align": "none"} | options))

    # The algorithm ------------------------------------------------------------------------------------------

    def fit(self, X: Any, y: Any) -> Self:
        """Choose (τ, ρ) in inner folds, then fit the learner to z on all rows.

        Parameters
        ----------
        X : array_like or sparse matrix, (n, d)
            One row per material.
        y : array_like, (n,)
        """
        X, y = self._check_xy(X, y)
        pairs = self._pairs()
        f_s, rest = read_source(self.source, X)
        head = as_head(self.regressor, rest.shape[1])
        aligned, found = self._out_of_fold(head, f_s, rest, y=y, taus=sorted({tau for tau, _ in pairs}))
        blends = {pair: _blend(*pair, *found[pair[0]], aligned) for pair in pairs}
        errors = {pair: float(np.abs(mean - y).mean()) for pair, (mean, _) in blends.items()}
        self.scores_ = np.array([[*pair, error] for pair, error in errors.items()])
        self.tau_, self.rho_ = min(errors, key=lambda pair: (errors[pair], abs(pair[0]) + pair[1]))
        mean, std = blends[self.tau_, self.rho_]
        self.extra_variance_ = extra_variance(mean - y, std)
        alignment = align(f_s, y, self.align)
        self.column_, self.slope_, self.intercept_ = alignment.column, alignment.slope, alignment.intercept
        self.learner_ = [fit_head(head, rest, pseudo_target(y, alignment(f_s), self.tau_))]
        return self

    def _pairs(self) -> list[tuple[float, float]]:
        """What (τ, ρ) is chosen among: with τ <= ρ unless both are given."""
        if self.tau is not None and self.rho is not None:
            return [(float(self.tau), float(self.rho))]
        taus = self.taus if self.tau is None else [self.tau]
        tied = self.rho is None and not len(self.rhos)
        pairs = [
            (float(tau), float(rho))
            for tau in taus
            for rho in ([tau] if tied or tau == OFFSET else self.rhos if self.rho is None else [self.rho])
            if tau <= rho
        ]
        if not pairs:
            raise ConfigError("no pair has tau <= rho", hint="give other taus and rhos")
        return pairs

    def _out_of_fold(
        self, head: Regressor, f_s: Array, rest: Any, *, y: Array, taus: list[float]
    ) -> tuple[Array, dict[float, tuple[Array, Array]]]:
        """The aligned source, and for each τ mean and standard deviation of f, of rows not trained on."""
        aligned = np.empty(len(y))
        found = {tau: (np.empty(len(y)), np.empty(len(y))) for tau in taus}
        for train, test in inner_folds(len(y), self.n_splits, self.random_state):
            line = align(f_s[train], y[train], self.align)
            aligned[test] = line(f_s[test])
            for tau, (mean, std) in found.items():
                fitted = fit_head(head, rest[train], pseudo_target(y[train], line(f_s[train]), tau))
                mean[test], std[test] = mean_std(fitted, rest[test])
        return aligned, found

    def _check_savable(self) -> None:
        check_in_columns(self.source)

    def _mean_std(self, X: Any, *, std: bool) -> tuple[Array, Array | None]:
        f_s, rest = read_source(self.source, X)
        source = Alignment(self.column_, self.slope_, self.intercept_)(f_s)
        mean, spread = _blend(self.tau_, self.rho_, *mean_std(self.learner_[0], rest), source)
        return mean, np.sqrt(spread**2 + self.extra_variance_) if std else None


def pseudo_target(y: Array, f_s: Array, tau: float) -> Array:
    """What the learner fits: ``z = (y - τ f_s) / (1 - τ)``; in the limit ``τ = 1``, ``y - f_s``.

    Examples
    --------
    >>> pseudo_target(np.array([3.0]), np.array([2.0]), 0.5).tolist()
    [4.0]
    """
    return (y - tau * f_s) / (1 - tau if tau != OFFSET else 1.0)


def _blend(tau: float, rho: float, mean: Array, std: Array, f_s: Array) -> tuple[Array, Array]:
    """``(1 - ρ) f + ρ f_s`` and the standard deviation that f brings; in the limit, ``f + f_s``."""
    share = 1.0 if tau == OFFSET else 1 - rho
    return share * mean + rho * f_s, share * std
