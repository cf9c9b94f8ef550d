"""Training the library: tasks one after another, all networks of a task in a few tensor programs (needs torch)."""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from hanten.errors import ConfigError, DataError
from hanten.transfer.destination import open_destination
from hanten.transfer.fine_tuning import require_torch
from hanten.transfer.inputs import Inputs
from hanten.transfer.keys import KINDS, key_digests, seen_set
from hanten.transfer.plans import Group, Plan, draw_groups
from hanten.transfer.references import reference_materials
from hanten.transfer.scaling import Scaling
from hanten.transfer.store import Layers, TaskSources, half
from hanten.transfer.task_cards import best_number, summary, task_card
from hanten.transfer.task_data import TaskData, load_task
from hanten.transfer.tasks import TASKS, Task, get_task
from hanten.transfer.worlds import LOGARITHMIC, SCALED_BY_TASK, block_names, featurizer_of, raw_features

if TYPE_CHECKING:
    from hanten.transfer.library import Library

LOG = logging.getLogger(__name__)
Array = npt.NDArray[np.float32]
Say = Callable[[str], None]
N_MODELS = 45
LIMIT = 4000
TEST_SHARE = 0.15
CUT = 6.0  # standard deviations; beyond, a value is drawn in for training (not for scoring)


@dataclass(frozen=True)
class Settings:
    """What makes two libraries the same.

    Parameters
    ----------
    n_models : int
        Networks per task.
    seed : int
    limit : int
        Materials per task at most.
    excluded : str
        Digest of the keys no network may see; empty when there are none.
    """

    n_models: int = N_MODELS
    seed: int = 0
    limit: int = LIMIT
    excluded: str = ""


def train_sources(  # noqa: PLR0917 -- the order in which one says them
    tasks: str | Task | Iterable[str | Task] | None = None,
    exclude_keys: Iterable[str] = (),
    n_models: int = N_MODELS,
    seed: int = 0,
    minutes: float | None = None,
    folder: str | Path | None = None,
    *,
    limit: int = LIMIT,
    inputs: dict[str, Inputs] | None = None,
    say: Say = LOG.info,
) -> Library:
    """Train source models and return them as a library.

    Parameters
    ----------
    tasks : names, worlds or Tasks, optional
        ``"polymer/Tg"``, ``"Tg"``, a world (``"polymer"``: all its tasks), or any list of them; all without it.
    exclude_keys : iterable of str
        Canonical keys (PSMILES, SMILES, formulas in Hill order) that no network sees, neither in training nor in
        stopping nor in scoring nor in the scaling of the features. For a strict test: the target's test materials.
    n_models : int
        Networks per task.
    seed : int
        Of the held-out keys, the architectures, the splits, the first weights.
    minutes : float, optional
        Begin no task after this time; what is left is said, and trained by the same call with the same folder.
    folder : path, optional
        Where to keep the library. A task that is there is not trained again. In memory without it.
    limit : int
        Materials per task at most, drawn by digest.
    inputs : dict, optional
        World -> :class:`Inputs` of a library to read the same features as; learned from the materials without it.
    say : callable
        Told one line per task.

    Raises
    ------
    MissingExtraError
        Without torch.
    DataError
        If a data set is not on this machine, or fewer than 40 materials are left of a task.
    RunError
        If the folder holds a library trained with other settings.

    Notes
    -----
    Held out: 15 % of the keys of every task, chosen by digest and seed, so that a material held out of one task is
    held out of all. Each network splits the rest by canonical key into its own training and validation keys, and is
    scored on the held-out keys after rounding to the stored precision.
    """
    require_torch()
    chosen = _chosen(tasks)
    excluded = frozenset(exclude_keys)
    settings = Settings(n_models, seed, limit, excluded_digest(excluded))
    store = open_destination(folder, settings)
    began = time.monotonic()
    waiting = [task for task in chosen if task.name not in store.done]
    for kind in (kind for kind in KINDS if any(task.kind == kind for task in waiting)):
        mine = [task for task in waiting if task.kind == kind]
        data = {task.name: load_task(task, excluded, limit, seed) for task in mine}
        keys = sorted({key for found in data.values() for key in found.keys})
        featurizer = featurizer_of(kind)
        raw = raw_features(kind, keys, featurizer, say)
        given = store.inputs.get(kind) or (inputs or {}).get(kind)
        world = given or Inputs.learn(
            kind, featurizer, raw[np.isfinite(raw).all(axis=1)], log=LOGARITHMIC[kind]
        )
        store.add_inputs(world)
        place = {key: i for i, key in enumerate(keys)}
        reference = world.transform(reference_materials(kind))
        for i, task in enumerate(mine):
            if minutes is not None and time.monotonic() - began > 60 * minutes:
                say(f"time is up; {len(mine) - i} tasks of the world {kind} wait: run the same again")
                return store.library()
            found = data[task.name]
            rows = world.scaled(raw[[place[key] for key in found.keys]])
            start = time.process_time()
            sources = train_task(task, found, rows, world, settings)
            seconds = time.process_time() - start
            store.add(sources, summary(task, sources, world, reference, seconds))
            say(_line(task, sources, found, seconds))
    return store.library()


