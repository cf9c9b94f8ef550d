"""Route trees and the page of a target."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest

from hanten.report.route_page import tell_plan
from hanten.report.route_tree import route_svg
from hanten.synthesis.plan import PlanSettings
from hanten.synthesis.planning import plan
from hanten.synthesis.routes import MolNode, Route, Step
from hanten.synthesis.stock import build_stock

SHELF = build_stock(["OCCO", "Cc1ccc(C)cc1", "C=Cc1ccccc1"], name="shelf <3").stock
PET = "*OCCOC(=O)c1ccc(cc1)C(*)=O"


def test_a_tree_is_valid_svg_and_says_what_is_in_stock():
    bought = MolNode("CCO", True, "shelf", price=0.5, lead_time=3.0)
    step = Step(
        (bought, bought, MolNode("CC(=O)O")), "template", "a <b> reaction", -0.1, conditions="acid & heat"
    )
    svg = route_svg(Route(MolNode("CCOC(C)=O", step=step)))
    ET.fromstring(svg)
    for word in (
        "2 × in stock",
        "0.5 USD/g",
        "3 d",
        "not in stock",
        "stroke-dasharray",
        "a &lt;b&gt;",
        "grade 0.9",
    ):
        assert word in svg


def test_columns_grow_with_depth():
    def width(steps):
        node = MolNode("C", True)
        for _ in range(steps):
            node = MolNode("CC", step=Step((node,), label="x"))
        return int(ET.fromstring(route_svg(Route(node))).attrib["width"])

    assert width(1) < width(2) < width(3)


@pytest.mark.parametrize(
    ("target", "words"),
    [
        (
            PET,
            [
                "Best routes",
                "diol + diacid",
                "oxidation of methylarenes",
                "Alternatives for each step",
                "routes.json",
            ],
        ),
        ("*CC(*)C#N", ["No route was found", "Best partial routes", "not in stock"]),
        ("C=Cc1ccccc1", ["already in stock"]),
        ("C1CC", ["unclosed ring"]),
    ],
)
def test_a_page_is_complete_and_needs_no_network(target, words):
    page = tell_plan(plan(target, SHELF, settings=PlanSettings(steps=2, n=5))).html()
    for word in words:
        assert word in page
    assert "<script" not in page
    assert 'src="http' not in page
    assert "shelf &lt;3" in page
