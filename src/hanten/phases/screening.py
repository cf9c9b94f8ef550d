"""Whole families of systems: every ternary (or binary, or quaternary) of chosen elements, streaming and resumable.

Each system is one line of ``systems.jsonl``, appended when it is done. What is not there is still to do, so a run that was
stopped, or killed, goes on from there and ends with the same table.
"""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from hanten.errors import ConfigError, RunError
from hanten.phases.model import PhaseModel
from hanten.phases.ternary import check_elements, composition_grid, formulas, grid_size, place
from hanten.runs import RunFolder

if TYPE_CHECKING:
    import pandas as pd

LINES = "systems.jsonl"
LARGE = 20_000_000
Progress = Callable[[dict[str, Any], int, int], None]


@dataclass(frozen=True)
class FamilyScreen:
    """What to screen.

    Parameters
    ----------
    elements : tuple of str
    size : int
        Elements in each system.
    step : float
        Atomic percent.
    always : tuple of str
        Only systems with all of these.
    limit : int or None
        Refuse more compositions than this in total.

    Raises
    ------
    ConfigError, UnknownNameError
        If the elements, size or step make no sense, or the total is above the limit.

    Examples
    --------
    >>> FamilyScreen(("Al", "Cu", "Fe", "Pd"), step=5).points
    684
    """

    elements: tuple[str, ...]
    size: int = 3
    step: float = 2.0
    always: tuple[str, ...] = ()
    limit: int | None = field(default=LARGE, compare=False)

    def __post_init__(self) -> None:
        check_elements(self.elements)
        if not set(self.always) <= set(self.elements):
            missing = ", ".join(sorted(set(self.always) - set(self.elements)))
            raise ConfigError(
                f"every system is to have {missing}, which is not among the chosen elements",
                hint=f"add {missing} to the elements",
            )
        if len(set(self.always)) > self.size:
            raise ConfigError(
                f"{len(set(self.always))} elements in every system of {self.size} is too many",
                hint="fewer --with, or a larger --size",
            )
        if not 2 <= self.size <= min(5, len(self.elements)):
            raise ConfigError(
                f"systems of {self.size} elements cannot be made of {len(self.elements)}",
                hint="2 to 5 elements a system, and at least that many to choose from",
            )
        if not grid_size(self.size, self.step, edges=False):
            raise ConfigError(
                f"a step of {self.step:g} at% leaves no composition with all {self.size} elements"
            )
        if self.limit is not None and self.points > self.limit:
            raise ConfigError(
                f"{self.count:,} systems at steps of {self.step:g} at% are {self.points:,} compositions, more than {self.limit:,}",
                hint="a larger step, fewer elements, or a higher limit (--limit)",
            )

    @property
    def count(self) -> int:
        """Number of systems."""
        free = len(self.elements) - len(set(self.always))
        return math.comb(free, self.size - len(set(self.always))) if len(self.always) <= self.size else 0

    @property
    def points(self) -> int:
        """Number of compositions, all elements present in each."""
        return self.count * grid_size(self.size, self.step, edges=False)

    def systems(self) -> Iterator[tuple[str, ...]]:
        """All systems, in a fixed order."""
        for system in itertools.combinations(sorted(self.elements), self.size):
            if set(self.always) <= set(system):
                yield system


