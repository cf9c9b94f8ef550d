"""Documented reactions of monomer chemistry: read backwards for precursors, run forwards to check them.

Patents teach a learned model little about acid chlorides, dianhydrides or bisphenol ethers; textbooks do. The table
is ``monomer_templates.toml``: each reaction with its conditions, its source and a real example. A step from here says so in
every route; its probability is the table's grade, not a measurement.
"""

from __future__ import annotations

import math
import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from itertools import permutations
from typing import Any

from rdkit import Chem, rdBase
from rdkit.Chem import rdChemReactions

from hanten.errors import StructureError

MOST_SITES = 6  # groups of one kind that react in one step; a molecule with more is no monomer
MOST_STATES = 60  # sets of pieces looked at for one template and molecule
Pieces = tuple[str, ...]  # canonical SMILES, sorted; a molecule used twice stands twice


@dataclass(frozen=True)
class MonomerTemplate:
    """One row of the table; see its head for the meaning of the fields."""

    name: str
    reaction_class: str
    retro: str
    forward: str
    sites: str
    incompatible: tuple[str, ...]
    conditions: str
    confidence: float
    reference: str
    example: tuple[Pieces, str]
    kekulize: str = ""

    @property
    def log_prob(self) -> float:
        """Natural log of the grade."""
        return math.log(self.confidence)


@dataclass(frozen=True)
class TemplateTable:
    """The templates and the patterns that exclude."""

    templates: tuple[MonomerTemplate, ...]
    patterns: dict[str, Any]

    def __getitem__(self, name: str) -> MonomerTemplate:
        return next(template for template in self.templates if template.name == name)


@dataclass(frozen=True)
class Precursors:
    """Reactants of a molecule by a documented reaction, checked forwards."""

    template: MonomerTemplate
    reactants: Pieces
    sites: int


@lru_cache(maxsize=1)
def load_templates() -> TemplateTable:
    """The table that the package carries.

    Examples
    --------
    >>> len(load_templates().templates) >= 50
    True
    """
    text = files("hanten.synthesis").joinpath("monomer_templates.toml").read_text(encoding="utf-8")
    raw = tomllib.loads(text)
    rows = []
    for row in raw["template"]:
        example = row.pop("example")
        row["reaction_class"] = row.pop("class")
        row["incompatible"] = tuple(row["incompatible"])
        row["reference"] = raw["references"][row["reference"]]
        pieces = _sorted(example["reactants"])
        rows.append(MonomerTemplate(**row, example=(pieces, canonical(example["product"]))))
    patterns = {name: Chem.MolFromSmarts(smarts) for name, smarts in raw["patterns"].items()}
    return TemplateTable(tuple(rows), patterns)


@lru_cache(maxsize=20_000)
def precursors(smiles: str) -> tuple[Precursors, ...]:
    """Reactant sets that give a molecule by a documented reaction, in the order of the table.

    Each is checked forwards: the same reaction, run as often on the reactants, gives exactly the molecule, and
    no reactant holds a group that would not survive.

    Raises
    ------
    StructureError
        If the text is no molecule.

    Examples
    --------
    >>> found = precursors("O=C(Cl)c1ccc(cc1)C(Cl)=O")
    >>> found[0].template.name, found[0].reactants
    ('acid to acid chloride', ('O=C(O)c1ccc(C(=O)O)cc1',))
    """
    target = canonical(smiles)
    found: dict[tuple[str, Pieces], Precursors] = {}
    for template in load_templates().templates:
        for pieces, sites in undo(template, target):
            if (
                target not in pieces
                and compatible(template, pieces)
                and gives(template, pieces, target, sites)
            ):
                found.setdefault((template.name, pieces), Precursors(template, pieces, sites))
    return tuple(found.values())


def undo(template: MonomerTemplate, smiles: str) -> Iterator[tuple[Pieces, int]]:
    """Sets of pieces from which a template may make a molecule, and at how many sites; not yet checked."""
    level: set[Pieces] = {(smiles,)}
    seen: set[Pieces] = set()
    most = 1 if template.sites == "one" else MOST_SITES
    for count in range(most):
        following: set[Pieces] = set()
        for pieces in sorted(level)[:MOST_STATES]:
            onward = {
                _with(pieces, i, made) for i, p in enumerate(pieces) for made in backward_once(template, p)
            }
            if count and template.sites == "all" and not onward:
                yield pieces, count
            following |= onward
        level = following - seen
        seen |= level
        if template.sites != "all":
            yield from ((pieces, count + 1) for pieces in sorted(level))
    if template.sites == "all":
        yield from ((p, most) for p in sorted(level) if not any(backward_once(template, x) for x in p))


