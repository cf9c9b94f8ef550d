"""The library of source models: what there is, which suit, load one."""

from __future__ import annotations

import os
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hanten.errors import ConfigError, UnknownNameError, did_you_mean
from hanten.properties import get_property
from hanten.transfer.inputs import Inputs
from hanten.transfer.keys import check_kind
from hanten.transfer.query import Query, checked, parse_query, unknown_word
from hanten.transfer.references import rank_correlation
from hanten.transfer.source import SourceModel
from hanten.transfer.store import Folder, TaskSources

if TYPE_CHECKING:
    import pandas as pd

BUNDLED = Path(__file__).parent / "bundled"
VARIABLE = "HANTEN_LIBRARY"
NEAR = 0.5  # least absolute rank correlation on the reference materials
COLUMNS = [
    "task", "kind", "property", "unit", "method", "r2", "mae", "materials", "models", "data", "best", "note",
]  # fmt: skip


class Library:
    """Source models by task; tensors are read when a model is asked for.

    Parameters
    ----------
    folder : Folder, optional
        An opened library folder, see :func:`open_library`; ``None`` for one in memory, see :meth:`in_memory`.
    index : dict, optional
        What the index says of each task; that of the folder without it.
    inputs, sources : dict, optional
        Worlds and tasks that are in memory already.

    Examples
    --------
    >>> library = open_library()
    >>> library.search("polymers, near refractive index, R2 > 0.8").head(3)["kind"].unique().tolist()
    ['polymer']
    >>> source = library.best("Tg", kind="polymer")
    >>> source.unit, source.predict(source.featurize(["*CC(*)c1ccccc1"])).shape
    ('K', (1,))
    """

    def __init__(
        self,
        folder: Folder | None,
        index: dict[str, dict[str, Any]] | None = None,
        inputs: dict[str, Inputs] | None = None,
        sources: dict[str, TaskSources] | None = None,
    ) -> None:
        self.folder = folder
        self.index = index if index is not None else folder.index["tasks"] if folder else {}
        self._inputs, self._sources = inputs or {}, sources or {}

    @classmethod
    def in_memory(
        cls,
        inputs: dict[str, Inputs],
        sources: dict[str, TaskSources],
        summaries: dict[str, dict[str, Any]],
    ) -> Library:
        """A library of tasks just trained."""
        return cls(None, dict(summaries), dict(inputs), dict(sources))

    def __len__(self) -> int:
        """Number of source models."""
        return sum(entry["n_models"] for entry in self.index.values())

    def __repr__(self) -> str:
        place = "in memory" if self.folder is None else str(self.folder.path)
        return f"<library of {len(self)} source models of {len(self.index)} tasks, {place}>"

    # What there is -----------------------------------------------------------------------------------------

    def table(self, kind: str | None = None) -> pd.DataFrame:
        """One row per task.

        Parameters
        ----------
        kind : {"polymer", "molecule", "composition"}, optional

        Returns
        -------
        pandas.DataFrame
            ``task, kind, property, unit, method, r2, mae, materials, models, data, best, note``; ``r2`` and ``mae`` are
            those of the best model on held-out keys (R² of the logarithm where that was learned), ``best`` its name
            for :meth:`load`.
        """
        import pandas as pd

        if kind is not None:
            check_kind(kind)
        rows = [_row(name, entry) for name, entry in self.index.items() if kind in (None, entry["kind"])]
        return pd.DataFrame(rows, columns=COLUMNS).reset_index(drop=True)

    def search(
        self,
        text: str | None = None,
        *,
        kind: str | None = None,
        near: str | None = None,
        min_r2: float | None = None,
        min_materials: int | None = None,
        without: Iterable[str] = (),
    ) -> pd.DataFrame:
        """The tasks that answer, the nearest or the best first.

        Parameters
        ----------
        text : str, optional
            In words, see :func:`hanten.transfer.query.parse_query`: ``"polymers, near refractive index, R2 > 0.8"``.
        kind, near, min_r2, min_materials, without
            See :class:`hanten.transfer.query.Query`; they hold besides ``text``.

        Returns
        -------
        pandas.DataFrame
            As :meth:`table`, with ``nearness`` when ``near`` is given: the largest absolute rank correlation with a
            task of that property on the reference materials of the world; 1 for the property itself. Tasks below
            0.5 are left out. In a world without that property only the nearness of names counts.

        Raises
        ------
        UnknownNameError, ConfigError
            If a word, property, world or data set is not known.
        """
        said = parse_query(text) if text is not None else Query()
        asked = Query(
            kind or said.kind,
            near or said.near,
            said.min_r2 if min_r2 is None else min_r2,
            said.min_materials if min_materials is None else min_materials,
            said.words,
            (*said.without, *without),
        )
        query = checked(asked)
        for word in query.words:
            if not any(word in _haystack(name, entry) for name, entry in self.index.items()):
                raise unknown_word(word, {entry["property"] for entry in self.index.values()})
        frame = self.table(query.kind)
        keep = [self._answers(name, query) for name in frame["task"]]
        frame = frame[keep].copy()
        if query.near is not None:
            frame.insert(0, "nearness", [self.nearness(name, query.near) for name in frame["task"]])
            frame = frame[frame["nearness"] >= NEAR].sort_values(["nearness", "r2"], ascending=False)
        else:
            frame = frame.sort_values("r2", ascending=False)
        return frame.reset_index(drop=True)

    def nearness(self, task: str, property_name: str) -> float:
        """How alike a task and a property rank the reference materials, in [0, 1]."""
        entry, name = self.index[self._task(task)], get_property(property_name).name
        if entry["property"] == name:
            return 1.0
        others = [e for e in self.index.values() if e["kind"] == entry["kind"] and e["property"] == name]
        return max(
            (abs(rank_correlation(entry["reference"], other["reference"])) for other in others), default=0.0
        )

    def _answers(self, name: str, query: Query) -> bool:
        entry = self.index[name]
        return (
            (query.min_r2 is None or (entry["r2"] is not None and entry["r2"] >= query.min_r2))
            and (query.min_materials is None or entry["n_materials"] >= query.min_materials)
            and not set(query.without) & set(entry["datasets"])
            and all(word in _haystack(name, entry) for word in query.words)
        )

    # Models ------------------------------------------------------------------------------------------------

    def names(self, task: str | None = None) -> list[str]:
        """Names of all source models, or of those of one task."""
        chosen = list(self.index) if task is None else [self._task(task)]
        return [f"{name}/{number:04d}" for name in chosen for number in self.index[name]["numbers"]]

    def load(self, name: str) -> SourceModel:
        """A source model by name; the best of a task by the task's name.

        Parameters
        ----------
        name : str
            ``"polymer/density/0007"``, ``"polymer/density"``, or ``"density"`` when one world only has it.

        Raises
        ------
        UnknownNameError
            With the closest names.
        BundleError
            If a file was changed, is missing, or was made for other features than this version computes.
        """
        task, _, number = name.rpartition("/")
        if not number.isdigit():
            task = self._task(name)
            number = str(self.index[task]["best"])
        task = self._task(task)
        if int(number) not in self.index[task]["numbers"]:
            text = f"the library has no model {number} of {task}"
            raise UnknownNameError(
                text, hint=f"it has {len(self.index[task]['numbers'])}, for instance {self.names(task)[0]}"
            )
        sources = self.sources(task)
        at = [model["number"] for model in sources.models].index(int(number))
        return sources.source(at, self.inputs(sources.name.partition("/")[0]))

    def load_all(self, task: str) -> list[SourceModel]:
        """All source models of a task, the best validation score first."""
        sources = self.sources(task)
        inputs = self.inputs(sources.name.partition("/")[0])
        order = sorted(
            range(len(sources.models)), key=lambda i: -sources.models[i]["scores"]["validation_r2"]
        )
        return [sources.source(i, inputs) for i in order]

    def best(self, property: str, kind: str | None = None) -> SourceModel:  # noqa: A002 -- the word the user knows
        """The best model of a property; of its tasks, that with the highest held-out R².

        Parameters
        ----------
        property : str
            Name or alias of the property, or the name of a task.
        kind : {"polymer", "molecule", "composition"}, optional
            Needed when several worlds have the property.
        """
        if property in self.index:
            return self.load(property)
        wanted = get_property(property).name
        found = {
            name: entry
            for name, entry in self.index.items()
            if entry["property"] == wanted and kind in (None, entry["kind"])
        }
        if not found:
            place = "" if kind is None else f" among {check_kind(kind)}s"
            known = {entry["property"] for entry in self.index.values()}
            raise UnknownNameError(
                f"the library has no source model of {wanted}{place}", hint=did_you_mean(wanted, known)
            )
        worlds = sorted({entry["kind"] for entry in found.values()})
        if len(worlds) > 1:
            raise ConfigError(f"{' and '.join(worlds)} sources have {wanted}", hint='say which: kind="..."')
        return self.load(max(found, key=lambda name: found[name]["r2"] or -1.0))

    def inputs(self, kind: str) -> Inputs:
        """What all source models of a world read: featurize once, use for all of them."""
        if kind not in self._inputs:
            worlds = sorted({entry["kind"] for entry in self.index.values()})
            if check_kind(kind) not in worlds or self.folder is None:
                raise UnknownNameError(
                    f"the library has no sources of {kind}s", hint=f"it has {', '.join(worlds)}"
                )
            self._inputs[kind] = self.folder.inputs(kind)
        return self._inputs[kind]

    def sources(self, task: str) -> TaskSources:
        """The networks of a task as they are stored."""
        name = self._task(task)
        if name not in self._sources:
            assert self.folder is not None  # a library in memory has the sources of all its tasks
            self._sources[name] = self.folder.sources(name)
        return self._sources[name]

    def card(self, name: str) -> dict[str, Any]:
        """The model card of a source model, or of the best of a task."""
        return self.load(name).card

    def _task(self, name: str) -> str:
        if name in self.index:
            return name
        found = [known for known in self.index if known.partition("/")[2].casefold() == name.casefold()]
        if len(found) == 1:
            return found[0]
        if found:
            raise ConfigError(f"several worlds have {name!r}", hint=f"say {' or '.join(found)}")
        hint = did_you_mean(name, self.index) or did_you_mean(name, {k.partition("/")[2] for k in self.index})
        raise UnknownNameError(
            f"the library has no task {name!r}", hint=hint or "`hanten library list` shows all"
        )

    list = table


def open_library(path: str | Path | None = None) -> Library:
    """Open a library of source models.

    Parameters
    ----------
    path : path, optional
        A folder that ``hanten library train`` or ``hanten library fetch`` made. Without it, the folder that the
        variable HANTEN_LIBRARY names, else the library inside the package: the best model of each task.

    Raises
    ------
    BundleError
        If the folder holds no library, is half fetched, was changed, or is too new.
    """
    place = path if path is not None else os.environ.get(VARIABLE)
    return Library(Folder.open(place)) if place else _bundled()


@lru_cache(maxsize=1)
def _bundled() -> Library:
    return Library(Folder.open(BUNDLED))


def _row(name: str, entry: dict[str, Any]) -> dict[str, Any]:
    return {
        "task": name,
        **{key: entry[key] for key in ("kind", "property", "unit", "method", "r2", "mae", "note")},
        "materials": entry["n_materials"],
        "models": entry["n_models"],
        "data": ", ".join(entry["datasets"]),
        "best": f"{name}/{entry['best']:04d}",
    }


def _haystack(name: str, entry: dict[str, Any]) -> str:
    return " ".join(
        [name, entry["property"].replace("_", " "), entry["method"], entry["note"], *entry["datasets"]]
    ).casefold()
