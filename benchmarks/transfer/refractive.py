"""Inorganic crystals -> refractive index of polymers: frozen features of networks that only know compositions.

The published surprise (Yamada et al. 2019, doi:10.1021/acscentsci.9b00804), over 20 random splits of 80 to 20 % and with
the arm without transfer. Source: 4,764 inorganic crystals (Matbench, density functional perturbation theory).
Target: 382 polymer crystals (first principles). Both are described by the formula only; the head is the same in both arms.

    HANTEN_DATA_DIR=... python benchmarks/transfer/refractive.py [--draws 20] [--networks 10]
"""

from __future__ import annotations

import argparse
import bz2
import json
import os
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
from common import IBM, paired_table, read, scores
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPRegressor

from hanten.chem import Composition
from hanten.features import CompositionDescriptors
from hanten.models import BayesianLinear, GaussianProcess, RandomForest
from hanten.transfer import FrozenFeatures, Shotgun
from hanten.transfer.inputs import as_formula

FILE = Path(os.environ.get("HANTEN_DATA_DIR", "data")) / "inorganic" / "matbench"


def crystals():
    """Formulas and logarithms of the refractive index, polymorphs by their median."""
    path = next(FILE.rglob("matbench_dielectric.json.bz2"))
    table = pd.DataFrame(json.loads(bz2.decompress(path.read_bytes())))
    table["f"] = [Composition(text).formula for text in table["composition"]]
    table = table[(table["n"] > 1) & (table["n"] < 10)]
    return table.groupby("f", as_index=False)["n"].median()


class Network:
    """Hidden layers of one trained network, as a source."""

    def __init__(self, widths, X, y, seed):
        self.model = MLPRegressor(
            hidden_layer_sizes=widths,
            alpha=1e-3,
            learning_rate_init=2e-3,
            early_stopping=True,
            max_iter=80,
            random_state=seed,
        )
        self.model.fit(X, y)

    def hidden(self, X, layer=-1, activation="post"):
        """Activations of a hidden layer."""
        weights = list(zip(self.model.coefs_[:-1], self.model.intercepts_[:-1], strict=True))
        for weight, bias in weights[: layer if layer > 0 else len(weights) + layer + 1]:
            before = X @ weight + bias
            X = np.maximum(before, 0)
        return before if activation == "pre" else X

    def predict(self, X):
        """The source's own prediction."""
        return self.model.predict(X)


def main():
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=20)
    parser.add_argument("--networks", type=int, default=10)
    options = parser.parse_args()
    warnings.simplefilter("ignore", ConvergenceWarning)
    table, target = crystals(), read(IBM, "crystal_refractive_index")
    featurizer = CompositionDescriptors(statistics=["mean", "variance", "max", "min"])
    polymers = [as_formula(text) for text in target.structures]
    raw = [np.asarray(featurizer.fit_transform(list(f)), dtype=float) for f in (table["f"], polymers)]
    centre, spread = raw[0].mean(0), np.where(raw[0].std(0) > 1e-9, raw[0].std(0), 1.0)
    source_X, X = ((one - centre) / spread for one in raw)
    log_n = np.log(table["n"].to_numpy())
    rng = np.random.default_rng(0)
    networks = []
    for seed in range(options.networks):
        widths = tuple(sorted(rng.choice([24, 32, 48, 64, 96], size=3), reverse=True))
        networks.append(
            Network(tuple(int(w) for w in widths), source_X, (log_n - log_n.mean()) / log_n.std(), seed)
        )
    y = target.y
    said = np.mean([net.predict(X) for net in networks], axis=0)
    print(f"{len(table)} crystals, {len(y)} polymers ({len(set(polymers))} formulas)")
    print(f"the networks' own prediction, unchanged: r {np.corrcoef(said, y)[0, 1]:.3f}")
    forest, linear = RandomForest(100, 0.3, random_state=0), BayesianLinear(scale=True)
    own = GaussianProcess(blocks=[("rbf", 0, X.shape[1])])
    arms = {
        "forest": ("forest: no transfer", forest, [
            ("forest on frozen features", FrozenFeatures(forest, networks)),
            ("forest on frozen features, before the rectifier", FrozenFeatures(forest, networks, activation="pre")),
            ("forest on one network's frozen features (as published)", FrozenFeatures(forest, networks[:1], (-1, -2), "pre")),
        ]),
        "linear": ("Bayesian linear: no transfer", linear, [
            ("Bayesian linear on frozen features", FrozenFeatures(linear, networks)),
            ("Bayesian linear on one network's frozen features (as published)", FrozenFeatures(linear, networks[:1], (-1, -2), "pre")),
            ("shotgun, Bayesian linear heads", Shotgun(linear, networks, layers=(-1, -2), n_sources=10)),
        ]),
        "gp": ("GP: no transfer", own, [("GP on frozen features", FrozenFeatures(None, networks))]),
    }  # fmt: skip
    for base, head, others in arms.values():
        results = []
        for draw in range(options.draws):
            order = np.random.default_rng(draw).permutation(len(y))
            test, train = order[: len(y) // 5], order[len(y) // 5 :]
            for name, model in [(base, head), *others]:
                predicted = model.fit(X[train], y[train]).predict(X[test])
                results.append({"arm": name, "draw": draw} | scores(predicted, y[test]))
        print("\n" + paired_table(results, base, test_over_train=0.25), flush=True)


if __name__ == "__main__":
    main()
