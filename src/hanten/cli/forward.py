"""``hanten forward``."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click

from hanten.cli import options
from hanten.cli.inputs import read_input
from hanten.cli.output import emit_json, emit_table, rows_status


@click.command()
@click.argument("reactants", nargs=-1, required=True, metavar="INPUT...")
@click.option(
    "-n", "--products", type=click.IntRange(1, 50), default=5, show_default=True, help="Most products."
)
@click.option(
    "--texts",
    type=click.IntRange(1, 20),
    default=1,
    show_default=True,
    help="Average over so many ways to write the reactants: more of the first five are right, probabilities are lower, and it is as many times slower.",
)
@click.option("-m", "--model", type=click.Path(path_type=Path), help="Another model than the bundled one.")
@options.structure
@options.output
@options.as_json
@options.verbose
def command(
    reactants: tuple[str, ...],
    products: int,
    texts: int,
    model: Path | None,
    structure_column: str | None,
    output: Path | None,
    as_json: bool,
) -> int:
    """Predict what reactants give, with the probability of each product.

    INPUT is one or more reactant sets (SMILES joined by dots), a table with a column `reactants`, or - for standard
    input. Reagents may stand among the reactants; conditions are unknown to the model. Its card says how often it is right.

    \b
    Examples:
      hanten forward "CCO.CC(=O)O" --json
      hanten forward "OB(O)c1ccccc1.Brc1ccncc1" "CN.O=C(Cl)c1ccccc1" -n 2
    """
    from hanten.synthesis.forward import load_forward
    from hanten.synthesis.forward.batch import as_frame, predict_rows

    table, column = read_input(reactants, structure_column)
    answers = predict_rows(replace(load_forward(model), texts=texts), table[column].tolist(), products)
    if as_json:
        emit_json([answer.record() for answer in answers])
    else:
        emit_table(as_frame(answers), output, title="Products")
    return rows_status(sum(answer.error is not None for answer in answers), len(answers))
