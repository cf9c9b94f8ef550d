"""Output as every command gives it: a table on a terminal, CSV to a file or pipe, ``--json`` for programs."""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    import pandas as pd


def emit_json(value: Any) -> None:
    """Print ``value`` as JSON; NaN and infinities become ``null``."""
    click.echo(json.dumps(plain(value), ensure_ascii=False, indent=2, allow_nan=False))


def plain(value: Any) -> Any:
    """``value`` with numpy scalars, NaN and paths replaced by what JSON knows."""
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    if isinstance(value, (str, bool, int)) or value is None:
        return value
    if hasattr(value, "tolist"):
        return plain(value.tolist())
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return str(value)


def emit_table(
    frame: pd.DataFrame, output: Path | None = None, *, title: str | None = None, limit: int = 50
) -> None:
    """Write ``frame``: to ``output`` (atomically), as a table to a terminal, else as CSV to the pipe."""
    if output is not None:
        from hanten.runs import atomic_write

        with atomic_write(output) as handle:
            frame.to_csv(handle, index=False)
        click.echo(f"{len(frame)} rows -> {output}", err=True)
    elif sys.stdout.isatty():
        _rich_table(frame, title, limit)
    else:
        frame.to_csv(sys.stdout, index=False)


def rows_status(failed: int, count: int) -> int:
    """Exit status of a command on ``count`` rows: 0 when none failed, 3 some, 1 all; says how many, to stderr."""
    if failed:
        click.echo(f"{failed} of {count} rows failed; `error` says why", err=True)
    return 0 if not failed else 1 if failed == count else 3


def _rich_table(frame: pd.DataFrame, title: str | None, limit: int) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(title=title, title_justify="left", header_style="bold")
    for column in frame.columns:
        table.add_column(
            str(column), overflow="fold", justify="right" if frame[column].dtype.kind in "fi" else "left"
        )
    for row in frame.head(limit).itertuples(index=False):
        table.add_row(*[_cell(value) for value in row])
    console = Console()
    console.print(table)
    if len(frame) > limit:
        click.echo(f"{limit} of {len(frame)} rows shown; -o FILE.csv writes all", err=True)


def _cell(value: Any) -> str:
    if isinstance(value, float):
        return "" if math.isnan(value) else f"{value:.4g}"
    return "" if value is None else str(value)
