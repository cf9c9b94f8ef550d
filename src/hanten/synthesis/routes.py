"""Routes: trees of molecules and steps that end in what can be bought.

A tree alternates molecules and steps, the target at its root. :meth:`Route.to_dict` writes the nested dictionaries
that AiZynthFinder (Genheden et al. 2020, doi:10.1186/s13321-020-00472-1) writes, so that viewers made for
them read ours: ``{"type": "mol" | "reaction", "smiles", "in_stock", "children", ...}``.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any, Literal

from hanten.synthesis.stock.stock import Stock

#: A leaf that nobody is known to sell costs as much as a step of this probability.
MISSING = math.log(0.001)

#: How a step is known: the learned model, a documented template, a polymerisation rule.
Kind = Literal["model", "template", "polymerisation"]


@dataclass(frozen=True)
class Step:
    """One reaction of a route, read backwards: the molecule above it is its product.

    Attributes
    ----------
    reactants : tuple of MolNode
        In the order in which they are drawn; a molecule used twice stands twice.
    kind : {"model", "template", "polymerisation"}
        What proposed and checked the step.
    label : str
        Class of the reaction, or name of the template or rule.
    log_prob : float
        Natural log of the probability of the product given the reactants: the model's; of a template its documented
        grade; of a polymerisation rule its grade of practice, 0 for the textbook's.
    class_probability : float or None
        Probability of the reaction class, where a classifier gave it.
    conditions, reference : str
        What is over the arrow; the source of a template, with DOI.
    novel : bool or None
        Whether the model's training reactions do not hold this one.
    model_log_prob : float or None
        For a template step, what the learned model makes of it; not part of the score.
    """

    reactants: tuple[MolNode, ...]
    kind: Kind = "model"
    label: str = ""
    log_prob: float = 0.0
    class_probability: float | None = None
    conditions: str = ""
    reference: str = ""
    novel: bool | None = None
    model_log_prob: float | None = None

    @property
    def probability(self) -> float:
        """``exp(log_prob)``, at most 1."""
        return min(1.0, math.exp(self.log_prob))


@dataclass(frozen=True)
class MolNode:
    """A molecule of a route: bought, or made by a step.

    Attributes
    ----------
    smiles : str
        Canonical SMILES; of the polymer at the root of its route, PSMILES.
    in_stock : bool
    stock, source : str
        Name of the stock and, in it, where the molecule can be had.
    price, lead_time : float or None
        USD per gram; days.
    step : Step or None
        How it is made; ``None`` for a leaf.
    """

    smiles: str
    in_stock: bool = False
    stock: str = ""
    source: str = ""
    price: float | None = None
    lead_time: float | None = None
    step: Step | None = None

    def walk(self) -> Iterator[MolNode]:
        """The molecule and all below it, depth first."""
        yield self
        if self.step is not None:
            for child in self.step.reactants:
                yield from child.walk()


@dataclass(frozen=True)
class Route:
    """A way to make a target.

    Parameters
    ----------
    root : MolNode
        The target.
    target_kind : {"molecule", "polymer"}
    posterior : float or None
        Posterior weight of the route among those sampled.
    given_score : float or None
        The score that the inversion of the learned model ranks by, where it found the route.
    confirmed : bool or None
        Whether the forward model predicts the product of every step among its first ones.
    cluster : int or None
        Routes with the same number break the target at the same place.

    Examples
    --------
    >>> acid, alcohol = MolNode("CC(=O)O", True, "shelf"), MolNode("CCO", True, "shelf", price=0.02)
    >>> route = Route(MolNode("CCOC(C)=O", step=Step((acid, alcohol), label="esterification", log_prob=-0.1)))
    >>> route.solved, route.steps, [leaf.smiles for leaf in route.leaves]
    (True, 1, ['CC(=O)O', 'CCO'])
    >>> Route.from_dict(route.to_dict()) == route
    True
    """

    root: MolNode
    target_kind: Literal["molecule", "polymer"] = "molecule"
    posterior: float | None = field(default=None, compare=False)
    given_score: float | None = field(default=None, compare=False)
    confirmed: bool | None = field(default=None, compare=False)
    cluster: int | None = field(default=None, compare=False)

    @cached_property
    def molecules(self) -> tuple[MolNode, ...]:
        """All molecules, the target first."""
        return tuple(self.root.walk())

    @cached_property
    def leaves(self) -> tuple[MolNode, ...]:
        """What has to be at hand, in the order of the tree; a molecule used twice stands twice."""
        return tuple(node for node in self.molecules if node.step is None)

    @cached_property
    def reactions(self) -> tuple[Step, ...]:
        """All steps, the last one (which gives the target) first."""
        return tuple(node.step for node in self.molecules if node.step is not None)

    @property
    def steps(self) -> int:
        """Number of reactions."""
        return len(self.reactions)

    @cached_property
    def depth(self) -> int:
        """Reactions on the longest way from a leaf to the target."""
        return _depth(self.root)

    @property
    def solved(self) -> bool:
        """Whether every leaf is in stock."""
        return all(leaf.in_stock for leaf in self.leaves)

    @property
    def missing(self) -> tuple[str, ...]:
        """Leaves that are not in stock."""
        return tuple(dict.fromkeys(leaf.smiles for leaf in self.leaves if not leaf.in_stock))

    @cached_property
    def log_prob(self) -> float:
        """Sum of the steps' log-probabilities."""
        return float(sum(step.log_prob for step in self.reactions))

    @cached_property
    def score(self) -> float:
        """By which routes are ranked: ``log_prob``, and ``log 0.001`` for each missing leaf; at most 0."""
        return self.log_prob + MISSING * len(self.missing)

    @property
    def price(self) -> float | None:
        """Sum of the known prices of the distinct leaves, USD per gram of each; ``None`` where none is known."""
        known = {leaf.smiles: leaf.price for leaf in self.leaves if leaf.price is not None}
        return sum(known.values()) if known else None

    @cached_property
    def key(self) -> str:
        """Identity: the tree of molecules, whatever the order of reactants and whatever proposed a step."""
        return _key(self.root)

    @cached_property
    def disconnection(self) -> str:
        """What the last step joins: its reactants, as one text. Routes that share it differ only further down."""
        step = self.root.step
        return "" if step is None else ".".join(sorted(child.smiles for child in step.reactants))

    # ------------------------------------------------------------------ dictionaries
    def to_dict(self) -> dict[str, Any]:
        """The nested dictionaries of AiZynthFinder, with our fields under ``metadata`` of each node."""
        return _mol_dict(self.root, self.target_kind) | {
            "scores": {"log_prob": self.log_prob, "score": self.score},
        }

    @classmethod
    def from_dict(cls, tree: Mapping[str, Any]) -> Route:
        """A route read back from :meth:`to_dict`, or from a tree that AiZynthFinder wrote."""
        kind = tree.get("metadata", {}).get("target_kind", "molecule")
        return cls(_mol_node(tree), kind)

    def record(self) -> dict[str, Any]:
        """The route as the command line prints it with ``--json``."""
        return {
            "score": self.score if self.given_score is None else self.given_score,
            "log_prob": self.log_prob,
            "posterior": self.posterior,
            "confirmed": self.confirmed,
            "cluster": self.cluster,
            "steps": self.steps,
            "depth": self.depth,
            "solved": self.solved,
            "leaves": [
                {"smiles": leaf.smiles, "in_stock": leaf.in_stock, "stock": leaf.stock or None,
                 "source": leaf.source or None, "price": leaf.price, "lead_time": leaf.lead_time}
                for leaf in _distinct(self.leaves)
            ],
            "tree": self.to_dict(),
        }  # fmt: skip


