"""Loss of checkpoints of one run on held-out reactions, and on as many that they were trained on.

    HANTEN_DATA_DIR=... python benchmarks/synthesis/held_out.py --pairs forward.pairs.npz forward.safetensors [more.safetensors ...]

The pairs lie beside the checkpoint after training; without that file they are made (12 minutes of one core). Nats a token, teacher-forced, averaged weights.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

import numpy as np

from hanten.synthesis.forward.checkpoint import load_translator, read_facts
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
    pairs = load_pairs([REACTIONS / table for table in TABLES], options.pairs, PairSettings())
    drawn = np.random.default_rng(0).choice(len(pairs), options.n, replace=False)
    tell = pairs.vocabulary.decode
    trained = [(tell(pairs.sources[k].tolist()), tell(pairs.targets[k].tolist())) for k in drawn]
    print("| checkpoint | reactions seen | held out: loss | trained on: loss |\n|---|---|---|---|")
    for path in options.checkpoints:
        model, seen = load_translator(path), read_facts(path)["progress"]["reactions"]
        held, known = (teacher_forced(model, part)["loss"] for part in (pairs.held_out[: options.n], trained))
        print(f"| {Path(path).stem} | {seen:,} | {held:.4f} | {known:.4f} |", flush=True)


if __name__ == "__main__":
    main()
