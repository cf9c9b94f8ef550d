"""Should the tasks of a world scale the features over their own materials? The same networks with and without; needs torch.

HANTEN_DATA_DIR=... python benchmarks/transfer/scaling.py [TASK ...] [--networks 26]
"""

from __future__ import annotations

import argparse

import numpy as np

from hanten.transfer import open_library, training
from hanten.transfer.task_data import load_task
from hanten.transfer.tasks import get_task
from hanten.transfer.worlds import raw_features

TASKS = [
    "composition/yield_strength@steels",
    "composition/exfoliation_energy",
    "composition/formation_energy",
    "polymer/thermal_conductivity@notre-dame",
    "polymer/ionization_energy",
]


def measured(task, data, features, inputs, networks, *, own):
    """Held-out R² of the best network by its validation score, and the median of all."""
    training.SCALED_BY_TASK = frozenset({task.kind}) if own else frozenset()
    sources = training.train_task(task, data, features, inputs, training.Settings(networks))
    scores = [model["scores"] for model in sources.models]
    best = max(scores, key=lambda one: one["validation_r2"])
    return best["r2"], float(np.median([one["r2"] for one in scores]))


def main():
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tasks", nargs="*", default=TASKS)
    parser.add_argument("--networks", type=int, default=26)
    options = parser.parse_args()
    library = open_library()
    print("| task | best R², scaled over the world | over the task | median R², world | task |")
    print("|---|---|---|---|---|")
    for name in options.tasks:
        task = get_task(name)
        data, inputs = load_task(task, limit=training.LIMIT), library.inputs(task.kind)
        raw = raw_features(task.kind, data.keys, inputs.featurizer, lambda _: None)
        found = [
            measured(task, data, inputs.scaled(raw), inputs, options.networks, own=own)
            for own in (False, True)
        ]
        (before, before_median), (after, after_median) = found
        row = f"| {name} | {before:.3f} | {after:.3f} | {before_median:.3f} | {after_median:.3f} |"
        print(row, flush=True)


if __name__ == "__main__":
    main()
