"""``hanten stock``: build, info, lookup."""

from __future__ import annotations

from pathlib import Path

import click

from hanten.cli import options
from hanten.cli.output import emit_json, emit_table, rows_status

stock_option = click.option(
    "--stock",
    "name",
    metavar="FILE",
    help="A stock file, or a list of molecules (SMILES, CSV, TSV, SDF).  [default: patent-reactants]",
)


class FlowGroup(click.Group):
    """A group that lists its commands in the order in which they are used."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  (click's signature)
        """In the order of definition."""
        return list(self.commands)


@click.group(cls=FlowGroup)
def command() -> None:
    """What can be bought: the molecules at which a synthetic route may begin.

    The default stock holds the reactants of US patents. Your own list is one option away.

    \b
    Examples:
      hanten stock build shelf.csv -o shelf.stock
      hanten stock lookup "OC(=O)c1ccc(cc1)C(O)=O" "Nc1ccccc1.Cl"
      hanten stock info
    """


@command.command("build")
@click.argument("inputs", metavar="INPUT...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "-o", "--output", required=True, type=click.Path(dir_okay=False, path_type=Path), help="The stock file."
)
@click.option("--name", help="What routes call it.  [default: the name of the file]")
@click.option("--source", default="", help="Where the molecules can be had, where a row does not say.")
@click.option(
    "--column", "columns", metavar="OURS=COL", multiple=True,
    help="Which column holds smiles, price (USD/g), lead_time (days), source or uses; repeat.",
)  # fmt: skip
@click.option("--max-price", type=float, help="Leave out what is known to cost more, USD per gram.")
@click.option(
    "--exclude", "excluded", metavar="SMILES", multiple=True, help="Leave this molecule out; repeat."
)
@click.option(
    "--rejects",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write rows that are not usable here, as CSV.",
)
@options.as_json
@options.jobs
@options.verbose
def build_command(
    inputs: tuple[Path, ...], output: Path, name: str | None, source: str, columns: tuple[str, ...],
    max_price: float | None, excluded: tuple[str, ...], rejects: Path | None, as_json: bool, jobs: int,
) -> int:  # fmt: skip
    """Build a stock file from lists of molecules; several are united.

    INPUT is a file of SMILES or InChIKeys (one a line), a CSV or TSV, an SDF (all also as .gz), another stock file,
    or patent-reactants. Salts become their parent; equal molecules are merged. Rows that are not usable are told with their
    reason. Exit status: 0 all rows used, 3 some.

    \b
    Examples:
      hanten stock build shelf.csv -o shelf.stock
      hanten stock build shelf.csv -o cheap.stock --max-price 20 --exclude "C=Cc1ccccc1"
    """
    from hanten.synthesis.stock.making import make_stock, rejects_table, split_columns

    made = make_stock(
        inputs, name=name, source=source, columns=split_columns(columns), max_price=max_price,
        excluded=excluded, n_jobs=jobs,
    )  # fmt: skip
    made.stock.save(output, n_jobs=jobs)
    if rejects is not None:
        emit_table(rejects_table(made), rejects)
    if as_json:
        emit_json(made.report() | {"file": str(output)})
    else:
        for line in made.lines():
            click.echo(line, err=True)
        click.echo(f"{len(made.stock):,} molecules -> {output}", err=True)
    return 3 if made.rejected else 0


@command.command("info")
@click.argument("name", metavar="[STOCK]", required=False)
@click.option("--check", is_flag=True, help="Check every digest, also of large arrays.")
@options.as_json
@options.verbose
def info_command(name: str | None, check: bool, as_json: bool) -> None:
    """What a stock holds: members, sources, prices.

    \b
    Examples:
      hanten stock info
      hanten stock info shelf.csv --json
    """
    from hanten.synthesis.stock import open_stock

    facts = open_stock(name, check=True if check else None).summary()
    if as_json:
        emit_json(facts)
        return
    for key, value in facts.items():
        shown = ", ".join(map(str, value[:8])) if isinstance(value, list) else value
        click.echo(f"{key.replace('_', ' '):<24} {'–' if shown in (None, '') else shown}")


@command.command("lookup")
@click.argument("words", metavar="MOLECULE...", nargs=-1, required=True)
@stock_option
@click.option(
    "-n", "--count", default=0, show_default=True, help="Also the nearest members, by Tanimoto similarity."
)
@options.structure
@options.as_json
@options.output
@options.verbose
def lookup_command(
    words: tuple[str, ...], name: str | None, count: int, structure_column: str | None, as_json: bool,
    output: Path | None,
) -> int:  # fmt: skip
    """Whether molecules are in stock, where, and for how much.

    MOLECULE is SMILES (salts and tautomers are recognised), a table or a file of one a line. Exit status: 0 all rows
    read, 3 some, 1 none.

    \b
    Examples:
      hanten stock lookup "Nc1ccc(N)cc1" "C1CC2CC1C=C2" --json
      hanten stock lookup "Nc1ccc(Oc2ccc(N)cc2)cc1" --stock shelf.csv -n 3
    """
    from hanten.cli.inputs import read_input
    from hanten.synthesis.stock import open_stock
    from hanten.synthesis.stock.making import lookup, lookup_frame

    table, column = read_input(words, structure_column)
    rows = lookup(open_stock(name), list(table[column]), count)
    if as_json:
        emit_json(rows)
    else:
        emit_table(lookup_frame(rows), output, title="In stock?")
    return rows_status(sum(row["error"] is not None for row in rows), len(rows))
