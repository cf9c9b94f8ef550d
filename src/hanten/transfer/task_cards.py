"""What is written of a trained task: its card, and its line in the index of a library."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from hanten._version import __version__
from hanten.data.catalog import get_dataset
from hanten.transfer.inputs import Inputs
from hanten.transfer.store import TaskSources
from hanten.transfer.task_data import TaskData
from hanten.transfer.tasks import Task

if TYPE_CHECKING:
    from hanten.transfer.training import Settings


def task_card(task: Task, data: TaskData, settings: Settings) -> dict[str, Any]:
    """The card of a task: what it was learned from, by which rules, and the command that trains it again."""
    options = f"--models {settings.n_models} -s {settings.seed} --limit {settings.limit}"
    return {
        "property": task.property_.name,
        "unit": task.property_.unit,
        "log": task.log,
        "method": task.method,
        "datasets": list(task.datasets),
        "data": [_source_of(name) for name in task.datasets],
        "note": task.note,
        "rows": {
            "read": data.rows,
            "refused": data.refused,
            "materials": len(data.keys),
            "excluded": data.excluded,
        },
        "excluded_digest": settings.excluded,
        "scores_are": "on the held-out keys, after rounding to half precision"
        + (", R² of the decimal logarithm" if task.log else ""),
        "date": dt.datetime.now(dt.UTC).date().isoformat(),
        "hanten": __version__,
        "train_again": f"hanten library train {task.name} {options} -o FOLDER"
        + (" --exclude KEYS" if settings.excluded else ""),
    }


def _source_of(name: str) -> dict[str, Any]:
    dataset = get_dataset(name)
    return {
        "name": name,
        "licence": dataset.licence,
        "doi": dataset.doi,
        "citation": dataset.citation,
        "grade": dataset.grade,
    }


def summary(
    task: Task, sources: TaskSources, inputs: Inputs, reference: npt.NDArray[np.float32], seconds: float
) -> dict[str, Any]:
    """What the index says of a task: enough to list and to search without opening its files."""
    best = best_number(sources)
    chosen = next(model for model in sources.models if model["number"] == best)
    at = sources.models.index(chosen)
    found = sources.source(at, inputs).predict(reference)
    known = [model["scores"]["r2"] for model in sources.models if model["scores"]["r2"] is not None]
    return {
        "kind": task.kind,
        "property": task.property_.name,
        "unit": task.property_.unit,
        "method": task.method,
        "datasets": list(task.datasets),
        "note": task.note,
        "n_materials": sources.card["rows"]["materials"],
        "n_models": len(sources.models),
        "best": best,
        "r2": chosen["scores"]["r2"],
        "mae": chosen["scores"]["mae"],
        "median_r2": round(float(np.median(known)), 4) if known else None,
        "numbers": [model["number"] for model in sources.models],
        "scores": known,
        "cpu_seconds": round(seconds, 1),
        "reference": [int(rank) for rank in np.argsort(np.argsort(found))],
    }


def best_number(sources: TaskSources) -> int:
    """The network with the best validation score (the held-out keys choose nothing)."""
    return int(max(sources.models, key=lambda model: model["scores"]["validation_r2"])["number"])
