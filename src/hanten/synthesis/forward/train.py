"""``python -m hanten.synthesis.forward.train``: train the forward reaction model, or its backward twin."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import click

from hanten.errors import HantenError, MissingExtraError, RunError
from hanten.synthesis.forward.architecture import PRESETS, preset
from hanten.synthesis.forward.checkpoint import read_facts
from hanten.synthesis.forward.pairs import ALIGNMENTS, DIRECTIONS, PairSettings, load_pairs
from hanten.synthesis.forward.training import Trainer, TrainSettings


@click.command()
@click.option(
    "--data",
    required=True,
    multiple=True,
    type=click.Path(exists=True, dir_okay=False),
    help="Reactions (TSV); give it several times for several tables.",
)
@click.option("--checkpoint", required=True, type=click.Path(dir_okay=False), help="The file of the run.")
@click.option("--preset", "size", default="small", show_default=True, help=f"Size: {', '.join(PRESETS)}.")
@click.option("--minutes", default=60.0, show_default=True, help="Stop after this time.")
@click.option("--resume", is_flag=True, help="Go on with the checkpoint if there is one.")
@click.option("--start-from", type=click.Path(exists=True, dir_okay=False), help="Begin with these weights.")
@click.option(
    "--direction", type=click.Choice(DIRECTIONS), default="forward", show_default=True, help="What to learn."
)
@click.option(
    "--alignment",
    type=click.Choice(ALIGNMENTS),
    default="matching",
    show_default=True,
    help="What tells where a product atom comes from.",
)
@click.option(
    "--variants", default=1, show_default=True, help="Texts per reaction; above 1 with random ones."
)
@click.option(
    "--reagents", is_flag=True, help="Learn each reaction also with the reagents of its table mixed in."
)
@click.option("--longest", default=160, show_default=True, help="Leave out pairs with more tokens on a side.")
@click.option(
    "--dropout",
    type=click.FloatRange(0, 0.9),
    help="Share of values dropped in training (default: that of the preset, or as before).",
)
@click.option("--limit", default=0, help="Use this many reactions only.")
@click.option("--budget", default=0, help="Tokens of a batch (default: 3000, on a GPU 48000).")
@click.option("--peak", default=0.0, help="Learning rate (default: 0.0015, on a GPU 0.001, or as before).")
@click.option(
    "--cooldown",
    type=click.FloatRange(0, 1),
    help="Last share of the time, in which the rate falls (default: 0.3, or as before).",
)
@click.option("--threads", default=1, show_default=True, help="Threads of the computation.")
@click.option("--jobs", default=1, show_default=True, help="Processes that make the pairs.")
@click.option(
    "--device", type=click.Choice(["auto", "cpu", "cuda"]), default="auto", show_default=True, help="Where."
)
@click.option(
    "--seed",
    "-s",
    type=int,
    help="Of weights, batches and dropout (default: 0; of a run that goes on, its own).",
)
def main(  # noqa: PLR0917  (options of a command)
    data: tuple[str, ...],
    checkpoint: str,
    size: str,
    minutes: float,
    resume: bool,
    start_from: str | None,
    direction: str,
    alignment: str,
    variants: int,
    reagents: bool,
    longest: int,
    dropout: float | None,
    limit: int,
    budget: int,
    peak: float,
    cooldown: float | None,
    threads: int,
    jobs: int,
    device: str,
    seed: int | None,
) -> None:
    """Train a SMILES-to-SMILES reaction model for some minutes; resume it as often as you like."""
    try:
        device = prepare_torch(device, threads)
        going_on = resume and Path(checkpoint).exists()
        if Path(checkpoint).exists() and not resume:
            raise RunError("is there already", where=checkpoint, hint="--resume goes on with it")
        settings = PairSettings(
            direction=direction,
            alignment=alignment,
            variants=variants,
            reagents=reagents,
            limit=limit,
            longest=longest,
        )
        if going_on and PairSettings(**read_facts(checkpoint)["pairs"]["settings"]) != settings:
            raise RunError(
                "was trained with other pairs", where=checkpoint, hint="give the same options as before"
            )
        pairs = load_pairs(data, Path(checkpoint).with_suffix(".pairs.npz"), settings, jobs)
        click.echo(
            f"{len(pairs)} training pairs, {len(pairs.held_out)} held out, {len(pairs.vocabulary)} tokens"
        )
        if going_on:
            trainer = Trainer.resume(
                checkpoint, pairs, device, dropout=dropout, peak=peak or None, cooldown=cooldown, seed=seed
            )
            click.echo(f"goes on at step {trainer.progress.step}; sizes and budget are those of the run")
        else:
            gpu = device == "cuda"
            how = TrainSettings(
                budget=budget or (48000 if gpu else 3000),
                peak=peak or (1e-3 if gpu else 1.5e-3),
                seed=seed or 0,
                cooldown=0.3 if cooldown is None else cooldown,
            )
            config = preset(size) if dropout is None else replace(preset(size), dropout=dropout)
            trainer = Trainer(pairs, config, how, device)
            if start_from:
                trainer.start_from(start_from)
        with _told_to_stop() as asked:
            trainer.run(minutes, checkpoint, say=click.echo, stopped=lambda: bool(asked))
    except HantenError as error:
        raise click.ClickException(str(error)) from error


def prepare_torch(device: str, threads: int) -> str:
    """The device to use; refuses without torch, and sets the number of threads."""
    if find_spec("torch") is None:
        raise MissingExtraError("training needs torch", hint="pip install 'hanten[train]'")
    import torch

    torch.set_num_threads(threads)
    if device == "auto":
        device = "cuda" if torch.cuda.is_available() else "cpu"
    return device


@contextmanager
def _told_to_stop() -> Iterator[list[int]]:
    """A list that is no longer empty once Ctrl-C or a termination asked the run to stop."""
    asked: list[int] = []
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    for number in before:
        signal.signal(number, lambda got, _frame: asked.append(got))
    try:
        yield asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


if __name__ == "__main__":
    main()
