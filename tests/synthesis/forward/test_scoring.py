"""Scores of a model in its own direction, and the card that holds them."""

from dataclasses import asdict
from types import SimpleNamespace

import pytest

from hanten.synthesis.forward.card import card_text
from hanten.synthesis.forward.pairs import PairSettings
from hanten.synthesis.forward.scoring import Score, score

ROWS = [("CCO.CC(=O)O", "CCOC(C)=O"), ("CN.CC(=O)Cl", "CNC(C)=O"), ("[Pu].C", "C[Pu]")]


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "reactions.tsv"
    path.write_text("reactants\tproduct\n" + "".join(f"{a}\t{b}\n" for a, b in ROWS))
    return path


def model(direction, answers):
    def predict(sets, beam):
        assert beam == (5 if direction == "forward" else 10)
        return [answers[".".join(one)] for one in sets]

    return SimpleNamespace(
        card={"pairs": {"settings": {"direction": direction}}},
        why_not=lambda one: "unknown" if "[Pu]" in ".".join(one) else None,
        predict=predict,
    )


def test_forward_products_are_ranked(table):
    answers = {
        "CCO.CC(=O)O": [("CCOC(C)=O", 0.9)],
        "CN.CC(=O)Cl": [("CNC(=O)C", 0.5), ("CNC(C)=O", 0.3)],
    }
    found = score(model("forward", answers), table)
    assert found.ranks == (1, 2, None)
    assert (found.top(1), found.top(2), found.unreadable) == (1, 2, 1)
    assert found.record()["top2"][0] == 2


def test_backward_sets_are_ranked_whatever_their_order(table):
    answers = {"CCOC(C)=O": [("CC(=O)O.CCO", 0.4)], "CNC(C)=O": []}
    found = score(model("backward", answers), table)
    assert found.ranks == (1, None, None)
    assert found.tops == (1, 5, 10)
    assert "top 10: 0.333" in found.line()


@pytest.mark.parametrize("direction", ["forward", "backward"])
def test_the_card_says_what_the_model_is(direction, tmp_path):
    found = Score((1, None), (0.8, 0.2), 0, 3.0, 10, (1, 5))
    pairs = asdict(PairSettings(direction, variants=4, reagents=direction == "forward"))
    sizes = {"width": 8, "heads": 2, "encoder_layers": 1, "decoder_layers": 1, "hidden": 9, "dropout": 0.1}
    card = {
        "date": "2026-01-01", "model": sizes,
        "preset": "tiny", "began_from": {"reactions": 123456, "began_from": {"reactions": 789}}, "tokens": 9, "rdkit": "2026.09.1",
        "pairs": {"count": 10, "settings": pairs}, "settings": {"budget": 300, "peak": 0.001},
        "reactions": 70, "epochs": 7, "hours": 0.1, "processor_hours": 0.1, "note": "", "curve": [],
        "scores": {"a test": found.record()},
    }  # fmt: skip
    card["curve"] = [{"step": 1, "reactions": 2, "loss": 0.5, "token_accuracy": 0.5, "exact": 1, "of": 2}]
    text = card_text(card, tmp_path / "m.safetensors")
    assert text.startswith(f"# {direction.capitalize()} reaction model")
    assert "it began from the weights of another run that had seen 123,456; and that one began from" in text
    assert "10 aligned pairs; 4 texts of each" in text
    assert ("reagents may stand among the reactants" in text) == (direction == "forward")
    assert "| top 5 | 1 | 0.500 |" in text
    assert f"--direction {direction} --preset tiny --start-from BEFORE.safetensors --variants 4" in text
