"""Would sources improve the conductivity model that the package ships? All of PI1070, repeated 5-fold, paired.

The baseline is the bundled model: a Gaussian process on Morgan counts and chain descriptors, of the logarithm. No
source saw any PI1070 polymer.

    HANTEN_DATA_DIR=... python benchmarks/transfer/shipped.py [--repeats 5]
"""

from __future__ import annotations

import argparse

import numpy as np
from common import (
    CONDUCTIVITY,
    PI1070,
    STRICT,
    TARGET,
    describe,
    pi1070_keys,
    read,
    source_predictions,
    with_columns,
)

from hanten.data import grouped_folds
from hanten.models import GaussianProcess
from hanten.transfer import MultiFidelity, TauRho
from hanten.transfer.comparison import compare_folds


def main():
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args()
    target = read(PI1070, TARGET)
    y = np.log(target.y)
    X, blocks = describe(target.structures)
    S = source_predictions(STRICT, target.structures, pi1070_keys(), say=lambda _: None)
    one = S[:, [list(STRICT).index(CONDUCTIVITY)]]
    width, k, gp = X.shape[1], S.shape[1], GaussianProcess(blocks=blocks)
    arms = {
        "bundled: GP, no transfer": (X, gp),
        "probabilistic offset, Notre Dame conductivity": (
            with_columns(X, one),
            TauRho.probabilistic_offset(gp, n_splits=2),
        ),
        "multi-fidelity, Notre Dame conductivity": (with_columns(X, one), MultiFidelity(blocks)),
        "all predictions as one more kernel": (
            with_columns(X, S),
            GaussianProcess(blocks=[*blocks, ("rbf", width, width + k)]),
        ),
    }
    folds, errors = list(grouped_folds(target.keys, 5, options.repeats, 0)), {}
    print("| arm | MAE W/(m K) | R² | paired gain, 95 % interval | hurt on |\n|---|---|---|---|---|")
    for name, (F, model) in arms.items():
        out = [np.exp(model.fit(F[a], y[a]).predict(F[b])) for a, b in folds]
        truth = [target.y[b] for _, b in folds]
        errors[name] = np.array([np.abs(p - t).mean() for p, t in zip(out, truth, strict=True)])
        r2 = np.mean(
            [1 - ((p - t) ** 2).sum() / ((t - t.mean()) ** 2).sum() for p, t in zip(out, truth, strict=True)]
        )
        gain = compare_folds(errors["bundled: GP, no transfer"], errors[name], 5)
        paired = f"{gain.gain:+.5f} ({gain.low:+.5f} to {gain.high:+.5f}) | {gain.hurt} of {options.repeats}"
        print(
            f"| {name} | {errors[name].mean():.4f} | {r2:.3f} | {'' if name.startswith('bundled') else paired} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
