"""Recovery of the 24 PI1070 polymers above 0.4 W/(m K), none of which model or prior has seen.

    HANTEN_DATA_DIR=... OMP_NUM_THREADS=1 python benchmarks/design/recovery.py [particles] [seeds]

Left out of the property model and of the prior: the 24, and everything within Tanimoto 0.8 of them (Morgan counts,
radius 2). Reported: how many come back among the proposals, exactly or within Tanimoto 0.6, and the posterior gain
log p(S | region) - log p(S) = log P(region | S) - log evidence.
"""

import os
import sys
from pathlib import Path

import numpy as np
import pandas as pd

from hanten.chem import canonical_psmiles
from hanten.design import ConstraintConfig, DesignConfig, NGramPrior, RegionLikelihood, parse_targets
from hanten.design.known import KnownIndex
from hanten.design.sampling import Problem
from hanten.design.train_prior import N_VINYL, polymer_texts
from hanten.features import MorganFingerprint
from hanten.inference import Settings, smc
from hanten.models import train_model

BATCH = 2000


def tanimoto(structures, references):
    """Greatest count Tanimoto of each structure to the references, and to which."""
    featurizer = MorganFingerprint(radius=2)
    refs = np.asarray(featurizer.fit_transform(references), dtype=np.float32)
    total = refs.sum(axis=1)
    best, which = np.zeros(len(structures)), np.zeros((len(references),))
    for start in range(0, len(structures), BATCH):
        rows = np.asarray(featurizer.transform(structures[start : start + BATCH]), dtype=np.float32)
        sums = rows.sum(axis=1)
        for j, ref in enumerate(refs):
            on = ref > 0
            shared = np.minimum(rows[:, on], ref[on]).sum(axis=1)
            similarity = shared / (sums + total[j] - shared)
            part = best[start : start + BATCH]
            np.maximum(part, similarity, out=part)
            which[j] = max(which[j], similarity.max())
    return best, which


def left_out(folder):
    """The hidden polymers, and what model and prior may learn from."""
    table = pd.read_csv(folder / "radonpy_pi1070/PI1070.csv")[["smiles", "thermal_conductivity"]].dropna()
    table["canonical"] = [canonical_psmiles(s) for s in table["smiles"]]
    hidden = sorted(set(table["canonical"][table["thermal_conductivity"] > 0.4]))
    texts = polymer_texts(folder).to_learn(N_VINYL)
    rest = table[tanimoto(list(table["canonical"]), hidden)[0] < 0.8]
    learn = [t for t, s in zip(texts, tanimoto(texts, hidden)[0], strict=True) if s < 0.8]
    print(
        f"hidden {len(hidden)}; left out {len(table) - len(rest)} of PI1070, {len(texts) - len(learn)} of the prior's set",
        flush=True,
    )
    return hidden, rest[["canonical", "thermal_conductivity"]], learn


def one_run(prior, likelihood, proposals, particles, seed):
    """All valid units that one run proposed, and its log evidence."""
    settings = Settings(ess_fraction=0.5, extend=1, chunk=particles // 2)
    for step in smc(prior, likelihood, proposals, particles, np.random.default_rng(seed), settings=settings):
        last = step
    return sorted(
        {canonical_psmiles(x) for x, value in last.memory.items() if value > -np.inf}
    ), last.log_evidence


def main(particles=1000, seeds=3):
    hidden, rest, learn = left_out(Path(os.environ["HANTEN_DATA_DIR"], "polymers"))
    prior = NGramPrior.fit(learn, least_token_count=10)
    model = train_model(rest, "canonical", "thermal_conductivity", model="gp")
    print("trained", flush=True)
    targets = parse_targets("thermal_conductivity >= 0.4 W/m/K")
    likelihood = RegionLikelihood(targets, {"thermal_conductivity": model}, [])
    config = DesignConfig(targets=("thermal_conductivity >= 0.4 W/m/K",), constraints=ConstraintConfig())
    problem = Problem(config, targets, prior, likelihood, KnownIndex(bundled=False))
    inside = likelihood.log_likelihood(hidden)
    print(f"the prior can write {np.isfinite(prior.log_prob(hidden)).sum()} of {len(hidden)}")
    rows, everything = [], set()
    for seed in range(seeds):
        proposed, log_evidence = one_run(prior, likelihood, problem.proposals, particles, seed)
        everything.update(proposed)
        closest, gain = tanimoto(proposed, hidden)[1], inside - log_evidence
        exact = len(set(proposed) & set(hidden))
        rows.append(
            [
                len(proposed),
                exact,
                (closest >= 0.6).sum(),
                log_evidence,
                gain.mean(),
                np.median(gain),
                (gain > 0).sum(),
            ]
        )
        print(f"seed {seed}:", *[f"{value:.2f}" for value in rows[-1]], flush=True)
    names = [
        "distinct proposals",
        "exact",
        "within 0.6",
        "log evidence",
        "gain mean",
        "gain median",
        "gain positive",
    ]
    for name, column in zip(names, np.array(rows).T, strict=True):
        print(f"{name}: mean {column.mean():.2f}, from {column.min():.2f} to {column.max():.2f}")
    print(f"exact in any of {seeds} runs: {len(everything & set(hidden))}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
