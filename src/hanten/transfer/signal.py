"""What a source says about the rows of X, and how it is brought to the scale of the target.

A source may stand in X itself, as columns of its predictions (so a saved model needs nothing but X), or be a function
or a source model that is asked. Either way it is aligned to the target inside every training set: the source may be
of another property, in another unit.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

from hanten.errors import BundleError, ConfigError, did_you_mean

Array = npt.NDArray[np.float64]
Source = int | Sequence[int] | Callable[[Any], Any] | Any
ALIGNMENTS = ("linear", "zscore", "none")


def read_source(source: Source, X: Any) -> tuple[Array, Any]:
    """Predictions of the source(s) for the rows of ``X``, and the columns of ``X`` that are left for the learner.

    Parameters
    ----------
    source : int, sequence of int, callable, source model (or a list of these two), or None
        Columns of ``X`` (None: the last one), which the learner then does not see; or what gives predictions for
        ``X``, and then the learner sees all of ``X``.
    X : array or sparse matrix, (n, d)

    Returns
    -------
    f : ndarray, (n, k)
    rest : array or sparse matrix, (n, d - k) or (n, d)

    Examples
    --------
    >>> f, rest = read_source(None, np.array([[1.0, 2.0, 7.0]]))
    >>> f.tolist(), rest.tolist()
    ([[7.0]], [[1.0, 2.0]])
    >>> read_source(lambda X: X.sum(axis=1), np.array([[1.0, 2.0]]))[0].tolist()
    [[3.0]]
    """
    if source is None or isinstance(source, int | np.integer) or _is_columns(source):
        return _columns(source, X)
    dense = X.toarray() if sparse.issparse(X) else X
    many = source if isinstance(source, list | tuple) else [source]
    return np.column_stack([_ask(one, dense) for one in many]).astype(np.float64), X


def check_in_columns(source: Source) -> None:
    """Raise BundleError unless the source stands in X: a bundle holds arrays, no functions.

    Examples
    --------
    >>> check_in_columns([3, 4])
    """
    if not (source is None or isinstance(source, int | np.integer) or _is_columns(source)):
        raise BundleError(
            "its source is an object, which a bundle cannot hold",
            hint="let hanten.transfer.SourceFeatures put what the source says into columns of X",
        )


def _is_columns(source: Any) -> bool:
    return isinstance(source, list | tuple | np.ndarray | range) and all(
        isinstance(one, int | np.integer) for one in source
    )


def _columns(source: Any, X: Any) -> tuple[Array, Any]:
    width = X.shape[1]
    chosen = np.atleast_1d(width - 1 if source is None else np.asarray(source, dtype=int))
    if chosen.size == 0 or chosen.min() < -width or chosen.max() >= width:
        raise ConfigError(
            f"the source should be column {chosen.tolist()}, and there are {width}",
            hint="columns count from 0",
        )
    others = np.setdiff1d(np.arange(width), chosen % width)
    f = X[:, chosen]
    rest = X[:, others] if others.size else X  # a source alone: the learner may bend it
    return np.asarray(f.toarray() if sparse.issparse(f) else f, dtype=np.float64), rest


def _ask(source: Any, X: Any) -> Array:
    ask = getattr(source, "predict", source)
    if not callable(ask):
        raise ConfigError(
            f"{source!r} is no source", hint="give columns of X, a function of X, or a source model"
        )
    return np.asarray(ask(X), dtype=np.float64).reshape(len(X), -1)


@dataclass(frozen=True)
class Alignment:
    """``aligned = intercept + slope · f[:, column]``: one source, on the scale of the target.

    Parameters
    ----------
    column : int
        Which of the sources; the one whose line predicts left-out rows best.
    slope, intercept : float
    """

    column: int
    slope: float
    intercept: float

    def __call__(self, f: Array) -> Array:
        """The aligned source, (n,)."""
        aligned: Array = self.intercept + self.slope * f[:, self.column]
        return aligned


def align(f: Array, y: Array, how: str = "linear") -> Alignment:
    """Choose one of the sources ``f`` and bring it to the scale of ``y``; only training rows may be given.

    Parameters
    ----------
    f : ndarray, (n, k)
    y : ndarray, (n,)
    how : {"linear", "zscore", "none"}
        Least-squares line; equal mean and standard deviation, with the sign of the correlation; or as it is (the
        same property in the same unit).

    Examples
    --------
    >>> found = align(np.array([[0.0], [1.0], [2.0]]), np.array([1.0, 3.0, 5.0]))
    >>> round(found.slope, 6), round(found.intercept, 6)
    (2.0, 1.0)
    """
    if how not in ALIGNMENTS:
        raise ConfigError(f"align={how!r} is not a choice", hint=did_you_mean(how, ALIGNMENTS))
    lines = [_line(f[:, k], y, how) for k in range(f.shape[1])]
    errors = [_left_out_error(f[:, k], y, lines[k], how) for k in range(len(lines))]
    best = int(np.argmin(errors))
    return Alignment(best, *lines[best])


def _line(f: Array, y: Array, how: str) -> tuple[float, float]:
    if how == "none":
        return 1.0, 0.0
    centred, spread = f - f.mean(), float(f.std())
    if spread <= 1e-12 * max(1.0, float(np.abs(f).max())):
        return 0.0, float(y.mean())
    slope = float(centred @ (y - y.mean())) / (len(y) * spread**2)
    if how == "zscore":
        slope = np.copysign(float(y.std()) / spread, slope)
    return float(slope), float(y.mean() - slope * f.mean())


def _left_out_error(f: Array, y: Array, line: tuple[float, float], how: str) -> float:
    """Mean absolute error of left-out rows: exactly for least squares, by its hat values; else of the rows given."""
    error = np.abs(y - line[1] - line[0] * f)
    total = float(((f - f.mean()) ** 2).sum())
    if how != "linear" or total <= 0 or len(y) < 4:
        return float(error.mean())
    hat = 1 / len(y) + (f - f.mean()) ** 2 / total
    return float((error / np.maximum(1 - hat, 1e-9)).mean())
