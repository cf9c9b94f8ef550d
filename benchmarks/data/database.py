"""What the property database costs: import, queries, export, undo, with 10,000 and 50,000 records.

The records are written here from the polymer prior's strings and random values, so the script needs no public data.
CPU time of one core, SQLite on disk. Run it with ``python benchmarks/data/database.py [RECORDS ...]``.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from hanten.chem import parse
from hanten.data import import_file, open_database
from hanten.design import load_prior


def seconds(function: Callable[[], Any]) -> tuple[float, Any]:
    """CPU time of one call, and what it returned."""
    start = time.process_time()
    found = function()
    return time.process_time() - start, found


def table(n: int, rng: np.random.Generator) -> pd.DataFrame:
    """A table of ``n`` good rows: distinct repeat units and a glass transition temperature each."""
    units: dict[str, None] = {}
    while len(units) < n:
        report = parse(load_prior().sample(n, rng))
        units.update((item.psmiles, None) for item in report.items if item is not None)
    return pd.DataFrame({"smiles": list(units)[:n], "Tg (K)": rng.uniform(200, 600, n).round(1)})


def measure(n: int, folder: Path) -> None:
    """Print one block of the table."""
    rng = np.random.default_rng(0)
    rows = table(n, rng)
    path = folder / f"{n}.csv"
    rows.to_csv(path, index=False)
    with_file = folder / f"{n}.db"
    database = open_database(with_file)
    steps: list[tuple[str, Callable[[], Any]]] = [
        ("import CSV", lambda: import_file(path, database)),
        ("query: Tg >= 500 K", lambda: database.query("Tg", minimum="500 K")),
        ("query: substructure c1ccccc1", lambda: database.query("Tg", substructure="c1ccccc1")),
        ("query: similar to polystyrene", lambda: database.query("Tg", similar_to="*CC(*)c1ccccc1")),
        ("the same again", lambda: database.query("Tg", similar_to="*CC(*)c1ccccc1")),
        ("statistics", database.stats),
        ("export CSV", lambda: database.export(folder / f"{n}-out.csv")),
        ("undo the import", database.undo),
    ]
    for name, step in steps:
        spent, found = seconds(step)
        size = len(found) if isinstance(found, pd.DataFrame) else ""
        print(f"{n:>7,} | {name:<30} | {spent:7.2f} s | {spent / n * 1e6:7.1f} us a record | {size}")
    print(f"{n:>7,} | file before the undo: {with_file.stat().st_size / 1e6:.1f} MB")


def main() -> None:
    """Measure each size named on the command line."""
    with tempfile.TemporaryDirectory() as folder:
        for n in [int(word) for word in sys.argv[1:]] or [10_000, 50_000]:
            measure(n, Path(folder))


if __name__ == "__main__":
    main()
