"""Repeat unit -> monomers: cut the periodic chain, turn the pieces into monomers, check them forwards."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations, pairwise, product
from typing import Any

from rdkit import Chem

from hanten.chem import Polymer
from hanten.chem.canonical import canonical_psmiles
from hanten.chem.chain import Chain, chain_of
from hanten.synthesis.monomers import in_known
from hanten.synthesis.polymerisation_ends import (
    bond_atoms,
    closed,
    fragments,
    monomer_of,
    normal,
    opened,
    row_of,
)
from hanten.synthesis.polymerisation_rules import Rule, load_rules

MOST_CUTS = 8  # linkages of one kind in a repeat unit beyond which only neighbouring ones are paired


@dataclass(frozen=True, order=True)
class MonomerSet:
    """Monomers that polymerise to a repeat unit by one rule.

    Attributes
    ----------
    rule : str
        Name of the rule, in words.
    polymer_class : str
        Class of the linkage formed.
    monomers : tuple of str
        Canonical SMILES, one or two (a reagent such as phosgene is one of them). Stereochemistry is not
        assigned.
    reagent : str
        Name of a small partner not counted as a monomer of its own, or "".
    """

    rule: str
    polymer_class: str
    monomers: tuple[str, ...]
    reagent: str = ""

    @cached_property
    def known(self) -> tuple[bool, ...]:
        """For each monomer, whether it is in the index of known monomers or a common reagent."""
        return tuple(in_known(monomer) for monomer in self.monomers)

    @property
    def all_known(self) -> bool:
        """Whether every monomer is known."""
        return all(self.known)

    def __str__(self) -> str:
        partner = f" [{self.reagent}]" if self.reagent else ""
        return f"{self.rule}: {' + '.join(self.monomers)}{partner}"


def backward(polymer: Polymer | str, *, stop_at_known: bool = False) -> list[MonomerSet]:
    """Monomer sets that polymerise to a repeat unit, known monomers first.

    Parameters
    ----------
    polymer : Polymer or str
        A repeat unit; a string is read as PSMILES. Stereochemistry is left out.
    stop_at_known : bool
        Stop at the first set whose monomers are all known: several times faster, for screening.

    Returns
    -------
    list of MonomerSet
        Empty if no rule makes this chain. Sets of known monomers come first, then in the order of the table.

    Raises
    ------
    StructureError
        If the string is no repeat unit.

    Examples
    --------
    >>> print(backward("*Oc1ccc(cc1)C(C)(C)c1ccc(cc1)OC(*)=O")[0])
    diol + phosgene: O=C(Cl)Cl + CC(C)(c1ccc(O)cc1)c1ccc(O)cc1
    """
    text = polymer.psmiles if isinstance(polymer, Polymer) else canonical_psmiles(polymer)
    mol = Chem.MolFromSmiles(text)
    if any(atom.GetIsotope() for atom in mol.GetAtoms()):
        return []  # the rules know no isotopes: their monomers would give the unlabelled unit
    chain = chain_of(mol)
    found: dict[MonomerSet, None] = {}
    for monomers in _all_sets(chain):
        found[monomers] = None
        if stop_at_known and monomers.all_known:
            break
    return sorted(found, key=lambda s: -sum(s.known) / len(s.known))


def sets_of_chain(chain: Chain) -> list[MonomerSet]:
    """Monomer sets of a chain that is cut as it stands, whether or not its period is one repeat unit."""
    return list(dict.fromkeys(_all_sets(chain)))


def _all_sets(chain: Chain) -> Iterator[MonomerSet]:
    """Sets of every kind of rule, in the order of the table; may repeat."""
    pieces = _Pieces(chain)
    yield from _additions(pieces)
    yield from _rings(pieces)
    yield from _steps(pieces)
    yield from _pairs(pieces)


def known_route(polymer: Polymer | str) -> list[MonomerSet]:
    """:func:`backward` that stops at the first set of known monomers; for ``screen(routes=known_route)``.

    Examples
    --------
    >>> print(known_route("*NCCCCCCNC(=O)CCCCC(*)=O")[0])
    diamine + diacid: O=C(O)CCCCC(=O)O + NCCCCCCN
    """
    return backward(polymer, stop_at_known=True)


class _Pieces:
    """Cuts a chain: where the linkages are, and the fragments between two cuts."""

    def __init__(self, chain: Chain) -> None:
        self.chain, self.period = chain, chain.period
        self._linkages: dict[str, dict[int, int]] = {}
        self._cache: dict[tuple[Any, ...], str | None] = {}
        self.steps = [chain.path.index(a) for a, _, _ in chain.cuts]
        self._ends = {
            frozenset(cut[:2]): (place % self.period, cut[0]) for place, cut in enumerate(chain.cuts)
        }

    def linkages(self, name: str) -> dict[int, int]:
        """Position of each cut of a linkage -> +1 if side 1 comes before side 2 along the chain, else -1."""
        if name not in self._linkages:
            self._linkages[name] = self._find(name)
        return self._linkages[name]

    def _find(self, name: str) -> dict[int, int]:
        pattern, chain = load_rules().patterns[name], self.chain
        i, j = bond_atoms(pattern)
        found: dict[int, int] = {}
        for match in chain.mol.GetSubstructMatches(pattern, uniquify=False, maxMatches=200):
            if match[i] not in chain.middle and match[j] not in chain.middle:
                continue
            cut = self._ends.get(frozenset((match[i], match[j])))
            if cut is not None:
                found.setdefault(cut[0], 1 if cut[1] == match[i] else -1)
        return found

    def between(self, first: int, last: int, left: int, right: int) -> str | None:
        """The fragment between two cuts, its left and right ends labelled."""
        key = (first, last, left, right)
        if key not in self._cache:
            self._cache[key] = self._fragment(first, last, left, right)
        return self._cache[key]

    def _fragment(self, first: int, last: int, left: int, right: int) -> str | None:
        mol = self.chain.mol
        (_, inside, bond_one), (_, _, bond_two) = self.chain.cuts[first], self.chain.cuts[last]
        bonds = [mol.GetBondWithIdx(bond_one), mol.GetBondWithIdx(bond_two)]
        kinds = [bond.GetBondType() for bond in bonds]
        labels = [(left, left), (right, right)]
        cut = Chem.FragmentOnBonds(mol, [bond_one, bond_two], dummyLabels=labels, bondTypes=kinds)
        piece = next(atoms for atoms in Chem.GetMolFrags(cut) if inside in atoms)
        return normal(Chem.MolFragmentToSmiles(cut, piece))

    def whole(self, place: int, left: int, right: int) -> str | None:
        """One repeat unit cut at a place."""
        return self.between(place, place + self.period, left, right)


def _additions(pieces: _Pieces) -> Iterator[MonomerSet]:
    """One unsaturated monomer: the whole repeat unit is what it leaves."""
    for rule in load_rules().of_kind("addition"):
        copies, rest = divmod(rule.length, pieces.chain.path_length)
        if rest or rule.only_in_pairs or (copies > 1 and (copies, pieces.chain.path_length) != (2, 1)):
            continue  # two units make one monomer only where the unit is one atom of path: *C*, *C(F)(F)*
        for place in range(pieces.period):
            yield from _opened(rule, pieces.between(place, place + copies * pieces.period, 3, 3))


def _opened(rule: Rule, fragment: str | None) -> Iterator[MonomerSet]:
    """The monomers of an addition or ring rule, checked forwards."""
    for monomer in _openable(rule, fragment):
        yield MonomerSet(rule.name, rule.polymer_class, (monomer,))


def _openable(rule: Rule, fragment: str | None) -> list[str]:
    if fragment is None:
        return []
    found = closed(fragment, rule)
    if not found:
        return []
    rows = {row_of(fragment, copies, rule.labels) for copies in rule.copies}
    return [m for m in found if rows & opened(m, rule)]


def _rings(pieces: _Pieces) -> Iterator[MonomerSet]:
    """Ring opening: one linkage in each repeat unit."""
    for rule in load_rules().of_kind("ring"):
        if not rule.only_in_pairs:
            for place, way in pieces.linkages(rule.linkages[0]).items():
                left, right = (rule.labels[::-1]) if way > 0 else rule.labels
                yield from _opened(rule, pieces.whole(place, left, right))


def _steps(pieces: _Pieces) -> Iterator[MonomerSet]:
    """Step growth and coupling; two monomers first, which are the rule in practice."""
    table = load_rules()
    for rule in table.of_kind("step"):
        found = [pieces.linkages(name) for name in rule.linkages]
        if rule.two_monomers and all(found):
            for cuts in _cut_sets(found):
                yield from _two_monomers(rule, pieces, cuts)
    for rule in (*table.of_kind("step"), *table.of_kind("couple")):
        if rule.kind == "couple" or rule.alone_name:
            yield from _one_monomer(rule, pieces, pieces.linkages(rule.linkages[0]))


def _one_monomer(rule: Rule, pieces: _Pieces, found: dict[int, int]) -> Iterator[MonomerSet]:
    """A-B monomers (or A-A in a coupling): one cut in each repeat unit."""
    one, two = rule.ends[0]
    for place, way in found.items():
        left, right = (2, 1) if way > 0 else (1, 2)
        fragment = pieces.whole(place, left, right)
        for monomer in _made(fragment, (one, 1), (two, 2), rule):
            yield MonomerSet(rule.alone_name or rule.name, rule.polymer_class, (monomer,))


def _made(fragment: str | None, first: tuple[str, int], second: tuple[str, int], rule: Rule) -> list[str]:
    """Monomers of a fragment by two groups, each checked forwards."""
    if fragment is None:
        return []
    candidates = monomer_of(fragment, first, second)
    return [m for m in candidates if fragment in fragments(m, first, second, rule.crowded)]


Cut = tuple[int, int, int]  # place, way (+1 or -1), number of the linkage in the rule


def _cut_sets(found: list[dict[int, int]]) -> Iterator[list[Cut]]:
    """Sets of cuts with alternating ways: pairs, and all linkages at once where there are more than two."""
    cuts = sorted((place, way, n) for n, places in enumerate(found) for place, way in places.items())
    pairs = combinations(cuts, 2) if len(cuts) <= MOST_CUTS else pairwise(cuts)
    for one, two in pairs:
        if one[1] != two[1] and one[0] != two[0] and (len(found) == 1 or one[2] != two[2]):
            yield [one, two]
    alternating = all(a[1] != b[1] for a, b in zip(cuts, cuts[1:] + cuts[:1], strict=True))
    if len(cuts) > 2 and len(found) == 1 and alternating:
        yield cuts


def _two_monomers(rule: Rule, pieces: _Pieces, cuts: list[Cut]) -> Iterator[MonomerSet]:
    """A-A and B-B monomers: the fragments between the cuts alternate between the two sides."""
    following = [*cuts[1:], (cuts[0][0] + pieces.period, *cuts[0][1:])]
    sides: dict[int, list[tuple[str, ...]]] = {0: [], 1: []}
    for one, two in zip(cuts, following, strict=True):
        side = 1 if one[1] > 0 else 0
        fragment = pieces.between(one[0], two[0], 10 * one[2] + 1 + side, 10 * two[2] + 1 + side)
        ends = sorted(
            ((rule.ends[n][side], 10 * n + 1 + side) for n in (one[2], two[2])), key=lambda end: end[1]
        )
        sides[side].append(_side(rule, fragment, ends))
    for pair in product(_common(sides[0]), _common(sides[1])):
        monomers = tuple(m for m in pair if m)
        if monomers:
            note = "" if len(monomers) == 2 else rule.reagent
            yield MonomerSet(rule.name, rule.polymer_class, monomers, note)


def _side(rule: Rule, fragment: str | None, ends: list[tuple[str, int]]) -> tuple[str, ...]:
    """Monomers of one side; the reagent's side must be exactly its linker ("" if nothing is added)."""
    if fragment is None:
        return ()
    if ends[0][0]:
        return tuple(_made(fragment, ends[0], ends[1], rule))
    if fragment != normal(rule.linker):
        return ()
    return (load_rules().reagents.get(rule.reagent, ""),)


