"""The bundled forward model: rank of the true product, calibration, scoring rate, and agreement with its torch twin.

    HANTEN_DATA_DIR=... python benchmarks/synthesis/forward.py [N]

Reactants only, written once and written in five ways, and reagents mixed in; N reactions drawn evenly from each test file (default 500). Times are
processor seconds of one core.
"""

from __future__ import annotations

import os
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from hanten.synthesis.forward import load_forward
from hanten.synthesis.forward.bundle import TESTS
from hanten.synthesis.forward.evaluation import wilson
from hanten.synthesis.forward.pairs import read_reactions
from hanten.synthesis.forward.scoring import score

REACTIONS = Path(os.environ["HANTEN_DATA_DIR"]) / "reactions"


def accuracy(model, n: int) -> None:
    for file_name, file in TESTS.items():
        name = f"{file_name}, texts {model.texts}"
        found = score(model, REACTIONS / file, n)
        count = len(found.ranks)
        for k in found.tops:
            low, high = wilson(found.top(k), count)
            print(
                f"{name}, reactants only, top {k}: {found.top(k)} of {count} = {found.top(k) / count:.3f} ({low:.3f} to {high:.3f})"
            )
        print(
            f"{name}: calibration error {found.calibration_error():.3f}; {found.processor_seconds:.0f} processor seconds, beam 5"
        )


def mixed(model, n: int) -> None:
    """Reagents among the reactants, untold which is which."""
    found = score(model, REACTIONS / TESTS["USPTO-MIT test"], n, reagents=True)
    count = len(found.ranks)
    low, high = wilson(found.top(1), count)
    print(
        f"USPTO-MIT test, reagents mixed in, top 1: {found.top(1)} of {count} = {found.top(1) / count:.3f} ({low:.3f} to {high:.3f}); "
        f"{found.unreadable} refused"
    )


def rate(model, n: int) -> None:
    """Teacher-forced: reading, aligning the product's text, and the network; every reactant set is new."""
    reactions = [(tuple(r), p) for r, p in read_reactions(REACTIONS / "uspto50k_valid.tsv.gz")]
    reactions = [one for one in reactions if model.why_not(one[0]) is None][:n]
    model.log_prob([reactions[0][0]], [reactions[0][1]])
    begin, processor = time.perf_counter(), time.process_time()
    values = model.log_prob([r for r, _ in reactions], [p for _, p in reactions])
    spent, cpu = time.perf_counter() - begin, time.process_time() - processor
    threads = os.environ.get("OPENBLAS_NUM_THREADS", "all")
    print(
        f"scoring: {len(reactions) / spent:.0f} reactions/s on the clock, {len(reactions) / cpu:.0f} per processor second (BLAS threads: {threads})"
    )
    print(f"mean log p of the true product {np.mean(values):.2f}, median {np.median(values):.2f}")


if __name__ == "__main__":
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    forward_model = load_forward()
    rate(forward_model, 600)
    for texts in (1, 5):
        accuracy(replace(forward_model, texts=texts), count)
    mixed(forward_model, count)
