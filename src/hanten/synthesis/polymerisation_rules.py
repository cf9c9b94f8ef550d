"""The table of polymerisation rules (``polymerisation_rules.toml``) as objects ready to run."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib.resources import files
from typing import Any

from rdkit import Chem
from rdkit.Chem import rdChemReactions

# Labels (isotopes) of the attachment points: sides 1 and 2 of a linkage, 11 and 12 of a second linkage in
# the same chain; 3 and 4 for addition monomers. A label joins its partner.
PARTNER = {1: 2, 2: 1, 11: 12, 12: 11, 3: 3, 4: 4}


@lru_cache(maxsize=1024)
def reaction(smarts: str, label: int = 0) -> Any:
    """A compiled one-reactant transformation; ``[*]`` in it becomes the attachment point of that label."""
    if label:
        smarts = smarts.replace("[*]", f"[{label}*]")
    compiled = rdChemReactions.ReactionFromSmarts(smarts)
    compiled.Initialize()
    return compiled


@dataclass(frozen=True)
class Group:
    """A functional group and the chain end it becomes."""

    key: str
    name: str
    forward: tuple[str, ...]
    backward: tuple[str, ...]
    family: str


@dataclass(frozen=True)
class Rule:
    """One row of the table.

    Attributes
    ----------
    name, polymer_class : str
        In words.
    kind : {"step", "couple", "ring", "addition", "pair"}
    linkages : tuple of str
        Names of the main-chain bonds the rule forms.
    ends : tuple of (str, str)
        For each linkage the groups of its two sides; "" where the reagent stands.
    """

    name: str
    polymer_class: str
    kind: str
    linkages: tuple[str, ...] = ()
    ends: tuple[tuple[str, str], ...] = ()
    alone_name: str = ""
    two_monomers: bool = True
    crowded: bool = False
    reagent: str = ""
    linker: str = ""
    sizes: tuple[int, ...] = ()
    copies: tuple[int, ...] = (1,)
    labels: tuple[int, int] = (1, 2)
    key: str = ""
    only_in_pairs: bool = False
    length: int = 0
    forward: str = ""
    backward: str = ""
    partners: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())


@dataclass(frozen=True)
class RuleTable:
    """Groups, linkages and rules."""

    groups: dict[str, Group]
    linkages: dict[str, str]
    rules: tuple[Rule, ...]
    reagents: dict[str, str]
    common_monomers: dict[str, str]

    @cached_property
    def patterns(self) -> dict[str, Any]:
        """Linkage name -> SMARTS query; atoms 1 and 2 are found through ``sides``."""
        return {name: Chem.MolFromSmarts(smarts) for name, smarts in self.linkages.items()}

    @cached_property
    def by_key(self) -> dict[str, Rule]:
        """Addition and ring rules that pairs refer to."""
        return {rule.key: rule for rule in self.rules if rule.key}

    def of_kind(self, kind: str) -> list[Rule]:
        """Rules of one kind, in the order of the table."""
        return [rule for rule in self.rules if rule.kind == kind]


def _rule(kind: str, row: dict[str, Any]) -> Rule:
    """One table row as a Rule; unknown keys are refused by the constructor."""
    row = dict(row)
    ends = row.pop("ends", {})
    if kind == "ring":
        ends = {row.pop("linkage"): ("", "")}
    if kind == "pair":
        row["partners"] = (tuple(row.pop("first")), tuple(row.pop("second", ())))
    row["alone_name"] = row.pop("self", "")
    row["two_monomers"] = not row.pop("alone", False)
    for key in ("sizes", "labels", "copies"):
        if key in row:
            row[key] = tuple(row[key])
    return Rule(kind=kind, linkages=tuple(ends), ends=tuple((a, b) for a, b in ends.values()), **row)


def _several(value: str | list[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


@lru_cache(maxsize=1)
def load_rules() -> RuleTable:
    """The rules shipped with the package.

    Examples
    --------
    >>> table = load_rules()
    >>> [rule.name for rule in table.rules if rule.polymer_class == "polyimide"][:2]
    ['diamine + dianhydride', 'diisocyanate + dianhydride']
    """
    text = files("hanten.synthesis").joinpath("polymerisation_rules.toml").read_text(encoding="utf-8")
    raw = tomllib.loads(text)
    for name, value in raw["macros"].items():
        text = text.replace("{" + name + "}", value)
    raw = tomllib.loads(text)
    groups = {}
    for key, row in raw["groups"].items():
        forward, backward = (_several(row[way]) for way in ("forward", "backward"))
        groups[key] = Group(key, row["name"], forward, backward, row.get("family", key))
    kinds = ("step", "couple", "addition", "ring", "pair")
    rules = tuple(_rule(kind, row) for kind in kinds for row in raw[kind])
    reagents = {
        name: Chem.MolToSmiles(Chem.MolFromSmiles(smiles)) for name, smiles in raw["reagents"].items()
    }
    return RuleTable(groups, raw["linkages"], rules, reagents, raw["common_monomers"])


def label_pairs(fragment: str) -> list[int]:
    """Labels of the attachment points of a fragment, sorted.

    Examples
    --------
    >>> label_pairs("[1*]C(=O)CO[2*]")
    [1, 2]
    """
    return sorted(int(label) for label in re.findall(r"\[(\d+)\*\]", fragment))
