"""Which sources a study may learn from: chosen from the library, and freed of the target's own materials."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from hanten.errors import ConfigError, DataError, HantenError, MissingExtraError, UnknownNameError
from hanten.models.bundled import list_bundled, load_model
from hanten.models.evaluation import flat_key
from hanten.models.property_model import PropertyModel
from hanten.transfer.fine_tuning import require_torch
from hanten.transfer.library import Library, open_library
from hanten.transfer.source_features import task_of

LOG = logging.getLogger(__name__)
Say = Callable[[str], None]
LEAST_R2 = 0.5
MOST_TASKS = 12
PER_TASK = 10
MOST_MATERIALS = 2500  # of a task that is trained again


@dataclass(frozen=True)
class Chosen:
    """Sources for one study.

    Parameters
    ----------
    sources : tuple of SourceModel or PropertyModel
    report : tuple of dict
        Per task: ``task``, ``property``, ``method``, ``r2``, ``models``, ``seen`` (target materials it was trained on
        before), ``action`` (``"none seen"``, ``"trained again without them"``, ``"left out: ..."``, ``"kept: ..."``).
    """

    sources: tuple[Any, ...]
    report: tuple[dict[str, Any], ...] = field(default=())

    @property
    def notes(self) -> list[str]:
        """What a reader must know: which tasks saw target materials, and what was done, one sentence per action."""
        by_action: dict[str, list[str]] = {}
        for row in self.report:
            if row["seen"]:
                by_action.setdefault(row["action"], []).append(f"{row['task']} ({row['seen']})")
        return [
            f"trained on target materials (how many): {', '.join(tasks)}: {action}"
            for action, tasks in by_action.items()
        ]


def choose_sources(
    structures: Sequence[str],
    target: str,
    wanted: Sequence[str] = (),
    *,
    library: Library | str | Path | None = None,
    retrain: bool = True,
    with_model: bool = False,
    kind: str | None = None,
    seed: int = 0,
    say: Say = LOG.info,
) -> Chosen:
    """Sources of the right world, none of which has seen the target's materials where that can be helped.

    Parameters
    ----------
    structures : sequence of str
        Canonical strings of the target's materials: every one of them is tested in some fold.
    target : str
        Property of the target.
    wanted : sequence of str
        Tasks (``"polymer/density"``), bundles (``"mine.hanten"``) or bundled models (``"model/density"``). Without any, the
        tasks of the library with a held-out R² of 0.5 at least, the best twelve and those of the target's own property.
    library : Library or path, optional
    retrain : bool
        Train tasks that saw target materials again, without them (needs torch and the data).
    with_model : bool
        Without ``wanted``, also take the bundled model of the target's property, where there is one: "the simulation says,
        the experiment disagrees".
    kind : {"polymer", "molecule", "composition"}, optional
        World of the structures; seen from them without it, but formulas must be said.
    seed : int
    say : callable
        Told what is trained.

    Raises
    ------
    DataError
        If no source is left.
    """
    kind = kind or ("polymer" if "*" in structures[0] else "molecule")
    found = _named(wanted, library) if wanted else _from_library(kind, target, library)
    if with_model and not wanted and kind == "polymer" and target in list_bundled():
        found = {f"model/{target}": [load_model(target)]} | found
    if kind == "composition":
        _check_reads_formulas(found)
    keys = {flat_key(text) for text in structures} | set(structures)
    kept: list[Any] = []
    report = []
    for task, networks in found.items():
        members = networks
        seen = count_seen(members[0], structures, keys)
        row = _described(task, members) | {"seen": seen, "action": "none seen"}
        if seen:
            members, row["action"] = _without(
                task, members, keys, target=target, retrain=retrain, seed=seed, say=say
            )
        kept += members
        report.append(row | {"models": len(members)})
    if not kept:
        reasons = "; ".join(f"{row['task']}: {row['action']}" for row in report)
        raise DataError(f"no source is left to learn from ({reasons})", hint="name others with --source")
    return Chosen(tuple(kept), tuple(report))


def count_seen(source: Any, structures: Sequence[str], keys: set[str]) -> int:
    """How many of the target's materials a source was trained or stopped on, stereo aside."""
    if isinstance(source, PropertyModel):
        return len(keys & set(source.training.get("keys", ())))
    flat = [flat_key(text) for text in structures]
    return int(np.sum(np.asarray(source.saw(list(structures))) | np.asarray(source.saw(flat))))


