"""Many formulas, screened for crystals that conduct heat very well or very badly.

A candidate is ranked by the probability that its conductivity lies beyond a limit under the predicted log-normal
distribution, so that a bold prediction with a wide distribution does not beat a sure one. Predictions stream to
``predictions.jsonl``; a run that was stopped goes on from there.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from hanten.crystals.model import ConductivityModel
from hanten.errors import ConfigError, DataError, RunError
from hanten.runs import RunFolder

if TYPE_CHECKING:
    import pandas as pd

LINES = "predictions.jsonl"
BATCH = 1000
HIGH, LOW = 50.0, 0.5
_KEPT = ("input", "composition", "log10_mean", "log10_sd", "in_domain", "nearest", "similarity", "error")
Progress = Callable[[int, int, float], None]


@dataclass(frozen=True)
class Screening:
    """What a screening found.

    Parameters
    ----------
    predictions : DataFrame
        One row per formula: the columns of :meth:`ConductivityModel.predict_frame`, ``p_high``, ``p_low``, ``known``.
    high, low : DataFrame
        The shortlists: in domain, not in the training data, most probable first.
    limits : tuple of (low, high)
        W/(m K).
    model : ConductivityModel
    """

    predictions: pd.DataFrame = field(repr=False)
    high: pd.DataFrame = field(repr=False)
    low: pd.DataFrame = field(repr=False)
    limits: tuple[float, float]
    model: ConductivityModel = field(repr=False)

    def frame(self) -> pd.DataFrame:
        """Both shortlists, with the column ``shortlist``."""
        import pandas as pd

        return pd.concat(
            [self.high.assign(shortlist="high"), self.low.assign(shortlist="low")], ignore_index=True
        )

    def summary(self) -> str:
        """One paragraph."""
        good = self.predictions["error"].isna()
        inside = self.predictions["in_domain"] & good
        low, high = self.limits
        return (
            f"{len(self.predictions)} formulas, {int((~good).sum())} unreadable, {int(inside.sum())} in domain, "
            f"{int(self.predictions['known'].sum())} in the training data. Above {high:g} W/(m K) with probability over one half: "
            f"{int((self.predictions['p_high'] > 0.5).sum())}; below {low:g}: {int((self.predictions['p_low'] > 0.5).sum())}."
        )


def screen(
    formulas: Sequence[str],
    folder: str | Path | None = None,
    *,
    model: ConductivityModel | None = None,
    high: float = HIGH,
    low: float = LOW,
    count: int = 50,
    resume: bool = False,
    force: bool = False,
    n_jobs: int = 1,
    progress: Progress | None = None,
) -> Screening:
    """Predict every formula and make the shortlists.

    Parameters
    ----------
    formulas : sequence of str
    folder : path, optional
        Run folder: ``config.toml``, ``predictions.jsonl``, ``results.csv``, ``shortlist.csv``.
    model : ConductivityModel, optional
        That of the package without it.
    high, low : float
        W/(m K): what counts as very high and very low.
    count : int
        Rows on each shortlist at most.
    resume, force : bool
        Go on with the run in the folder, or overwrite it.
    n_jobs : int
        Worker processes; the result does not depend on it.
    progress : callable, optional
        Called with formulas done, formulas in all, highest mean so far.

    Raises
    ------
    DataError
        If there are no formulas.
    ConfigError
        If the limits make no sense.
    RunError
        If the folder holds another run, or none to resume.
    """
    import pandas as pd

    if not len(formulas):
        raise DataError("there are no formulas to screen")
    if not (0 < low < high and math.isfinite(high)):
        raise ConfigError(
            f"very low is below {low:g} and very high above {high:g}: low must be above zero and below high"
        )
    if model is None:
        from hanten.crystals.bundle import load_conductivity_model

        model = load_conductivity_model()
    run, done = _open(folder, formulas, resume=resume, force=force)
    rows = _predict_all(model, list(formulas), done, run, n_jobs=n_jobs, progress=progress)
    frame = finish(pd.DataFrame(rows), model, low, high)
    found = Screening(frame, *shortlists(frame, count), (low, high), model)
    if run is not None:
        run.write_table(frame)
        run.write_table(found.frame(), "shortlist.csv")
    return found


def _predict_all(
    model: ConductivityModel,
    formulas: list[str],
    done: list[dict[str, Any]],
    run: RunFolder | None,
    *,
    n_jobs: int,
    progress: Progress | None,
) -> list[dict[str, Any]]:
    from joblib import Parallel, delayed

    batches = [formulas[i : i + BATCH] for i in range(len(done), len(formulas), BATCH)]
    parallel = Parallel(n_jobs=n_jobs, return_as="generator", pre_dispatch="2*n_jobs")
    rows = list(done)
    for batch in parallel(delayed(_predict)(model, part) for part in batches):
        rows += batch
        if run is not None:
            run.append_line(LINES, batch)
        if progress is not None:
            means = [row["log10_mean"] for row in rows if row["log10_mean"] is not None]
            progress(len(rows), len(formulas), 10 ** max(means, default=math.nan))
    return rows


def _predict(model: ConductivityModel, formulas: list[str]) -> list[dict[str, Any]]:
    """Plain values of one batch; a number that is not there is None."""
    frame = model.predict_frame(formulas)[list(_KEPT)]
    return [
        {
            str(key): None if isinstance(value, float) and math.isnan(value) else value
            for key, value in row.items()
        }
        for row in frame.to_dict("records")
    ]


def finish(frame: pd.DataFrame, model: ConductivityModel, low: float, high: float) -> pd.DataFrame:
    """Numbers in W/(m K), probabilities beyond the limits, and whether the composition was trained on."""
    from scipy.stats import norm

    from hanten.crystals.model import LN10
    from hanten.models.calibration import log_normal_moments

    frame = frame.copy()
    mean = frame["log10_mean"].astype(float).to_numpy()
    sd = frame["log10_sd"].astype(float).to_numpy()
    real, spread = log_normal_moments(mean * LN10, sd * LN10)
    columns: dict[str, Any] = {
        "median": 10**mean,
        "mean": real,
        "sd": spread,
        "low": 10 ** (mean - 1.6448536 * sd),
        "high": 10 ** (mean + 1.6448536 * sd),
        "p_high": np.nan_to_num(norm.sf((math.log10(high) - mean) / sd)),
        "p_low": np.nan_to_num(norm.cdf((math.log10(low) - mean) / sd)),
    }
    for place, (name, values) in enumerate(columns.items(), start=2):
        frame.insert(place, name, values)
    trained = set(model.domain.structures)
    frame["known"] = [text in trained for text in frame["composition"]]
    return frame


def shortlists(frame: pd.DataFrame, count: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """In domain, new, one row per composition; most probable first."""
    new = frame[frame["in_domain"].astype(bool) & ~frame["known"] & frame["error"].isna()]
    new = new.drop_duplicates("composition").drop(columns=["error", "known"])
    high, low = (
        new.sort_values([key, "composition"], ascending=[False, True]).head(count).reset_index(drop=True)
        for key in ("p_high", "p_low")
    )
    return high, low


def _open(
    folder: str | Path | None, formulas: Sequence[str], *, resume: bool, force: bool
) -> tuple[RunFolder | None, list[dict[str, Any]]]:
    """The run folder and the rows that are done in it."""
    if folder is None:
        return None, []
    import hashlib

    path = Path(folder)
    digest = hashlib.sha256("\n".join(map(str, formulas)).encode()).hexdigest()
    text = f"formulas = {len(formulas)}\ndigest = {json.dumps(digest)}\n"
    config = path / "config.toml"
    if resume and config.is_file() and config.read_text(encoding="utf-8") != text:
        raise RunError(
            "holds the screening of other formulas", where=str(path), hint="give the same pool, or --force"
        )
    run = RunFolder(path, force=force, resume=resume)
    lines = path / LINES
    if not resume:
        lines.unlink(missing_ok=True)
    elif lines.exists():
        data = lines.read_bytes()
        with lines.open("r+b") as handle:  # a run that was killed may have left half a line
            handle.truncate(data.rfind(b"\n") + 1)
    run.write("config.toml", text)
    return run, [row for batch in run.read_lines(LINES) for row in batch]