MOST_STEREOISOMERS = 16


def leaf_of(smiles: str, stock: Stock, *, any_stereo: bool = False) -> MolNode:
    """A molecule with what the stock knows of it.

    Parameters
    ----------
    any_stereo : bool
        A molecule whose stereochemistry is not given may be bought as any of its stereoisomers; the leaf then is
        that stereoisomer.

    Examples
    --------
    >>> from hanten.synthesis.stock import build_stock
    >>> shelf = build_stock(["CCO", "C[C@H](O)C(=O)O"], name="shelf").stock
    >>> leaf_of("OCC", shelf).in_stock, leaf_of("CC(O)C(=O)O", shelf).in_stock
    (True, False)
    >>> leaf_of("CC(O)C(=O)O", shelf, any_stereo=True).smiles
    'C[C@H](O)C(=O)O'
    """
    for text in (smiles, *(stereoisomers(smiles) if any_stereo else ())):
        member = stock.find(text)
        if member is not None:
            return MolNode(text, True, stock.name, member.source, member.price, member.lead_time)
    return MolNode(smiles)


@lru_cache(maxsize=10_000)
def stereoisomers(smiles: str) -> tuple[str, ...]:
    """Stereoisomers of a molecule whose stereochemistry is open, at most sixteen; none where it is given."""
    from rdkit import Chem
    from rdkit.Chem import EnumerateStereoisomers

    mol = Chem.MolFromSmiles(smiles)
    library: Any = EnumerateStereoisomers
    options = library.StereoEnumerationOptions(maxIsomers=MOST_STEREOISOMERS, unique=True)
    found = {str(Chem.MolToSmiles(m)) for m in library.EnumerateStereoisomers(mol, options)}
    return tuple(sorted(found - {str(Chem.MolToSmiles(mol))}))


