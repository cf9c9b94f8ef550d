"""From a table to a calibrated model: clean, cross-validate, calibrate, find the domain, fit on everything."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from hanten.errors import ConfigError, UnknownNameError, did_you_mean
from hanten.models.base import Regressor
from hanten.models.calibration import conformal_factor
from hanten.models.combine import AutoRegressor, Average
from hanten.models.cross_fitting import TrainingTask
from hanten.models.domain import ApplicabilityDomain, choose_threshold
from hanten.models.evaluation import Evaluation
from hanten.models.forest import GradientBoosting, RandomForest
from hanten.models.gaussian_process import GaussianProcess
from hanten.models.hygiene import MIN_ROWS, CleanTable, clean_table
from hanten.models.linear import BayesianLinear
from hanten.models.property_model import PropertyModel
from hanten.models.vectorize import (
    View,
    default_views,
    kernel_blocks,
    molecule_views,
)
from hanten.properties import Property, get_property, register_property

if TYPE_CHECKING:
    import pandas as pd

LOG = logging.getLogger(__name__)
MODELS = ("auto", "gp", "linear", "forest", "boosting", "average")
Array = npt.NDArray[np.float64]
Fold = tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]


@dataclass(frozen=True)
class Trained:
    """A model and how it did on rows it had not seen.

    Parameters
    ----------
    model : PropertyModel
    random, cluster : Evaluation
        Folds grouped by canonical key, and folds that hold out whole clusters of similar structures.
    report : dict
        What :func:`hanten.models.hygiene.clean_table` has to say.
    """

    model: PropertyModel
    random: Evaluation
    cluster: Evaluation
    report: dict[str, Any]


def train_model(
    table: pd.DataFrame | str | Path, structure: str, target: str, **options: Any
) -> PropertyModel:
    """A calibrated property model from a table; :func:`train` returns the evaluation as well.

    Parameters
    ----------
    table : pandas.DataFrame or path
        CSV, TSV or XLSX.
    structure, target : str
        Columns of repeat units (or molecules) and of values.
    **options
        As in :func:`train`.

    Examples
    --------
    >>> import pandas as pd
    >>> units = ["*" + "C" * n + "O*" for n in range(1, 30)]
    >>> table = pd.DataFrame({"psmiles": units, "Tg": [200.0 + 3 * n for n in range(1, 30)]})
    >>> model = train_model(table, "psmiles", "Tg", model="gp")
    >>> model.property_.name, bool(200 < model.predict(["*CCCCCO*"])[0] < 290)
    ('Tg', True)
    """
    return train(table, structure, target, **options).model


def train(
    table: pd.DataFrame | str | Path,
    structure: str,
    target: str,
    *,
    property: str | Property | None = None,  # noqa: A002  (the word the user knows)
    unit: str | None = None,
    model: str | Regressor = "auto",
    views: Sequence[View] | None = None,
    log: bool | None = None,
    n_splits: int = 5,
    n_repeats: int = 1,
    seed: int = 0,
    card: dict[str, Any] | None = None,
    min_rows: int = MIN_ROWS,
) -> Trained:
    """Train, calibrate and evaluate.

    Parameters
    ----------
    table : pandas.DataFrame or path
    structure, target : str
        Columns.
    property : str or Property, optional
        What the target is; guessed from the column's name. A name the registry does not know becomes a property of
        its own and then needs ``unit``.
    unit : str, optional
        Unit of the values in the table; that of the property without it.
    model : {"auto", "gp", "linear", "forest", "boosting", "average"}
        ``"auto"`` chooses by nested cross-validation. A regressor of hanten is taken as it is.
    views : sequence of View, optional
        Featurizers; :func:`~hanten.models.vectorize.default_views` without it.
    log : bool, optional
        Model the logarithm; without it, if the registry says the property has a log scale.
    n_splits, n_repeats, seed
        The folds.
    card : dict, optional
        Entries of the model card: ``method``, ``data``, ``licence``, ``known_biases``, ``train_again``.
    min_rows : int
        Fewest polymers.

    Returns
    -------
    Trained

    Raises
    ------
    DataError, UnknownNameError, UnitError
        See :func:`hanten.models.hygiene.clean_table`.
    """
    frame = _table(table)
    prop = resolve_property(property or target, unit)
    clean = clean_table(frame, structure, target, prop, unit, min_rows=min_rows)
    logarithm = _use_log(log, prop, clean.y)
    chosen = tuple(views) if views is not None else _views_for(clean)
    regressor = make_regressor(model, chosen, seed) if isinstance(model, str) else model
    task = TrainingTask(clean, chosen, regressor, logarithm)
    random, cluster = task.cross_validate(n_splits, n_repeats, seed)
    factor, threshold = conformal_factor(random.errors, random.std), choose_threshold(
        np.concatenate([random.similarity, cluster.similarity]),
        np.concatenate([random.errors, cluster.errors]),
        reference=float(np.abs(random.errors).mean()),
    )  # fmt: skip
    names = (
        f"{n_repeats} x {n_splits}-fold, grouped by canonical key",
        f"{n_splits}-fold, clusters of similar structures held out",
    )
    method = str((card or {}).get("method", ""))
    scored = (
        task.evaluation(random, prop, threshold, scheme=names[0], method=method),
        task.evaluation(cluster, prop, threshold, scheme=names[1], method=method, factor=factor),
    )
    fitted = task.fit()
    card = _card(
        card or {},
        prop=prop,
        clean=clean,
        scored=scored,
        fitted=fitted,
        factor=factor,
        threshold=threshold,
        log=logarithm,
    )
    training = {"keys": sorted(clean.keys), "digest": _digest(clean)}
    domain = ApplicabilityDomain(
        task.counts, clean.structures, threshold, tuple(sorted(frozenset().union(*task.elements)))
    )
    done = PropertyModel(prop, chosen, fitted, logarithm, factor, domain, card, training)
    return Trained(done, *scored, clean.report)


def make_regressor(name: str, views: Sequence[View], seed: int = 0) -> Regressor:
    """The regressor called ``name`` with one kernel per view.

    Raises
    ------
    ConfigError
        With the known names.
    """
    process = GaussianProcess(blocks=kernel_blocks(views))
    forest = RandomForest(random_state=seed)
    choices: dict[str, Callable[[], Regressor]] = {
        "gp": lambda: process,
        "linear": BayesianLinear,
        "forest": lambda: forest,
        "boosting": lambda: GradientBoosting(random_state=seed),
        "average": lambda: Average([process, forest], [0.7, 0.3]),
        "auto": lambda: AutoRegressor(
            [BayesianLinear(), process, forest, Average([process, forest])], random_state=seed
        ),
    }
    if name not in choices:
        raise ConfigError(f"no model is called {name!r}", hint=did_you_mean(name, choices))
    return choices[name]()


def resolve_property(name: str | Property, unit: str | None) -> Property:
    """The registered property, or a new one of the user's own.

    Raises
    ------
    UnknownNameError
        If the registry does not know it and no unit is given.
    """
    try:
        return get_property(name)
    except UnknownNameError as error:
        if unit is None or not isinstance(name, str):
            text = f"{error.message}, and a property of your own needs a unit"
            raise UnknownNameError(
                text, hint=f"give unit= (--unit; '' for a pure number), or {error.hint}"
            ) from error
    identifier = "".join(c if c.isalnum() else "_" for c in name).strip("_") or "property"
    own = Property(
        identifier if identifier.isidentifier() else f"p_{identifier}",
        name,
        unit,
        -np.inf,
        np.inf,
        description="A property of the user's own",
    )
    return register_property(own)


def _table(table: Any) -> pd.DataFrame:
    import pandas as pd

    if isinstance(table, pd.DataFrame):
        return table
    from hanten.models.tables import read_training_table

    return read_training_table(Path(table))


def _views_for(clean: CleanTable) -> tuple[View, ...]:
    """Chain descriptors need a chain: molecules among the structures leave only fingerprints."""
    return default_views() if all("*" in text for text in clean.structures) else molecule_views()


def _use_log(log: bool | None, prop: Property, y: Array) -> bool:
    wanted = prop.log_scale if log is None else log
    if wanted and y.min() <= 0:
        if log:
            raise ConfigError(
                f"the logarithm of {prop.name} cannot be modelled: {int((y <= 0).sum())} values are not positive",
                hint="leave log out",
            )
        return False
    return wanted


def _card(
    given: dict[str, Any],
    *,
    prop: Property,
    clean: CleanTable,
    scored: tuple[Evaluation, Evaluation],
    fitted: Regressor,
    factor: float,
    threshold: float,
    log: bool,
) -> dict[str, Any]:
    chosen = (
        type(fitted.chosen_[0]).__name__ + " (chosen by nested cross-validation)"
        if isinstance(fitted, AutoRegressor)
        else type(fitted).__name__
    )
    rows = {
        k: clean.report[k]
        for k in ("rows", "used_rows", "polymers", "duplicate_rows", "not_used", "outside_plausible_range")
    }
    own = {
        "property": prop.name,
        "unit": prop.unit,
        "rows": rows | {"duplicate_rule": "median by canonical string without stereo"},
        "range": {
            "low": float(clean.y.min()),
            "median": float(np.median(clean.y)),
            "high": float(clean.y.max()),
        },
        "scores": {
            "random folds": _rounded(scored[0].metrics()),
            "clusters held out": _rounded(scored[1].metrics()),
        },
        "calibration": f"standard deviation x {factor:.3f}: out-of-fold conformal factor at 90 %",
        "domain": f"in domain: Tanimoto similarity of Morgan counts (radius 2) to the nearest training structure >= {threshold:.3f}, known elements only",
        "model": chosen + (" of the logarithm" if log else ""),
        "date": dt.datetime.now(tz=dt.UTC).date().isoformat(),
    }
    return {"method": "as given", "data": "a table of the user's own", **given, **own}


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _rounded(part) for key, part in value.items()}
    return float(f"{value:.5g}") if isinstance(value, float) else value


def _digest(clean: CleanTable) -> str:
    rows = sorted(zip(clean.structures, clean.y.tolist(), strict=True))
    return hashlib.sha256(json.dumps(rows).encode()).hexdigest()


def train_from_options(table: str | None, recipe: str | None, given: dict[str, Any]) -> Trained:
    """What ``hanten train`` does: a recipe, or a table with its columns.

    Raises
    ------
    ConfigError
        If neither or both are given, or a column is missing.
    """
    if (table is None) == (recipe is None):
        raise ConfigError(
            "give a table or --recipe NAME, one of the two",
            hint="hanten train data.csv --structure COL --target COL -o model.hanten",
        )
    if recipe is not None:
        from hanten.models.recipes import train_recipe

        return train_recipe(recipe)
    frame = _table(table)
    structure, target = given["structure"], given["target"]
    if structure is None or target is None:
        missing = " and ".join(
            name for name, value in (("--structure", structure), ("--target", target)) if value is None
        )
        raise ConfigError(
            f"which columns hold what? {missing} is missing",
            hint=f"the columns are {', '.join(map(str, frame.columns))}",
        )
    card = {
        "method": given["method"] or "as given",
        "data": str(table),
        "train_again": f"hanten train {table} --structure {structure} --target {target}",
    }
    keys = ("property", "unit", "model", "seed")
    return train(frame, structure, target, card=card, **{key: given[key] for key in keys})
