"""``hanten data``: list, fetch, import, query, export, stats, undo."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hanten.cli import options
from hanten.cli.output import emit_json, emit_table

if TYPE_CHECKING:
    import pandas as pd

    from hanten.data.database import Database
    from hanten.data.importer import ImportPlan
    from hanten.data.writing import Written

database = click.option(
    "--db",
    "place",
    metavar="FILE|URL",
    help="SQLite file or SQLAlchemy URL.  [default: $HANTEN_DATABASE, else records.db in your data folder]",
)
KINDS = click.Choice(["polymer", "molecule", "composition"])


class FlowGroup(click.Group):
    """A group that lists its commands in the order in which they are used."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  (click's signature)
        """In the order of definition."""
        return list(self.commands)


@click.group(cls=FlowGroup)
def command() -> None:
    """The property database and the public data sets.

    Records hold a value, its unit and uncertainty, how it was got, under which conditions, and from where.

    \b
    Examples:
      hanten data list
      hanten data import mine.csv --map "Tg=Tg:degC" --set "source=our lab" --yes
      hanten data query Tg --min "400 K" --substructure "c1ccccc1"
    """


@command.command("list", short_help="List the data sets that can be fetched.")
@options.as_json
@options.output
@options.verbose
def list_command(as_json: bool, output: Path | None) -> None:
    """List the data sets that can be fetched, with rows, size and licence.

    \b
    Examples:
      hanten data list
      hanten data list --json
    """
    from hanten.data.catalog import list_datasets

    _emit(_as_frame(list_datasets()), output, as_json=as_json, title="Data sets")


@command.command("fetch", short_help="Fetch public data sets, checked and resumable.")
@click.argument("names", metavar="NAME...", nargs=-1, required=True)
@click.option("--force", is_flag=True, help="Fetch again what is there already.")
@options.quiet
@options.verbose
def fetch_command(names: tuple[str, ...], force: bool, quiet: bool) -> None:
    """Fetch public data sets: from the folder HANTEN_DATA_DIR if it has them, else from their homes.

    A file appears only when it is complete and its SHA-256 is right; an interrupted download is continued.

    \b
    Examples:
      hanten data fetch radonpy-pi1070
      hanten data fetch radonpy-pi1070 polymon-kaggle --quiet
    """
    from hanten.data import fetch, get_dataset

    for dataset in map(get_dataset, names):
        if not quiet:
            click.echo(
                f"{dataset.name}: {_megabytes(dataset.size)}, {dataset.licence}; {dataset.use}", err=True
            )
        for path in fetch(dataset.name, force=force, progress=None if quiet else _fetch_progress):
            click.echo(path)


@command.command("import", short_help="Import a CSV, XLSX or JSON table of property values.")
@click.argument("table", type=click.Path(path_type=Path))
@database
@options.structure
@click.option(
    "--map",
    "mapping",
    multiple=True,
    metavar="COL=MEANING",
    help='For instance "Tg (exp)=Tg:degC"; "-" for: do not use.',
)
@click.option("--kind", type=KINDS, help="What the structures are; guessed from the attachment points.")
@click.option("--method", help="experiment | molecular dynamics | quantum chemistry | model.")
@click.option(
    "--set",
    "defaults",
    multiple=True,
    metavar="FIELD=TEXT",
    help='Source, doi, licence, date ... of all rows: "source=our lab".',
)
@click.option("--encoding", help="Of the file; UTF-8, or else Windows-1252, by default.")
@click.option("--dry-run", is_flag=True, help="Show what would be imported, and stop.")
@click.option("--yes", "-y", is_flag=True, help="Write without asking.")
@click.option(
    "--skip-bad", is_flag=True, help="Import the good rows and exit with 3; by default one bad row stops all."
)
@options.output
@options.as_json
@options.verbose
def import_command(
    table: Path, place: str | None, output: Path | None, as_json: bool, **options_: Any
) -> int:
    """Import a CSV, XLSX or JSON table of property values.

    The meaning of the columns is guessed from their names and shown before anything is written. Either one
    column per property ("Tg [degC]"), or the columns property, value and unit. All rows are imported or none,
    and `hanten data undo` takes them back. Bad rows go to -o FILE, or to the terminal.

    \b
    Examples:
      hanten data import mine.csv --dry-run
      hanten data import mine.csv --map "Tg=Tg:degC" --set "source=our lab" --yes
    """
    from hanten.data import open_database
    from hanten.data.importer import plan_import
    from hanten.data.mapping import parse_map

    defaults = dict(parse_map(text) for text in options_["defaults"])
    if options_["method"]:
        defaults["method"] = options_["method"]
    plan = plan_import(
        table,
        mapping=dict(parse_map(text) for text in options_["mapping"]),
        structure=options_["structure_column"],
        kind=options_["kind"],
        defaults=defaults,
        encoding=options_["encoding"],
    )
    _show_plan(plan, output)
    partly = 3 if plan.problems else 0
    if options_["dry_run"]:
        click.echo("dry run: nothing was written", err=True)
        return partly
    written = None
    if not plan.problems or options_["skip_bad"]:
        _somebody_answers(yes=options_["yes"])
        db = open_database(place)
        _show_comparison(plan.compare(db))
        if not options_["yes"]:
            click.confirm(f"Write {len(plan.records)} records to {db.where}?", abort=True, err=True)
        written = plan.write(db, skip_bad=options_["skip_bad"])
        _show_written(written, db.where)
    else:
        plan.refuse()
    if as_json:
        emit_json(_import_result(plan, written))
    return partly


