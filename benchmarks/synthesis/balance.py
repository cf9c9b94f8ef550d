"""Reactions whose product has an atom that no reactant holds (hydrogen aside): how many the data have.

    HANTEN_DATA_DIR=... python benchmarks/synthesis/balance.py [N]

N reactions drawn evenly from each table (default 8000).
"""

from __future__ import annotations

import csv
import gzip
import os
import sys
from pathlib import Path

import numpy as np

from hanten.synthesis.forward.evaluation import wilson
from hanten.synthesis.forward.mapping import all_given
from hanten.synthesis.forward.pairs import read_reactions
from hanten.synthesis.forward.texts import canonical

REACTIONS = Path(os.environ["HANTEN_DATA_DIR"]) / "reactions"


def routes() -> list[tuple[list[str], str]]:
    """Both steps of the PaRoutes routes of depth two."""
    with gzip.open(REACTIONS / "paroutes_2step.tsv.gz", "rt") as handle:
        rows = list(csv.DictReader(handle, delimiter="\t"))
    last = [(row["step2_reactants"].split("."), row["target"]) for row in rows]
    return last + [(row["step1_reactants"].split("."), row["intermediate"]) for row in rows]


def main(n: int) -> None:
    tables = {
        name: list(read_reactions(REACTIONS / f"{name}.tsv.gz"))
        for name in ("uspto_train", "uspto50k_test", "uspto_mit_test")
    }
    for name, reactions in {**tables, "paroutes_2step": routes()}.items():
        drawn = [reactions[k] for k in np.linspace(0, len(reactions) - 1, min(n, len(reactions))).astype(int)]
        bad = [(r, p) for r, p in drawn if not all_given(tuple(map(canonical, r)), canonical(p))]
        low, high = wilson(len(bad), len(drawn))
        print(
            f"{name}: {len(bad)} of {len(drawn)} ({low:.4f} to {high:.4f})",
            *[f"{'.'.join(r)}>>{p}" for r, p in bad[:3]],
        )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 8000)
