"""``hanten synth``."""

from __future__ import annotations

from pathlib import Path

import click

from hanten.cli import options
from hanten.cli.inputs import read_input
from hanten.cli.output import emit_json, rows_status
from hanten.cli.stock import stock_option


@click.command()
@click.argument("words", metavar="TARGET...", nargs=-1, required=True)
@click.option(
    "--steps", type=click.IntRange(1, 2), default=1, show_default=True,
    help="Most reactions between the stock and the target, or a polymer's monomer.",
)  # fmt: skip
@stock_option
@click.option(
    "-n", "--count", type=click.IntRange(1), default=50, show_default=True, help="Most routes a target."
)
@click.option(
    "--time-limit", type=float, metavar="S", help="Seconds a target.  [default: 60 for one step, 300 for two]"
)
@click.option(
    "--no-model", is_flag=True, help="Documented reactions only: takes moments, and no learned model."
)
@click.option(
    "--memory-limit", type=float, metavar="GB", help="Stop a target that needs more memory than this."
)
@click.option(
    "-o", "--output", type=click.Path(file_okay=False, path_type=Path),
    help="Run folder: a line of JSON and a page of routes for each target; can be resumed.",
)  # fmt: skip
@click.option("--force", is_flag=True, help="Overwrite the run in the folder.")
@click.option("--resume", is_flag=True, help="Go on with the run in the folder.")
@options.seed
@options.as_json
@options.quiet
@options.verbose
def command(
    words: tuple[str, ...], steps: int, name: str | None, count: int, time_limit: float | None, no_model: bool,
    memory_limit: float | None, output: Path | None, force: bool, resume: bool, seed: int, as_json: bool,
    quiet: bool,
) -> int:  # fmt: skip
    """Routes from what can be bought to a molecule or a polymer.

    TARGET is SMILES, PSMILES (a repeat unit with two *), a table or a file of one a line. A polymer is taken apart into
    monomers that polymerise to exactly its repeat unit; each monomer is bought or made. Steps come from documented
    reactions and from the inversion of the learned forward model, and say which. Exit status: 0 done, 1 no
    target could be read, 3 some could not.

    \b
    Examples:
      hanten synth "*C(=O)c1ccc(cc1)C(=O)Nc1ccc(cc1)N*" --no-model
      hanten synth "CCOC(=O)c1ccc(N)cc1" --time-limit 20 -n 5 --json
      hanten synth targets.smi --steps 2 --stock shelf.csv --no-model -o runs/routes
    """
    from hanten.report.route_page import tell_plan
    from hanten.synthesis.batch import run_batch, to_lines
    from hanten.synthesis.forward import load_forward
    from hanten.synthesis.limits import limit_memory
    from hanten.synthesis.plan import PlanSettings
    from hanten.synthesis.planning import plan
    from hanten.synthesis.retro import load_backward
    from hanten.synthesis.stock import open_stock

    settings = PlanSettings(steps, count, seed, time_limit, learned=not no_model)
    limit_memory(memory_limit)
    stock = open_stock(name)
    if unusable := stock.summary()["rows_not_usable"]:
        click.echo(
            f"{name}: {unusable} rows are not usable; `hanten stock build` tells which and why", err=True
        )
    table, column = read_input(words)
    targets = [str(text) for text in table[column]]
    forward, backward = (None, None) if no_model else (load_forward(), load_backward())
    say = None if quiet or as_json else lambda text: click.echo(text, err=True)
    if output is None:
        found = (plan(target, stock, forward, settings, backward=backward, say=say) for target in targets)
    else:
        found = run_batch(
            targets, stock, forward, settings, output, force=force, resume=resume, backward=backward,
            tell=lambda one: tell_plan(one).html(), say=say,
        )  # fmt: skip
    plans = []
    for one in found:
        plans.append(one)
        if not as_json:
            click.echo("\n".join(to_lines(one)))
    if as_json:
        emit_json([one.record() for one in plans])
    if output is not None:
        click.echo(f"{len(plans)} targets -> {output}", err=True)
    return rows_status(sum(one.error is not None for one in plans), len(plans))