def rank(routes: Iterable[Route]) -> list[Route]:
    """Distinct routes, best first: solved ones, then by score, then the shorter, then by name.

    Of equal trees the one with the highest score stays.
    """
    best: dict[str, Route] = {}
    for route in routes:
        if route.key not in best or route.score > best[route.key].score:
            best[route.key] = route
    return sorted(best.values(), key=lambda r: (not r.solved, -r.score, r.steps, r.key))


def _distinct(nodes: Iterable[MolNode]) -> list[MolNode]:
    return list({node.smiles: node for node in nodes}.values())


def _depth(node: MolNode) -> int:
    return 0 if node.step is None else 1 + max((_depth(child) for child in node.step.reactants), default=0)


def _key(node: MolNode) -> str:
    if node.step is None:
        return node.smiles
    return f"{node.smiles}<{'|'.join(sorted(_key(child) for child in node.step.reactants))}>"


def _mol_dict(node: MolNode, target_kind: str = "") -> dict[str, Any]:
    about: dict[str, Any] = {
        "stock": node.stock or None, "source": node.source or None, "price": node.price,
        "lead_time": node.lead_time,
    }  # fmt: skip
    if target_kind:
        about["target_kind"] = target_kind
    tree: dict[str, Any] = {
        "type": "mol", "hide": False, "smiles": node.smiles, "is_chemical": True, "in_stock": node.in_stock,
        "metadata": about,
    }  # fmt: skip
    if node.step is not None:
        tree["children"] = [_step_dict(node.step, node.smiles)]
    return tree


def _step_dict(step: Step, product: str) -> dict[str, Any]:
    reactants = ".".join(child.smiles for child in step.reactants)
    return {
        "type": "reaction",
        "hide": False,
        "smiles": f"{product}>>{reactants}",
        "is_reaction": True,
        "metadata": {
            "kind": step.kind, "classification": step.label, "log_prob": step.log_prob,
            "probability": step.probability, "class_probability": step.class_probability,
            "conditions": step.conditions, "reference": step.reference, "novel": step.novel,
            "model_log_prob": step.model_log_prob,
        },
        "children": [_mol_dict(child) for child in step.reactants],
    }  # fmt: skip


def _mol_node(tree: Mapping[str, Any]) -> MolNode:
    about = tree.get("metadata") or {}
    below = tree.get("children") or []
    return MolNode(
        tree["smiles"],
        bool(tree.get("in_stock", False)),
        about.get("stock") or "",
        about.get("source") or "",
        about.get("price"),
        about.get("lead_time"),
        _step_node(below[0]) if below else None,
    )


def _step_node(tree: Mapping[str, Any]) -> Step:
    about = tree.get("metadata") or {}
    return Step(
        tuple(_mol_node(child) for child in tree.get("children") or []),
        about.get("kind", "model"),
        about.get("classification") or "",
        float(about.get("log_prob") or 0.0),
        about.get("class_probability"),
        about.get("conditions") or "",
        about.get("reference") or "",
        about.get("novel"),
        about.get("model_log_prob"),
    )
