"""45 lattice thermal conductivities (evaluation-only data), 10 x 5-fold, log10: with and without sources, paired folds.

Sources: AFLOW conductivity (quasi-harmonic Debye model), Debye temperature, moduli, expansion; band gaps; and the scattering
phase space of 275 other crystals. The 45 formulas are removed from every source. Nothing trained here is shipped.

    HANTEN_DATA_DIR=... python benchmarks/transfer/lattice.py [--repeats 10] [--only WORD ...]
"""

from __future__ import annotations

import argparse
import os
import time
from pathlib import Path

import numpy as np
import pandas as pd

from hanten.chem import Composition
from hanten.data import grouped_folds
from hanten.features import CompositionDescriptors
from hanten.models import Average, BayesianLinear, GaussianProcess, RandomForest
from hanten.transfer import AffineTransfer, MultiFidelity, TauRho
from hanten.transfer.comparison import compare_folds

FOLDER = Path(os.environ.get("HANTEN_DATA_DIR", "data")) / "inorganic"
AFLOW = {
    "AFLOW conductivity": ("agl_thermal_conductivity_300K", True),
    "AFLOW Debye temperature": ("ael_debye_temperature", True),
    "AFLOW expansion": ("agl_thermal_expansion_300K", True),
    "AFLOW bulk modulus": ("ael_bulk_modulus_vrh", True),
    "AFLOW shear modulus": ("ael_shear_modulus_vrh", True),
}
MOST = 2500


def formula(text):
    """Canonical formula."""
    return Composition(text).formula


def descriptors(formulas):
    """Mean, variance, maximum and minimum of the element features, columns that vary."""
    featurizer = CompositionDescriptors(statistics=["mean", "variance", "max", "min"])
    return np.asarray(featurizer.fit_transform(list(formulas)), dtype=float)


def source(name, formulas, values, known, X):
    """Gaussian process and extremely randomised trees on one source, the known formulas left out; says of X, (n,)."""
    table = pd.DataFrame({"f": [formula(f) for f in formulas], "y": np.asarray(values, dtype=float)})
    table = (
        table[np.isfinite(table["y"]) & ~table["f"].isin(known)].groupby("f", as_index=False)["y"].median()
    )
    if len(table) > MOST:
        table = table.sample(MOST, random_state=0)
    own = descriptors(table["f"])
    model = Average(
        [
            GaussianProcess(blocks=[("rbf", 0, own.shape[1])]),
            RandomForest(60, 0.2, extra=True, random_state=0),
        ]
    )
    print(f"source {name}: {len(table)} formulas", flush=True)
    return model.fit(own, table["y"].to_numpy()).predict(X)


def arms_of(X, S, names):
    """Name -> (features, regressor)."""
    d, k = X.shape[1], S.shape[1]
    both, columns = np.hstack([X, S]), list(range(d, d + k))
    gp, forest = GaussianProcess(blocks=[("rbf", 0, d)]), RandomForest(100, 0.3, random_state=0)
    average = Average([gp, forest])
    one = np.hstack([X, S[:, [names.index("AFLOW conductivity")]]])
    return {
        "ridge (Bayesian linear)": (X, BayesianLinear(scale=True)),
        "no transfer: forest": (X, forest),
        "no transfer: GP": (X, gp),
        "no transfer: GP + forest": (X, average),
        "GP: (τ, ρ) by inner CV": (both, TauRho(gp, source=columns)),
        "GP: (0, 0.5)": (both, TauRho(gp, source=columns, tau=0.0, rho=0.5)),
        "GP: multi-fidelity": (both, MultiFidelity([("rbf", 0, d)], source=columns)),
        "GP: multi-fidelity, AFLOW conductivity only": (one, MultiFidelity([("rbf", 0, d)], source=[d])),
        "GP: affine": (both, AffineTransfer(source=columns)),
        "GP: predictions as one more kernel": (
            both,
            GaussianProcess(blocks=[("rbf", 0, d), ("rbf", d, d + k)]),
        ),
        "GP: predictions alone": (S, GaussianProcess(blocks=[("rbf", 0, k)])),
        "forest: predictions beside descriptors": (both, forest),
        "forest: (τ, ρ) by inner CV": (both, TauRho(forest, source=columns, taus=(0.0, 0.5, 1.0))),
        "GP + forest: (0, 0.5)": (both, TauRho(average, source=columns, tau=0.0, rho=0.5)),
        "GP + forest: (τ, ρ) by inner CV": (both, TauRho(average, source=columns, taus=(0.0, 0.5))),
        "linear on predictions": (S, BayesianLinear(scale=True)),
    }


BASE = {"GP + forest": "no transfer: GP + forest", "GP": "no transfer: GP", "forest": "no transfer: forest"}


def main():
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=10)
    parser.add_argument("--only", nargs="*")
    options = parser.parse_args()
    table = pd.read_csv(FOLDER / "affinetl_ltc" / "ltc_sps.csv", index_col=0)
    table["f"] = [formula(f) for f in table["formula"]]
    target = table[table["TC (W/mK)"].notna()]
    y, known = np.log10(target["TC (W/mK)"].to_numpy()), set(target["f"])
    X = descriptors(target["f"])
    S, names = [], []
    for name, (stem, log) in AFLOW.items():
        rows = pd.concat(
            [
                pd.read_csv(FOLDER / "crabnet_benchmark" / f"aflow__{stem}__{part}.csv")
                for part in ("train", "val", "test")
            ]
        )
        values = rows["target"].to_numpy(float)
        values = np.log10(np.where(values > 0, values, np.nan)) if log else values
        S.append(source(name, rows["formula"], values, known, X))
        names.append(name)
    others = table[~table["f"].isin(known)]
    S.append(source("scattering phase space", others["f"], np.log10(others["SPS (cm)"]), known, X))
    names.append("scattering phase space")
    S = np.column_stack(S)
    for name, column in zip(names, S.T, strict=True):
        print(f"r of {name} with the target: {np.corrcoef(column, y)[0, 1]:+.2f}")
    folds = list(grouped_folds(list(target["f"]), 5, options.repeats, 0))
    arms, errors, lines = arms_of(X, S, names), {}, {}
    for name, (F, model) in arms.items():
        if (
            options.only
            and not name.startswith("no transfer")
            and not any(word in name for word in options.only)
        ):
            continue
        started, out = time.process_time(), [model.fit(F[a], y[a]).predict(F[b]) for a, b in folds]
        errors[name] = np.array([np.abs(p - y[b]).mean() for p, (_, b) in zip(out, folds, strict=True)])
        pooled = []
        for k in range(options.repeats):
            p = np.empty(len(y))
            for one, (_, b) in list(zip(out, folds, strict=True))[5 * k : 5 * k + 5]:
                p[b] = one
            pooled.append(1 - ((p - y) ** 2).sum() / ((y - y.mean()) ** 2).sum())
        base = next((BASE[key] for key in BASE if name.startswith(f"{key}:")), None)
        paired = ""
        if base:
            gain = compare_folds(errors[base], errors[name], 5)
            paired = f"{gain.gain:+.3f} ({gain.low:+.3f} to {gain.high:+.3f}), hurt on {gain.hurt} of {options.repeats}"
        lines[name] = f"| {name} | {errors[name].mean():.3f} | {np.mean(pooled):.3f} | {paired} |"
        print(lines[name], f"{time.process_time() - started:.0f} CPU s", flush=True)


if __name__ == "__main__":
    main()
