"""``hanten phases``: predict, scan, screen, rules."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from hanten.cli import options
from hanten.cli.inputs import read_input
from hanten.cli.output import emit_json, emit_table, rows_status

model_option = options.model_file("phase")


@click.group()
def command() -> None:
    """Quasicrystal, approximant or other, from composition.

    \b
    Examples:
      hanten phases predict "Al63Cu25Fe12"
      hanten phases scan Al Cu Fe --step 2
    """


@command.command("predict", short_help="Probabilities of the three phases for each composition.")
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
    """Predict whether compositions form a quasicrystal, an approximant or something else.

    INPUT is one or more formulas, a table (CSV, TSV, XLSX), or - for standard input. Only proportions count: amounts
    need not sum to 100. Outside the known systems the verdict is "outside known systems", whatever the probabilities.

    \b
    Examples:
      hanten phases predict "Al63Cu25Fe12" --json
      hanten phases predict Al65Cu20Fe15 Cd6Yb NaCl
    """
    from hanten.phases import load_phase_model
    from hanten.phases.model import records

    table, column = read_input(compositions, structure_column)
    frame = load_phase_model(model_path).predict_frame(table[column].tolist())
    failed = int(frame["error"].notna().sum())
    if as_json:
        emit_json(records(frame))
    else:
        more = table.drop(columns=[column, *(c for c in table.columns if c in frame.columns and c != column)])
        shown = frame if failed else frame.drop(columns="error")
        emit_table(shown.join(more), output, title="Phases")
    return rows_status(failed, len(frame))


@command.command("scan", short_help="Every composition of a system on a grid, with maps.")
@click.argument("elements", nargs=-1, required=True, metavar="ELEMENT...")
@click.option("--step", type=float, default=1.0, show_default=True, help="Grid step in atomic percent.")
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    default=200_000,
    show_default=True,
    help="Refuse more compositions than this.",
)
@click.option(
    "--map",
    "picture",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write ternary maps here (SVG or PNG), known compounds marked.",
)
@model_option
@options.output
@options.as_json
@options.verbose
def scan_command(
    elements: tuple[str, ...],
    step: float,
    limit: int,
    picture: Path | None,
    model_path: Path | None,
    output: Path | None,
    as_json: bool,
) -> None:
    """Scan a chemical system: a table of all compositions on a grid, and ternary probability maps.

    The number of compositions is computed first; above the limit nothing is done. Edges (one element missing) are part
    of the grid. Maps need three elements.

    \b
    Examples:
      hanten phases scan Al Cu Fe --step 2 -o al-cu-fe.csv --map al-cu-fe.svg
      hanten phases scan Zn Sc --step 5
    """
    from hanten.phases import load_phase_model, scan
    from hanten.report.ternary import check_picture, save_picture

    if picture is not None:
        check_picture(picture, elements)
    done = scan(elements, step, model=load_phase_model(model_path), limit=limit)
    if picture is not None:
        save_picture(done, picture)
        click.echo(f"maps -> {picture}", err=True)
    if as_json:
        emit_json(
            {
                "elements": done.elements,
                "step": step,
                "points": done.frame().to_dict("records"),
                "known": done.known.to_dict("records"),
            }
        )
    else:
        emit_table(done.frame(), output, title="-".join(done.elements))
    click.echo(done.summary(), err=True)


@command.command("screen", short_help="All systems of chosen elements, resumable.")
@click.argument("elements", nargs=-1, required=True, metavar="ELEMENT...")
@click.option("--size", type=int, default=3, show_default=True, help="Elements in each system.")
@click.option("--step", type=float, default=2.0, show_default=True, help="Grid step in atomic percent.")
@click.option(
    "--with", "always", multiple=True, metavar="ELEMENT", help="Only systems with this element; repeatable."
)
@click.option(
    "-o",
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    help="Run folder.  [default: runs/<date>-phases]",
)
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    default=20_000_000,
    show_default=True,
    help="Refuse more compositions than this.",
)
@model_option
@options.jobs
@options.quiet
@options.verbose
@click.option("--force", is_flag=True, help="Overwrite the run in the folder.")
@click.option("--resume", is_flag=True, help="Go on with the run in the folder.")
def screen_command(
    elements: tuple[str, ...],
    size: int,
    step: float,
    always: tuple[str, ...],
    output: Path | None,
    limit: int,
    model_path: Path | None,
    jobs: int,
    quiet: bool,
    force: bool,
    resume: bool,
) -> None:
    """Screen whole families: every ternary (--size 2 to 5) that can be made of the chosen elements.

    One line per system is written as soon as it is done, so that a run that was stopped or killed goes on with --resume.

    \b
    Examples:
      hanten phases screen Al Cu Fe Pd --step 10 -o runs/aluminium
      hanten phases screen Zn Mg Sc Y --with Zn --step 10 -o runs/zinc
    """
    from datetime import UTC, datetime

    from hanten.phases import FamilyScreen, load_phase_model, screen_families

    folder = output or Path("runs") / f"{datetime.now(UTC):%Y-%m-%d}-phases"
    family = FamilyScreen(elements, size, step, always, limit)
    click.echo(
        f"{family.count:,} system{'s' if family.count != 1 else ''}, {family.points:,} compositions", err=True
    )
    try:
        frame = screen_families(
            family, folder, model=load_phase_model(model_path), resume=resume, force=force, n_jobs=jobs,
            progress=None if quiet else _progress,
        )  # fmt: skip
    except KeyboardInterrupt:
        click.echo(f"\nstopped; the same command with `--resume -o {folder}` goes on", err=True)
        raise
    emit_table(frame.head(20), title="Most probable quasicrystals")
    click.echo(f"{len(frame)} system{'s' if len(frame) != 1 else ''} -> {folder / 'results.csv'}", err=True)


def _progress(line: dict[str, Any], done: int, total: int) -> None:
    text = f"{done}/{total} systems  {line['system']}  quasicrystal {line['quasicrystal']:.2f} at {line['best_quasicrystal']}"
    click.echo(text, err=True)


@command.command("rules", short_help="What decides, in words.")
@model_option
@options.as_json
@options.verbose
def rules_command(model_path: Path | None, as_json: bool) -> None:
    """Which element statistics decide, read out of the model, and how the training table was cleaned.

    \b
    Examples:
      hanten phases rules
      hanten phases rules --json
    """
    from hanten.phases import load_phase_model
    from hanten.phases.training import report_lines

    card = load_phase_model(model_path).card
    if as_json:
        emit_json({"rules": card["rules"], "data": card["rows"]})
        return
    for question in dict.fromkeys(rule["question"] for rule in card["rules"]):
        click.echo(f"{question[0].upper()}{question[1:]}?")
        for rule in card["rules"]:
            if rule["question"] == question:
                click.echo(f"  {rule['text']} ({rule['weight']:.0%} of the decision)")
    click.echo("The training table:")
    for line in report_lines(card["rows"]):
        click.echo(f"  {line}")
