"""Thermal conductivity of PI1070 (RadonPy MD, amorphous, 300 K): repeated 5-fold cross-validation, with the peer.

All rows of the public file are used, one value per polymer (median by canonical key without stereo). Folds are
grouped by that key; every hyperparameter is found inside each training fold. The peer is the random forest on
count ECFP (radius 2, 2048 columns) of the written repeat unit, 60 trees, a tenth of the features at each split.

    HANTEN_DATA_DIR=... python benchmarks/models/thermal_conductivity.py [--repeats 5] [--only NAME ...]
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
from rdkit import Chem
from rdkit.Chem import rdFingerprintGenerator
from scipy import sparse
from sklearn.ensemble import RandomForestRegressor

from hanten.data import cluster_labels, grouped_folds
from hanten.features import (
    AtomPairFingerprint,
    ChainDescriptors,
    ForceFieldDescriptors,
    MorganFingerprint,
    RegionalDescriptors,
)
from hanten.models import BayesianLinear, GaussianProcess, GradientBoosting, RandomForest, View
from hanten.models.calibration import coverage, cross_conformal, log_normal_moments
from hanten.models.hygiene import clean_table
from hanten.models.recipes import assemble, get_recipe
from hanten.models.vectorize import features, read_structures
from hanten.properties import get_property

PEER = "peer: forest, count ECFP of the written unit"
VIEWS = {
    "morgan1": View(MorganFingerprint(radius=1)),
    "morgan2": View(MorganFingerprint(radius=2)),
    "pairs": View(AtomPairFingerprint()),
    "chain": View(ChainDescriptors(), kernel="rbf"),
    "regional": View(RegionalDescriptors(), kernel="rbf"),
    "force field": View(ForceFieldDescriptors(), kernel="rbf"),
}
ARMS = {
    "Bayesian linear, morgan2": ("linear", ("morgan2",)),
    "forest, morgan1 + chain": ("forest", ("morgan1", "chain")),
    "boosting, morgan1 + chain": ("boosting", ("morgan1", "chain")),
    "GP, morgan2": ("gp", ("morgan2",)),
    "GP, morgan1": ("gp", ("morgan1",)),
    "GP, chain": ("gp", ("chain",)),
    "GP, morgan1 + chain (bundled)": ("gp", ("morgan1", "chain")),
    "GP, morgan1 + regional": ("gp", ("morgan1", "regional")),
    "GP, morgan1 + chain + force field": ("gp", ("morgan1", "chain", "force field")),
    "GP, morgan1 + pairs + regional + force field": ("gp", ("morgan1", "pairs", "regional", "force field")),
}


def peer_features(structures):
    """Count ECFP on the repeat unit as written, attachment points as atoms."""
    generator = rdFingerprintGenerator.GetMorganGenerator(radius=2, fpSize=2048)
    return np.array(
        [generator.GetCountFingerprintAsNumPy(Chem.MolFromSmiles(s)) for s in structures], dtype=np.float32
    )


def regressor(kind, widths, names):
    """A new regressor; a Gaussian process gets one kernel per view."""
    if kind == "gp":
        ends = np.cumsum([0, *widths]).tolist()
        return GaussianProcess(
            blocks=[(VIEWS[name].kernel, ends[i], ends[i + 1]) for i, name in enumerate(names)]
        )
    return {"linear": BayesianLinear(), "forest": RandomForest(), "boosting": GradientBoosting(n_members=3)}[
        kind
    ]


def score(y, folds, means, stds):
    """Means over folds of MAE and R², and cross-conformal coverage at 90 % (repeat by repeat)."""
    mae = np.mean([np.abs(m - y[test]).mean() for (_, test), m in zip(folds, means, strict=True)])
    r2 = np.mean(
        [
            1 - ((m - y[test]) ** 2).sum() / ((y[test] - y[test].mean()) ** 2).sum()
            for (_, test), m in zip(folds, means, strict=True)
        ]
    )
    if stds is None:
        return mae, r2, float("nan")
    rows = np.concatenate([test for _, test in folds])
    fold = np.concatenate([np.full(len(test), k) for k, (_, test) in enumerate(folds)])
    latent, sd = np.concatenate([m for m, _ in stds]), np.concatenate([s for _, s in stds])
    shares = []
    for repeat in np.unique(fold // 5):
        part = fold // 5 == repeat
        factor = cross_conformal(latent[part] - np.log(y[rows[part]]), sd[part], fold[part])
        shares.append(coverage(y[rows[part]], *log_normal_moments(latent[part], sd[part] * factor), 0.9))
    return mae, r2, float(np.mean(shares))


def run_arm(kind, X, widths, *, names, y, folds):
    """Fit in every fold, in log space; the prediction is the mean in W/(m K)."""
    means, latent = [], []
    for train, test in folds:
        rows = X if kind == "gp" else X.toarray()
        model = regressor(kind, widths, names).fit(rows[train], np.log(y[train]))
        latent.append(model.predict(rows[test], return_std=True))
        means.append(log_normal_moments(*latent[-1])[0])
    return score(y, folds, means, latent)


def run_peer(structures, y, folds):
    """The forest that the target is measured against."""
    X, means = peer_features(structures), []
    for train, test in folds:
        forest = RandomForestRegressor(60, max_features=0.1, random_state=0).fit(X[train], y[train])
        means.append(forest.predict(X[test]))
    return score(y, folds, means, None)


def main():
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument(
        "--clusters", action="store_true", help="hold out whole clusters of similar structures instead"
    )
    parser.add_argument("--only", nargs="*")
    parser.add_argument("--table", type=Path, help="also write the table here")
    options = parser.parse_args()
    clean = clean_table(
        assemble(get_recipe("thermal_conductivity")),
        "canonical",
        "value",
        get_property("thermal_conductivity"),
    )
    items, y = read_structures(clean.structures, canonical=True).good, clean.y
    groups = cluster_labels(clean.structures) if options.clusters else clean.keys
    folds = list(grouped_folds(groups, 5, options.repeats, 0))
    lines = ["| model | MAE W/(m K) | R² | 90 % covers | s per fold |", "|---|---|---|---|---|"]
    print(f"{len(y)} polymers, {options.repeats} x 5 folds\n" + "\n".join(lines), flush=True)
    blocks = {}
    for name in [PEER, *ARMS]:
        if options.only and not any(word in name for word in options.only):
            continue
        started = time.perf_counter()
        if name == PEER:
            mae, r2, covered = run_peer(clean.structures, y, folds)
        else:
            kind, views = ARMS[name]
            for view in views:
                blocks.setdefault(view, features([VIEWS[view]], items))
            X = sparse.csr_array(sparse.hstack([blocks[view] for view in views]))
            mae, r2, covered = run_arm(
                kind, X, [blocks[view].shape[1] for view in views], names=views, y=y, folds=folds
            )
        lines.append(
            f"| {name} | {mae:.4f} | {r2:.3f} | {covered:.3f} | {(time.perf_counter() - started) / len(folds):.1f} |"
        )
        print(lines[-1], flush=True)
    if options.table:
        options.table.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
