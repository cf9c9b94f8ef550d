"""``python -m hanten.synthesis.retro.build_templates``: count the cores of mapped reactions into templates.json.xz."""

from __future__ import annotations

import csv
import gzip
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
import numpy as np
from rdkit import Chem, rdBase

from hanten.synthesis.retro.library import CLASSES, TEMPLATES, save_templates
from hanten.synthesis.retro.transform import Transform, by_maps, core
from hanten.synthesis.retro.undo import pattern

RADII = (0, 1)


@click.command()
@click.option("--mapped", required=True, type=click.Path(exists=True), help="Mapped reactions (TSV).")
@click.option("--classes", required=True, type=click.Path(exists=True), help="Reactions with classes (TSV).")
@click.option("-o", "--output", default=str(TEMPLATES), help="Where to write.")
@click.option("--least", default=(5, 2), nargs=2, show_default=True, help="Fewest uses at radius 0 and 1.")
@click.option("--sample", default=1000, show_default=True, help="Products on which matches are counted.")
@click.option("--every", default=1, show_default=True, help="Use every n-th reaction.")
def main(  # noqa: PLR0917  (options of a command)
    mapped: str, classes: str, output: str, least: tuple[int, int], sample: int, every: int
) -> None:
    """Extract, count and store the templates of the package."""
    known = {(row["reactants"], row["product"]): row["class"] for row in _rows(classes) if row["class"]}
    counts: tuple[Counter[str], ...] = (Counter(), Counter())
    labels: dict[str, list[int]] = defaultdict(lambda: [0] * len(CLASSES))
    total = [0] * len(CLASSES)
    products = []
    with rdBase.BlockLogs():
        for k, row in enumerate(_rows(mapped)):
            if k % every:
                continue
            label = known.get((row["reactants"], row["product"]))
            cores = cores_of(row["mapped_reactants"], row["mapped_product"])
            products.append(row["product"])
            for radius, text in enumerate(cores):
                counts[radius][text] += 1
                if label:
                    labels[text][int(label.removeprefix("RX_")) - 1] += 1
            if label and cores:
                total[int(label.removeprefix("RX_")) - 1] += 1
            if k % 20000 == 0:
                click.echo(f"{k} reactions, {len(counts[0])} and {len(counts[1])} cores")
    rng = np.random.default_rng(0)
    mols = [
        Chem.MolFromSmiles(products[i])
        for i in rng.choice(len(products), min(sample, len(products)), replace=False)
    ]
    rows = []
    for radius in RADII:
        for text, count in sorted(counts[radius].items(), key=lambda item: (-item[1], item[0])):
            if count >= least[radius]:
                rows.append((text, radius, count, matches(text, mols), labels[text]))
    facts = {
        "rdkit": rdBase.rdkitVersion, "reactions": sum(counts[1].values()), "sample": len(mols),
        "classes": [n / max(sum(total), 1) for n in total],
    }  # fmt: skip
    save_templates(output, rows, facts)
    covered = [sum(n for n in counts[r].values() if n >= least[r]) / sum(counts[r].values()) for r in RADII]
    click.echo(f"{len(rows)} templates, covering {covered}; {Path(output).stat().st_size / 1e6:.2f} MB")


def _rows(path: str) -> Any:
    opener = gzip.open if path.endswith(".gz") else open
    with opener(path, "rt", encoding="utf-8", newline="") as handle:
        yield from csv.DictReader(handle, delimiter="\t")


def cores_of(reactants: str, product: str) -> list[str]:
    """The cores of a mapped reaction at radius 0 and 1, as text; empty where there are none."""
    reaction = by_maps(reactants, product)
    if reaction is None:
        return []
    found = [core(reaction, radius) for radius in RADII]
    return [one.to_text() for one in found if one is not None]


def matches(text: str, mols: Sequence[Chem.Mol]) -> int:
    """How many molecules contain the product side of a core."""
    query, _ = pattern(Transform.from_text(text))
    return sum(mol.HasSubstructMatch(query) for mol in mols)


if __name__ == "__main__":
    main()
