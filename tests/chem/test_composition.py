"""Formulas: what is read, and what is refused with which words."""

from __future__ import annotations

import pickle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hanten.chem import Composition
from hanten.chem.composition import ELEMENTS
from hanten.errors import StructureError


@pytest.mark.parametrize(
    ("text", "amounts"),
    [
        ("Al63Cu25Fe12", {"Al": 63, "Cu": 25, "Fe": 12}),
        ("Li0.5CoO2", {"Li": 0.5, "Co": 1, "O": 2}),
        ("Mg(Al0.5Fe0.5)2O4", {"Mg": 1, "Al": 1, "Fe": 1, "O": 4}),
        ("{Li[Ni0.8Co0.1(MnO2)0.1]2}3", {"Li": 3, "Ni": 4.8, "Co": 0.6, "Mn": 0.6, "O": 1.2}),
        ("CuSO4.5H2O", {"Cu": 1, "S": 1, "O": 9, "H": 10}),
        ("CuSO4·5H2O", {"Cu": 1, "S": 1, "O": 9, "H": 10}),
        ("CuSO4*5H2O", {"Cu": 1, "S": 1, "O": 9, "H": 10}),
        ("CaSO4·0.5H2O", {"Ca": 1, "S": 1, "O": 4.5, "H": 1}),
        ("3Al2O3·2SiO2", {"Al": 6, "O": 13, "Si": 2}),
        ("CaO.SiO2", {"Ca": 1, "O": 3, "Si": 1}),
        ("H₂O", {"H": 2, "O": 1}),
        ("Fe 2 O 3", {"Fe": 2, "O": 3}),
        ("Fe1/3Al2/3", {"Fe": 1 / 3, "Al": 2 / 3}),
        ("Fe1e-3Al1", {"Fe": 0.001, "Al": 1}),
        ("Fe0Al2", {"Al": 2}),
        ("COCo", {"C": 1, "O": 1, "Co": 1}),
    ],
)
def test_amounts(text, amounts):
    assert Composition(text).amounts == pytest.approx(amounts)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Fe3+", "'[+]' does not belong"),
        ("Fe³⁺", "charges"),
        ("Al-1", "negative amounts"),
        ("Al1-xGax", "variable amounts"),
        ("Uue", "elements up to 118"),
        ("Xx", "no element 'Xx'"),
        ("D2O", "isotope of hydrogen"),
        ("T2", "isotope of hydrogen"),
        ("Fe0O0", "all amounts are zero"),
        ("Al(Fe", "not closed"),
        ("(Fe]2", "closes none"),
        ("Al)Fe", "closes none"),
        ("()", "nothing stands in"),
        ("2", "follows no element"),
        ("CaO.2SiO2", "decimal point or a dot"),
        ("Fe1/0", "divides by zero"),
        ("Fe1e999", "not of this world"),
        ("Fe2%", "'%' does not belong"),
        ("cu2", "begins with a capital: Cu"),
        ("·H2O", "one side of a dot"),
        ("", "the text is empty"),
        (None, "the value is missing"),
        (float("nan"), "the value is missing"),
        (5, "is a int"),
    ],
)
def test_refused(text, message):
    with pytest.raises(StructureError, match=message):
        Composition(text)


def test_only_proportions_count():
    assert Composition("Al0.63Cu0.25Fe0.12") == Composition("Fe12Cu25Al63") == Composition("Al6.3Cu2.5Fe1.2")
    assert str(Composition("C2H6O")) == "C2H6O"
    assert len({Composition("H2O"), Composition("OH2"), Composition("H4O2")}) == 1
    assert sum(Composition("Al2O3").fractions.values()) == pytest.approx(1)


def test_all_elements_are_known():
    assert len(ELEMENTS) == len(set(ELEMENTS)) == 118
    assert Composition("".join(ELEMENTS)).amounts == dict.fromkeys(ELEMENTS, 1.0)


def test_a_composition_can_be_sent_to_another_process():
    composition = Composition("CuSO4·5H2O")
    assert pickle.loads(pickle.dumps(composition)).amounts == composition.amounts


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(st.sampled_from(ELEMENTS), st.integers(1, 999), min_size=1, max_size=6), st.randoms())
def test_canonical_formula_reads_back_and_ignores_order(amounts, random):
    items = list(amounts.items())
    composition = Composition("".join(f"{symbol}{n}" for symbol, n in items))
    random.shuffle(items)
    assert Composition("".join(f"({symbol}{n / 8})2" for symbol, n in items)) == composition
    assert Composition(composition.formula) == composition


@settings(max_examples=500, deadline=None)
@given(st.one_of(st.text(max_size=20), st.text("AlFeCuO()[]{}·.0123456789/eE+- ", max_size=20)))
def test_random_text_is_a_composition_or_a_structure_error(text):
    try:
        composition = Composition(text)
    except StructureError:
        return
    assert Composition(composition.formula) == composition
