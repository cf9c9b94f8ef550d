"""Constraints with names: what a candidate must be, whatever its properties.

A structure that breaks one has likelihood zero. Each constraint says in words why.

Examples
--------
>>> rules = build_constraints(ConstraintConfig(elements=("C", "O"), heavy_atoms=(1, 20)))
>>> [rule.name for rule in rules]
['elements', 'heavy_atoms', 'max_ring', 'alkyl_chain', 'stable']
>>> broken(rules, "*CC(*)Cl")
['elements: contains Cl; allowed are C, O']
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from rdkit import Chem
from rdkit.Chem.rdMolDescriptors import CalcMolFormula

from hanten.chem import canonical_psmiles
from hanten.errors import ConfigError
from hanten.features.structure import Structure

Rule = Callable[[Structure], str | None]


@dataclass(frozen=True)
class Constraint:
    """One rule.

    Parameters
    ----------
    name : str
    check : callable
        ``check(unit)`` gives the reason why a primitive repeat unit, a :class:`~hanten.features.Structure` with its
        ``text`` and ``mol``, breaks the rule, or ``None``.
    """

    name: str
    check: Rule


@dataclass(frozen=True)
class ConstraintConfig:
    """Which constraints hold; the table ``[constraints]`` of a configuration.

    Parameters
    ----------
    elements : tuple of str
        Elements that may occur (hydrogen always); empty for any.
    heavy_atoms : tuple of int
        Least and greatest number of heavy atoms in the repeat unit, attachment points aside.
    sa_score : float
        Greatest synthetic accessibility score, 1 (easy) to 10; 0 for no limit.
    stable : bool
        No group that would not survive (peroxides, chains of three nitrogens, acyl halides, ...).
    alkyl_chain : int
        Most CH2 groups in a row within the repeat unit; 0 for no limit. Without it, property models that saw
        polyethylene lead the sampler to ever longer paraffins.
    max_ring : int
        Most atoms in a ring; 0 for no limit. Rings of three and four atoms count as unstable only by ``stable``.
    similar_to : tuple of str
        Repeat units of which a candidate must resemble at least one ...
    similarity : float
        ... with this Tanimoto similarity of Morgan counts (radius 2).
    """

    elements: tuple[str, ...] = ("C", "N", "O", "F", "Si", "S", "Cl", "Br")
    heavy_atoms: tuple[int, int] = (1, 60)
    sa_score: float = 0.0
    stable: bool = True
    alkyl_chain: int = 12
    max_ring: int = 8
    similar_to: tuple[str, ...] = ()
    similarity: float = 0.5

    def __post_init__(self) -> None:
        table = Chem.GetPeriodicTable()
        for symbol in self.elements:
            if not _is_element(table, symbol):
                raise ConfigError(f"{symbol!r} is not an element", where="constraints.elements")
        low, high = self.heavy_atoms
        if not 1 <= low <= high:
            raise ConfigError(
                f"heavy_atoms is {low} to {high}",
                where="constraints",
                hint="write two numbers, the lower one first",
            )
        if not 0 <= self.similarity <= 1:
            raise ConfigError(f"similarity is {self.similarity}, not within 0 and 1", where="constraints")


def _is_element(table: Any, symbol: str) -> bool:
    known = {table.GetElementSymbol(number) for number in range(1, 119)}
    return symbol in known


def build_constraints(config: ConstraintConfig) -> list[Constraint]:
    """The constraints of a configuration, the cheapest first."""
    rules = []
    if config.elements:
        rules.append(Constraint("elements", _elements(frozenset(config.elements))))
    rules.append(Constraint("heavy_atoms", _heavy_atoms(*config.heavy_atoms)))
    if config.max_ring:
        rules.append(Constraint("max_ring", _max_ring(config.max_ring)))
    if config.alkyl_chain:
        rules.append(Constraint("alkyl_chain", _alkyl(config.alkyl_chain)))
    if config.stable:
        rules.append(Constraint("stable", _stable))
    if config.similar_to:
        rules.append(Constraint("similar_to", _similar(config.similar_to, config.similarity)))
    if config.sa_score:
        rules.append(Constraint("sa_score", _accessible(config.sa_score)))
    return rules


def broken(rules: Sequence[Constraint], structure: str) -> list[str]:
    """Every rule that ``structure`` breaks, with the reason.

    Raises
    ------
    StructureError
        If it is no repeat unit.
    """
    canonical = canonical_psmiles(structure)
    unit = Structure.of_mol(canonical, Chem.MolFromSmiles(canonical))
    reasons = [(rule.name, rule.check(unit)) for rule in rules]
    return [f"{name}: {reason}" for name, reason in reasons if reason is not None]


def allowed(rules: Sequence[Constraint], unit: Structure) -> bool:
    """Whether a repeat unit breaks none of the rules; stops at the first it breaks."""
    return all(rule.check(unit) is None for rule in rules)


def formula(mol: Any) -> dict[str, int]:
    """Number of atoms of each element in the repeat unit, hydrogen included, attachment points aside.

    Examples
    --------
    >>> formula(Chem.MolFromSmiles("*CC(*)Cl"))
    {'C': 2, 'H': 3, 'Cl': 1}
    """
    return {element: int(n or 1) for element, n in _ELEMENT.findall(CalcMolFormula(mol))}


_ELEMENT = re.compile(r"([A-Z][a-z]?)(\d*)")


def _elements(symbols: frozenset[str]) -> Rule:
    table = Chem.GetPeriodicTable()
    numbers = frozenset({0, 1} | {table.GetAtomicNumber(symbol) for symbol in symbols})

    def check(unit: Structure) -> str | None:
        if unit.elements <= numbers:
            return None
        others = sorted(map(Chem.GetPeriodicTable().GetElementSymbol, unit.elements - numbers))
        return f"contains {', '.join(others)}; allowed are {', '.join(sorted(symbols))}"

    return check


def _alkyl(most: int) -> Rule:
    longer = Chem.MolFromSmarts("-".join(["[CH2;!R]"] * (most + 1)))

    def check(unit: Structure) -> str | None:
        enough = unit.text.count("C") > most and formula(unit.mol).get("H", 0) > 2 * most
        return (
            f"more than {most} CH2 groups in a row" if enough and unit.mol.HasSubstructMatch(longer) else None
        )

    return check


def _heavy_atoms(low: int, high: int) -> Rule:
    def check(unit: Structure) -> str | None:
        n = unit.mol.GetNumAtoms() - 2
        return None if low <= n <= high else f"{n} heavy atoms, not {low} to {high}"

    return check


def _stable(unit: Structure) -> str | None:
    from hanten.design.alerts import alerts

    found = alerts(unit.mol, unit.kinds)
    if found or _reacts_across(unit):  # the unit alone does not show what lies across its ends
        found = alerts(unit.periodic(_REACH).mol)
    return f"unstable or reactive: {', '.join(found)}" if found else None


_REACH = 10  # bonds round the closed chain: more than any of the groups spans
# An end of the unit that bears what would make a hetero-atom at the other end unstable, or is half of such a group.
_LOADED_END = Chem.MolFromSmarts("[$([#0]-[#6]-[OX2H1,NX3H1,NX3H2,Cl,Br,I]),$([#0]-[#7,OX2]~[!#6;!#0])]")


def _reacts_across(unit: Structure) -> bool:
    """Whether an unstable group could lie across the bond between two repeats, where the unit does not show it."""
    assert unit.ends is not None
    ends = [unit.element_of(atom) != 6 for atom in (unit.ends.head, unit.ends.tail)]
    return all(ends) or (any(ends) and unit.mol.HasSubstructMatch(_LOADED_END))


def _max_ring(size: int) -> Rule:
    def check(unit: Structure) -> str | None:
        largest = max(map(len, unit.rings), default=0)
        return f"a ring of {largest} atoms, more than {size}" if largest > size else None

    return check


def _accessible(limit: float) -> Rule:
    from hanten.design.synthesizability import sa_score

    def check(unit: Structure) -> str | None:
        score = float(sa_score([unit.text])[0])
        return f"synthetic accessibility {score:.2f}, above {limit:g}" if not score <= limit else None

    return check


def _similar(units: Sequence[str], least: float) -> Rule:
    from hanten.features import MorganFingerprint

    featurizer = MorganFingerprint(radius=2)
    references = np.asarray(
        featurizer.fit_transform([canonical_psmiles(unit) for unit in units]), dtype=np.float64
    )

    def check(unit: Structure) -> str | None:
        counts = np.asarray(featurizer.transform([unit.text]), dtype=np.float64)
        shared, either = (
            np.minimum(counts, references).sum(axis=1),
            np.maximum(counts, references).sum(axis=1),
        )
        best = float((shared / either).max())
        return f"similarity {best:.2f} to the given units, below {least:g}" if best < least else None

    return check