@lru_cache(maxsize=50_000)
def backward_once(template: MonomerTemplate, smiles: str) -> tuple[Pieces, ...]:
    """Pieces after one backward application, everywhere it applies."""
    return _run(template.retro, (smiles,), template.kekulize in {"retro", "both"})


@lru_cache(maxsize=50_000)
def forward_once(template: MonomerTemplate, reactants: Pieces) -> tuple[Pieces, ...]:
    """Products of one forward application to reactants in this order."""
    return _run(template.forward, reactants, template.kekulize in {"forward", "both"})


def gives(template: MonomerTemplate, reactants: Pieces, product: str, times: int) -> bool:
    """Whether a template, run so often on a set of reactants, makes them into one product."""
    needed = len(_reaction(template.forward).GetReactants())
    level: set[Pieces] = {reactants}
    wanted = canonical(product, stereo=False)
    for _ in range(times):
        level = {
            _without(pieces, chosen, made)
            for pieces in sorted(level)[:MOST_STATES]
            for chosen in _choices(pieces, needed)
            for made in forward_once(template, tuple(pieces[i] for i in chosen))
        }
    return any(len(pieces) == 1 and canonical(pieces[0], stereo=False) == wanted for pieces in level)


def compatible(template: MonomerTemplate, reactants: Pieces) -> bool:
    """Whether no reactant holds a group that would not survive, or both groups of the reaction."""
    patterns = load_templates().patterns
    mols = [Chem.MolFromSmiles(smiles) for smiles in set(reactants)]
    if any(mol.HasSubstructMatch(patterns[name]) for mol in mols for name in template.incompatible):
        return False
    kinds = _kinds(template.forward)
    return len(kinds) < 2 or not any(sum(mol.HasSubstructMatch(kind) for kind in kinds) > 1 for mol in mols)


@lru_cache(maxsize=256)
def _kinds(forward: str) -> tuple[Any, ...]:
    """The different reactants of a forward reaction, as queries."""
    found = {
        re.sub(r":\d+\]", "]", smarts): smarts for smarts in forward.split(">>", maxsplit=1)[0].split(".")
    }
    return tuple(Chem.MolFromSmarts(smarts) for smarts in found.values())


@lru_cache(maxsize=100_000)
def canonical(smiles: str, *, stereo: bool = True) -> str:
    """Canonical SMILES.

    Raises
    ------
    StructureError
        If the text is no molecule.
    """
    with rdBase.BlockLogs():
        mol = Chem.MolFromSmiles(smiles)
    if mol is None:
        raise StructureError(f"{smiles!r} is not a molecule")
    return str(Chem.MolToSmiles(mol, isomericSmiles=stereo))


@lru_cache(maxsize=512)
def _reaction(smarts: str) -> Any:
    reaction = rdChemReactions.ReactionFromSmarts(smarts)
    reaction.Initialize()
    return reaction


def _run(smarts: str, reactants: Pieces, kekulize: bool) -> tuple[Pieces, ...]:
    """Distinct sanitized outcomes of a reaction."""
    mols = [Chem.MolFromSmiles(smiles) for smiles in reactants]
    if kekulize:
        for mol in mols:
            Chem.Kekulize(mol, clearAromaticFlags=True)
    found: dict[Pieces, None] = {}
    with rdBase.BlockLogs():
        for products in _reaction(smarts).RunReactants(mols, maxProducts=24):
            if not any(Chem.SanitizeMol(mol, catchErrors=True) for mol in products):
                texts = [Chem.MolFromSmiles(Chem.MolToSmiles(mol)) for mol in products]
                if all(mol is not None and not _odd(mol) for mol in texts):
                    found.setdefault(_sorted(Chem.MolToSmiles(mol) for mol in texts))
    return tuple(found)


def _odd(mol: Any) -> bool:
    """Radicals are what a careless template leaves."""
    return any(atom.GetNumRadicalElectrons() for atom in mol.GetAtoms())


def _choices(pieces: Pieces, needed: int) -> Iterator[tuple[int, ...]]:
    """Ordered choices of pieces, equal ones taken once."""
    seen = set()
    for chosen in permutations(range(len(pieces)), needed):
        names = tuple(pieces[i] for i in chosen)
        if names not in seen:
            seen.add(names)
            yield chosen


def _with(pieces: Pieces, index: int, made: Pieces) -> Pieces:
    return _sorted((*pieces[:index], *made, *pieces[index + 1 :]))


def _without(pieces: Pieces, chosen: tuple[int, ...], made: Pieces) -> Pieces:
    rest = Counter(pieces) - Counter(pieces[i] for i in chosen)
    return _sorted((*rest.elements(), *made))


def _sorted(texts: Any) -> Pieces:
    return tuple(sorted(canonical(text) for text in texts))
