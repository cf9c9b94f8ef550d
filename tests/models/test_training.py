"""Tables as people have them, the folds, the domain, and what a model says."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from hanten.errors import ConfigError, DataError, UnitError, UnknownNameError
from hanten.models import evaluate, train, train_model
from hanten.models.hygiene import clean_table
from hanten.properties import get_property

TG = get_property("Tg")


def clean(rows, **options):
    return clean_table(pd.DataFrame(rows, columns=["s", "v"]), "s", "v", TG, min_rows=1, **options)


def test_everything_bad_is_counted_and_nothing_else_is_lost():
    rows = [
        ("*CC*", 300.0),
        ("*CCO*", "nan"),
        ("*CCO*", np.inf),
        ("oops", 1),
        (None, 2),
        ("*CCO*", "warm"),
        ("*CCCO*", "36.85 degC"),
        ("*CCN*", "3 kg"),
        ("*C=C*", ""),
    ]
    done = clean(rows)
    assert done.y.tolist() == [300.0, 310.0]
    assert done.report["not_used"] == {
        "no value": 2,
        "infinite value": 1,
        "unreadable structure": 2,
        "value is not a number": 1,
        "different kind of unit": 1,
    }
    assert done.report["rows"] == 9


def test_duplicates_of_any_writing_become_their_median():
    done = clean([("*CC*", 1.0), ("*CCCC*", 3.0), ("*C*", 8.0), ("*CCO*", 5.0)])
    assert sorted(done.y.tolist()) == [3.0, 5.0]
    assert done.report["duplicate_rows"] == 2
    assert done.report["largest_spread"]["range"] == 7.0


def test_stereo_forms_are_one_polymer():
    assert len(clean([("*/C=C/*", 1.0), ("*/C=C\\*", 2.0), ("*CCO*", 3.0)]).y) == 2


def test_units_of_the_column_and_row_by_row():
    assert clean([("*CC*", 0.0), ("*CCO*", 10)], unit="degC").y.tolist() == [273.15, 283.15]
    mixed = pd.DataFrame({"s": ["*CC*", "*CCO*"], "v": ["27", "300"], "unit": ["degC", "K"]})
    assert clean_table(mixed, "s", "v", TG, min_rows=1).y.tolist() == pytest.approx([300.15, 300.0])
    with pytest.raises(UnitError, match="dimensions differ"):
        clean([("*CC*", 1.0)], unit="GPa")


def test_what_cannot_be_trained_on():
    with pytest.raises(DataError, match=r"2 polymers with a value are left of 3 rows .1 no value"):
        clean_table(pd.DataFrame({"s": ["*CC*", "*CCO*", "*CCN*"], "v": [1.0, 2.0, None]}), "s", "v", TG)
    with pytest.raises(DataError, match="nothing to learn"):
        clean([("*CC*", 5.0), ("*CCO*", 5.0)])
    with pytest.raises(UnknownNameError, match="did you mean"):
        clean_table(pd.DataFrame({"smiles": [1], "v": [1]}), "smile", "v", TG)


def test_values_far_from_plausible_are_reported(caplog):
    done = clean([("*CC*", -20.0), ("*CCO*", 10.0)])
    assert done.report["outside_plausible_range"] == 2
    assert "is the unit right" in caplog.text


def test_scores_and_card(trained):
    scores = trained.random.metrics()
    assert scores["r2"] > 0.5
    assert 0.8 <= scores["coverage"]["0.9"] <= 0.97
    assert trained.model.card["method"] == "made up"
    assert {"rows", "scores", "calibration", "domain", "date", "train_again"} - {"train_again"} <= set(
        trained.model.card
    )
    assert trained.model.label == "Tg [K], made up"
    assert "<table>" in trained.model._repr_html_()


def test_predictions_keep_rows_and_order(trained):
    frame = trained.model.predict_frame(["*CCO*", "oops", "*OCC*", None, "*CC(*)(F)[Si](C)(C)C"])
    assert frame["error"].isna().tolist() == [True, False, True, False, True]
    assert frame["mean"].isna().tolist() == [False, True, False, True, False]
    assert frame["mean"][0] == pytest.approx(frame["mean"][2], rel=1e-9)
    assert frame["canonical"][0] == frame["canonical"][2]
    assert frame["in_domain"].tolist() == [True, False, True, False, False]  # silicon was never seen
    assert frame["similarity"][0] <= 1
    assert np.isnan(trained.model.predict(["oops"])[0])
    assert trained.model.predict([]).shape == (0,)


def test_the_unit_may_be_written_in_any_way(trained):
    one, two, three = trained.model.predict(["*CC(*)C", "*C(C)C*", "[*:1]CC([*:2])C"])
    assert one == pytest.approx(two, rel=1e-9) == pytest.approx(three, rel=1e-9)


def test_predict_mols_is_the_same(trained):
    from rdkit import Chem

    units = ["*CC(*)C", "*CCO*"]
    mols = [None, *map(Chem.MolFromSmiles, units)]
    mean, std = trained.model.predict_mols(mols, return_std=True)
    assert np.isnan(mean[0])
    np.testing.assert_allclose(
        np.stack([mean[1:], std[1:]]),
        trained.model.predict(units, return_std=True, canonical=True),
        rtol=1e-6,
    )


def test_evaluation_names_rows_of_the_training_set(trained, table):
    done = evaluate(trained.model, [*table["psmiles"][:3], "*CCCCS*", "oops"], [*table["Tg"][:3], 250.0, 1.0])
    assert done.metrics()["n"] == 4
    assert "3 of 5 rows were in the training set" in done.notes[0]
    assert "1 of 5 rows have no finite value" in done.notes[1]
    assert len(done.frame()) == 5
    with pytest.raises(DataError, match="nothing can be scored"):
        evaluate(trained.model, ["oops"], [1.0]).metrics()


def test_an_evaluation_shows_itself(trained):
    html = trained.random._repr_html_()
    assert "<svg" in html
    assert "grouped by canonical key" in html
    assert len(trained.random.plot().axes) == 2


def test_log_scale_gives_real_units(table):
    raised = table.assign(Tg=np.exp((table["Tg"] - 200) / 20))
    model = train_model(raised, "psmiles", "Tg", property="co2_permeability", unit="barrer", model="gp")
    assert model.log
    mean, std = model.predict(table["psmiles"], return_std=True)
    assert (mean > 0).all()
    assert np.median(std / mean) < 1.5
    with pytest.raises(ConfigError, match="not positive"):
        train_model(table.assign(Tg=table["Tg"] - 300), "psmiles", "Tg", model="gp", log=True)


def test_a_property_of_the_users_own(table):
    with pytest.raises(UnknownNameError, match="needs a unit"):
        train_model(table.rename(columns={"Tg": "gloss factor"}), "psmiles", "gloss factor")
    model = train_model(
        table.rename(columns={"Tg": "gloss factor"}),
        "psmiles",
        "gloss factor",
        unit="percent",
        model="linear",
    )
    assert (model.property_.name, model.property_.unit) == ("gloss_factor", "percent")
    assert get_property("gloss_factor").unit == "percent"


def test_molecules_have_no_chain_descriptors():
    rows = pd.DataFrame(
        {"smiles": ["C" * n + "O" for n in range(1, 31)], "logS": [-0.5 * n for n in range(30)]}
    )
    done = train(rows, "smiles", "logS", model="gp")
    assert done.model.property_.name == "aqueous_solubility"
    assert len(done.model.views) == 2


@pytest.mark.parametrize("name", ["linear", "forest", "average", "auto"])
def test_every_kind_of_model_trains_and_saves(table, tmp_path, name):
    from hanten.models import load_model

    done = train(table, "psmiles", "Tg", model=name, n_splits=2)
    again = load_model(done.model.save(tmp_path / "m.hanten"))
    np.testing.assert_allclose(
        done.model.predict(table["psmiles"][:3]), again.predict(table["psmiles"][:3]), rtol=1e-4
    )


def test_an_unknown_kind_of_model(table):
    with pytest.raises(ConfigError, match="did you mean forest"):
        train_model(table, "psmiles", "Tg", model="forrest")
