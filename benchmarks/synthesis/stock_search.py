"""Neighbour search in a stock: seconds a query, by size, on one core; and what the first use costs.

    python benchmarks/synthesis/stock_search.py [--members 250000 2000000] [--queries 30]

Larger stocks than the default one are made of its fingerprints, repeated; processor time is measured.
"""

from __future__ import annotations

import argparse
import time

import numpy as np

from hanten.synthesis.stock import default_stock, normalise
from hanten.synthesis.stock import fingerprints as fp


def median_ms(columns, queries, k: int) -> float:
    """Median processor milliseconds a query."""
    counts, times = fp.bit_counts(columns), []
    for query in queries:
        before = time.process_time()
        fp.top_k(columns, counts, query, k)
        times.append(time.process_time() - before)
    return 1000 * float(np.median(times))


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--members", type=int, nargs="*", default=[250_000, 2_000_000])
    parser.add_argument("--queries", type=int, default=30)
    given = parser.parse_args()
    before = time.process_time()
    stock = default_stock()
    print(f"open the default stock: {time.process_time() - before:.2f} s for {len(stock):,} members")
    before = time.process_time()
    found = sum(stock.smiles[i] in stock for i in range(0, stock.size, 500))
    each = (time.process_time() - before) / len(range(0, stock.size, 500))
    print(f"look-up by SMILES: {1e3 * each:.2f} ms each ({found} found)")
    sample = [stock.smiles[i] for i in range(0, stock.size, stock.size // 500)]
    normalise.cache_clear()
    before = time.process_time()
    fp.fingerprint_columns(sample)
    each = (time.process_time() - before) / len(sample)
    print(f"fingerprints: {1e3 * each:.2f} ms each, {each * stock.size:.0f} s for the stock")
    columns = np.ascontiguousarray(stock.fingerprints)
    rng = np.random.default_rng(0)
    queries = [columns[:, i].copy() for i in rng.integers(0, stock.size, given.queries)]
    for n in given.members:
        part = np.ascontiguousarray(np.tile(columns, -(-n // stock.size))[:, :n])
        print(
            f"{n:>10,} members: top 100 in {median_ms(part, queries, 100):.1f} ms (median of {len(queries)})"
        )


if __name__ == "__main__":
    main()
