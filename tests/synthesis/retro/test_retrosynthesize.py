import json
from typing import ClassVar

import numpy as np
import pytest

from hanten.errors import ConfigError, DataError, StructureError
from hanten.inference import load_checkpoint, save_checkpoint
from hanten.synthesis.retro import RetroSettings, retrosynthesize
from hanten.synthesis.retro.candidates import Widths
from hanten.synthesis.retro.ranking import diverse
from hanten.synthesis.routes import Route
from hanten.synthesis.stock import build_stock

AMIDE = "CCNC(=O)c1ccccc1"
MEMBERS = [
    "CCN",
    "O=C(O)c1ccccc1",
    "O=C(Cl)c1ccccc1",
    "CN",
    "CCO",
    "c1ccccc1",
    "CCBr",
    "COC(=O)c1ccccc1",
    AMIDE,
]
QUICK = RetroSettings(particles=30, widths=Widths(sets=15, intermediates=8, ways=8, states=300))


class Chemist:
    """Knows amides from acids, chlorides and esters, and hydrolysis; sure of nothing else."""

    RIGHT: ClassVar = {
        frozenset({"CCN", "O=C(O)c1ccccc1"}): (AMIDE, 0.6),
        frozenset({"CCN", "O=C(Cl)c1ccccc1"}): (AMIDE, 0.9),
        frozenset({"CCN", "COC(=O)c1ccccc1"}): (AMIDE, 0.2),
        frozenset({"COC(=O)c1ccccc1"}): ("O=C(O)c1ccccc1", 0.8),
        frozenset({"O=C(O)c1ccccc1"}): ("O=C(Cl)c1ccccc1", 0.7),
    }

    def __init__(self):
        self.scored = 0

    def predict(self, reactant_sets, n_best=1):  # noqa: ARG002
        found = [self.RIGHT.get(frozenset(one)) for one in reactant_sets]
        return [[one] if one else [("CC", 0.1)] for one in found]

    def log_prob(self, reactant_sets, products):
        self.scored += len(products)
        values = []
        for reactants, product in zip(reactant_sets, products, strict=True):
            known, p = self.RIGHT.get(frozenset(reactants), ("", 0))
            values.append(np.log(p) if known == product else -60.0 - len(".".join(reactants)))
        return np.array(values)


@pytest.fixture(scope="module")
def stock():
    return build_stock(MEMBERS, name="shelf").stock


@pytest.fixture(scope="module")
def result(stock):
    return retrosynthesize(AMIDE, stock, Chemist(), settings=QUICK, rng=np.random.default_rng(0))


def test_the_best_routes_are_the_right_ones(result):
    by_leaves = {frozenset(route.leaves): route for route in result.routes}
    best = by_leaves[frozenset({"CCN", "O=C(Cl)c1ccccc1"})]
    assert set(by_leaves) == {key for key, (product, _) in Chemist.RIGHT.items() if product == AMIDE}
    assert best in result.routes[:2]
    assert result.routes[0].confirmed
    assert result.routes[0].route.reactions[0].label == "acylation"
    assert best.log_prob == pytest.approx(np.log(0.9))
    assert all(leaf.in_stock and leaf.stock == "shelf" for one in result.routes for leaf in one.route.leaves)


def test_the_target_is_never_its_own_reactant(result):
    assert result.status == "in_stock"
    assert "already in stock (shelf)" in result.reason
    assert all(AMIDE not in route.leaves for route in result.routes)


def test_a_seed_repeats_the_run_bit_for_bit(stock, result):
    again = retrosynthesize(AMIDE, stock, Chemist(), settings=QUICK, rng=np.random.default_rng(0))
    assert again == result
    assert again.posterior.particles == result.posterior.particles
    other = retrosynthesize(AMIDE, stock, Chemist(), settings=QUICK, rng=np.random.default_rng(5))
    assert other.posterior.particles != result.posterior.particles


def test_the_sampling_is_reported(result):
    assert result.posterior.ended == "reached beta = 1"
    assert {"beta", "ess", "acceptance", "in_target", "log_evidence"} <= set(result.trace[-1])
    assert sum(route.weight for route in result.routes) > 0.9
    assert list(result.frame()["rank"]) == list(range(1, len(result.routes) + 1))
    json.dumps([route.record() for route in result.routes])
    assert Route.from_dict(result.routes[0].route.to_dict()) == result.routes[0].route


