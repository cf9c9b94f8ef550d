"""Which powers of prior, precedent and guesses rank the known route best: chosen on targets that no other benchmark uses.

    HANTEN_DATA_DIR=... python benchmarks/synthesis/retro_ranking.py --one 40 --two 30 --out ranking.jsonl

One-step targets are validation reactions of USPTO-50K, two-step targets PaRoutes routes of depth two outside the benchmark's sample, with
the leaves of all PaRoutes routes in the pool. Searching is done once a target and written to a line with the parts of every score; then
powers are tried on these lines. A run goes on where it stopped.
"""

from __future__ import annotations

import argparse
import itertools
import json
import math
import time
from pathlib import Path

import numpy as np
from retro_one_step import keys
from retro_one_step import targets as one_step_targets
from retro_two_step import known_leaves, leaves_of
from retro_two_step import targets as two_step_targets

from hanten.synthesis.forward import load_forward
from hanten.synthesis.retro import RetroSettings, load_backward, load_templates
from hanten.synthesis.retro.candidates import Proposer
from hanten.synthesis.retro.classes import Classifier
from hanten.synthesis.retro.inversion import Search, checked_target
from hanten.synthesis.retro.ranking import Ranking, diverse
from hanten.synthesis.stock import build_stock, default_stock, inchikey, union

NEVER = 1e-5
BENCHMARK, LIMIT = 40, 300.0


def search(target, stock, forward, templates, backward, *, steps):
    """Every state above the threshold, with the parts of its score and its place."""
    product = checked_target(target, forward)
    begin = time.process_time()
    proposer = Proposer(templates, stock.excluding(product), backward)
    run = Search(product, forward, proposer, RetroSettings(), begin=begin, limit=LIMIT, say=lambda _: None, clock=time.process_time)  # fmt: skip
    likelihood = run.begin(steps)
    run.score_first(likelihood)
    posterior = run.sample(likelihood, np.random.default_rng(0))
    ranking = Ranking(likelihood, proposer, Classifier(templates), (0.2, 0.5))
    chances: dict = {}  # by templates and by the backward model, added up
    for one in ranking.ranked(posterior):
        reactions = list(likelihood.space.reactions(one.state))
        precedent = sum(math.log(max(ranking.precedent(p, r), NEVER)) for p, r in reactions)
        for made in {p for p, _ in reactions} - chances.keys():
            chances[made] = dict(proposer.proposals(made))
        guess = sum(math.log(max(chances[p].get(tuple(sorted(r)), 0.0), NEVER)) for p, r in reactions)
        leaves = [proposer.stock.smiles[k] for k in leaves_in(one.state)]
        yield [one.log_prob, one.log_prior, precedent, guess, one.cluster, len(reactions)], leaves


def leaves_in(state):
    return [k for child in state for k in (child[1] if isinstance(child, tuple) else (child,))]


def record(name, wanted, found, n_most=3000) -> dict:
    """The known route's row among the others, by leaves."""
    parts = [part for part, _ in found]
    right = [k for k, (_, leaves) in enumerate(found) if frozenset(map(inchikey, leaves)) == wanted]
    kept = sorted({*range(min(n_most, len(parts))), *right})
    return {"name": name, "right": [kept.index(k) for k in right], "parts": [parts[k] for k in kept]}


def place(line: dict, powers: tuple[float, ...], shown: int = 50) -> float:
    """Rank of the known route among those shown, infinite if it is not."""
    parts = np.array(line["parts"])
    if not line["right"]:
        return math.inf
    order = np.argsort(-(parts[:, 0] + parts[:, 1:4] @ powers), kind="stable")
    chosen = diverse([int(parts[k, 4]) for k in order], shown)
    right = set(line["right"])
    return next((at + 1 for at, k in enumerate(chosen) if int(order[k]) in right), math.inf)


def table(lines: list[dict]) -> None:
    groups = {kind: [x for x in lines if x["name"].startswith(kind)] for kind in ("one", "two")}
    grid = itertools.product((0.0, 0.1, 0.2, 0.4), (0.0, 0.25, 0.5, 0.75, 1.0), (0.0, 0.25, 0.5, 0.75, 1.0))
    rows = []
    for powers in grid:
        ranks = {kind: [place(x, powers) for x in part] for kind, part in groups.items() if part}
        score = np.mean([np.mean([1 / r for r in found]) for found in ranks.values()])
        tops = [sum(r <= k for r in found) for found in ranks.values() for k in (1, 5, 10, 50)]
        rows.append((float(score), powers, tops))
    rows.sort(reverse=True)
    print(
        {kind: len(part) for kind, part in groups.items()},
        "found",
        [sum(bool(x["right"]) for x in p) for p in groups.values()],
    )
    print(
        "| prior | precedent | guess | mean reciprocal rank | top 1, 5, 10, 50 of one step; of two steps |\n|---|---|---|---|---|"
    )
    for score, powers, tops in [*rows[:12], *[r for r in rows if r[1] == (0.2, 0.5, 0.0)]]:
        print("|", *powers, f"{score:.3f}", tops, "|", sep=" | ")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--one", type=int, default=40)
    parser.add_argument("--two", type=int, default=30)
    parser.add_argument("--out", required=True)
    options = parser.parse_args()
    out = Path(options.out)
    lines = [json.loads(line) for line in out.read_text().splitlines()] if out.exists() else []
    done = {line["name"] for line in lines}
    forward, templates, backward, stock = load_forward(), load_templates(), load_backward(), default_stock()
    leaves = {one for row in two_step_targets(0) for one in leaves_of(row)}
    wider = union(stock, build_stock(sorted(leaves), name="PaRoutes leaves").stock)
    stock.fingerprints, wider.fingerprints  # noqa: B018  (computed once, and kept when a member is excluded)
    spared = {row["target"] for row in two_step_targets(BENCHMARK)}
    rows = [row for row in two_step_targets(0) if row["target"] not in spared]
    jobs = [
        ("one", row["product"], keys(row["reactants"].split(".")), stock, 1)
        for row in one_step_targets("valid", options.one)
    ]
    jobs += [
        ("two", row["target"], known_leaves(row), wider.excluding(row["intermediate"]), 2)
        for row in rows[: options.two]
    ]
    for kind, target, wanted, pool, steps in jobs:
        name = f"{kind} {target}"
        if name in done:
            continue
        found = list(search(target, pool, forward, templates, backward, steps=steps))
        lines.append(record(name, wanted, found))
        with out.open("a") as handle:
            handle.write(json.dumps(lines[-1]) + "\n")
        print(len(lines), kind, len(found), "known" if lines[-1]["right"] else "-", flush=True)
    table(lines)


if __name__ == "__main__":
    main()
