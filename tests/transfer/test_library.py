from __future__ import annotations

import pytest

from hanten.errors import ConfigError, UnknownNameError
from hanten.transfer.library import open_library
from hanten.transfer.query import Query, parse_query


@pytest.fixture
def library(folder):
    return open_library(folder.path)


def test_the_table_has_a_row_per_task_and_names_that_load(library):
    table = library.list()
    assert (
        table["task"].tolist() == ["polymer/Tg", "polymer/density", "polymer/refractive_index"]
        or len(table) == 3
    )
    assert len(library) == 9
    for name in table["best"]:
        assert library.load(name).name == name
    assert library.names("density") == [f"polymer/density/{i:04d}" for i in range(3)]


def test_the_best_is_chosen_by_validation(library):
    assert library.load("polymer/density").name == "polymer/density/0002"
    assert library.best("n").property_name == "refractive_index"
    assert [s.name[-4:] for s in library.load_all("density")] == ["0002", "0001", "0000"]


def test_a_search_in_words(library):
    found = library.search("polymers, near refractive index, R2 > 0.8")
    assert found["task"].tolist() == ["polymer/refractive_index", "polymer/density"]
    assert found["nearness"].tolist()[0] == 1.0
    assert library.search("polymers, r² ≥ 0.3, lab")["task"].tolist() == ["polymer/Tg"]
    assert library.search(kind="polymer", min_r2=0.5, without=["pi1070"])["task"].tolist() == [
        "polymer/refractive_index"
    ]
    assert library.search("R2 > 0.99").empty


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("small molecules", Query(kind="molecule")),
        ("inorganic crystals, near band gap chain", Query(kind="composition", near="band_gap_chain")),
        ("r2 above 0.8; materials > 500", Query(min_r2=0.8, min_materials=500)),
        ("for polymers, without PI1070", Query(kind="polymer", without=("radonpy-pi1070",))),
    ],
)
def test_what_can_be_asked(text, query):
    assert parse_query(text) == query


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        ("", ConfigError, "empty"),
        ("polymers, near refractiv indx", UnknownNameError, "refractive_index"),
        ("mae < 3", ConfigError, "not a bound"),
        ("R2 > 3", ConfigError, "above 3"),
        ("R2 > 0.8.1", ConfigError, "not a number"),
        ("polymers, without nonsense", UnknownNameError, "data set"),
    ],
)
def test_what_makes_no_sense_is_explained(text, error, message):
    with pytest.raises(error, match=message):
        parse_query(text)


def test_unknown_names_are_met_with_the_closest(library):
    with pytest.raises(UnknownNameError, match="polymer/density"):
        library.load("polymer/densty/0001")
    with pytest.raises(UnknownNameError, match="no model 0077"):
        library.load("polymer/density/0077")
    with pytest.raises(UnknownNameError, match="no source model of Cp"):
        library.best("Cp")
    with pytest.raises(UnknownNameError, match="about 'viscosity'"):
        library.search("polymers, viscosity")
    with pytest.raises(ConfigError, match="world"):
        library.search(kind="metal")
    with pytest.raises(UnknownNameError, match="no sources of molecules"):
        library.inputs("molecule")


def test_a_library_named_by_the_environment(folder, monkeypatch):
    monkeypatch.setenv("HANTEN_LIBRARY", str(folder.path))
    assert len(open_library()) == 9
