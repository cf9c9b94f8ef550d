import math
import pickle

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from joblib import wrap_non_picklable_objects
from rdkit import Chem, rdBase

from hanten.design.constraints import ConstraintConfig, allowed, broken, build_constraints
from hanten.design.likelihood import (
    RegionLikelihood,
    log_interval_probability,
    log_region_probability,
    read_quickly,
    repeat_unit,
)
from hanten.design.prior_file import load_prior
from hanten.design.targets import parse_target, parse_targets


def reference(a, b):
    """log of the integral of the standard normal density, by Gauss-Legendre on a scaled integrand."""
    if a > 0:
        a, b = -b, -a
    top = min(b, 0.0) if a < 0 else b
    lowest = max(a, top - 60 / max(1.0, abs(top))) if b <= 0 else max(a, -40.0)
    edges = np.linspace(lowest, min(b, 40.0), 401)
    nodes, weights = np.polynomial.legendre.leggauss(20)
    half, middle = np.diff(edges) / 2, (edges[1:] + edges[:-1]) / 2
    x = middle[:, None] + half[:, None] * nodes
    total = (np.exp((top**2 - x**2) / 2) * weights * half[:, None]).sum()
    return math.log(total) - top**2 / 2 - math.log(2 * math.pi) / 2


@pytest.mark.parametrize(
    ("a", "b"),
    [(30, 31), (-31, -30), (30, 30.1), (-1, 1), (0, 3), (-3, 0), (8, 9), (-0.001, 0.001), (-4, 40), (-40, 4), (1, 2),
     (29.9, math.inf), (-math.inf, -30), (5, 5.01), (-6, 6), (30, 30.000001)],
)  # fmt: skip
def test_interval_probabilities_to_ten_digits(a, b):
    got = float(log_interval_probability(a, b))
    assert got == pytest.approx(reference(max(a, -90.0), min(b, 90.0)), rel=1e-10, abs=1e-12)


@given(st.floats(-300, 300), st.floats(1e-6, 100))
def test_mirrored_intervals_have_the_same_probability(a, width):
    one, other = log_interval_probability(a, a + width), log_interval_probability(-(a + width), -a)
    assert float(one) == float(other)
    assert float(one) <= 0
    assert np.isfinite(one)


def test_a_region_above_the_mean_keeps_its_slope():
    """The difference of two log-cdfs gives -inf from 8.3 standard deviations on; here every step counts."""
    region = parse_target("Tg 500..510 K")
    values = log_region_probability(np.arange(100.0, 500.0, 10.0), np.full(40, 10.0), region)
    assert np.isfinite(values).all()
    assert (np.diff(values) > 0).all()


def test_whole_line_and_nothing():
    assert float(log_interval_probability(-np.inf, np.inf)) == 0.0
    assert np.isneginf(log_interval_probability(1.0, 1.0))
    assert np.isneginf(log_region_probability([np.nan], [1.0], parse_target("Tg >= 1 K")))[0]
    assert log_region_probability([500.0], [0.0], parse_target("Tg >= 400 K"))[0] == pytest.approx(
        0, abs=1e-12
    )


class CountsAtoms:
    """A model that predicts 10 K per heavy atom."""

    def __init__(self):
        self.calls = 0

    def predict_mols(self, mols, return_std=True):  # noqa: ARG002
        self.calls += len(mols)
        mean = np.array([10.0 * m.GetNumAtoms() for m in mols])
        return mean, np.full(len(mols), 5.0)


