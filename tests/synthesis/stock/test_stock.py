"""The stock: identity, building, files, neighbours."""

from __future__ import annotations

import gzip

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rdkit import Chem, DataStructs
from rdkit.Chem import rdFingerprintGenerator

from hanten.chem import Molecule
from hanten.errors import DataError, StructureError, UnknownNameError
from hanten.synthesis.stock import (
    build_stock,
    build_stock_from_file,
    default_stock,
    inchikey,
    normalise,
    open_stock,
    union,
)
from hanten.synthesis.stock import fingerprints as fp
from hanten.synthesis.stock.container import read_arrays
from hanten.synthesis.stock.making import lookup, make_stock, split_columns

SOME = ["CCO", "CCCO", "CCN", "c1ccccc1", "Cc1ccccc1", "O=C(O)c1ccccc1", "CC(=O)O", "CC(=O)OCC", "C1CCCCC1"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("NCc1ccccc1.Cl", "NCc1ccccc1"),
        ("[NH3+]Cc1ccccc1.[Cl-]", "NCc1ccccc1"),
        ("CC(=O)[O-].[Na+]", "CC(=O)O"),
        ("OC(=O)C(F)(F)F.NCCN", "NCCN"),
        ("Oc1ccccn1", "O=c1cccc[nH]1"),
        ("c1ncc[nH]1.O", "c1c[nH]cn1"),
        ("[CH3:7][OH:2]", "CO"),
        ("O=C1OC(=O)c2cc3C(=O)OC(=O)c3cc12", "O=c1oc(=O)c2cc3c(=O)oc(=O)c3cc12"),
    ],
)
def test_salts_charges_tautomers_and_maps_do_not_matter(one, other):
    assert inchikey(one) == inchikey(other)


def test_what_is_a_companion_alone_stays():
    assert normalise("CC(=O)O").smiles == "CC(=O)O"
    assert normalise("[Na+].[Cl-]").smiles in {"[Cl-].[Na+]", "[Na+].[Cl-]"}
    assert inchikey("CC(C)=O") != inchikey("CC(O)=C")  # keto and enol are two


@pytest.mark.parametrize("text", ["", "C1CC", "*CC*", "not a molecule", "C(C)(C)(C)(C)C"])
def test_what_is_no_molecule_is_refused(text):
    with pytest.raises(StructureError):
        normalise(text)


def test_junk_rows_are_reported_never_lost():
    built = build_stock(["CCO", "C1CC", "OCC", "*CC*", 5, "CCN", ""], name="mine")
    assert (built.rows, len(built.stock), built.duplicates) == (7, 2, 1)
    assert [row.row for row in built.rejected] == [2, 4, 5, 7]
    assert all(row.reason for row in built.rejected)


def test_an_empty_stock_is_refused():
    with pytest.raises(DataError, match="no molecule"):
        build_stock([])
    with pytest.raises(DataError, match="1 rows"):
        build_stock(["xyz"])


def test_csv_prices_and_bad_numbers(tmp_path):
    path = tmp_path / "shelf.csv"
    path.write_text(
        "Name,SMILES,Price,lead time,vendor\nethanol,CCO,0.5,2,A\nsame,OCC,0.1,7,B\nbad,CCN,-1,1,A\nworse,CCC,x,,A\n,,,,\n"
    )
    built = build_stock_from_file(path)
    member = built.stock.find("CCO")
    assert (member.price, member.lead_time, member.source) == (0.1, 7.0, "B")
    assert [r.reason for r in built.rejected] == [
        "the price '-1' is not a number of at least 0",
        "the price 'x' is not a number",
    ]
    assert [r.row for r in built.rejected] == [4, 5]


def test_columns_can_be_named_and_wrong_ones_are_told(tmp_path):
    path = tmp_path / "odd.csv"
    path.write_text("a,b\nCCO,3\n")
    with pytest.raises(UnknownNameError, match="which column"):
        build_stock_from_file(path)
    built = build_stock_from_file(path, columns=split_columns(["smiles=a", "price=b"]))
    assert built.stock.find("CCO").price == 3.0
    with pytest.raises(UnknownNameError, match="no column 'c'"):
        build_stock_from_file(path, columns={"smiles": "c"})


def test_sdf_inchikeys_and_gzip(tmp_path):
    mol = Chem.MolFromSmiles("CCO")
    mol.SetProp("price", "2.5")
    with Chem.SDWriter(str(tmp_path / "a.sdf")) as writer:
        writer.write(mol)
    assert build_stock_from_file(tmp_path / "a.sdf").stock.find("CCO").price == 2.5
    with gzip.open(tmp_path / "keys.txt.gz", "wt") as handle:
        handle.write(inchikey("CCO") + "\nCCN\n")
    stock = build_stock_from_file(tmp_path / "keys.txt.gz").stock
    assert "CCO" in stock
    assert inchikey("CCN") in stock
    assert stock.find("CCO").smiles == ""


def test_missing_and_binary_files_are_told(tmp_path):
    with pytest.raises(DataError, match="cannot be read"):
        build_stock_from_file(tmp_path / "none.csv")
    (tmp_path / "bin.smi").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(DataError, match="UTF-8"):
        build_stock_from_file(tmp_path / "bin.smi")
    with pytest.raises(UnknownNameError, match="patent-reactants"):
        open_stock("patent-reactant")


