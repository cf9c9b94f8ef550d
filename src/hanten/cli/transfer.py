"""``hanten transfer``."""

from __future__ import annotations

from pathlib import Path

import click

from hanten.cli import options
from hanten.cli.output import emit_json, emit_table

METHODS = ("tau-rho", "multi-fidelity", "affine", "frozen", "shotgun", "fine-tuning")


@click.command()
@click.argument("table", metavar="TABLE")
@options.structure
@click.option("--target", required=True, metavar="COL", help="Column of values.")
@click.option(
    "-p", "--property", "name", metavar="NAME", help="What the values are; guessed from the column."
)
@click.option("--unit", help="Unit of the values in the table.")
@click.option(
    "--method",
    type=click.Choice(METHODS),
    default="tau-rho",
    show_default=True,
    help="How the sources are used.",
)
@click.option(
    "--source",
    "sources",
    multiple=True,
    metavar="NAME",
    help="Task of the library, bundle FILE.hanten, or model/PROPERTY; repeatable. The best of the library without it.",
)
@click.option("--draws", type=click.IntRange(2), default=20, show_default=True, help="Repeats of 5 folds.")
@click.option(
    "--as-they-are", is_flag=True, help="Do not train sources again that know the table's materials."
)
@click.option("--force", is_flag=True, help="Write the transfer model even if it does not help.")
@click.option(
    "-o",
    "--output",
    "outputs",
    multiple=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="NAME.html: table and figure; NAME.hanten (of formulas NAME.safetensors): the model; NAME.csv: predictions of "
    "the rows without a value; repeatable.",
)
@options.seed
@options.as_json
@options.verbose
def command(
    table: str,
    structure_column: str | None,
    target: str,
    name: str | None,
    unit: str | None,
    method: str,
    sources: tuple[str, ...],
    draws: int,
    as_they_are: bool,
    force: bool,
    outputs: tuple[Path, ...],
    seed: int,
    as_json: bool,
) -> None:
    """Learn a property from few rows of TABLE with the help of source models, and say whether it helped.

    TABLE has a column of repeat units, of molecules, or of formulas (crystals, alloys; named formula or composition).
    The same learner without the sources is always run on the same folds. Where transfer does not help, the model
    that is written is the one without it.

    \b
    Examples:
      hanten transfer few.csv --target thermal_conductivity --source model/thermal_conductivity --as-they-are --draws 5
      hanten transfer few.csv --target thermal_conductivity --source model/density --as-they-are --draws 3 -o few.html
      hanten transfer transfer_band_gaps.csv --target crystal_band_gap --source crystal_band_gap --as-they-are --draws 2 -o gaps.csv
    """
    from hanten.cli.inputs import read_input
    from hanten.report.transfer import check_outputs, write_outputs
    from hanten.transfer.formulas import holds_formulas
    from hanten.transfer.study import transfer

    frame, column = read_input((table,), structure_column)
    check_outputs(outputs, formulas=holds_formulas(column, frame[column].tolist()))
    study = transfer(
        frame, column, target, property=name, unit=unit, method=method, sources=sources, retrain=not as_they_are,
        n_draws=draws, force=force, seed=seed, say=lambda text: click.echo(text, err=True),
        card={"data": table, "train_again": f"hanten transfer {table} --target {target} --method {method}"},
    )  # fmt: skip
    if as_json:
        emit_json(study.as_dict())
    else:
        emit_table(study.frame(), title=study.property_.label)
        click.echo(study.summary(), err=True)
    for line in write_outputs(study, outputs):
        click.echo(line, err=True)
