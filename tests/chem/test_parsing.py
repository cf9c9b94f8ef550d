"""Many strings at once: all rows, in order, with reasons."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hanten.chem import Composition, Molecule, Polymer, normalise_attachment_points, parse
from hanten.errors import ConfigError, StructureError

ROWS = ["*OCC*", "C", "", None, "*C()C*", float("nan"), "*CC(*)C", 7]


def test_every_row_comes_back_in_order_with_its_reason(capfd):
    report = parse(ROWS)
    assert report.ok.tolist() == [True, False, False, False, False, False, True, False]
    assert report.canonical == ["*CCO*", None, None, None, None, None, "*CC(*)C", None]
    assert [error is None for error in report.errors] == report.ok.tolist()
    assert "syntax error at character 4" in report.errors[4]
    assert report.status == 3
    assert "2 of 8 structures read" in str(report)
    assert capfd.readouterr() == ("", "")


def test_workers_change_nothing():
    texts = ROWS * 40
    assert parse(texts, n_jobs=2).frame().equals(parse(texts).frame())
    assert parse(texts, n_jobs=2).items == parse(texts).items


def test_status_tells_all_some_none():
    assert [parse(texts).status for texts in (["*C*"], ["*C*", "C"], ["C"], [])] == [0, 3, 1, 0]


def test_auto_guesses():
    report = parse(["*CC*", "CCO", "Al2O3", "Xy3", Polymer("*C*")], kind="auto")
    assert [type(item) for item in report.items] == [Polymer, Molecule, Composition, type(None), Polymer]
    assert "neither a molecule" in report.errors[3]
    assert "no element 'Xy'" in report.errors[3]


def test_wrong_calls_are_explained():
    with pytest.raises(ConfigError, match="did you mean polymer"):
        parse(["*C*"], kind="polymr")
    with pytest.raises(ConfigError, match="a list of texts"):
        parse("*CC*")


def test_columns_of_a_table_are_kept():
    import pandas as pd

    table = pd.DataFrame({"psmiles": ["*OCC*", "C"], "error": [0.1, 0.2]})
    out = parse(table["psmiles"]).add_to(table)
    assert list(out.columns) == ["psmiles", "error_input", "canonical", "error"]
    assert out["error_input"].tolist() == [0.1, 0.2]


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("[Ce]O[Si](C)(C)[Th]", "*O[Si](C)(C)*"),
        ("[e]CC[t]", "*CC*"),
        ("[g]CC[d]", "*CC*"),
        ("[1*]CC[2*]", "*CC*"),
        ("[*:1]CC([*:2])C", "*CC(*)C"),
        ("<polymer_spg>[*:1]CC([*:2])C;2->1", "*CC(*)C"),
        ("*CC(*)[Ce]", "*CC(*)[Ce]"),
    ],
)
def test_other_notations_of_attachment_points(text, plain):
    assert normalise_attachment_points(text) == plain


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[Ce]CC", "1 × .Ce. and 0 × .Th."),
        ("<polymer_spg>[*:1]C[*:2];[*:3]C[*:4];2->1;2->3", "copolymers"),
        ("<polymer_spg>[*:1]C[*:2];1->1", "not head to tail"),
        ("<other>*C*", "wrapper is not known"),
        ("", "empty"),
    ],
)
def test_incomplete_notations_are_refused(text, message):
    with pytest.raises(StructureError, match=message):
        normalise_attachment_points(text)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.one_of(st.none(), st.text(max_size=15), st.integers(), st.floats(), st.binary(max_size=3)),
        max_size=5,
    )
)
def test_nothing_but_reasons_comes_of_nonsense(texts):
    report = parse(texts, kind="auto")
    assert len(report) == len(texts)
    assert all(
        (item is None) == isinstance(error, str)
        for item, error in zip(report.items, report.errors, strict=True)
    )