def screen_families(
    family: FamilyScreen,
    folder: str | Path,
    *,
    model: PhaseModel | None = None,
    resume: bool = False,
    force: bool = False,
    n_jobs: int = 1,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """Screen a family, one line per system, and write ``results.csv`` at the end.

    Parameters
    ----------
    family : FamilyScreen
    folder : path
        Run folder: ``config.json``, ``systems.jsonl``, ``results.csv``.
    model : PhaseModel, optional
    resume, force : bool
        Go on with the run in the folder; or overwrite it.
    n_jobs : int
        Worker processes; the result does not depend on it.
    progress : callable, optional
        Called with the line of each system, systems done, systems in all.

    Returns
    -------
    DataFrame
        One row per system, most probable quasicrystal first: ``system``, ``points``, ``quasicrystal`` and ``approximant`` (highest
        probability), ``best_quasicrystal``, ``best_approximant`` (where), ``quasicrystal_share``, ``approximant_share`` (of the
        grid called so), ``in_domain`` (share of the grid), ``nearest`` (to the best quasicrystal), ``nearest_phase``, ``similarity``.

    Raises
    ------
    RunError
        If the folder holds another run, or none to resume.
    """
    import pandas as pd
    from joblib import Parallel, delayed

    if model is None:
        from hanten.phases.bundle import load_phase_model

        model = load_phase_model()
    path = Path(folder)
    run, done = _open(path, family, resume=resume, force=force)
    todo = [system for system in family.systems() if "-".join(system) not in done]
    parallel = Parallel(n_jobs=n_jobs, return_as="generator", batch_size=4, pre_dispatch="4*n_jobs")
    finished = len(done)
    for line in parallel(delayed(screen_system)(model, system, family.step) for system in todo):
        run.append_line(LINES, line)
        finished += 1
        if progress is not None:
            progress(line, finished, family.count)
    lines = {line["system"]: line for line in run.read_lines(LINES)}
    frame = pd.DataFrame([lines["-".join(system)] for system in family.systems()])
    frame = frame.sort_values(["quasicrystal", "system"], ascending=[False, True], ignore_index=True)
    run.write_table(frame)
    return frame


def screen_system(model: PhaseModel, system: tuple[str, ...], step: float) -> dict[str, Any]:
    """What one system has to offer; plain values."""
    percent = composition_grid(len(system), step, edges=False)
    frame = model.frame_of(place(percent, system), formulas(percent, system))
    tops = {name: int(frame[name].to_numpy().argmax()) for name in ("quasicrystal", "approximant")}
    best = frame.iloc[tops["quasicrystal"]]
    called = frame["phase"].to_numpy()
    return {
        "system": "-".join(system),
        "points": len(frame),
        "quasicrystal": round(float(best["quasicrystal"]), 6),
        "best_quasicrystal": best["composition"],
        "approximant": round(float(frame["approximant"].to_numpy()[tops["approximant"]]), 6),
        "best_approximant": frame["composition"][tops["approximant"]],
        "quasicrystal_share": round(float(np.mean(called == "quasicrystal")), 6),
        "approximant_share": round(float(np.mean(called == "approximant")), 6),
        "in_domain": round(float(frame["in_domain"].mean()), 6),
        "nearest": best["nearest"],
        "nearest_phase": best["nearest_phase"],
        "similarity": round(float(best["similarity"]), 6),
    }


def _open(path: Path, family: FamilyScreen, *, resume: bool, force: bool) -> tuple[RunFolder, dict[str, Any]]:
    """The run folder, and the systems that are done in it."""
    asked = {"elements": sorted(family.elements), "size": family.size, "step": family.step, "always": sorted(family.always)}  # fmt: skip
    config = path / "config.toml"
    text = "".join(f"{key} = {json.dumps(value)}\n" for key, value in asked.items())
    if resume and config.is_file() and config.read_text(encoding="utf-8") != text:
        raise RunError(
            "holds the screening of another family",
            where=str(path),
            hint="give the same elements and step, or --force",
        )
    run = RunFolder(path, force=force, resume=resume)
    lines = path / LINES
    if resume and lines.exists():
        _cut_torn_line(lines)
    elif lines.exists():
        lines.unlink()
    run.write("config.toml", text)
    return run, {line["system"]: line for line in run.read_lines(LINES)}


def _cut_torn_line(path: Path) -> None:
    """A run that was killed may have left half a line at the end: take it off before more is appended."""
    data = path.read_bytes()
    whole = data[: data.rfind(b"\n") + 1]
    if len(whole) < len(data):
        with path.open("r+b") as handle:
            handle.truncate(len(whole))
