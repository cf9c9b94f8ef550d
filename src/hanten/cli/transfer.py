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
@click.option("--method", type=click.Choice(METHODS), default="tau-rho", show_default=True)
@click.option(
    "--head", type=click.Choice(["gp", "linear", "forest"]), help="The learner, the same in both arms."
)
@click.option(
    "--source",
    "sources",
    multiple=True,
    metavar="NAME",
    help="Task of the library, bundle, or model/NAME; repeatable.",
)
@click.option("--draws", type=click.IntRange(2), default=20, show_default=True, help="Repeats of 5 folds.")
@click.option(
    "--as-they-are", is_flag=True, help="Do not train sources again that saw the table's materials."
)
@click.option("--force", is_flag=True, help="Use the transfer model even if it does not help.")
@click.option(
    "--html", type=click.Path(dir_okay=False, path_type=Path), help="Also write table and figure here."
)
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The bundle to write: NAME.hanten.",
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
    head: str | None,
    sources: tuple[str, ...],
    draws: int,
    as_they_are: bool,
    force: bool,
    html: Path | None,
    output: Path | None,
    seed: int,
    as_json: bool,
) -> None:
    r"""Learn a property from few rows of TABLE with the help of source models, and say whether it helped.

    The same learner without the sources is always run on the same folds. Where transfer does not help, the model
    that is written is the one without it.

    \b
    Examples:
      hanten transfer few.csv --target thermal_conductivity
      hanten transfer few.csv --target thermal_conductivity --draws 5 --source density -o few.hanten
    """
    from hanten.cli.inputs import read_input
    from hanten.transfer.study import transfer

    frame, column = read_input((table,), structure_column)
    study = transfer(
        frame, column, target, property=name, unit=unit, method=method, head=head, sources=sources,
        retrain=not as_they_are, n_draws=draws, force=force, seed=seed,
        card={"data": table, "train_again": f"hanten transfer {table} --target {target} --method {method}"},
        say=lambda text: click.echo(text, err=True),
    )  # fmt: skip
    if html is not None:
        from hanten.report.transfer import write_study

        write_study(study, html)
        click.echo(f"report -> {html}", err=True)
    if as_json:
        emit_json(study.as_dict())
    else:
        emit_table(
            study.frame(), title=f"{study.property_.label}, {study.baseline.model.method or 'given values'}"
        )
        click.echo(study.summary(), err=True)
    if output is not None:
        study.model.save(output)
        click.echo(f"model ({study.chosen}) -> {output}", err=True)
