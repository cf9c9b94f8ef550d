"""How fast the featurizers are, against RDKit that reads the same strings and counts Morgan environments.

    python benchmarks/features/speed.py [FILE] [--column smiles] [--n 1000] [--repeats 7]

CPU time of one process and one thread. The measurements are interleaved, so that a busy machine slows all of
them alike; the least of the repeats is reported.
"""

from __future__ import annotations

import argparse
import os
import time
from pathlib import Path

import pandas as pd
from rdkit import Chem, rdBase
from rdkit.Chem import rdFingerprintGenerator

from hanten.chem import canonical_psmiles
from hanten.features import (
    AtomPairFingerprint,
    ForceFieldDescriptors,
    MACCSKeys,
    MorganFingerprint,
    RDKitDescriptors,
    RegionalDescriptors,
    TopologicalTorsionFingerprint,
    make_union,
)
from hanten.features.structure import Structure

FEATURIZERS = {
    "Morgan count, radius 2": MorganFingerprint(2),
    "Morgan count, radius 3": MorganFingerprint(3),
    "topological torsion": TopologicalTorsionFingerprint(),
    "atom pair, 10 bonds": AtomPairFingerprint(),
    "MACCS": MACCSKeys(),
    "force field": ForceFieldDescriptors(),
    "regional": RegionalDescriptors(),
    "RDKit descriptors": RDKitDescriptors(),
    "union of Morgan, regional, force field": make_union(
        MorganFingerprint(), RegionalDescriptors(), ForceFieldDescriptors()
    ),
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    default = Path(os.environ.get("HANTEN_DATA_DIR", ".")) / "polymers/radonpy_pi1070/PI1070.csv"
    parser.add_argument("file", nargs="?", type=Path, default=default)
    parser.add_argument("--column", default="smiles")
    parser.add_argument("--n", type=int, default=1000)
    parser.add_argument("--repeats", type=int, default=7)
    arguments = parser.parse_args()
    written = pd.read_csv(arguments.file)[arguments.column].head(arguments.n).tolist()
    units = [canonical_psmiles(unit) for unit in written]
    tasks = {
        "RDKit: parse": lambda: [Chem.MolFromSmiles(unit) for unit in units],
        "RDKit: parse + Morgan": lambda: _rdkit(units),
        "canonical_psmiles (names remembered)": lambda: _canonical(written),
        "Structure.read": lambda: [Structure.read(unit) for unit in units],
        "Morgan count, radius 2, any writing": lambda: FEATURIZERS["Morgan count, radius 2"].transform(
            written
        ),
    } | {name: lambda f=f: f.transform_canonical(units) for name, f in FEATURIZERS.items()}
    report(best_of(tasks, arguments.repeats), len(units))


def _rdkit(units):
    generator = rdFingerprintGenerator.GetMorganGenerator(radius=2, fpSize=2048)
    for unit in units:
        generator.GetCountFingerprintAsNumPy(Chem.MolFromSmiles(unit))


def _canonical(written):
    return [canonical_psmiles(unit) for unit in written]


def best_of(tasks, repeats):
    best = dict.fromkeys(tasks, float("inf"))
    for _ in range(repeats):
        for name, task in tasks.items():
            start = time.process_time()
            task()
            best[name] = min(best[name], time.process_time() - start)
    return best


def report(best, n):
    floor = best["RDKit: parse + Morgan"]
    print(f"{n} repeat units, RDKit {rdBase.rdkitVersion}\n")
    print("| what | us per unit | units/s | x RDKit parse + Morgan |\n|---|---|---|---|")
    for name, seconds in best.items():
        print(f"| {name} | {1e6 * seconds / n:.0f} | {n / seconds:.0f} | {seconds / floor:.2f} |")


if __name__ == "__main__":
    main()
