"""Two workers against one: the same design run, its wall time, and how its CPU time is shared.

    OMP_NUM_THREADS=1 python benchmarks/design/workers.py [particles]

On a machine that is busy with other work the wall times say little. The CPU time that stays with the parent process
(resampling, bookkeeping, sending the work out) says more: with k workers a run cannot be faster than that time plus
the k-th part of the rest.
"""

import os
import sys
import time
from pathlib import Path

import numpy as np

from hanten.design import DesignConfig
from hanten.design.sampling import Problem, sampler_steps

TARGET = "thermal_conductivity >= 0.35 W/m/K"


def main(particles=1000):
    problem = Problem.of(DesignConfig(targets=(TARGET,), particles=particles, max_extensions=2), {}, None)
    problem.likelihood.log_likelihood(["*CC*"])
    warm(problem)
    one, two = measure(problem, 1), measure(problem, 2)
    assert one["particles"] == two["particles"]
    assert np.array_equal(one["log_likelihood"], two["log_likelihood"])
    for jobs, found in ((1, one), (2, two)):
        print(
            f"{jobs} worker{'s' * (jobs > 1)}: {found['wall']:.1f} s wall; CPU {found['parent']:.1f} s in the parent, "
            f"{found['workers']:.1f} s in workers"
        )
    ideal = two["parent"] + two["workers"] / 2
    print(
        f"same bits; speed-up {one['wall'] / two['wall']:.2f} measured, {one['parent'] / ideal:.2f} from the CPU times "
        f"on free cores; load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"
    )


def warm(problem):
    """Start the workers, so that their imports are not counted."""
    next(iter(sampler_steps(problem, None, n_jobs=2)))


def measure(problem, n_jobs):
    wall, parent, workers = time.perf_counter(), time.process_time(), of_workers(n_jobs)
    for step in sampler_steps(problem, None, n_jobs=n_jobs):
        last = step
    return {
        "wall": time.perf_counter() - wall,
        "parent": time.process_time() - parent,
        "workers": of_workers(n_jobs) - workers,
        "particles": last.particles,
        "log_likelihood": last.log_likelihood,
    }


def of_workers(n_jobs):
    """CPU seconds that the child processes have used so far, as Linux tells them."""
    if n_jobs == 1:
        return 0.0
    children = [
        pid for file in Path("/proc/self/task").glob("*/children") for pid in file.read_text("utf-8").split()
    ]
    ticks = 0
    for pid in children:
        after_name = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        ticks += int(after_name[11]) + int(after_name[12])
    return ticks / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
