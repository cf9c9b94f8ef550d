"""The library of source models: scores per task, training time, speed of prediction, size.

    python benchmarks/transfer/library.py [FOLDER]

FOLDER is what ``hanten library train`` wrote; the library in the package without it. Training times are those its
index recorded: CPU seconds of one core for all networks of a task, features not counted.
"""

from __future__ import annotations

import sys
import time

import numpy as np

from hanten.transfer import open_library

MATERIALS = 10_000


def main():
    """Print the three tables."""
    library = open_library(sys.argv[1] if len(sys.argv) > 1 else None)
    seconds = sum(entry["cpu_seconds"] for entry in library.index.values())
    trained = sum(entry.get("n_trained", entry["n_models"]) for entry in library.index.values())
    print(f"{len(library.index)} tasks, {trained} networks trained in {seconds:.0f} CPU s")
    print(
        f"= {seconds / max(trained, 1):.2f} s a network, {3000 * seconds / max(trained, 1) / 60:.1f} min for 3,000\n"
    )
    print(speed(library))
    print(scores(library))


def speed(library):
    """Slowest of the best networks of each world on 10,000 materials, from features."""
    lines = [
        f"| world | features | hidden layers of the slowest | {MATERIALS:,} predictions, CPU s |",
        "|---|---|---|---|",
    ]
    for kind in sorted({entry["kind"] for entry in library.index.values()}):
        width = library.inputs(kind).width
        X = np.random.default_rng(0).normal(size=(MATERIALS, width)).astype(np.float32)
        timed = []
        for task in library.list(kind)["best"]:
            source = library.load(task)
            start = time.process_time()
            source.predict(X)
            timed.append((time.process_time() - start, source.widths))
        worst = max(timed)
        lines.append(f"| {kind} | {width} | {'-'.join(map(str, worst[1]))} | {worst[0]:.3f} |")
    return "\n".join(lines) + "\n"


def scores(library):
    """Held-out scores of the best network (chosen on validation keys) and the median of all."""
    lines = ["| task | materials | networks | R² | median R² | MAE | unit |", "|---|---|---|---|---|---|---|"]
    for name, entry in library.index.items():
        log = " (log)" if library.sources(name).card["log"] else ""
        lines.append(
            f"| {name} | {entry['n_materials']:,} | {entry.get('n_trained', entry['n_models'])} | {entry['r2']:.3f}{log} "
            f"| {entry['median_r2']:.3f} | {entry['mae']:.4g} | {entry['unit'] or '–'} |"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    main()
