"""The tables that ship inside the package: every row plausible, parsed and sourced."""

from __future__ import annotations

import pytest

from hanten.chem import Polymer
from hanten.data import list_bundled, load_bundled
from hanten.errors import UnknownNameError
from hanten.properties import get_property


@pytest.fixture(scope="module")
def table():
    return load_bundled("polymer_thermal-conductivity")


def test_the_columns(table):
    assert list(table) == [
        "name", "abbreviation", "psmiles", "canonical", "sample_state",
        "thermal_conductivity", "thermal_conductivity_low", "thermal_conductivity_high",
        "temperature", "Tg", "Tm", "density", "source", "doi", "other_source",
    ]  # fmt: skip
    assert table["abbreviation"].is_unique


def test_at_least_forty_polymers_that_parse(table):
    assert table["canonical"].nunique() >= 40
    assert [Polymer(text).psmiles for text in table["psmiles"]] == table["canonical"].tolist()


def test_values_are_those_of_ordinary_bulk_polymers(table):
    low, middle, high = (table[f"thermal_conductivity{end}"] for end in ("_low", "", "_high"))
    assert low.ge(0.08).all()
    assert high.le(0.6).all()
    assert (low <= middle).all()
    assert (middle <= high).all()
    assert ((low + high) / 2 - middle).abs().max() < 1e-6
    assert table["temperature"].dropna().between(290, 312).all()
    for column in ("Tg", "Tm", "density"):
        assert get_property(column).plausible(table[column].dropna()).all()
    both = table.dropna(subset=["Tg", "Tm"])
    assert (both["Tg"] < both["Tm"]).all()


def test_the_state_is_said_and_only_crystals_melt(table):
    assert set(table["sample_state"]) == {"amorphous", "semicrystalline"}
    assert table.loc[table["Tm"].notna(), "sample_state"].eq("semicrystalline").all()


def test_every_value_has_its_source(table):
    assert table["source"].str.len().min() > 20
    assert table["doi"].str.fullmatch(r"(10\.\d{4,}/\S+)?").all()
    others = table[["Tg", "Tm", "density"]].notna().any(axis=1)
    assert table.loc[others, "other_source"].str.len().min() > 5


def test_names():
    assert list_bundled() == ["polymer-thermal-conductivity"]
    with pytest.raises(UnknownNameError, match="polymer-thermal-conductivity"):
        load_bundled("polymer-conductivity")
