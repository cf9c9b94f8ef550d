"""How the shortlist can be made: documented reactions down to the stock and, if asked, the learned model, within a time budget."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from hanten.report import Fragment
from hanten.report.html import table
from hanten.report.route_tree import route_svg
from hanten.runs import RunFolder
from hanten.synthesis.polymer_routes import polymer_routes
from hanten.synthesis.routes import Route
from hanten.synthesis.stock import Stock, open_stock

if TYPE_CHECKING:
    import pandas as pd

Routes = Mapping[str, Sequence[Route]]
FILE, KEPT, STEPS, TREES = "routes.jsonl", 3, 2, 6
#: For the learned model and one polymer.
LEAST_SECONDS, MOST_SECONDS = 5.0, 60.0
#: Of a learned step on the shortlist.
LEAST_PROBABILITY = 0.01
COLUMNS = {
    "rank": "#", "canonical": "Repeat unit", "label": "Made by", "leaves": "From", "steps": "Reactions",
    "missing": "Not in stock",
}  # fmt: skip


def shortlist_routes(
    polymers: Iterable[str], stock: str = "", seconds: float = 30.0, *, learned: bool = False
) -> dict[str, list[Route]]:
    """The best routes to each polymer; those whose turn did not come within the time are left out.

    Documented reactions are asked for every polymer first, which takes a fraction of a second each; then, if asked for, the learned
    model looks for monomers that no documented reaction gives from the stock, which takes up to a minute each.

    Parameters
    ----------
    polymers : iterable of str
        Canonical PSMILES, the most wanted first.
    stock : str
        As :func:`~hanten.synthesis.stock.open_stock` takes it; the default stock if empty.
    seconds : float
        Time budget; 0 looks for none.
    learned : bool
        Whether the learned model is asked for what is missing.

    Examples
    --------
    >>> found = shortlist_routes(["*CC(*)c1ccccc1"])
    >>> [step.label for step in found["*CC(*)c1ccccc1"][0].reactions]
    ['vinyl addition']
    """
    if seconds <= 0:
        return {}
    opened, deadline = open_stock(stock or None), time.monotonic() + seconds
    found: dict[str, list[Route]] = {}
    for psmiles in polymers:
        if time.monotonic() > deadline:
            break
        found[psmiles] = polymer_routes(psmiles, opened, steps=STEPS, n=KEPT, deadline=deadline)
    return found | _completed(found, opened, deadline) if learned else found


def _completed(found: Routes, stock: Stock, deadline: float) -> dict[str, list[Route]]:
    """Routes with one learned step for those polymers that have partial routes only."""
    from hanten.synthesis.forward import load_forward
    from hanten.synthesis.plan import PlanSettings
    from hanten.synthesis.planning import plan
    from hanten.synthesis.retro import load_backward

    forward, backward = load_forward(), load_backward()
    done: dict[str, list[Route]] = {}
    for psmiles in (p for p, routes in found.items() if routes and not routes[0].solved):
        left = deadline - time.monotonic()
        if left <= LEAST_SECONDS:
            break
        settings = PlanSettings(steps=1, n=KEPT, time_limit=min(left, MOST_SECONDS))
        made = plan(psmiles, stock, forward, settings, backward=backward)
        if good := [route for route in made.routes if _believed(route)]:
            done[psmiles] = good
    return done


def _believed(route: Route) -> bool:
    """Whether the learned model gives each of its steps a probability worth showing."""
    return all(step.kind != "model" or step.probability >= LEAST_PROBABILITY for step in route.reactions)


def route_columns(short: pd.DataFrame, routes: Routes) -> pd.DataFrame:
    """The shortlist with the columns ``route`` (leaves of the best route) and ``purchasable``.

    ``purchasable`` is true where every leaf is in stock, false where not, and missing where there was no time to look.
    """
    best = [(routes.get(psmiles), *routes.get(psmiles, ())[:1]) for psmiles in short["canonical"]]
    told = [None if not found[1:] else _leaves(found[1]) for found in best]
    solved = [None if found[0] is None else bool(found[1:]) and found[1].solved for found in best]
    import pandas as pd

    columns = {"route": told, "purchasable": solved}
    return short.assign(**{k: pd.Series(v, dtype=object, index=short.index) for k, v in columns.items()})


def write_routes(folder: RunFolder, routes: Routes) -> None:
    """Keep routes in a run folder, a line a polymer."""
    import json

    rows = ({"target": psmiles, "routes": [r.to_dict() for r in found]} for psmiles, found in routes.items())
    folder.write(FILE, "".join(json.dumps(row) + "\n" for row in rows))


def read_routes(folder: RunFolder) -> dict[str, list[Route]]:
    """Routes kept in a run folder; empty where there are none."""
    rows = folder.read_lines(FILE)
    return {row["target"]: [Route.from_dict(tree) for tree in row["routes"]] for row in rows}


def route_fragments(short: pd.DataFrame, routes: Routes, *, learned: bool = False) -> list[Fragment]:
    """Trees of the first few, and the table of all; says whether the learned model was asked."""
    if not len(short) or not routes:
        return [Fragment("<p>Routes were not looked for.</p>")]
    ranked = [(row["rank"], routes.get(row["canonical"])) for _, row in short.iterrows()]
    trees = [
        Fragment(
            f'<div class="scroll">{route_svg(found[0], title=f"Route to {rank}")}</div>', f"Candidate {rank}."
        )
        for rank, found in ranked
        if found
    ][:TREES]
    rows = [
        _row(rank, psmiles, found) for (rank, found), psmiles in zip(ranked, short["canonical"], strict=True)
    ]
    solved = sum(bool(found) and found[0].solved for _, found in ranked)
    helped = sum(
        bool(found) and any(step.kind == "model" for step in found[0].reactions) for _, found in ranked
    )
    asked = (
        f"The learned model was asked for monomers that documented reactions do not give: {helped} of these routes use it."
        if learned
        else "Only polymerisation rules and documented reactions were asked; with `learned_routes`, or in `hanten synth`, the "
        "learned model joins in."
    )
    note = f"The best route of each. For {solved} of {len(ranked)} everything is in stock. {asked}"
    return [*trees, Fragment(table(rows, COLUMNS, note=note))]


def _row(rank: Any, psmiles: str, found: Sequence[Route] | None) -> dict[str, Any]:
    row: dict[str, Any] = {"rank": rank, "canonical": psmiles, "leaves": "", "steps": None, "missing": ""}
    if not found:
        return row | {"label": "no time to look" if found is None else "no rule makes it"}
    best = found[0]
    labels = "; ".join(step.label for step in best.reactions)
    return row | {
        "label": labels, "leaves": _leaves(best), "steps": best.steps, "missing": " · ".join(best.missing),
    }  # fmt: skip


def _leaves(route: Route) -> str:
    return " · ".join(dict.fromkeys(leaf.smiles for leaf in route.leaves))
