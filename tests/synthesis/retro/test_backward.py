"""The backward model proposes, beside templates and without them."""

from types import SimpleNamespace

import numpy as np
import pytest

from hanten.errors import BundleError
from hanten.synthesis.forward.bundled import BUNDLED as FORWARD
from hanten.synthesis.retro import (
    BackwardTransformer,
    RetroSettings,
    Templates,
    load_backward,
    load_templates,
    retrosynthesize,
)
from hanten.synthesis.retro.candidates import Proposer, one_step
from hanten.synthesis.stock import build_stock

AMIDE, ACID = "CCNC(=O)c1ccccc1", "O=C(O)c1ccccc1"
SETS = {AMIDE: [(("CCN", ACID), 0.5), (("CCO", "N", ACID, "CC"), 0.4), (("CCN", "O=C(Br)c1ccccc1"), 0.1)]}


class Guesser:
    """Knows one product, and counts how often it is asked."""

    def __init__(self):
        self.asked = []

    def reactant_sets(self, products, n=10):  # noqa: ARG002
        self.asked += products
        return [SETS.get(product, []) for product in products]


@pytest.fixture(scope="module")
def stock():
    return build_stock(["CCN", ACID, "CCO", "COC(=O)c1ccccc1"], name="shelf").stock


def test_guesses_become_states_of_the_stock(stock):
    guesser = Guesser()
    proposer = Proposer(Templates(()), stock, guesser)
    table = one_step(proposer, AMIDE)
    places = tuple(sorted(stock.index(one) for one in ("CCN", ACID)))
    assert next(iter(table)) == places
    assert table[places] == pytest.approx(0.5, abs=0.1)  # a member like the missing bromide adds a little
    assert all(len(state) <= 3 for state in table)
    proposer.ask([AMIDE, "CC", AMIDE])
    assert guesser.asked == [AMIDE, "CC"]


def test_chances_of_templates_and_guesses_add_up(stock):
    templates = load_templates()
    before, after = (dict(Proposer(templates, stock, who).proposals(AMIDE)) for who in (None, Guesser()))
    assert after["CCN", ACID] == pytest.approx(before["CCN", ACID] + 0.5)
    assert list(after.values()) == sorted(after.values(), reverse=True)


def test_it_finds_routes_where_no_template_does(stock):
    class Forward:
        def log_prob(self, sets, products):  # noqa: ARG002
            return np.array([-0.1 if set(one) == {"CCN", ACID} else -80.0 for one in sets])

        def predict(self, sets, n_best=1):  # noqa: ARG002
            return [[(AMIDE, 0.9)] for _ in sets]

    found = retrosynthesize(
        AMIDE,
        stock,
        Forward(),
        backward=Guesser(),
        templates=Templates(()),
        settings=RetroSettings(particles=10),
    )
    assert found.routes[0].leaves == ("CCN", ACID)


def test_what_cannot_be_read_has_no_guesses_and_the_product_is_none_of_its_reactants():
    def predict(sets, n_best, beam):
        assert sets == [["CC"]]
        assert beam == n_best == 4
        return [[("C.C", 0.6), ("CC.N", 0.2)]]

    model = SimpleNamespace(predict=predict, why_not=lambda one: "too long" if one == ["long"] else None)
    assert BackwardTransformer(model).reactant_sets(["long", "CC"], 4) == [[], [(("C", "C"), 0.6)]]


def test_a_forward_model_is_refused():
    with pytest.raises(BundleError, match="holds no backward model"):
        load_backward(FORWARD)
