"""Inverse design: from target regions to candidate polymers.

    posterior(S | Y in region)  ∝  P(Y in region | S)  ×  prior(S)

:func:`sample` puts the three together: the language model as prior, the property models as likelihood, cut-and-regrow
as proposal, and lets the sampler of :mod:`hanten.inference` run until enough distinct new polymers are found.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from hanten.design.checks import Check
from hanten.design.config import DesignConfig, config_to_toml, read_config
from hanten.design.constraints import build_constraints
from hanten.design.known import KnownIndex
from hanten.design.likelihood import RegionLikelihood
from hanten.design.ngram import NGramPrior
from hanten.design.prior_file import load_prior
from hanten.design.proposals import CutAndRegrow
from hanten.design.result import DesignResult, Harvest
from hanten.design.targets import TargetRegion, parse_targets
from hanten.errors import ConfigError
from hanten.inference import Settings, Step, load_checkpoint, save_checkpoint, smc
from hanten.models import load_model
from hanten.runs import RunFolder

Progress = Callable[[Mapping[str, Any], int], None]
_SHORT = 12
_SWEEPS, _FURTHER_SWEEPS = 25, 6


def sample(
    targets: str | Sequence[str] = (),
    n: int | None = None,
    *,
    models: Mapping[str, Any] | None = None,
    prior: NGramPrior | str | None = None,
    config: DesignConfig | None = None,
    run_dir: str | Path | RunFolder | None = None,
    force: bool = False,
    resume: bool = False,
    n_jobs: int = 1,
    progress: Progress | None = None,
    **options: Any,
) -> DesignResult:
    """Sample polymers whose properties lie in the target regions.

    Parameters
    ----------
    targets : str or sequence of str
        For example ``"thermal_conductivity >= 0.4 W/m/K"``.
    n : int, optional
        Distinct novel candidates wanted (1000).
    models : mapping, optional
        Property name -> model, bundle file, or name; the bundled models for the rest.
    prior : NGramPrior or str, optional
        The bundled polymer prior unless given.
    config : DesignConfig, optional
        Everything else; ``options`` (``particles``, ``seed``, ``constraints``, ...) replace its entries.
    run_dir : path or RunFolder, optional
        Keep config, log, trace, checkpoints and results there; a caller who opened the folder keeps its own config.
    force, resume : bool
        Overwrite, or go on with, the run in ``run_dir``.
    n_jobs : int
        Workers; the result does not depend on it.
    progress : callable, optional
        Called after each step with the row of the trace and the number of candidates so far.

    Returns
    -------
    DesignResult

    Raises
    ------
    ConfigError, UnknownNameError, UnitError
        If a target, an option or a model is not usable.
    RunError
        If the run folder holds a run already, or cannot be written.

    Examples
    --------
    >>> result = sample("thermal_conductivity >= 0.3 W/m/K", n=20, particles=100, seed=1)
    >>> frame = result.frame()
    >>> bool(frame["novel"].all()), len(frame) >= 20
    (True, True)
    """
    given = {"targets": _texts(targets), "n": n, **options}
    chosen = replace(config or DesignConfig(), **{k: v for k, v in given.items() if v not in (None, ())})
    if resume and isinstance(run_dir, (str, Path)) and not chosen.targets:
        chosen = read_config(Path(run_dir) / "config.toml")
    problem = Problem.of(chosen, models or {}, prior)
    folder = run_dir if isinstance(run_dir, RunFolder) else None
    if isinstance(run_dir, (str, Path)):
        folder = RunFolder(run_dir, force=force, resume=resume)
        folder.write("config.toml", config_to_toml(chosen))
    harvest, last = Harvest(problem.known), None
    for step in _steps(problem, folder, resume=resume, n_jobs=n_jobs, harvest=harvest):
        last = step
        if progress is not None:
            progress(step.row, len(harvest))
        if len(harvest) >= chosen.n:
            break
    assert last is not None
    result = problem.result(last, harvest)
    if folder is not None:
        folder.write_table(result.frame())
        folder.log(f"ended: {result.ended}; {len(result.frame())} candidates")
    return result


@dataclass(frozen=True)
class Problem:
    """A design run put together: what goes into Bayes' rule."""

    config: DesignConfig
    targets: list[TargetRegion]
    prior: NGramPrior
    likelihood: RegionLikelihood
    known: KnownIndex

    @classmethod
    def of(cls, config: DesignConfig, models: Mapping[str, Any], prior: NGramPrior | str | None) -> Problem:
        """Load models and prior, and build the constraints."""
        if not config.targets:
            raise ConfigError("there is no target region", hint='for example --target "Tg >= 473 K"')
        targets = parse_targets(config.targets)
        sources = {**config.models, **models}
        loaded = {t.name: _model(sources.get(t.name, t.name)) for t in targets}
        model = prior if isinstance(prior, NGramPrior) else load_prior(prior or config.prior)
        if model.vocabulary.n_attachment != 2:
            raise ConfigError(
                "this prior writes molecules, and the property models judge repeat units",
                hint='prior = "polymer"; draw molecules with hanten.design.load_prior("molecules").sample(n, rng)',
            )
        likelihood = RegionLikelihood(targets, loaded, build_constraints(config.constraints))
        seen = [key for m in loaded.values() for key in getattr(m, "training", {}).get("keys", ())]
        return cls(config, targets, model, likelihood, KnownIndex(seen))

    @property
    def proposals(self) -> CutAndRegrow:
        """Long and short regrowth, in one batch."""
        return CutAndRegrow(self.prior, reach=_SHORT, share=0.4)

    def checks(self) -> list[Check]:
        """What should be known before the result is believed: targets outside what the models have seen."""
        out = []
        for t in self.targets:
            seen = getattr(self.likelihood.models[t.name], "card", {}).get("range", {})
            low, high = float(seen.get("low", -math.inf)), float(seen.get("high", math.inf))
            fine = t.low <= high and t.high >= low
            text = f"{t} against {low:.4g} to {high:.4g} in the training data"
            out.append(Check.of("HNT002", "target within the training range", fine, text))
        return out

    def result(self, last: Step, harvest: Harvest) -> DesignResult:
        """What the run came to; without a posterior, the best that was found."""
        if not len(harvest) and last.beta < 1:
            harvest.add(last.particles, last.log_likelihood)
        ended = last.ended or f"{len(harvest)} candidates found"
        return DesignResult(
            self.config, self.targets, self.likelihood, self.known, harvest, last, ended, self.checks()
        )


