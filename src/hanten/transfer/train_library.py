"""``python -m hanten.transfer.train_library [PROPERTY...]``: train the library of source models (needs torch)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import click
from rdkit import rdBase

from hanten.errors import ConfigError, DataError, HantenError, StructureError
from hanten.transfer.fine_tuning import require_torch
from hanten.transfer.keys import canonical_key
from hanten.transfer.library import Library
from hanten.transfer.task_data import MIN_KEYS
from hanten.transfer.training import LIMIT, N_MODELS, train_sources


@click.command()
@click.argument("tasks", nargs=-1, metavar="[TASK...]")
@click.option(
    "-o", "--output", type=click.Path(file_okay=False), required=True, help="Folder of the library."
)
@click.option("--models", default=N_MODELS, show_default=True, help="Networks per task.")
@click.option("--minutes", type=float, help="Begin no task after this time; the same command goes on.")
@click.option("--limit", default=LIMIT, show_default=True, help="Materials per task at most.")
@click.option(
    "--exclude", type=click.Path(exists=True, dir_okay=False), help="Canonical keys to leave out, one a line."
)
@click.option("-s", "--seed", default=0, show_default=True, help="Of splits, architectures and weights.")
@click.option("--threads", default=1, show_default=True, help="Threads of the computation.")
def main(  # noqa: PLR0917  (options of a command)
    tasks: tuple[str, ...],
    output: str,
    models: int,
    minutes: float | None,
    limit: int,
    exclude: str | None,
    seed: int,
    threads: int,
) -> None:
    """Train source models of the named tasks or worlds (all without names); a finished task is not trained again."""
    try:
        texts = _lines(exclude) if exclude else []
        run(
            tasks,
            output,
            models=models,
            minutes=minutes,
            limit=limit,
            exclude=texts,
            seed=seed,
            threads=threads,
        )
    except HantenError as error:
        raise click.ClickException(str(error)) from error


def run(
    tasks: Sequence[str],
    output: str | Path,
    *,
    models: int = N_MODELS,
    minutes: float | None = None,
    limit: int = LIMIT,
    exclude: Sequence[str] = (),
    seed: int = 0,
    threads: int = 1,
    say: Callable[[str], None] = click.echo,
) -> Library:
    """Train into the folder ``output`` what is not there yet.

    Raises
    ------
    ConfigError
        If a number makes no sense.
    MissingExtraError, DataError, RunError, UnknownNameError
        See :func:`hanten.transfer.training.train_sources`.
    """
    require_torch()
    for name, value, least in (("models", models, 1), ("limit", limit, MIN_KEYS), ("threads", threads, 1)):
        if value < least:
            raise ConfigError(f"--{name} {value} is too small", hint=f"at least {least}")
    if minutes is not None and not minutes > 0:
        raise ConfigError(f"--minutes {minutes:g} leaves no time", hint="a number above 0")
    import torch

    torch.set_num_threads(threads)
    library = train_sources(
        list(tasks) or None, canonical_keys(exclude), models, seed, minutes, output, limit=limit, say=say
    )
    say(f"{len(library)} source models of {len(library.index)} tasks -> {output}")
    return library


def canonical_keys(texts: Sequence[str]) -> set[str]:
    """Canonical keys of materials in any writing.

    A text with attachment points is a repeat unit; another may be a formula or a molecule, and counts as both where
    it can be read as both.

    Raises
    ------
    DataError
        If a text is no material; it says which.

    Examples
    --------
    >>> sorted(canonical_keys(["*OCC*", "O3Al2"]))
    ['*CCO*', 'Al2O3']
    """
    found: set[str] = set()
    for number, text in enumerate(texts, start=1):
        if text.strip():
            found |= _readings(text.strip(), f"material {number} to leave out")
    return found


def _lines(path: str) -> list[str]:
    try:
        return Path(path).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise DataError("the keys to leave out cannot be read", where=path) from error


def _readings(text: str, where: str) -> set[str]:
    """The canonical keys a text may mean: one repeat unit, or a formula and a molecule alike."""
    found: set[str] = set()
    reason: StructureError | None = None
    for kind in ("polymer",) if "*" in text else ("composition", "molecule"):
        try:
            with rdBase.BlockLogs():
                found.add(canonical_key(text, kind))
        except StructureError as error:
            reason = error
    if not found:
        raise DataError(f"{text!r} is no material", where=where, hint=str(reason)) from reason
    return found


if __name__ == "__main__":
    main()
