"""How usual a way to a polymer is, and which molecules are no monomers: the table ``polymerisation_practice.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from itertools import permutations
from typing import Any

from rdkit import Chem
from rdkit.Chem import rdChemReactions

from hanten.chem import Polymer
from hanten.errors import StructureError


@dataclass(frozen=True)
class Modification:
    """A polymer made from another polymer."""

    name: str
    retro: str
    forward: str
    conditions: str


@dataclass(frozen=True)
class _Exception:
    rule: str
    where: tuple[Any, ...]
    weight: float


@dataclass(frozen=True)
class Practice:
    """The table; weights are natural logs, 0 for the textbook's way."""

    rules: dict[str, float]
    exceptions: tuple[_Exception, ...]
    modifications: tuple[Modification, ...]
    unstable: dict[str, Any]
    unknown_monomer: float


@lru_cache(maxsize=1)
def load_practice() -> Practice:
    """The table that the package carries."""
    text = files("hanten.synthesis").joinpath("polymerisation_practice.toml").read_text(encoding="utf-8")
    raw = tomllib.loads(text)
    exceptions = tuple(
        _Exception(row["rule"], tuple(Chem.MolFromSmarts(s) for s in row["where"]), float(row["weight"]))
        for row in raw["exception"]
    )
    modifications = tuple(Modification(**row) for row in raw["modification"])
    unstable = {name: Chem.MolFromSmarts(smarts) for name, smarts in raw["unstable"].items()}
    return Practice(raw["rules"], exceptions, modifications, unstable, float(raw["unknown_monomer"]))


def grade(rule: str, monomers: Sequence[str]) -> float:
    """How usual it is to polymerise these monomers by this rule: natural log, 0 for the textbook's way.

    Examples
    --------
    >>> grade("diamine + diacid", ["NCCCCCCN", "OC(=O)CCCCC(O)=O"])
    0.0
    >>> grade("diamine + diacid", ["Nc1ccc(N)cc1", "OC(=O)c1ccc(cc1)C(O)=O"])
    -3.0
    """
    table = load_practice()
    weight = float(table.rules.get(rule, 0.0))
    mols = [Chem.MolFromSmiles(smiles) for smiles in monomers]
    for row in table.exceptions:
        if row.rule == rule and _fits(mols, row.where):
            weight = row.weight
    return weight


def _fits(mols: Sequence[Any], where: Sequence[Any]) -> bool:
    """Whether each pattern is in a monomer of its own."""
    return any(
        all(mol.HasSubstructMatch(pattern) for mol, pattern in zip(chosen, where, strict=True))
        for chosen in permutations(mols, min(len(where), len(mols)))
        if len(chosen) == len(where)
    )


def unstable(smiles: str) -> str | None:
    """Why a molecule is no monomer, or ``None``.

    Examples
    --------
    >>> unstable("C=CO"), unstable("C=COC(C)=O")
    ('enol', None)
    """
    mol = Chem.MolFromSmiles(smiles)
    return next((name for name, p in load_practice().unstable.items() if mol.HasSubstructMatch(p)), None)


def parent_polymers(polymer: Polymer) -> list[tuple[Modification, Polymer]]:
    """Polymers from which a polymer is made by a reaction on the chain.

    Examples
    --------
    >>> [(m.name, str(p)) for m, p in parent_polymers(Polymer("*CC(*)O"))]
    [('saponification of poly(vinyl acetate)', '*CC(*)OC(C)=O')]
    """
    found = []
    for modification in load_practice().modifications:
        parent = _apply(modification.retro, polymer)
        if parent is not None and parent != polymer and _apply(modification.forward, parent) == polymer:
            found.append((modification, parent))
    return found


def _apply(smarts: str, polymer: Polymer) -> Polymer | None:
    """The polymer after a reaction at every group of its repeat unit."""
    reaction = rdChemReactions.ReactionFromSmarts(smarts)
    mol, changed = polymer.mol, False
    for _ in range(8):
        outcomes = reaction.RunReactants((mol,), maxProducts=1)
        if not outcomes:
            break
        mol, changed = outcomes[0][0], True
        if Chem.SanitizeMol(mol, catchErrors=True):
            return None
    try:
        return Polymer(Chem.MolToSmiles(mol)) if changed else None
    except StructureError:
        return None
