from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from hanten.chem import Composition
from hanten.elements import element_table
from hanten.errors import ConfigError, DataError, StructureError
from hanten.features import (
    CompositionDescriptors,
    ElementTable,
    KernelMeanDescriptors,
    composition_matrix,
    featurizer_from_config,
)
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
    assert one.sum_atomic_weight[0] == pytest.approx(5 * one.sum_atomic_weight[1], rel=1e-6)


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
    assert featurizer_from_config(CompositionDescriptors().get_config()).transform(["H2O"]).shape == (
        1,
        5 * 78,
    )


def test_data_error_is_a_row_error():
    assert issubclass(DataError, ValueError)
    assert np.isnan(CompositionDescriptors(TABLE, errors="nan").transform(["FeO"])).all()


def test_against_sums_written_out():
    """A thousand random compositions, every statistic, element by element."""
    rng = np.random.default_rng(0)
    table = element_table()
    items = [_random_composition(rng, table.symbols) for _ in range(1000)]
    X = CompositionDescriptors(statistics=STATISTICS).transform(items)
    for item, row in zip(items, X.reshape(1000, len(STATISTICS), -1), strict=True):
        n = np.array(list(item.values()))
        f = table.select(symbols=list(item)).values
        w = (n / n.sum())[:, None]
        mean = (w * f).sum(axis=0)
        np.testing.assert_allclose(row[0], mean, rtol=1e-12, atol=1e-12)
        np.testing.assert_allclose(row[1], (n[:, None] * f).sum(axis=0), rtol=1e-12, atol=1e-12)
        np.testing.assert_allclose(row[2], (w * (f - mean) ** 2).sum(axis=0), rtol=1e-12, atol=1e-12)
        np.testing.assert_array_equal(row[3:5], [f.max(axis=0), f.min(axis=0)])
        positive = (f > 0).all(axis=0)
        assert np.isnan(row[5:][:, ~positive]).all()
        f = f[:, positive]
        np.testing.assert_allclose(row[5, positive], np.prod(f**w, axis=0), rtol=1e-10)
        np.testing.assert_allclose(row[6, positive], 1 / (w / f).sum(axis=0), rtol=1e-10)


def _random_composition(rng, symbols):
    chosen = rng.choice(symbols, size=rng.integers(1, 7), replace=False)
    return dict(zip(chosen.tolist(), rng.uniform(0.1, 10, len(chosen)).tolist(), strict=True))


def test_variance_of_nearly_equal_values_is_exact():
    table = ElementTable("close", ("H", "O"), ("x",), ("",), np.array([[1e6], [1e6 + 1e-3]]))
    delta = float(table.values[1, 0] - table.values[0, 0])
    X = CompositionDescriptors(table, ["variance"]).transform([{"H": 1, "O": 1}])
    assert X[0, 0] == pytest.approx(delta**2 / 4, rel=1e-6)


def test_equal_to_the_published_descriptors(data_dir):
    """The descriptors of 320 crystals, on the published table of elements: difference below 1e-12."""
    folder = data_dir / "inorganic"
    frame = pd.read_csv(folder / "kmdplus_elements/element_features.csv", index_col=0)
    table = ElementTable.from_frame(frame, "published")
    theirs = pd.read_csv(folder / "affinetl_ltc/desc290.csv", index_col=0)
    formulas = pd.read_csv(folder / "affinetl_ltc/ltc_sps.csv", index_col=0).formula[theirs.index]
    X = CompositionDescriptors(table).set_output(transform="pandas").fit_transform(formulas)
    for ours, prefix in (("mean", "ave"), ("variance", "var"), ("max", "max"), ("min", "min")):
        for feature in table.features:
            np.testing.assert_allclose(
                X[f"{ours}_{feature}"], theirs[f"{prefix}:{feature}"], rtol=1e-12, atol=1e-12
            )


def test_features_are_chosen_by_name():
    featurizer = CompositionDescriptors(statistics=["mean"], features=["density", "period"])
    assert featurizer.get_feature_names_out().tolist() == ["mean_density", "mean_period"]
    again = featurizer_from_config(json.loads(json.dumps(featurizer.get_config())))
    np.testing.assert_array_equal(again.transform(["FeO"]), featurizer.transform(["FeO"]))
    with pytest.raises(KeyError, match="did you mean density"):
        CompositionDescriptors(features=["densty"]).transform(["Fe"])


def test_a_matrix_of_amounts_gives_the_same():
    items = ["Al63Cu25Fe12", {"Fe": 1.0, "O": 0.0}, Composition("H2O")]
    matrix, bad = composition_matrix(items, element_table())
    featurizer = CompositionDescriptors()
    assert not bad
    np.testing.assert_array_equal(featurizer.transform_amounts(matrix), featurizer.transform(items))
    np.testing.assert_array_equal(featurizer.transform_amounts(matrix.toarray()), featurizer.transform(items))
    with pytest.raises(ConfigError, match="do not fit the 94"):
        featurizer.transform_amounts(np.ones((2, 3)))
    for wrong in (np.zeros(94), np.full(94, -1.0), np.full(94, np.nan)):
        with pytest.raises(StructureError, match="none negative, one above zero"):
            featurizer.transform_amounts(wrong[None])


@pytest.mark.parametrize(
    ("item", "match"),
    [
        ("Al63Cu25Fee12", "did you mean Fe"),
        ("Og2O", "Og not in the element table"),
        ({"Fe": "much"}, "the amount 'much' of Fe is not a number"),
        ({"Fe": 0}, "one above zero"),
        ({"Fe": -1, "O": 2}, "none negative"),
        ({"Fe": float("inf")}, "must be finite"),
        ("Fe0O0", "all amounts are zero"),
        ("", "row 0"),
    ],
)
def test_bad_compositions_say_why(item, match):
    with pytest.raises(StructureError, match=match):
        CompositionDescriptors().transform([item])


def test_kernel_mean_by_hand():
    table = ElementTable("two", ("H", "O", "Fe"), ("x",), ("",), np.array([[0.0], [1.0], [2.0]]))
    X = KernelMeanDescriptors(table, size=3).transform([{"H": 1, "Fe": 1}, {"O": 5}])
    at = np.exp(-0.5 * np.array([0.0, 1.0, 2.0]) ** 2)
    np.testing.assert_allclose(X[0], (at + at[::-1]) / 2)
    np.testing.assert_allclose(X[1], [at[1], 1, at[1]])
    assert X[0, 1] < X[1, 1]  # same mean, another distribution
    with pytest.raises(DataError, match="has 1 gaps"):
        KernelMeanDescriptors(TABLE).transform(["H"])
    with pytest.raises(ConfigError, match="size=1"):
        KernelMeanDescriptors(size=1).transform(["H"])
