"""Recovery of the 24 PI1070 polymers above 0.4 W/(m K), none of which model or prior has seen.

    HANTEN_DATA_DIR=... OMP_NUM_THREADS=1 python benchmarks/design/recovery.py [particles]

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
from hanten.design.train_prior import polymer_texts
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


def main(particles=1000):
    folder = Path(os.environ["HANTEN_DATA_DIR"], "polymers")
    table = pd.read_csv(folder / "radonpy_pi1070/PI1070.csv")[["smiles", "thermal_conductivity"]].dropna()
    table["canonical"] = [canonical_psmiles(s) for s in table["smiles"]]
    hidden = sorted(set(table["canonical"][table["thermal_conductivity"] > 0.4]))
    texts, _ = polymer_texts(folder, 300_000)
    near, _ = tanimoto(list(table["canonical"]), hidden)
    rest = table[near < 0.8]
    near_texts, _ = tanimoto(texts, hidden)
    learn = [t for t, s in zip(texts, near_texts, strict=True) if s < 0.8]
    print(
        f"hidden {len(hidden)}; left out {len(table) - len(rest)} of PI1070, {len(texts) - len(learn)} of the prior's set",
        flush=True,
    )
    prior = NGramPrior.fit(learn, least_token_count=10)
    model = train_model(
        rest[["canonical", "thermal_conductivity"]], "canonical", "thermal_conductivity", model="gp"
    )
    print("trained", flush=True)
    targets = parse_targets("thermal_conductivity >= 0.4 W/m/K")
    likelihood = RegionLikelihood(targets, {"thermal_conductivity": model}, [])
    config = DesignConfig(targets=("thermal_conductivity >= 0.4 W/m/K",), constraints=ConstraintConfig())
    problem = Problem(config, targets, prior, likelihood, KnownIndex(bundled=False))
    settings = Settings(ess_fraction=0.5, extend=1, chunk=particles // 2)
    for step in smc(
        prior, likelihood, problem.proposals, particles, np.random.default_rng(0), settings=settings
    ):
        print(
            {k: step.row[k] for k in ("step", "beta", "ess", "in_target", "log_evidence", "calls")},
            flush=True,
        )
    proposed = sorted({canonical_psmiles(x) for x, value in step.memory.items() if value > -np.inf})
    _, closest = tanimoto(proposed, hidden)
    gain = likelihood.log_likelihood(hidden) - step.log_evidence
    writable = np.isfinite(prior.log_prob(hidden))
    print(
        f"{len(proposed)} distinct proposals; exact {len(set(proposed) & set(hidden))} of {len(hidden)}; "
        f"within 0.6: {(closest >= 0.6).sum()}; the prior can write {writable.sum()}"
    )
    print(
        f"posterior gain: mean {gain.mean():.2f}, median {np.median(gain):.2f}, positive for {(gain > 0).sum()} of {len(hidden)} (nats)"
    )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
