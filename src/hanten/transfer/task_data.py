"""The rows of a source task: one canonical key, one value, in the unit of the property."""

from __future__ import annotations

import bz2
import io
import json
import logging
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from rdkit import rdBase

from hanten.data.catalog import get_dataset
from hanten.data.fetching import locate
from hanten.data.readers import load_dataset
from hanten.errors import DataError, StructureError
from hanten.transfer.keys import canonical_key
from hanten.transfer.tasks import Part, Task

LOG = logging.getLogger(__name__)
MIN_KEYS = 40


@dataclass(frozen=True)
class TaskData:
    """What the networks of a task learn from.

    Parameters
    ----------
    keys : tuple of str
        Canonical keys, each once, sorted.
    values : ndarray of float, (n,)
        In the unit of the property; the median where a material has several.
    rows : int
        Rows read.
    refused : int
        Rows that are no material or no plausible value.
    excluded : int
        Materials left out because the caller said so.
    """

    keys: tuple[str, ...]
    values: npt.NDArray[np.float64]
    rows: int
    refused: int
    excluded: int = 0


def load_task(
    task: Task, exclude_keys: Iterable[str] = (), limit: int | None = None, seed: int = 0
) -> TaskData:
    """Read the public data of a task and join rows of the same material.

    Parameters
    ----------
    task : Task
    exclude_keys : iterable of str
        Canonical keys that no network may see.
    limit : int, optional
        At most so many materials, drawn by a digest of the key, so that tasks share their materials.
    seed : int
        Changes the draw.

    Raises
    ------
    DataError
        If the data is not on this machine, or fewer than 40 materials are left.
    """
    frames = [_part(task, part) for part in task.parts]
    frame = pd.concat(frames, ignore_index=True)
    good = frame[frame["key"].notna() & np.isfinite(frame["value"])]
    if task.log:
        good = good[good["value"] > 0]
    joined = good.groupby("key", sort=True)["value"].median()
    excluded = joined.index.isin(set(exclude_keys))
    kept = _subsample(joined[~excluded], limit, seed)
    if len(kept) < MIN_KEYS:
        raise DataError(
            f"{len(kept)} materials are left, and {MIN_KEYS} are needed to train on", where=task.name
        )
    return TaskData(
        tuple(kept.index),
        np.asarray(kept, dtype=np.float64),
        len(frame),
        len(frame) - len(good),
        int(excluded.sum()),
    )


def _subsample(series: pd.Series[float], limit: int | None, seed: int) -> pd.Series[float]:
    if limit is None or len(series) <= limit:
        return series
    from hanten.transfer.keys import key_digests

    order = np.argsort(key_digests(f"{seed} {key}" for key in series.index))
    return series.iloc[np.sort(order[:limit])]


def _part(task: Task, part: Part) -> pd.DataFrame:
    if not part.files:
        return _records(task, part)
    files = locate(part.dataset)
    table = pd.concat([_read(files[file]) for file in part.files], ignore_index=True)
    raw = pd.to_numeric(table[part.value], errors="coerce").to_numpy(float)
    values = np.power(10.0, raw) if part.log10 else raw * part.factor
    low, high = task.limits
    values[~((values >= low) & (values <= high))] = np.nan
    return pd.DataFrame({"key": _keys(tuple(table[part.structure]), task.kind), "value": values})


@lru_cache(maxsize=8)
def _all_records(dataset: str) -> pd.DataFrame:
    return load_dataset(dataset, clean=True)


def _records(task: Task, part: Part) -> pd.DataFrame:
    frame = _all_records(part.dataset)
    chosen = frame[(frame["property"] == task.property_.name) & frame["method"].isin(part.method.split(", "))]
    if task.kind == "molecule" and get_dataset(part.dataset).kind == "polymer":
        return _solvent_effects(chosen)
    return pd.DataFrame({"key": chosen["canonical"], "value": chosen["value"]})


def _solvent_effects(frame: pd.DataFrame) -> pd.DataFrame:
    """The main effect of the solvent: its values less the mean of their polymer and method."""
    centred = frame["value"] - frame.groupby(["canonical", "method"])["value"].transform("mean")
    table = pd.DataFrame({"key": _keys(tuple(frame["solvent"]), "molecule"), "value": centred})
    means = table.groupby("key")["value"].mean()
    return pd.DataFrame({"key": means.index, "value": means.to_numpy()})


def _read(path: Path) -> pd.DataFrame:
    if path.name.endswith(".json.bz2"):
        return pd.DataFrame(json.load(io.TextIOWrapper(bz2.open(path), encoding="utf-8")))
    return pd.read_csv(path)


@lru_cache(maxsize=4)
def _keys(texts: tuple[Any, ...], kind: str) -> list[str | None]:
    known: dict[Any, str | None] = {}
    with rdBase.BlockLogs():
        for text in dict.fromkeys(texts):
            try:
                known[text] = canonical_key(text, kind)
            except StructureError as error:
                LOG.debug("not used: %s", error)
                known[text] = None
    return [known[text] for text in texts]