def test_union_filter_exclude():
    one = build_stock(["CCO", "CCN"], name="a").stock
    two = build_stock(["CCN", "CCC"], name="b").stock
    both = union(one, two)
    assert len(both) == 3
    without = both.excluding("OCC")
    assert len(without) == 2
    assert "CCO" not in without
    assert without.excluding("c1ccccc1") is without
    smaller = both.filter(lambda member: "N" in member.smiles)
    assert [m.smiles for m in smaller] == ["CCN"]
    assert Molecule("CCN") in smaller
    assert 3 not in smaller


def test_places_do_not_change_when_molecules_are_excluded():
    stock = build_stock(SOME).stock
    place = stock.index("CC(=O)O")
    assert stock.excluding("CCO", "CCN").index("CC(=O)O") == place


def test_a_stock_file_comes_back_and_damage_is_seen(tmp_path):
    stock = build_stock(SOME, name="mine", source="shelf").stock
    path = stock.save(tmp_path / "mine.stock")
    again = open_stock(path)
    assert list(again) == list(stock)
    assert np.array_equal(again.fingerprints, stock.fingerprints)
    raw = bytearray(path.read_bytes())
    raw[-1] ^= 1
    path.write_bytes(bytes(raw))
    with pytest.raises(DataError, match="damaged"):
        open_stock(path)
    path.write_bytes(bytes(raw[:-40]))
    with pytest.raises(DataError, match="cut off"):
        open_stock(path)


@pytest.mark.parametrize("content", [b"", b"xyz", b"\x10\x00\x00\x00\x00\x00\x00\x00{not json at all"])
def test_what_is_no_stock_file_is_told(tmp_path, content):
    path = tmp_path / "x.stock"
    path.write_bytes(content)
    with pytest.raises(DataError):
        read_arrays(path)


def test_a_list_is_built_once_and_kept(tmp_path, monkeypatch):
    monkeypatch.setenv("HANTEN_CACHE_DIR", str(tmp_path / "cache"))
    path = tmp_path / "mine.smi"
    path.write_text("CCO ethanol\nC1CC bad\n")
    assert len(open_stock(path)) == 1
    assert len(list((tmp_path / "cache" / "stock").iterdir())) == 1
    assert "CCO" in open_stock(path)
    other = tmp_path / "other.smi"
    other.write_bytes(path.read_bytes())
    assert open_stock(other).name == "other"


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from(SOME), min_size=1, max_size=20), st.integers(1, 12), st.sampled_from(SOME))
def test_neighbours_are_those_of_rdkit(members, k, query):
    stock = build_stock(members).stock
    places, values = stock.neighbours(query, k)
    generator = rdFingerprintGenerator.GetMorganGenerator(radius=fp.RADIUS, fpSize=fp.BITS)
    prints = [generator.GetFingerprint(Chem.MolFromSmiles(m.smiles)) for m in stock]
    wanted = generator.GetFingerprint(Chem.MolFromSmiles(query))
    exact = np.array(DataStructs.BulkTanimotoSimilarity(wanted, prints), dtype=np.float32)
    order = np.lexsort((np.arange(len(exact)), -exact))[:k]
    assert places.tolist() == order.tolist()
    assert np.allclose(values, exact[order])


def test_blocks_give_the_same_as_one_pass(monkeypatch):
    rng = np.random.default_rng(0)
    columns = rng.integers(0, 2**63, size=(fp.WORDS, 500), dtype=np.uint64)
    counts = fp.bit_counts(columns)
    whole = fp.top_k(columns, counts, columns[:, 7], 30)
    monkeypatch.setattr(fp, "BLOCK", 64)
    parts = fp.top_k(columns, counts, np.ascontiguousarray(columns[:, 7]), 30)
    assert whole[0].tolist() == parts[0].tolist()
    assert whole[0][0] == 7


def test_fragments_are_found_by_containment():
    stock = build_stock(["c1ccccc1", "CCCCCCCC", "Cc1ccccc1"]).stock
    places, values = stock.neighbours("Cc1ccccc1", 3, alpha=0, beta=1)
    assert {stock.smiles[i] for i in places[:2]} == {"c1ccccc1", "Cc1ccccc1"}
    assert values[0] == 1.0


def test_the_default_stock_holds_common_monomers_and_no_reactant_twice():
    stock = default_stock()
    assert len(stock) == 247_840
    for smiles in ("OCCO", "Nc1ccc(N)cc1", "O=C(Cl)Cl", "C=Cc1ccccc1", "O=C1CCCCCN1"):
        assert smiles in stock
    assert len(np.unique(stock.keys)) == stock.size
    assert int((np.asarray(stock.uses) > 0).sum()) > 200_000


def test_lookup_keeps_bad_rows():
    rows = lookup(build_stock(["CCO"]).stock, ["CCO", "C1CC", inchikey("CCO")])
    assert [row["in_stock"] for row in rows] == [True, None, True]
    assert "ring" in rows[1]["error"]


def test_making_a_stock_of_several_files(tmp_path):
    (tmp_path / "a.smi").write_text("CCO\nxx\n")
    (tmp_path / "b.csv").write_text("smiles,price\nCCN,5\nCCC,50\n")
    made = make_stock([tmp_path / "a.smi", tmp_path / "b.csv"], max_price=10, excluded=["OCC"])
    assert [m.smiles for m in made.stock] == ["CCN"]
    assert len(made.rejected) == 1
    assert any("left out" in line for line in made.lines())
    with pytest.raises(DataError, match="no molecule is left"):
        make_stock([tmp_path / "b.csv"], max_price=1)
    with pytest.raises(StructureError):
        make_stock([tmp_path / "b.csv"], excluded=["C1CC"])
