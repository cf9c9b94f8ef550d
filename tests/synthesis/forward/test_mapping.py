import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rdkit import Chem

from hanten.errors import StructureError
from hanten.synthesis.forward.alignment import follow
from hanten.synthesis.forward.mapping import aligned, match, profile, with_maps

MAPPED = [
    ("[CH3:1][C:2](=[O:3])O.[NH2:4][CH2:5][CH3:6]", "[CH3:6][CH2:5][NH:4][C:2](=[O:3])[CH3:1]"),
    (
        "Br[c:1]1[cH:2][cH:3][n:4][cH:5][cH:6]1.OB(O)[c:7]1[cH:8][cH:9][cH:10][cH:11][cH:12]1",
        "[c:1]1(-[c:7]2[cH:8][cH:9][cH:10][cH:11][cH:12]2)[cH:2][cH:3][n:4][cH:5][cH:6]1",
    ),
    (
        "[CH3:1][CH:2]([OH:3])[c:4]1[cH:5][cH:6][cH:7][cH:8][cH:9]1",
        "[CH3:1][C:2](=[O:3])[c:4]1[cH:5][cH:6][cH:7][cH:8][cH:9]1",
    ),
]
SETS = ["CC(=O)O", "CCN", "c1ccc2[nH]ccc2c1", "ClCc1ccccc1", "O=C1CCCN1", "C[C@H](N)C(=O)O", "Brc1ccncc1"]


@pytest.mark.parametrize(("source", "target"), MAPPED)
def test_the_guess_agrees_with_atom_maps(source, target):
    reactants, wanted = follow(source, target)
    product = Chem.MolFromSmiles(Chem.CanonSmiles(wanted))
    assert aligned(reactants.split("."), product) == wanted


@given(st.lists(st.sampled_from(SETS), min_size=1, max_size=3), st.sampled_from(SETS))
@settings(max_examples=60, deadline=None)
def test_whatever_the_reactants_the_text_means_the_product(reactants, product):
    mol = Chem.MolFromSmiles(product)
    assert Chem.CanonSmiles(aligned(reactants, mol)) == Chem.CanonSmiles(product)
    assert mol.GetAtomWithIdx(0).GetAtomMapNum() == 0


def test_no_atom_is_used_twice_and_elements_agree():
    reactants, product = [profile("OCCO"), profile("OCCO")], profile("OCCOCCO")
    found = match(reactants, product)
    pairs = [pair for pair in found if pair is not None]
    assert len(set(pairs)) == len(pairs)
    for element, pair in zip(product.elements, found, strict=True):
        assert pair is None or reactants[pair[0]].elements[pair[1]] == element


@pytest.mark.parametrize(("source", "target"), MAPPED)
def test_guessed_maps_write_the_text_that_is_scored(source, target):
    reactants, product = (
        ".".join(Chem.CanonSmiles(bare(s)) for s in side.split(".")) for side in (source, target)
    )
    text, made = follow(*with_maps(reactants, product))
    assert made == aligned(text.split("."), Chem.MolFromSmiles(product))


def bare(smiles):
    mol = Chem.MolFromSmiles(smiles)
    for atom in mol.GetAtoms():
        atom.SetAtomMapNum(0)
    return Chem.MolToSmiles(mol)


@pytest.mark.parametrize(
    ("reactants", "product", "kept"),
    [
        ("c1ccccc1.O=C1CCC(=O)N1Br", "Brc1ccccc1", True),  # bromine is all it gives
        ("CCO.[K+]", "CC=O", False),
        ("CCO.C(", "CCO", False),
        ("CCO", "C(", False),
    ],
)
def test_reagents_and_what_cannot_be_read_are_no_reactants(reactants, product, kept):
    assert (with_maps(reactants, product) is not None) == kept


def test_what_is_no_molecule_is_refused():
    with pytest.raises(StructureError, match="no molecule"):
        profile("C(")


def test_it_agrees_with_the_maps_of_patents_for_most_reactions(data_dir):
    import csv
    import gzip
    from itertools import islice

    with gzip.open(data_dir / "reactions" / "uspto_train_mapped.tsv.gz", "rt") as handle:
        rows = list(islice(csv.DictReader(handle, delimiter="\t"), 300))
    pairs = [follow(row["mapped_reactants"], row["mapped_product"]) for row in rows]
    same = [
        aligned(source.split("."), Chem.MolFromSmiles(Chem.CanonSmiles(target))) == target
        for source, target in pairs
    ]
    assert sum(same) / len(same) > 0.75