def test_likelihood_rejects_what_is_no_polymer():
    model = CountsAtoms()
    likelihood = RegionLikelihood(
        parse_targets("Tg >= 50 K"), {"Tg": model}, build_constraints(ConstraintConfig(max_ring=6))
    )
    values = likelihood.log_likelihood(["*CCO*", "*OCC*", "*CC", "junk(", "*C1CCCCCCC1*", "*COO*"])
    assert np.isfinite(values[:2]).all()
    assert values[0] == values[1]
    assert np.isneginf(values[2:]).all()
    assert model.calls == 2


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("*OCC*", "*OCC*"),
        ("*CCOCCO*", "*CCO*"),
        ("*CCCC*", "*C*"),
        ("*c1ccc(cc1)C1=CC=C(C=C1)*", "*c1ccc(*)cc1"),
        ("*C", None),
        ("**", None),
        ("*=CC*", None),
        ("C*C.C*C", None),
        ("*CC*.[Na+]", None),
    ],
)
def test_repeat_unit_is_primitive_or_nothing(text, unit):
    found = repeat_unit(text)
    assert (None if found is None else found.text) == unit


@pytest.mark.parametrize("unit", ["*Oc1ccc(cc1)NC(=O)CO*", "*OC(=O)CN(C)O*", "*N(C)CC(O)*"])
def test_groups_unstable_across_the_bond_between_repeats_are_seen(unit):
    rules = build_constraints(ConstraintConfig())
    assert any("unstable" in reason for reason in broken(rules, unit))
    likelihood = RegionLikelihood(parse_targets("Tg >= 50 K"), {"Tg": CountsAtoms()}, rules)
    assert np.isneginf(likelihood.log_likelihood([unit])[0])


def test_a_model_of_the_logarithm_is_judged_in_the_logarithm():
    region = parse_targets("thermal_conductivity >= 0.4 W/m/K")[0]
    assert log_region_probability([np.log(0.4)], [0.1], region, log=True)[0] == pytest.approx(np.log(0.5))
    below = parse_targets("thermal_conductivity <= 0.4 W/m/K")[0]
    assert log_region_probability([np.log(0.4)], [0.1], below, log=True)[0] == pytest.approx(np.log(0.5))


@pytest.mark.parametrize(
    ("writing", "other"),
    [
        ("*C(=O)OC1CC2CC1C1CCCC21CNN*", "*NNC(=O)OC1CC2CC1C1CCCC21C*"),
        ("*N(C)C(O)CC(=O)*", "*C(=O)N(C)C(O)C*"),
    ],
)
def test_an_amide_cut_in_two_is_no_amine(writing, other):
    rules = build_constraints(ConstraintConfig())
    assert broken(rules, writing) == broken(rules, other) == []
    assert allowed(rules, repeat_unit(writing))
    assert allowed(rules, repeat_unit(other))


WRITTEN = ["*C1=CC=C(C=C1)O*", "*CC(*)N(=O)=O", "*C(C[O])*", "*[C]*", "*CC(*)[2H]", "*CC(*)[H]", "*/C=C/C*", "*c1cccc1*",
           "*C(C)(C)(C)C*", "*C[N+](C)(C)C*", "*c1c[nH]cc1*", "*c1cn(*)cc1", "C*C.C*C"]  # fmt: skip


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 2**31))
@example(0)
def test_quick_reading_is_rdkits(seed):
    """Same molecules, same refusals: for strings of the prior, good and bad, and for oddities."""
    with rdBase.BlockLogs():
        for text in [*WRITTEN, *load_prior().sample(8, np.random.default_rng(seed))]:
            quick, full = read_quickly(text), Chem.MolFromSmiles(text)
            assert (quick is None) == (full is None)
            if full is not None:
                assert Chem.MolToCXSmiles(quick) == Chem.MolToCXSmiles(full)
                assert quick.GetRingInfo().AtomRings() == full.GetRingInfo().AtomRings()
                assert [a.GetTotalNumHs() for a in quick.GetAtoms()] == [
                    a.GetTotalNumHs() for a in full.GetAtoms()
                ]


def test_constraints_travel_to_workers():
    every = ConstraintConfig(sa_score=5.0, similar_to=("*CC*",))
    for rule in build_constraints(every):
        assert pickle.dumps(wrap_non_picklable_objects(rule.check)), rule.name
