"""Retrosynthesis by Bayes' rule: which purchasable reactants explain the target.

    p(S | Y*)  proportional to  p(Y* | S) p0(S),

S a tree of stock members, p(Y* | S) the forward model, p0 how common and dear the members are. After Guo, Wu, Ohno &
Yoshida 2020 (doi:10.1021/acs.jcim.0c00320), with an exact likelihood in place of a distance between products, moves that see
the target, and a sampler whose weights are those of the posterior.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from hanten.errors import ConfigError, DataError, StructureError
from hanten.inference import FreshDraw, Mixture, Posterior, Proposal, Settings, smc, with_prior
from hanten.inference import Step as InferenceStep
from hanten.inference.posterior import pool
from hanten.synthesis.forward.model import ForwardTransformer
from hanten.synthesis.forward.texts import canonical
from hanten.synthesis.retro.backward import Backward
from hanten.synthesis.retro.candidates import Proposer, Widths, heaviest, one_step, two_step
from hanten.synthesis.retro.classes import Classifier
from hanten.synthesis.retro.library import Templates, load_templates
from hanten.synthesis.retro.likelihood import Forward, Reaction, RouteLikelihood, Steps
from hanten.synthesis.retro.moves import AddDrop, Lookup, Neighbour, Redraw, Screened
from hanten.synthesis.retro.prior import Reference, StockPrior
from hanten.synthesis.retro.ranking import Ranking, diverse
from hanten.synthesis.retro.result import RetroResult, RetroRoute
from hanten.synthesis.retro.space import Space, stock_weights
from hanten.synthesis.stock.stock import Stock

WIDTHS = Widths()
SAMPLER = Settings(ess_fraction=0.5, retention=0.5, max_sweeps=3, extend=1, max_steps=40, chunk=10_000)
#: Share of the time that candidates and sampling may take; the rest is for asking the forward model again.
SEARCHING = 0.8


@dataclass(frozen=True)
class RetroSettings:
    """How much work, and what counts. The defaults suit a minute a step on two processor cores.

    Attributes
    ----------
    particles : int
        Of the sampler.
    threshold : float
        Least probability of each step of a route, as the forward model scores it.
    scored_first : int
        Proposed states that are scored before sampling begins.
    prior_share, precedent_share : float
        Powers of the prior and of the precedent (share of training products with such a site that were made so) in the
        ranking; chosen on 40 validation reactions of USPTO-50K and 15 two-step routes of PaRoutes.
    widths : Widths
        Of the two-step search.
    sampler : Settings
        Of the sampler.
    """

    particles: int = 80
    threshold: float = 1e-8
    scored_first: int = 200
    prior_share: float = 0.2
    precedent_share: float = 0.25
    widths: Widths = WIDTHS
    sampler: Settings = SAMPLER

    def __post_init__(self) -> None:
        if self.particles < 2 or not 0 < self.threshold < 1 or self.scored_first < 0:
            raise ConfigError(
                f"particles {self.particles}, threshold {self.threshold}, scored_first {self.scored_first}: "
                "at least 2, between 0 and 1, at least 0"
            )


def retrosynthesize(
    target: str,
    stock: Stock,
    forward: Forward,
    *,
    steps: int = 1,
    n: int = 50,
    rng: np.random.Generator | None = None,
    time_limit: float | None = None,
    backward: Backward | None = None,
    templates: Templates | None = None,
    settings: RetroSettings | None = None,
    say: Callable[[str], None] | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> RetroResult:
    """Routes of one or two steps from a stock to a target.

    Parameters
    ----------
    target : str
        SMILES of one molecule. It is excluded from the stock.
    stock : Stock
        What can be bought.
    forward : forward model
        ``predict`` and ``log_prob``, such as :func:`~hanten.synthesis.forward.load_forward` gives.
    steps : {1, 2}
        Most reactions between stock and target on any branch.
    n : int
        Most routes.
    rng : Generator, optional
        Source of all randomness; without it, seed 0. The same seed gives the same bits unless the time limit cuts in.
    time_limit : float, optional
        Seconds; what was found by then is given. 60 for one step, 300 for two.
    backward : backward model, optional
        Proposes beside the templates, such as :func:`~hanten.synthesis.retro.load_backward` gives.
    templates : Templates, optional
        Those of the package.
    settings : RetroSettings, optional
    say : callable, optional
        Takes a line of progress.
    clock : callable
        What the time limit is measured on; ``time.process_time`` counts processor seconds.

    Raises
    ------
    StructureError
        If the target is no single molecule, or the forward model cannot read it.
    DataError
        If the stock is empty without the target.
    """
    if steps not in {1, 2}:
        raise ConfigError(
            f"steps is {steps}, neither 1 nor 2", hint="a route of more steps joins two searches"
        )
    if n < 1 or (time_limit is not None and time_limit <= 0):
        raise ConfigError(f"n is {n} and time_limit {time_limit}: both are above zero")
    begin = clock()
    product = checked_target(target, forward)
    rest = stock.excluding(product)
    if not len(rest):
        raise DataError(f"the stock {stock.name!r} is empty without the target")
    limit = time_limit or (60.0 if steps == 1 else 300.0)
    search = Search(
        product,
        forward,
        Proposer(templates or load_templates(), rest, backward),
        settings or RetroSettings(),
        begin=begin,
        limit=limit,
        say=say or (lambda _: None),
        clock=clock,
    )
    result = search.run(steps, n, rng or np.random.default_rng(0))
    if product in stock:
        text = f"already in stock ({stock.name}); {result.reason}"
        result = replace(result, status="in_stock", reason=text)
    return replace(result, seconds=clock() - begin)


def checked_target(target: str, forward: Forward) -> str:
    """Canonical SMILES of a target, or StructureError: not one molecule, or not readable by the model."""
    product = canonical(target)
    if "." in product:
        raise StructureError(
            f"{target!r} has {product.count('.') + 1} components",
            hint="give one molecule; leave out counter-ions",
        )
    if isinstance(forward, ForwardTransformer):
        forward.read([product])
    return product


class Search:
    """One target: candidates, sampling, ranking; each method is a stage."""

    def __init__(
        self,
        target: str,
        forward: Forward,
        proposer: Proposer,
        settings: RetroSettings,
        *,
        begin: float,
        limit: float,
        say: Callable[[str], None],
        clock: Callable[[], float],
    ) -> None:
        self.target, self.forward, self.settings = target, forward, settings
        self.proposer, self.stock, self.templates = proposer, proposer.stock, proposer.templates
        self.deadlines = begin + SEARCHING * limit, begin + limit
        self.half = begin + 0.4 * limit
        self.say, self.clock = say, clock
        score = forward.log_prob
        if isinstance(forward, ForwardTransformer):
            score = partial(forward.log_prob, errors="impossible")
        self.steps = Steps(score)
        self.late = False

    def run(self, steps: int, n: int, rng: np.random.Generator) -> RetroResult:
        """All stages."""
        likelihood = self.begin(steps)
        self.score_first(likelihood)
        posterior = self.sample(likelihood, rng)
        return self.finish(likelihood, posterior, n)

    def begin(self, steps: int) -> RouteLikelihood:
        """Space, prior, reference and likelihood; the table of what templates propose."""
        table = one_step(self.proposer, self.target)
        intermediates: tuple[str, ...] = ()
        if steps == 2:
            longer, intermediates = two_step(self.proposer, self.target, self.settings.widths, self.halfway)
            table = heaviest({**longer, **table}, self.settings.widths.states)
        space = Space(self.target, self.stock, stock_weights(self.stock), intermediates)
        self.lookup = Lookup(space, self.steps)
        reference = Reference(StockPrior(space), table, self.lookup.table(self.target, ()))
        self.say(f"{len(table)} candidates proposed, {len(intermediates)} intermediates")
        return RouteLikelihood(space, reference, self.steps, math.log(self.settings.threshold))

    def score_first(self, likelihood: RouteLikelihood, size: int = 100) -> None:
        """Score the heaviest candidates, so that none of them depends on chance."""
        states = list(likelihood.reference.table)
        if not likelihood.space.intermediates:  # two-step states share their steps: all can be scored
            states = states[: self.settings.scored_first]
        for start in range(0, len(states), size):
            if start and self.over():
                return
            likelihood.log_likelihood(states[start : start + size])

    def sample(self, likelihood: RouteLikelihood, rng: np.random.Generator) -> Posterior | None:
        """Tempered sequential Monte Carlo from the reference to the posterior, until it ends or time is up."""
        if self.over():
            return None
        space, reference = likelihood.space, likelihood.reference
        local: list[Proposal] = [Redraw(space, self.lookup), Neighbour(space), AddDrop(space, self.lookup)]
        screened: list[Proposal] = [
            Screened(with_prior(move, reference), likelihood.surrogate) for move in local
        ]
        proposal = Mixture([FreshDraw(reference), *screened], shares=[3, 2, 2, 1])
        last: list[InferenceStep] = []
        for step in smc(
            reference, likelihood, proposal, self.settings.particles, rng, settings=self.settings.sampler
        ):
            last = [*last, step] if last and last[-1].beta == step.beta == 1 else [step]
            row = step.row
            self.say(
                f"stage {step.index}  beta {step.beta:.3f}  ess {row['ess']:.0f}  confirmed {row['in_target']:.2f}"
            )
            if self.over():
                break
        return pool(last)

    def finish(self, likelihood: RouteLikelihood, posterior: Posterior | None, n: int) -> RetroResult:
        """Rank every state that was met and is above the threshold, and ask the forward model again."""
        shares = self.settings.prior_share, self.settings.precedent_share
        ranking = Ranking(likelihood, self.proposer, Classifier(self.templates), shares)
        ranked = ranking.ranked(posterior)
        chosen = [ranked[k] for k in diverse([one.cluster for one in ranked], n)]
        routes = self.checked([ranking.route(one) for one in chosen])
        return RetroResult(
            target=self.target,
            status="routes" if routes else "none",
            reason=self.reason(likelihood, len(ranked)),
            routes=tuple(routes),
            found=len(ranked),
            clusters=len({one.cluster for one in ranked}),
            posterior=posterior,
            trace=list(posterior.trace) if posterior else [],
            evaluated=len(self.steps.known),
        )

    def checked(self, routes: list[RetroRoute], size: int = 20) -> list[RetroRoute]:
        """Ask the forward model what each step gives, best routes first, as long as there is time."""
        wanted = list(dict.fromkeys((c.product, c.reactants) for route in routes for c in route.checks))
        answers: dict[Reaction, list[tuple[str, float]]] = {}
        for start in range(0, len(wanted), size):
            if self.clock() >= self.deadlines[1]:
                break
            part = wanted[start : start + size]
            found = self.forward.predict([reactants for _, reactants in part], 5)
            answers.update(zip(part, found, strict=True))
        return [replace(route, checks=tuple(c.asked(answers) for c in route.checks)) for route in routes]

    def reason(self, likelihood: RouteLikelihood, good: int) -> str:
        """One sentence on what was found, or why nothing."""
        if good:
            late = "; the time limit ended the search" if self.late else ""
            return f"{good} routes whose every step has a probability of at least {self.settings.threshold:g}{late}"
        if self.late:
            return "time limit: no route above the threshold was met before"
        table = likelihood.reference.table
        if not table:
            missing = self.best_missing()
            return (
                f"no set of reactants in stock: {missing}" if missing else "no template applies to the target"
            )
        values = {
            x: [self.steps.known.get(r, -math.inf) for r in likelihood.space.reactions(x)] for x in table
        }
        best = max(values, key=lambda x: sum(values[x]))
        leaves = ".".join(one for _, part in likelihood.space.reactions(best) for one in part)
        least = math.exp(min(values[best]))
        return f"nothing above the threshold {self.settings.threshold:g}: the best has a step of probability {least:.1g} ({leaves})"

    def best_missing(self) -> str:
        """What the best partial route lacks."""
        for reactants, _ in self.proposer.proposals(self.target):
            missing = [one for one in reactants if self.proposer.place(one) is None]
            return f"the best partial route ({'.'.join(reactants)}) misses {' and '.join(missing)}"
        return ""

    def halfway(self) -> bool:
        """Whether candidates have taken their share of the time."""
        return self.clock() >= self.half

    def over(self) -> bool:
        """Whether the time for searching is up; remembered."""
        self.late = self.late or self.clock() >= self.deadlines[0]
        return self.late
