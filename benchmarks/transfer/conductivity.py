"""PI1070 thermal conductivity from few polymers, tested on all the others: with and without sources, paired draws.

Strict: no source saw any PI1070 polymer (by canonical key, stereo aside). Realistic: sources may know other properties
of the same polymers. The head is the same in both arms: the Gaussian process of the bundled model (Morgan
counts and chain descriptors, in log space).

    HANTEN_DATA_DIR=... python benchmarks/transfer/conductivity.py [--points 28] [--draws 20] [--realistic]
        [--library FOLDER]   networks of a library trained with the PI1070 keys excluded: frozen features, shotgun
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
import pandas as pd
from common import (
    CONDUCTIVITY,
    PI1070,
    REALISTIC,
    STRICT,
    TARGET,
    describe,
    paired_table,
    pi1070_keys,
    read,
    scores,
    source_predictions,
    with_columns,
)

from hanten.models import BayesianLinear, GaussianProcess, RandomForest
from hanten.transfer import AffineTransfer, MultiFidelity, Shotgun, SourceFeatures, TauRho, open_library

BASELINE = "no transfer: GP"


def arms_of(X, blocks, S, names):
    """Name -> (features, regressor): the baseline and every method, on the same head."""
    width, k = X.shape[1], S.shape[1]
    columns, head = list(range(width, width + k)), GaussianProcess(blocks=blocks)
    both = with_columns(X, S)
    other = [width + i for i, name in enumerate(names) if name != CONDUCTIVITY]
    without = with_columns(X, S[:, [i for i, name in enumerate(names) if name != CONDUCTIVITY]])
    rest = list(range(width, width + len(other)))
    kernel = GaussianProcess(blocks=[*blocks, ("rbf", width, width + k)])
    arms = {
        BASELINE: (X, head),
        "(τ, ρ) by inner CV": (both, TauRho(head, source=columns)),
        "(τ, ρ) = (0, 0.5)": (both, TauRho(head, source=columns, tau=0.0, rho=0.5)),
        "density ratio, ρ by inner CV": (both, TauRho.density_ratio(head, source=columns)),
        "probabilistic offset": (both, TauRho.probabilistic_offset(head, source=columns)),
        "cross-domain similarity, λ = 1": (both, TauRho.cross_domain_similarity(head, source=columns)),
        "source as it is, aligned": (both, TauRho.source_as_is(head, source=columns, align="linear")),
        "multi-fidelity": (both, MultiFidelity(blocks, source=columns)),
        "affine, kernels": (both, AffineTransfer(source=columns, blocks=blocks)),
        "predictions as one more kernel": (both, kernel),
        "(τ, ρ), no conductivity among the sources": (without, TauRho(head, source=rest)),
        "multi-fidelity, no conductivity among the sources": (without, MultiFidelity(blocks, source=rest)),
    }
    if not other or len(other) == k:
        arms = {name: arm for name, arm in arms.items() if "no conductivity" not in name}
    return arms


def network_arms(X, blocks, folder, structures, *, most=60):
    """Frozen features and shotgun transfer from the networks of a library."""
    library = open_library(folder)
    table = library.list()
    names = list(table.sort_values("r2", ascending=False)["task"])
    sources = [s for name in names for s in library.load_all(name)[:3]][:most]
    hidden = SourceFeatures(sources, what="hidden")
    H = hidden.transform_canonical(structures).astype(float)
    width, chain = X.shape[1], blocks[-1][1:]
    own = with_columns(X[:, slice(*chain)], H)
    shift = chain[1] - chain[0]
    pairs = [(shift + a, shift + b) for a, b in hidden.blocks()]
    said = SourceFeatures([s for n in names for s in library.load_all(n)[:10]], logarithms=(TARGET,))
    P = said.transform_canonical(structures).astype(float)
    columns, head = list(range(width, width + P.shape[1])), GaussianProcess(blocks=blocks)
    both = with_columns(X, P)
    print(f"{len(names)} tasks, {len(sources)} networks, {H.shape[1]} hidden units", flush=True)
    return {
        "networks: (τ, ρ) by inner CV": (both, TauRho(head, source=columns)),
        "networks: multi-fidelity": (both, MultiFidelity(blocks, source=columns)),
        "networks: frozen features as one more kernel": (
            with_columns(X, H),
            GaussianProcess(blocks=[*blocks, ("rbf", width, width + H.shape[1])]),
        ),
        "no transfer: Bayesian linear on chain descriptors": (
            X[:, slice(*chain)].toarray(),
            BayesianLinear(),
        ),
        "networks: shotgun, Bayesian linear heads": (
            own.toarray(),
            Shotgun(BayesianLinear(), pairs, own=(0, shift)),
        ),
    }


def main():
    """Print one table per number of points."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--points", type=int, nargs="+", default=[28, 100])
    parser.add_argument("--draws", type=int, default=20)
    parser.add_argument("--realistic", action="store_true")
    parser.add_argument("--library", type=Path)
    parser.add_argument(
        "--only", nargs="*", help="arms whose name holds one of these words, and the baseline"
    )
    parser.add_argument("--save", type=Path, help="keep the scores of each draw as CSV")
    options = parser.parse_args()
    target, keys = read(PI1070, TARGET), pi1070_keys()
    X, blocks = describe(target.structures)
    y = np.log(target.y)
    if options.library:
        arms = {BASELINE: (X, GaussianProcess(blocks=blocks))} | network_arms(
            X, blocks, options.library, target.structures
        )
    else:
        S, names = source_predictions(STRICT, target.structures, keys), list(STRICT)
        if options.realistic:
            more = source_predictions(REALISTIC, target.structures, set())
            S, names = np.hstack([S, more]), [*names, *REALISTIC]
        arms = arms_of(X, blocks, S, names)
    counts = X[:, slice(*blocks[0][1:])].toarray()
    arms = {"forest on counts": (counts, RandomForest(n_trees=60))} | arms
    if options.only is not None:
        arms = {k: v for k, v in arms.items() if k == BASELINE or any(word in k for word in options.only)}
    for n in options.points:
        started, results = time.process_time(), []
        for draw in range(options.draws):
            order = np.random.default_rng(draw).permutation(len(y))
            train, test = np.sort(order[:n]), order[n:]
            for name, (F, model) in arms.items():
                predicted = np.exp(model.fit(F[train], y[train]).predict(F[test]))
                results.append({"arm": name, "draw": draw} | scores(predicted, target.y[test]))
            if options.save:
                pd.DataFrame(results).to_csv(options.save.with_suffix(f".{n}.csv"), index=False)
        print(f"\n{n} polymers, {options.draws} draws, {time.process_time() - started:.0f} CPU s")
        print(paired_table(results, BASELINE), flush=True)


if __name__ == "__main__":
    main()
