"""``python -m hanten.synthesis.forward.evaluate``: where the true product stands among the predicted ones."""

from __future__ import annotations

import time

import click
import numpy as np

from hanten.errors import HantenError
from hanten.synthesis.forward.checkpoint import load_translator
from hanten.synthesis.forward.evaluation import ranks, wilson
from hanten.synthesis.forward.pairs import read_reactions
from hanten.synthesis.forward.train import prepare_torch


@click.command()
@click.option(
    "--checkpoint", required=True, type=click.Path(exists=True, dir_okay=False), help="A trained model."
)
@click.option(
    "--data", required=True, type=click.Path(exists=True, dir_okay=False), help="Reactants and products."
)
@click.option("-n", "--limit", default=500, show_default=True, help="Reactions, drawn evenly; 0 is all.")
@click.option("--beam", default=5, show_default=True, help="Texts kept in the search.")
@click.option("--threads", default=1, show_default=True, help="Threads of the computation.")
@click.option(
    "--device", type=click.Choice(["auto", "cpu", "cuda"]), default="auto", show_default=True, help="Where."
)
def main(  # noqa: PLR0917  (options of a command)
    checkpoint: str, data: str, limit: int, beam: int, threads: int, device: str
) -> None:
    """Share of reactions whose product is first, or among the first few, with 95 % intervals."""
    try:
        model = load_translator(checkpoint, prepare_torch(device, threads))
        reactions = list(read_reactions(data))
    except HantenError as error:
        raise click.ClickException(str(error)) from error
    if limit and limit < len(reactions):
        reactions = [reactions[k] for k in np.linspace(0, len(reactions) - 1, limit).astype(int)]
    begin = time.process_time()
    found = ranks(model, reactions, beam)
    spent = time.process_time() - begin
    for top in sorted({1, min(3, beam), beam}):
        hits = sum(rank is not None and rank <= top for rank in found)
        low, high = wilson(hits, len(found))
        click.echo(f"top {top}: {hits} of {len(found)} = {hits / len(found):.3f} ({low:.3f} to {high:.3f})")
    click.echo(f"{spent:.0f} processor seconds")


if __name__ == "__main__":
    main()
