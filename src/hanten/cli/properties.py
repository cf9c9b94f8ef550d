"""``hanten properties``."""

from __future__ import annotations

import click

from hanten.cli import options
from hanten.cli.output import emit_json, emit_table


@click.command()
@options.as_json
@options.output
def command(as_json: bool, output: object) -> None:
    """List the properties hanten knows: name, symbol, unit, plausible range, scale.

    \b
    Examples:
      hanten properties
      hanten properties --json
    """
    from dataclasses import asdict

    import pandas as pd

    from hanten.properties import list_properties

    rows = [asdict(prop) | {"aliases": ", ".join(prop.aliases)} for prop in list_properties()]
    if as_json:
        emit_json(rows)
    else:
        emit_table(pd.DataFrame(rows), output, title="Properties")
