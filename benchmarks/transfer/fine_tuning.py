"""Fine-tuning on the few polymers of ``conductivity.py``: the same draws, the same network without transfer as baseline.

Source networks learn the Notre Dame conductivity, density and glass transition without any PI1070 polymer. Each is
fine-tuned on random PI1070 polymers (of the logarithm) and tested on all others. The baseline has the architecture, the
inputs, the inner folds and the stopping rule of the fine-tuned network, and random weights at the start. Needs torch.

    HANTEN_DATA_DIR=... python benchmarks/transfer/fine_tuning.py [--points 28 100] [--draws 20] [--networks 3]
"""

from __future__ import annotations

import argparse
import time

import numpy as np
from common import PI1070, TARGET, paired_table, pi1070_keys, read, scores

from hanten.transfer import FineTuned, train_sources

BASELINE = "no transfer: the same networks, random weights"
TASKS = {
    "conductivity": "polymer/thermal_conductivity@notre-dame",
    "density": "polymer/density@notre-dame",
    "Tg": "polymer/Tg",
}
MOST = 1500  # materials of a source


def learn(networks, X, y, train, test, **options):
    """Mean prediction of the fine-tuned networks, back from the logarithm."""
    said = [
        FineTuned(net, random_state=i, **options).fit(X[train], y[train]).predict(X[test])
        for i, net in enumerate(networks)
    ]
    return np.exp(np.mean(said, axis=0))


def main():
    """Print one table per number of points."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--points", type=int, nargs="+", default=[28, 100])
    parser.add_argument("--draws", type=int, default=20)
    parser.add_argument("--networks", type=int, default=3)
    parser.add_argument("--tasks", nargs="+", default=list(TASKS), choices=list(TASKS))
    options = parser.parse_args()
    target, keys = read(PI1070, TARGET), pi1070_keys()
    y = np.log(target.y)
    library = train_sources(
        [TASKS[name] for name in options.tasks], exclude_keys=keys, n_models=10, limit=MOST, say=print
    )
    best = {name: library.load_all(TASKS[name])[: options.networks] for name in options.tasks}
    X = next(iter(best.values()))[0].featurize(target.structures)
    first = best[options.tasks[0]]
    arms = {BASELINE: (first, {"from_scratch": True})}
    for name, networks in best.items():
        arms[f"{name}, nothing frozen"] = (networks, {})
        arms[f"{name}, first layer frozen"] = (networks, {"freeze": 1})
    for name, networks in best.items():
        arms[f"{name}, all hidden layers frozen"] = (networks, {"freeze": min(n.n_layers for n in networks)})
    for n in options.points:
        started, results = time.process_time(), []
        for draw in range(options.draws):
            order = np.random.default_rng(draw).permutation(len(y))
            train, test = np.sort(order[:n]), order[n:]
            for name, (networks, how) in arms.items():
                predicted = learn(networks, X, y, train, test, **how)
                results.append({"arm": name, "draw": draw} | scores(predicted, target.y[test]))
        print(f"\n{n} polymers, {options.draws} draws, {time.process_time() - started:.0f} CPU s")
        print(paired_table(results, BASELINE), flush=True)


if __name__ == "__main__":
    main()
