"""Did transfer help? The paired difference of two arms on the same folds, with an interval that knows they overlap.

References
----------
C. Nadeau, Y. Bengio, "Inference for the generalization error", Machine Learning 52 (2003) 239;
https://doi.org/10.1023/A:1024068626366, section 3 (the corrected resampled t-test).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
LEVEL = 0.95


@dataclass(frozen=True)
class Comparison:
    """Errors of two arms, draw by draw.

    Parameters
    ----------
    baseline, transfer : ndarray, (draws,)
        Mean absolute error of each draw (one whole cross-validation, or one training set with its test set).
    gain : float
        Mean of ``baseline - transfer``: positive where transfer helps.
    low, high : float
        95 % interval of the gain.
    """

    baseline: Array = field(repr=False)
    transfer: Array = field(repr=False)
    gain: float
    low: float
    high: float

    @property
    def half_width(self) -> float:
        """Half of the interval."""
        return (self.high - self.low) / 2

    @property
    def hurt(self) -> int:
        """Number of draws on which the error grew."""
        return int((self.transfer > self.baseline).sum())

    @property
    def verdict(self) -> str:
        """``"helps"``, ``"hurts"`` (interval on one side of zero), or ``"no clear difference"``."""
        if self.low > 0:
            return "helps"
        return "hurts" if self.high < 0 else "no clear difference"

    def sentence(self, unit: str = "") -> str:
        """The result in words.

        Examples
        --------
        >>> Comparison(np.array([0.04, 0.05]), np.array([0.03, 0.06]), 0.004, 0.002, 0.006).sentence(
        ...     "W/(m K)"
        ... )
        'transfer helped by 0.0040 ± 0.0020 W/(m K) (95 % interval); on 1 of 2 draws it hurt'
        """
        unit = f" {unit}" if unit else ""
        size, half = _two(abs(self.gain), self.half_width)
        did = "helped" if self.gain >= 0 else "hurt"
        return f"transfer {did} by {size} ± {half}{unit} (95 % interval); on {self.hurt} of {len(self.baseline)} draws it hurt"


def compare_folds(
    baseline: npt.ArrayLike, transfer: npt.ArrayLike, n_splits: int, level: float = LEVEL
) -> Comparison:
    """Compare mean absolute errors of the folds of a repeated cross-validation.

    Parameters
    ----------
    baseline, transfer : array_like, (repeats * n_splits,)
        Fold by fold, repeat after repeat; the same folds in both.
    n_splits : int
        Folds per repeat.

    Notes
    -----
    Training sets overlap, so the variance of the mean is ``(1 / J + n_test / n_train) s²`` with J folds, not ``s² / J``.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> a, noise = rng.normal(1.0, 0.1, 100), rng.normal(0.0, 0.05, 100)
    >>> compare_folds(a, a - 0.1 + noise, 5).verdict, compare_folds(a, a + noise, 5).verdict
    ('helps', 'no clear difference')
    """
    a, b = np.asarray(baseline, dtype=float), np.asarray(transfer, dtype=float)
    gain, half = _interval(a - b, 1 / len(a) + 1 / (n_splits - 1), level)
    before, after = (one.reshape(-1, n_splits).mean(axis=1) for one in (a, b))
    return Comparison(before, after, gain, gain - half, gain + half)


def compare_draws(
    baseline: npt.ArrayLike, transfer: npt.ArrayLike, test_over_train: float = 0.0, level: float = LEVEL
) -> Comparison:
    """Compare errors of independent draws of a training set; the rest is tested.

    Parameters
    ----------
    baseline, transfer : array_like, (draws,)
    test_over_train : float
        The correction of :func:`compare_folds`; 0 for training sets that hardly overlap and a fixed large test set.

    Examples
    --------
    >>> round(compare_draws([1.0, 2.0, 3.0], [0.5, 1.5, 2.6]).gain, 3)
    0.467
    """
    a, b = np.asarray(baseline, dtype=float), np.asarray(transfer, dtype=float)
    gain, half = _interval(a - b, 1 / len(a) + test_over_train, level)
    return Comparison(a, b, gain, gain - half, gain + half)


def _interval(difference: Array, factor: float, level: float) -> tuple[float, float]:
    from scipy import stats

    spread = float(difference.std(ddof=1)) if len(difference) > 1 else float("nan")
    quantile = float(stats.t.ppf(0.5 + level / 2, max(len(difference) - 1, 1)))
    return float(difference.mean()), quantile * spread * float(np.sqrt(factor))


def _two(value: float, half: float) -> tuple[str, str]:
    """Value and half width with two significant digits of the half width."""
    digits = 4 if not np.isfinite(half) or half <= 0 else max(0, 1 - int(np.floor(np.log10(half))))
    return f"{value:.{digits}f}", f"{half:.{digits}f}"
