"""Filling the gaps of an element table, and how well that works where the value is known.

An unknown value is predicted from the features that are known for every element. Two regressors that err in different
ways are averaged: a Gaussian process (Matérn 3/2) on the leading principal components, smooth in the position
of an element among the others, and extremely randomised trees, which never leave the range of the known
values. Positive features that spread over more than a decade are predicted as logarithms.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.ensemble import ExtraTreesRegressor
from sklearn.exceptions import ConvergenceWarning
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import ConstantKernel, Matern, WhiteKernel

from hanten.elements.table import IMPUTED, ElementTable, element_table
from hanten.errors import DataError

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

COMPONENTS = 15
LEAST_KNOWN = 10
_FOLDS = 10


def impute(table: ElementTable, predictors: ElementTable | None = None, *, seed: int = 0) -> ElementTable:
    """The table without gaps: unknown values predicted and marked as ``"imputed"`` in ``sources``.

    Parameters
    ----------
    table : ElementTable
        With gaps (NaN).
    predictors : ElementTable, optional
        Its features without gaps explain the others; the table of the package by default.
    seed : int
        Of the trees.

    Raises
    ------
    DataError
        If a feature is known for fewer than 10 elements, or ``predictors`` has no feature without gaps.

    Examples
    --------
    >>> radii = element_table().select(["vdw_radius_batsanov"])
    >>> filled = impute(radii.measured())
    >>> filled.gaps, bool(filled.imputed[filled.row("He"), 0])
    (0, True)
    """
    inputs = _inputs(table, predictors)
    values = table.values.copy()
    sources = np.full(values.shape, "given", dtype=object) if table.sources is None else table.sources.copy()
    for column in np.flatnonzero(np.isnan(values).any(axis=0)):
        known = ~np.isnan(values[:, column])
        _check_known(table, int(column), known)
        forward, back = _scale_of(values[known, column])
        guess = _predict(inputs[known], forward(values[known, column]), inputs[~known], seed)
        values[~known, column] = back(guess)
        sources[~known, column] = IMPUTED
    return ElementTable(
        table.name, table.symbols, table.features, table.units, values, sources, table.descriptions
    )


def score_imputation(
    table: ElementTable, predictors: ElementTable | None = None, *, seed: int = 0
) -> pd.DataFrame:
    """Ten-fold cross-validation of :func:`impute`: known values hidden in turn and predicted.

    Returns
    -------
    pandas.DataFrame
        One row per feature with gaps: ``feature, known, r2, rmse, rmse_of_mean``; errors in the unit of the
        feature, or in natural log units where the feature is predicted as a logarithm.
    """
    import pandas as pd

    inputs = _inputs(table, predictors)
    rows = []
    for column in np.flatnonzero(np.isnan(table.values).any(axis=0)):
        known = np.flatnonzero(~np.isnan(table.values[:, column]))
        _check_known(table, int(column), ~np.isnan(table.values[:, column]))
        forward, _ = _scale_of(table.values[known, column])
        target = forward(table.values[known, column])
        fold = np.random.default_rng(seed).permutation(known.size) % _FOLDS
        guess, mean = np.empty(known.size), np.empty(known.size)
        for k in range(_FOLDS):
            train, test = fold != k, fold == k
            guess[test] = _predict(inputs[known[train]], target[train], inputs[known[test]], seed)
            mean[test] = target[train].mean()
        error, of_mean = (float(np.sqrt(np.mean((g - target) ** 2))) for g in (guess, mean))
        r2 = 1 - error**2 / target.var()
        rows.append([table.features[column], known.size, r2, error, of_mean])
    return pd.DataFrame(rows, columns=["feature", "known", "r2", "rmse", "rmse_of_mean"])


def _check_known(table: ElementTable, column: int, known: NDArray[np.bool_]) -> None:
    if known.sum() < LEAST_KNOWN:
        raise DataError(
            f"{table.features[column]} is known for {known.sum()} elements, too few to impute the rest",
            where=f"element table {table.name!r}",
            hint=f"leave the feature out, or give at least {LEAST_KNOWN} values",
        )


def _inputs(table: ElementTable, predictors: ElementTable | None) -> NDArray[np.float64]:
    """Standardised features without gaps, for the elements of ``table`` in their order."""
    source = (element_table() if predictors is None else predictors).select(symbols=table.symbols)
    full = source.values[:, ~np.isnan(source.values).any(axis=0)]
    if not full.shape[1]:
        raise DataError(f"the element table {source.name!r} has no feature without gaps to impute from")
    scaled = np.column_stack([_scale_of(column)[0](column) for column in full.T])
    spread = scaled.std(axis=0)
    standard: NDArray[np.float64] = (scaled - scaled.mean(axis=0)) / np.where(spread > 0, spread, 1)
    return standard


def _scale_of(values: NDArray[np.float64]) -> tuple[Any, Any]:
    """The scale on which a feature is predicted, and the way back."""
    if (values > 0).all() and values.max() > 10 * values.min():
        return np.log, np.exp
    return np.asarray, np.asarray


def _predict(
    X: NDArray[np.float64], y: NDArray[np.float64], new: NDArray[np.float64], seed: int
) -> NDArray[np.float64]:
    """Mean of the two regressors."""
    centre = X.mean(axis=0)
    _, _, axes = np.linalg.svd(X - centre, full_matrices=False)
    axes = axes[:COMPONENTS].T
    kernel = ConstantKernel(1.0) * Matern(3.0, (0.1, 100), nu=1.5) + WhiteKernel(0.1, (1e-4, 10))
    process = GaussianProcessRegressor(kernel, alpha=1e-8, normalize_y=True)
    trees = ExtraTreesRegressor(100, max_features=0.5, random_state=seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # a length scale at its bound is an answer too
        smooth = process.fit((X - centre) @ axes, y).predict((new - centre) @ axes)
    averaged: NDArray[np.float64] = (smooth + trees.fit(X, y).predict(new)) / 2
    return averaged
