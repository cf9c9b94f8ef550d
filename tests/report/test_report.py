from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

from hanten.report import Check, Fragment, Report, Section, design_checks, figures
from hanten.report.html import table
from hanten.report.style import to_svg


def candidates(n=40, seed=0):
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "structure": ["*CC*"] * n,
            "log_weight": np.full(n, -np.log(max(n, 1))),
            "Tg_mean": rng.normal(480, 20, n),
            "Tg_sd": rng.uniform(10, 30, n),
            "thermal_conductivity_mean": rng.normal(0.4, 0.03, n),
            "thermal_conductivity_sd": rng.uniform(0.01, 0.03, n),
            "in_domain": rng.random(n) < 0.7,
        }
    )


REGIONS = {"thermal_conductivity": (0.4, np.inf), "Tg": (473.0, np.inf)}
TRACE = [
    {"step": i, "beta": b, "ess": 50.0, "acceptance": a, "unique": 90, "in_target": b, "log_evidence": -b}
    for i, (b, a) in enumerate([(0.0, None), (0.3, 0.3), (1.0, 0.1)])
]


def all_figures():
    frame = candidates()
    values = {name: frame[f"{name}_mean"] for name in REGIONS}
    literature = pd.DataFrame(
        {"low": [0.1, 0.2], "high": [0.12, 0.3], "mean": [0.15, 0.25], "sd": [0.02, 0.02]}
    ).assign(sample_state=["amorphous", "semicrystalline"])
    yield figures.prior_against_posterior(values, values, REGIONS)
    yield figures.property_plane(frame, frame, REGIONS)
    yield figures.sampler_trace(TRACE)
    yield figures.screening_bars({f"class {i}": i + 1 for i in range(15)}, "classes")
    yield figures.histogram(frame["Tg_mean"], "Tg", 470)
    yield figures.computed_against_measured(literature, "thermal_conductivity", "MD")


@pytest.mark.parametrize("index", range(6))
def test_figures_are_deterministic_svg(index):
    first, second = (to_svg(list(all_figures())[index]) for _ in range(2))
    assert first == second
    assert first.startswith("<svg")
    assert "http" not in re.sub(r'xmlns(:\w+)?="[^"]*"', "", first)


def test_density_survives_nan_and_constant_values():
    values = {"Tg": [np.nan, 400.0, 400.0]}
    assert to_svg(figures.prior_against_posterior(values, {"Tg": []}, {"Tg": (473.0, np.inf)}))


def test_checks_find_each_fault():
    frame = candidates().assign(in_domain=False)
    frame.loc[0, "log_weight"] = 0.0
    checks = {
        check.code: check
        for check in design_checks(
            TRACE[:2], frame, wanted=100, outside=["Tg reaches 500 K."], ended="no proposal fits"
        )
    }
    assert {code for code, check in checks.items() if check.status == "issue"} == {
        "HNT001",
        "HNT002",
        "HNT003",
        "HNT004",
        "HNT005",
    }


def test_checks_pass_on_a_good_run():
    checks = design_checks(TRACE, candidates(), wanted=40)
    assert {check.status for check in checks} == {"passed"}


def test_checks_of_an_empty_library_do_not_fail():
    checks = design_checks([], candidates(0), wanted=10, ended="the region is impossible")
    assert all(isinstance(check, Check) for check in checks)


def test_page_is_self_contained_and_escaped():
    page = Report(
        title="<b>wish</b>",
        question="which?",
        answer="these",
        numbers=[("7", "candidates")],
        sections=[Section("Figures", [Fragment(to_svg(fig)) for fig in all_figures()])],
        checks=design_checks(TRACE, candidates(), wanted=40),
        downloads={"results.csv": "a,b\n1,2\n"},
        citations=["Someone 2020"],
        facts={"seed": "0"},
    ).html()
    assert "&lt;b&gt;wish" in page
    addresses = re.findall(r'(?:src|href)="(?!#|data:)([^"]+)"', page)
    assert addresses == []
    assert "results.csv" in page


def test_table_rounds_and_marks_missing():
    html = table([{"x": 0.123456, "y": np.nan, "z": np.bool_(True)}], {"x": "X", "y": "Y", "z": "Z"})
    assert "0.1235" in html
    assert "–" in html
    assert "yes" in html
