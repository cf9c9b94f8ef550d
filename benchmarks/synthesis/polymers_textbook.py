"""Textbook polymers: the textbook's monomers first, and everything down to what can be bought.

    HANTEN_DATA_DIR=... python benchmarks/synthesis/polymers_textbook.py [--steps 2] [--learned SECONDS]

The polymers and their monomers stand in ``polymers_textbook.csv``. List ``first``: the twenty of the benchmark, chosen before anything was
measured, but looked at while the grades of practice were written; ``second``: twenty more, chosen when the grades were fixed; ``extra``:
for interest. The stock is the one of the package. Where HANTEN_DATA_DIR has a vendor list of 2019 (evaluation only), it is said for how many polymers
some route has all its leaves in that list as well: a lower bound, since the search stops at what the package's stock holds.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import math
import os
import time
from pathlib import Path

from hanten.chem import Polymer
from hanten.synthesis.plan import PlanSettings
from hanten.synthesis.planning import plan
from hanten.synthesis.polymer_routes import ranked_sets
from hanten.synthesis.routes import Route
from hanten.synthesis.stock import Stock, default_stock, inchikey

TABLE = Path(__file__).with_name("polymers_textbook.csv")
BUYABLES = "reactions/stock_buyables_evaluation_only.tsv.gz"


def wilson(k: int, n: int, z: float = 1.96) -> tuple[float, float]:
    """95 % interval of a share (Wilson 1927, doi:10.1080/01621459.1927.10502953)."""
    centre, half = k + z * z / 2, z * math.sqrt(k * (n - k) / n + z * z / 4)
    return (centre - half) / (n + z * z), (centre + half) / (n + z * z)


def keys(monomers) -> frozenset[str]:
    """Constitutions, stereochemistry aside: the first block of the InChIKeys."""
    return frozenset(inchikey(m)[:14] for m in monomers)


def first_monomers(row, stock: Stock, steps: int, routes: tuple[Route, ...]) -> tuple[str, ...]:
    """Monomers of the first set; of a polymer made from another polymer, that polymer's."""
    sets = ranked_sets(Polymer(row["psmiles"]), stock, steps=steps)
    if sets:
        return sets[0].monomers.monomers
    below = routes[0].root.step.reactants[0].step if routes else None
    return tuple(child.smiles for child in below.reactants) if below else ()


def vendor_list() -> frozenset[str]:
    """Canonical SMILES of the vendor list; empty where it is not at hand."""
    path = Path(os.environ.get("HANTEN_DATA_DIR", "")) / BUYABLES
    if not path.is_file():
        return frozenset()
    with gzip.open(path, "rt", encoding="utf-8", newline="") as handle:
        return frozenset(
            row["smiles"] for row in csv.DictReader(handle, delimiter="\t", quoting=csv.QUOTE_NONE)
        )


def measure(row, stock: Stock, settings: PlanSettings, forward, vendor: frozenset[str]) -> dict[str, object]:
    """One polymer."""
    before = time.process_time()
    found = plan(row["psmiles"], stock, forward, settings)
    first = first_monomers(row, stock, settings.steps, found.routes)
    wanted = [keys(s.split(".")) for s in row["textbook"].split("|")]
    return {
        "name": row["name"],
        "list": row["list"],
        "first": bool(first) and keys(first) in wanted,
        "solved": bool(found.routes),
        "vendor": any(all(leaf.smiles in vendor for leaf in r.leaves) for r in found.routes),
        "routes": len(found.routes),
        "steps": found.routes[0].steps if found.routes else 0,
        "missing": ", ".join(found.partial[0].missing) if found.partial else "",
        "cpu": time.process_time() - before,
    }


def report(rows, stock: Stock) -> None:
    """Shares with intervals for each list, and the table."""
    print(f"stock {stock.name}: {len(stock):,} molecules")
    for name in ("first", "second"):
        counted = [r for r in rows if r["list"] == name]
        for key, text in (
            ("first", "textbook monomers first"),
            ("solved", "all leaves in the stock"),
            ("vendor", "some route with all leaves in the vendor list too"),
        ):
            k, n = sum(r[key] for r in counted), len(counted)
            low, high = wilson(k, n)
            print(f"  {name} list, {text}: {k} of {n} (95 % interval {low:.0%} to {high:.0%})")
    times = [r["cpu"] for r in rows]
    print(f"  processor seconds a polymer: mean {sum(times) / len(times):.1f}, most {max(times):.1f}")
    for r in rows:
        marks = f"{'first' if r['first'] else 'NOT FIRST':<10} {'solved' if r['solved'] else 'UNSOLVED':<9}"
        told = f"{r['routes']:>3} routes, best has {r['steps']} steps {r['missing']}"
        print(f"    {r['list']:<7}{r['name']:<48} {marks} {told}")


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--steps", type=int, default=2)
    parser.add_argument(
        "--learned", type=float, metavar="SECONDS", help="also invert the forward model, so long a polymer"
    )
    given = parser.parse_args()
    with TABLE.open(encoding="utf-8", newline="") as handle:
        table = list(csv.DictReader(handle))
    forward = None
    if given.learned:
        from hanten.synthesis.forward import load_forward

        forward = load_forward()
    settings = PlanSettings(given.steps, 50, 0, given.learned or 600.0, forward is not None)
    stock, vendor = default_stock(), vendor_list()
    report([measure(row, stock, settings, forward, vendor) for row in table], stock)


if __name__ == "__main__":
    main()
