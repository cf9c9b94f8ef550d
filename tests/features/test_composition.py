from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from hanten.chem import Composition
from hanten.errors import ConfigError, DataError, StructureError
from hanten.features import CompositionDescriptors, ElementTable, featurizer_from_config, rdkit_elements
from hanten.features.composition import STATISTICS

TABLE = ElementTable(
    "toy", ("H", "O", "Fe"), ("x", "y"), ("K", ""), np.array([[1.0, -1.0], [4.0, 0.0], [16.0, np.nan]])
)


def _frame(items, **parameters):
    return CompositionDescriptors(TABLE, **parameters).set_output(transform="pandas").fit_transform(items)


def test_formulas_by_hand():
    row = _frame(["H2O"], statistics=STATISTICS, counts=True).iloc[0]
    assert (row.amount_H, row.amount_O, row.amount_Fe) == (2, 1, 0)
    assert row.mean_x == 2
    assert row.sum_x == 6
    assert row.variance_x == 2
    assert (row.max_x, row.min_x) == (4, 1)
    assert row.geometric_mean_x == pytest.approx(4 ** (1 / 3))
    assert row.harmonic_mean_x == pytest.approx(3 / 2.25)
    assert row.mean_y == pytest.approx(-2 / 3)
    assert (row.max_y, row.min_y) == (0, -1)
    assert np.isnan(row.geometric_mean_y)
    assert np.isnan(row.harmonic_mean_y)


def test_zero_amounts_never_count():
    pd.testing.assert_frame_equal(_frame([{"H": 2, "O": 1, "Fe": 0.0}]), _frame(["H2O"]))


def test_missing_values_are_raised_kept_or_skipped():
    with pytest.raises(StructureError, match="no y of Fe in the element table 'toy'"):
        _frame(["H2O", "FeO"])
    kept, skipped = (_frame(["FeO", "Fe"], missing=m, statistics=STATISTICS) for m in ("nan", "skip"))
    assert kept.filter(like="_y").isna().all(axis=None)
    assert kept.mean_x.tolist() == [10, 16]
    assert skipped.mean_y.tolist()[0] == skipped.max_y.tolist()[0] == 0
    assert skipped.loc[1].filter(like="_y").isna().all()


def test_mean_variance_of_one_element_are_exact():
    frame = _frame(["Fe", "O3"], missing="nan")
    assert frame.variance_x.tolist() == [0, 0]


def test_only_proportions_matter_except_in_sums():
    one = (
        CompositionDescriptors(missing="nan")
        .set_output(transform="pandas")
        .fit_transform(["Al2O3", "Al0.4O0.6"])
    )
    for name in one.columns.drop([c for c in one if c.startswith("sum_")]):
        assert one[name][0] == pytest.approx(one[name][1], rel=1e-5), name
    assert one.sum_atomic_mass[0] == pytest.approx(5 * one.sum_atomic_mass[1], rel=1e-6)


def test_inputs_and_bad_rows():
    featurizer = CompositionDescriptors(errors="nan")
    X = featurizer.transform(["Al2O3", Composition("O3Al2"), {"Al": 4, "O": 6.0}, "Xx2", None, {"O": -1}, {}])
    assert np.isnan(X).all(axis=1).tolist() == [False] * 3 + [True] * 4
    np.testing.assert_array_equal(X[0], X[1])
    with pytest.raises(StructureError, match="2 of 3"):
        CompositionDescriptors().transform(["Xx2", "Al", "Yy"])


def test_an_element_beyond_the_table():
    with pytest.raises(StructureError, match="Au not in the element table 'toy'"):
        _frame(["AuO"])


def test_names_units_and_configuration():
    featurizer = CompositionDescriptors(TABLE, ["mean", "variance"], counts=True)
    names, units = featurizer.get_feature_names_out(), featurizer.get_feature_units()
    assert dict(zip(names, units, strict=True)) == {
        "amount_H": "", "amount_O": "", "amount_Fe": "", "mean_x": "K", "mean_y": "", "variance_x": "(K)^2",
        "variance_y": "",
    }  # fmt: skip
    config = json.loads(json.dumps(featurizer.get_config()))
    again = featurizer_from_config(config, table=TABLE)
    np.testing.assert_array_equal(again.transform(["H2O"]), featurizer.transform(["H2O"]))
    with pytest.raises(ConfigError, match="'toy' is not built in"):
        featurizer_from_config(config)
    assert featurizer_from_config(CompositionDescriptors().get_config()).transform(["H2O"]).shape == (1, 35)


def test_rdkit_table():
    table = rdkit_elements()
    groups = dict(zip(table.symbols, table.values[:, table.features.index("group")], strict=True))
    assert {s: groups[s] for s in ("H", "He", "Be", "C", "Ti", "Zn", "Xe", "La", "Hf", "Og")}.items() >= {
        ("H", 1), ("He", 18), ("Be", 2), ("C", 14), ("Ti", 4), ("Zn", 12), ("Xe", 18), ("Hf", 4), ("Og", 18)
    }  # fmt: skip
    assert np.isnan(groups["Gd"])
    assert table.values.shape == (118, 7)


def test_a_table_that_does_not_fit():
    with pytest.raises(ConfigError, match="do not fit"):
        ElementTable("bad", ("H",), ("x",), ("",), np.zeros((2, 1)))


def test_data_error_is_a_row_error():
    assert issubclass(DataError, ValueError)
    assert np.isnan(CompositionDescriptors(TABLE, errors="nan").transform(["FeO"])).all()
