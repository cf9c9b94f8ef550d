from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

from hanten.elements import ElementTable, element_table
from hanten.elements.periodic_table import PeriodicTable, compare_layouts, map_elements
from hanten.elements.periodic_table.elements import GIVEN_AWAY, choose, left_out, range_of_symbols
from hanten.elements.periodic_table.layouts import LAYOUTS
from hanten.errors import ConfigError, DataError, UnknownNameError
from hanten.report import periodic_tables


@parametrize_with_checks([PeriodicTable(restarts=1, rounds=2)])
def test_scikit_learn(estimator, check):
    check(estimator)


@pytest.fixture(scope="module")
def found():
    return map_elements("square", restarts=6)


def test_elements_are_placed_one_by_one_and_families_together(found):
    assert len(set(found.fitted.node_.tolist())) == 54
    assert found.fitted.scores_["trustworthiness"] > 0.94
    assert set(found.contiguous) == {"alkali metals", "halogens", "noble gases"}
    assert found.contiguous["noble gases"]
    assert not GIVEN_AWAY & set(found.table.features)
    assert not found.table.imputed.any()


def test_as_json(found):
    shown = found.as_dict()
    assert {"layout", "nodes", "elements", "scores"} <= set(shown)
    iron = next(e for e in shown["elements"] if e["symbol"] == "Fe")
    assert shown["nodes"][iron["node"]] == iron["coordinates"]
    assert len(shown["nodes"]) == 81
    assert found.frame().columns.tolist() == ["symbol", "node", "x", "y"]


def test_the_same_seed_gives_the_same_table_for_any_number_of_workers():
    X = element_table().select(["period", "density", "en_pauling"]).values[:20]
    one = PeriodicTable(restarts=3, random_state=4).fit(X)
    two = PeriodicTable(restarts=3, random_state=4, n_jobs=2).fit(X)
    np.testing.assert_array_equal(one.node_, two.node_)
    assert one.scores_ == pytest.approx(
        two.scores_, rel=1e-9
    )  # workers have one thread of linear algebra each
    assert len(one.restarts_) == 3
    assert one.scores_["trustworthiness"] == max(r["trustworthiness"] for r in one.restarts_)


def test_the_sampler_makes_a_table_too():
    X = element_table().select(symbols=element_table().symbols[:18]).values
    table = PeriodicTable(method="mcmc", restarts=2, chains=3, iterations=60, burn_in=20).fit(X)
    assert len(set(table.node_.tolist())) == 18
    assert {"acceptance", "scale_reduction"} <= set(table.scores_)
    assert len(table.restarts_) == 3 * 41  # of each chain 40 draws and their mean
    assert table.scores_["log_evidence"] == max(r["log_evidence"] for r in table.restarts_)
    apart = PeriodicTable(method="mcmc", restarts=2, chains=3, iterations=60, burn_in=20, n_jobs=2).fit(X)
    np.testing.assert_array_equal(table.node_, apart.node_)


def test_each_route_keeps_the_best_table_by_the_chosen_score():
    X = element_table().select(["period", "density", "en_pauling"]).values[:20]
    for select in ("trustworthiness", "prediction", "log_evidence", "continuity", "log_likelihood", "bound"):
        table = PeriodicTable(restarts=4, select=select).fit(X)
        assert table.scores_[select] == max(r[select] for r in table.restarts_)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_and_its_figures(layout, tmp_path):
    small = map_elements(layout, symbols=element_table().symbols[:20], restarts=1)
    periodic_tables.save(periodic_tables.periodic_table(small), tmp_path / "table.svg")
    periodic_tables.save(periodic_tables.landscape(small, "melting_point"), tmp_path / "land.png")
    assert (tmp_path / "table.svg").read_text(encoding="utf-8").startswith("<svg")
    assert (tmp_path / "land.png").stat().st_size > 1000


def test_new_items_go_beside_their_like(found):
    table = found.fitted
    places = table.transform(found.table.values)
    assert np.linalg.norm(places - table.embedding_, axis=1).mean() < 1.0
    landscape = found.landscape("melting_point", table.embedding_)
    known = element_table().select(["melting_point"], found.table.symbols).values[:, 0]
    assert np.corrcoef(landscape, known)[0, 1] > 0.85


def test_any_items():
    alloys = pd.DataFrame({"alloy": list("abcdef"), "x": range(6), "y": [1, 5, 2, 2, 4, 9]})
    table = ElementTable.from_columns(alloys, "alloys")
    mapped = map_elements("line", table=table, symbols=table.symbols, restarts=1)
    assert mapped.frame().symbol.tolist() == list("abcdef")
    assert mapped.contiguous == {}
    assert periodic_tables.periodic_table(mapped)


@pytest.mark.parametrize("method", ["fast", "mcmc"])
def test_without_a_map_items_lie_along_their_principal_components(method):
    X = np.random.default_rng(0).normal(size=(30, 2))
    table = PeriodicTable(method=method, restarts=3, chains=2, iterations=20, burn_in=10).fit(X)
    assert table.scores_["flat"] == (method == "fast") or not table.map_.flat
    assert table.scores_["trustworthiness"] > 0.85
    assert not table.map_.flat


def test_features_left_out_are_named():
    frame = pd.DataFrame({"alloy": list("abcde"), "x": range(5), "y": [1, 5, 2, None, 4], "z": 1.0})
    table = ElementTable.from_columns(frame, "alloys")
    chosen = choose(table, table.symbols, None)
    assert left_out(table, chosen) == {"y": "unknown for d", "z": "the same for all"}
    default = left_out(element_table(), choose(None, None, None))
    assert default["group"] == "tells groups outright"
    assert "unknown" in default["mineral_hardness"] or "imputed" in default["mineral_hardness"]


def test_too_few_items():
    with pytest.raises(DataError, match="3 items make no periodic table"):
        map_elements(symbols=["H", "He", "Li"])


def test_layouts_side_by_side():
    frame = compare_layouts(["square", "cone"], symbols=element_table().symbols[:12], restarts=1)
    assert frame.layout.tolist() == ["square", "cone"]
    assert {"trustworthiness", "log_likelihood", "nodes"} <= set(frame)


def test_ranges_of_symbols():
    assert range_of_symbols("H-Be,Xe") == ["H", "He", "Li", "Be", "Xe"]
    assert range_of_symbols(None) is None
    with pytest.raises(UnknownNameError, match="did you mean"):
        range_of_symbols("H-Bee")


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"layout": "spirl"}, "did you mean spiral"),
        ({"method": "em"}, "not a choice"),
        ({"restarts": 0}, "restarts=0"),
        ({"burn_in": 20_000}, "burn_in"),
        ({"smoothness": -1.0}, "smoothness"),
        ({"select": "beauty"}, "not a choice"),
        ({"select": "bound", "method": "mcmc"}, "no bound"),
        ({"chains": 0}, "chains=0"),
        ({"restart": 3}, "restart"),
        ({"features": ["fusion_heat"], "table": "gaps"}, "fusion_heat is unknown for"),
        ({"table": "gappy"}, "no feature of the element table"),
    ],
)
def test_wrong_options(options, match):
    tables = {
        "gaps": element_table().measured(),
        "gappy": ElementTable("gappy", tuple("ABCDE"), ("x",), ("",), np.full((5, 1), np.nan)),
    }
    if "table" in options:
        options = options | {"table": tables[options["table"]]}
    with pytest.raises((ConfigError, DataError), match=match):
        map_elements(**options)


def test_landscapes_need_values(found):
    with pytest.raises(ConfigError, match="one value for each of the 54 items"):
        found.fitted.landscape([1.0, 2.0])
