"""How a library of source models lies on disk: tensors per task, JSON cards, one index with every digest.

::

    index.json                                  what there is; SHA-256 and size of every file; its own digest
    inputs-polymer.safetensors                  scaling of the features of a world
    polymer/density.safetensors, density.json   all networks of a task, and their model cards
    seen/4f1c....safetensors                    digests of the keys that tasks were trained or stopped on

The files of a task are written before the index names them, so that a task is either there as a whole or not at all.
Weights are stored in half precision; every score of a card was measured after that rounding. The digests guard
against damage and half copies; nothing in the files is ever executed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError
from safetensors.numpy import load, save

from hanten._version import __version__
from hanten.errors import BundleError
from hanten.runs import atomic_write
from hanten.transfer.inputs import Inputs
from hanten.transfer.keys import Digests
from hanten.transfer.scaling import Scaling
from hanten.transfer.source import SourceModel

FORMAT, FORMAT_VERSION = "hanten source library", 2  # 2: a task may scale its features itself
INDEX = "index.json"
Layers = tuple[tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]], ...]


@dataclass(frozen=True, eq=False)
class TaskSources:
    """All networks of one task.

    Parameters
    ----------
    name : str
        ``world/property`` or ``world/property@variant``.
    card : dict
        What the networks share: ``property``, ``unit``, ``log``, ``centre``, ``spread``, data, licence, ...
    models : tuple of dict
        What each has of its own: ``number``, ``widths``, ``scores``, ``seed``, ...
    columns, layers : tuples, one entry per network
    seen : ndarray of uint64
    scaling : Scaling, optional
        Of all columns of the inputs, over the materials of the task.
    """

    name: str
    card: dict[str, Any]
    models: tuple[dict[str, Any], ...]
    columns: tuple[npt.NDArray[np.int64], ...] = field(repr=False)
    layers: tuple[Layers, ...] = field(repr=False)
    seen: Digests = field(repr=False)
    scaling: Scaling | None = field(default=None, repr=False)

    def source(self, i: int, inputs: Inputs) -> SourceModel:
        """Network ``i`` of the task."""
        return SourceModel(
            f"{self.name}/{self.models[i]['number']:04d}",
            self.name.partition("/")[0],
            self.card["property"],
            self.card["unit"],
            {**self.card, **self.models[i]},
            inputs,
            self.columns[i],
            self.layers[i],
            self.card["centre"],
            self.card["spread"],
            self.card["log"],
            self.seen,
            None if self.scaling is None else self.scaling.only(self.columns[i]),
        )

    def only(self, chosen: list[int]) -> TaskSources:
        """The same task with some of its networks."""
        return replace(
            self,
            models=tuple(self.models[i] for i in chosen),
            columns=tuple(self.columns[i] for i in chosen),
            layers=tuple(self.layers[i] for i in chosen),
        )


def half(layers: Layers) -> Layers:
    """The layers as they will be read back: rounded to half precision."""
    return tuple(
        (w.astype(np.float16).astype(np.float32), b.astype(np.float16).astype(np.float32)) for w, b in layers
    )


def pack(sources: TaskSources) -> tuple[dict[str, npt.NDArray[Any]], dict[str, Any]]:
    """Tensors and JSON of a task: the weights of all its networks, stacked end to end."""
    flat = [part.ravel() for layers in sources.layers for pair in layers for part in pair]
    tensors: dict[str, npt.NDArray[Any]] = {
        "weights": np.concatenate(flat).astype(np.float16),
        "columns": np.concatenate(sources.columns).astype(np.uint16),
    }
    if sources.scaling is not None:
        tensors["scaling"] = sources.scaling.array()
    models = [
        {**model, "n_columns": len(columns)}
        for model, columns in zip(sources.models, sources.columns, strict=True)
    ]
    return tensors, {"name": sources.name, "card": sources.card, "models": models}


def unpack(
    tensors: Mapping[str, npt.NDArray[Any]], described: Mapping[str, Any], seen: Digests
) -> TaskSources:
    """The inverse of :func:`pack`.

    Raises
    ------
    BundleError
        If tensors and description do not fit together.
    """
    weights, every_column = tensors["weights"].astype(np.float32), tensors["columns"].astype(np.int64)
    at, column_at, networks, columns = 0, 0, [], []
    for model in described["models"]:
        n_columns = int(model["n_columns"])
        columns.append(every_column[column_at : column_at + n_columns])
        column_at += n_columns
        sizes = [n_columns, *map(int, model["widths"]), 1]
        layers = []
        for a, b in pairwise(sizes):
            matrix, bias = weights[at : at + a * b], weights[at + a * b : at + a * b + b]
            layers.append((matrix.reshape(a, b), bias))
            at += a * b + b
        networks.append(tuple(layers))
    if at != len(weights) or column_at != len(every_column):
        raise BundleError(f"{described['name']}: the tensors hold {len(weights)} weights, the cards say {at}")
    return TaskSources(
        described["name"],
        dict(described["card"]),
        tuple(described["models"]),
        tuple(columns),
        tuple(networks),
        seen,
        Scaling.restore(tensors.get("scaling")),
    )


class Folder:
    """A library on disk; every read is checked against the index.

    Parameters
    ----------
    path : path
    index : dict
        As :func:`read_index` gives it.
    """

    def __init__(self, path: Path, index: dict[str, Any]) -> None:
        self.path, self.index = path, index

    @classmethod
    def open(cls, path: str | Path) -> Folder:
        """Open a library and see that all its files are there.

        Raises
        ------
        BundleError
            If it is no library, changed, too new, or not all there.
        """
        folder = cls(Path(path), read_index(path))
        missing = folder.missing()
        if missing:
            raise BundleError(
                f"{len(missing)} of {len(folder.index['files'])} files are missing or cut off, first {missing[0]}",
                where=str(path),
                hint="the library is half fetched: run the same `hanten library fetch` (or `hanten library train`) "
                "again, it goes on where it stopped",
            )
        return folder

    @classmethod
    def create(cls, path: str | Path, settings: dict[str, Any]) -> Folder:
        """An empty library, written at once."""
        index = {
            "format": FORMAT,
            "format_version": FORMAT_VERSION,
            "hanten": __version__,
            "settings": settings,
            "inputs": {},
            "files": {},
            "tasks": {},
        }
        folder = cls(Path(path), index)
        folder.path.mkdir(parents=True, exist_ok=True)
        folder.write_index()
        return folder

    def missing(self) -> list[str]:
        """Files that are not there or have another size."""
        found = []
        for name, entry in self.index["files"].items():
            path = self.path / name
            if not path.is_file() or path.stat().st_size != entry["size"]:
                found.append(name)
        return found

    def read(self, name: str) -> bytes:
        """The bytes of a file of the library.

        Raises
        ------
        BundleError
            If they are not those the index names.
        """
        where = str(self.path / name)
        try:
            data = (self.path / name).read_bytes()
        except OSError as error:
            raise BundleError(
                f"cannot be read: {error.strerror}", where=where, hint="fetch the library again"
            ) from error
        if hashlib.sha256(data).hexdigest() != self.index["files"][name]["sha256"]:
            raise BundleError(
                "was changed after it was saved: its digest does not match",
                where=where,
                hint="remove it and fetch or train the library again",
            )
        return data

    def tensors(self, name: str) -> dict[str, npt.NDArray[Any]]:
        """The tensors of a file of the library."""
        try:
            return dict(load(self.read(name)))
        except (SafetensorError, ValueError) as error:
            raise BundleError(f"is no tensor file: {error}", where=str(self.path / name)) from error

    def inputs(self, kind: str) -> Inputs:
        """What the sources of a world read."""
        entry = self.index["inputs"][kind]
        return Inputs.restore(entry["config"], self.tensors(entry["file"]), where=str(self.path))

    def sources(self, name: str) -> TaskSources:
        """All networks of a task."""
        entry = self.index["tasks"][name]
        described = json.loads(self.read(entry["card"]))
        seen = self.tensors(entry["seen"])["seen"]
        try:
            return unpack(self.tensors(entry["tensors"]), described, seen)
        except (KeyError, TypeError, ValueError) as error:
            if isinstance(error, BundleError):
                raise
            raise BundleError(f"{name} does not fit together: {error!r}", where=str(self.path)) from error

    def write_inputs(self, inputs: Inputs) -> None:
        """Store what the sources of a world read."""
        name = f"inputs-{inputs.kind}.safetensors"
        self._write(name, save(inputs.arrays()))
        self.index["inputs"][inputs.kind] = {
            "file": name,
            "config": inputs.config(),
            "digest": inputs.digest,
        }
        self.write_index()

    def write_sources(self, sources: TaskSources, summary: dict[str, Any]) -> None:
        """Store the networks of a task; they count once the index names them."""
        tensors, described = pack(sources)
        seen = save({"seen": sources.seen})
        seen_name = f"seen/{hashlib.sha256(seen).hexdigest()[:16]}.safetensors"
        names = {"tensors": f"{sources.name}.safetensors", "card": f"{sources.name}.json", "seen": seen_name}
        self._write(names["tensors"], save(tensors))
        self._write(names["card"], to_json(described))
        self._write(seen_name, seen)
        self.index["tasks"][sources.name] = {**names, **summary}
        self.write_index()

    def write_index(self) -> None:
        """Write the index with its own digest, without blanks: most of it are ranks of the reference materials."""
        whole = {**self.index, "digest": index_digest(self.index)}
        text = json.dumps(whole, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
        with atomic_write(self.path / INDEX, "wb") as handle:
            handle.write(text.encode())

    def _write(self, name: str, data: bytes) -> None:
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with atomic_write(path, "wb") as handle:
            handle.write(data)
        self.index["files"][name] = {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data)}


def read_index(path: str | Path) -> dict[str, Any]:
    """The index of a library.

    Raises
    ------
    BundleError
        If there is none, or it was changed, or a newer hanten wrote it.
    """
    where = str(path)
    try:
        data = (Path(path) / INDEX).read_bytes()
    except OSError as error:
        raise BundleError(
            "holds no library of source models: there is no index.json",
            where=where,
            hint="`hanten library train -o FOLDER` makes one, `hanten library fetch` copies one",
        ) from error
    return parse_index(data, where)


def parse_index(data: bytes, where: str) -> dict[str, Any]:
    """The index in these bytes, checked against its own digest."""
    try:
        index = json.loads(data)
        digest, version = index.pop("digest"), index["format_version"]
        known = index["format"] == FORMAT and isinstance(version, int)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BundleError(
            "index.json is not that of a library of source models", where=where, hint="fetch it again"
        ) from error
    if not known:
        raise BundleError("index.json is not that of a library of source models", where=where)
    if version > FORMAT_VERSION:
        text = f"the library has format {version}, and this hanten {__version__} reads up to {FORMAT_VERSION}"
        raise BundleError(text, where=where, hint="update hanten: pip install -U hanten")
    if digest != index_digest(index):
        raise BundleError(
            "index.json was changed after it was saved: its digest does not match",
            where=where,
            hint="fetch the library again",
        )
    for name in index["files"]:
        if Path(name).is_absolute() or ".." in Path(name).parts:
            raise BundleError(f"index.json names the file {name!r} outside the library", where=where)
    return dict(index)


def index_digest(index: dict[str, Any]) -> str:
    """SHA-256 of the index without its own digest."""
    return hashlib.sha256(to_json({k: v for k, v in index.items() if k != "digest"})).hexdigest()


def to_json(value: Any) -> bytes:
    """JSON as this room writes it."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, indent=1, allow_nan=False).encode()
