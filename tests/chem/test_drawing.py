"""Pictures: valid SVG, attachment points as cuts, nothing left out in silence."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest

from hanten.chem import Polymer, draw
from hanten.chem.drawing import laid_out
from hanten.errors import ConfigError


def test_every_unit_gives_valid_svg(units):
    tree = ET.fromstring(draw(units, limit=1000))
    assert len(tree.findall(".//{*}title")) == len(units)
    assert "*</text>" not in draw("*CC*", legends=[""])


def test_what_is_left_out_is_announced():
    assert "32 of 874 shown" in draw(["*CC*"] * 874)
    assert "shown" not in draw(["*CC*"] * 3)


def test_bad_ones_are_frames_with_reasons():
    svg = draw(["*CC*", "*CC", None, "<&>"])
    assert "1 attachment point" in svg
    assert "not drawn" in svg
    ET.fromstring(svg)


def test_legends_are_escaped_and_counted():
    assert "0.4 ± 0.1 &lt;W/m/K&gt;" in draw(["*CC*"], legends=["0.4 ± 0.1 <W/m/K>"], size=(300, 180))
    with pytest.raises(ConfigError, match="1 legends for 2"):
        draw(["*CC*", "*C*"], legends=["a"])
    with pytest.raises(ConfigError, match="nothing to draw"):
        draw([])
    with pytest.raises(ConfigError, match="columns must be at least 1"):
        draw("*CC*", columns=0)


def test_backbone_runs_from_left_to_right(units):
    for unit in units:
        mol = laid_out(Polymer(unit))
        first, last = (
            mol.GetConformer().GetAtomPosition(a.GetIdx()) for a in mol.GetAtoms() if not a.GetAtomicNum()
        )
        assert last.x > first.x
        assert abs(last.y - first.y) < 1e-6
