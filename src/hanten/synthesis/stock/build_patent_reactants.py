"""Derive the default stock from the patent reactions: ``python -m hanten.synthesis.stock.build_patent_reactants``.

The members are the reactants of all patent reactions, the evaluation reactions' included (the regime of Guo et al.
2020, doi:10.1021/acs.jcim.0c00320); ``uses`` counts only the reactions of the training set, so that how often a
molecule was used says nothing about the test reactions. Members with 0 uses occur in evaluation reactions alone.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import lzma
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from hanten.synthesis.stock.build import build_stock
from hanten.synthesis.stock.container import write_arrays
from hanten.synthesis.stock.reading import Entry
from hanten.synthesis.stock.stock import Stock

NOTE = "reactants of the reactions that D. M. Lowe extracted from US patents (CC0); uses: reactions of the training set"


def entries(members: Path, reactions: Path) -> Iterator[Entry]:
    """One entry per reactant as written, with its uses in the training reactions, in the order of the SMILES."""
    uses = Counter[str]()
    with gzip.open(reactions, "rt", encoding="utf-8", newline="") as handle:
        for row in csv.DictReader(handle, delimiter="\t", quoting=csv.QUOTE_NONE):
            uses.update(set(row["reactants"].split(".")))
    with gzip.open(members, "rt", encoding="utf-8", newline="") as handle:
        listed = {row["smiles"] for row in csv.DictReader(handle, delimiter="\t", quoting=csv.QUOTE_NONE)}
    for number, smiles in enumerate(sorted(listed | set(uses)), start=1):
        yield Entry(number, smiles, uses=str(uses[smiles]))


def write_compressed(stock: Stock, path: Path) -> None:
    """A stock file with compressed SMILES, and without fingerprints and what a patent cannot know."""
    order = sorted(range(stock.size), key=stock.smiles.__getitem__)
    lines = "".join(stock.smiles[i] + "\n" for i in order).encode()
    packed = lzma.compress(lines, preset=9 | lzma.PRESET_EXTREME)
    arrays = {
        name: np.asarray(column)[order] for name, column in (("keys", stock.keys), ("uses", stock.uses))
    }
    arrays["smiles_xz"] = np.frombuffer(packed, dtype=np.uint8)
    about = {**stock.about, "members": stock.size, "sources": list(stock.sources)}
    write_arrays(path, arrays, about)


def main() -> None:
    """Write the file that the package carries."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--members", type=Path, required=True, help="reactants of all patent reactions (TSV, gzip)"
    )
    parser.add_argument("--reactions", type=Path, required=True, help="training reactions (TSV, gzip)")
    parser.add_argument("--output", type=Path, default=Path(__file__).with_name("patent_reactants.stock"))
    parser.add_argument("--jobs", type=int, default=1)
    given = parser.parse_args()
    built = build_stock(
        entries(given.members, given.reactions),
        name="patent-reactants",
        source="used in US patents",
        note=NOTE,
        n_jobs=given.jobs,
    )
    write_compressed(built.stock, given.output)
    print(built)
    for row in built.rejected[:20]:
        print(row.text, row.reason, sep="\t")


if __name__ == "__main__":
    main()
