"""hanten inside other planners; stand-ins for them, so that neither is needed."""

from __future__ import annotations

import sys
from collections import Counter
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest

from hanten.errors import MissingExtraError
from hanten.synthesis import adapters

AMIDE = "CCNC(=O)c1ccccc1"


class FakeForward:
    def log_prob(self, sets, products, *, errors="raise"):  # noqa: ARG002
        return np.array([-0.1 if "O=C(Cl)c1ccccc1" in s else -5.0 for s in sets])

    def predict(self, sets, n_best=1):
        return [[(AMIDE, 0.9)][:n_best] for _ in sets]


@pytest.fixture
def modules(monkeypatch):
    """Modules of the two planners with the few classes that are used."""

    class Base:
        def __init__(self, key="", *_, **__):
            self.key = key

    class Model:
        def __call__(self, inputs, num_results=10):
            return self._get_reactions(inputs, num_results)

    made = {
        "aizynthfinder.chem": {
            "SmilesBasedRetroReaction": lambda mol, metadata, reactants_str: (mol, metadata, reactants_str)
        },
        "aizynthfinder.context.policy.expansion_strategies": {"ExpansionStrategy": Base},
        "syntheseus.interface.bag": {"Bag": lambda items: frozenset(Counter(items).items())},
        "syntheseus.interface.models": {"BackwardReactionModel": Model, "ForwardReactionModel": Model},
        "syntheseus.interface.molecule": {"Molecule": lambda smiles: smiles},
        "syntheseus.interface.reaction": {
            "Reaction": SimpleNamespace,
            "SingleProductReaction": SimpleNamespace,
        },
    }
    for name, members in made.items():
        for i in range(1, name.count(".") + 1):
            parent = name.rsplit(".", i)[0]
            monkeypatch.setitem(sys.modules, parent, ModuleType(parent))
        module = ModuleType(name)
        module.__dict__.update(members)
        monkeypatch.setitem(sys.modules, name, module)
    monkeypatch.setattr("hanten.synthesis.forward.load_forward", lambda *_: FakeForward())
    adapters._made.cache_clear()
    yield
    adapters._made.cache_clear()


def test_ways_are_ranked_and_their_shares_add_up():
    ways = adapters.expand(AMIDE, 200, FakeForward())
    assert ways[0].reactants == ("CCN", "O=C(Cl)c1ccccc1") or ways[0].log_prob > -1
    assert sum(way.probability for way in ways) == pytest.approx(1.0)
    assert len(adapters.expand(AMIDE, 3, FakeForward())) == 3


def test_documented_reactions_are_among_the_ways():
    ways = adapters.expand("O=C(Cl)c1ccc(C(=O)Cl)cc1", 10, FakeForward())
    assert ("template", ("O=C(O)c1ccc(C(=O)O)cc1",)) in [(w.kind, w.reactants) for w in ways]


def test_aizynthfinder_gets_actions_and_priors(modules):
    policy = adapters.HantenExpansion("hanten", None, n=5)
    actions, priors = policy.get_actions([SimpleNamespace(smiles=AMIDE)])
    assert len(actions) == len(priors) == 5
    assert actions[0][1]["policy_name"] == "hanten"
    assert "." in actions[0][2]


def test_syntheseus_gets_reactions(modules):
    (found,) = adapters.HantenBackward()([SimpleNamespace(smiles=AMIDE)], 4)
    assert len(found) == 4
    assert 0 < found[0].metadata["probability"] <= 1
    (products,) = adapters.HantenForward()(
        [[SimpleNamespace(smiles="CCN"), SimpleNamespace(smiles="O=C(Cl)c1ccccc1")]], 1
    )
    assert products[0].metadata["probability"] == 0.9


def test_a_planner_that_is_not_there_is_named(monkeypatch):
    adapters._made.cache_clear()
    monkeypatch.setitem(sys.modules, "aizynthfinder", None)
    monkeypatch.setitem(sys.modules, "syntheseus", None)
    with pytest.raises(MissingExtraError, match="aizynthfinder"):
        _ = adapters.HantenExpansion
    with pytest.raises(MissingExtraError, match="syntheseus"):
        _ = adapters.HantenBackward
    with pytest.raises(AttributeError):
        _ = adapters.Nothing
