"""``python -m hanten.transfer.build FOLDER...``: the library inside the package, the best networks of each task."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import click

from hanten.errors import ConfigError, HantenError
from hanten.transfer.library import BUNDLED
from hanten.transfer.store import Folder


@click.command()
@click.argument("folders", nargs=-1, required=True, metavar="FOLDER...")
@click.option("-o", "--output", default=str(BUNDLED), show_default=True, help="Where to.")
@click.option("--per-task", default=1, show_default=True, help="Networks of each task.")
def main(folders: tuple[str, ...], output: str, per_task: int) -> None:
    """Copy the networks with the best validation scores of every task of the folders that `library train` wrote."""
    try:
        made = build(folders, output, per_task)
    except HantenError as error:
        raise click.ClickException(str(error)) from error
    size = sum(entry["size"] for entry in made.index["files"].values())
    click.echo(f"{len(made.index['tasks'])} tasks, {size / 1e6:.2f} MB -> {output}")


def build(folders: tuple[str, ...] | list[str], output: str | Path, per_task: int = 1) -> Folder:
    """Join folders and keep the best networks of each task.

    A folder may itself be one that was built before, to exchange some of its tasks: a task of several folders is taken from
    the last of them.

    Raises
    ------
    BundleError
        If a folder is no complete library.
    ConfigError
        If two folders read other features in one world, or were trained with other settings.
    """
    opened = [Folder.open(path) for path in folders]
    every = [_settings(folder) for folder in opened]
    settings = every[0]
    if any(other != settings for other in every):
        raise ConfigError("the folders were trained with different settings", hint="train them with the same")
    fresh = Path(output).with_name(f".{Path(output).name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    made = Folder.create(fresh, {**settings, "kept_per_task": per_task})
    for number, folder in enumerate(opened, start=1):
        for kind in folder.index["inputs"]:
            inputs = folder.inputs(kind)
            known = made.index["inputs"].get(kind)
            if known is not None and known["digest"] != inputs.digest:
                raise ConfigError(f"the folders read different features of {kind}s")
            made.write_inputs(inputs)
        later = {name for other in opened[number:] for name in other.index["tasks"]}
        for name in folder.index["tasks"]:
            if name not in later:
                _copy(folder, made, name, per_task)
    made.write_index()
    shutil.rmtree(output, ignore_errors=True)
    fresh.replace(output)
    return Folder.open(output)


def _settings(folder: Folder) -> dict[str, Any]:
    """What its networks were trained with, however many of them were kept."""
    return {key: value for key, value in folder.index["settings"].items() if key != "kept_per_task"}


def _copy(folder: Folder, made: Folder, name: str, per_task: int) -> None:
    sources = folder.sources(name)
    order = sorted(range(len(sources.models)), key=lambda i: -sources.models[i]["scores"]["validation_r2"])
    kept = sources.only(order[:per_task])
    entry = {
        key: value
        for key, value in folder.index["tasks"][name].items()
        if key not in {"tensors", "card", "seen"}
    }
    numbers = [model["number"] for model in kept.models]
    trained = {
        "n_models": len(numbers),
        "numbers": numbers,
        "n_trained": entry.get("n_trained", entry["n_models"]),
    }
    made.write_sources(kept, {**entry, **trained})


if __name__ == "__main__":
    main()
