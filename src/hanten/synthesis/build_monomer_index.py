"""Rebuild the index of known monomers: ``python -m hanten.synthesis.build_monomer_index MONOMERS.csv``.

MONOMERS.csv is SMiPoly's monomer table (BSD-3-Clause; data set ``smipoly``), column ``SMILES``. Only 64-bit
hashes are kept; salts are entered as the salt and as the organic parent.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import numpy as np

from hanten.synthesis.monomers import INDEX, monomer_hash, parent


def build(table: Path, index: Path) -> int:
    """Hash every monomer of a table; returns the number of hashes."""
    with table.open(encoding="utf-8", newline="") as stream:
        smiles = [row["SMILES"] for row in csv.DictReader(stream)]
    hashes = {monomer_hash(text) for text in smiles} | {monomer_hash(parent(text) or text) for text in smiles}
    np.savez_compressed(index, hashes=np.array(sorted(hashes), dtype=np.uint64))
    return len(hashes)


def main() -> None:
    """Command line."""
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    index = Path(__file__).with_name(INDEX)
    print(f"{build(Path(sys.argv[1]), index)} hashes -> {index}")


if __name__ == "__main__":
    main()
