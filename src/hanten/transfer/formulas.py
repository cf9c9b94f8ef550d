"""Tables of formulas: one clean value per composition, its descriptors, and a calibrated model of it."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from hanten.chem import Composition, canonical_smiles
from hanten.errors import DataError, StructureError, UnknownNameError, did_you_mean
from hanten.models.base import Regressor
from hanten.models.calibration import conformal_factor
from hanten.models.domain import ApplicabilityDomain, choose_threshold
from hanten.models.hygiene import MISSING, SHOWN, CleanTable, read_values
from hanten.models.training import Trained
from hanten.models.vectorize import View
from hanten.properties import Property
from hanten.transfer.composition_model import CompositionModel, CompositionTask

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = frozenset({"formula", "formulas", "composition", "compositions"})
STATISTICS = ("mean", "variance", "max", "min")
HUNDREDFOLD = 100.0  # largest over smallest value, from where the logarithm is modelled


def composition_views() -> tuple[View, ...]:
    """Of compositions: mean, variance, maximum and minimum of the element features, which only know proportions."""
    from hanten.features import CompositionDescriptors

    return (View(CompositionDescriptors(statistics=STATISTICS), kernel="rbf", log=False),)


def holds_formulas(column: str, entries: Sequence[Any]) -> bool:
    """Whether a column holds formulas: by its name, or because its texts are formulas and not all are SMILES.

    Examples
    --------
    >>> (
    ...     holds_formulas("x", ["Al2O3", "CO"]),
    ...     holds_formulas("x", ["CO", "CCO"]),
    ...     holds_formulas("x", ["*CC*"]),
    ... )
    (True, False, False)
    """
    if str(column).strip().casefold() in COLUMNS:
        return True
    texts = [text for text in map(_text, entries) if text]
    return (
        bool(texts)
        and all(_reads(Composition, text) for text in texts)
        and not all(_reads(canonical_smiles, text) for text in texts)
    )


def spreads_over_decades(prop: Property, y: npt.NDArray[np.float64]) -> bool:
    """Whether the logarithm is modelled: the property asks for it, or positive values differ a hundredfold.

    Examples
    --------
    >>> from hanten.properties import get_property
    >>> conductivity = get_property("thermal_conductivity")
    >>> spreads_over_decades(conductivity, np.array([1.0, 300.0]))
    True
    """
    return bool(y.min() > 0 and (prop.log_scale or y.max() > HUNDREDFOLD * y.min()))


def clean_formulas(
    table: pd.DataFrame, column: str, target: str, prop: Property, unit: str | None = None
) -> CleanTable:
    """Read, convert, group and check, as :func:`hanten.models.hygiene.clean_table` does for structures.

    Rows of one composition, in whatever proportions it is written (``Al2O3``, ``Al0.4O0.6``), are one value: their
    median. What cannot be used is in the report with its reason.

    Raises
    ------
    UnknownNameError
        If a column is not there.
    DataError
        If no row is left, or all values are equal.
    """
    for name in (column, target):
        if name not in table.columns:
            raise UnknownNameError(
                f"there is no column {name!r}", hint=did_you_mean(name, map(str, table.columns))
            )
    values, reasons = read_values(table, target, prop, unit)
    formulas = _formulas(table[column].tolist(), reasons)
    used = [row for row, reason in enumerate(reasons) if reason is None]
    groups: dict[str, list[int]] = {}
    for row in used:
        groups.setdefault(str(formulas[row]), []).append(row)
    y = np.array([np.median(values[rows]) for rows in groups.values()])
    if not len(y):
        first = next((f"; row {row}: {why}" for row, why in enumerate(reasons) if why), "")
        raise DataError(f"no row has a formula and a value{first}", hint=f"of {len(table)} rows")
    if np.ptp(y) <= 1e-12 * max(abs(float(y[0])), 1e-300) and len(y) > 1:
        raise DataError(f"all values of {target!r} are {y[0]:g}: there is nothing to learn")
    report = _report(table, reasons, groups, values) | {
        "outside_plausible_range": int((~prop.plausible(values[used])).sum())
    }
    return CleanTable(tuple(groups), tuple(groups), y, report)


def train_formulas(
    clean: CleanTable,
    prop: Property,
    regressor: Regressor,
    views: Sequence[View],
    *,
    log: bool,
    n_splits: int = 5,
    n_repeats: int = 1,
    seed: int = 0,
    card: dict[str, Any] | None = None,
) -> Trained:
    """Cross-validate, calibrate, find the domain, fit on everything: :func:`hanten.models.train` for formulas.

    Parameters
    ----------
    clean : CleanTable
        Of :func:`clean_formulas`.
    prop : Property
    regressor : Regressor
    views : sequence of View
    log : bool
        Model the logarithm.
    n_splits, n_repeats, seed
        The folds.
    card : dict, optional
        Entries of the model card.
    """
    task = CompositionTask(clean, tuple(views), regressor, log)
    random, systems = task.cross_validate(n_splits, n_repeats, seed)
    factor = conformal_factor(random.errors, random.std)
    threshold = choose_threshold(
        np.concatenate([random.similarity, systems.similarity]),
        np.concatenate([random.errors, systems.errors]),
        reference=float(np.abs(random.errors).mean()),
    )
    given = {"method": "as given", "data": "a table of the user's own", **(card or {})}
    method = str(given["method"])
    names = (f"{n_repeats} x {n_splits}-fold, grouped by formula", "sets of elements held out")
    scored = (
        task.evaluation(random, prop, threshold, scheme=names[0], method=method),
        task.evaluation(systems, prop, threshold, scheme=names[1], method=method, factor=factor),
    )
    own = {
        "property": prop.name, "unit": prop.unit, "model": type(regressor).__name__ + (" of the logarithm" if log else ""),
        "rows": {key: clean.report[key] for key in ("rows", "used_rows", "polymers", "duplicate_rows", "not_used")},
        "range": {"low": float(clean.y.min()), "median": float(np.median(clean.y)), "high": float(clean.y.max())},
        "scores": {"random folds": _plain(scored[0].metrics()), "clusters held out": _plain(scored[1].metrics())},
        "domain": f"in domain: overlap of the atomic fractions with the nearest composition >= {threshold:.3f}, known elements only",
        "date": dt.datetime.now(tz=dt.UTC).date().isoformat(),
    }  # fmt: skip
    domain = ApplicabilityDomain(
        task.counts, clean.structures, threshold, tuple(sorted(frozenset().union(*task.elements)))
    )
    rows = sorted(zip(clean.structures, clean.y.tolist(), strict=True))
    training = {
        "keys": sorted(clean.keys),
        "digest": hashlib.sha256(json.dumps(rows).encode()).hexdigest(),
    }
    model = CompositionModel(prop, tuple(views), task.fit(), log, factor, domain, {**given, **own}, training)
    return Trained(model, *scored, clean.report)


def _formulas(entries: Sequence[Any], reasons: list[str | None]) -> list[str | None]:
    """Canonical formulas; adds to ``reasons`` in place where one cannot be read or has no descriptors."""
    featurizer = composition_views()[0].featurizer
    known: dict[str, str | StructureError] = {}
    found: list[str | None] = []
    for row, entry in enumerate(entries):
        text = _text(entry)
        if text not in known:
            try:
                formula = Composition(text).formula if text else None
                why = "there is no formula" if formula is None else featurizer.reasons([formula])[0]
                known[text] = StructureError(why) if why else str(formula)
            except StructureError as error:
                known[text] = error
        this = known[text]
        if isinstance(this, StructureError):
            reasons[row] = reasons[row] or f"formula: {this}"
        found.append(None if isinstance(this, StructureError) else this)
    return found


def _report(
    table: pd.DataFrame, reasons: list[str | None], groups: dict[str, list[int]], values: Any
) -> dict[str, Any]:
    used = sum(len(rows) for rows in groups.values())
    kinds = ["unreadable formula" if why.startswith("formula:") else why for why in reasons if why]
    spreads = [(float(np.ptp(values[rows])), key) for key, rows in groups.items() if len(rows) > 1]
    bad = [
        {"row": row, "reason": why}
        for row, why in enumerate(reasons)
        if why is not None and why != "no value"
    ]
    return {
        "rows": len(table),
        "used_rows": used,
        "polymers": len(groups),
        "duplicate_rows": used - len(groups),
        "not_used": {kind: kinds.count(kind) for kind in dict.fromkeys(kinds)},
        "examples": bad[:SHOWN],
        "largest_spread": dict(zip(("range", "structure"), max(spreads), strict=True)) if spreads else None,
    }


def _text(entry: Any) -> str:
    text = str(getattr(entry, "formula", entry)).strip()
    return "" if entry is None or text.casefold() in MISSING else text


def _reads(read: Any, text: str) -> bool:
    from rdkit import rdBase

    try:
        with rdBase.BlockLogs():
            read(text)
    except StructureError:
        return False
    return True


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(part) for key, part in value.items()}
    return float(f"{value:.5g}") if isinstance(value, float) and np.isfinite(value) else value
