"""What each kind of feature carries: Gaussian processes on the thermal conductivity of PI1070.

    python benchmarks/features/quality.py [--repeats 3]

Reads the data mirror named by HANTEN_DATA_DIR. One row per polymer (median of its records); 5-fold
cross-validation repeated; log conductivity; kernel and noise with no other tuning than one noise level by marginal
likelihood, so that the features are compared and not the regressors. Fingerprints: Tanimoto kernel on log(1 +
count). Descriptors: Matérn 3/2 on standardised columns, length scale the median distance. "+" adds kernels.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.spatial.distance import cdist
from sklearn.model_selection import KFold

from hanten.chem import canonical_psmiles
from hanten.features import (
    AtomPairFingerprint,
    ForceFieldDescriptors,
    MACCSKeys,
    MorganFingerprint,
    RDKitDescriptors,
    RegionalDescriptors,
    TopologicalTorsionFingerprint,
)

FINGERPRINTS = {
    "Morgan, radius 1": MorganFingerprint(1),
    "Morgan, radius 2": MorganFingerprint(2),
    "Morgan, radius 3": MorganFingerprint(3),
    "Morgan, radius 2, binary": MorganFingerprint(2, count=False),
    "Morgan, radius 2, 16384 columns": MorganFingerprint(2, 16384),
    "atom pair": AtomPairFingerprint(),
    "torsion": TopologicalTorsionFingerprint(),
    "MACCS counts": MACCSKeys(count=True),
}
DESCRIPTORS = {
    "regional": RegionalDescriptors(),
    "regional without sd": RegionalDescriptors(aggregations=("sum", "mean")),
    "RDKit per unit": RDKitDescriptors(),
    "RDKit per heavy atom": RDKitDescriptors(per="heavy atom"),
    "force field": ForceFieldDescriptors(),
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=3)
    repeats = parser.parse_args().repeats
    frame = pd.read_csv(Path(os.environ["HANTEN_DATA_DIR"]) / "polymers/radonpy_pi1070/PI1070.csv")
    key = frame["smiles"].map(canonical_psmiles)
    values = frame["thermal_conductivity"].groupby(key).median().dropna()
    units, y = values.index.tolist(), values.to_numpy()
    kernels = {name: tanimoto(f.transform_canonical(units)) for name, f in FINGERPRINTS.items()}
    tables = {name: f.transform_canonical(units) for name, f in DESCRIPTORS.items()}
    kernels |= {name: matern(X) for name, X in tables.items()}
    kernels |= {f"Morgan, radius 2 + {name}": kernels["Morgan, radius 2"] + kernels[name] for name in tables}
    kernels["all fingerprints + all descriptors"] = sum(
        kernels[name] for name in ("Morgan, radius 2", "atom pair", "torsion")
    ) + 3 * matern(np.hstack(list(tables.values())))
    print(f"{len(y)} polymers\n\n| features | MAE, W/(m K) | R2 |\n|---|---|---|")
    for name, kernel in kernels.items():
        mae, r2 = np.mean([score(kernel, y, seed) for seed in range(repeats)], axis=0)
        print(f"| {name} | {mae:.4f} | {r2:.3f} |", flush=True)


def tanimoto(X):
    X = np.log1p(X[:, X.std(axis=0) > 0])
    shared = np.array([np.minimum(row, X).sum(axis=1) for row in X])
    total = X.sum(axis=1)
    return shared / (total[:, None] + total - shared)


def matern(X):
    X = X[:, X.std(axis=0) > 0].astype(float)
    Z = np.clip((X - X.mean(axis=0)) / X.std(axis=0), -5, 5)
    distance = cdist(Z, Z)
    r = np.sqrt(3) * distance / np.median(distance)
    return (1 + r) * np.exp(-r)


def score(kernel, y, seed):
    predicted = np.empty(len(y))
    for train, test in KFold(5, shuffle=True, random_state=seed).split(y):
        predicted[test] = np.exp(_predict(kernel, np.log(y), train, test))
    return np.abs(predicted - y).mean(), 1 - np.mean((predicted - y) ** 2) / y.var()


def _predict(kernel, z, train, test):
    mean, inner = z[train].mean(), kernel[np.ix_(train, train)]
    fits = []
    for noise in (0.01, 0.03, 0.1, 0.3):
        lower = np.linalg.cholesky(inner + noise * np.eye(len(train)))
        white = np.linalg.solve(lower, z[train] - mean)
        cost = 0.5 * len(train) * np.log(np.mean(white**2)) + np.log(np.diag(lower)).sum()
        fits.append((cost, lower, white))
    _, lower, white = min(fits, key=lambda fit: fit[0])
    return mean + kernel[np.ix_(test, train)] @ np.linalg.solve(lower.T, white)


if __name__ == "__main__":
    main()
