"""``hanten train``."""

from __future__ import annotations

from pathlib import Path

import click

from hanten.cli import options
from hanten.cli.output import emit_json


@click.command()
@click.argument("table", required=False, metavar="TABLE")
@options.structure
@click.option("--target", metavar="COL", help="Column of values.")
@click.option(
    "-p", "--property", "name", metavar="NAME", help="What the values are; guessed from the column's name."
)
@click.option("--unit", help="Unit of the values in the table, for example degC.")
@click.option("--method", metavar="TEXT", help='How the values were made, for the model card: "experiment".')
@click.option(
    "--model", default="auto", show_default=True, help="auto, gp, linear, forest, boosting or average."
)
@click.option(
    "--recipe", metavar="NAME", help="Train a bundled model again from public data, instead of TABLE."
)
@click.option(
    "--transfer",
    "use_sources",
    is_flag=True,
    help="Let source models help where they do: `hanten transfer`, with its own choices; formulas too.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    required=True,
    help="The bundle to write: NAME.hanten; of formulas, with --transfer, NAME.safetensors.",
)
@options.seed
@options.as_json
@options.verbose
def command(
    table: str | None,
    structure_column: str | None,
    target: str | None,
    name: str | None,
    unit: str | None,
    method: str | None,
    model: str,
    recipe: str | None,
    use_sources: bool,
    output: Path,
    seed: int,
    as_json: bool,
) -> None:
    """Train a calibrated property model on TABLE (CSV, TSV, XLSX) and write it as one file.

    \b
    Examples:
      hanten train mine.csv --structure smiles --target Tg --unit degC -o tg.hanten
      hanten train mine.csv --structure smiles --target Tg --unit degC --model gp -o tg.hanten

    --recipe NAME trains a bundled model again from public data (`hanten data fetch`, or HANTEN_DATA_DIR).
    """
    from hanten.models.card import training_summary
    from hanten.models.training import train_from_options

    given = {
        "structure": structure_column,
        "target": target,
        "property": name,
        "unit": unit,
        "method": method,
        "model": model,
        "seed": seed,
    }
    if use_sources:
        from hanten.transfer.study import train_with_sources

        trained = train_with_sources(
            table, recipe, given, say=lambda text: click.echo(text, err=True), output=output
        )
    else:
        trained = train_from_options(table, recipe, given)
    trained.model.save(output)
    if as_json:
        emit_json({"model": str(output), "card": trained.model.card, "report": trained.report})
    else:
        click.echo(training_summary(trained))
    click.echo(f"model -> {output}", err=True)
