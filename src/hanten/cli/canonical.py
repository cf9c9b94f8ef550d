"""``hanten canonical``."""

from __future__ import annotations

from pathlib import Path

import click

from hanten.cli import options
from hanten.cli.inputs import read_input
from hanten.cli.output import emit_json, emit_table

KINDS = ("polymer", "molecule", "composition", "auto")


@click.command()
@click.argument("words", metavar="INPUT...", nargs=-1, required=True)
@click.option(
    "--kind", type=click.Choice(KINDS), default="polymer", show_default=True, help="What the rows are."
)
@options.structure
@options.as_json
@options.output
@options.jobs
@options.verbose
def command(
    words: tuple[str, ...],
    kind: str,
    structure_column: str | None,
    as_json: bool,
    output: Path | None,
    jobs: int,
) -> int:
    """One canonical string per polymer, however it is written.

    INPUT is one or more structures, a table (CSV, TSV, XLSX, JSON), a file of one structure a line, or - for
    CSV on standard input. Every row and column of a table comes back, with the columns canonical and error
    added. Exit status: 0 all rows read, 3 some, 1 none.

    \b
    Examples:
      hanten canonical "*OCC*" "*CCOCCO*"
      hanten canonical "*CC(*)c1ccccc1" --json
    """
    from hanten.chem import parse

    table, column = read_input(words, structure_column)
    report = parse(table[column], kind=kind, n_jobs=jobs)
    if as_json:
        emit_json(report.frame().to_dict(orient="records"))
    else:
        emit_table(report.add_to(table), output, title="Canonical structures")
    if report.status:
        click.echo(str(report), err=True)
    return report.status
