"""``hanten predict``, ``train`` and ``evaluate`` as a user meets them."""

from __future__ import annotations

import json

import pandas as pd
import pytest
from click.testing import CliRunner

from hanten.cli.main import hanten


def run(*words, **options):
    result = CliRunner().invoke(hanten, [str(word) for word in words], standalone_mode=False, **options)
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def test_predict_json_is_the_agreed_form(bundle):
    result = run("predict", "-m", bundle, "*CC(*)c1ccccc1", "oops", "--json")
    good, bad = json.loads(result.stdout)
    assert list(good) == list(bad) == ["input", "canonical", "error", "predictions"]
    assert good["error"] is None
    assert set(good["predictions"]["Tg"]) == {"mean", "sd", "unit", "in_domain", "nearest"}
    assert set(good["predictions"]["Tg"]["nearest"]) == {"structure", "similarity"}
    assert bad["canonical"] is None
    assert bad["predictions"] == {}
    assert "oops" in bad["error"]
    assert result.return_value == 3


def test_predict_file_keeps_every_row_and_column(bundle, tmp_path):
    n = 10_000
    units = ["*CC*", "*CC(*)c1ccccc1", "*CCO*"]
    bad = {17: "oops", 4000: "", 9999: "*CC(*)*"}
    table = pd.DataFrame(
        {"id": range(n), "psmiles": [bad.get(i, units[i % 3]) for i in range(n)], "note": "x"}
    )
    table.to_csv(tmp_path / "in.csv", index=False)
    result = run("predict", "-m", bundle, tmp_path / "in.csv", "-o", tmp_path / "out.csv")
    out = pd.read_csv(tmp_path / "out.csv")
    assert result.return_value == 3
    assert out.columns.tolist() == ["id", "psmiles", "note", "Tg_mean", "Tg_sd", "Tg_in_domain", "error"]
    assert out["id"].tolist() == list(range(n))
    assert out.index[out["error"].notna()].tolist() == sorted(bad)
    assert out.index[out["Tg_mean"].isna()].tolist() == sorted(bad)


def test_train_then_predict_then_evaluate(table, tmp_path):
    table.to_csv(tmp_path / "data.csv", index=False)
    model = tmp_path / "m.hanten"
    result = run(
        "train",
        tmp_path / "data.csv",
        "--structure",
        "psmiles",
        "--target",
        "Tg",
        "--model",
        "gp",
        "-o",
        model,
    )
    assert "clusters held out: MAE" in result.stdout
    scores = json.loads(
        run("evaluate", model, tmp_path / "data.csv", "--json", "--html", tmp_path / "e.html").stdout
    )
    assert {"mae", "rmse", "r2", "nll", "coverage", "in_domain", "out_of_domain", "unit", "notes"} <= set(
        scores
    )
    assert "training set" in scores["notes"][0]
    assert "<svg" in (tmp_path / "e.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["data.csv", "--structure", "psmile", "--target", "Tg"], "did you mean psmiles"),
        (["data.csv", "--target", "Tg"], "--structure is missing"),
        ([], "give a table or --recipe"),
        (["--recipe", "gloss"], "no recipe"),
        (["none.csv", "--structure", "a", "--target", "b"], "no such file"),
        (["data.csv", "--structure", "psmiles", "--target", "Tg", "-p", "gloss"], "needs a unit"),
    ],
)
def test_train_says_what_is_wrong(table, tmp_path, monkeypatch, words, said):
    from hanten.errors import HantenError

    monkeypatch.chdir(tmp_path)
    table.to_csv("data.csv", index=False)
    with pytest.raises(HantenError, match=said):
        run("train", *words, "-o", "m.hanten")
    assert not (tmp_path / "m.hanten").exists()


def test_predict_with_a_property_the_model_does_not_have(bundle):
    from hanten.errors import HantenError

    with pytest.raises(HantenError, match="no given model predicts density"):
        run("predict", "-m", bundle, "-p", "density", "*CC*")


def test_a_molecule_among_polymers_is_a_row_with_a_reason(bundle):
    good, bad = json.loads(run("predict", "-m", bundle, "*CC*", "CCO", "--json").stdout)
    assert good["predictions"]["Tg"]["mean"] > 0
    assert bad["canonical"] == "CCO"
    assert "no backbone" in bad["error"]
    assert bad["predictions"] == {}
