"""Training speed of the forward model on one processor core: single precision against bfloat16.

HANTEN_DATA_DIR=... python benchmarks/synthesis/training_speed.py
MALLOC_ARENA_MAX=1 MALLOC_MMAP_MAX_=0 MALLOC_TRIM_THRESHOLD_=2000000000 HANTEN_DATA_DIR=... python benchmarks/synthesis/training_speed.py
"""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path

import torch

from hanten.synthesis.forward.architecture import preset
from hanten.synthesis.forward.pairs import PairSettings, batches, load_pairs
from hanten.synthesis.forward.training import Trainer, TrainSettings, halves_help

TABLE = Path(os.environ["HANTEN_DATA_DIR"]) / "reactions" / "uspto_train.tsv.gz"
STEPS, BUDGET = 12, 6000


def rate(pairs, name: str, halves: bool) -> float:
    """Reactions per processor second, after one step to warm up."""
    trainer = Trainer(pairs, preset(name), TrainSettings(budget=BUDGET))
    trainer.halves = halves
    made = [(len(rows), trainer._batch(rows)) for rows in batches(pairs, BUDGET, 0, 0)[: STEPS + 1]]  # noqa: SLF001
    trainer._step(*made[0][1])  # noqa: SLF001
    begin = time.process_time()
    for _, batch in made[1:]:
        trainer._step(*batch)  # noqa: SLF001
    return sum(count for count, _ in made[1:]) / (time.process_time() - begin)


if __name__ == "__main__":
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        some = load_pairs(TABLE, Path(folder) / "pairs.npz", PairSettings(limit=4000))
    print(f"bfloat16 instructions: {'yes' if halves_help() else 'no'}")
    for size in ("small", "double", "medium"):
        plain, halves = (rate(some, size, halves=halves) for halves in (False, True))
        print(
            f"{size}: {plain:.0f} reactions per processor second, in bfloat16 {halves:.0f} ({halves / plain:.1f} times)"
        )
