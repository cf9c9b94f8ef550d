from __future__ import annotations

import numpy as np
import pytest

from hanten.errors import ConfigError
from hanten.phases import scan
from hanten.report.ternary import save_picture, ternary_maps, triangle


def test_corners_and_middle():
    x, y = triangle([[1, 1, 1]])
    assert (x[0], y[0]) == pytest.approx((0.5, np.sqrt(3) / 6))


def test_three_maps_with_known_compounds(tmp_path):
    fig = ternary_maps(scan(["Al", "Cu", "Fe"], 10))
    titles = [ax.get_title(loc="center") for ax in fig.axes[:3]]
    assert titles == ["quasicrystal", "approximant", "other"]
    save_picture(scan(["Pu", "Np", "Bi"], 20), tmp_path / "m.png")
    assert (tmp_path / "m.png").read_bytes().startswith(b"\x89PNG")


def test_maps_need_three_elements():
    with pytest.raises(ConfigError, match="three elements"):
        ternary_maps(scan(["Al", "Cu"], 20))
