"""``hanten elements``: show, export, map."""

from __future__ import annotations

from pathlib import Path

import click

from hanten.cli import options
from hanten.cli.output import emit_json, emit_table


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
