"""Loss of checkpoints on held-out reactions, and on as many texts that the last of them was trained on.

    HANTEN_DATA_DIR=... python benchmarks/synthesis/held_out.py --pairs forward.pairs.npz forward.safetensors [more.safetensors ...]

The pairs lie beside the checkpoint after training; without that file they are made (12 minutes of one core or more). Nats a token,
teacher-forced, averaged weights. Texts with a token that one of the models does not know are left out, or longer than one reads.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

import numpy as np

from hanten.chem.reaction import tokenize
from hanten.synthesis.forward.checkpoint import load_translator, read_facts
from hanten.synthesis.forward.decoding import Translator
from hanten.synthesis.forward.evaluation import teacher_forced
from hanten.synthesis.forward.pairs import PairSettings, load_pairs

REACTIONS = Path(os.environ["HANTEN_DATA_DIR"]) / "reactions"
TABLES = ("uspto_train_mapped.tsv.gz", "uspto_train.tsv.gz")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pairs", default="forward.pairs.npz")
    parser.add_argument("-n", type=int, default=1500)
    parser.add_argument("checkpoints", nargs="+")
    options = parser.parse_args()
    facts = [read_facts(path) for path in options.checkpoints]
    models = [load_translator(path) for path in options.checkpoints]
    settings = PairSettings(**facts[-1]["pairs"]["settings"])
    pairs = load_pairs([REACTIONS / table for table in TABLES], options.pairs, settings)
    drawn = np.random.default_rng(0).choice(len(pairs), options.n, replace=False)
    tell = pairs.vocabulary.decode
    trained = [(tell(pairs.sources[k].tolist()), tell(pairs.targets[k].tolist())) for k in drawn]
    longest = min(one["pairs"]["settings"]["longest"] for one in facts)
    known, held = (
        [pair for pair in part if all(readable(text, models, longest) for text in pair)]
        for part in (trained, pairs.held_out[: options.n])
    )
    print(f"{len(held)} held-out texts, {len(known)} trained on")
    print("| checkpoint | reactions seen | held out: loss | trained on: loss |\n|---|---|---|---|")
    for path, model, one in zip(options.checkpoints, models, facts, strict=True):
        losses = [teacher_forced(model, part)["loss"] for part in (held, known)]
        seen = one["progress"]["reactions"]
        print(f"| {Path(path).stem} | {seen:,} | {losses[0]:.4f} | {losses[1]:.4f} |", flush=True)


def readable(text: str, models: list[Translator], longest: int) -> bool:
    return len(tokenize(text)) <= longest and not any(model.vocabulary.unknown(text) for model in models)


if __name__ == "__main__":
    main()
