"""``python -m hanten.synthesis.forward.bundle``: from a training checkpoint to the model that is used.

Averaged weights (of one checkpoint, or the mean over several of one run) in half precision, without the optimizer; scored
as they will be used, on reactions that the training never saw; the scores go into the card.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import numpy as np

from hanten.errors import BundleError, HantenError
from hanten.runs import atomic_write
from hanten.synthesis.forward.architecture import PRESETS, ModelConfig
from hanten.synthesis.forward.bundled import LIBRARY, load_forward, save_forward
from hanten.synthesis.forward.card import card_text
from hanten.synthesis.forward.scoring import score

#: name in the card -> file of reactions; reactants only, whatever the file says about reagents.
TESTS = {"USPTO-50K test": "uspto50k_test.tsv.gz", "USPTO-MIT test": "uspto_mit_test.tsv.gz"}
#: A backward model is compared where published ones are.
TESTS_BY = {"forward": tuple(TESTS), "backward": ("USPTO-50K test",)}


@click.command()
@click.argument("checkpoints", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False))
@click.option("-o", "--output", help="The bundle; by default the package's own of that direction.")
@click.option(
    "--reactions",
    type=click.Path(exists=True, file_okay=False),
    help=f"Folder with {' and '.join(TESTS.values())}; without it there are no scores.",
)
@click.option("-n", "--limit", default=1000, show_default=True, help="Reactions of each test; 0 is all.")
@click.option("--beam", default=0, help="Texts kept in the search (default: 5, backward 10).")
@click.option("--note", default="", help="A sentence for the card: hardware, clock time, what was tried.")
def main(  # noqa: PLR0917  (options of a command)
    checkpoints: tuple[str, ...], output: str | None, reactions: str | None, limit: int, beam: int, note: str
) -> None:
    """Average, round, score and bundle one or more CHECKPOINTS of a run; write the card beside the bundle."""
    try:
        weights, facts = averaged(checkpoints)
        card = training_facts(facts, len(checkpoints), note)
        head = {key: facts[key] for key in ("model", "vocabulary", "rdkit")}
        head |= {"longest": facts["pairs"]["settings"]["longest"], "card": card}
        direction = facts["pairs"]["settings"]["direction"]
        output = output or str(LIBRARY / f"{direction}.safetensors")
        save_forward(output, weights, head)
        for name in TESTS_BY[direction] if reactions else ():
            found = score(load_forward(output), Path(reactions or "") / TESTS[name], limit, beam)
            card.setdefault("scores", {})[name] = found.record()
            click.echo(f"{name}: {found.line()}")
        save_forward(output, weights, head)
        with atomic_write(Path(output).with_suffix(".md"), "w") as handle:
            handle.write(card_text(card, Path(output)))
    except HantenError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{output}: {Path(output).stat().st_size / 1e6:.1f} MB")


def averaged(paths: Sequence[str]) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """The mean of the averaged weights of checkpoints of one run, and the facts of the last of them.

    Raises
    ------
    BundleError
        If a file is no checkpoint, or they differ in sizes, tokens or RDKit release.
    """
    from safetensors import safe_open

    from hanten.synthesis.forward.checkpoint import read_facts

    every = sorted(((read_facts(path), path) for path in paths), key=lambda it: it[0]["progress"]["step"])
    last = every[-1][0]
    total: dict[str, np.ndarray] = {}
    for facts, path in every:
        if any(facts[key] != last[key] for key in ("model", "vocabulary", "rdkit")):
            raise BundleError("is not of the same run as the others", where=path)
        with safe_open(path, framework="numpy") as archive:
            for key in archive.keys():  # noqa: SIM118  (an archive is no mapping)
                group, _, name = key.partition("/")
                if group == "average":
                    total[name] = total.get(name, 0.0) + archive.get_tensor(key).astype(np.float64)
    return {name: value / len(paths) for name, value in total.items()}, last


def training_facts(facts: dict[str, Any], count: int, note: str) -> dict[str, Any]:
    """The part of the card that the training knows."""
    progress = facts["progress"]
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "model": facts["model"],
        "preset": _preset(facts["model"]),
        "began_from": progress["began_from"],
        "tokens": len(facts["vocabulary"]),
        "rdkit": facts["rdkit"],
        "pairs": facts["pairs"],
        "settings": facts["settings"],
        "checkpoints": count,
        "reactions": progress["reactions"],
        "epochs": round(progress["reactions"] / facts["pairs"]["count"], 2),
        "hours": round(progress["seconds"] / 3600, 2),
        "processor_hours": round(progress["cpu_seconds"] / 3600, 2),
        "curve": progress["curve"],
        "note": note,
        "scores": {},
    }


def _preset(sizes: dict[str, Any]) -> str:
    """The name of a model's sizes, whatever its dropout."""
    config = ModelConfig(**sizes)
    return next((name for name, one in PRESETS.items() if one.same_sizes(config)), "NAME")


if __name__ == "__main__":
    main()
