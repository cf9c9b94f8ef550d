"""The traps of the public files: units, names that mean something else, wrappers, rows in doubt."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from hanten.data import list_datasets, load_dataset, load_structures
from hanten.data.readers import COLUMNS
from hanten.errors import DataError, UnknownNameError

pytestmark = pytest.mark.usefixtures("data_dir")


@pytest.fixture(scope="module")
def pi1070(data_dir):
    return load_dataset("radonpy-pi1070")


@pytest.fixture(scope="module")
def kaggle(data_dir):
    return load_dataset("polymon-kaggle")


@pytest.fixture(scope="module")
def afzal(data_dir):
    return load_dataset("afzal")


def of(frame, name):
    return frame[frame["property"] == name]


def test_pi1070_in_registry_units(pi1070):
    assert list(pi1070) == COLUMNS
    assert pi1070["error"].isna().all()
    assert set(pi1070["method"]) == {"molecular dynamics"}, "its heat capacities are classical"
    assert set(pi1070["temperature"]) == {300.0}
    conductivity = of(pi1070, "thermal_conductivity")
    assert len(conductivity) == 1070
    assert 0.2 < conductivity["value"].median() < 0.3
    assert set(conductivity["unit"]) == {"W/m/K"}
    assert 1 < of(pi1070, "bulk_modulus")["value"].median() < 10, "the file has Pa, the registry GPa"
    assert (of(pi1070, "bulk_modulus")["std"].median()) < 1
    assert pi1070["class"].notna().all()


def test_pi1070_flags_values_of_too_few_blocks(pi1070):
    few = pi1070[pi1070["count"] < 3]
    assert len(few)
    assert few["flag"].notna().all()
    clean = load_dataset("radonpy-pi1070", "thermal conductivity", clean=True)
    assert clean["count"].ge(3).all()
    assert clean["flag"].isna().all()
    assert 1000 < len(clean) < 1070


def test_pi1070_static_dielectric_constant_has_the_electronic_part(pi1070):
    static = of(pi1070, "static_dielectric_constant").set_index("structure")["value"]
    index = of(pi1070, "refractive_index").set_index("structure")["value"]
    good = static[static > 0].index.intersection(index.index)
    assert (static[good] > index[good] ** 2 - 0.3).mean() > 0.95


def test_kaggle_tc_is_a_conductivity_and_tg_was_celsius(kaggle):
    assert set(kaggle["property"]) == {
        "Tg", "fractional_free_volume", "thermal_conductivity", "density", "radius_of_gyration"
    }  # fmt: skip
    assert 0.1 < of(kaggle, "thermal_conductivity")["value"].median() < 0.4
    assert 300 < of(kaggle, "Tg")["value"].median() < 450
    assert set(of(kaggle, "Tg")["unit"]) == {"K"}
    assert set(of(kaggle, "Tg")["method"]) == {"experiment"}
    assert set(of(kaggle, "density")["method"]) == {"molecular dynamics"}


def test_afzal_experiment_and_simulation_stay_apart_and_shifted_rows_are_flagged(afzal):
    tg = of(afzal, "Tg")
    measured = tg[tg["method"] == "experiment"]
    assert set(tg["method"]) == {"experiment", "molecular dynamics"}
    assert measured["flag"].isna().all()
    assert afzal["structure"].str.count(r"\*").eq(2).all(), "Ce and Th mark head and tail"
    density = of(afzal, "density")
    styrene = density[density["canonical"] == load_canonical("*CC(*)c1ccccc1")]
    assert styrene["flag"].notna().all()
    expansion = of(afzal, "volume_expansion")["value"]
    assert 5e-5 < expansion.median() < 5e-4


def load_canonical(text):
    from hanten.chem import canonical_psmiles

    return canonical_psmiles(text)


def test_ibm_wrappers_are_stripped():
    frame = load_dataset("ibm-polymer", "band_gap_chain")
    assert not frame["structure"].str.contains("polymer_spg").any()
    assert frame["error"].isna().mean() > 0.99
    assert set(frame["unit"]) == {"eV"}


def test_logarithms_become_permeabilities():
    frame = load_dataset("ibm-gas", "CO2 permeability")
    assert frame["value"].gt(0).all()
    assert frame["value"].max() > 1000
    assert set(frame["unit"]) == {"barrer"}


def test_notre_dame_numbers_find_their_repeat_unit():
    frame = load_dataset("notre-dame")
    assert len(frame) == 875
    assert frame["canonical"].notna().mean() > 0.95
    assert frame["count"].between(1, 7).all()
    assert next(d for d in list_datasets() if d.name == "notre-dame").grade == "eval"


def test_openpoly_gives_no_permeabilities_whose_unit_is_unknown():
    assert not {"o2_permeability", "co2_permeability"} & set(load_dataset("openpoly")["property"])


def test_chi_needs_its_solvent_and_its_temperature():
    frame = load_dataset("mtl-chi", "chi")
    assert frame["solvent"].notna().all()
    assert frame["temperature"].between(200, 600).all()
    assert set(frame["method"]) == {"experiment", "quantum chemistry"}
    assert frame["canonical"].notna().mean() > 0.9


def test_small_molecules_are_in_electronvolts():
    frame = load_dataset("ibm-small-molecules", "homo_lumo_gap")
    assert 5 < frame["value"].median() < 9
    assert set(frame["unit"]) == {"eV"}


def test_rows_that_do_not_parse_stay_with_their_reason():
    frame = load_dataset("bicerano")
    bad = frame[frame["error"].notna()]
    assert bad["canonical"].isna().all()
    assert frame.loc[frame["error"].isna(), "canonical"].notna().all()
    assert np.isfinite(frame["value"]).all()


@pytest.mark.parametrize(
    ("name", "rows"), [("polyinfo-structures", 1000), ("lc-fragments", 10), ("smipoly-monomers", 100)]
)
def test_corpora_give_structures(name, rows):
    frame = load_structures(name)
    assert len(frame) >= rows
    assert frame["structure"].notna().all()


def test_a_corpus_with_canonical_forms_keeps_every_row():
    frame = load_structures("smipoly", canonical=True, limit=50)
    assert len(frame) == 50
    assert (frame["canonical"].notna() | frame["error"].notna()).all()
    assert isinstance(frame, pd.DataFrame)


def test_what_a_data_set_does_not_hold_is_explained():
    with pytest.raises(UnknownNameError, match="has no Tm"):
        load_dataset("radonpy-pi1070", "Tm")
    with pytest.raises(UnknownNameError, match="load_structures"):
        load_dataset("smipoly")
    with pytest.raises(UnknownNameError, match="hanten data fetch"):
        load_dataset(next(d.name for d in list_datasets(kind="reaction")))
    with pytest.raises(UnknownNameError, match="not a corpus"):
        load_structures("openpoly")
    with pytest.raises(DataError, match="limit"):
        load_structures("smipoly", limit=0)


def test_a_data_set_that_is_not_here_names_the_command(tmp_path, monkeypatch):
    monkeypatch.delenv("HANTEN_DATA_DIR")
    monkeypatch.setenv("HANTEN_CACHE_DIR", str(tmp_path))
    with pytest.raises(DataError, match="hanten data fetch bicerano"):
        load_dataset("bicerano")
