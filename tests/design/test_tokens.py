import pytest
from hypothesis import given
from hypothesis import strategies as st
from rdkit import Chem, rdBase

from hanten.design.tokens import count_tokens, join, split, try_split
from hanten.errors import StructureError

STRINGS = [
    "*CC(*)c1ccccc1",
    "*Oc1ccc(C(C)(C)c2ccc(*)cc2)cc1",
    "*c1ccc2c(c1)C(=O)N(*)C2=O",
    "*[Si](C)(C)O*",
    "C1CC2CCC1C2",
    "F/C=C/F",
    "C1=CC=C1",
    "C=1CCCCC=1",
    "C%12CC%12",
    "[O-][N+](=O)c1ccccc1",
]


@pytest.mark.parametrize("text", STRINGS)
def test_round_trip_keeps_the_molecule_and_the_tokens(text):
    tokens = split(text)
    again = join(tokens)
    assert split(again) == tokens
    assert Chem.CanonSmiles(again) == Chem.CanonSmiles(text)


@pytest.mark.parametrize("text", [s for s in STRINGS if "%" not in s and "=1" not in s])
def test_round_trip_is_exact_for_strings_as_rdkit_writes_them(text):
    written = Chem.MolToSmiles(Chem.MolFromSmiles(text))
    assert join(split(written)) == written


def test_ring_digits_do_not_matter():
    assert split("C1CC1") == split("C7CC7") == split("C%42CC%42") == ["C", "&", "C", "C", "0"]


def test_closing_counts_back_from_the_ring_opened_last():
    assert split("C1CC2CCC1C2")[-4:] == ["C", "1", "C", "0"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("CC?C", "'\\?' at character 3"),
        ("CC.C", "'.' at character 3"),
        ("C(C", "1 branches are left open"),
        ("C)C", "'\\)' at character 2 closes no branch"),
        ("C1CC", "1 rings"),
        ("", "empty"),
        ("C[C", "'\\[' at character 2"),
        ("Ξ", "character 1"),
    ],
)
def test_what_is_not_smiles_is_refused_with_its_place(text, message):
    with pytest.raises(StructureError, match=message):
        split(text)
    assert try_split(text) is None


def test_join_refuses_a_ring_that_is_not_open():
    with pytest.raises(StructureError, match="not open"):
        join(["C", "0"])


@given(st.text(alphabet="*CNOcn=#()[]1234%-+HSi\\/@F", max_size=30))
def test_any_text_is_either_read_or_refused(text):
    tokens = try_split(text)
    if tokens is not None:
        again = join(tokens)
        assert split(again) == tokens
        with rdBase.BlockLogs():
            mol, same = Chem.MolFromSmiles(text), Chem.MolFromSmiles(again)
        if mol is not None and same is not None and "@" not in text:
            assert Chem.MolToSmiles(mol, isomericSmiles=False) == Chem.MolToSmiles(same, isomericSmiles=False)


def test_count_tokens_counts_strings_not_occurrences():
    assert count_tokens([["C", "C", "O"], ["O"]]) == {"O": 2, "C": 1}
