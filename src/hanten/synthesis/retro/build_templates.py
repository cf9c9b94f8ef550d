"""``python -m hanten.synthesis.retro.build_templates``: count the cores of mapped reactions into templates.json.xz."""

from __future__ import annotations

import csv
import gzip
import json
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import numpy as np
from rdkit import Chem, rdBase

from hanten.runs import atomic_write
from hanten.synthesis.forward.mapping import with_maps
from hanten.synthesis.retro.library import CLASSES, TEMPLATES, save_templates
from hanten.synthesis.retro.transform import Transform, by_maps, core
from hanten.synthesis.retro.undo import pattern

RADII = (0, 1)
#: Rows are taken in this many passes over the file, so that a part of them is like the whole.
STRIDE = 8


@click.command()
@click.option("--mapped", required=True, type=click.Path(exists=True), help="Mapped reactions (TSV).")
@click.option(
    "--classes",
    required=True,
    type=click.Path(exists=True),
    help="Reactions with classes (TSV); those that are not among the mapped ones are counted by guessed maps.",
)
@click.option("--counts", required=True, type=click.Path(), help="Counts so far; a run goes on from them.")
@click.option("-o", "--output", default=str(TEMPLATES), help="Where to write.")
@click.option("--least", default=(5, 2), nargs=2, show_default=True, help="Fewest uses at radius 0 and 1.")
@click.option("--sample", default=300, show_default=True, help="Products on which matches are counted.")
@click.option("--minutes", default=1e9, help="Stop counting after this time, and write what there is.")
def main(  # noqa: PLR0917  (options of a command)
    mapped: str, classes: str, counts: str, output: str, least: tuple[int, int], sample: int, minutes: float
) -> None:
    """Extract, count and store the templates of the package."""
    labelled = [row for row in _rows(classes) if row["class"]]
    known = {(row["reactants"], row["product"]): row["class"] for row in labelled}
    rows = list(_rows(mapped))
    there = {(row["reactants"], row["product"]) for row in rows}
    rows += [row for row in labelled if (row["reactants"], row["product"]) not in there]
    order = [k for part in range(STRIDE) for k in range(part, len(rows), STRIDE)]
    tally = Tally.read(counts)
    end = time.monotonic() + 60 * minutes
    with rdBase.BlockLogs():
        while tally.seen < len(order) and time.monotonic() < end:
            for k in order[tally.seen : tally.seen + 5000]:
                row = rows[k]
                tally.add(row, known.get((row["reactants"], row["product"])))
            tally.write(counts)
            click.echo(f"{tally.seen} of {len(order)} reactions, {len(tally.counts[1])} cores")
    rng = np.random.default_rng(0)
    drawn = [rows[i]["product"] for i in rng.choice(len(rows), min(sample, len(rows)), replace=False)]
    mols = [Chem.MolFromSmiles(one) for one in drawn]
    found = [
        (text, radius, count, matches(text, mols), tally.labels.get(text, [0] * len(CLASSES)))
        for radius in RADII
        for text, count in sorted(tally.counts[radius].items(), key=lambda item: (-item[1], item[0]))
        if count >= least[radius]
    ]
    total = np.sum([*tally.labels.values(), [0] * len(CLASSES)], axis=0)
    facts = {
        "rdkit": rdBase.rdkitVersion, "reactions": tally.seen, "sample": len(mols),
        "classes": (total / max(total.sum(), 1)).round(6).tolist(),
    }  # fmt: skip
    save_templates(output, found, facts)
    click.echo(
        f"{len(found)} templates of {tally.seen} reactions; {Path(output).stat().st_size / 1e6:.2f} MB"
    )


@dataclass
class Tally:
    """Counts of cores, and of the classes of their reactions.

    Attributes
    ----------
    seen : int
        Reactions so far.
    counts : list of Counter
        Cores at radius 0 and 1.
    labels : dict
        Core -> reactions by class.
    """

    seen: int
    counts: list[Counter[str]]
    labels: dict[str, list[int]]

    @classmethod
    def read(cls, path: str) -> Tally:
        """From a file, or new."""
        if not Path(path).exists():
            return cls(0, [Counter(), Counter()], {})
        content = json.loads(Path(path).read_text(encoding="utf-8"))
        return cls(content["seen"], [Counter(one) for one in content["counts"]], content["labels"])

    def write(self, path: str) -> None:
        """To a file, whole or not at all."""
        with atomic_write(path, "w") as handle:
            json.dump({"seen": self.seen, "counts": self.counts, "labels": self.labels}, handle)

    def add(self, row: dict[str, str], label: str | None) -> None:
        """Count one reaction."""
        self.seen += 1
        mapped = (
            (row["mapped_reactants"], row["mapped_product"])
            if "mapped_product" in row
            else with_maps(row["reactants"], row["product"])
        )
        for radius, text in enumerate(cores_of(*mapped) if mapped else ()):
            self.counts[radius][text] += 1
            if label:
                self.labels.setdefault(text, [0] * len(CLASSES))[int(label.removeprefix("RX_")) - 1] += 1


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
