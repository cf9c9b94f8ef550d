"""From the table of conductivities to a calibrated model with a domain, and its score on the fixed split."""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import Any

import numpy as np
from sklearn.base import clone

from hanten.chem import Composition
from hanten.crystals.decisive import as_records, decisive_descriptors
from hanten.crystals.model import Array, ConductivityModel, Extra, describe, numbers, shares_of
from hanten.crystals.table import METHOD, ConductivityTable, read_conductivities
from hanten.data import grouped_folds
from hanten.models import GradientBoosting, RandomForest
from hanten.models.calibration import conformal_factor, coverage
from hanten.models.domain import ApplicabilityDomain, choose_threshold
from hanten.models.kernels import min_max

SOURCE = (
    "AFLOW AGL values as compiled in A. Y.-T. Wang et al., npj Comput. Mater. 7, 77 (2021), doi:10.1038/s41524-021-00545-1 (MIT),"
    " and in github.com/kaaiian/BestPractices (MIT); AGL: C. Toher et al., Phys. Rev. B 90, 174107 (2014), doi:10.1103/PhysRevB.90.174107"
)


def default_regressor(seed: int = 0) -> GradientBoosting:
    """Three gradient-boosted ensembles, each on nine tenths of the rows."""
    return GradientBoosting(
        3,
        350,
        learning_rate=0.06,
        max_depth=6,
        max_features=0.08,
        subsample=0.6,
        share=0.9,
        random_state=seed,
    )


def train_conductivity_model(
    table: ConductivityTable | None = None,
    regressor: Any = None,
    *,
    extra: Extra | None = None,
    seed: int = 0,
    scores: dict[str, Any] | None = None,
) -> ConductivityModel:
    """Train on all rows; calibrate and find the domain on rows held out by chemical system.

    Parameters
    ----------
    table : ConductivityTable, optional
        The public data without it.
    regressor : estimator, optional
        Anything of the scikit-learn form whose ``predict`` takes ``return_std=True``: those of :mod:`hanten.models`
        and of :mod:`hanten.transfer`. :func:`default_regressor` without it.
    extra : callable, optional
        More descriptors: formulas in, (n, k) out; the seam for frozen features of source models.
    seed : int
    scores : dict, optional
        Of :func:`evaluate_split`, for the model card.

    Raises
    ------
    DataError
        If the data are not on this machine.
    """
    public = table is None
    table = read_conductivities() if table is None else table
    regressor = default_regressor(seed) if regressor is None else regressor
    X, y, shares = describe(table.formulas, extra), np.log10(table.values), shares_of(table.formulas)
    mean, sd, close = _held_out(table, X, y, shares=shares, regressor=regressor, seed=seed)
    error = mean - y
    factor = conformal_factor(error, sd)
    chemical = tuple(sorted(frozenset().union(*(numbers(text) for text in table.formulas))))
    limit = choose_threshold(close, error, reference=float(np.abs(error).mean()))
    fitted = clone(regressor).fit(X, y)
    canonical = tuple(Composition(text).formula for text in table.formulas)
    card = {
        "property": "lattice thermal conductivity of a crystal, 300 K",
        "unit": "W/(m K)",
        "method": METHOD if public else "your own table",
        "data": SOURCE if public else "your own table",
        "licence": "MIT" if public else "",
        "rows": table.report | {"used": len(table)},
        "scores": {
            "systems held out (calibration)": {
                "mae_log10": float(np.abs(error).mean()),
                "coverage_90": coverage(y, mean, sd * factor, 0.9),
            },
            **(scores or {}),
        },
        "domain": f"all elements known, similarity of atomic fractions to the nearest training composition at least {limit:g}",
        "known_biases": [
            "a Debye model of the computed crystal, not a measurement: right in order and in magnitude within a factor of about two",
            "composition only: polymorphs (diamond and graphite) have one value",
            "the lattice part only: metals conduct more, by electrons",
        ],
        "descriptors": as_records(decisive_descriptors(fitted, X, y)),
        "digest": hashlib.sha256(repr((table.formulas, table.values.round(6).tolist())).encode()).hexdigest(),
        "date": f"{dt.datetime.now(dt.UTC):%Y-%m-%d}",
        "train_again": "python -m hanten.crystals.build",
    }
    domain = ApplicabilityDomain(_sparse(shares), canonical, limit, chemical)
    return ConductivityModel(fitted, factor, domain, extra, card)


def _held_out(
    table: ConductivityTable, X: Array, y: Array, *, shares: Array, regressor: Any, seed: int
) -> tuple[Array, Array, Array]:
    """Mean, sd and similarity of rows held out with all rows of their chemical system."""
    keys = ["-".join(map(str, sorted(numbers(text)))) for text in table.formulas]
    mean, sd, close = (np.empty(len(y)) for _ in range(3))
    for train, test in grouped_folds(keys, 3, 1, seed):
        fitted = clone(regressor).fit(X[train], y[train])
        mean[test], sd[test] = fitted.predict(X[test], return_std=True)
        close[test] = min_max(_sparse(shares[test]), _sparse(shares[train])).max(axis=1)
    return mean, sd, close


def evaluate_split(
    table: ConductivityTable | None = None,
    regressors: dict[str, Any] | None = None,
    *,
    extra: Extra | None = None,
    seed: int = 0,
) -> dict[str, dict[str, float]]:
    """Train on ``train`` and ``val`` of the fixed split, score on ``test``: every regressor beside a forest.

    Returns
    -------
    dict of str to dict
        ``mae_log10``, ``rmse_log10``, ``r2``, ``mae`` (W/(m K)), ``coverage_90`` (calibrated on ``val``), ``n``.
    """
    table = read_conductivities() if table is None else table
    choices = {"forest": RandomForest(200, 0.3, 1, random_state=seed), "boosting": default_regressor(seed)}
    X, y = describe(table.formulas, extra), np.log10(table.values)
    train, val, test = (table.split == name for name in ("train", "val", "test"))
    out = {}
    for name, regressor in (choices if regressors is None else regressors).items():
        first = clone(regressor).fit(X[train], y[train])
        mean, sd = first.predict(X[val], return_std=True)
        factor = conformal_factor(mean - y[val], sd)
        fitted = clone(regressor).fit(X[train | val], y[train | val])
        mean, sd = fitted.predict(X[test], return_std=True)
        error = mean - y[test]
        out[name] = {
            "n": int(test.sum()),
            "mae_log10": float(np.abs(error).mean()),
            "rmse_log10": float(np.sqrt((error**2).mean())),
            "r2": float(1 - (error**2).sum() / ((y[test] - y[test].mean()) ** 2).sum()),
            "mae": float(np.abs(10**mean - table.values[test]).mean()),
            "coverage_90": coverage(y[test], mean, sd * factor, 0.9),
        }
    return out


def _sparse(shares: Array) -> Any:
    from scipy import sparse

    return sparse.csr_array(shares)
