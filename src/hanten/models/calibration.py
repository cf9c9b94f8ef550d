"""Making the standard deviation mean what it says: one factor, found on rows the model had not seen.

Split-conformal prediction with the score ``|y - mean| / std`` (V. Vovk et al., Algorithmic Learning in a Random
World, Springer 2005, https://doi.org/10.1007/b106715; J. Lei et al., J. Am. Stat. Assoc. 113 (2018) 1094,
https://doi.org/10.1080/01621459.2017.1307116, section 5.2), applied to the out-of-fold scores of a cross-validation.
"""

from __future__ import annotations

from statistics import NormalDist
from typing import Any

import numpy as np
import numpy.typing as npt

LEVEL = 0.90


def conformal_factor(errors: npt.ArrayLike, std: npt.ArrayLike, level: float = LEVEL) -> float:
    """The factor on ``std`` with which the central ``level`` interval of a Gaussian covers ``level`` of new rows.

    The ``ceil((n + 1) level)``-th smallest score ``|error| / std`` over the score the Gaussian has at that level
    (1.645 for 90 %).

    Parameters
    ----------
    errors, std : array_like, (n,)
        Of rows that the model had not seen.
    level : float
        In (0, 1).

    Examples
    --------
    >>> import numpy as np
    >>> z = np.random.default_rng(0).normal(size=20_000)
    >>> round(conformal_factor(3 * z, np.ones_like(z)), 1)
    3.0
    """
    scores = np.sort(
        np.abs(np.asarray(errors, dtype=float)) / np.maximum(np.asarray(std, dtype=float), 1e-300)
    )
    rank = min(int(np.ceil((len(scores) + 1) * level)), len(scores))
    return max(float(scores[rank - 1]), 1e-6) / NormalDist().inv_cdf(0.5 + level / 2)


def cross_conformal(
    errors: npt.ArrayLike, std: npt.ArrayLike, fold: npt.ArrayLike
) -> npt.NDArray[np.float64]:
    """The factor of each row, from the rows of the *other* folds, so that coverage is scored on unseen rows.

    Examples
    --------
    >>> cross_conformal([1.0, 1.0, 2.0, 2.0], [1.0, 1.0, 1.0, 1.0], [0, 0, 1, 1]).round(3)
    array([1.216, 1.216, 0.608, 0.608])
    """
    error, sd, number = np.asarray(errors, dtype=float), np.asarray(std, dtype=float), np.asarray(fold)
    factors = np.empty(len(error))
    for k in np.unique(number):
        factors[number == k] = conformal_factor(error[number != k], sd[number != k])
    return factors


def coverage(y: npt.ArrayLike, mean: npt.ArrayLike, std: npt.ArrayLike, level: float) -> float:
    """Share of ``y`` inside the central Gaussian interval that should hold ``level`` of them.

    Examples
    --------
    >>> coverage([0.0, 3.0], [0.0, 0.0], [1.0, 1.0], 0.9)
    0.5
    """
    half = NormalDist().inv_cdf(0.5 + level / 2) * np.asarray(std, dtype=float)
    return float(np.mean(np.abs(np.asarray(y, dtype=float) - np.asarray(mean, dtype=float)) <= half))


def gaussian_nll(y: npt.ArrayLike, mean: npt.ArrayLike, std: npt.ArrayLike) -> float:
    """Mean negative log density of ``y`` under the predicted Gaussians, in nats.

    Examples
    --------
    >>> round(gaussian_nll([0.0], [0.0], [1.0]), 4)
    0.9189
    """
    sd = np.maximum(np.asarray(std, dtype=float), 1e-300)
    z = (np.asarray(y, dtype=float) - np.asarray(mean, dtype=float)) / sd
    return float(np.mean(0.5 * z**2 + np.log(sd)) + 0.5 * np.log(2 * np.pi))


def log_normal_moments(mean: Any, std: Any) -> tuple[Any, Any]:
    """Mean and standard deviation of ``exp(Z)`` for a Gaussian ``Z``: log space back to real units.

    Examples
    --------
    >>> mean, std = log_normal_moments(np.log(2.0), 0.1)
    >>> round(float(mean), 4), round(float(std), 4)
    (2.01, 0.2015)
    """
    real = np.exp(np.asarray(mean) + 0.5 * np.asarray(std) ** 2)
    return real, real * np.sqrt(np.expm1(np.asarray(std) ** 2))
