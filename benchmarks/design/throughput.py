"""End-to-end throughput of the sampler on polymers, on one core, in CPU time.

    OMP_NUM_THREADS=1 python benchmarks/design/throughput.py [particles] [sweeps]

New distinct valid repeat units per CPU-second of propose + evaluate, split into its parts, and the overhead over the
RDKit floor (parse + canonical SMILES + Morgan of the same strings).
"""

import sys
import time

import numpy as np
from rdkit import Chem, rdBase
from rdkit.Chem import rdFingerprintGenerator

from hanten.design import CutAndRegrow, RegionLikelihood, build_constraints, load_prior, parse_targets
from hanten.design.constraints import ConstraintConfig, allowed
from hanten.design.likelihood import canonical_or_none, predict_together
from hanten.models import load_model

clock = time.process_time


def main(particles=2000, sweeps=3):
    prior, rng = load_prior("polymer"), np.random.default_rng(0)
    targets = parse_targets("thermal_conductivity >= 0.35 W/m/K")
    model, rules = load_model("thermal_conductivity"), build_constraints(ConstraintConfig())
    likelihood = RegionLikelihood(targets, {"thermal_conductivity": model}, rules)
    xs = prior.sample(particles, rng)
    likelihood.log_likelihood(xs)
    seen = {canonical_or_none(x) for x in xs}
    spent = dict.fromkeys(["propose", "canonical", "parse", "constraints", "predict"], 0.0)
    strings, new = [], set()
    for move in [CutAndRegrow(prior), CutAndRegrow(prior, reach=12)] * sweeps:
        t = clock()
        ys = [y for y in move.propose(xs, rng)[0] if y is not None]
        spent["propose"] += clock() - t
        strings += ys
        t = clock()
        canonical = [canonical_or_none(y) for y in ys]
        spent["canonical"] += clock() - t
        fresh = list(dict.fromkeys(c for c in canonical if c is not None and c not in seen and c not in new))
        t = clock()
        mols = [Chem.MolFromSmiles(c) for c in fresh]
        spent["parse"] += clock() - t
        t = clock()
        good = [m for c, m in zip(fresh, mols, strict=True) if allowed(rules, c, m)]
        spent["constraints"] += clock() - t
        t = clock()
        predict_together([model], good)
        spent["predict"] += clock() - t
        new.update(fresh)
    total = sum(spent.values())
    print(
        f"{len(strings)} strings, {len(new)} new distinct valid units, {total:.2f} CPU-s: {len(new) / total:.0f} per CPU-second"
    )
    print(
        "  ".join(f"{name} {1e6 * value / len(strings):.0f} us" for name, value in spent.items()),
        "per string",
    )
    floor = rdkit_floor(strings)
    print(f"RDKit floor {1e6 * floor / len(strings):.0f} us per string; overhead {total / floor:.2f} x")


def rdkit_floor(strings):
    generator = rdFingerprintGenerator.GetMorganGenerator(radius=2, fpSize=2048)
    t = clock()
    with rdBase.BlockLogs():
        for text in strings:
            mol = Chem.MolFromSmiles(text)
            if mol is not None:
                Chem.MolToSmiles(mol)
                generator.GetCountFingerprintAsNumPy(mol)
    return clock() - t


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
