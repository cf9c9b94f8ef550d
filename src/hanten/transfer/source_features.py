"""What source models say of a structure, as columns: predictions, hidden layers, or what the networks read.

With it a transfer model is an ordinary property model: strings in, columns of descriptors and of sources, a regressor that
knows which are which. The bundle of such a model holds the networks, so that it needs nothing else.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt

from hanten.chem import Composition, Molecule
from hanten.errors import ConfigError, StructureError, did_you_mean
from hanten.features.base import StructureTransformer
from hanten.features.structure import Structure, prepare
from hanten.models.property_model import PropertyModel
from hanten.transfer.inputs import Inputs
from hanten.transfer.scaling import Scaling
from hanten.transfer.source import SourceModel
from hanten.transfer.store import TaskSources, pack, unpack

Arrays = dict[str, npt.NDArray[Any]]
WHAT = ("prediction", "hidden", "inputs")
FLOOR = 1e-2  # of the middle of the training values: least prediction of which a logarithm is taken


class SourceFeatures(StructureTransformer):
    """Columns from source models.

    Parameters
    ----------
    sources : sequence of SourceModel or PropertyModel
        Networks of a library, or whole property models (their prediction only).
    what : {"prediction", "hidden", "inputs"}
        One column per task, the mean over its networks; the activations of hidden layers, network by network; or the features
        that the first network reads, for fine-tuning.
    layers : sequence of int
        For ``"hidden"``: ``1, 2, …`` from the input or ``-1, -2, …`` from the output.
    activation : {"post", "pre"}
    logarithms : sequence of str
        Properties whose predictions are given as natural logarithms; those that a source learned as logarithms always are.
    errors, n_jobs
        See :class:`~hanten.features.base.StructureTransformer`.

    Notes
    -----
    Sources of compositions read :class:`~hanten.chem.Composition` objects, and the elements of structures; a string is
    always a structure here, for ``CO`` may be either.
    """

    definition: ClassVar[int] = 1

    def __init__(
        self,
        sources: Sequence[Any] = (),
        what: str = "prediction",
        layers: Sequence[int] = (-1,),
        activation: str = "post",
        logarithms: Sequence[str] = (),
        *,
        errors: str = "raise",
        n_jobs: int | None = None,
    ) -> None:
        self.sources, self.what, self.layers, self.activation = sources, what, layers, activation
        self.logarithms = logarithms
        super().__init__(errors=errors, n_jobs=n_jobs)

    def __sklearn_clone__(self) -> Self:
        """A clone shares the networks: they never change."""
        return type(self)(**self.get_params(deep=False))

    def blocks(self) -> list[tuple[int, int]]:
        """First column and end of each source's features: of each network, or of each task's prediction."""
        ends = np.cumsum([0, *self._widths()]).tolist()
        return [(ends[i], ends[i + 1]) for i in range(len(ends) - 1)]

    def tasks(self) -> dict[str, list[Any]]:
        """The sources by task, in order."""
        found: dict[str, list[Any]] = {}
        for source in self.sources:
            found.setdefault(task_of(source), []).append(source)
        return found

    def only(self, chosen: Sequence[int]) -> SourceFeatures:
        """The same features of some of the sources."""
        parameters = self.get_params(deep=False) | {"sources": [self.sources[i] for i in chosen]}
        return type(self)(**parameters)

    # What a featurizer writes ------------------------------------------------------------------------------

    def _check(self) -> None:
        if self.what not in WHAT:
            raise ConfigError(f"what={self.what!r} is not a choice", hint=did_you_mean(self.what, WHAT))
        if not len(self.sources):
            raise ConfigError("there are no sources", hint="hanten.transfer.open_library().load_all(TASK)")
        if self.what != "prediction" and any(isinstance(one, PropertyModel) for one in self.sources):
            raise ConfigError("a property model has no hidden layers", hint='what="prediction"')

    def _widths(self) -> list[int]:
        if self.what == "inputs":
            return [int(self.sources[0].inputs.width)]
        if self.what == "prediction":
            return [1] * len(self.tasks())
        return [sum(source.widths[_place(source, layer)] for layer in self.layers) for source in self.sources]

    def _names(self) -> list[str]:
        if self.what == "prediction":
            return [f"source_{task}" for task in self.tasks()]
        if self.what == "inputs":
            return [f"source_input_{i}" for i in range(self._width())]
        return [
            f"{source.name}_L({layer})_{i}"
            for source in self.sources
            for layer in self.layers
            for i in range(source.widths[_place(source, layer)])
        ]

    def _width(self) -> int:
        return sum(self._widths())

    def _chunk(
        self, items: Sequence[Any], *, canonical: bool
    ) -> tuple[npt.NDArray[np.float32], dict[int, str]]:
        out = np.full((len(items), self._width()), np.nan, dtype=np.float32)
        bad: dict[int, str] = {}
        read: list[Structure | Composition | None] = []
        for i, item in enumerate(items):
            try:
                read.append(item if isinstance(item, Composition) else prepare(item, canonical=canonical))
            except StructureError as error:
                bad[i] = str(error)
                read.append(None)
        good = [i for i, item in enumerate(read) if item is not None]
        if good:
            out[good] = self._columns([read[i] for i in good])
            for i in good:
                if not np.isfinite(out[i]).all():
                    bad[i] = f"a source has no features for {str(items[i])!r}"
                    out[i] = np.nan
        return out, bad

    def _columns(self, items: list[Any]) -> npt.NDArray[np.float64]:
        known: dict[str, Any] = {}
        if self.what == "inputs":
            return np.asarray(_inputs(self.sources[0], items, known), dtype=float)
        if self.what == "hidden":
            parts = [
                source.hidden(_inputs(source, items, known), layer, activation=self.activation)
                for source in self.sources
                for layer in self.layers
            ]
            return np.hstack(parts).astype(float)
        columns = [
            np.mean([self._prediction(one, items, known) for one in members], axis=0)
            for members in self.tasks().values()
        ]
        return np.column_stack(columns)

    def _prediction(self, source: Any, items: list[Any], known: dict[str, Any]) -> npt.NDArray[np.float64]:
        if isinstance(source, PropertyModel):
            mean, _ = source.predict_latent(items)
            if source.property_.name in self.logarithms and not source.log:
                mean = np.log(np.maximum(mean, FLOOR * abs(float(source.card["range"]["median"]))))
            return np.asarray(mean)
        said = source.predict(_inputs(source, items, known))
        if source.log:
            return np.asarray(np.log(said))
        if source.property_name in self.logarithms:
            return np.asarray(np.log(np.maximum(said, FLOOR * abs(source.centre))))
        return np.asarray(said)

    # The bundle --------------------------------------------------------------------------------------------

    def get_config(self) -> dict[str, Any]:
        """Plain JSON values; the networks are in :meth:`get_arrays`."""
        config = super().get_config()
        config["parameters"] |= {
            "sources": [task_of(one) for one in self.sources],
            "layers": list(self.layers),
            "logarithms": list(self.logarithms),
        }
        return config

    def get_arrays(self) -> Arrays:
        """The networks and models as arrays, for :meth:`from_config`."""
        arrays: Arrays = {}
        described: list[dict[str, Any]] = []
        worlds: dict[str, int] = {}
        for i, (task, members) in enumerate(self.tasks().items()):
            if isinstance(members[0], PropertyModel):
                from hanten.models.bundle import dump_bundle

                arrays[f"{i}.bundle"] = np.frombuffer(dump_bundle(members[0]), dtype=np.uint8)
                described.append({"task": task, "bundle": True})
                continue
            inputs = members[0].inputs
            if inputs.digest not in worlds:
                worlds[inputs.digest] = len(worlds)
                arrays |= {f"inputs{worlds[inputs.digest]}.{k}": v for k, v in inputs.arrays().items()}
            tensors, text = pack(_as_task(members))
            arrays |= {f"{i}.{key}": value for key, value in tensors.items()} | {
                f"{i}.seen": members[0].seen_keys
            }
            described.append(
                {"task": task, "inputs": worlds[inputs.digest], "config": inputs.config(), "text": text}
            )
        order = [task_of(one) for one in self.sources]
        whole = {"tasks": described, "order": order, "numbers": [_number(one) for one in self.sources]}
        return arrays | {"description": np.frombuffer(json.dumps(whole).encode(), dtype=np.uint8)}

    @classmethod
    def from_config(cls, parameters: dict[str, Any], arrays: Arrays) -> SourceFeatures:
        """The inverse of :meth:`get_config` and :meth:`get_arrays`.

        Raises
        ------
        BundleError
            If the features that the networks read are not those they were trained on.
        """
        said = json.loads(arrays["description"].tobytes().decode())
        found: dict[tuple[str, int], Any] = {}
        worlds: dict[int, Inputs] = {}
        for i, task in enumerate(said["tasks"]):
            if task.get("bundle"):
                from hanten.models.bundle import read_bundle

                found[task["task"], 0] = read_bundle(arrays[f"{i}.bundle"].tobytes())
                continue
            number = task["inputs"]
            if number not in worlds:
                own = {k.partition(".")[2]: v for k, v in arrays.items() if k.startswith(f"inputs{number}.")}
                worlds[number] = Inputs.restore(task["config"], own, "sources of the bundle")
            names = ("weights", "columns", "scaling")
            tensors = {key: arrays[f"{i}.{key}"] for key in names if f"{i}.{key}" in arrays}
            sources = unpack(tensors, task["text"], arrays[f"{i}.seen"])
            for k, model in enumerate(sources.models):
                found[task["task"], int(model["number"])] = sources.source(k, worlds[number])
        ordered = [found[key] for key in zip(said["order"], said["numbers"], strict=True)]
        return cls(**(parameters | {"sources": ordered}))


def task_of(source: Any) -> str:
    """The task of a network, or the property of a model.

    Examples
    --------
    >>> import hanten
    >>> task_of(hanten.load_model("density"))
    'model/density'
    """
    if isinstance(source, PropertyModel):
        return f"model/{source.property_.name}"
    return str(source.name).rpartition("/")[0]


def _number(source: Any) -> int:
    return 0 if isinstance(source, PropertyModel) else int(str(source.name).rpartition("/")[2])


def _place(source: SourceModel, layer: int) -> int:
    if not 1 <= abs(layer) <= source.n_layers:
        raise ConfigError(f"{source.name} has no hidden layer {layer}", hint=f"it has {source.n_layers}")
    return layer - 1 if layer > 0 else source.n_layers + layer


def _inputs(source: SourceModel, items: list[Any], known: dict[str, Any]) -> Any:
    """What the networks of a world read; computed once for all of them."""
    key = source.inputs.digest
    if key not in known:
        entries = items if source.kind != "composition" else [_writing(item) for item in items]
        known[key] = source.featurize(entries, errors="nan")
    return known[key]


def _writing(item: Structure | Composition) -> Any:
    if isinstance(item, Composition):
        return item
    return item.text if item.is_polymer else Molecule(item.text)


def _as_task(members: list[SourceModel]) -> TaskSources:
    first = members[0]
    card = {**first.card, "property": first.property_name, "unit": first.unit}
    card |= {"centre": first.centre, "spread": first.spread, "log": first.log}
    models = tuple({"number": _number(one), "widths": list(one.widths)} for one in members)
    columns, layers = tuple(one.columns for one in members), tuple(one.layers for one in members)
    scaling = Scaling.joined([(one.scaling, one.columns) for one in members], first.inputs.width)
    return TaskSources(task_of(first), card, models, columns, layers, first.seen_keys, scaling)