@command.command("query", short_help="Find records by property, range, substructure, similarity.")
@click.argument("property_name", metavar="[PROPERTY]", required=False)
@database
@click.option("--min", "minimum", metavar="VALUE", help='At least, for instance "450 K".')
@click.option("--max", "maximum", metavar="VALUE", help='At most, for instance "200 degC".')
@click.option("--method", help="experiment | molecular dynamics | quantum chemistry | model.")
@click.option("--source", help="Part of the source.")
@click.option("--kind", type=KINDS, help="Only materials of this kind.")
@click.option("--substructure", metavar="SMARTS", help="Materials that contain it.")
@click.option("--similar-to", metavar="STRUCTURE", help="Most similar materials first.")
@click.option("--threshold", type=float, default=0.5, show_default=True, help="Tanimoto similarity at least.")
@click.option("-n", "--limit", type=click.IntRange(min=1), help="Rows at most.")
@options.output
@options.as_json
@options.verbose
def query_command(
    property_name: str | None, place: str | None, output: Path | None, as_json: bool, **filters: Any
) -> None:
    """Find records by property and range, method, source, substructure and similarity.

    \b
    Examples:
      hanten data query Tg --min "450 K" --method experiment
      hanten data query --substructure "C(=O)N" -o amides.csv
      hanten data query --similar-to "*CC(*)c1ccccc1" --threshold 0.4 -n 10
    """
    frame = _opened(place).query(property_name, **filters)
    if frame.empty:
        click.echo("no record passes", err=True)
    _emit(frame, output, as_json=as_json, title=f"{len(frame)} records")


