"""Four ways to draw ancestors: ``(rng, weights, n) -> indices``, each unbiased.

Unbiased means that particle ``i`` is drawn ``n * weights[i]`` times on average. The schemes differ in how far
the number drawn can stray from that. A particle of weight zero is never drawn.

References
----------
Douc & Cappé, "Comparison of resampling schemes for particle filtering" (2005),
doi:10.1109/ISPA.2005.195385; systematic: Kitagawa, J. Comput. Graph. Stat. 5, 1 (1996),
doi:10.1080/10618600.1996.10474692; residual: Liu & Chen, J. Am. Stat. Assoc. 93, 1032 (1998),
doi:10.1080/01621459.1998.10473765.
"""

from __future__ import annotations

from collections.abc import Callable
from types import MappingProxyType
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from hanten.errors import DataError, UnknownNameError, did_you_mean
from hanten.inference.protocols import Array

Indices: TypeAlias = npt.NDArray[np.intp]
Scheme: TypeAlias = Callable[[np.random.Generator, npt.ArrayLike, int], Indices]


def multinomial(rng: np.random.Generator, weights: npt.ArrayLike, n: int) -> Indices:
    """Independent draws: the plainest scheme, and the noisiest.

    Examples
    --------
    >>> multinomial(np.random.default_rng(0), [0.0, 1.0, 0.0], 3).tolist()
    [1, 1, 1]
    """
    return _invert(weights, np.sort(rng.random(n)))


def stratified(rng: np.random.Generator, weights: npt.ArrayLike, n: int) -> Indices:
    """One uniform in each n-th of (0, 1): counts differ from ``n * weights`` by less than 2.

    Examples
    --------
    >>> stratified(np.random.default_rng(0), [0.5, 0.5], 4).tolist()
    [0, 0, 1, 1]
    """
    return _invert(weights, (np.arange(n) + rng.random(n)) / max(n, 1))


def systematic(rng: np.random.Generator, weights: npt.ArrayLike, n: int) -> Indices:
    """A comb with one random offset: counts differ from ``n * weights`` by less than 1.

    Examples
    --------
    >>> systematic(np.random.default_rng(0), [0.25, 0.75], 4).tolist()
    [0, 1, 1, 1]
    """
    return _invert(weights, (np.arange(n) + rng.random()) / max(n, 1))


def residual(rng: np.random.Generator, weights: npt.ArrayLike, n: int) -> Indices:
    """``floor(n * weights)`` copies for certain, the rest by independent draws.

    Examples
    --------
    >>> residual(np.random.default_rng(0), [0.5, 0.5], 4).tolist()
    [0, 0, 1, 1]
    """
    expected = n * _probabilities(weights)
    certain = np.floor(expected).astype(np.intp)
    rest = n - int(certain.sum())
    kept = np.repeat(np.arange(certain.size), certain)
    return np.sort(np.concatenate([kept, multinomial(rng, expected - certain, rest)])) if rest else kept


RESAMPLING = MappingProxyType(
    {"multinomial": multinomial, "stratified": stratified, "systematic": systematic, "residual": residual}
)


def resampling_scheme(name: str) -> Scheme:
    """The scheme called ``name``: multinomial, stratified, systematic or residual.

    Examples
    --------
    >>> resampling_scheme("systemic")
    Traceback (most recent call last):
    hanten.errors.UnknownNameError: no resampling scheme 'systemic' (did you mean systematic?)
    """
    if name not in RESAMPLING:
        raise UnknownNameError(f"no resampling scheme {name!r}", hint=did_you_mean(name, RESAMPLING))
    return RESAMPLING[name]


def _probabilities(weights: npt.ArrayLike) -> Array:
    weights = np.asarray(weights, dtype=np.float64)
    if weights.ndim != 1 or not np.isfinite(weights).all() or (weights < 0).any() or not weights.sum() > 0:
        raise DataError("weights must be a vector of finite numbers, none negative and not all zero")
    return np.asarray(weights / weights.sum(), dtype=np.float64)


def _invert(weights: npt.ArrayLike, uniforms: Array) -> Indices:
    """The index in whose share of (0, 1) each uniform falls."""
    edges = np.cumsum(_probabilities(weights))
    edges /= edges[-1]  # ends at exactly 1.0, so that rounding never reaches a trailing weight of zero
    below_one = np.minimum(uniforms, np.nextafter(1.0, 0.0))
    return np.searchsorted(edges, below_one, side="right")