def test_particles_survive_a_checkpoint(stock, result, tmp_path):
    from hanten.inference import FreshDraw, smc
    from hanten.synthesis.retro.prior import StockPrior
    from hanten.synthesis.retro.space import Space, stock_weights

    prior = StockPrior(Space("CCO", stock, stock_weights(stock), ("CC",)))

    class Flat:
        def log_likelihood(self, xs):
            return np.zeros(len(xs))

    step = next(smc(prior, Flat(), FreshDraw(prior), 20, np.random.default_rng(0)))
    save_checkpoint(tmp_path / "c", step)
    assert load_checkpoint(tmp_path / "c").particles == step.particles


def test_two_steps(stock):
    pool = stock.excluding("O=C(O)c1ccccc1", "O=C(Cl)c1ccccc1", AMIDE)
    result = retrosynthesize(AMIDE, pool, Chemist(), steps=2, settings=QUICK, rng=np.random.default_rng(0))
    assert result.status == "routes"
    longer = [route for route in result.routes if route.steps == 2]
    assert set(longer[0].leaves) == {"CCN", "COC(=O)c1ccccc1"}
    assert longer[0].log_prob == pytest.approx(np.log(0.6 * 0.8))
    assert longer[0].confirmed
    assert longer[0].route.depth == 2


@pytest.mark.parametrize(
    ("target", "says"),
    [("CC.CC", "2 components"), ("C(", "cannot be read"), ("", "no molecule"), ("*CC*", "attachment points")],
)
def test_bad_targets(stock, target, says):
    with pytest.raises(StructureError, match=says):
        retrosynthesize(target, stock, Chemist())


def test_bad_settings(stock):
    with pytest.raises(ConfigError, match="neither 1 nor 2"):
        retrosynthesize(AMIDE, stock, Chemist(), steps=3)
    for wrong in ({"n": 0}, {"time_limit": 0}):
        with pytest.raises(ConfigError):
            retrosynthesize(AMIDE, stock, Chemist(), **wrong)
    with pytest.raises(ConfigError):
        RetroSettings(threshold=2)


def test_a_stock_with_the_target_alone_is_empty():
    with pytest.raises(DataError, match="empty without the target"):
        retrosynthesize("CCO", build_stock(["CCO"], name="shelf").stock, Chemist())


def test_no_route_says_why():
    stock = build_stock(["CCCCCCC", "OCCCCCCCO"], name="shelf").stock
    none = retrosynthesize(AMIDE, stock, Chemist(), settings=QUICK)
    assert none.status == "none"
    assert none.routes == ()
    assert "misses" in none.reason
    bad = build_stock(["CCBr", "NC(=O)c1ccccc1"], name="shelf").stock
    assert "nothing above the threshold" in retrosynthesize(AMIDE, bad, Chemist(), settings=QUICK).reason


def test_the_time_limit_is_kept(stock):
    import time

    begin = time.monotonic()
    late = retrosynthesize(AMIDE, stock, Chemist(), settings=QUICK, time_limit=1e-6)
    assert time.monotonic() - begin < 20
    assert "time limit" in late.reason


def test_unknown_tokens_of_the_target_are_named(stock):
    from hanten.synthesis.forward import load_forward

    with pytest.raises(StructureError, match=r"never saw the token '\[Pu"):
        retrosynthesize("C[Pu]", stock, load_forward())


def test_no_cluster_takes_everything():
    assert diverse([0] * 30 + [1, 2], 10) == [0, 1, 2, 3, 4, 5, 6, 7, 30, 31]
    assert diverse([0, 1, 2], 10) == [0, 1, 2]
    assert diverse([], 5) == []


def test_a_bystander_makes_no_route(stock):
    class Lenient(Chemist):
        RIGHT: ClassVar = Chemist.RIGHT | {frozenset({"CCN", "O=C(Cl)c1ccccc1", "CCBr"}): (AMIDE, 0.8)}

    found = retrosynthesize(AMIDE, stock, Lenient(), settings=QUICK, rng=np.random.default_rng(0))
    assert found.routes
    assert all("CCBr" not in route.leaves for route in found.routes)


def test_atoms_from_nowhere_make_no_route(stock):
    class Lenient(Chemist):
        RIGHT: ClassVar = Chemist.RIGHT | {
            frozenset({"CCN"}): (AMIDE, 0.9),
            frozenset({"O=C(Cl)c1ccccc1"}): (AMIDE, 0.9),
        }

    found = retrosynthesize(AMIDE, stock, Lenient(), settings=QUICK, rng=np.random.default_rng(0))
    assert found.routes
    assert all(len(route.leaves) > 1 for route in found.routes)
