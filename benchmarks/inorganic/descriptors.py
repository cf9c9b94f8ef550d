"""Composition descriptors: exactness against published values, and speed.

python benchmarks/inorganic/descriptors.py
"""

from __future__ import annotations

import os
import time
from pathlib import Path

import numpy as np
import pandas as pd

from hanten.chem import Composition
from hanten.elements import ElementTable, element_table
from hanten.features import CompositionDescriptors, composition_matrix

DATA = Path(os.environ["HANTEN_DATA_DIR"]) / "inorganic"


def exactness() -> None:
    published = ElementTable.from_frame(
        pd.read_csv(DATA / "kmdplus_elements/element_features.csv", index_col=0), "published"
    )
    theirs = pd.read_csv(DATA / "affinetl_ltc/desc290.csv", index_col=0)
    formulas = pd.read_csv(DATA / "affinetl_ltc/ltc_sps.csv", index_col=0).formula[theirs.index]
    ours = CompositionDescriptors(published).set_output(transform="pandas").fit_transform(formulas)
    print(f"{len(theirs)} crystals, the published table of elements; greatest relative difference:")
    for name, prefix in (("mean", "ave"), ("variance", "var"), ("max", "max"), ("min", "min")):
        a = ours[[f"{name}_{f}" for f in published.features]].to_numpy()
        b = theirs[[f"{prefix}:{f}" for f in published.features]].to_numpy()
        scale = np.maximum(np.abs(b), 1e-12 * np.abs(b).max(axis=0))
        print(f"  {name:9s} {np.max(np.abs(a - b) / np.where(scale > 0, scale, 1)):.1e}")


def speed() -> None:
    pool = pd.read_csv(DATA / "kmdplus_elements/MP_stable_formula_20220807.csv").formula_pretty[:10_000]
    table = element_table().select(element_table().features[:58])
    featurizer = CompositionDescriptors(table)
    parsed, amounts = timed(lambda: [Composition(f).amounts for f in pool])
    from_dicts, X = timed(lambda: featurizer.transform(amounts))
    from_text, _ = timed(lambda: featurizer.transform(list(pool)))
    matrix, _ = composition_matrix(amounts, table)
    from_matrix, _ = timed(lambda: featurizer.transform_amounts(matrix))
    print(f"{X.shape[0]:,} compositions x {X.shape[1]} descriptors, CPU seconds of one core (best of 3):")
    print(f"  from a matrix of amounts {from_matrix:.3f}")
    print(f"  from parsed amounts      {from_dicts:.3f}")
    print(f"  from formulas            {from_text:.3f} (parsing alone {parsed:.3f})")


def timed(call):
    best, found = np.inf, None
    for _ in range(3):
        start = time.process_time()
        found = call()
        best = min(best, time.process_time() - start)
    return best, found


if __name__ == "__main__":
    exactness()
    speed()
