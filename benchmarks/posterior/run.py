"""How near the sampler comes to posteriors known exactly; prints the tables of the README.

Usage: python benchmarks/posterior/run.py [--particles 10000] [--seeds 10] [--only waste-free]
"""

from __future__ import annotations

import argparse
import sys
import time

import numpy as np
from spaces import (
    NAMES,
    CutAndRegrow,
    Space,
    floor,
    histogram,
    metropolis_matrix,
    space,
    total_variation,
)
from uncorrected import run_uncorrected

from hanten.inference import FreshDraw, Mixture, Settings, run

SAMPLERS = {
    "**default**": Settings(),
    "default, extended by one step": Settings(extend=1),
    "default, fresh draws mixed in": Settings(),
    "waste-free": Settings(kind="waste_free"),
    "1 sweep a stage": Settings(retention=0, max_sweeps=1),
    "5 sweeps a stage": Settings(retention=0, max_sweeps=5),
    "20 sweeps a stage": Settings(retention=0, max_sweeps=20),
    "larger stages (ess_fraction 0.5)": Settings(ess_fraction=0.5),
    "smaller stages (ess_fraction 0.9)": Settings(ess_fraction=0.9),
}


def measure(s: Space, label: str, n: int, seeds: int) -> dict[str, np.ndarray]:
    """Total variation, evidence error, sweeps and calls of each seed, and CPU seconds."""
    proposal = (
        Mixture([CutAndRegrow(s), FreshDraw(s)], shares=[4, 1]) if "fresh" in label else CutAndRegrow(s)
    )
    exact, rows, started = s.tempered_posterior(), [], time.process_time()
    for seed in range(seeds):
        posterior = run(s, s, proposal, n, np.random.default_rng(seed), settings=SAMPLERS[label])
        distance = total_variation(histogram(s, posterior.particles), exact)
        sweeps = sum(row["sweeps"] for row in posterior.trace)
        calls = posterior.trace[-1]["calls"]
        rows.append((distance, abs(posterior.log_evidence - s.log_evidence), sweeps, calls))
    columns = dict(zip(("distance", "error", "sweeps", "calls"), np.transpose(rows), strict=True))
    return columns | {"seconds": np.array((time.process_time() - started) / seeds)}


def contrast(s: Space, n: int, seeds: int) -> dict[str, np.ndarray]:
    """The uncorrected sampler; it has no evidence."""
    exact, started = s.tempered_posterior(), time.process_time()
    outcomes = [run_uncorrected(s, n, np.random.default_rng(seed)) for seed in range(seeds)]
    seconds = (time.process_time() - started) / seeds
    distances = [total_variation(histogram(s, o.particles, o.weights), exact) for o in outcomes]
    return {
        "distance": np.array(distances),
        "sweeps": np.array(49),
        "calls": np.array([o.calls for o in outcomes]),
        "seconds": np.array(seconds),
    }


def imbalance(s: Space, *, length_factor: bool = True, extend: bool = True) -> tuple[float, float]:
    """Largest |pi_i K_ij - pi_j K_ji| and |pi K - pi| over beta = 0, 0.3, 1."""
    balances, invariances = [], []
    for beta in (0.0, 0.3, 1.0):
        target = s.tempered_posterior(beta)
        kernel = metropolis_matrix(CutAndRegrow(s, length_factor, extend), beta)
        invariances.append(abs(target @ kernel - target).max())
        kernel *= target[:, None]
        balances.append(abs(kernel - kernel.T).max())
    return max(balances), max(invariances)


def kernel_table() -> None:
    print("| space | strings | detailed balance | invariance | without the length factor | without k = len |")
    print("|---|--:|--:|--:|--:|--:|")
    for name in NAMES:
        s = space(name)
        exact = imbalance(s)
        wrong = imbalance(s, length_factor=False)[0], imbalance(s, extend=False)[0]
        numbers = " | ".join(f"{x:.0e}" for x in (*exact, *wrong))
        print(f"| {name} | {len(s.strings):,} | {numbers} |", flush=True)


HEAD = """
| space | sampler | TV | TV / floor | worst seed | error of log Z | worst seed | sweeps | calls | CPU s |
|---|---|--:|--:|--:|--:|--:|--:|--:|--:|"""


def sampler_table(n: int, seeds: int, only: str | None = None) -> None:
    print(HEAD)
    for name in NAMES:
        s = space(name)
        least = floor(s, n, np.random.default_rng(12345), repeats=200)
        for label in [only] if only else SAMPLERS:
            print(line(name, label, measure(s, label, n, seeds), least), flush=True)
        print(line(name, "*uncorrected, 50 steps*", contrast(s, n, seeds), least), flush=True)
        print(f"| {name} | *independent draws* | {least:.4f} | 1 | | | | | | |", flush=True)


def line(name: str, label: str, measured: dict[str, np.ndarray], least: float) -> str:
    ratio, error = measured["distance"] / least, measured.get("error")
    evidence = "– | –" if error is None else f"{error.mean():.3f} | {error.max():.3f}"
    return (
        f"| {name} | {label} | {measured['distance'].mean():.4f} | {ratio.mean():.2f} | {ratio.max():.2f} "
        f"| {evidence} | {measured['sweeps'].mean():.0f} | {measured['calls'].mean():,.0f} "
        f"| {measured['seconds']:.1f} |"
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--particles", type=int, default=10_000)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--only", choices=SAMPLERS, help="one sampler, and no table of the kernel")
    arguments = parser.parse_args()
    if not arguments.only:
        kernel_table()
    sampler_table(arguments.particles, arguments.seeds, arguments.only)
    return 0


if __name__ == "__main__":
    sys.exit(main())
