"""The sampler as published: Gibbs steps for z, beta, g and H, a Metropolis step for the length scales.

One iteration draws each unknown from its distribution given all others. The length scales have none in closed form:
their mode given H is found by Fisher scoring, always from the same start, so that the Laplace approximation N(mode,
inverse Fisher information) does not depend on where the chain is. The proposal goes half of the way to an
independent draw from it, which leaves the approximation as it is; Metropolis-Hastings corrects the rest.
See :mod:`hanten.elements.periodic_table.model` for the model.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.linalg.lapack import dpotrf, dpotrs, dtrtrs
from scipy.spatial.distance import cdist
from scipy.special import ndtri

from hanten.elements.periodic_table.lengths import Lengths, inverse_and_log_det
from hanten.elements.periodic_table.model import Map, Prior, field_covariance

if TYPE_CHECKING:
    from numpy.typing import NDArray

SCORING_STEPS = 6
STEP = 0.5  # 1 would propose independent draws, as published; they are accepted too rarely in 25 dimensions
DRIFT = 0.3  # of the second step for the length scales, which the Laplace approximation's light tails need


@dataclass(frozen=True, eq=False)
class Chain:
    """Posterior means and what happened.

    Attributes
    ----------
    map : Map
        Means of y, g, r and beta after burn-in.
    trace : (iterations,)
        log p(X | z, y, beta) + const of each iteration.
    acceptance : float
        Share of accepted proposals of r after burn-in.
    draws : tuple of Map
        Thinned draws after burn-in.
    """

    map: Map
    trace: NDArray[np.float64]
    acceptance: float
    draws: tuple[Map, ...]


def sample_chain(
    X: NDArray[np.float64],
    start: Map,
    rng: np.random.Generator,
    prior: Prior | None = None,
    *,
    iterations: int = 10_000,
    burn_in: int = 5_000,
    thin: int = 100,
) -> Chain:
    """Draw from p(z, beta, g, H, r | X).

    Parameters
    ----------
    X : (N, D)
        Standardised features.
    start : Map
        Where the chain begins, and with it the nodes.
    rng : numpy.random.Generator
    prior : Prior
    iterations, burn_in, thin : int
    """
    sampler = Sampler(X, start, prior or Prior())
    trace = np.empty(iterations)
    accepted, sums = 0, _Sums()
    draws: list[Map] = []
    for t in range(iterations):
        taken = sampler.step(rng)
        trace[t] = sampler.log_fit()
        if t >= burn_in:
            accepted += taken
            sums.add(sampler)
            if (t - burn_in) % thin == 0:
                draws.append(sampler.map())
    return Chain(sums.mean(start.nodes), trace, accepted / max(1, iterations - burn_in), tuple(draws))


def potential_scale_reduction(traces: NDArray[np.float64]) -> float:
    """Do several chains tell of one distribution? 1 if they do; above about 1.1 each has seen only a part of it.

    The square root of the pooled variance over the mean variance within half chains.

    Parameters
    ----------
    traces : (chains, iterations)
        One number of each draw, such as the log-likelihood; cut into halves here.

    References
    ----------
    .. [1] Gelman and Rubin, Stat. Sci. 7, 457 (1992), doi:10.1214/ss/1177011136

    Examples
    --------
    >>> same = np.random.default_rng(0).normal(size=(4, 500))
    >>> apart = same + np.arange(4.0)[:, None]
    >>> round(potential_scale_reduction(same), 2), potential_scale_reduction(apart) > 1.1
    (1.0, True)
    """
    half = traces.shape[1] // 2
    if half < 2:
        return math.nan
    parts = traces[:, : 2 * half].reshape(-1, half)
    within = float(parts.var(axis=1, ddof=1).mean())
    between = float(parts.mean(axis=1).var(ddof=1))
    return math.sqrt((half - 1) / half + between / max(within, 1e-300))


class _Sums:
    """Running sums of the draws."""

    def __init__(self) -> None:
        self.count = 0
        self.r: NDArray[np.float64] | float = 0.0
        self.g: NDArray[np.float64] | float = 0.0
        self.Y: NDArray[np.float64] | float = 0.0
        self.beta = 0.0

    def add(self, state: Sampler) -> None:
        self.count += 1
        self.r, self.g = self.r + state.r, self.g + state.g
        self.Y, self.beta = self.Y + state.g[:, None] * state.H, self.beta + state.beta

    def mean(self, nodes: NDArray[np.float64]) -> Map:
        n = self.count
        return Map(
            nodes, np.asarray(self.r) / n, np.asarray(self.g) / n, np.asarray(self.Y) / n, self.beta / n
        )


class Sampler:
    """The state of the chain; each method named ``draw_*`` leaves the posterior as it is."""

    def __init__(self, X: NDArray[np.float64], start: Map, prior: Prior) -> None:
        self.X, self.prior = X, prior
        self.fields, _ = inverse_and_log_det(field_covariance(start.nodes, prior.smoothness))
        squared = cdist(start.nodes, start.nodes, "sqeuclidean")
        self.nodes = start.nodes
        self.lengths = Lengths(squared, start.nodes.shape[1], self.fields, X.shape[1])
        self.r, self.g, self.beta = start.log_lengths.copy(), start.gains.copy(), start.precision
        self.H = start.centres / np.where(self.g > 0, self.g, 1.0)[:, None]
        factor, failed = dpotrf(self.fields, lower=1)
        assert not failed
        self.prior_root = np.tril(factor).T
        self.reference = self.r.copy()  # where every search for the mode of r begins
        self._set_lengths(self.r)
        self.draw_members(np.random.default_rng(0))

    def step(self, rng: np.random.Generator) -> bool:
        """One iteration; whether the proposal of r was accepted."""
        self.draw_members(rng)
        self.draw_precision(rng)
        self.draw_gains(rng)
        self.draw_features(rng)
        self.drift_lengths(rng)
        return self.draw_lengths(rng)

    def map(self) -> Map:
        """The present draw."""
        return Map(self.nodes, self.r.copy(), self.g.copy(), self.g[:, None] * self.H, self.beta)

    def draw_members(self, rng: np.random.Generator) -> None:
        """p(z_n = k) in proportion to exp(-beta/2 |x_n - y_k|^2)."""
        logs = -self.beta / 2 * cdist(self.X, self.g[:, None] * self.H, "sqeuclidean")
        total = np.cumsum(np.exp(logs - logs.max(axis=1, keepdims=True)), axis=1)
        self.z = (total < rng.random((len(logs), 1)) * total[:, -1:]).sum(axis=1)
        self.n = np.bincount(self.z, minlength=logs.shape[1]).astype(float)
        self.CX = np.zeros_like(self.H)
        np.add.at(self.CX, self.z, self.X)

    def _error(self) -> float:
        return float(((self.X - (self.g[:, None] * self.H)[self.z]) ** 2).sum())

    def log_fit(self) -> float:
        """Log p(X | z, y, beta)."""
        return self.X.size / 2 * math.log(self.beta / (2 * math.pi)) - self.beta / 2 * self._error()

    def draw_precision(self, rng: np.random.Generator) -> None:
        """Beta ~ Gamma(shape + N D / 2, rate + error / 2)."""
        shape = self.prior.shape + self.X.size / 2
        self.beta = float(rng.gamma(shape, 1 / (self.prior.rate + self._error() / 2)))

    def draw_gains(self, rng: np.random.Generator) -> None:
        """Each g_k from its truncated normal distribution given the others."""
        Q = self.fields + np.diag(self.beta * self.n * (self.H**2).sum(axis=1))
        b = self.beta * (self.H * self.CX).sum(axis=1)
        spread = 1 / np.sqrt(Q.diagonal())
        uniform = rng.random(len(b))
        for k in range(len(b)):
            mean = self.g[k] + (b[k] - Q[k] @ self.g) / Q[k, k]
            above = 0.5 * math.erfc(-mean / spread[k] / math.sqrt(2))  # p(g_k >= 0) before truncation
            self.g[k] = max(0.0, mean - spread[k] * float(ndtri(max(uniform[k] * above, 1e-300))))

    def draw_features(self, rng: np.random.Generator) -> None:
        """H ~ N(Sigma beta diag(g) C X, Sigma), Sigma^-1 = beta diag(n g^2) + C_h^-1."""
        Q = self.C_inverse + np.diag(self.beta * self.n * self.g**2)
        factor, failed = dpotrf(Q, lower=1)
        assert not failed
        mean, _ = dpotrs(factor, self.beta * self.g[:, None] * self.CX, lower=1)
        noise, _ = dtrtrs(factor, rng.normal(size=mean.shape), lower=1, trans=1)
        self.H = mean + noise

    def draw_lengths(self, rng: np.random.Generator) -> bool:
        """Metropolis-Hastings with the Laplace approximation at the mode of p(r | H) as proposal."""
        S = self.H @ self.H.T
        mode = self.lengths.mode(self.reference, S, SCORING_STEPS)
        _, _, information = self.lengths.expand(mode, S)
        factor, failed = dpotrf(information, lower=1)
        assert not failed
        root = np.tril(factor).T
        back = root @ (self.r - mode)  # the present r as a draw from the approximation, standardised
        forward = math.sqrt(1 - STEP**2) * back + STEP * rng.normal(size=len(mode))
        new = mode + dtrtrs(root, forward, lower=0)[0]
        ratio = self.lengths.log_density(new, S) - self.lengths.log_density(self.r, S)
        ratio += (forward @ forward - back @ back) / 2
        if math.log(max(rng.random(), 1e-300)) >= ratio:
            return False
        self._set_lengths(new)
        return True

    def drift_lengths(self, rng: np.random.Generator) -> None:
        """Metropolis-Hastings with a step that leaves the prior of r as it is: it reaches, and leaves, the tails.

        The preconditioned Crank-Nicolson step of Cotter et al., Stat. Sci. 28, 424 (2013), doi:10.1214/13-STS421.
        """
        S = self.H @ self.H.T
        noise, _ = dtrtrs(self.prior_root, rng.normal(size=len(self.r)), lower=0)
        new = math.sqrt(1 - DRIFT**2) * self.r + DRIFT * noise
        ratio = self.lengths.log_density(new, S) - self.lengths.log_density(self.r, S)
        ratio += (new @ self.fields @ new - self.r @ self.fields @ self.r) / 2
        if math.log(max(rng.random(), 1e-300)) < ratio:
            self._set_lengths(new)

    def _set_lengths(self, r: NDArray[np.float64]) -> None:
        self.r = r
        self.C_inverse, _ = inverse_and_log_det(self.lengths.covariance(r))
