"""Cost and correctness of canonical PSMILES on the public sets of repeat units.

CPU time per unit, as a ratio to what RDKit needs to parse the same strings and to write its own canonical
SMILES; and how often a random rewriting (direction, cut, 1 to 3 repeats, atom order) gets another canonical
string. Run it with ``HANTEN_DATA_DIR=... python benchmarks/chem/canonical.py [REWRITINGS]``.
"""

from __future__ import annotations

import os
import runpy
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from rdkit import Chem, rdBase

from hanten.chem import canonical_psmiles, canonical_psmiles_of_mol, cyclic_oligomer
from hanten.chem._segments import _form as form
from hanten.chem._segments import bears_marks, forms

HELPERS = runpy.run_path(str(Path(__file__).parents[2] / "tests/chem/conftest.py"))


def microseconds(function: Callable[[Any], Any], items: list[Any]) -> float:
    """CPU time per item."""
    start = time.process_time()
    for item in items:
        function(item)
    return (time.process_time() - start) / len(items) * 1e6


def failures(units: list[str], rewritings: int, rng: np.random.Generator) -> tuple[int, int]:
    """Rewritings tried, and those whose canonical string differs or is not its own canonical string."""
    wrong = 0
    for unit in units:
        canonical = canonical_psmiles(unit)
        wrong += canonical_psmiles(canonical) != canonical
        wrong += sum(canonical_psmiles(HELPERS["rewrite"](unit, rng)) != canonical for _ in range(rewritings))
    return len(units) * rewritings, wrong


def main() -> None:
    """One row for each set."""
    rewritings = int(sys.argv[1]) if len(sys.argv) > 1 else 1
    rng = np.random.default_rng(0)
    columns = (
        "set", "units", "heavy atoms", "RDKit parse + canonical, us", "first sight, us", "seen segments, us",
        "ratio", "from Mol, us", "ring of 12, us", "polymers", "rewritings", "wrong",
    )  # fmt: skip
    print("| " + " | ".join(columns) + " |")
    print("|---" * len(columns) + "|")
    for name, units in HELPERS["real_units"](Path(os.environ["HANTEN_DATA_DIR"]), smipoly=20_000).items():
        for cache in (forms, form, bears_marks):
            cache.cache_clear()
        with rdBase.BlockLogs():
            mols = [Chem.MolFromSmiles(unit) for unit in units]
            floor = microseconds(Chem.MolFromSmiles, units) + microseconds(Chem.MolToSmiles, mols)
        atoms = np.mean([mol.GetNumHeavyAtoms() for mol in mols])
        cold, warm = (microseconds(canonical_psmiles, units) for _ in range(2))
        from_mol = microseconds(canonical_psmiles_of_mol, mols)
        ring = microseconds(cyclic_oligomer, units)
        polymers = len({canonical_psmiles(unit) for unit in units})
        tried, wrong = failures(units[:: max(1, len(units) // 3000)], rewritings, rng)
        numbers = (len(units), atoms, floor, cold, warm, warm / floor, from_mol, ring, polymers, tried, wrong)
        print(f"| {name} | " + " | ".join(f"{number:.4g}" for number in numbers) + " |")


if __name__ == "__main__":
    main()
