"""``hanten predict``."""

from __future__ import annotations

from pathlib import Path

import click

from hanten.cli import options
from hanten.cli.inputs import read_input
from hanten.cli.output import emit_json, emit_table, rows_status


@click.command()
@click.argument("structures", nargs=-1, required=True, metavar="INPUT...")
@click.option(
    "-m",
    "--model",
    "models",
    multiple=True,
    type=click.Path(path_type=Path),
    help="A model bundle; may be repeated. Without it, all bundled models.",
)
@click.option(
    "-p",
    "--property",
    "properties",
    multiple=True,
    metavar="NAME",
    help="Only this property; may be repeated.",
)
@options.structure
@options.output
@options.as_json
@options.verbose
def command(
    structures: tuple[str, ...],
    models: tuple[Path, ...],
    properties: tuple[str, ...],
    structure_column: str | None,
    output: Path | None,
    as_json: bool,
) -> int:
    """Predict properties of repeat units, each with a standard deviation and an in-domain flag.

    INPUT is one or more structures, a table (CSV, TSV, XLSX), or - for standard input. Each number comes from
    the method its model was trained on: thermal_conductivity, for one, is RadonPy MD, amorphous, 300 K.

    \b
    Examples:
      hanten predict "*CC(*)c1ccccc1"
      hanten predict "*CC*" -p thermal_conductivity -p Tg --json
      hanten predict polymers.csv -o out.csv
    """
    from hanten.models.batch import predict_batch, select_models

    table, column = read_input(structures, structure_column)
    done = predict_batch(table[column].tolist(), select_models(models, properties))
    from_table = column != "input" or len(table.columns) > 1
    if as_json:
        emit_json(done.records())
    elif output is not None or from_table:
        emit_table(done.add_to(table), output)
    else:
        emit_table(done.long(), title="Predictions")
    return rows_status(done.n_failed, len(table))
