"""Molecules and polymers by templates and a learned model together."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from hanten.errors import ConfigError, DataError, RunError
from hanten.synthesis import planning
from hanten.synthesis.batch import run_batch, summary_frame, to_lines
from hanten.synthesis.limits import limit_memory
from hanten.synthesis.plan import Plan, PlanSettings
from hanten.synthesis.planning import merged, plan, plan_many, seed_of
from hanten.synthesis.retro.result import RetroResult, RetroRoute
from hanten.synthesis.routes import MolNode, Route, Step
from hanten.synthesis.stock import build_stock

PET = "*OCCOC(=O)c1ccc(cc1)C(*)=O"
SHELF = build_stock(["OCCO", "Cc1ccc(C)cc1", "CCO", "CC(=O)O", "C=CC=C", "COC(=O)C(C)=C"], name="shelf").stock
QUICK = PlanSettings(steps=2, n=10)


def retro(*routes):
    items = tuple(RetroRoute(r, r.log_prob - 3, r.log_prob, -1.0, 0.1, k, ()) for k, r in enumerate(routes))
    return RetroResult("x", "routes" if items else "none", "made up", items, len(items), len(items))


def one_step(product, *reactants, log_prob=-0.5):
    nodes = tuple(MolNode(r, True, "shelf") for r in reactants)
    return Route(MolNode(product, step=Step(nodes, label="made up", log_prob=log_prob)))


class FakeForward:
    """Gives every template step the same log-probability."""

    def log_prob(self, reactant_sets, products, *, errors="raise"):  # noqa: ARG002
        assert errors == "impossible"
        return np.full(len(products), -2.0)


@pytest.mark.parametrize(
    ("target", "word"),
    [
        ("C1CC", "unclosed ring"),
        ("CC.O", "2 components"),
        ("*CC", "attachment point"),
        ("", "empty"),
        ("xyz*", "*"),
    ],
)
def test_a_wrong_target_is_a_plan_with_an_error(target, word):
    found = plan(target, SHELF, settings=QUICK)
    assert found.status == "none"
    assert word in found.error
    assert found.record()["routes"] == []


def test_an_empty_stock_is_refused():
    with pytest.raises(DataError, match="empty"):
        plan("CCO", SHELF.excluding(*[m.smiles for m in SHELF]))


def test_the_target_is_taken_out_of_the_stock_and_that_is_said():
    found = plan("CCOC(C)=O", build_stock(["CCOC(C)=O", "CCO", "CC(=O)O"], name="s").stock, settings=QUICK)
    assert found.status == "in_stock"
    assert found.reason.startswith("already in stock (s)")
    assert all("CCOC(C)=O" not in {leaf.smiles for leaf in r.leaves} for r in found.routes)
    assert found.routes


def test_a_polymer_is_planned_to_the_shelf():
    found = plan(PET, SHELF, settings=QUICK)
    assert found.status == "routes"
    assert all(route.solved for route in found.routes)
    assert [s.kind for s in found.routes[0].reactions] == ["polymerisation", "template"]


def test_no_route_says_which_leaves_are_missing():
    found = plan(PET, build_stock(["OCCO"]).stock, settings=PlanSettings(steps=1))
    assert found.status == "none"
    assert "misses" in found.reason
    assert found.partial
    assert not found.routes
    assert "no polymerisation rule" in plan("*C#C*", SHELF).reason
    assert plan("c1ccccc1", SHELF).reason == "no documented reaction gives it"


def test_learned_and_documented_routes_are_merged(monkeypatch):
    learned = [
        one_step("CCOC(C)=O", "CCO", "CC(=O)Cl", log_prob=-0.05),
        one_step("CCOC(C)=O", "CCO", log_prob=-3),
    ]
    monkeypatch.setattr("hanten.synthesis.retro.retrosynthesize", lambda *_, **__: retro(*learned))
    found = plan("CCOC(C)=O", SHELF, FakeForward(), QUICK)
    kinds = [r.reactions[0].kind for r in found.routes]
    assert kinds == ["model", "template", "model"]
    assert found.routes[1].reactions[0].model_log_prob == -2.0
    assert found.routes[0].record()["score"] == pytest.approx(-3.05)
    assert found.facts["clusters"] == 2


def test_a_tree_that_both_found_is_listed_once():
    same = one_step("A", "B")
    assert len(merged([same], retro(same))) == 1
    assert merged([same], None) == [same]


def test_the_learned_model_fills_what_is_missing(monkeypatch):
    asked = []

    def fake(target, stock, forward, **options):
        asked.append((target, options["steps"]))
        return (
            retro(one_step(target, "CCO"))
            if target == "OC(=O)c1ccc(C(=O)O)cc1" or "C(=O)O" in target
            else retro()
        )

    monkeypatch.setattr("hanten.synthesis.retro.retrosynthesize", fake)
    found = plan(PET, build_stock(["OCCO", "CCO"]).stock, FakeForward(), PlanSettings(steps=1))
    assert found.status == "routes"
    assert asked
    assert {s.kind for s in found.routes[0].reactions} == {"polymerisation", "model"}


def test_what_the_model_never_saw_is_said_and_documented_routes_stay():
    class Strict(FakeForward):
        def why_not(self, reactants):
            return f"{reactants[0]}: a token that the model never saw"

    found = plan("C[Po]C", SHELF, Strict(), QUICK)
    assert found.status == "none"
    assert "never saw" in found.error
    found = plan("CCOC(C)=O", SHELF, Strict(), QUICK)
    assert found.routes
    assert found.error is None
    assert "never saw" in found.reason


def test_the_time_limit_is_told(monkeypatch):
    monkeypatch.setattr(planning.Search, "learned", lambda self, *_: setattr(self, "late", True))
    found = plan("c1ccccc1", SHELF, FakeForward(), QUICK)
    assert found.reason.startswith("time limit")


def test_memory_that_runs_out_is_told(monkeypatch):
    def hungry(*_):
        raise MemoryError

    monkeypatch.setattr(planning.Search, "molecule", hungry)
    assert plan("CCO", SHELF).error == "memory limit"


@pytest.mark.parametrize("wrong", [{"steps": 3}, {"n": 0}, {"time_limit": -1.0}, {"time_limit": math.inf}])
def test_wrong_settings_are_refused(wrong):
    with pytest.raises(ConfigError):
        PlanSettings(**wrong)


def test_a_plan_comes_back_from_its_record():
    for target in (PET, "C1CC", "c1ccccc1"):
        found = plan(target, SHELF, settings=QUICK)
        again = Plan.from_record(json.loads(json.dumps(found.record())))
        assert again == found
        assert [r.key for r in again.routes] == [r.key for r in found.routes]


def test_randomness_depends_on_target_and_seed_only():
    assert seed_of("a", 1).random() == seed_of("a", 1).random()
    assert seed_of("a", 1).random() != seed_of("b", 1).random()


def test_a_batch_keeps_bad_rows_and_resumes(tmp_path):
    targets, folder = [PET, "C1CC", "*CC=CC*"], tmp_path / "run"
    begun = run_batch(targets, SHELF, None, QUICK, folder, tell=lambda one: one.target)
    next(begun)
    begun.close()
    resumed = list(run_batch(targets, SHELF, None, QUICK, folder, resume=True, tell=lambda one: one.target))
    assert resumed == plan_many(targets, SHELF, settings=QUICK)
    assert len((folder / "routes.jsonl").read_text().splitlines()) == 3
    assert (folder / "0003.html").read_text() == "*CC=CC*"
    assert summary_frame(resumed)["status"].tolist() == ["routes", "none", "routes"]
    assert (folder / "results.csv").exists()
    with pytest.raises(RunError, match="holds a run"):
        list(run_batch(targets, SHELF, None, QUICK, folder))
    with pytest.raises(RunError, match="was made with"):
        list(run_batch(targets, SHELF, None, PlanSettings(steps=1), folder, resume=True))
    with pytest.raises(DataError, match="no target"):
        list(run_batch([], SHELF, None, QUICK, folder, force=True))


def test_lines_for_people():
    assert "[shelf]" in "\n".join(to_lines(plan(PET, SHELF, settings=QUICK)))
    missing = plan(PET, build_stock(["OCCO"]).stock, settings=PlanSettings(steps=1))
    assert "[missing]" in "\n".join(to_lines(missing))


def test_a_line_says_what_a_step_rests_on():
    bought = (MolNode("CCO", True), MolNode("CC(=O)Cl", True))
    made = MolNode("CCOC(C)=O", step=Step(bought, "model", "acylation", math.log(0.25)))
    found = Plan("CCOC(C)=O", "CCOC(C)=O", "molecule", "routes", "", (Route(made),))
    assert to_lines(found)[1] == "  1. acylation (model: 0.25): CCO [missing] + CC(=O)Cl [missing]"
    documented = Route(MolNode("CCOC(C)=O", step=Step(bought, "template", "acylation")))
    told = to_lines(Plan("CCOC(C)=O", "CCOC(C)=O", "molecule", "routes", "", (documented,)))
    assert "acylation (documented): " in told[1]


def test_memory_limits_that_make_no_sense_are_refused():
    with pytest.raises(ConfigError):
        limit_memory(-1)
