"""Where trained tasks go: into memory, or into a library folder that grows task by task."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from hanten.errors import RunError
from hanten.transfer.inputs import Inputs
from hanten.transfer.store import INDEX, Folder, TaskSources

if TYPE_CHECKING:
    from hanten.transfer.library import Library
    from hanten.transfer.training import Settings


class InMemory:
    """Trained tasks that are not kept on disk."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.inputs: dict[str, Inputs] = {}
        self.sources: dict[str, TaskSources] = {}
        self.summaries: dict[str, dict[str, Any]] = {}

    @property
    def done(self) -> set[str]:
        """Names of the tasks that are trained."""
        return set(self.sources)

    def add_inputs(self, inputs: Inputs) -> None:
        """Keep what the networks of one world read."""
        self.inputs[inputs.kind] = inputs

    def add(self, sources: TaskSources, summary: dict[str, Any]) -> None:
        """Keep a trained task and its line in the index."""
        self.sources[sources.name], self.summaries[sources.name] = sources, summary

    def library(self) -> Library:
        """All that was kept."""
        from hanten.transfer.library import Library

        return Library.in_memory(self.inputs, self.sources, self.summaries)


class OnDisk:
    """A library folder that grows task by task."""

    def __init__(self, folder: Folder) -> None:
        self.folder = folder
        self.inputs = {kind: folder.inputs(kind) for kind in folder.index["inputs"]}

    @property
    def done(self) -> set[str]:
        """Names of the tasks that are trained."""
        return set(self.folder.index["tasks"])

    def add_inputs(self, inputs: Inputs) -> None:
        """Keep what the networks of one world read."""
        if inputs.kind not in self.inputs:
            self.inputs[inputs.kind] = inputs
            self.folder.write_inputs(inputs)

    def add(self, sources: TaskSources, summary: dict[str, Any]) -> None:
        """Keep a trained task and its line in the index."""
        self.folder.write_sources(sources, summary)

    def library(self) -> Library:
        """All that was kept."""
        from hanten.transfer.library import Library

        return Library(self.folder)


def open_destination(path: str | Path | None, settings: Settings) -> InMemory | OnDisk:
    """A new folder, one begun with the same settings, or memory where ``path`` is None.

    Raises
    ------
    RunError
        If the folder holds a library trained with other settings.
    """
    if path is None:
        return InMemory(settings)
    mine = {
        "n_models": settings.n_models,
        "seed": settings.seed,
        "limit": settings.limit,
        "excluded": settings.excluded,
    }
    if not (Path(path) / INDEX).exists():
        return OnDisk(Folder.create(path, mine))
    folder = Folder.open(path)
    theirs = folder.index["settings"]
    if any(theirs.get(key) != value for key, value in mine.items()):
        changed = ", ".join(f"{key} {theirs.get(key)!r}" for key in mine if theirs.get(key) != mine[key])
        raise RunError(
            f"holds a library trained with other settings ({changed})",
            where=str(path),
            hint="give the same options as before, or another folder",
        )
    return OnDisk(folder)
