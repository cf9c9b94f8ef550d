"""One-step retrosynthesis of USPTO-50K targets: where the known reactant set stands, and how long it takes.

    HANTEN_DATA_DIR=... python benchmarks/synthesis/retro_one_step.py --split test -n 60 --out one-step.jsonl

The pool is the package's stock: all reactants of patents, those of the evaluation reactions included (the regime of Guo et
al. 2020); with ``--held-out`` only members that some training reaction uses. One line is written per target, and a run goes
on where it stopped; times and the time limit are processor seconds. The target is never in the pool. The sample is drawn evenly from the file.
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
from hanten.synthesis.stock import default_stock, inchikey

REACTIONS = Path(os.environ["HANTEN_DATA_DIR"]) / "reactions"


def targets(split: str, n: int) -> list[dict[str, str]]:
    with gzip.open(REACTIONS / f"uspto50k_{split}.tsv.gz", "rt") as handle:
        rows = list(csv.DictReader(handle, delimiter="\t"))
    drawn = np.random.default_rng(0).permutation(np.linspace(0, len(rows) - 1, n).astype(int))
    return [rows[k] for k in drawn]  # in random order, so that a run that is cut short is a sample too


def keys(molecules) -> frozenset[str]:
    return frozenset(inchikey(one) for one in molecules)


def solve(row, stock, forward, *, proposing, settings, limit: float, shown: int) -> dict:
    begin, processor = time.monotonic(), time.process_time()
    record = {"product": row["product"], "class": row["class"], "reactants": row["reactants"]}
    try:
        result = retrosynthesize(
            row["product"],
            stock,
            forward,
            n=shown,
            time_limit=limit,
            settings=settings,
            rng=np.random.default_rng(0),
            clock=time.process_time,
            **proposing,
        )
        wanted = keys(row["reactants"].split("."))
        found = [keys(route.leaves) for route in result.routes]
        record |= {
            "status": result.status,
            "reason": result.reason,
            "rank": found.index(wanted) + 1 if wanted in found else None,
            "routes": result.found,
            "clusters": result.clusters,
            "confirmed": sum(route.confirmed for route in result.routes),
            "evaluated": result.evaluated,
            "top": [[list(r.leaves), r.score, r.log_prob, r.log_prior] for r in result.routes[:10]],
        }
    except HantenError as error:
        record |= {"status": "error", "reason": str(error), "rank": None, "routes": 0, "confirmed": 0}
    return record | {"wall": time.monotonic() - begin, "cpu": time.process_time() - processor}


def summary(records: list[dict]) -> None:
    n = len(records)
    for k in (1, 5, 10):
        hits = sum(r["rank"] is not None and r["rank"] <= k for r in records)
        low, high = wilson(hits, n)
        print(f"known set in top {k}: {hits} of {n} = {hits / n:.3f} ({low:.3f} to {high:.3f})")
    for name, test in (
        ("any route", lambda r: r["routes"] > 0),
        ("a confirmed route", lambda r: r["confirmed"] > 0),
    ):
        hits = sum(map(test, records))
        low, high = wilson(hits, n)
        print(f"targets with {name}: {hits} of {n} = {hits / n:.3f} ({low:.3f} to {high:.3f})")
    for name in ("wall", "cpu"):
        values = [r[name] for r in records]
        print(f"{name} seconds a target: median {np.median(values):.0f}, largest {max(values):.0f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--split", choices=["valid", "test"], default="test")
    parser.add_argument("-n", type=int, default=60)
    parser.add_argument("--held-out", action="store_true")
    parser.add_argument("--limit", type=float, default=60.0)
    parser.add_argument("--shown", type=int, default=10)
    parser.add_argument("--particles", type=int, default=RetroSettings().particles)
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
    if options.held_out:
        stock = stock.filter(
            np.asarray(stock.uses) > 0, note="without reactants that only evaluation reactions use"
        )
    print(f"pool: {stock.name}, {len(stock):,} members")
    stock.fingerprints  # noqa: B018  (computed once, not a part of any target's time)
    out = Path(options.out)
    records = [json.loads(line) for line in out.read_text().splitlines()] if out.exists() else []
    known, end = {record["product"] for record in records}, time.monotonic() + 60 * options.minutes
    settings = RetroSettings(particles=options.particles)
    proposing = {"backward": backward, "templates": templates}
    for row in targets(options.split, options.n):
        if row["product"] in known or time.monotonic() > end:
            continue
        record = solve(
            row,
            stock,
            forward,
            proposing=proposing,
            settings=settings,
            limit=options.limit,
            shown=options.shown,
        )
        records.append(record)
        with out.open("a") as handle:
            handle.write(json.dumps(record) + "\n")
        print(len(records), record["status"], record["rank"], f"{record['wall']:.0f} s", flush=True)
    summary(records)


if __name__ == "__main__":
    main()
