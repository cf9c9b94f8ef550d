"""Two-step retrosynthesis of PaRoutes targets of depth two: the known route, and leaves in stock.

    HANTEN_DATA_DIR=... python benchmarks/synthesis/retro_two_step.py -n 12 --out two-step.jsonl

The pool is the package's stock (all patent reactants), without target and known intermediate; with ``--pool with-leaves``
the leaves of all PaRoutes targets of depth two are added, so that the known route is possible, as in the 2020 paper and in PaRoutes;
with ``--pool n1`` the PaRoutes stock n1 is matched by InChIKey against the package's. One line per target; a run goes on where it stopped; times and
the time limit are processor seconds.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import os
import time
from pathlib import Path

import numpy as np

from hanten.errors import HantenError
from hanten.synthesis.forward import load_forward
from hanten.synthesis.forward.evaluation import wilson
from hanten.synthesis.retro import RetroSettings, load_backward, load_templates, retrosynthesize
from hanten.synthesis.stock import build_stock, default_stock, inchikey, union

REACTIONS = Path(os.environ["HANTEN_DATA_DIR"]) / "reactions"


def targets(n: int) -> list[dict[str, str]]:
    with gzip.open(REACTIONS / "paroutes_2step.tsv.gz", "rt") as handle:
        rows = list({row["target"]: row for row in csv.DictReader(handle, delimiter="\t")}.values())
    n = n or len(rows)
    drawn = np.random.default_rng(0).permutation(np.linspace(0, len(rows) - 1, n).astype(int))
    return [rows[k] for k in drawn]  # in random order, so that a run that is cut short is a sample too


def leaves_of(row: dict[str, str]) -> list[str]:
    last = [one for one in row["step2_reactants"].split(".") if one != row["intermediate"]]
    return [*last, *row["step1_reactants"].split(".")]


def known_leaves(row: dict[str, str]) -> frozenset[str]:
    return frozenset(map(inchikey, leaves_of(row)))


def solve(row, stock, forward, proposing, limit: float) -> dict:
    begin, processor = time.monotonic(), time.process_time()
    record = {"id": row["id"], "target": row["target"]}
    wanted = known_leaves(row)
    record["pool_holds_leaves"] = all(key in stock for key in wanted)
    try:
        pool = stock.excluding(row["intermediate"])
        result = retrosynthesize(
            row["target"], pool, forward, steps=2, n=50, time_limit=limit, rng=np.random.default_rng(0),
            settings=RetroSettings(particles=80), clock=time.process_time, **proposing,
        )  # fmt: skip
        found = [frozenset(map(inchikey, route.leaves)) for route in result.routes]
        two = [k for k, route in enumerate(result.routes) if route.steps > 1]
        longer = [found[k] for k in two]
        record |= {
            "status": result.status,
            "reason": result.reason,
            "rank": found.index(wanted) + 1 if wanted in found else None,
            "rank_among_longer": longer.index(wanted) + 1 if wanted in longer else None,
            "routes": result.found,
            "clusters": result.clusters,
            "longer": len(two),
            "evaluated": result.evaluated,
        }
    except HantenError as error:
        record |= {"status": "error", "reason": str(error), "rank": None, "routes": 0, "clusters": 0}
    return record | {"wall": time.monotonic() - begin, "cpu": time.process_time() - processor}


def summary(records: list[dict]) -> None:
    n = len(records)
    tests = {
        "known route in top 10": lambda r: r["rank"] is not None and r["rank"] <= 10,
        "known route in the 50 shown": lambda r: r["rank"] is not None,
        "solved": lambda r: r["routes"] > 0,
        "1,000 distinct valid routes": lambda r: r["routes"] >= 1000,
    }
    for name, test in tests.items():
        hits = sum(map(test, records))
        low, high = wilson(hits, n)
        print(f"{name}: {hits} of {n} = {hits / n:.3f} ({low:.3f} to {high:.3f})")
    print(f"distinct valid routes: median {np.median([r['routes'] for r in records]):.0f}")
    for name in ("wall", "cpu"):
        values = [r[name] for r in records]
        print(f"{name} seconds a target: median {np.median(values):.0f}, largest {max(values):.0f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("-n", type=int, default=12)
    parser.add_argument("--pool", choices=["all", "with-leaves", "n1"], default="all")
    parser.add_argument("--limit", type=float, default=300.0)
    parser.add_argument("--model", help="a forward model of your own")
    parser.add_argument("--backward", help="a backward model of your own, or `none`")
    parser.add_argument("--templates", help="templates of your own")
    parser.add_argument("--out", required=True)
    parser.add_argument("--minutes", type=float, default=1e9)
    options = parser.parse_args()
    stock, forward, templates = (
        default_stock(),
        load_forward(options.model),
        load_templates(options.templates),
    )
    backward = None if options.backward == "none" else load_backward(options.backward)
    if options.pool == "with-leaves":
        leaves = {one for row in targets(0) for one in leaves_of(row)}
        stock = union(stock, build_stock(sorted(leaves), name="PaRoutes leaves").stock)
    if options.pool == "n1":
        members = set((REACTIONS / "aizynth_n1_stock.txt").read_text().split())
        stock = stock.filter(lambda member: inchikey(member.smiles) in members, note="PaRoutes n1")
    print(f"pool: {stock.name}, {len(stock):,} members")
    stock.fingerprints  # noqa: B018  (computed once, not a part of any target's time)
    proposing = {"backward": backward, "templates": templates}
    out = Path(options.out)
    records = [json.loads(line) for line in out.read_text().splitlines()] if out.exists() else []
    known, end = {record["target"] for record in records}, time.monotonic() + 60 * options.minutes
    for row in targets(options.n):
        if row["target"] in known or time.monotonic() > end:
            continue
        record = solve(row, stock, forward, proposing, options.limit)
        records.append(record)
        with out.open("a") as handle:
            handle.write(json.dumps(record) + "\n")
        print(
            len(records),
            record["status"],
            record["rank"],
            record["routes"],
            f"{record['wall']:.0f} s",
            flush=True,
        )
    summary(records)


if __name__ == "__main__":
    main()
