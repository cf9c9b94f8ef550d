"""Throughput of the sampler on polymers, on one core, in CPU time.

    OMP_NUM_THREADS=1 python benchmarks/design/throughput.py [particles]

Runs the sampler itself (prior, likelihood, moves, weights, resampling) for one target and counts the distinct valid
repeat units that it evaluated, by canonical form, per CPU-second of the whole run. The canonical forms are computed
afterwards: the sampler needs them only for the candidates it hands out. Then one batch of proposals is taken apart and
compared with what RDKit alone needs for the same strings (parse, canonical SMILES, Morgan counts). A step is all that
happens to a proposal: drawn, parsed and checked, held to the constraints, given features and judged by the property
model. It is reported also without the model's arithmetic and without the drawing, since the floor has neither.
"""

import os
import sys
import time

import numpy as np
from rdkit import Chem, rdBase
from rdkit.Chem import rdFingerprintGenerator

from hanten.design import DesignConfig
from hanten.design.constraints import allowed
from hanten.design.likelihood import canonical_or_none, region_terms, repeat_unit
from hanten.design.sampling import Problem, sampler_steps
from hanten.models.vectorize import features

clock = time.process_time
TARGET = "thermal_conductivity >= 0.35 W/m/K"


def main(particles=2000):
    problem = Problem.of(DesignConfig(targets=(TARGET,), particles=particles, max_extensions=5), {}, None)
    likelihood, proposals = problem.likelihood, problem.proposals
    likelihood.log_likelihood(["*CC*"])

    start = clock()
    for step in sampler_steps(problem, None, n_jobs=1):
        last = step
    spent = clock() - start
    texts = [text for text, value in last.memory.items() if np.isfinite(value)]
    units = {canonical_or_none(text) for text in texts} - {None}
    calls, moves = int(last.row["calls"]), particles * sum(row["sweeps"] for row in last.trace)
    print(
        f"whole run: {moves} proposals, {calls} strings evaluated, {len(units)} distinct valid units, {spent:.1f} CPU-s"
    )
    print(f"**{len(units) / spent:.0f} new distinct valid repeat units per CPU-second**")
    take_apart(likelihood, proposals, [str(x) for x in last.particles])


def take_apart(likelihood, proposals, xs):
    rng, parts = np.random.default_rng(1), {}
    t = clock()
    ys = [y for y in proposals.propose(xs, rng)[0] if y is not None]
    parts["propose"] = clock() - t
    ys = list(dict.fromkeys(ys))
    t = clock()
    with rdBase.BlockLogs():
        units = [repeat_unit(y) for y in ys]
    parts["parse and check"] = clock() - t
    t = clock()
    good = [u for u in units if u is not None and allowed(likelihood.constraints, u)]
    parts["constraints"] = clock() - t
    t = clock()
    for target in likelihood.targets:
        features(likelihood.models[target.name].views, good)
    parts["features"] = clock() - t
    t = clock()
    region_terms(likelihood.models, likelihood.targets, good)
    parts["property model"] = clock() - t - parts["features"]
    floor = rdkit_floor(ys)
    each = {name: 1e6 * value / len(ys) for name, value in parts.items()}
    print("; ".join(f"{name} {value:.0f} us" for name, value in each.items()), "per distinct string")
    total, floor = sum(each.values()), 1e6 * floor / len(ys)
    print(
        f"RDKit floor {floor:.0f} us per distinct string; load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"
    )
    print(f"step / floor {total / floor:.2f}")
    print(f"... without the property model {(total - each['property model']) / floor:.2f}")
    print(f"... and without drawing {(total - each['property model'] - each['propose']) / floor:.2f}")


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
