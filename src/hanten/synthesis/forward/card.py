"""The card of a forward model as Markdown."""

from __future__ import annotations

from pathlib import Path
from typing import Any

TASKS = {
    "forward": "reactants (SMILES) to product (SMILES); {reagents}, no conditions or yields",
    "backward": "product (SMILES) to reactants (SMILES); it proposes to the inversion, and judges nothing",
}


def card_text(card: dict[str, Any], path: Path) -> str:
    """The card, from what the training and the scoring know.

    Parameters
    ----------
    card : dict
        As ``bundle`` makes it.
    path : path
        The bundle that it describes.
    """
    model, pairs = card["model"], card["pairs"]
    how = pairs["settings"]
    reagents = "reagents may stand among the reactants" if how.get("reagents") else "no reagents"
    sizes = f"width {model['width']}, {model['heads']} heads, {model['encoder_layers']} + {model['decoder_layers']} layers, {model['hidden']} hidden"
    began = f"{card['hours']} h on the clock, {card['processor_hours']} processor hours"
    rows = {
        "file": f"`{path.name}`: weights in half precision; sizes, vocabulary and this card as JSON in its header",
        "task": TASKS[how["direction"]].format(reagents=reagents),
        "architecture": f"encoder-decoder transformer with a copy path: {sizes}; {card['tokens']} tokens",
        "data": "reactions text-mined from US patents by D. M. Lowe (CC0): USPTO-50K train, USPTO-MIT valid, USPTO-full valid and test, and those of "
        "USPTO-15K without reagents; none of them, and no product of them, is in USPTO-50K validation or test, USPTO-MIT test or PaRoutes; "
        f"{pairs['count']:,} aligned pairs" + _texts(how),
        "seen": f"{card['reactions']:,} reactions ({card['epochs']} epochs)" + _before(card),
        "spent": began + (f"; {card['note']}" if card["note"] else ""),
        "RDKit": f"{card['rdkit']} (canonical SMILES; another release is refused)",
        "licence": "that of the package",
        "date": card["date"],
    }
    lines = [
        f"# {pairs['settings']['direction'].capitalize()} reaction model: card",
        "",
        "| | |",
        "|---|---|",
    ]
    lines += [f"| {name} | {text} |" for name, text in rows.items()]
    lines += ["", *_curve(card["curve"])]
    for name, found in card["scores"].items():
        lines += ["", *_scores(name, found, pairs["settings"]["direction"])]
    lines += ["", *_again(card)]
    return "\n".join(lines) + "\n"


def _texts(settings: dict[str, Any]) -> str:
    """What the pairs are, where a reaction has more than one."""
    told = [f"; {settings['variants']} texts of each" if settings["variants"] > 1 else ""]
    told += ["; reactions with known reagents once with and once without"] if settings.get("reagents") else []
    return "".join(told)


def _before(card: dict[str, Any]) -> str:
    """How many reactions the runs had seen whose weights it began from, the latest first."""
    told, run, before = "", "it", card.get("began_from")
    while before:
        told += f"; {run} began from the weights of another run that had seen {before['reactions']:,}"
        run, before = "and that one", before.get("began_from")
    return told


def _curve(curve: list[dict[str, Any]], most: int = 12) -> list[str]:
    lines = ["## Curve", ""]
    lines += [
        "Held-out reactions of the training files (by product); averaged weights; greedy exact match as molecules.",
        "",
    ]
    lines += ["| step | reactions | processor s | loss, nats a token | token accuracy | exact |"]
    lines += ["|---|---|---|---|---|---|"]
    step = max(1, -(-len(curve) // most))
    for row in [*curve[:-1:step], *curve[-1:]]:
        spent = row.get("cpu_seconds", 0)
        lines.append(
            f"| {row['step']:,} | {row['reactions']:,} | {spent:,} | {row['loss']:.3f} | {row['token_accuracy']:.3f} | {row['exact']} of {row['of']} |"
        )
    return lines


def _scores(name: str, found: dict[str, Any], direction: str) -> list[str]:
    n = found["n"]
    given = {"forward": "reactants only", "backward": "product only"}[direction]
    lines = [f"## {name}, {given}", ""]
    lines += [
        f"{n:,} of {found['of']:,} reactions drawn evenly, as many texts in the search as ranks counted; 95 % Wilson intervals; {found['unreadable']} that the model refuses to read count as wrong; {found['processor_seconds']:,} processor seconds.",
        "",
        "| | right | share | interval |",
        "|---|---|---|---|",
    ]
    for key, value in found.items():
        if key.startswith("top"):
            hits, low, high = value
            lines.append(f"| top {key[3:]} | {hits} | {hits / n:.3f} | {low:.3f} to {high:.3f} |")
    lines += ["", "Can its probability be believed? First answers by their probability:", ""]
    lines += ["| probability | reactions | mean probability | share right |", "|---|---|---|---|"]
    lines += [
        f"| {row['low']:g} to {row['high']:g} | {row['n']:.0f} | {row['probability']:.3f} | {row['right']:.3f} |"
        for row in found["reliability"]
    ]
    lines += ["", f"Expected calibration error {found['calibration_error']:.3f}."]
    return lines


def _again(card: dict[str, Any]) -> list[str]:
    settings, how = card["settings"], card["pairs"]["settings"]
    direction = how["direction"]
    start = " --start-from BEFORE.safetensors" if card.get("began_from") else ""
    start += f" --variants {how['variants']}" if how["variants"] > 1 else ""
    start += " --reagents" if how.get("reagents") else ""
    start += f" --longest {how['longest']} --dropout {card['model']['dropout']}"
    return [
        "## Train it again",
        "",
        "```bash",
        "python -m hanten.synthesis.forward.train --data uspto_train_mapped.tsv.gz --data uspto_train.tsv.gz "
        f"--direction {direction} --preset {card['preset']}{start} --budget {settings['budget']} --peak {settings['peak']} --minutes 100 "
        f"--checkpoint {direction}.safetensors",
        f"python -m hanten.synthesis.forward.bundle {direction}.safetensors --reactions FOLDER_OF_TEST_REACTIONS",
        "```",
    ]
