from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

from hanten.report import Check, Fragment, Report, Section, figures
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


def test_page_is_self_contained_and_escaped():
    page = Report(
        title="<b>wish</b>",
        question="which?",
        answer="these",
        numbers=[("7", "candidates")],
        sections=[Section("Figures", [Fragment(to_svg(fig)) for fig in all_figures()])],
        checks=[Check("HNT003", "a title", "issue", "a text")],
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
