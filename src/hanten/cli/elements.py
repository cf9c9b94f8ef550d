"""``hanten elements``: show, export, map."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from hanten.cli import options
from hanten.cli.output import emit_json, emit_table

if TYPE_CHECKING:
    from hanten.elements.periodic_table.elements import ElementMap
    from hanten.elements.table import ElementTable


@click.group()
def command() -> None:
    """The element table, and periodic tables made from it.

    \b
    Examples:
      hanten elements show Fe
      hanten elements map --layout square
    """


@command.command("show", short_help="Everything the table knows about elements.")
@click.argument("symbols", metavar="SYMBOL...", nargs=-1, required=True)
@click.option("--feature", "features", metavar="NAME", multiple=True, help="Only this feature; repeatable.")
@options.as_json
@options.output
@options.verbose
def show_command(
    symbols: tuple[str, ...], features: tuple[str, ...], as_json: bool, output: Path | None
) -> None:
    """Show the features of elements: value, unit, source of the value, description.

    \b
    Examples:
      hanten elements show Fe
      hanten elements show Li Na K --feature en_pauling --json
    """
    import pandas as pd

    from hanten.elements import element_table

    table = element_table().select(features or None)
    shown = [table.show(symbol) for symbol in symbols]
    for frame, symbol in zip(shown, symbols, strict=True):
        frame.insert(0, "symbol", symbol)
    if as_json:
        emit_json(
            [
                {"symbol": symbol, "features": frame.drop(columns="symbol").to_dict("records")}
                for frame, symbol in zip(shown, symbols, strict=True)
            ]
        )
    else:
        emit_table(pd.concat(shown), output, title=", ".join(symbols), limit=len(shown) * len(shown[0]))


@command.command("export", short_help="The whole table as CSV.")
@click.option("--measured", is_flag=True, help="Leave imputed values out.")
@click.option("--sources", is_flag=True, help="Write where each value comes from, instead of the values.")
@options.output
@options.verbose
def export_command(measured: bool, sources: bool, output: Path | None) -> None:
    """Write the element table: one row per element, one column per feature.

    \b
    Examples:
      hanten elements export -o elements.csv
      hanten elements export --measured -o measured.csv
    """
    from hanten.elements import element_table

    table = element_table().measured() if measured else element_table()
    emit_table((table.source_frame() if sources else table.frame()).reset_index(), output, title=table.name)


@command.command("map", short_help="A periodic table made from the features of the elements.")
@click.argument("table", metavar="[TABLE]", required=False)
@click.option(
    "--layout",
    default="square",
    show_default=True,
    help="square, rectangular, cubic, line, cylinder, cone or spiral; all compares them.",
)
@click.option(
    "--shape", metavar="A[,B]", help="Size of the layout: side; rows,columns; per ring,rings; rings; nodes."
)
@click.option("--symbols", metavar="LIST", help="Elements, such as Li,Na,K or H-Kr.  [default: H-Xe]")
@click.option(
    "--features", metavar="LIST", help="Features, comma-separated.  [default: all known for these elements]"
)
@click.option(
    "--method", default="fast", show_default=True, help="fast (variational) or mcmc (as published, slower)."
)
@click.option("--restarts", type=int, default=20, show_default=True, help="Starts; the best table is kept.")
@click.option(
    "--figure", type=click.Path(dir_okay=False, path_type=Path), help="Draw the table: .svg, .png, .pdf."
)
@click.option("--landscape", metavar="FEATURE", help="Draw this feature over the map instead of the table.")
@options.seed
@options.jobs
@options.as_json
@options.output
@options.verbose
def map_command(
    table: str | None,
    layout: str,
    shape: str | None,
    symbols: str | None,
    features: str | None,
    method: str,
    restarts: int,
    figure: Path | None,
    landscape: str | None,
    seed: int,
    jobs: int,
    as_json: bool,
    output: Path | None,
) -> None:
    """Lay elements, or the items of your own TABLE, out so that neighbours resemble each other.

    TABLE is a file with names in the first column and numbers in the others. Scores: trustworthiness (neighbours on the
    map are neighbours in truth), continuity (the other way round), log-likelihood of the placement.

    \b
    Examples:
      hanten elements map --layout square
      hanten elements map --layout cylinder --symbols H-Kr --figure cylinder.svg
      hanten elements map --figure melting.svg --landscape melting_point
      hanten elements map --layout square --json
    """
    from hanten.elements.periodic_table.elements import compare_layouts, map_elements, range_of_symbols
    from hanten.report import periodic_tables

    if landscape and figure is None:
        raise click.UsageError("--landscape draws a figure: name its file with --figure")
    if layout == "all" and (figure or shape):
        raise click.UsageError("--layout all compares layouts: it takes no --figure and no --shape")
    source = None if table is None else _read_items(table)
    choice = {
        "table": source,
        "symbols": source.symbols if source and not symbols else range_of_symbols(symbols),
        "features": [f.strip() for f in features.split(",")] if features else None,
    }
    run = {"method": method, "restarts": restarts, "random_state": seed, "n_jobs": jobs}
    if layout == "all":
        rows = compare_layouts(**choice, **run)
        if as_json:
            emit_json(rows.to_dict("records"))
        else:
            emit_table(rows, output, title="Layouts")
        return
    found = map_elements(layout, shape=_numbers(shape), **choice, **run)
    _say_what_was_used(source, found)
    if figure is not None:
        drawn = (
            periodic_tables.landscape(found, landscape)
            if landscape
            else periodic_tables.periodic_table(found)
        )
        periodic_tables.save(drawn, figure)
        click.echo(f"figure -> {figure}", err=True)
    if as_json:
        emit_json(found.as_dict())
    else:
        emit_table(found.frame(), output, title=found.title, limit=len(found.table.symbols))


def _say_what_was_used(source: ElementTable | None, found: ElementMap) -> None:
    from hanten.elements.periodic_table.elements import left_out

    if source is not None:
        for name, why in left_out(source, found.table).items():
            click.echo(f"left out: {name} ({why})", err=True)
    if found.fitted.scores_["flat"]:
        click.echo(
            "the model sees no order in these features; items were laid along their principal components",
            err=True,
        )


def _numbers(text: str | None) -> tuple[int, ...] | None:
    if text is None:
        return None
    try:
        return tuple(int(part) for part in text.split(","))
    except ValueError:
        raise click.BadParameter(f"{text!r} is no list of whole numbers", param_hint="--shape") from None


def _read_items(name: str) -> ElementTable:
    from hanten.cli.inputs import read_table
    from hanten.elements.table import ElementTable

    return ElementTable.from_columns(read_table(name), name)
