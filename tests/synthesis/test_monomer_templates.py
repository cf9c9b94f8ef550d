"""Documented templates: each on its real example, both ways."""

from __future__ import annotations

import re

import pytest

from hanten.errors import StructureError
from hanten.synthesis.monomer_templates import (
    canonical,
    compatible,
    gives,
    load_templates,
    precursors,
    undo,
)

TABLE = load_templates()


@pytest.mark.parametrize("template", TABLE.templates, ids=lambda t: t.name)
def test_the_example_works_backward_and_forward(template):
    reactants, product = template.example
    counts = [sites for pieces, sites in undo(template, product) if pieces == reactants]
    assert counts, list(undo(template, product))
    assert any(gives(template, reactants, product, count) for count in counts)
    assert compatible(template, reactants)
    found = [p for p in precursors(product) if p.template == template]
    assert reactants in [p.reactants for p in found]


@pytest.mark.parametrize("template", TABLE.templates, ids=lambda t: t.name)
def test_every_row_is_documented(template):
    assert 0 < template.confidence < 1
    assert template.conditions
    assert re.search(r"(doi:10\.\d+/|Wiley|Longman)", template.reference)
    assert set(template.incompatible) <= set(TABLE.patterns)
    assert template.sites in {"all", "one", "either"}


def test_names_are_distinct_and_there_are_more_than_thirty():
    names = [t.name for t in TABLE.templates]
    assert len(set(names)) == len(names) >= 50


def test_all_groups_react_at_once():
    found = {p.template.name: p for p in precursors("O=C(Cl)c1cc(C(=O)Cl)cc(C(=O)Cl)c1")}
    step = found["acid to acid chloride"]
    assert step.sites == 3
    assert step.reactants == (canonical("OC(=O)c1cc(C(=O)O)cc(C(=O)O)c1"),)


def test_a_group_that_would_not_survive_forbids_the_step():
    assert "acid to acid chloride" not in {p.template.name for p in precursors("O=C(Cl)c1ccc(O)cc1")}
    assert "reduction of nitro groups to amines" not in {
        p.template.name for p in precursors("C=Cc1ccc(N)cc1")
    }


def test_every_precursor_is_checked_forwards_and_none_is_the_target():
    for smiles in (
        "Nc1ccc(Oc2ccc(N)cc2)cc1",
        "C=Cc1ccc(OC)cc1",
        "CC(C)(c1ccc(O)cc1)c1ccc(O)cc1",
        "O=C1CCCCCN1",
    ):
        for found in precursors(smiles):
            assert canonical(smiles) not in found.reactants
            assert gives(found.template, found.reactants, smiles, found.sites)


def test_a_reactant_that_would_react_with_itself_is_refused():
    terphenyl = [p for p in precursors("Cc1ccc(-c2ccc(-c3ccc(O)cc3)cc2)cc1") if "Suzuki" in p.template.name]
    assert terphenyl
    assert not any("B(O)O" in r and "Br" in r for p in terphenyl for r in p.reactants)
    assert "phosgenation of amines to isocyanates" not in {
        p.template.name for p in precursors("O=C=NCCCNCCCN=C=O")
    }


def test_what_is_no_molecule_is_refused():
    with pytest.raises(StructureError):
        precursors("C1CC")
