"""A transfer study: both arms on the same folds, their paired difference, and the model that deserves to be used."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from hanten.errors import ConfigError
from hanten.models.evaluation import Evaluation
from hanten.models.tables import read_training_table
from hanten.models.training import Trained, resolve_property
from hanten.properties import Property, pretty_unit
from hanten.transfer.arms import HEADS, make_arms
from hanten.transfer.comparison import Comparison, compare_folds
from hanten.transfer.fine_tuning import require_torch
from hanten.transfer.multi_fidelity import MultiFidelity
from hanten.transfer.shotgun import Shotgun
from hanten.transfer.source_features import SourceFeatures
from hanten.transfer.sources import Chosen, choose_sources
from hanten.transfer.target import Target, check_model_name, read_target
from hanten.transfer.tau_rho import TauRho

if TYPE_CHECKING:
    import pandas as pd

    from hanten.models.property_model import PropertyModel

LOG = logging.getLogger(__name__)
N_DRAWS = 20
BY_PREDICTION = ("tau-rho", "multi-fidelity", "affine")  # methods that need no hidden layers
Say = Callable[[str], None]


@dataclass(frozen=True)
class TransferStudy:
    """What was compared, what came out, and the model to use.

    Parameters
    ----------
    method, head : str
    baseline, transfer : Trained
        Both arms, trained and evaluated on the same folds.
    comparison : Comparison
    chosen : {"transfer", "baseline"}
        Which arm :attr:`model` is.
    reason : str
        Why.
    sources : tuple of dict
        See :class:`hanten.transfer.sources.Chosen`.
    notes : tuple of str
        What a reader must know.
    unmeasured : tuple of str
        Materials of the rows without a value, as written.
    """

    method: str
    head: str
    baseline: Trained
    transfer: Trained
    comparison: Comparison
    chosen: str
    reason: str
    sources: tuple[dict[str, Any], ...] = field(default=(), repr=False)
    notes: tuple[str, ...] = ()
    unmeasured: tuple[str, ...] = field(default=(), repr=False)

    @property
    def property_(self) -> Property:
        """The target."""
        return self.baseline.model.property_

    @property
    def model(self) -> PropertyModel:
        """The model of the chosen arm; its card tells of the comparison."""
        return getattr(self, self.chosen).model  # type: ignore[no-any-return]

    def frame(self) -> pd.DataFrame:
        """Both arms and their difference: MAE, R², coverage of the 90 % interval."""
        import pandas as pd

        rows = []
        for name in ("baseline", "transfer"):
            scores = getattr(self, name).random.metrics()
            rows.append(
                {
                    "arm": f"no transfer ({self.head})" if name == "baseline" else self.method,
                    "MAE": scores["mae"],
                    "R²": pooled_r2(getattr(self, name).random, len(self.comparison.baseline)),
                    "90 % covers": scores["coverage"]["0.9"],
                    "used": "yes" if self.chosen == name else "",
                }
            )
        gain = self.comparison
        rows.append({"arm": "paired gain", "MAE": gain.gain, "R²": rows[1]["R²"] - rows[0]["R²"]})
        return pd.DataFrame(rows).fillna({"used": ""})

    def predictions(self) -> pd.DataFrame:
        """The chosen model's prediction of every material of the table that has no value, one row each."""
        return self.model.predict_frame(list(self.unmeasured))

    def summary(self) -> str:
        """The study in a few lines."""
        unit = pretty_unit(self.property_.unit)
        lines = [
            self.comparison.sentence(unit),
            f"the model is {'the transfer model' if self.chosen == 'transfer' else 'the baseline'}: {self.reason}",
        ]
        return "\n".join([*lines, *(f"note: {note}" for note in self.notes)])

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for ``--json``."""
        gain = self.comparison
        return {
            "property": self.property_.name,
            "unit": self.property_.unit,
            "method": self.method,
            "head": self.head,
            "arms": {name: getattr(self, name).random.metrics() for name in ("baseline", "transfer")},
            "paired": {
                "gain": gain.gain, "low": gain.low, "high": gain.high, "draws": len(gain.baseline), "hurt_on": gain.hurt,
                "verdict": gain.verdict, "baseline": gain.baseline.tolist(), "transfer": gain.transfer.tolist(),
            },
            "chosen": self.chosen,
            "reason": self.reason,
            "sources": list(self.sources),
            "notes": list(self.notes),
            "rows": self.baseline.report,
        }  # fmt: skip


def transfer(
    table: pd.DataFrame | str | Path,
    structure: str,
    target: str,
    *,
    property: str | Property | None = None,  # noqa: A002  (the word the user knows)
    unit: str | None = None,
    method: str = "tau-rho",
    head: str | None = None,
    sources: Sequence[str] | Chosen = (),
    library: Any = None,
    retrain: bool = True,
    n_draws: int = N_DRAWS,
    n_splits: int = 5,
    log: bool | None = None,
    kind: str | None = None,
    force: bool = False,
    seed: int = 0,
    card: dict[str, Any] | None = None,
    say: Say = LOG.info,
) -> TransferStudy:
    """Learn from many data for few: with the sources and without them, on the same folds.

    Parameters
    ----------
    table : pandas.DataFrame or path
        A row per measurement; 8 materials at least.
    structure, target : str
        Columns of repeat units, molecules or formulas, and of values.
    property, unit, log
        As in :func:`hanten.models.train`; ``log`` follows the bundled model of the property, if there is one. Of formulas the
        logarithm is modelled where positive values differ a hundredfold.
    kind : {"polymer", "molecule", "composition"}, optional
        What the materials are; seen from the column without it: a name such as ``formula``, then its texts.
    method : str
        ``"tau-rho"``, ``"multi-fidelity"``, ``"affine"``, ``"frozen"``, ``"shotgun"`` or ``"fine-tuning"``.
    head : {"gp", "linear", "forest"}, optional
        The learner in both arms.
    sources : sequence of str, or Chosen
        See :func:`hanten.transfer.sources.choose_sources`.
    library : Library or path, optional
    retrain : bool
        Train sources that saw the target's materials again, without them.
    n_draws, n_splits : int
        Repeats of the cross-validation, and folds of each.
    force : bool
        Use the transfer model even if it does not help.
    seed : int
    card : dict, optional
        Entries of the model card.
    say : callable
        Told what is being done.

    Returns
    -------
    TransferStudy

    Raises
    ------
    DataError
        With fewer than 8 materials, or if all values are equal.
    MissingExtraError
        For fine-tuning without torch.
    """
    if method == "fine-tuning":
        require_torch()  # before the work, not after it
    frame = read_training_table(Path(table)) if isinstance(table, str | Path) else table
    prop = resolve_property(property or target, unit)
    few = read_target(frame, structure, target, prop, unit, kind)
    chosen = sources if isinstance(sources, Chosen) else choose_sources(
        few.clean.structures, prop.name, sources, library=library, retrain=retrain, with_model=method in BY_PREDICTION,
        kind=few.kind, seed=seed, say=say,
    )  # fmt: skip
    logarithm = few.logarithm(log)
    head = head or ("linear" if method == "shotgun" else "gp")
    names = (prop.name,) if logarithm else ()
    arms = make_arms(method, few.views(), chosen.sources, head=head, logarithms=names, seed=seed)
    trained = []
    for name, (views, regressor) in (("the baseline", arms.baseline), (method, arms.transfer)):
        say(f"{name}: {n_draws} x {n_splits} folds")
        options: dict[str, Any] = {"n_splits": n_splits, "n_draws": n_draws, "seed": seed, "card": card}
        trained.append(few.train(views, regressor, log=logarithm, **options))
    return _judged(
        trained[0], trained[1], few, chosen, method=method, head=head, words=arms.words, force=force
    )


def train_with_sources(
    table: str | None,
    recipe: str | None,
    given: dict[str, Any],
    say: Say = LOG.info,
    output: Path | None = None,
) -> Trained:
    """What ``hanten train --transfer`` does: a study, and its chosen arm.

    Raises
    ------
    ConfigError
        With a recipe, without table and columns, or if ``output`` is no name for a model of what the table holds.
    """
    missing = [f"--{name}" for name in ("structure", "target") if given.get(name) is None]
    if recipe is not None or table is None or missing:
        raise ConfigError(
            f"--transfer needs a table and its columns{': ' + ' and '.join(missing) if missing else ''}, and no recipe",
            hint="hanten train data.csv --structure COL --target COL --transfer -o model.hanten",
        )
    if output is not None:
        check_model_name(output, read_training_table(Path(table)), given["structure"])
    columns = f"--structure {given['structure']} --target {given['target']}"
    card = {
        "method": given["method"] or "as given",
        "data": str(table),
        "train_again": f"hanten train {table} {columns} --transfer",
    }
    study = transfer(
        table,
        given["structure"],
        given["target"],
        head=given["model"] if given["model"] in HEADS else "gp",
        card=card,
        say=say,
        **{key: given[key] for key in ("property", "unit", "seed")},
    )
    say(study.summary())
    return study.baseline if study.chosen == "baseline" else study.transfer


def _judged(
    baseline: Trained,
    transferred: Trained,
    few: Target,
    chosen: Chosen,
    *,
    method: str,
    head: str,
    words: str,
    force: bool,
) -> TransferStudy:
    """Compare, decide, and write what was decided into the model card."""
    comparison = compare(baseline.random, transferred.random, few.n)
    arm, reason = _decide(comparison, method, force=force)
    notes = (*few.warnings(), *chosen.notes, *choices(transferred.model))
    study = TransferStudy(
        method, head, baseline, transferred, comparison, arm, reason, chosen.report, notes, few.unmeasured()
    )
    study.model.card["transfer"] = {
        "method": f"{method}: {words}",
        "paired": comparison.sentence(pretty_unit(study.property_.unit)),
        "used": f"{arm}: {reason}",
        "sources": [f"{row['task']}, {row['models']} model(s), {row['action']}" for row in chosen.report],
    }
    return study


def compare(baseline: Evaluation, transferred: Evaluation, n: int) -> Comparison:
    """The paired difference of two evaluations on the same folds.

    Raises
    ------
    ConfigError
        If the folds are not the same.
    """
    if baseline.fold is None or transferred.fold is None or baseline.structures != transferred.structures:
        raise ConfigError("the two evaluations are not of the same folds, and cannot be paired")
    before, after = (
        np.array([np.abs(one.mean - one.y)[one.fold == k].mean() for k in np.unique(baseline.fold)])
        for one in (baseline, transferred)
    )
    return compare_folds(before, after, round(len(before) / (len(baseline.y) / n)))


def choices(model: PropertyModel) -> list[str]:
    """What a fitted transfer model chose, in words: its source and (τ, ρ), its scales, its networks and how steadily."""
    regressor, featurizer = model.regressor, model.views[-1].featurizer
    if not isinstance(featurizer, SourceFeatures):
        return []
    tasks = list(featurizer.tasks())
    if isinstance(regressor, TauRho):
        source = tasks[int(regressor.column_)]
        return [f"chosen on all rows: τ = {regressor.tau_:g}, ρ = {regressor.rho_:g}, source {source}"]
    if isinstance(regressor, MultiFidelity):
        scales = ", ".join(f"{task} {scale:.3g}" for task, scale in zip(tasks, regressor.scale_, strict=True))
        return [f"learned scales: {scales}"]
    if isinstance(regressor, Shotgun):
        names = ", ".join(featurizer.sources[int(i)].name for i in regressor.chosen_[:, 0])
        return [f"chosen: {names}; overlap of the choice over inner folds {regressor.stability_:.0%}"]
    return []


def pooled_r2(done: Evaluation, n_draws: int) -> float:
    """R² of each draw's out-of-fold predictions taken together, averaged over the draws: folds of few rows have none."""
    assert done.fold is not None
    splits = (int(done.fold.max()) + 1) // n_draws
    found = []
    for draw in range(n_draws):
        rows = done.fold // splits == draw
        y, mean = done.y[rows], done.mean[rows]
        found.append(1 - float(((y - mean) ** 2).sum() / ((y - y.mean()) ** 2).sum()))
    return float(np.mean(found))


def _decide(comparison: Comparison, method: str, *, force: bool) -> tuple[str, str]:
    if comparison.verdict == "helps":
        return "transfer", f"{method} lowers the error, and the 95 % interval of the gain excludes zero"
    why = {
        "hurts": "transfer raises the error (negative transfer)",
        "no clear difference": "the 95 % interval of the gain includes zero"
        + (", and the mean is a loss" if comparison.gain < 0 else ""),
    }[comparison.verdict]
    return ("transfer", f"asked for, although {why}") if force else ("baseline", why)
