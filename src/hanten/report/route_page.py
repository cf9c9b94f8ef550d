"""One page per target: what was asked, the best routes as trees, the alternatives for each step, all routes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from hanten._version import __version__
from hanten.chem import draw
from hanten.report.checks import Check
from hanten.report.html import Fragment, Report, Section, table
from hanten.report.route_tree import how_known, route_svg
from hanten.synthesis.plan import Plan
from hanten.synthesis.routes import Route, Step

TREES, ROWS, MOLECULES = 8, 60, 12
KEY = (
    "Read from left to right: the target, what it is made from, what is bought. Solid green frame: in stock; dashed orange: not "
    "in stock; grey: made on the way. A step of the learned model shows the probability of its product given its "
    "reactants; a documented template shows its grade, a judgement, and in brackets what the model makes of it; a "
    "polymerisation rule is a rule."
)
GUO = "Guo, Z.; Wu, S.; Ohno, M.; Yoshida, R. J. Chem. Inf. Model. 2020, 60, 4474, doi:10.1021/acs.jcim.0c00320."
LOWE = "Lowe, D. M. Extraction of chemical structures and reactions from the literature, thesis, University of Cambridge, 2012, doi:10.17863/CAM.16293."
ALTERNATIVES = {
    "smiles": "To make", "label": "Step", "reactants": "From", "how": "How it is known", "routes": "In routes",
    "reference": "Source",
}  # fmt: skip
ALL = {
    "rank": "#", "score": "Score", "log_prob": "log p", "steps": "Steps", "label": "Last step", "leaves": "Leaves",
    "price": "USD for 1 g of each leaf", "cluster": "Cluster",
}  # fmt: skip


def tell_plan(plan: Plan) -> Report:
    """The page of one target.

    Examples
    --------
    >>> from hanten.synthesis.planning import plan as find
    >>> from hanten.synthesis.stock import build_stock
    >>> page = tell_plan(find("*CC(*)c1ccccc1", build_stock(["C=Cc1ccccc1"]).stock)).html()
    >>> "vinyl addition" in page and "<script" not in page
    True
    """
    shown = plan.routes or plan.partial
    word = {"routes": "Yes.", "in_stock": "It can be bought.", "none": "No route was found."}[plan.status]
    sections = [Section("Target", [_target(plan)])]
    if shown:
        title = "Best routes" if plan.routes else "Best partial routes"
        sections += [
            Section(title, [_tree(route, i) for i, route in enumerate(shown[:TREES], start=1)], KEY),
            Section("Alternatives for each step", [Fragment(_alternatives(shown))]),
            Section("All routes", [Fragment(_all(shown))]),
        ]
    return Report(
        title=f"Routes to {plan.canonical or plan.target}",
        question=f"How can this {plan.kind} be made from what can be bought ({plan.facts.get('stock', 'stock')})?",
        answer=f"{word} {plan.reason[:1].upper()}{plan.reason[1:]}.",
        numbers=_numbers(plan),
        sections=sections,
        checks=_checks(plan),
        downloads={"routes.json": json.dumps(plan.record(), ensure_ascii=False, indent=1)},
        citations=_citations(plan),
        facts=_facts(plan),
    )


def _target(plan: Plan) -> Fragment:
    if not plan.canonical:
        return Fragment(draw([plan.target], size=(360, 120)))
    return Fragment(draw([plan.canonical], size=(360, 200), legends=[""]), plan.canonical)


def _tree(route: Route, number: int) -> Fragment:
    known = (
        ""
        if route.confirmed is None
        else "; confirmed forwards"
        if route.confirmed
        else "; not confirmed forwards"
    )
    missing = f"; not in stock: {', '.join(route.missing)}" if route.missing else ""
    caption = f"Route {number}: {route.steps} step{'s'[: route.steps > 1]}, log p {route.log_prob:.2f}{known}{missing}"
    svg = route_svg(route, title=f"Route {number}")
    return Fragment(f'<div class="scroll">{svg}</div>', caption)


def _numbers(plan: Plan) -> list[tuple[str, str]]:
    routes = plan.routes
    leaves = {leaf.smiles for route in routes for leaf in route.leaves}
    ways = len({route.cluster if route.cluster is not None else route.disconnection for route in routes})
    numbers = [
        (str(len(routes)), f"complete route{'s' if len(routes) != 1 else ''}"),
        (str(ways), f"way{'s' if ways != 1 else ''} to take the target apart"),
    ]
    if routes:
        numbers += [
            (str(min(r.steps for r in routes)), "steps of the shortest"),
            (str(len(leaves)), "leaves, all in stock"),
        ]
    return [*numbers, (f"{plan.facts.get('seconds', 0):.0f} s", "search")]


def _alternatives(routes: Sequence[Route]) -> str:
    """For each molecule that is made: the different steps that make it."""
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    for route in routes:
        for node in route.molecules:
            if node.step is not None:
                reactants = " + ".join(child.smiles for child in node.step.reactants)
                row = rows.setdefault((node.smiles, reactants), _row(node.smiles, reactants, node.step))
                row["routes"] += 1
    order = list(dict.fromkeys(smiles for smiles, _ in rows))[:MOLECULES]
    chosen = [row for smiles in order for (s, _), row in rows.items() if s == smiles]
    return table(chosen[:ROWS], ALTERNATIVES, note=f"{min(len(chosen), ROWS)} of {len(rows)} steps shown.")


def _row(smiles: str, reactants: str, step: Step) -> dict[str, Any]:
    return {
        "smiles": smiles, "label": step.label, "reactants": reactants, "how": how_known(step), "routes": 0,
        "reference": step.reference,
    }  # fmt: skip


def _all(routes: Sequence[Route]) -> str:
    rows = [
        {
            "rank": i, "score": route.record()["score"], "log_prob": route.log_prob, "steps": route.steps,
            "label": route.reactions[0].label, "leaves": " · ".join(dict.fromkeys(x.smiles for x in route.leaves)),
            "price": route.price, "cluster": route.cluster,
        }
        for i, route in enumerate(routes[:ROWS], start=1)
    ]  # fmt: skip
    return table(rows, ALL, note=f"{len(rows)} of {len(routes)} shown; routes.json holds all.")


def _checks(plan: Plan) -> list[Check]:
    first = plan.routes[0] if plan.routes else None
    solved = Check("HNT020", "a complete route exists", "passed" if first else "issue", plan.reason)
    if first is None:
        return [solved]
    strange = [s.label for s in first.reactions if s.kind == "template" and (s.model_log_prob or 0.0) < -4.6]
    return [
        solved,
        Check(
            "HNT021", "the forward model predicts every step of the best route",
            "not applicable" if first.confirmed is None else "passed" if first.confirmed else "tip",
            "documented steps and rules are not asked" if first.confirmed is None else "asked with a beam of five",
        ),
        Check(
            "HNT022", "model and templates agree on the best route", "tip" if strange else "passed",
            f"the model gives less than 1 % to: {', '.join(strange)}; patents hardly contain such steps"
            if strange else "no step on which they differ",
        ),
    ]  # fmt: skip


def _citations(plan: Plan) -> list[str]:
    steps = [step for route in plan.routes for step in route.reactions]
    sources = dict.fromkeys(step.reference for step in steps if step.kind == "template" and step.reference)
    learned = [GUO] if any(step.kind == "model" for step in steps) else []
    stock = [LOWE] if plan.facts.get("stock") == "patent-reactants" else []
    return [*learned, *stock, *sources]


def _facts(plan: Plan) -> dict[str, str]:
    told = {key: value for key, value in plan.facts.items() if key not in {"trace", "seconds", "stock"}}
    return {
        "Target as given": plan.target,
        "Stock": str(plan.facts.get("stock", "")),
        **{key.replace("_", " "): str(value) for key, value in told.items()},
        "hanten": __version__,
    }
