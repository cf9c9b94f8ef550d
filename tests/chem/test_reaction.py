"""Reactions and the tokens of their SMILES."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanten.chem import Molecule
from hanten.chem.reaction import Reaction, tokenize
from hanten.errors import StructureError

SMILES = [
    "CC(=O)Oc1ccccc1C(=O)O",
    "C[C@@H](N)C(=O)O.[Na+].[Cl-]",
    "F/C=C\\Cl",
    "C%12CCCCC%12",
    "[13CH4]",
    "O=[N+]([O-])c1ccc(Br)cc1>>Nc1ccc(Br)cc1",
    "[CH3:1][OH:2]>*>[CH2:1]=[O:2]",
    "[Si]~[Si]$C#N",
]


@pytest.mark.parametrize("smiles", SMILES)
def test_tokens_joined_are_the_text(smiles):
    assert "".join(tokenize(smiles)) == smiles


@given(st.lists(st.sampled_from(["C", "c1", "Cl", "Br", "[nH]", "%10", "(", ")", "=", ".", "[C@@H]"])))
def test_tokens_of_tokens_are_themselves(parts):
    text = "".join(parts)
    tokens = tokenize(text)
    assert "".join(tokens) == text
    assert [t for token in tokens for t in tokenize(token)] == tokens


@pytest.mark.parametrize(
    ("text", "place"),
    [("CC!", 3), ("C C", 2), ("CX", 2), ("[CH3", 1), ("C%1", 2), ("äC", 1), ("C\n", 2), ("[]", 1)],
)
def test_an_unknown_character_is_refused_with_its_place(text, place):
    with pytest.raises(StructureError, match=rf"character {place}\)"):
        tokenize(text)


@pytest.mark.parametrize("value", [None, 7, b"CC"])
def test_what_is_no_text_is_refused(value):
    with pytest.raises(StructureError, match="not the text"):
        tokenize(value)


def test_identity_is_the_multiset_of_reactants_and_the_product():
    one = Reaction("OCC.CC(=O)O", "CCOC(C)=O", reaction_class="esterification", reagents="O")
    two = Reaction(["CC(O)=O", Molecule("CCO")], Molecule("CC(=O)OCC"))
    assert one == two
    assert hash(one) == hash(two)
    assert one != Reaction("OCC.OCC.CC(=O)O", "CCOC(C)=O")
    assert min([one, Reaction("C", "CC")]).product == Molecule("CC")


def test_a_reaction_cannot_be_changed():
    with pytest.raises(AttributeError):
        Reaction("C", "CC").product = Molecule("CCC")


def test_a_salt_given_as_an_item_is_one_reactant():
    assert len(Reaction(["[Na+].[OH-]", "CCl"], "CO").reactants) == 2
    assert len(Reaction("[Na+].[OH-].CCl", "CO").reactants) == 3


def test_text_and_back():
    reaction = Reaction("Nc1ccccc1.O=C(Cl)C", "CC(=O)Nc1ccccc1", reagents=["CCN(CC)CC"])
    assert Reaction.parse(str(reaction)) == reaction
    assert Reaction.parse(str(reaction)).reagents == reaction.reagents
    assert eval(repr(reaction)) == reaction
    assert reaction.reactant_smiles == "CC(=O)Cl.Nc1ccccc1"


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("", "CC"), "no reactant"),
        (("CC.", "CCC"), "empty"),
        (("CCO.C", "OCC"), "nothing happened"),
        (("CCO", "*CC*"), "attachment point"),
        (("C(", "CC"), "C\\("),
        (("C", ""), "empty"),
    ],
)
def test_what_is_no_reaction_is_refused(arguments, word):
    with pytest.raises(StructureError, match=word):
        Reaction(*arguments)


@pytest.mark.parametrize("text", ["CC", "CC>CC", "a>b>c>d", "", None])
def test_a_text_without_its_arrows_is_refused(text):
    with pytest.raises(StructureError, match="'>'"):
        Reaction.parse(text)