def excluded_digest(keys: frozenset[str]) -> str:
    """Names a set of excluded keys; empty for none."""
    return hashlib.sha256("\n".join(sorted(keys)).encode()).hexdigest() if keys else ""


def held_out(keys: Sequence[str], seed: int) -> npt.NDArray[np.bool_]:
    """The keys on which no network is trained or stopped: the same for all tasks of a library.

    Examples
    --------
    >>> 100 < held_out([f"*{'C' * n}*" for n in range(1000)], seed=0).sum() < 200
    np.True_
    """
    digests = key_digests(f"held out {seed} {key}" for key in keys)
    return np.asarray(digests < np.uint64(TEST_SHARE * 2.0**64))


def train_task(
    task: Task, data: TaskData, features: Array, inputs: Inputs, settings: Settings
) -> TaskSources:
    """All networks of one task.

    Parameters
    ----------
    task : Task
    data : TaskData
    features : ndarray of float32, (n, d)
        Of the materials of ``data``, as ``inputs`` gives them; rows of NaN are left out.
    inputs : Inputs
    settings : Settings
    """
    have: npt.NDArray[np.bool_] = np.asarray(np.isfinite(features).all(axis=1))
    X, keys = features[have], [key for key, good in zip(data.keys, have, strict=True) if good]
    values = data.values[have]
    y = np.log10(values) if task.log else values
    test = held_out(keys, settings.seed)
    centre, spread = float(y[~test].mean()), float(y[~test].std())
    if not spread > 0:
        raise DataError(
            "all materials have the same value", where=task.name, hint="there is nothing to learn"
        )
    scaled = np.clip((y - centre) / spread, -CUT, CUT).astype(np.float32)
    rng = np.random.default_rng([settings.seed, *hashlib.sha256(task.name.encode()).digest()[:8]])
    scaling = Scaling.learn(X[~test]) if task.kind in SCALED_BY_TASK else None
    read = X if scaling is None else scaling(X)
    varying = read[~test].std(axis=0) > 0.02
    names = block_names(inputs.featurizer)
    groups = draw_groups(settings.n_models, [names[i] for i in inputs.columns], varying, rng)
    models: list[dict[str, Any]] = []
    columns, layers = [], []
    for group in groups:
        for plan, network, loss, start in _train_group(read[~test], scaled[~test], group, rng):
            if not all(np.isfinite(part).all() for pair in network for part in pair):
                LOG.warning("%s: a network diverged and is left out", task.name)
                continue
            models.append(_model_card(len(models), plan, group, loss, start))
            columns.append(group.columns)
            layers.append(network)
    card = task_card(task, data, settings) | {
        "centre": centre,
        "spread": spread,
        "features": inputs.digest,
        "split": f"by canonical key: {int(test.sum())} materials held out of training and stopping for the scores; "
        f"each network splits the other {int((~test).sum())} into its own training and validation keys",
    }
    done = TaskSources(
        task.name,
        card,
        tuple(models),
        tuple(columns),
        tuple(layers),
        seen_set(np.array(keys)[~test].tolist()),
        scaling,
    )
    return _scored(done, X[test], values[test], inputs)