def _steps(
    problem: Problem, folder: RunFolder | None, *, resume: bool, n_jobs: int, harvest: Harvest
) -> Iterator[Step]:
    """The steps of the sampler, each written to the run folder before it is handed out."""
    start = None
    if folder is not None:
        start = _take_up(folder, harvest) if resume else None
        folder.log(f"{'resumed' if start else 'started'}: {'; '.join(map(str, problem.targets))}")
        for check in problem.checks():
            if not check.fine:
                folder.log(f"{check.code} {check.title}: {check.text}")
    if start is not None:
        yield start
    for step in sampler_steps(problem, start, n_jobs):
        if step.beta == 1:
            harvest.add(step.particles, step.log_likelihood)
            if folder is not None:
                row = {
                    "step": step.index,
                    "particles": step.particles,
                    "log_likelihood": step.log_likelihood.tolist(),
                }
                folder.append_line("particles.jsonl", row)
        if folder is not None:
            save_checkpoint(folder / "checkpoint.npz", step)
            folder.write_trace(step.trace)
        yield step


def sampler_steps(problem: Problem, start: Step | None, n_jobs: int) -> Iterator[Step]:
    """Temper to beta = 1, then go on there in short steps: every population on the way is one of the posterior."""
    config, last = problem.config, start
    tempering = Settings(
        ess_fraction=config.ess_fraction,
        max_steps=config.max_steps,
        max_sweeps=_SWEEPS,
        chunk=max(250, min(config.particles, 2000)),  # large batches are written much faster
    )
    further = replace(tempering, max_sweeps=_FURTHER_SWEEPS, extend=config.max_extensions)
    for settings in (tempering, further):
        if settings is further and (last is None or last.beta < 1):
            return
        rng = np.random.default_rng(config.seed)
        parts = (problem.prior, problem.likelihood, problem.proposals, config.particles, rng)
        for step in smc(*parts, settings=settings, resume=last, n_jobs=n_jobs):
            last = step
            yield step


def _take_up(folder: RunFolder, harvest: Harvest) -> Step | None:
    """The last complete step of a run, with the candidates up to it."""
    if not (folder / "checkpoint.npz").exists():
        return None
    step = load_checkpoint(folder / "checkpoint.npz")
    rows = {row["step"]: row for row in folder.read_lines("particles.jsonl") if row["step"] <= step.index}
    folder.write("particles.jsonl", "")
    for row in rows.values():
        harvest.add(row["particles"], np.array(row["log_likelihood"]))
        folder.append_line("particles.jsonl", row)
    return step


def _texts(targets: str | Sequence[str]) -> tuple[str, ...]:
    return (targets,) if isinstance(targets, str) else tuple(str(t) for t in targets)


def _model(source: Any) -> Any:
    return load_model(source) if isinstance(source, (str, Path)) else source
