"""Repeat unit -> monomer sets -> what can be bought."""

from __future__ import annotations

import time

import pytest

from hanten.chem import Polymer
from hanten.errors import StructureError
from hanten.synthesis.documented import made, value, ways
from hanten.synthesis.polymer_routes import monomer_sets, polymer_routes, polymerises, ranked_sets, unmet
from hanten.synthesis.polymerisation_rules import load_rules
from hanten.synthesis.practice import grade, load_practice, parent_polymers
from hanten.synthesis.routes import MolNode, Step
from hanten.synthesis.stock import build_stock, default_stock

PET = "*OCCOC(=O)c1ccc(cc1)C(*)=O"
PES = "*Oc1ccc(cc1)S(=O)(=O)c1ccc(*)cc1"


@pytest.mark.parametrize(
    ("unit", "first"),
    [
        (PET, {"OCCO", "O=C(O)c1ccc(C(=O)O)cc1"}),
        ("*NCCCCCC(*)=O", {"O=C1CCCCCN1"}),
        ("*C(=O)c1ccc(cc1)C(=O)Nc1ccc(cc1)N*", {"O=C(Cl)c1ccc(C(=O)Cl)cc1", "Nc1ccc(N)cc1"}),
        (PES, {"O=S(=O)(c1ccc(Cl)cc1)c1ccc(Cl)cc1", "O=S(=O)(c1ccc(O)cc1)c1ccc(O)cc1"}),
    ],
)
def test_the_textbook_set_is_first(unit, first):
    best = ranked_sets(Polymer(unit), default_stock())[0]
    assert set(best.monomers.monomers) == first


def test_every_set_polymerises_to_exactly_the_unit():
    for unit in (PET, PES, "*CC(*)c1ccccc1", "*OC(C)C(*)=O"):
        sets = monomer_sets(unit)
        assert sets
        assert all(polymerises(s, Polymer(unit)) for s in sets)


def test_every_grade_is_of_a_rule():
    rules = load_rules().rules
    names = {rule.name for rule in rules} | {rule.alone_name for rule in rules}
    table = load_practice()
    assert set(table.rules) <= names
    assert {row.rule for row in table.exceptions} <= names
    assert grade("no such rule", ["C=C"]) == 0.0


def test_polymers_of_monomers_that_do_not_exist_come_from_other_polymers():
    assert monomer_sets("*CC(*)O") == []
    route = polymer_routes("*CC(*)O", build_stock(["CC(=O)OC=C"]).stock)[0]
    assert [step.label for step in route.reactions] == [
        "saponification of poly(vinyl acetate)",
        "vinyl addition",
    ]
    assert route.solved
    assert parent_polymers(Polymer("*CC*")) == []


def test_monomers_that_react_with_themselves_are_left_out():
    sets = monomer_sets("*CCCNCCCNC(=O)N*")
    assert not any("N=C=O" in m for s in sets for m in s.monomers)


def test_a_unit_that_no_rule_makes_is_explained():
    assert polymer_routes("*C#C*", default_stock()) == []
    assert "no polymerisation rule" in unmet(Polymer("*C#C*"))
    with pytest.raises(StructureError):
        polymer_routes("*CC", default_stock())


def test_missing_monomers_are_leaves_that_are_named():
    stock = build_stock(["OCCO"]).stock
    best = polymer_routes(PET, stock, steps=0)[0]
    assert not best.solved
    assert best.missing


def test_time_ends_the_search():
    before = time.monotonic()
    nodes = ways("OC(=O)c1ccc(cc1)C(O)=O", build_stock(["CCO"]).stock, 2, deadline=before - 1)
    assert len(nodes) == 1
    assert nodes[0].step is None


def test_no_route_goes_in_a_circle():
    stock = build_stock(["CCCCCCCCCC"]).stock
    for node in made("O=C(Cl)c1ccc(C(=O)Cl)cc1", stock, 3):
        names = [n.smiles for n in node.walk()]
        assert len(set(names)) == len(names)


def test_a_learned_model_may_add_last_steps():
    stock = build_stock(["CCO"]).stock
    step = Step((MolNode("CCO", True, "stock"),), "model", "made up", -0.2)
    found = ways("CC=O", stock, 1, expand=lambda smiles: [step] if smiles == "CC=O" else [])
    assert found[0].step == step
    assert value(found[0]) == -0.2
