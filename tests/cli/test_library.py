"""``hanten library``: the library in the package, searched, shown, copied; training refused without torch."""

from __future__ import annotations

import json
from importlib.util import find_spec

import pytest

from hanten.cli.main import main


@pytest.fixture
def hanten(capsys, tmp_path, monkeypatch):
    """Run a command line; return status, stdout, stderr."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("HANTEN_LIBRARY", raising=False)

    def run(*words):
        with pytest.raises(SystemExit) as stopped:
            main(["library", *words])
        out, err = capsys.readouterr()
        assert "Traceback" not in err
        return int(stopped.value.code or 0), out, err

    return run


def test_the_list_is_a_table_for_programs_too(hanten):
    status, out, _ = hanten("list", "--json")
    rows = json.loads(out)
    assert status == 0
    assert len(rows) >= 30
    assert {row["kind"] for row in rows} == {"polymer", "molecule", "composition"}
    assert all(row["best"].startswith(row["task"]) for row in rows)
    assert len(json.loads(hanten("list", "--kind", "polymer", "--json")[1])) < len(rows)
    assert hanten("list", "-o", "tasks.csv")[0] == 0


def test_a_search_in_words_answers_or_says_that_nothing_does(hanten):
    status, out, _ = hanten("search", "polymers,", "near", "refractive index,", "R2 > 0.5", "--json")
    rows = json.loads(out)
    assert status == 0
    assert rows[0]["property"] == "refractive_index"
    assert all(row["kind"] == "polymer" and row["r2"] >= 0.5 for row in rows)
    assert hanten("search", "--min-r2", "0.99999", "--json")[:2] == (3, "[]\n")


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("search", "polymers, near colour"), "no property"),
        (("search", "--kind", "plastic"), "no world"),
        (("search", "polymers", "--without", "nothing"), "no data set"),
        (("show", "polymer/densty"), "did you mean"),
        (("list", "--library", "nowhere"), "holds no library"),
        (("fetch", "nowhere", "-o", "copy"), "holds no library"),
    ],
)
def test_what_is_wrong_is_said(hanten, words, reason):
    status, _, err = hanten(*words)
    assert status == 1
    assert reason in err


def test_a_card_says_data_licence_split_scores_and_how_to_train_again(hanten):
    status, out, _ = hanten("show", "polymer/density", "--json")
    card = json.loads(out)
    assert status == 0
    assert card["data"][0]["licence"]
    assert {"r2", "mae", "n"} <= set(card["scores"])
    for entry in ("split", "seed", "widths", "date", "train_again"):
        assert card[entry]
    text = hanten("show", "polymer/density")[1]
    assert "train again: hanten library train polymer/density" in text


def test_a_copy_can_be_used(hanten):
    status, out, _ = hanten("fetch", "bundled", "-o", "sources", "--quiet")
    assert (status, out.strip()) == (0, "sources")
    assert json.loads(hanten("list", "--library", "sources", "--json")[1])


@pytest.mark.skipif(find_spec("torch") is not None, reason="torch is installed")
def test_training_without_torch_says_what_to_install(hanten):
    status, _, err = hanten("train", "polymer/Tg", "-o", "sources")
    assert status == 1
    assert "hanten[train]" in err
