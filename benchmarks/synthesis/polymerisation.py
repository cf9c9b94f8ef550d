"""Measure the polymerisation rules and polymer classes: SMiPoly's library, PI1070, the mesogen fragments.

    HANTEN_DATA_DIR=... python benchmarks/synthesis/polymerisation.py [ROWS_PER_CLASS]

Prints the tables of README.md. A few minutes on one core with the default of 900 rows per class.
"""

from __future__ import annotations

import os
import sys
import time
import zipfile
from collections import Counter
from pathlib import Path

import pandas as pd
from rdkit import Chem

from hanten.chem import Polymer
from hanten.chem.chain import chain_of
from hanten.design.mesogens import mesogens
from hanten.design.polymer_class import POLYINFO_CLASSES, classify
from hanten.synthesis.monomers import parent
from hanten.synthesis.polymerisation import backward, forward, known_route
from hanten.synthesis.polymerisation_ends import normal

DATA = Path(os.environ["HANTEN_DATA_DIR"]) / "polymers"
# A linkage class of ours -> the class names of SMiPoly that mean the same.
SAME = {
    "polyolefin": {
        "polyolefin",
        "polystyrene",
        "polyvinyl",
        "polyacrylic",
        "polyhalo-olefin",
        "polydiene",
        "polyphenylene",
    },
    "polyester": {"polyester", "polycarbonate"},
    "polyether": {"polyether", "polysulfone", "polyketone"},
    "polyoxazolidone": {"polyurethane"},
}


def smipoly(rows_per_class: int) -> pd.DataFrame:
    """A stratified sample of the generated library, linear repeat units only."""
    with zipfile.ZipFile(DATA / "smipoly/SMiPoly_001_generatedPolymer.csv.zip") as archive:
        table = pd.read_csv(archive.open("SMiPoly_001_generatedPolymer.csv"))
    table = table[table.polym.str.count(r"\*") == 2]
    groups = (
        g.sample(min(rows_per_class, len(g)), random_state=0) for _, g in table.groupby("polymer_class")
    )
    return pd.concat(groups)


def given(row: pd.Series) -> set[str]:
    """The monomers of a library row, free of counter-ions and stereochemistry."""
    return {parent(m) for m in (row.mon1, row.mon2) if isinstance(m, str)}


def measure(row: pd.Series) -> dict:
    """One library row, backwards and forwards again."""
    sets = backward(row.polym)
    polymer, truth = Polymer(row.polym), given(row)
    # The slow check, forward() over all rules, for one row in ten.
    checked = sets if row.name % 10 == 0 else []
    again = [any(p == polymer for p, _ in forward(s.monomers)) for s in checked]
    kind = classify(chain_of(Chem.MolFromSmiles(polymer.psmiles)))
    return {
        "polymer_class": row.polymer_class,
        "found": bool(sets),
        "given": any({normal(m) for m in s.monomers} >= truth for s in sets),
        "known": any(s.all_known for s in sets),
        "sets": len(sets),
        "checked": len(again),
        "forward_fails": len(again) - sum(again),
        "class_agrees": kind in SAME.get(row.polymer_class, {row.polymer_class}),
    }


def speed(structures: list[str]) -> float:
    """Units per second of CPU time, caches as they are."""
    start = time.process_time()
    for text in structures:
        known_route(text)
    return len(structures) / (time.process_time() - start)


def main() -> None:
    """Print everything."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 900
    pi1070 = pd.read_csv(DATA / "radonpy_pi1070/PI1070.csv", usecols=["smiles", "polymer_class"])
    library = smipoly(rows)
    print("cold units/s PI1070:", round(speed(pi1070.smiles.tolist())))
    print("cold units/s library:", round(speed(library.polym.tolist())))
    result = pd.DataFrame([measure(row) for _, row in library.iterrows()])
    summary = result.groupby("polymer_class")[["found", "given", "known", "class_agrees"]].mean()
    print(summary.assign(rows=result.polymer_class.value_counts()).round(3).to_string())
    print(result[["found", "given", "known", "class_agrees"]].mean().round(4).to_dict(), len(result))
    print(
        "monomer sets:",
        result.sets.sum(),
        "checked:",
        result.checked.sum(),
        "of which forward() does not return the unit:",
        result.forward_fails.sum(),
    )
    report_real(pi1070)
    fragments = pd.read_csv(DATA / "stewu5_2019/LC_frags.csv").SMILES
    print(
        "mesogen fragments hit:",
        sum(bool(mesogens(Chem.MolFromSmiles(s))) for s in fragments),
        "of",
        len(fragments),
    )


def report_real(pi1070: pd.DataFrame) -> None:
    """Reachability and class of real polymers."""
    routes = [known_route(s) for s in pi1070.smiles]
    real = pd.DataFrame({"polymer_class": pi1070.polymer_class.map(POLYINFO_CLASSES)})
    real["reachable"] = [bool(r) for r in routes]
    real["from_known"] = [any(s.all_known for s in r) for r in routes]
    real["assigned"] = [classify(chain_of(Chem.MolFromSmiles(Polymer(s).psmiles))) for s in pi1070.smiles]
    real["class_agrees"] = real.assigned == real.polymer_class
    table = real.groupby("polymer_class")[["reachable", "from_known", "class_agrees"]].mean()
    print(table.assign(rows=real.polymer_class.value_counts()).round(3).to_string())
    print(real[["reachable", "from_known", "class_agrees"]].mean().round(4).to_dict(), len(real))
    wrong = Counter(zip(real.polymer_class, real.assigned, strict=True))
    print("class differs:", [(pair, n) for pair, n in wrong.most_common() if pair[0] != pair[1]][:12])


if __name__ == "__main__":
    main()