def _common(options: Sequence[tuple[str, ...]]) -> list[str]:
    """Monomers that serve all fragments of one side."""
    return [m for m in options[0] if all(m in other for other in options[1:])]


def _pairs(pieces: _Pieces) -> Iterator[MonomerSet]:
    """Two addition or ring monomers in strict alternation: two cuts in each repeat unit."""
    if pieces.chain.path_length > 9:
        return
    for rule in load_rules().of_kind("pair"):
        for one, two in product(rule.partners[0], rule.partners[1] or ("",)):
            yield from _pair(rule, one, two, pieces)


def _pair(rule: Rule, one: str, two: str, pieces: _Pieces) -> Iterator[MonomerSet]:
    table = load_rules()
    first = table.by_key[one]
    lengths = _lengths(first), _lengths(table.by_key[two]) if two else (_linker_length(rule.linker),)
    if pieces.chain.path_length not in {a + b for a, b in product(*lengths)}:
        return
    for start in range(pieces.period):
        for stop in range(start + 1, start + pieces.period):
            if pieces.steps[stop] - pieces.steps[start] not in lengths[0]:
                continue
            yield from _pair_at(rule, first, two, pieces, (start, stop))


def _pair_at(rule: Rule, first: Rule, two: str, pieces: _Pieces, at: tuple[int, int]) -> Iterator[MonomerSet]:
    start, stop = at
    table = load_rules()
    for left, right in dict.fromkeys((_ends_of(first), _ends_of(first)[::-1])):
        ones = _openable(first, pieces.between(start, stop, left, right))
        if not ones:
            continue
        rest = pieces.between(stop, start + pieces.period, right, left)
        if two:
            twos = _openable(table.by_key[two], rest)
        else:
            twos = [table.reagents[rule.reagent]] if rest == normal(rule.linker) else []
        for a, b in product(ones, twos):
            if a != b:
                yield MonomerSet(rule.name, rule.polymer_class, tuple(sorted((a, b))))


def _ends_of(rule: Rule) -> tuple[int, int]:
    """Labels of the ends an addition or ring rule leaves."""
    if rule.kind == "ring":
        return rule.labels
    return (3, 4) if "[4*]" in rule.forward else (3, 3)


def _lengths(rule: Rule) -> tuple[int, ...]:
    """Path atoms that one monomer of a rule adds."""
    return rule.sizes if rule.kind == "ring" else (rule.length,)


def _linker_length(linker: str) -> int:
    mol = Chem.MolFromSmiles(linker)
    stars = [a.GetIdx() for a in mol.GetAtoms() if a.GetAtomicNum() == 0]
    return len(Chem.GetShortestPath(mol, *stars)) - 2
