"""From prior to posterior by degrees: target_beta(x) = prior(x) * likelihood(x) ** beta.

``beta = 0`` means the limit from above: the prior restricted to the states whose likelihood is not zero. So a
hard constraint (log-likelihood ``-inf``) holds from the first stage on, and every later stage deals with
finite numbers only.

References
----------
Neal, "Annealed importance sampling", Stat. Comput. 11, 125 (2001), doi:10.1023/A:1008923215028; the choice of
beta by effective sample size: Jasra, Stephens, Doucet & Tsagaris, Scand. J. Stat. 38, 1 (2011),
doi:10.1111/j.1467-9469.2010.00723.x.
"""

from __future__ import annotations

import numpy as np

from hanten.inference.protocols import Array
from hanten.inference.weights import checked, effective_sample_size

_HALVINGS = 200
_PRECISION = 1e-4


def tempered(log_likelihood: Array, beta: float) -> Array:
    """``beta * log_likelihood``, where zero times ``-inf`` is ``-inf``.

    Examples
    --------
    >>> tempered(np.array([-2.0, -np.inf]), 0.0).tolist()
    [-0.0, -inf]
    """
    if beta > 0:
        return np.asarray(beta * log_likelihood, dtype=np.float64)
    return np.where(np.isneginf(log_likelihood), -np.inf, 0.0 * np.nan_to_num(log_likelihood))


def incremental_log_weights(log_likelihood: Array, beta: float, next_beta: float) -> Array:
    """Log-weights that carry particles from one target to the next: ``(next_beta - beta) * log_likelihood``.

    Examples
    --------
    >>> incremental_log_weights(np.array([-2.0, -4.0]), 0.25, 0.75).tolist()
    [-1.0, -2.0]
    """
    return tempered(log_likelihood, next_beta - beta)


def next_beta(log_likelihood: Array, beta: float, ess_fraction: float) -> float:
    """The largest exponent up to 1 that leaves enough effective sample size.

    Particles of zero likelihood are not counted: what is asked for is ``ess_fraction`` of those that can
    carry weight at all. Since the effective sample size falls steadily from there as beta grows, halving the
    interval finds the crossing, to a relative 1e-4 of the step.

    Parameters
    ----------
    log_likelihood : array, shape (n,)
        Log-likelihoods of equally weighted particles at ``beta``.
    beta : float
        The present exponent, in [0, 1].
    ess_fraction : float
        In (0, 1).

    Returns
    -------
    float
        In [beta, 1]. It is ``beta`` itself when every likelihood is zero, or when no step large enough for
        floating point would do.

    Examples
    --------
    >>> next_beta(np.array([-1.0, -1.1, -0.9]), 0.0, 0.5)
    1.0
    >>> far_apart = -1e6 * np.arange(100.0)
    >>> beta = next_beta(far_apart, 0.0, 0.5)
    >>> round(effective_sample_size(incremental_log_weights(far_apart, 0.0, beta)))
    50
    """
    log_likelihood = checked(log_likelihood, "log-likelihood")
    alive = log_likelihood[np.isfinite(log_likelihood)]
    if alive.size == 0 or beta >= 1:
        return beta
    with np.errstate(over="ignore"):  # a range too wide for float64 leaves a weight of zero, which is right
        shifted = alive - alive.max()
    wanted = ess_fraction * alive.size
    low, high = 0.0, 1.0 - beta
    if effective_sample_size(high * shifted) >= wanted:
        return 1.0
    for _ in range(_HALVINGS):
        middle = 0.5 * (low + high)
        enough = effective_sample_size(middle * shifted) >= wanted
        low, high = (middle, high) if enough else (low, middle)
        if high - low <= _PRECISION * low:
            break
    return beta + low
