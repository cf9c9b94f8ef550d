"""Routes as trees."""

from __future__ import annotations

import json

import pytest

from hanten.synthesis.routes import MISSING, MolNode, Route, Step, leaf_of, rank, stereoisomers
from hanten.synthesis.stock import build_stock

ACID, ALCOHOL = MolNode("CC(=O)O", True, "shelf", price=1.5), MolNode("CCO", True, "shelf", "A", 0.5, 2.0)


def ester(*reactants, log_prob=-0.5, label="esterification"):
    return Route(
        MolNode("CCOC(C)=O", step=Step(reactants or (ACID, ALCOHOL), label=label, log_prob=log_prob))
    )


def two_steps():
    acid = MolNode("CC(=O)O", step=Step((MolNode("CC#N", True, "shelf"),), "template", "hydrolysis", -0.1))
    return ester(acid, MolNode("CCO"))


def test_leaves_depth_score():
    route = two_steps()
    assert (route.steps, route.depth, route.solved) == (2, 2, False)
    assert route.missing == ("CCO",)
    assert route.log_prob == pytest.approx(-0.6)
    assert route.score == pytest.approx(-0.6 + MISSING)
    assert ester().price == pytest.approx(2.0)


def test_the_dictionary_is_that_of_aizynthfinder():
    tree = two_steps().to_dict()
    assert tree["type"] == "mol"
    assert tree["children"][0]["type"] == "reaction"
    assert tree["children"][0]["children"][0]["in_stock"] is False
    assert json.loads(json.dumps(tree)) == tree

    def check(node):
        assert {"type", "smiles", "hide"} <= set(node)
        assert node["type"] == "reaction" or isinstance(node["in_stock"], bool)
        for child in node.get("children", []):
            assert child["type"] != node["type"]
            check(child)

    check(tree)
    assert Route.from_dict(tree) == two_steps()


def test_a_tree_of_aizynthfinder_is_read():
    tree = {
        "type": "mol", "smiles": "CCOC(C)=O", "in_stock": False, "is_chemical": True, "hide": False,
        "children": [{
            "type": "reaction", "smiles": "x", "is_reaction": True, "metadata": {"classification": "1.2"},
            "children": [{"type": "mol", "smiles": "CCO", "in_stock": True}],
        }],
    }  # fmt: skip
    route = Route.from_dict(tree)
    assert route.solved
    assert route.reactions[0].label == "1.2"


def test_ranking_drops_equal_trees_and_puts_solved_first():
    worse, better = ester(log_prob=-2.0), ester(ALCOHOL, ACID, log_prob=-1.0)
    unsolved = ester(ACID, MolNode("CCO"), log_prob=0.0)
    assert (
        rank([worse, unsolved, better]) == [better, unsolved]
        or rank([worse, unsolved, better])[0].score == -1.0
    )
    assert len(rank([worse, better])) == 1


def test_stereoisomers_serve_where_stereochemistry_is_open():
    stock = build_stock(["C[C@@H]1OC(=O)[C@H](C)OC1=O"], name="s").stock
    assert not leaf_of("CC1OC(=O)C(C)OC1=O", stock).in_stock
    assert leaf_of("CC1OC(=O)C(C)OC1=O", stock, any_stereo=True).in_stock
    assert stereoisomers("CCO") == ()


def test_the_record_lists_each_leaf_once():
    record = ester(ALCOHOL, ALCOHOL).record()
    assert record["leaves"] == [
        {"smiles": "CCO", "in_stock": True, "stock": "shelf", "source": "A", "price": 0.5, "lead_time": 2.0}
    ]
    assert {"score", "log_prob", "steps", "leaves", "tree"} <= set(record)
