"""``hanten synth`` and ``hanten stock``."""

from __future__ import annotations

import json

import pytest

from hanten.cli.main import main


@pytest.fixture
def run(capsys, tmp_path, monkeypatch):
    monkeypatch.setenv("HANTEN_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "shelf.csv").write_text("smiles,price\nOCCO,0.1\nCc1ccc(C)cc1,1\nxx,1\n")

    def call(*words):
        with pytest.raises(SystemExit) as stop:
            main(list(words))
        out, err = capsys.readouterr()
        return stop.value.code, out, err

    return call


PET = "*OCCOC(=O)c1ccc(cc1)C(*)=O"


def test_json_is_as_promised(run):
    code, out, _ = run("synth", PET, "CCC", "--stock", "shelf.csv", "--steps", "2", "--no-model", "--json")
    assert code == 0
    first, second = json.loads(out)
    assert {"target", "status", "reason", "routes"} <= set(first)
    route = first["routes"][0]
    assert {"score", "log_prob", "steps", "leaves", "tree"} <= set(route)
    assert route["leaves"][0] == {
        "smiles": route["leaves"][0]["smiles"], "in_stock": True, "stock": "shelf", "source": "shelf",
        "price": route["leaves"][0]["price"], "lead_time": None,
    }  # fmt: skip
    assert route["tree"]["type"] == "mol"
    assert (second["status"], second["routes"]) == ("none", [])
    assert second["reason"]


def test_exit_codes(run):
    assert run("synth", "C1CC", "--no-model", "--stock", "shelf.csv")[0] == 1
    assert run("synth", "C1CC", PET, "--no-model", "--stock", "shelf.csv")[0] == 3
    assert run("synth", PET, "--steps", "3")[0] == 2
    code, _, err = run("synth", PET, "--stock", "missing.csv", "--no-model")
    assert code == 1
    assert "no stock" in err
    (code, _, err) = run("synth", PET, "--memory-limit", "0.01", "--no-model")
    assert code == 1
    assert "memory limit" in err


def test_a_batch_is_kept_and_resumed(run, tmp_path):
    (tmp_path / "targets.smi").write_text(f"{PET}\nC1CC\n")
    words = ("synth", "targets.smi", "--stock", "shelf.csv", "--steps", "2", "--no-model", "-o", "runs/a")
    code, out, err = run(*words)
    assert code == 3
    assert "rows are not usable" in err
    assert "oxidation" in out
    assert "Best routes" in (tmp_path / "runs/a/0001.html").read_text()
    assert run(*words)[0] == 1
    assert run(*words, "--resume")[0] == 3


def test_stock_build_info_lookup(run, tmp_path):
    code, _, err = run(
        "stock", "build", "shelf.csv", "-o", "mine.stock", "--rejects", "bad.csv", "--name", "mine"
    )
    assert code == 3
    assert "row 4" in err
    assert "xx" in (tmp_path / "bad.csv").read_text()
    code, out, _ = run("stock", "info", "mine.stock", "--json", "--check")
    assert (code, json.loads(out)["members"]) == (0, 2)
    code, out, _ = run("stock", "lookup", "C(O)CO", "C1CC", "--stock", "mine.stock", "-n", "1", "--json")
    rows = json.loads(out)
    assert code == 3
    assert (rows[0]["in_stock"], rows[0]["price"], rows[0]["nearest"][0]["smiles"]) == (True, 0.1, "OCCO")
    assert rows[1]["in_stock"] is None
    assert run("stock", "lookup", "OCCO", "--stock", "mine.stock")[0] == 0
    assert run("stock", "build", "nothing.csv", "-o", "x.stock")[0] == 1
    assert run("stock", "build", "shelf.csv", "-o", "x.stock", "--column", "prise=price")[0] == 1
