from __future__ import annotations

import hashlib
import json
from importlib.resources import files

import numpy as np
import pandas as pd
import pytest

from hanten.elements import ElementTable, element_table, rdkit_elements
from hanten.errors import ConfigError, DataError, UnknownNameError

TABLES = files("hanten.elements") / "tables"
NOTES = json.loads((TABLES / "elements.json").read_text(encoding="utf-8"))
PUBLISHED = {f: n["published"] for f, n in NOTES["features"].items() if n["published"]}


def test_size_and_no_gaps():
    table = element_table()
    assert len(table.symbols) >= 94
    assert len(table.features) >= 58
    assert table.symbols[0] == "H"
    assert table.symbols[93] == "Pu"
    assert table.gaps == 0


def test_every_value_has_a_source_and_every_feature_a_description():
    table = element_table()
    assert set(np.unique(table.sources.astype(str))) <= set(NOTES["sources"].values()) - {""}
    assert all(table.descriptions)
    counts = {f: int(table.imputed[:, table.column(f)].sum()) for f in table.features}
    assert counts == {f: n["imputed"] for f, n in NOTES["features"].items()}


def test_every_unit_can_be_read():
    import pint

    units = pint.UnitRegistry()
    for unit in set(element_table().units) - {""}:
        units.parse_units(unit)


def test_the_file_is_the_one_that_was_built():
    assert hashlib.sha256((TABLES / "elements.csv").read_bytes()).hexdigest() == NOTES["sha256"]


@pytest.mark.parametrize(
    ("symbol", "feature", "value"),
    [("Fe", "atomic_weight", 55.845), ("F", "en_pauling", 3.98), ("Xe", "group", 18), ("Gd", "group", 3),
     ("Gd", "f_valence", 7), ("Cu", "d_valence", 10), ("W", "melting_point", 3695), ("Cs", "period", 6),
     ("Fe", "effective_charge_slater", 3.75), ("H", "hardness", (13.598 - 0.754) / 2)],
)  # fmt: skip
def test_values_from_textbooks(symbol, feature, value):
    assert element_table().value(symbol, feature) == pytest.approx(value, rel=1e-3)


def test_valence_electrons_add_up():
    table = element_table()
    shells = table.select([f"{s}_valence" for s in "spdf"]).values.sum(axis=1)
    np.testing.assert_array_equal(shells, table.select(["valence_electrons"]).values[:, 0])


# Features that another compilation, or newer measurements, give differently.
NEWER = {
    *("atomic_radius_slater", "atomic_radius_rahm", "metallic_radius", "molar_volume", "density"),
    *("melting_point", "boiling_point", "fusion_heat", "specific_heat_capacity", "molar_heat_capacity"),
    *("dipole_polarizability", "electron_affinity", "first_ionization_energy", "en_pauling", "hhi_reserve"),
    "gs_magnetic_moment",
}
EQUAL = sorted(set(PUBLISHED) - NEWER)


@pytest.fixture(scope="module")
def published(data_dir):
    return pd.read_csv(data_dir / "inorganic/kmdplus_elements/element_features.csv", index_col=0)


@pytest.mark.parametrize("feature", EQUAL)
def test_equal_to_the_published_table(published, feature):
    ours, theirs, known = _both(published, feature)
    np.testing.assert_allclose(ours[known], theirs[known], rtol=1e-8)  # some were rounded there


@pytest.mark.parametrize("feature", sorted(NEWER))
def test_close_to_the_published_table(published, feature):
    ours, theirs, known = _both(published, feature)
    scale = np.maximum(np.abs(theirs[known]), 1e-9)
    assert np.median(np.abs(ours[known] - theirs[known]) / scale) < 0.1


def _both(published, feature):
    table = element_table()
    theirs = published.loc[list(table.symbols), PUBLISHED[feature]].to_numpy(float)
    column = table.column(feature)
    return table.values[:, column], theirs, ~table.imputed[:, column]


def test_measured_has_gaps_where_values_were_imputed():
    table = element_table()
    np.testing.assert_array_equal(np.isnan(table.measured().values), table.imputed)
    assert table.measured().name != table.name


def test_select_and_frames():
    part = element_table().select(["period", "density"], ["Fe", "H"])
    assert part.frame().loc["Fe", "period"] == 4
    assert part.units == ("", "g/cm^3")
    assert part.name != element_table().name
    assert part.name != element_table().select(["period"]).name
    assert part.show("H").value.tolist()[0] == 1
    again = ElementTable.from_frame(part.frame(), "mine", part.units)
    np.testing.assert_array_equal(again.values, part.values)
    assert part.source_frame().loc["Fe", "period"].startswith("mendeleev")


@pytest.mark.parametrize(
    ("call", "match"),
    [
        (lambda t: t.value("fe", "period"), "did you mean Fe"),
        (lambda t: t.value("Og", "period"), "94 elements, H to Pu"),
        (lambda t: t.value("Fe", "meltingpoint"), "did you mean melting_point"),
        (lambda t: t.value("Fe", "radius"), "did you mean vdw_radius"),
        (lambda t: t.select(["density", "x1"]), "no feature 'x1'"),
    ],
)
def test_wrong_names(call, match):
    with pytest.raises(UnknownNameError, match=match):
        call(element_table())


def test_tables_that_cannot_be():
    with pytest.raises(ConfigError, match="do not fit"):
        ElementTable("bad", ("H",), ("x",), ("",), np.zeros((2, 1)))
    with pytest.raises(ConfigError, match="element 'H' stands twice"):
        ElementTable("bad", ("H", "H"), ("x",), ("",), np.zeros((2, 1)))
    with pytest.raises(DataError, match="no element 'Xx'"):
        ElementTable.from_frame(pd.DataFrame({"x": [1]}, index=["Xx"]), "bad")
    with pytest.raises(DataError, match="x of He is 'many', not a number"):
        ElementTable.from_frame(pd.DataFrame({"x": [1, "many"]}, index=["H", "He"]), "bad")


def test_values_cannot_be_changed_by_accident():
    with pytest.raises(ValueError, match="read-only"):
        element_table().values[0, 0] = 2


def test_rdkit_table():
    table = rdkit_elements()
    groups = dict(zip(table.symbols, table.values[:, table.features.index("group")], strict=True))
    assert {s: groups[s] for s in ("H", "He", "Be", "C", "Ti", "Zn", "Xe", "La", "Hf", "Og")}.items() >= {
        ("H", 1), ("He", 18), ("Be", 2), ("C", 14), ("Ti", 4), ("Zn", 12), ("Xe", 18), ("Hf", 4), ("Og", 18)
    }  # fmt: skip
    assert np.isnan(groups["Gd"])
    assert table.values.shape == (118, 7)
