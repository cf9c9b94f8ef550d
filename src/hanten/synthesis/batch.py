"""Many targets, one after the other, in a run folder that can be resumed: a line of ``routes.jsonl`` for each target."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hanten.errors import DataError, RunError
from hanten.runs import RunFolder
from hanten.synthesis.plan import Plan, PlanSettings
from hanten.synthesis.planning import plan
from hanten.synthesis.stock.stock import Stock

if TYPE_CHECKING:
    import pandas as pd

    from hanten.synthesis.retro.backward import Backward
    from hanten.synthesis.routes import Step

LINES, TABLE = "routes.jsonl", "results.csv"


def run_batch(
    targets: Iterable[str],
    stock: Stock,
    forward: Any,
    settings: PlanSettings,
    folder: str | Path,
    *,
    force: bool = False,
    resume: bool = False,
    backward: Backward | None = None,
    tell: Callable[[Plan], str] | None = None,
    say: Callable[[str], None] | None = None,
) -> Iterator[Plan]:
    """Plan targets one by one and keep each as soon as it is done.

    Parameters
    ----------
    targets : iterable of str
        SMILES or PSMILES; the same text twice is planned once and told twice.
    stock, forward, settings, backward
        As for :func:`plan`.
    folder : path
        Run folder: ``config.toml``, ``routes.jsonl`` (a line a target), ``results.csv``, and ``0001.html``, ... where
        ``tell`` is given.
    force, resume : bool
        Overwrite the run that is there, or go on with it.
    tell : callable, optional
        The page of a plan.

    Yields
    ------
    Plan
        In order; those of a resumed run come from the file.

    Raises
    ------
    RunError
        If the folder holds a run already, or was made with other settings or another stock.
    DataError
        If there is no target.
    """
    wanted = list(targets)
    if not wanted:
        raise DataError("no target", hint="give SMILES, PSMILES or a file of them")
    run = RunFolder(folder, force=force, resume=resume)
    config = {**asdict(settings), "stock": stock.name, "members": len(stock), "model": forward is not None}
    _settle(run, config, resume=resume)
    done = {row["target"]: Plan.from_record(row) for row in run.read_lines(LINES)} if resume else {}
    plans = []
    for number, target in enumerate(wanted, start=1):
        if target not in done:
            done[target] = plan(target, stock, forward, settings, backward=backward, say=say)
            run.append_line(LINES, done[target].record())
            run.log(f"{target}: {done[target].status}: {done[target].reason}")
        page = run / f"{number:04d}.html"
        if tell is not None and not page.exists():
            run.write(page.name, tell(done[target]))
        plans.append(done[target])
        yield done[target]
    run.write_table(summary_frame(plans), TABLE)


def _settle(run: RunFolder, config: Mapping[str, Any], *, resume: bool) -> None:
    """Write the configuration, or check that it is the one of the run to resume."""
    import tomllib

    import tomli_w

    plain = {key: value for key, value in config.items() if value is not None}
    if not resume:
        for page in run.path.glob("[0-9][0-9][0-9][0-9].html"):
            page.unlink()
        run.write("config.toml", tomli_w.dumps(plain))
        return
    kept = tomllib.loads((run / "config.toml").read_text(encoding="utf-8"))
    changed = [key for key in {*kept, *plain} if kept.get(key) != plain.get(key)]
    if changed:
        key = min(changed)
        raise RunError(
            f"was made with {key} = {kept.get(key)!r}, not {plain.get(key)!r}",
            where=str(run.path),
            hint="use the same settings, or --force to begin anew",
        )


def summary_frame(plans: Iterable[Plan]) -> pd.DataFrame:
    """One row a target: target, status, routes, steps and leaves of the best, its log p, reason, error."""
    import pandas as pd

    columns = ["target", "status", "routes", "steps", "log_prob", "leaves", "reason", "error"]
    return pd.DataFrame([_row(one) for one in plans], columns=columns)


def _row(one: Plan) -> dict[str, Any]:
    best = (one.routes or (None,))[0]
    return {
        "target": one.target,
        "status": one.status,
        "routes": len(one.routes),
        "steps": None if best is None else best.steps,
        "log_prob": None if best is None else round(best.log_prob, 3),
        "leaves": None if best is None else ".".join(dict.fromkeys(leaf.smiles for leaf in best.leaves)),
        "reason": one.reason,
        "error": one.error,
    }


def to_lines(plan_: Plan, most: int = 5) -> list[str]:
    """A plan as a person reads it on a terminal.

    Examples
    --------
    >>> from hanten.synthesis.stock import build_stock
    >>> found = plan("*CC(*)c1ccccc1", build_stock(["C=Cc1ccccc1"], name="shelf").stock)
    >>> print(to_lines(found)[1].strip())
    1. vinyl addition: C=Cc1ccccc1 [shelf]
    """
    lines = [f"{plan_.target}: {plan_.reason}"]
    shown = plan_.routes or plan_.partial
    for number, route in enumerate(shown[:most], start=1):
        for i, step in enumerate(route.reactions):
            told = " + ".join(
                f"{child.smiles} [{child.stock or 'missing'}]" if child.step is None else child.smiles
                for child in step.reactants
            )
            lines.append(f"  {f'{number}. ' if not i else '   '}{_name(step)}: {told}")
    if len(shown) > most:
        lines.append(f"  and {len(shown) - most} more; --json or -o FOLDER gives all")
    return lines


def _name(step: Step) -> str:
    """What a step is, and what it rests on: a documented reaction, or the learned model with its probability."""
    rests = {"model": f" (model: {step.probability:.2g})", "template": " (documented)"}
    return f"{step.label or step.kind}{rests.get(step.kind, '')}"


def dumps(plans: Iterable[Plan]) -> str:
    """Plans as JSON text."""
    return json.dumps([one.record() for one in plans], ensure_ascii=False, indent=2)
