"""Train on PI1070 (RadonPy), predict the Notre Dame conductivities of polymers that are not in PI1070, and the reverse ceiling.

The Notre Dame set is evaluation-only: nothing trained here is shipped.

    HANTEN_DATA_DIR=... python benchmarks/transfer/cross_group.py
"""

from __future__ import annotations

import numpy as np
from common import (
    PI1070,
    REALISTIC,
    STRICT,
    TARGET,
    describe,
    pi1070_keys,
    read,
    source_predictions,
    with_columns,
)

from hanten.models import GaussianProcess
from hanten.transfer import MultiFidelity, TauRho

BOOTSTRAPS = 2000


def report(name, predicted, y):
    """r, r of the logarithms and MAE, with bootstrap intervals over the polymers."""
    rng = np.random.default_rng(0)
    draws = [rng.integers(len(y), size=len(y)) for _ in range(BOOTSTRAPS)]

    def interval(score):
        low, high = np.quantile([score(predicted[d], y[d]) for d in draws], [0.025, 0.975])
        return f"{score(predicted, y):.3f} ({low:.3f} to {high:.3f})"

    def pearson(a, b):
        return np.corrcoef(a, b)[0, 1]

    def rank(a, b):
        return pearson(np.argsort(np.argsort(a)), np.argsort(np.argsort(b)))

    parts = [
        interval(pearson), interval(lambda a, b: pearson(np.log(a), np.log(b))), interval(rank),
        interval(lambda a, b: np.abs(a - b).mean()),
    ]  # fmt: skip
    print(f"| {name} | {len(y)} | " + " | ".join(parts) + " |", flush=True)


def main():
    """Print the table."""
    target, other, keys = read(PI1070, TARGET), read("notre-dame", TARGET), pi1070_keys()
    both = {key: i for i, key in enumerate(target.keys)}
    shared = [(both[key], j) for j, key in enumerate(other.keys) if key in both]
    new = np.flatnonzero([key not in keys for key in other.keys])
    print("| what | n | r | r of logarithms | Spearman | MAE W/(m K) |\n|---|---|---|---|---|---|")
    report(
        "noise ceiling: both simulations of the shared polymers",
        target.y[[i for i, _ in shared]],
        other.y[[j for _, j in shared]],
    )
    X, blocks = describe(target.structures)
    structures = [other.structures[j] for j in new]
    Z, _ = describe(structures)
    y, truth = np.log(target.y), other.y[new]
    model = GaussianProcess(blocks=blocks).fit(X, y)
    plain = np.exp(model.predict(Z))
    report("no transfer: GP on PI1070", plain, truth)
    usual = truth < 1.0
    report("the same without the one polymer above 1 W/(m K)", plain[usual], truth[usual])
    rest = {name: part for name, part in STRICT.items() if part[1] != TARGET} | REALISTIC
    # The sources know other properties; the polymers tested here are left out of them.
    tested = {other.keys[j] for j in new}
    S = source_predictions(rest, [*target.structures, *structures], tested, say=lambda _: None)
    n, width, k = len(y), X.shape[1], S.shape[1]
    columns = list(range(width, width + k))
    train, test = with_columns(X, S[:n]), with_columns(Z, S[n:])
    for name, method in (
        ("multi-fidelity, sources of other properties", MultiFidelity(blocks, source=columns)),
        ("predictions as one more kernel", GaussianProcess(blocks=[*blocks, ("rbf", width, width + k)])),
        ("(τ, ρ) = (0, 0.25)", TauRho(GaussianProcess(blocks=blocks), source=columns, tau=0.0, rho=0.25)),
    ):
        predicted = np.exp(method.fit(train, y).predict(test))
        report(name, predicted, truth)
        report(f"{name}, without the one above 1", predicted[usual], truth[usual])


if __name__ == "__main__":
    main()
