"""``hanten draw``."""

from __future__ import annotations

from pathlib import Path

import click

from hanten.cli import options
from hanten.cli.inputs import read_input


@click.command()
@click.argument("words", metavar="INPUT...", nargs=-1, required=True)
@click.option("--legend", metavar="COL", help="Column of legends in a table; else the canonical string.")
@click.option(
    "--columns", type=click.IntRange(min=1), default=4, show_default=True, help="Pictures in a row."
)
@click.option("--limit", type=click.IntRange(min=1), default=32, show_default=True, help="Pictures at most.")
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="SVG file; else standard output."
)
@options.structure
@options.verbose
def command(
    words: tuple[str, ...],
    legend: str | None,
    columns: int,
    limit: int,
    output: Path | None,
    structure_column: str | None,
) -> int:
    """Draw repeat units or molecules as one SVG.

    The backbone of a repeat unit runs from left to right, wavy lines mark its attachment points. A structure
    that cannot be read becomes a frame with the reason; exit status 3, or 1 if nothing could be read.

    \b
    Examples:
      hanten draw "*CC(*)c1ccccc1"
      hanten draw "*CCO*" "*C(F)(F)C(*)(F)F" --columns 2 -o two.svg
    """
    from hanten.chem import draw, parse
    from hanten.cli.inputs import find_structure_column
    from hanten.runs import atomic_write

    table, column = read_input(words, structure_column)
    legends = None if legend is None else list(table[find_structure_column(table, legend, words[0])].map(str))
    report = parse(table[column], kind="auto")
    svg = draw(
        [item or text for item, text in zip(report.items, report.inputs, strict=True)],
        legends,
        columns,
        limit=limit,
    )
    if output is None:
        click.echo(svg)
    else:
        with atomic_write(output) as handle:
            handle.write(svg)
        click.echo(f"{min(limit, len(report))} of {len(report)} drawn -> {output}", err=True)
    if report.status:
        click.echo(str(report), err=True)
    return report.status
