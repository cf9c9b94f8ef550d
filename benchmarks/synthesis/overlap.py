"""How much of USPTO-50K test a model has seen that was trained on USPTO-MIT, as the published forward model was.

    HANTEN_DATA_DIR=... python benchmarks/synthesis/overlap.py [N]

The training part of USPTO-MIT is not at hand, but its test part is a random draw from the same 479,035 reactions (Jin et
al. 2017, arXiv:1709.04555: 409,035 to train, 30,000 to validate, 40,000 to test). So the share of USPTO-50K that stands in its test
part tells the share that stands in its training part. Compared are product and reactants without stereochemistry, of which USPTO-MIT has none.
Then the bundled model on N reactions (default 1,000) of USPTO-50K that it was trained on, beside those it never saw: what the overlap is worth.
"""

from __future__ import annotations

import os
import sys
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
from rdkit import Chem, RDLogger

from hanten.synthesis.forward import load_forward
from hanten.synthesis.forward.evaluation import wilson
from hanten.synthesis.forward.texts import canonical

REACTIONS = Path(os.environ["HANTEN_DATA_DIR"]) / "reactions"
TRAIN, TEST = 409_035, 40_000


@cache
def flat(smiles: str) -> str:
    mol = Chem.MolFromSmiles(smiles)
    Chem.RemoveStereochemistry(mol)
    return Chem.MolToSmiles(mol)


def read(name: str) -> pd.DataFrame:
    return pd.read_csv(REACTIONS / f"{name}.tsv.gz", sep="\t", dtype=str, keep_default_na=False)


def names(table: pd.DataFrame) -> list[tuple[str, frozenset[str]]]:
    """Product and reactants of each reaction."""
    rows = zip(table["product"], table["reactants"], strict=True)
    return [(flat(p), frozenset(flat(part) for part in r.split("."))) for p, r in rows]


def overlap() -> float:
    """The share of USPTO-50K test whose product stands in the training part of USPTO-MIT, estimated."""
    other = names(read("uspto_mit_test"))
    products, whole = {p for p, _ in other}, set(other)
    scale = len(other) / TEST  # rows lost when the file was made
    seen = 0.0
    for part in ("test", "valid"):
        mine = names(read(f"uspto50k_{part}"))
        for what, hits in (
            ("product", sum(p in products for p, _ in mine)),
            ("reaction", sum(r in whole for r in mine)),
        ):
            low, high = wilson(hits, len(mine))
            share = [value / scale * TRAIN / TEST for value in (hits / len(mine), low, high)]
            print(
                f"USPTO-50K {part}: {hits} of {len(mine)} by {what} in USPTO-MIT test; so in its training part "
                f"{share[0]:.0%} ({share[1]:.0%} to {share[2]:.0%})"
            )
            if (part, what) == ("test", "product"):
                seen = share[0]
    return seen


def top1(model, table: pd.DataFrame, n: int) -> float:
    rows = table.iloc[np.linspace(0, len(table) - 1, min(n, len(table))).astype(int)]
    rows = rows[[model.why_not(r) is None for r in rows["reactants"]]]
    found = model.predict(rows["reactants"].tolist(), 1)
    hits = sum(bool(a) and a[0][0] == canonical(p) for a, p in zip(found, rows["product"], strict=True))
    low, high = wilson(hits, len(rows))
    print(f"  {hits} of {len(rows)} = {hits / len(rows):.3f} ({low:.3f} to {high:.3f})", flush=True)
    return hits / len(rows)


def main(n: int) -> None:
    RDLogger.DisableLog("rdApp.*")
    seen = overlap()
    model = load_forward()
    train = read("uspto_train")
    print("the bundled model, product first, USPTO-50K test (never seen):")
    fresh = top1(model, read("uspto50k_test"), n)
    print("... USPTO-50K train (trained on):")
    known = top1(model, train[train.source == "USPTO-50K"], n)
    print(
        f"with {seen:.0%} of the test seen in training it would stand at {seen * known + (1 - seen) * fresh:.3f}"
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
