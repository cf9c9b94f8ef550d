"""Routes of documented reactions alone: a tree search over the table of monomer chemistry, no model needed.

It takes milliseconds, so ``discover`` can ask it for a whole shortlist. Every step is labelled as a documented
template with its source; its probability is the table's grade.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from heapq import nsmallest
from itertools import islice, product

from hanten.synthesis.monomer_templates import Precursors, precursors
from hanten.synthesis.routes import MISSING, MolNode, Step, leaf_of
from hanten.synthesis.stock.stock import Stock

MOST_WAYS = 8  # ways kept for one molecule of a route
MOST_COMBINATIONS = 64  # combinations of the reactants' ways looked at for one step
Expand = Callable[[str], Sequence[Step]]


def ways(
    smiles: str,
    stock: Stock,
    steps: int = 2,
    *,
    most: int = MOST_WAYS,
    deadline: float | None = None,
    above: frozenset[str] = frozenset(),
    expand: Expand | None = None,
) -> list[MolNode]:
    """Ways to have a molecule: bought first, then made by documented reactions, best first.

    Parameters
    ----------
    smiles : str
        Canonical.
    stock : Stock
    steps : int
        Reactions allowed from here down.
    most : int
        Ways returned.
    deadline : float, optional
        ``time.monotonic()`` after which nothing new is begun.
    above : frozenset of str
        Molecules already above this one: never used again, so no route goes in a circle.
    expand : callable, optional
        More last steps for a molecule, such as a learned model gives; their reactants are in stock.

    Returns
    -------
    list of MolNode
        Always at least one: where nothing works, the molecule itself as a missing leaf.

    Examples
    --------
    >>> from hanten.synthesis.stock import build_stock
    >>> shelf = build_stock(["Cc1ccc(C)cc1"], name="shelf").stock
    >>> found = ways("O=C(Cl)c1ccc(C(=O)Cl)cc1", shelf)
    >>> [node.smiles for node in found[0].walk()]
    ['O=C(Cl)c1ccc(C(=O)Cl)cc1', 'O=C(O)c1ccc(C(=O)O)cc1', 'Cc1ccc(C)cc1']
    """
    leaf = leaf_of(smiles, stock, any_stereo=True)
    if leaf.in_stock or steps == 0 or (deadline is not None and time.monotonic() > deadline):
        return [leaf]
    found = list(made(smiles, stock, steps, most=most, deadline=deadline, above=above, expand=expand))
    return nsmallest(most, [*found, leaf], key=lambda node: -value(node))


def made(
    smiles: str,
    stock: Stock,
    steps: int = 2,
    *,
    most: int = MOST_WAYS,
    deadline: float | None = None,
    above: frozenset[str] = frozenset(),
    expand: Expand | None = None,
) -> Iterator[MolNode]:
    """Ways to make a molecule, not looking whether it can be bought; as :func:`ways`."""
    here = above | {smiles}
    for found in precursors(smiles):
        if here.isdisjoint(found.reactants):
            options = {
                reactant: ways(
                    reactant, stock, steps - 1, most=most, deadline=deadline, above=here, expand=expand
                )
                for reactant in dict.fromkeys(found.reactants)
            }
            for chosen in islice(product(*options.values()), MOST_COMBINATIONS):
                by_name = dict(zip(options, chosen, strict=True))
                yield MolNode(smiles, step=_step(found, tuple(by_name[r] for r in found.reactants)))
    if expand is not None:
        yield from (MolNode(smiles, step=step) for step in expand(smiles))


def _step(found: Precursors, children: tuple[MolNode, ...]) -> Step:
    template = found.template
    return Step(
        children,
        "template",
        template.name,
        template.log_prob,
        conditions=template.conditions,
        reference=template.reference,
    )


def value(node: MolNode) -> float:
    """What a way is worth: the log-probabilities of its steps, and ``MISSING`` for each leaf not in stock."""
    missing = {leaf.smiles for leaf in node.walk() if leaf.step is None and not leaf.in_stock}
    return sum(n.step.log_prob for n in node.walk() if n.step is not None) + MISSING * len(missing)


def as_target(node: MolNode) -> MolNode:
    """The root of a route: not a leaf, whatever the stock holds."""
    return replace(node, in_stock=False, stock="", source="", price=None, lead_time=None)
