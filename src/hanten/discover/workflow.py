"""The whole way, on one page: records -> models -> posterior -> library -> screening -> shortlist -> report."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from hanten.design import RegionLikelihood, config_to_toml, load_prior, parse_targets, sample
from hanten.design.likelihood import canonical_or_none
from hanten.design.screening import screen, shortlist
from hanten.discover.config import DiscoverConfig, read_discover_config
from hanten.discover.evidence import Comparison, compare_with_measured
from hanten.discover.records import train_on_records
from hanten.discover.routes import Routes, read_routes, route_columns, shortlist_routes, write_routes
from hanten.errors import RunError
from hanten.models import load_model
from hanten.report import Check
from hanten.runs import RunFolder
from hanten.synthesis.polymerisation import known_route

if TYPE_CHECKING:
    import pandas as pd

    from hanten.design import DesignResult
    from hanten.models import PropertyModel

Progress = Callable[[Mapping[str, Any], int], None]
PRIOR_DRAWS = 1000


@dataclass(frozen=True)
class Discovery:
    """All that a discovery found; what the report tells.

    Attributes
    ----------
    config : DiscoverConfig
    models : mapping of str to PropertyModel
        One per target property.
    library : pandas.DataFrame
        The candidates, most probable first: predictions, weight, ``probability`` of the target region, screening.
    shortlist : pandas.DataFrame
        Rows of the library with ``rank`` and ``reason``.
    known, prior : pandas.DataFrame
        Training polymers, and draws from the prior, as the models see them: ``<property>_mean``,
        ``<property>_sd``, ``probability``.
    trace : list of dict
    checks : list of Check
    summary : dict
        ``log_evidence``, ``ended``, ``seconds``.
    routes : mapping of str to list of Route
        For polymers of the shortlist, the best routes by documented reactions.
    """

    config: DiscoverConfig
    models: Mapping[str, PropertyModel]
    library: pd.DataFrame
    shortlist: pd.DataFrame
    known: pd.DataFrame
    prior: pd.DataFrame
    trace: list[dict[str, Any]]
    checks: list[Check]
    summary: dict[str, Any]
    routes: Routes = field(default_factory=dict)

    @property
    def regions(self) -> dict[str, tuple[float, float]]:
        """Target regions by property, in registry units."""
        return {
            target.name: (target.low, target.high) for target in parse_targets(self.config.design.targets)
        }

    @property
    def comparison(self) -> Comparison | None:
        """Predictions beside literature measurements, for the first property that has some."""
        compared = (compare_with_measured(model) for model in self.models.values())
        return next((found for found in compared if found is not None), None)

    def frame(self) -> pd.DataFrame:
        """The library."""
        return self.library.copy()

    def _repr_html_(self) -> str:
        return str(self.shortlist.to_html())


def discover(
    config: DiscoverConfig = DiscoverConfig(),  # noqa: B008  (frozen)
    run_dir: str | Path | None = None,
    *,
    force: bool = False,
    resume: bool = False,
    n_jobs: int = 1,
    progress: Progress | None = None,
) -> Discovery:
    """From a wish to an explained library; everything is kept in the run folder.

    Parameters
    ----------
    config : DiscoverConfig
        Targets, records, sampler, screening.
    run_dir : path, optional
        The run folder; ``runs/<date>-<name>`` if not given.
    force, resume : bool
        Overwrite, or go on with, the run that is there.
    n_jobs : int
        Workers; the result does not depend on it.
    progress : callable, optional
        Called after each step of the sampler with the row of the trace and the number of candidates.

    Returns
    -------
    Discovery

    Raises
    ------
    RunError
        If the run folder holds a run already, or cannot be written.
    DataError, ConfigError
        If records, targets or models are not usable.
    """
    started = time.monotonic()
    folder = RunFolder(run_dir or default_folder(config.name), force=force, resume=resume)
    folder.write("config.toml", config_to_toml(config))
    models = _models(config, folder, kept=resume)
    result = sample(
        config=config.design, models=models, run_dir=folder, resume=resume, n_jobs=n_jobs, progress=progress
    )
    found = explain(config, models, result, n_jobs=n_jobs)
    found.summary["seconds"] = time.monotonic() - started
    write(found, folder)
    return found


def explain(
    config: DiscoverConfig, models: Mapping[str, PropertyModel], result: DesignResult, *, n_jobs: int = 1
) -> Discovery:
    """Screen the candidates of a design run, choose the shortlist, and gather what they are compared with."""
    predict = partial(predicted, models=models, config=config)
    known = predict(sorted({key for model in models.values() for key in model.training.get("keys", ())}))
    library = result.frame().assign(probability=lambda frame: np.exp(frame["log_likelihood"]))
    library = library.sort_values(
        ["probability", "log_weight"], ascending=False, kind="stable", ignore_index=True
    )
    screened = screen(
        list(library["canonical"]),
        known=list(known["canonical"]),
        routes=known_route,
        in_domain=library["in_domain"],
        n_jobs=n_jobs,
    )
    library = library.join(screened.drop(columns=[c for c in screened.columns if c in library.columns]))
    short = shortlist(library, config.shortlist, diversity=config.diversity, require=config.require)
    routes = shortlist_routes(
        short["canonical"], config.stock, config.route_seconds, learned=config.learned_routes
    )
    return Discovery(
        config=config,
        models=models,
        library=library,
        shortlist=route_columns(short, routes),
        routes=routes,
        known=known,
        prior=predict(draw_prior(config.design.prior, config.design.seed)),
        trace=result.trace,
        checks=result.checks,
        summary={"log_evidence": result.log_evidence, "ended": result.ended},
    )


def predicted(
    structures: list[str], models: Mapping[str, PropertyModel], config: DiscoverConfig
) -> pd.DataFrame:
    """Canonical repeat units as the models see them, with the probability of the target region."""
    import pandas as pd

    columns: dict[str, Any] = {"canonical": structures}
    for name, model in models.items():
        mean, sd = model.predict(structures, return_std=True, canonical=True)
        columns |= {f"{name}_mean": mean, f"{name}_sd": sd}
    likelihood = RegionLikelihood(parse_targets(config.design.targets), models)
    return pd.DataFrame(columns).assign(probability=np.exp(likelihood.log_likelihood(structures)))


def draw_prior(name: str, seed: int, n: int = PRIOR_DRAWS) -> list[str]:
    """Valid draws from the prior, canonical."""
    drawn = load_prior(name).sample(n, np.random.default_rng(seed))
    return [text for text in map(canonical_or_none, drawn) if text is not None]


def _models(config: DiscoverConfig, folder: RunFolder, *, kept: bool) -> dict[str, PropertyModel]:
    """Trained on your records, else named in the configuration, else bundled. Trained ones are kept in the run."""
    names = [target.name for target in parse_targets(config.design.targets)]
    models: dict[str, PropertyModel] = {}
    if config.records.path:
        files = {name: folder / f"{name}.hanten" for name in names}
        models = {name: load_model(path) for name, path in files.items() if kept and path.exists()}
        for name, model in train_on_records(
            config.records, [name for name in names if name not in models]
        ).items():
            model.save(files[name])
            models[name] = model
    return {name: models.get(name) or load_model(config.design.models.get(name, name)) for name in names}


def default_folder(name: str) -> Path:
    """``runs/<date>-<name>``, with a number behind it when that is taken."""
    base = Path("runs") / f"{time.strftime('%Y-%m-%d')}-{name}"
    folder, count = base, 1
    while folder.exists():
        count += 1
        folder = base.with_name(f"{base.name}-{count}")
    return folder


TABLES = {"library": "results.csv", "shortlist": "shortlist.csv", "known": "known.csv", "prior": "prior.csv"}


def write(found: Discovery, folder: RunFolder) -> None:
    """Keep a discovery in its run folder, and tell it as ``report.html``."""
    from hanten.discover.story import tell

    for attribute, name in TABLES.items():
        folder.write_table(getattr(found, attribute), name)
    write_routes(folder, found.routes)
    checks = [[check.code, check.title, check.status, check.text] for check in found.checks]
    folder.write("summary.json", json.dumps({**found.summary, "checks": checks}, indent=1))
    folder.write("report.html", tell(found).html())
    folder.log(f"{len(found.library)} candidates, {len(found.shortlist)} on the shortlist -> report.html")


def open_discovery(run_dir: str | Path) -> Discovery:
    """A discovery read back from its run folder.

    Raises
    ------
    RunError
        If the folder holds no finished discovery.
    """
    import pandas as pd

    folder = RunFolder(run_dir, resume=True)
    missing = [name for name in (*TABLES.values(), "summary.json") if not (folder / name).exists()]
    if missing:
        hint = "`hanten discover --resume -o FOLDER` finishes it"
        raise RunError(
            f"is not a finished discovery: {', '.join(missing)} missing", where=str(run_dir), hint=hint
        )
    config = read_discover_config(folder / "config.toml")
    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    tables = {attribute: pd.read_csv(folder / name) for attribute, name in TABLES.items()}
    return Discovery(
        config=config,
        models=_models(config, folder, kept=True),
        trace=folder.read_lines("trace.jsonl"),
        routes=read_routes(folder),
        checks=[Check(*row) for row in summary.pop("checks")],
        summary=summary,
        **tables,
    )