def _train_group(
    X: Array, y: Array, group: Group, rng: np.random.Generator
) -> list[tuple[Plan, Layers, float, int]]:
    from hanten.transfer.networks import train_group

    start = int(rng.integers(2**31))
    masks = np.stack([_training_rows(len(y), plan) for plan in group.plans])
    networks, losses = train_group(np.ascontiguousarray(X[:, group.columns]), y, masks, group, start)
    return [
        (plan, half(network), float(loss), start)
        for plan, network, loss in zip(group.plans, networks, losses, strict=True)
    ]


def _training_rows(n: int, plan: Plan) -> npt.NDArray[np.bool_]:
    """Which rows (one per canonical key) a network learns from; it is stopped on the others."""
    order = np.random.default_rng(plan.split_seed).permutation(n)
    mask = np.ones(n, dtype=bool)
    mask[order[: max(1, round(plan.validation * n))]] = False
    return mask


def _model_card(number: int, plan: Plan, group: Group, loss: float, start: int) -> dict[str, Any]:
    return {
        "number": number,
        **plan.card(),
        "view": group.view,
        "seed": start,
        "scores": {"validation_r2": round(1 - loss, 4)},
    }


def _scored(sources: TaskSources, X: Array, values: npt.NDArray[np.float64], inputs: Inputs) -> TaskSources:
    """The same sources with their scores on the held-out keys in their cards."""
    models = []
    for i, model in enumerate(sources.models):
        found = sources.source(i, inputs).predict(X)
        models.append(
            {**model, "scores": {**model["scores"], **scores(values, found, log=sources.card["log"])}}
        )
    return replace(sources, models=tuple(models))


def scores(
    values: npt.NDArray[np.float64], found: npt.NDArray[np.float64], *, log: bool
) -> dict[str, float | int | None]:
    """R² (of the logarithm when that was learned) and mean absolute error in the unit of the property.

    Examples
    --------
    >>> scores(np.array([1.0, 2.0, 3.0]), np.array([1.0, 2.0, 2.0]), log=False)
    {'r2': 0.5, 'mae': 0.33333, 'n': 3}
    """
    a, b = (np.log10(values), np.log10(found)) if log else (values, found)
    around = float(((a - a.mean()) ** 2).sum()) if len(a) else 0.0
    r2 = round(1 - float(((a - b) ** 2).sum()) / around, 4) if around > 0 else None
    mae = float(f"{np.abs(values - found).mean():.5g}") if len(a) else None
    return {"r2": r2, "mae": mae, "n": len(values)}


def _line(task: Task, sources: TaskSources, data: TaskData, seconds: float) -> str:
    best = next(m for m in sources.models if m["number"] == best_number(sources))["scores"]
    return (
        f"{task.name}: {len(sources.models)} networks on {len(data.keys)} materials in {seconds:.0f} CPU s; "
        f"best R² {best['r2']}, MAE {best['mae']} {task.property_.unit} (held out: {best['n']})"
    )


def _chosen(tasks: str | Task | Iterable[str | Task] | None) -> list[Task]:
    if tasks is None:
        return list(TASKS)
    wanted = [tasks] if isinstance(tasks, str | Task) else list(tasks)
    found: dict[str, Task] = {}
    for item in wanted:
        members = [t for t in TASKS if t.kind == item] if item in KINDS else [get_task(item)]
        found |= {task.name: task for task in members}
    if not found:
        raise ConfigError("no task to train is named", hint="name tasks, or give None for all")
    return list(found.values())
