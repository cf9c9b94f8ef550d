"""Options that every command shares, so that each means the same everywhere."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]

output = click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the table here instead of the terminal.",
)
as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
seed = click.option("-s", "--seed", type=int, default=0, show_default=True, help="Seed of the run.")


def _workers(_context: click.Context, _option: click.Parameter, value: int) -> int:
    if value < 1 and value != -1:
        raise click.BadParameter(f"{value} is neither a number of processes nor -1 for all cores.")
    return value


jobs = click.option(
    "-j",
    "--jobs",
    type=int,
    default=1,
    callback=_workers,
    show_default=True,
    help="Worker processes; -1 takes all cores. The result does not depend on it.",
)


def model_file(kind: str) -> Decorator:
    """``-m FILE``: a model of the user's own in place of the bundled one."""
    return click.option(
        "-m",
        "--model",
        "model_path",
        type=click.Path(dir_okay=False, path_type=Path),
        help=f"A {kind} model of your own; that of the package without it.",
    )


quiet = click.option("-q", "--quiet", is_flag=True, help="No progress line.")
verbose = click.option(
    "-v", "--verbose", count=True, help="-v tells more, -vv shows tracebacks.", expose_value=False
)
structure = click.option(
    "--structure",
    "structure_column",
    metavar="COL",
    help="Column of structures in a table; guessed when it is obvious.",
)
