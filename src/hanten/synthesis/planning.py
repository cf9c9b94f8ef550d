"""Routes to anything: a molecule or a polymer, by documented templates and the learned model together.

A polymer is taken apart by the polymerisation rules; its monomers, and any other molecule, are looked for in this order:
in stock; by documented reactions, in milliseconds; by the inversion of the learned forward model, for what is
still missing and for alternatives, as long as there is time.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from hanten.chem import Molecule, Polymer
from hanten.errors import DataError, HantenError, StructureError
from hanten.synthesis.documented import as_target, made
from hanten.synthesis.plan import Plan, PlanSettings, Status
from hanten.synthesis.polymer_routes import MOST_SETS, monomer_sets, polymer_routes, unmet
from hanten.synthesis.routes import MolNode, Route, Step, rank
from hanten.synthesis.stock.stock import Stock

if TYPE_CHECKING:
    from hanten.synthesis.retro.backward import Backward
    from hanten.synthesis.retro.result import RetroResult, RetroRoute

Say = Callable[[str], None]
#: Share of the time limit that one missing molecule of a longer route may take.
SHARE, LEAST_SECONDS, MOST_FILLED = 0.4, 3.0, 6
#: Share of the time limit that is kept for joining what was found to whole routes.
JOINING = 0.1
SHOWN_PARTIAL = 3


def plan(
    target: str,
    stock: Stock,
    forward: Any = None,
    settings: PlanSettings = PlanSettings(),  # noqa: B008 - frozen
    *,
    backward: Backward | None = None,
    say: Say | None = None,
) -> Plan:
    """Routes to a molecule or a polymer.

    Parameters
    ----------
    target : str
        SMILES, or PSMILES (with ``*``).
    stock : Stock
        What can be bought; the target itself is taken out of it.
    forward : forward model, optional
        Given, its inversion is used beside the documented reactions, unless ``settings.learned`` is false.
    settings : PlanSettings
    backward : backward model, optional
        Proposes reactants to the inversion, beside templates.
    say : callable, optional
        Takes a line of progress.

    Returns
    -------
    Plan
        Never an exception for a target that is wrong: its ``error`` says why.

    Examples
    --------
    >>> from hanten.synthesis.stock import build_stock
    >>> shelf = build_stock(["OCCO", "Cc1ccc(C)cc1", "CCOC(C)=O"], name="shelf").stock
    >>> found = plan("*OCCOC(=O)c1ccc(cc1)C(*)=O", shelf, settings=PlanSettings(steps=1))
    >>> found.status, found.routes[0].steps
    ('routes', 2)
    >>> plan("CCOC(=O)C", shelf).reason
    'already in stock (shelf); the best partial route misses CC(=O)O and CCO'
    >>> plan("C1CC", shelf).error is None
    False
    """
    if not len(stock):
        raise DataError("the stock is empty", hint="build one with `hanten stock build`")
    started = time.monotonic()
    if not settings.learned:
        forward = backward = None
    search = Search(stock, forward, backward, settings, say or (lambda _: None))
    try:
        found = search.polymer(target) if "*" in target else search.molecule(target)
    except (StructureError, MemoryError) as error:
        kind: Literal["molecule", "polymer"] = "polymer" if "*" in target else "molecule"
        text = "memory limit" if isinstance(error, MemoryError) else str(error)
        found = Plan(target, "", kind, "none", text, error=text)
    facts = found.facts | {"seconds": round(time.monotonic() - started, 2), "stock": stock.name}
    return replace(found, facts=facts)


def plan_many(
    targets: Iterable[str],
    stock: Stock,
    forward: Any = None,
    settings: PlanSettings = PlanSettings(),  # noqa: B008 - frozen
    *,
    backward: Backward | None = None,
    say: Say | None = None,
) -> list[Plan]:
    """:func:`plan` for several targets, in order; a wrong one keeps its place."""
    return [plan(target, stock, forward, settings, backward=backward, say=say) for target in targets]


def seed_of(target: str, seed: int) -> np.random.Generator:
    """Randomness of one target: it depends on the target and the seed, not on what else is in the batch."""
    digest = int.from_bytes(blake2b(target.encode(), digest_size=8).digest(), "little")
    return np.random.default_rng([seed, digest])


class Search:
    """One target: documented routes, learned routes, and the two joined."""

    def __init__(
        self, stock: Stock, forward: Any, backward: Backward | None, settings: PlanSettings, say: Say
    ) -> None:
        self.stock, self.forward, self.backward, self.settings, self.say = (
            stock, forward, backward, settings, say,
        )  # fmt: skip
        self.deadline = time.monotonic() + settings.seconds
        self.known: dict[str, list[Step]] = {}
        self.late = False
        self.refused: str | None = None

    # ------------------------------------------------------------------ molecules
    def molecule(self, target: str) -> Plan:
        """Routes to a molecule."""
        smiles = Molecule(target).smiles
        if "." in smiles:
            hint = "give one molecule; leave out counter-ions"
            raise StructureError(f"{target!r} has {smiles.count('.') + 1} components", hint=hint)
        bought = smiles in self.stock
        rest = self.stock.excluding(smiles)
        documented = self.documented(smiles, rest)
        result = self.learned(smiles, rest)
        routes = merged([r for r in documented if r.solved], result)[: self.settings.n]
        if not routes and self.forward is not None and self.settings.steps > 1 and self.refused is None:
            self.fill(documented, rest, steps=1)
            routes = [r for r in self.documented(smiles, rest) if r.solved][: self.settings.n]
        routes = self.judged(routes)
        partial = [] if routes else [r for r in documented if not r.solved][:SHOWN_PARTIAL]
        status: Status = "in_stock" if bought else "routes" if routes else "none"
        reason = self.reason(routes, partial, result)
        if bought:
            reason = f"already in stock ({self.stock.name}); {reason}"
        facts = {} if result is None else _facts(result)
        error = None if routes or bought else self.refused
        return Plan(target, smiles, "molecule", status, reason, tuple(routes), tuple(partial), error, facts)

    def documented(self, smiles: str, stock: Stock) -> list[Route]:
        """Routes of documented reactions, and of learned last steps found before; solved or not."""
        steps = self.settings.steps
        nodes = made(smiles, stock, steps, deadline=self.deadline, expand=self.expand if self.known else None)
        return rank(Route(as_target(node)) for node in nodes)

    def learned(self, smiles: str, stock: Stock) -> RetroResult | None:
        """The inversion of the forward model, in what time is left."""
        left = self.deadline - time.monotonic()
        if self.forward is None or left < 1:
            self.late |= self.forward is not None
            return None
        from hanten.synthesis.retro import retrosynthesize

        refuse = getattr(self.forward, "why_not", lambda _: None)
        self.refused = refuse([smiles])
        if self.refused is not None:
            return None
        self.say(f"{smiles}: inverting the forward model, {left:.0f} s at most")
        result: RetroResult = retrosynthesize(
            smiles,
            stock,
            self.forward,
            steps=self.settings.steps,
            n=self.settings.n,
            rng=seed_of(smiles, self.settings.seed),
            time_limit=left,
            backward=self.backward,
            say=self.say,
        )
        return result

    # ------------------------------------------------------------------ polymers
    def polymer(self, target: str) -> Plan:
        """Routes to a polymer: every monomer bought or made."""
        polymer = Polymer(target)
        routes = self.of_polymer(polymer)
        solved = [r for r in routes if r.solved]
        best = max((r.log_prob for r in solved), default=-np.inf)
        promising = [r for r in routes if not r.solved and r.log_prob > best]
        if self.forward is not None and promising:
            self.fill(promising, self.stock, steps=self.settings.steps)
            routes = self.of_polymer(polymer)
            solved = [r for r in routes if r.solved]
        solved = self.judged(solved)
        partial = [] if solved else routes[:SHOWN_PARTIAL]
        sets = len(monomer_sets(polymer))
        if solved:
            count = len({r.disconnection for r in solved})
            reason = (
                f"{counted(len(solved), 'route')} by {counted(count, 'set')} of monomers, every leaf in stock"
            )
        elif not routes:
            reason = unmet(polymer)
        else:
            reason = self.reason([], partial, None)
        status: Status = "routes" if solved else "none"
        facts = {"monomer_sets": sets, "late": self.late}
        return Plan(
            target, polymer.psmiles, "polymer", status, reason, tuple(solved), tuple(partial), facts=facts
        )

    def of_polymer(self, polymer: Polymer) -> list[Route]:
        """Routes with what is known so far; enough of them that unsolved ones are seen as well."""
        n = max(self.settings.n, MOST_SETS * 2)
        found = polymer_routes(
            polymer,
            self.stock,
            steps=self.settings.steps,
            n=n,
            deadline=self.deadline,
            expand=self.expand if self.known else None,
        )
        solved = [r for r in found if r.solved][: self.settings.n]
        return solved + [r for r in found if not r.solved]

    # ------------------------------------------------------------------ joining
    def expand(self, smiles: str) -> Sequence[Step]:
        """Last steps to a molecule that the learned model gave before."""
        return self.known.get(smiles, ())

    def fill(self, routes: Sequence[Route], stock: Stock, *, steps: int) -> None:
        """Ask the learned model for molecules that the best unsolved routes miss."""
        from hanten.synthesis.retro import retrosynthesize

        missing = list(dict.fromkeys(m for r in routes if not r.solved for m in r.missing))[:MOST_FILLED]
        for smiles in missing:
            left = self.deadline - JOINING * self.settings.seconds - time.monotonic()
            if left < LEAST_SECONDS:
                self.late = True
                return
            self.say(f"{smiles} is missing: inverting the forward model")
            limit = max(LEAST_SECONDS, SHARE * left)
            try:
                result = retrosynthesize(
                    smiles, stock, self.forward, steps=steps, n=8, rng=seed_of(smiles, self.settings.seed),
                    time_limit=limit, backward=self.backward, say=self.say,
                )  # fmt: skip
            except HantenError as error:
                self.say(f"{smiles}: {error}")
                continue
            found = [one.route.root.step for one in result.routes]
            self.known[smiles] = [step for step in found if step is not None]

    def judged(self, routes: Sequence[Route]) -> list[Route]:
        """Template steps with what the learned model makes of them, where there is time."""
        wanted = list(
            dict.fromkeys(
                (node.smiles, tuple(sorted(child.smiles for child in node.step.reactants)))
                for route in routes
                for node in route.molecules
                if node.step is not None and node.step.kind == "template"
            )
        )
        if self.forward is None or not wanted or time.monotonic() > self.deadline:
            return list(routes)
        products, reactants = [w[0] for w in wanted], [w[1] for w in wanted]
        scores = self.forward.log_prob(reactants, products, errors="impossible")
        table = {w: float(s) for w, s in zip(wanted, scores, strict=True) if np.isfinite(s)}
        return [replace(route, root=_with_scores(route.root, table)) for route in routes]

    def reason(self, routes: Sequence[Route], partial: Sequence[Route], result: RetroResult | None) -> str:
        """One sentence: what was found, or why nothing."""
        if routes:
            templates = sum(any(s.kind == "template" for s in r.reactions) for r in routes)
            kinds = f", {templates} with documented reactions" if templates else ""
            told = f"; the learned model cannot read it: {self.refused}" if self.refused else ""
            return f"{counted(len(routes), 'route')}, every leaf in stock{kinds}{told}"
        if self.late and result is None:
            return "time limit: the search ended before a route was found"
        learned = "" if result is None or not result.reason else f"learned model: {result.reason}"
        if self.refused:
            learned = f"the learned model cannot read it: {self.refused}"
        if partial:
            best = f"the best partial route misses {' and '.join(partial[0].missing)}"
            return f"{best}; {learned}" if learned else best
        return learned or "no documented reaction gives it"


def counted(number: int, word: str) -> str:
    """A number and its word.

    Examples
    --------
    >>> counted(1, "route"), counted(2, "route")
    ('1 route', '2 routes')
    """
    return f"{number} {word}{'s' if number != 1 else ''}"


def merged(documented: Sequence[Route], result: RetroResult | None) -> list[Route]:
    """Documented and learned routes in one list.

    The learned ones keep their order; each documented one stands before the first learned one of a lower
    log-probability. A tree that both found is listed once, with the learned probability.
    """
    learned = [] if result is None else [_of_retro(one) for one in result.routes]
    keys = {route.key for route in learned}
    for route in (r for r in documented if r.key not in keys):
        place = next((i for i, other in enumerate(learned) if other.log_prob < route.log_prob), len(learned))
        learned.insert(place, route)
    return learned


def _of_retro(one: RetroRoute) -> Route:
    return replace(
        one.route, posterior=one.weight, given_score=one.score, confirmed=one.confirmed, cluster=one.cluster
    )


def _facts(result: RetroResult) -> dict[str, Any]:
    return {
        "found": result.found,
        "clusters": result.clusters,
        "evaluated": result.evaluated,
        "trace": list(result.trace),
    }


def _with_scores(node: MolNode, table: dict[tuple[str, tuple[str, ...]], float]) -> MolNode:
    """The tree with ``model_log_prob`` at its template steps."""
    if node.step is None:
        return node
    key = node.smiles, tuple(sorted(child.smiles for child in node.step.reactants))
    children = tuple(_with_scores(child, table) for child in node.step.reactants)
    score = table.get(key, node.step.model_log_prob) if node.step.kind == "template" else None
    return replace(node, step=replace(node.step, reactants=children, model_log_prob=score))
