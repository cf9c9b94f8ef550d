from __future__ import annotations

import numpy as np
import pytest

from hanten.errors import DataError
from hanten.phases import read_phase_table
from hanten.phases.table import CLASSES, make_phase_table, read_compositions


def test_only_proportions_count_and_zero_amounts_never():
    table = make_phase_table(["Al65Cu20Fe15", {"Al": 6.5, "Cu": 2.0, "Fe": 1.5, "Os": 0.0}], ["QC", "QC"])
    assert len(table) == 1
    assert table.systems == ("Al-Cu-Fe",)
    assert table.report["duplicate_rows"] == 1


def test_an_observation_stays_against_other():
    table = make_phase_table(["Cd6Yb", "Cd6Yb", "Cd6Yb"], ["OTHERS", "AC", "OTHERS"])
    assert table.frame()["phase"].tolist() == ["approximant"]
    assert table.report["contradictions"] == [
        {"composition": "Cd85.714Yb14.286", "phases": {"approximant": 1, "other": 2}, "kept": "approximant"}
    ]


def test_quasicrystal_against_approximant_leaves_neither():
    table = make_phase_table(["Zn17Sc3", "Zn85Sc15", "NaCl"], ["QC", "AC", "OTHERS"])
    assert table.formulas == ("Cl50Na50",)
    assert table.report["contradictions"][0]["kept"] is None


def test_the_full_names_of_the_classes_are_read_too():
    assert make_phase_table(["Fe", "Cu"], ["other", "approximant"]).labels.tolist() == [2, 1]


@pytest.mark.parametrize(
    ("compositions", "labels", "said"),
    [
        (["Fe", "Xx2"], ["QC", "QC"], "row 2: 'Xx2'"),
        (["Fe", {"Fe": -1.0}], ["QC", "QC"], "none negative"),
        (["Fe", {"Fe": 0.0}], ["QC", "QC"], "one above zero"),
        (["Og"], ["QC"], "Og not in the element table"),
        (["Fe"], ["glass"], "'glass' is not a phase"),
        (["{'Fe': "], ["QC"], "neither a formula nor a mapping"),
    ],
)
def test_a_bad_row_is_named(compositions, labels, said):
    with pytest.raises(DataError, match=said):
        make_phase_table(compositions, labels)


def test_a_table_without_its_columns(tmp_path):
    path = tmp_path / "mine.csv"
    path.write_text("formula,label\nFe,QC\n")
    with pytest.raises(DataError, match="no column 'composition'"):
        read_phase_table(path)


def test_your_own_table(tmp_path):
    path = tmp_path / "mine.csv"
    path.write_text("composition,label\nCd6Yb,AC\nNaCl,OTHERS\n")
    table = read_phase_table(path)
    assert table.labels.tolist() == [1, 2]
    assert table.metallic.tolist() == [True, False]


def test_the_public_table(data_dir):
    raw = read_phase_table(resolve=False)
    assert np.bincount(raw.labels).tolist() == [80, 78, 10000]
    assert int(raw.test.sum()) == 2034
    table = raw.resolved()
    assert table.report["classes"] == dict(zip(CLASSES, np.bincount(table.labels).tolist(), strict=True))
    assert {found["composition"] for found in table.report["contradictions"]} == {
        "Cd85.714Yb14.286",
        "V60Ni40",
    }
    assert table.report["duplicate_rows"] >= 839
    assert table.metallic[table.labels < 2].all()


def test_bad_inputs_keep_their_place():
    amounts, formulas, errors = read_compositions(["Fe", "oops", "", 3.0, None, "Ts2", "Fe0"])
    assert amounts.shape[0] == 7
    assert formulas == ["Fe", None, None, None, None, None, None]
    assert errors[0] is None
    assert all(errors[1:])
