"""``hanten library``: list, show, search, train, fetch."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from hanten.cli import options
from hanten.cli.data import FlowGroup
from hanten.cli.output import emit_json, emit_table

if TYPE_CHECKING:
    import pandas as pd

place = click.option(
    "--library",
    "path",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="A library folder.  [default: $HANTEN_LIBRARY, else the one in the package]",
)
world = click.option("--kind", metavar="WORLD", help="polymer, molecule or composition.")


@click.group(cls=FlowGroup)
def command() -> None:
    """Source models to learn from: small networks trained on public data of many properties.

    The package carries the best network of each property. `hanten library train` makes them all again.

    \b
    Examples:
      hanten library list
      hanten library search "polymers, near refractive index, R2 > 0.8"
      hanten library show polymer/density
    """


@command.command("list", short_help="The source tasks, one a row.")
@world
@place
@options.output
@options.as_json
@options.verbose
def list_command(kind: str | None, path: Path | None, output: Path | None, as_json: bool) -> None:
    """List the source tasks with held-out scores of their best network.

    \b
    Examples:
      hanten library list
      hanten library list --kind polymer --json
    """
    from hanten.transfer.library import open_library

    _emit(open_library(path).list(kind), output, as_json=as_json, title="Source tasks")


@command.command("show", short_help="The model card of a source model.")
@click.argument("name", metavar="NAME")
@place
@options.as_json
@options.verbose
def show_command(name: str, path: Path | None, as_json: bool) -> None:
    """Show the model card of a source model, or of the best of a task.

    \b
    Examples:
      hanten library show polymer/density
      hanten library show polymer/Tg --json
    """
    from hanten.models.card import card_text
    from hanten.transfer.library import open_library

    source = open_library(path).load(name)
    if as_json:
        emit_json({"name": source.name, **source.card})
    else:
        click.echo(f"name: {source.name}\n{card_text(source.card)}")


@command.command("search", short_help="What is there for a purpose, in words.")
@click.argument("text", metavar="TEXT...", nargs=-1)
@world
@click.option("--near", metavar="PROPERTY", help="Sources that rank materials as this property does.")
@click.option("--min-r2", type=float, help="Least R² on held-out materials.")
@click.option("--min-materials", type=int, help="Fewest materials.")
@click.option("--without", multiple=True, metavar="DATASET", help="Leave out what learned from it; repeat.")
@place
@options.output
@options.as_json
@options.verbose
def search_command(
    text: tuple[str, ...], kind: str | None, near: str | None, min_r2: float | None, min_materials: int | None,
    without: tuple[str, ...], path: Path | None, output: Path | None, as_json: bool,
) -> int:  # fmt: skip
    """Search the library in words, parted by commas, or by options. Exit status 3: nothing answers.

    \b
    Examples:
      hanten library search "polymers, near refractive index, R2 > 0.8"
      hanten library search --kind polymer --near thermal_conductivity --without radonpy-pi1070 --json
    """
    from hanten.transfer.library import open_library

    found = open_library(path).search(
        " ".join(text) or None, kind=kind, near=near, min_r2=min_r2, min_materials=min_materials, without=without
    )  # fmt: skip
    _emit(found, output, as_json=as_json, title="Source tasks")
    return 0 if len(found) else 3


@command.command("train", short_help="Train the library again, or tasks of it (needs torch).")
@click.argument("tasks", metavar="[TASK...]", nargs=-1)
@click.option(
    "-o",
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="Folder of the library.",
)
@click.option("--models", type=int, default=45, show_default=True, help="Networks per task.")
@click.option("--minutes", type=float, help="Begin no task after this time; the same command goes on.")
@click.option("--limit", type=int, default=4000, show_default=True, help="Materials per task at most.")
@click.option(
    "--exclude",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Table or list of materials that no network may see.",
)
@click.option("--threads", type=int, default=1, show_default=True, help="Threads of the computation.")
@options.seed
@options.quiet
@options.verbose
def train_command(
    tasks: tuple[str, ...], output: Path, models: int, minutes: float | None, limit: int, exclude: Path | None,
    threads: int, seed: int, quiet: bool,
) -> None:  # fmt: skip
    """Train source models of TASKs (names, properties or worlds; all without) on the public data.

    A task that the folder holds already is not trained again, so an interrupted run is gone on with by the same
    command. Data come from HANTEN_DATA_DIR or `hanten data fetch`.

    \b
    Examples:
      hanten library train yield_strength@steels --models 3 -o sources
      hanten library train yield_strength@steels --models 2 --exclude formulas.csv -o others
    """
    from hanten.cli.inputs import read_input
    from hanten.transfer.train_library import run

    table, column = read_input((str(exclude),)) if exclude is not None else (None, "")
    texts = [] if table is None else table[column].astype(str).tolist()
    run(
        tasks, output, models=models, minutes=minutes, limit=limit, exclude=texts, seed=seed, threads=threads,
        say=(lambda _: None) if quiet else (lambda line: click.echo(line, err=True)),
    )  # fmt: skip


@command.command("fetch", short_help="Copy a library from a folder or an address, checked and resumable.")
@click.argument("source", metavar="SOURCE")
@click.option(
    "-o", "--output", type=click.Path(file_okay=False, path_type=Path), required=True, help="Where to."
)
@click.option("--force", is_flag=True, help="Copy again what is there already.")
@options.quiet
@options.verbose
def fetch_command(source: str, output: Path, force: bool, quiet: bool) -> None:
    """Copy a library: SOURCE is a folder, its http(s) address, or "bundled" for the one in the package.

    Every file is checked by its SHA-256 and appears complete or not at all; the same command goes on with what is
    missing. There is no public server of full libraries yet: fetch from a colleague's folder, or train one.

    \b
    Examples:
      hanten library fetch bundled -o sources
      hanten library fetch bundled -o sources --force --quiet
    """
    from hanten.transfer.fetching import fetch_library

    def told(name: str, done: int, total: int) -> None:
        if done == total:
            click.echo(f"{name}: {total:,} bytes", err=True)

    library = fetch_library(source, output, force=force, progress=None if quiet else told)
    if not quiet:
        click.echo(f"{len(library)} source models of {len(library.index)} tasks -> {output}", err=True)
    click.echo(output)


def _emit(frame: pd.DataFrame, output: Path | None, *, as_json: bool, title: str) -> None:
    if as_json:
        emit_json(frame.to_dict("records"))
    else:
        emit_table(frame, output, title=title)
