"""``hanten elements``."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from hanten.cli.main import main


def run(capsys, *words):
    with pytest.raises(SystemExit) as stop:
        main(["elements", *words])
    return stop.value.code, *capsys.readouterr()


def test_show(capsys):
    status, out, err = run(capsys, "show", "Fe", "Co", "--feature", "density", "--json")
    assert (status, err) == (0, "")
    iron, cobalt = json.loads(out)
    assert iron["features"][0] | {"description": ""} == {
        "feature": "density", "value": 7.87, "unit": "g/cm^3", "source": "mendeleev 1.3.0", "description": "",
    }  # fmt: skip
    assert cobalt["symbol"] == "Co"


@pytest.mark.parametrize(
    ("words", "match"),
    [
        (("show", "Fee"), "did you mean Fe"),
        (("show", "Og"), "94 elements, H to Pu"),
        (("show", "Fe", "--feature", "densty"), "did you mean density"),
        (("map", "--layout", "spirl"), "did you mean spiral"),
        (("map", "--method", "fats"), "did you mean fast"),
        (("map", "--symbols", "Li-Nx"), "no element 'Nx'"),
        (("map", "--shape", "3"), "do not fit on the 9 nodes"),
        (("map", "missing.csv"), "no such file"),
        (("map", "--symbols", "H-Ne", "--restarts", "1", "--figure", "a.bmp"), "svg, .png or .pdf"),
        (
            ("map", "--symbols", "H-Ne", "--restarts", "1", "--figure", "a.svg", "--landscape", "mass"),
            "no feature",
        ),
    ],
)
def test_wrong_words(capsys, words, match):
    status, out, err = run(capsys, *words)
    assert (status, out) == (1, "")
    assert match in err


def test_export(capsys, tmp_path):
    target = tmp_path / "elements.csv"
    assert run(capsys, "export", "-o", str(target))[0] == 0
    full = pd.read_csv(target, index_col="symbol")
    assert full.shape == (94, 78)
    assert not full.isna().any(axis=None)
    assert run(capsys, "export", "--measured", "-o", str(target))[0] == 0
    assert pd.read_csv(target, index_col="symbol", keep_default_na=False).eq("").any(axis=None)
    assert "derived" in run(capsys, "export", "--sources")[1]


def test_map_as_json_and_as_figure(capsys, tmp_path):
    figure = tmp_path / "map.svg"
    words = ("map", "--symbols", "H-Ar", "--restarts", "2", "--json", "--figure", str(figure))
    status, out, _ = run(capsys, *words)
    found = json.loads(out)
    assert status == 0
    assert found["layout"] == "square"
    assert len(found["elements"]) == 18
    assert all(found["nodes"][e["node"]] == e["coordinates"] for e in found["elements"])
    assert 0.5 < found["scores"]["trustworthiness"] <= 1
    assert figure.read_text(encoding="utf-8").startswith("<svg")


def test_map_of_your_own_items(capsys, tmp_path):
    own = tmp_path / "alloys.csv"
    own.write_text("alloy,x,y\n" + "".join(f"a{i},{i},{i * i % 7}\n" for i in range(9)), encoding="utf-8")
    status, out, _ = run(capsys, "map", str(own), "--restarts", "1")
    assert status == 0
    assert len(out.splitlines()) == 10
    own.write_text("alloy,x\na,1\nb,many\nc,2\nd,3\n", encoding="utf-8")
    status, _, err = run(capsys, "map", str(own))
    assert status == 1
    assert "x of b is 'many', not a number" in err
    own.write_text("alloy,x,y\na,1,2\nb,,3\nc,2,2\nd,3,1\n", encoding="utf-8")
    status, _, err = run(capsys, "map", str(own), "--features", "x")
    assert status == 1
    assert "x is unknown for b" in err


def test_layouts_compared(capsys):
    status, out, _ = run(capsys, "map", "--layout", "all", "--symbols", "H-Ne", "--restarts", "1", "--json")
    assert status == 0
    assert {row["layout"] for row in json.loads(out)} >= {"square", "cone", "spiral"}
