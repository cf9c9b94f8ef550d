"""Monomers -> repeat units: the same rules forwards."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import product

from rdkit import Chem

from hanten.chem import Polymer
from hanten.errors import StructureError
from hanten.synthesis.polymerisation_ends import fragments, join, normal, opened
from hanten.synthesis.polymerisation_rules import PARTNER, Rule, load_rules


def forward(monomers: Iterable[str]) -> list[tuple[Polymer, str]]:
    """Repeat units that one or two monomers polymerise to, each with the name of the rule.

    Parameters
    ----------
    monomers : iterable of str
        One or two SMILES. A monomer with more reactive groups than a linear chain can use takes part in no
        rule.

    Returns
    -------
    list of (Polymer, str)
        Distinct; both orientations of an unsymmetrical monomer are listed. Empty if no rule applies.

    Raises
    ------
    StructureError
        If a SMILES cannot be read, or there are none or more than two.

    Examples
    --------
    >>> [(str(p), rule) for p, rule in forward(["C1CCC(=O)OCC1"])]
    [('*CCCCCC(=O)O*', 'lactone')]
    """
    given = [_read(monomer) for monomer in monomers]
    if len(given) not in {1, 2}:
        raise StructureError(f"{len(given)} monomers", hint="give one or two")
    texts = _forward_one(given[0]) if len(given) == 1 else _forward_two(*given)
    found: dict[tuple[str, str], Polymer] = {}
    for fragment, rule in texts:
        polymer = _as_polymer(fragment)
        if polymer is not None:
            found.setdefault((polymer.psmiles, rule), polymer)
    return [(polymer, rule) for (_, rule), polymer in found.items()]


def _read(monomer: str) -> str:
    smiles = normal(monomer)
    if not smiles or "*" in smiles:
        raise StructureError(
            f"{monomer!r} is not a molecule", hint="monomers are SMILES without attachment points"
        )
    return smiles


def _as_polymer(fragment: str) -> Polymer | None:
    """The repeat unit of a labelled fragment; None where the fragment is no linear unit."""
    mol = Chem.MolFromSmiles(fragment)
    for atom in mol.GetAtoms():
        if atom.GetAtomicNum() == 0:
            atom.SetIsotope(0)
    try:
        return Polymer(Chem.MolToSmiles(mol))
    except StructureError:
        return None


def _forward_one(monomer: str) -> Iterator[tuple[str, str]]:
    """Fragments of one monomer, with the rules."""
    table = load_rules()
    for rule in table.rules:
        if rule.kind in {"addition", "ring"} and not rule.only_in_pairs:
            yield from ((fragment, rule.name) for fragment in sorted(opened(monomer, rule)))
        elif rule.kind == "couple" or rule.alone_name:
            (one, two) = rule.ends[0]
            ends = fragments(monomer, (one, 1), (two, 2), rule.crowded)
            yield from ((fragment, rule.alone_name or rule.name) for fragment in sorted(ends))
        if rule.kind == "step" and rule.reagent and len(rule.linkages) == 1:
            yield from _with_reagent(rule, monomer)


def _with_reagent(rule: Rule, monomer: str) -> Iterator[tuple[str, str]]:
    """A step monomer and the fixed linker of its reagent."""
    side = 0 if rule.ends[0][0] else 1
    end = (rule.ends[0][side], 1 + side)
    for fragment in sorted(fragments(monomer, end, end, rule.crowded)):
        yield from ((text, rule.name) for text in _joined(fragment, rule.linker))


def _joined(one: str, two: str) -> Iterator[str]:
    """Both ways in which two fragments with matching ends alternate."""
    left, right = Chem.MolFromSmiles(one), Chem.MolFromSmiles(two)
    labels = sorted(a.GetIsotope() for a in left.GetAtoms() if a.GetAtomicNum() == 0)
    partners = sorted(a.GetIsotope() for a in right.GetAtoms() if a.GetAtomicNum() == 0)
    if sorted(PARTNER[label] for label in labels) != partners:
        return
    turns = (0, 1) if labels[0] == labels[1] else (0,)
    for which in turns:
        yield Chem.MolToSmiles(join(left, labels[0], right, PARTNER[labels[0]], which))


def _forward_two(one: str, two: str) -> Iterator[tuple[str, str]]:
    """Fragments of two monomers in alternation, with the rules; a reagent may be one of the two."""
    table = load_rules()
    reagents = {smiles: name for name, smiles in table.reagents.items()}
    for a, b in ((one, two), (two, one)):
        for rule in table.of_kind("step"):
            if rule.reagent and reagents.get(b) == rule.reagent:
                yield from _with_reagent(rule, a)
            elif not rule.reagent and rule.two_monomers:
                yield from _alternating(rule, a, b)
        for rule in table.of_kind("pair"):
            yield from _paired(rule, a, b)


def _alternating(rule: Rule, a: str, b: str) -> Iterator[tuple[str, str]]:
    """A-A + B-B, once each in the repeat unit, and twice each with the second A or B turned round."""
    sides = []
    for side, monomer in enumerate((a, b)):
        ends = [(groups[side], 10 * n + 1 + side) for n, groups in enumerate(rule.ends)]
        sides.append(sorted(fragments(monomer, ends[0], ends[-1], rule.crowded)))
    for left, right in product(*sides):
        yield from ((text, rule.name) for text in _joined(left, right))
        if len(rule.linkages) == 1:
            yield from ((text, rule.name) for text in _doubled(left, right))


def _doubled(left: str, right: str) -> Iterator[str]:
    """A B A' B' with each later piece either way round."""
    pieces = [Chem.MolFromSmiles(text) for text in (left, right, left, right)]
    for turns in product((0, 1), repeat=3):
        mol = pieces[0]
        for number, (piece, turn) in enumerate(zip(pieces[1:], turns, strict=True)):
            mol = join(mol, 1 if number % 2 == 0 else 2, piece, 2 if number % 2 == 0 else 1, turn)
        yield Chem.MolToSmiles(mol)


def _paired(rule: Rule, a: str, b: str) -> Iterator[tuple[str, str]]:
    table = load_rules()
    for one in rule.partners[0]:
        left = sorted(opened(a, table.by_key[one]))
        if not left:
            continue
        rights: set[str] = set()
        if rule.linker and table.reagents[rule.reagent] == b:
            rights.add(rule.linker)
        for two in rule.partners[1]:
            rights |= opened(b, table.by_key[two]) if a != b else set()
        for x, y in product(left, sorted(rights)):
            yield from ((text, rule.name) for text in _joined(x, y))
