"""Log-weights and the quantities made of them, each with a name.

Log-weights are natural logarithms of unnormalised weights, shape (n,). ``-inf`` is a weight of zero; NaN and
``+inf`` are refused, with the place of the first.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from hanten.errors import DataError
from hanten.inference.protocols import Array


def checked(log_weights: npt.ArrayLike, what: str = "log-weight") -> Array:
    """``log_weights`` as a float64 vector, or an error that says which entry cannot be one.

    Raises
    ------
    DataError
        If it is not a non-empty vector, or holds NaN or ``+inf``.

    Examples
    --------
    >>> checked([0.0, float("nan")])
    Traceback (most recent call last):
    hanten.errors.DataError: log-weight 1 of 2 is nan (zero weight is -inf; NaN and +inf have no meaning)
    """
    array = np.asarray(log_weights, dtype=np.float64)
    if array.ndim != 1 or array.size == 0:
        raise DataError(f"{what}s must be a vector of at least one number, not of shape {array.shape}")
    bad = np.flatnonzero(np.isnan(array) | (array == np.inf))
    if bad.size:
        raise DataError(
            f"{what} {bad[0]} of {array.size} is {array[bad[0]]}",
            hint="zero weight is -inf; NaN and +inf have no meaning",
        )
    return array


def log_sum_exp(log_weights: npt.ArrayLike) -> float:
    """Log of the sum of the weights, without overflow; ``-inf`` when every weight is zero.

    Examples
    --------
    >>> log_sum_exp([1000.0, 1000.0])
    1000.693...
    """
    log_weights = checked(log_weights)
    top = log_weights.max()
    return float(top + np.log(_relative(log_weights).sum())) if np.isfinite(top) else -np.inf


def log_mean_exp(log_weights: npt.ArrayLike) -> float:
    """Log of the mean weight: what one stage adds to the log evidence.

    Examples
    --------
    >>> round(np.exp(log_mean_exp([np.log(0.2), np.log(0.4), -np.inf])).item(), 6)
    0.2
    """
    return log_sum_exp(log_weights) - float(np.log(np.size(log_weights)))


def normalise(log_weights: npt.ArrayLike) -> Array:
    """Weights that sum to one.

    Raises
    ------
    DataError
        If every weight is zero.

    Examples
    --------
    >>> normalise([0.0, np.log(3.0), -np.inf]).round(6).tolist()
    [0.25, 0.75, 0.0]
    """
    log_weights = checked(log_weights)
    if log_weights.max() == -np.inf:
        raise DataError("every weight is zero", hint="no particle has a likelihood above zero")
    weights = _relative(log_weights)
    return np.asarray(weights / weights.sum(), dtype=np.float64)


def effective_sample_size(log_weights: npt.ArrayLike) -> float:
    r"""How many equally weighted particles are worth as much: :math:`(\sum w)^2 / \sum w^2`.

    Between 1 (one particle holds everything) and n (all weights equal); 0 when every weight is zero.

    References
    ----------
    Kong, Liu & Wong, J. Am. Stat. Assoc. 89, 278 (1994), doi:10.1080/01621459.1994.10476469.

    Examples
    --------
    >>> effective_sample_size([0.0, 0.0, 0.0, -np.inf])
    3.0
    """
    log_weights = checked(log_weights)
    if log_weights.max() == -np.inf:
        return 0.0
    weights = _relative(log_weights)
    return float(weights.sum() ** 2 / (weights**2).sum())


def _relative(log_weights: Array) -> Array:
    """Weights relative to the largest."""
    with np.errstate(over="ignore"):  # further below than float64 can say is -inf, which is right
        return np.asarray(np.exp(log_weights - log_weights.max()), dtype=np.float64)
