"""One string per polymer: groups of writings that are one polymer, pairs that are not, random rewriting."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rdkit import Chem

from hanten.chem import canonical_psmiles, canonical_psmiles_of_mol, read_repeat_unit
from hanten.errors import StructureError

ONE_POLYMER = {
    "*C*": ["*CC*", "*CCCC*", "*C*", "[*]CCC[*]", "[*:1]CC[*:2]", "C(*)*", " *CC* "],
    "*CCO*": ["*OCC*", "*CCO*", "*COC*", "*CCOCCO*", "C(*)OC*", "O(*)CC*"],
    "*CC(*)C": ["*CC(*)C", "*C(C)C*", "CC(*)C*", "*CC(C)CC(*)C", "[CH3:7]C(*)[CH2:1]*"],
    "*CCCCCC(=O)N*": ["*NCCCCCC(=O)*", "*C(=O)CCCCCN*", "*CCC(=O)NCCC*"],
    "*CCOC(=O)c1ccc(cc1)C(=O)O*": [
        "*OCCOC(=O)c1ccc(cc1)C(=O)*",
        "*c1ccc(cc1)C(=O)OCCOC(=O)*",
        "*CCOC(=O)C1=CC=C(C=C1)C(=O)O*",
    ],
    "*C=C*": ["*=CC=*", "*C=C*", "*C=CC=C*", "*=CC=CC=*"],
    "*C#C*": ["*#CC#*", "*C#C*"],
    "*=C=*": ["*=C=*", "*=C=C=*"],
    "*C=c1ccc(=C*)cc1": ["*=C1C=CC(=CC=*)C=C1", "*C=C1C=CC(=C*)C=C1"],
    "*=c1ccc(=*)cc1": ["*=C1C=CC(=*)C=C1", "*=C1C=CC(=C2C=CC(=*)C=C2)C=C1"],
    "*/C=C/*": ["*/C=C/*", r"*\C=C\*", "*/C=C/C=C/*"],
    "*C=N/N=C/*": ["*=C/C=N/N=*", r"N(=C\C=N*)/*"],
    "*CC[C@@](*)(F)Cl": ["*C[C@](F)(Cl)C*", "*[C@](F)(Cl)CC*", "*C[C@@](F)(Cl)C*"],
}
TWO_POLYMERS = [
    ("*CCO*", "*CO*"),
    ("*CC=CC*", "*C=C*"),
    ("*C/C=C/C*", "*CC=CC*"),
    ("*C/C=C/C*", r"*C/C=C\C*"),
    ("*C[C@H](C)C[C@@H](*)C", "*C[C@H](C)C[C@H](*)C"),
    ("*C[C@H](*)C", "*CC(*)C"),
    ("*C[C@](F)(Cl)C*", "*CC(F)(Cl)C*"),
    ("*[C@H]1CC[C@@H](*)CC1", "*[C@H]1CC[C@H](*)CC1"),
    ("*[C@@H](C)C(=O)O*", "*[C@H](C)C(=O)O*"),
    ("*C/C(=C(/F)Cl)CCO*", r"*C/C(=C(\F)Cl)CCO*"),
    ("*CC([2H])*", "*CC*"),
    ("*C(=O)NCC*", "*NC(=O)CC(=O)NCC*"),
]
REFUSED = {
    "CC": "no attachment point",
    "*CC": r"1 attachment point \(atom 0\)",
    "*C(*)C*": r"3 attachment points: branched or ladder units are not supported \(atoms 0, 2, 4\)",
    "*c1cc(*)c(*)cc1*": r"4 attachment points: branched or ladder .* not supported \(atoms 0, 4, 6, 9\)",
    "**": r"bonded to each other \(atoms 0, 1\)",
    "*C*C": r"attachment point \(atom 2\) has 2 neighbours",
    "*1CC*1": r"attachment point \(atom 0\) has 2 neighbours",
    "*1CC1*": r"attachment point \(atom 0\) has 2 neighbours",
    "*CC*.CC": r"2 fragments: mixtures are not supported \(they begin at atoms 0, 4\)",
    "*CC(*)C(=O)[O-].[Na+]": "2 fragments: salts are not supported",
    "*=CC*": r"double and single bonds \(atoms 0, 3\)",
    "*C()C*": r"syntax error at character 4 \('\)'\)",
    "*C(C*": "extra open parentheses at character 3",
    "*CC(C)(C)(C)(C)*": "Explicit valence for atom # 2 C, 6",
    "*c1cccc1*": "kekulize",
    "*C1CC*": "unclosed ring",
    "[1*]CC[2*]": "labelled",
    "[*+]CC*": "charge or hydrogens",
    "*[H].[H]*": "2 fragments",
    "*CC* PE": "blank inside a SMILES",
    "[Ce]CC[Th]": "no attachment point",
    "": "the text is empty",
    "   ": "the text is empty",
    None: "the value is missing",
    float("nan"): "the value is missing",
    3: "is a int",
    b"*CC*": "is a bytes",
}


@pytest.mark.parametrize(("psmiles", "writing"), [(k, w) for k, ws in ONE_POLYMER.items() for w in ws])
def test_writings_of_one_polymer_have_one_canonical_string(psmiles, writing):
    assert canonical_psmiles(writing) == psmiles
    assert canonical_psmiles_of_mol(read_repeat_unit(writing)) == psmiles
    assert canonical_psmiles(psmiles) == psmiles


@pytest.mark.parametrize(("one", "other"), TWO_POLYMERS)
def test_different_polymers_differ(one, other):
    assert canonical_psmiles(one) != canonical_psmiles(other)


@pytest.mark.parametrize(("text", "message"), REFUSED.items())
def test_what_is_no_repeat_unit_is_refused_with_the_case_named(text, message, capfd):
    with pytest.raises(StructureError, match=message):
        canonical_psmiles(text)
    assert capfd.readouterr() == ("", "")


def test_stereo_left_open_between_conjugated_double_bonds_stays_open():
    canonical = canonical_psmiles("*C(F)=C(Cl)/C=C/SC/C=C/*")
    assert canonical_psmiles(canonical) == canonical
    mol = read_repeat_unit(canonical)
    assert sum(bond.GetStereo() > Chem.BondStereo.STEREOANY for bond in mol.GetBonds()) == 2


def test_canonical_string_is_a_repeat_unit_that_rdkit_reads(units):
    for unit in units:
        mol = Chem.MolFromSmiles(canonical_psmiles(unit))
        assert sum(atom.GetAtomicNum() == 0 for atom in mol.GetAtoms()) == 2


@settings(max_examples=400, deadline=None)
@given(data=st.data())
def test_random_rewriting_changes_nothing(data, units, rewrite):
    unit = data.draw(st.sampled_from(units))
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32)))
    canonical, rewritten = canonical_psmiles(unit), rewrite(unit, rng)
    assert canonical_psmiles(rewritten) == canonical, rewritten
    assert canonical_psmiles_of_mol(read_repeat_unit(rewritten)) == canonical, rewritten
    assert canonical_psmiles(canonical) == canonical


@settings(max_examples=500, deadline=None)
@given(st.one_of(st.text(max_size=30), st.text("*CNO[]()=#/\\@H+-12%.cn:", max_size=24)))
def test_random_text_is_a_repeat_unit_or_a_structure_error(text):
    try:
        canonical = canonical_psmiles(text)
    except StructureError:
        return
    assert canonical_psmiles(canonical) == canonical


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_damaged_units_are_read_alike_by_the_short_and_the_long_way(data, units):
    text = data.draw(st.sampled_from(units))
    at = data.draw(st.integers(0, len(text)))
    damaged = (
        text[:at]
        + data.draw(st.sampled_from([*"*C()1=/#[]@.-", ""]))
        + text[at + data.draw(st.integers(0, 2)) :]
    )
    try:
        expected = canonical_psmiles_of_mol(read_repeat_unit(damaged))
    except StructureError:
        with pytest.raises(StructureError):
            canonical_psmiles(damaged)
    else:
        assert canonical_psmiles(damaged) == expected


def test_real_units_in_random_rewriting(data_dir, real_units, rewrite):
    rng = np.random.default_rng(1)
    for units in real_units(data_dir).values():
        for unit in units[:: max(1, len(units) // 60)]:
            canonical = canonical_psmiles(unit)
            assert canonical_psmiles(canonical) == canonical
            assert canonical_psmiles(rewrite(unit, rng)) == canonical, unit


@pytest.mark.slow
def test_all_real_units_in_random_rewriting(data_dir, real_units, rewrite):
    rng = np.random.default_rng(2)
    units = [unit for units in real_units(data_dir).values() for unit in units]
    failures = [
        u for u in units for _ in range(2) if canonical_psmiles(rewrite(u, rng)) != canonical_psmiles(u)
    ]
    assert len(units) > 15_000
    assert failures == []


@pytest.mark.parametrize("step", [5, pytest.param(1, marks=pytest.mark.slow)])
def test_equal_keys_of_colour_refinement_are_equal_canonical_strings(
    data_dir, real_units, invariant_key, step
):
    sets = real_units(data_dir)
    by_key, by_string = defaultdict(set), defaultdict(set)
    for unit in [*sets["PI1070"], *sets["SMiPoly"]][::step]:
        flat = canonical_psmiles(unit.replace("@", "").replace("/", "").replace("\\", ""))
        key = invariant_key(unit)
        by_key[key].add(flat)
        by_string[flat].add(key)
    assert [names for names in by_key.values() if len(names) > 1] == []
    assert [keys for keys in by_string.values() if len(keys) > 1] == []
