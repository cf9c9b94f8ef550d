"""Which texts are easier to learn: aligned by the atom maps of patents, or by the guess that a model is used with.

    HANTEN_DATA_DIR=... python benchmarks/synthesis/alignment.py 1500

Each reaction is written both ways. Counted are the target tokens that a rule without any learning gets wrong: write what stands
behind the best match. Fewer is easier.
"""

from __future__ import annotations

import csv
import gzip
import os
import sys
from pathlib import Path

import numpy as np
from rdkit import Chem, rdBase

from hanten.synthesis.forward.alignment import follow
from hanten.synthesis.forward.mapping import aligned
from hanten.synthesis.forward.relations import relations
from hanten.synthesis.forward.vocabulary import Vocabulary

TABLE = Path(os.environ["HANTEN_DATA_DIR"]) / "reactions" / "uspto_train_mapped.tsv.gz"
COVERS, SCORES, FRONTIER = 4, 13, 1


def texts(n: int) -> list[tuple[str, str, str]]:
    """Source, target by maps, target by guess."""
    with gzip.open(TABLE, "rt") as handle:
        rows = list(csv.DictReader(handle, delimiter="\t"))
    found = []
    with rdBase.BlockLogs():
        for k in np.random.default_rng(1).choice(len(rows), n, replace=False):
            pair = follow(rows[k]["mapped_reactants"], rows[k]["mapped_product"])
            if pair is not None:
                guess = aligned(pair[0].split("."), Chem.MolFromSmiles(Chem.CanonSmiles(pair[1])))
                found.append((*pair, guess))
    return found


def misses(vocabulary: Vocabulary, source: str, target: str) -> int:
    """Tokens that the rule gets wrong."""
    kinds = np.array(vocabulary.kinds, dtype=np.int16)
    read, written = np.array([vocabulary.encode(source)]), np.array([vocabulary.encode(target)])
    relation = relations(kinds[read], kinds[written[:, :-1]])[0].astype(int)
    score, run, cover = relation // COVERS % SCORES, relation // (COVERS * SCORES), relation % COVERS
    best = (100 * score + 5 * run + (cover == FRONTIER)).argmax(axis=1)
    return int((read[0][best] != written[0, 1:]).sum())


if __name__ == "__main__":
    rows = texts(int(sys.argv[1]) if len(sys.argv) > 1 else 1500)
    vocabulary = Vocabulary.of(text for row in rows for text in row)
    counts = np.array([[misses(vocabulary, row[0], row[side]) for side in (1, 2)] for row in rows])
    other = np.array([row[1] != row[2] for row in rows])
    print(f"{len(rows)} reactions; the same text for {1 - other.mean():.3f}")
    for name, chosen in (("all", slice(None)), ("where they differ", other)):
        maps, guess = counts[chosen].mean(axis=0)
        print(f"{name}: tokens missed by the rule, maps {maps:.2f}, guess {guess:.2f}")
