"""``hanten evaluate``."""

from __future__ import annotations

from pathlib import Path

import click

from hanten.cli import options
from hanten.cli.inputs import read_input
from hanten.cli.output import emit_json, emit_table


@click.command()
@click.argument("model")
@click.argument("table")
@options.structure
@click.option("--target", metavar="COL", help="Column of values; guessed from the model's property.")
@click.option("--unit", help="Unit of the values in the table; that of the property without it.")
@click.option(
    "--html", type=click.Path(dir_okay=False, path_type=Path), help="Also write scores and figures here."
)
@options.output
@options.as_json
@options.verbose
def command(
    model: str,
    table: str,
    structure_column: str | None,
    target: str | None,
    unit: str | None,
    html: Path | None,
    output: Path | None,
    as_json: bool,
) -> None:
    """Score MODEL (a bundle or the name of a bundled model) on TABLE: errors, coverage, in and out of domain.

    \b
    Examples:
      hanten evaluate Tg mine.csv --target Tg --unit degC
      hanten evaluate Tg mine.csv --unit degC --json --html evaluation.html
    """
    from hanten.models.scoring import evaluate_table, scores_frame

    frame, column = read_input((table,), structure_column)
    done = evaluate_table(model, frame, column, target, unit)
    for note in done.notes:
        click.echo(f"note: {note}", err=True)
    if html is not None:
        from hanten.runs import atomic_write

        with atomic_write(html) as handle:
            handle.write(done._repr_html_())
    if output is not None:
        emit_table(done.frame(), output)
    if as_json:
        emit_json(
            {
                "property": done.property_.name,
                "unit": done.property_.unit,
                "method": done.method,
                **done.metrics(),
                "notes": list(done.notes),
            }
        )
    elif output is None:
        emit_table(scores_frame(done), title=f"{done.property_.name}: {done.scheme}")