@command.command("export", short_help="Write records to a CSV, XLSX or JSON file.")
@click.argument("path", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--property", "property_name", help="Only this property.")
@click.option("--method", help="Only this method.")
@click.option("--force", is_flag=True, help="Replace the file if it exists.")
@database
@options.verbose
def export_command(
    path: Path, property_name: str | None, method: str | None, place: str | None, force: bool
) -> None:
    """Write records to a CSV, XLSX or JSON file, which `hanten data import` reads back.

    \b
    Examples:
      hanten data export all.csv
      hanten data export tg.xlsx --property Tg --method experiment
    """
    from hanten.errors import DataError

    if path.exists() and not force:
        raise DataError(
            "the file exists", where=str(path), hint="give another name, or --force to replace it"
        )
    count = _opened(place).export(path, property=property_name, method=method)
    click.echo(f"{count} records -> {path}", err=True)


@command.command("stats", short_help="Records, materials and spread, per property and method.")
@database
@options.output
@options.as_json
@options.verbose
def stats_command(place: str | None, output: Path | None, as_json: bool) -> None:
    """Records, materials and spread of values, per property and method.

    \b
    Examples:
      hanten data stats
      hanten data stats --json
    """
    db = _opened(place)
    _emit(db.stats(), output, as_json=as_json, title=f"{db.where}: {len(db)} records")


@command.command("undo")
@click.argument("import_id", metavar="[NUMBER]", type=int, required=False)
@database
@click.option("--list", "show", is_flag=True, help="List the imports instead.")
@options.as_json
@options.verbose
def undo_command(import_id: int | None, place: str | None, show: bool, as_json: bool) -> None:
    """Take back an import, by default the latest one.

    \b
    Examples:
      hanten data undo --list
      hanten data import mine.csv --yes && hanten data undo
    """
    db = _opened(place)
    if show:
        _emit(db.imports().drop(columns="sha256"), None, as_json=as_json, title="Imports")
        return
    entry = db.undo(import_id)
    click.echo(
        f"import {entry['id']} ({entry['name']}) undone: {entry['n_records']} records removed", err=True
    )
    if as_json:
        emit_json({"import_id": entry["id"], "name": entry["name"], "n_records": entry["n_records"]})


def _opened(place: str | None) -> Database:
    """The database to read from; the default one is empty until the first import."""
    from hanten.data import open_database
    from hanten.data.engine import default_location

    default = default_location()
    if place is None and "://" not in default and not Path(default).exists():
        click.echo(f"{default}: no database yet; `hanten data import FILE` makes it", err=True)
        return open_database(":memory:")
    return open_database(place, create=False)


def _emit(frame: pd.DataFrame, output: Path | None, *, as_json: bool, title: str) -> None:
    if as_json:
        emit_json(frame.astype(object).where(frame.notna(), None).to_dict("records"))
    else:
        emit_table(frame, output, title=title)


def _fetch_progress(name: str, done: int, total: int) -> None:
    """One line that is written over on a terminal; elsewhere nothing."""
    if sys.stderr.isatty():
        click.echo(f"\r{name}: {done / 1e6:.1f} of {total / 1e6:.1f} MB", nl=done >= total, err=True)


def _megabytes(size: int) -> str:
    return f"{size / 1e6:.1f} MB" if size >= 50_000 else f"{max(size // 1000, 1)} kB"


def _as_frame(datasets: Any) -> pd.DataFrame:
    """The catalogue as a table for a person."""
    import pandas as pd

    rows = [
        (d.name, d.title, d.rows, _megabytes(d.size), d.licence, d.grade, ", ".join(d.properties))
        for d in datasets
    ]
    frame = pd.DataFrame(
        rows, columns=["name", "what it is", "rows", "size", "licence", "grade", "properties"]
    )
    return frame.astype({"rows": "Int64"})


def _show_plan(plan: ImportPlan, output: Path | None) -> None:
    """The mapping, a preview, what looks wrong, and the bad rows: talk, so it goes to stderr."""
    _talk_table(plan.mapping.frame(), f"{plan.table.name}: {plan.n_rows} rows, columns read as")
    for note in (*plan.table.notices, *plan.mapping.notes):
        click.echo(f"note: {note}", err=True)
    if plan.records:
        _talk_table(plan.preview(), f"the first of {len(plan.records)} records")
    for warning in plan.warnings:
        click.echo(f"warning: {warning}", err=True)
    if plan.problems and output is not None:
        emit_table(plan.problem_frame(), output)
    elif plan.problems:
        _talk_table(plan.problem_frame().head(20), f"{plan.n_bad} of {plan.n_rows} rows are bad")
        if len(plan.problems) > 20:
            click.echo(f"20 of {len(plan.problems)} problems shown; -o FILE.csv writes all", err=True)


def _talk_table(frame: pd.DataFrame, title: str) -> None:
    """A table on stderr: with frames on a terminal, plain in a log."""
    click.echo(f"{title}:", err=True)
    if not sys.stderr.isatty():
        text = frame.to_string(index=False, float_format="{:.6g}".format, na_rep="")
        click.echo("  " + text.replace("\n", "\n  "), err=True)
        return
    from rich.console import Console
    from rich.table import Table

    table = Table(header_style="bold")
    for name in frame.columns:
        table.add_column(str(name), overflow="fold")
    for row in frame.itertuples(index=False):
        table.add_row(*[f"{cell:.6g}" if isinstance(cell, float) else str(cell) for cell in row])
    Console(stderr=True).print(table)


def _show_comparison(compared: tuple[int, int]) -> None:
    identical, differing = compared
    if identical:
        click.echo(f"note: {identical} records are in the database already and are left out", err=True)
    if differing:
        click.echo(
            f"warning: {differing} records have the material, property, method, source and conditions of "
            "another with a different value; both are kept",
            err=True,
        )


def _somebody_answers(*, yes: bool) -> None:
    """Where nobody can be asked, ``--yes`` must have said it."""
    if not yes and not sys.stdin.isatty():
        raise click.UsageError("nobody is here to say yes: add --yes to write, or --dry-run to look only")


def _show_written(written: Written, where: str) -> None:
    if written.import_id is None:
        click.echo(f"nothing new for {where}", err=True)
        return
    click.echo(
        f"{written.n_records} records -> {where} (`hanten data undo {written.import_id}` takes them back)",
        err=True,
    )


def _import_result(plan: ImportPlan, written: Written | None) -> dict[str, Any]:
    return {
        "import_id": written.import_id if written else None,
        "n_records": written.n_records if written else 0,
        "n_rows": plan.n_rows,
        "n_bad_rows": plan.n_bad,
        "n_identical": len(written.identical) if written else 0,
        "n_differing": len(written.differing) if written else 0,
        "mapping": plan.mapping.frame().to_dict("records"),
        "problems": plan.problem_frame().to_dict("records"),
        "warnings": list(plan.warnings),
    }