def _named(wanted: Sequence[str], library: Any) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    opened = None
    for name in wanted:
        if name.endswith(".hanten") or name.startswith("model/"):
            model = load_model(name.removeprefix("model/"))
            found[task_of(model)] = [model]
            continue
        opened = opened or _open(library)
        members = opened.load_all(name)[:PER_TASK]
        found[task_of(members[0])] = members
    return found


def _from_library(kind: str, target: str, library: Any) -> dict[str, list[Any]]:
    opened = _open(library)
    table = opened.list(kind)
    good = table[table["r2"].fillna(0.0) >= LEAST_R2].sort_values("r2", ascending=False)
    names = list(good["task"][:MOST_TASKS])
    names += [name for name in good["task"][good["property"] == target] if name not in names]
    if not names:
        raise UnknownNameError(
            f"the library has no source of {kind}s with a held-out R² of {LEAST_R2}",
            hint="`hanten library list`",
        )
    return {name: opened.load_all(name)[:PER_TASK] for name in names}


def _open(library: Any) -> Library:
    return library if isinstance(library, Library) else open_library(library)


def _check_reads_formulas(found: dict[str, list[Any]]) -> None:
    """Raise ConfigError for sources that need a structure."""
    bad = [
        task for task, (first, *_) in found.items() if getattr(first, "kind", "structure") != "composition"
    ]
    if bad:
        raise ConfigError(
            f"{', '.join(bad)} reads structures, and the table holds formulas",
            hint="sources of compositions: `hanten library list --kind composition`",
        )


def _described(task: str, members: list[Any]) -> dict[str, Any]:
    first = members[0]
    scores = first.card.get("scores", {})
    name = first.property_.name if isinstance(first, PropertyModel) else first.property_name
    r2 = scores.get("r2", scores.get("random folds", {}).get("r2"))
    return {"task": task, "property": name, "method": str(first.card.get("method", "")), "r2": r2}


def _without(
    task: str, members: list[Any], keys: set[str], *, target: str, retrain: bool, seed: int, say: Say
) -> tuple[list[Any], str]:
    """The same task trained again without the target's materials; or why not, and what is done then."""
    if not retrain:
        return members, "kept as it is, as asked: the scores are of materials that it knows"
    try:
        if not isinstance(members[0], PropertyModel):
            require_torch()
        say(f"{task}: training again without the target's materials")
        return _trained_again(task, members, keys, seed), "trained again without them"
    except MissingExtraError as error:
        why = f"it cannot be trained again: {error.message} ({error.hint})"
    except HantenError as error:
        why = f"it cannot be trained again: {error.message}"
    if _described(task, members)["property"] == target:
        return [], f"left out, for it knows their {target} (--as-they-are keeps it); {why}"
    return members, f"kept, for it knows another property of them; {why}"


def _trained_again(task: str, members: list[Any], keys: set[str], seed: int) -> list[Any]:
    if isinstance(members[0], PropertyModel):
        return [_model_again(members[0], keys)]
    from hanten.transfer.task_data import load_task
    from hanten.transfer.tasks import get_task
    from hanten.transfer.training import train_sources

    known = load_task(get_task(task)).keys
    exclude = keys | {key for key in known if flat_key(key) in keys}
    inputs = {members[0].kind: members[0].inputs}
    again = train_sources(task, exclude, n_models=PER_TASK, seed=seed, limit=MOST_MATERIALS, inputs=inputs)
    return again.load_all(task)[:PER_TASK]


def _model_again(model: PropertyModel, keys: set[str]) -> PropertyModel:
    """A bundled model by its recipe, without some materials."""
    from hanten.models.recipes import RECIPES, assemble, card_of, recipe_views
    from hanten.models.training import train

    name = model.property_.name
    if name not in RECIPES or RECIPES[name].method != model.method:
        raise ConfigError("only bundled models have a recipe")
    table = assemble(RECIPES[name])
    rest = table[[flat_key(text) not in keys for text in table["canonical"]]]
    options: dict[str, Any] = {
        "property": name,
        "model": RECIPES[name].model,
        "views": recipe_views(RECIPES[name]),
    }
    return train(rest, "canonical", "value", log=model.log, card=card_of(RECIPES[name]), **options).model
