"""The periodic-table generator: time, order preservation, families over seeds, layouts.

python benchmarks/inorganic/periodic_table.py [SEEDS]
"""

from __future__ import annotations

import sys
import time

import numpy as np

from hanten.elements.periodic_table import compare_layouts, map_elements


def row(method: str, seeds: range, **options: object) -> None:
    found, seconds = [], []
    for seed in seeds:
        start = time.process_time()
        found.append(map_elements("square", method=method, random_state=seed, **options))
        seconds.append(time.process_time() - start)
    trust = np.array([m.fitted.scores_["trustworthiness"] for m in found])
    kept = np.array([m.fitted.scores_["continuity"] for m in found])
    known = np.array([m.fitted.scores_["prediction"] for m in found])
    evidence = np.array([m.fitted.scores_["log_evidence"] for m in found])
    families = {name: np.mean([m.contiguous[name] for m in found]) for name in found[0].contiguous}
    pieces = ", ".join(f"{name} {share:.0%}" for name, share in families.items())
    print(
        f"{method} {options or ''}: {len(seeds)} seeds, CPU seconds {np.median(seconds):.1f} (most {max(seconds):.1f}), "
        f"trustworthiness(4) {trust.mean():.4f} (least {trust.min():.4f}), continuity(4) {kept.mean():.4f}, "
        f"prediction {known.mean():.3f}, log evidence {evidence.mean():.0f}; "
        f"in one piece: {pieces}",
        flush=True,
    )


if __name__ == "__main__":
    seeds = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    row("fast", range(seeds))
    row("mcmc", range(seeds))
    row("mcmc", range(seeds), select="prediction", chains=8, iterations=3000, burn_in=1500)
    print(compare_layouts().round(4).to_string(index=False))
