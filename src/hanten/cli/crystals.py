"""``hanten crystals``: predict, screen."""

from __future__ import annotations

from pathlib import Path

import click

from hanten.cli import options
from hanten.cli.inputs import read_input
from hanten.cli.output import emit_json, emit_table, rows_status

model_option = options.model_file("conductivity")


@click.group()
def command() -> None:
    """Lattice thermal conductivity of crystals, from composition.

    \b
    Examples:
      hanten crystals predict BN PbTe
      hanten crystals screen BN AlN PbTe CsBr -o runs/crystals
    """


@command.command("predict", short_help="Conductivity, standard deviation, domain.")
@click.argument("compositions", nargs=-1, required=True, metavar="INPUT...")
@model_option
@options.structure
@options.output
@options.as_json
@options.verbose
def predict_command(
    compositions: tuple[str, ...],
    model_path: Path | None,
    structure_column: str | None,
    output: Path | None,
    as_json: bool,
) -> int:
    """Predict the lattice thermal conductivity at 300 K, W/(m K), of compositions.

    INPUT is one or more formulas, a table (CSV, TSV, XLSX), or - for standard input. The numbers stand for AFLOW AGL, a
    Debye model of the computed crystal; low and high enclose 90 %.

    \b
    Examples:
      hanten crystals predict BN PbTe Mg2Si
      hanten crystals predict "Cu2SnSe3" --json
    """
    from hanten.crystals import load_conductivity_model

    table, column = read_input(compositions, structure_column)
    frame = load_conductivity_model(model_path).predict_frame(table[column].tolist())
    failed = int(frame["error"].notna().sum())
    if as_json:
        emit_json(frame.to_dict("records"))
    else:
        more = table.drop(columns=[column, *(c for c in table.columns if c in frame.columns and c != column)])
        shown = frame if failed else frame.drop(columns="error")
        emit_table(shown.join(more), output, title="Lattice thermal conductivity at 300 K, W/(m K)")
    return rows_status(failed, len(frame))


@command.command("screen", short_help="Shortlists of very high and very low conductivity.")
@click.argument("pool", nargs=-1, required=True, metavar="POOL...")
@click.option("--high", type=float, default=50.0, show_default=True, help="Very high is above this, W/(m K).")
@click.option("--low", type=float, default=0.5, show_default=True, help="Very low is below this, W/(m K).")
@click.option(
    "-n",
    "--count",
    type=click.IntRange(min=1),
    default=50,
    show_default=True,
    help="Rows on each shortlist at most.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    help="Run folder.  [default: runs/<date>-crystals]",
)
@model_option
@options.jobs
@options.quiet
@options.verbose
@click.option("--force", is_flag=True, help="Overwrite the run in the folder.")
@click.option("--resume", is_flag=True, help="Go on with the run in the folder.")
def screen_command(
    pool: tuple[str, ...],
    high: float,
    low: float,
    count: int,
    output: Path | None,
    model_path: Path | None,
    jobs: int,
    quiet: bool,
    force: bool,
    resume: bool,
) -> int:
    """Screen formulas for very high and very low lattice thermal conductivity, with uncertainty, and write a report.

    POOL is a table with a column `formula`, the word `stable` (35,463 stable inorganic formulas; `hanten data fetch
    kmdplus-elements`), or formulas. A composition is ranked by the probability that it lies beyond the limit.

    \b
    Examples:
      hanten crystals screen formulas.csv -o runs/crystals
      hanten crystals screen BN AlN SiC PbTe CsBr TlBr --high 100 --low 1 -o runs/few
    """
    from datetime import UTC, datetime

    from hanten.crystals import load_conductivity_model, screen
    from hanten.crystals.table import read_pool
    from hanten.report.crystals import write_report

    folder = output or Path("runs") / f"{datetime.now(UTC):%Y-%m-%d}-crystals"
    formulas = read_pool(pool)
    try:
        found = screen(
            formulas, folder, model=load_conductivity_model(model_path), high=high, low=low, count=count,
            resume=resume, force=force, n_jobs=jobs, progress=None if quiet else _progress,
        )  # fmt: skip
    except KeyboardInterrupt:
        click.echo(f"\nstopped; the same command with `--resume -o {folder}` goes on", err=True)
        raise
    write_report(found, folder / "report.html")
    columns = [
        "shortlist",
        "composition",
        "median",
        "low",
        "high",
        "p_high",
        "p_low",
        "nearest",
        "similarity",
    ]
    emit_table(found.frame()[columns], title="Shortlists, W/(m K)")
    click.echo(f"{found.summary()} -> {folder / 'report.html'}", err=True)
    return rows_status(int(found.predictions["error"].notna().sum()), len(found.predictions))


def _progress(done: int, total: int, highest: float) -> None:
    click.echo(f"{done}/{total} formulas  highest mean so far {highest:.3g} W/(m K)", err=True)
