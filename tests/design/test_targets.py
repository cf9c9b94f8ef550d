import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanten.design.targets import TargetRegion, parse_target, parse_targets
from hanten.errors import ConfigError, HantenError, UnitError, UnknownNameError


@pytest.mark.parametrize(
    ("text", "name", "low", "high"),
    [
        ("thermal_conductivity >= 0.4 W/m/K", "thermal_conductivity", 0.4, math.inf),
        ("thermal_conductivity>=0.4", "thermal_conductivity", 0.4, math.inf),
        ("Tg 450..500 K", "Tg", 450, 500),
        ("Tg = 450 .. 500 K", "Tg", 450, 500),
        ("Tg 177..227 degC", "Tg", 450.15, 500.15),
        ("Tg 450 to 500 K", "Tg", 450, 500),
        ("Tg >= 473 K", "Tg", 473, math.inf),
        ("Tg > 200 degC", "Tg", 473.15, math.inf),
        ("0.3 <= thermal_conductivity <= 0.5", "thermal_conductivity", 0.3, 0.5),
        ("0.5 W/m/K > thermal conductivity > 300 mW/m/K", "thermal_conductivity", 0.3, 0.5),
        ("177 <= Tg <= 227 degC", "Tg", 450.15, 500.15),
        ("density < 1200 kg/m3", "density", -math.inf, 1.2),
        ("glass transition temperature ≤ 300 K", "Tg", -math.inf, 300),
    ],
)
def test_ways_to_write_a_region(text, name, low, high):
    region = parse_target(text)
    assert region.name == name
    assert region.low == pytest.approx(low)
    assert region.high == pytest.approx(high)
    assert parse_target(str(region)).low == pytest.approx(low, rel=1e-5)


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        ("Tg", ConfigError, "is not a target region"),
        ("", ConfigError, "is not a target region"),
        ("Tg >= warm", ConfigError, "is not a target region"),
        ("Tg 500..450 K", ConfigError, "empty"),
        ("0.5 <= Tg >= 0.3", ConfigError, "both ways"),
        ("Tq >= 300 K", UnknownNameError, "did you mean"),
        ("Tg >= 0.4 W/m/K", UnitError, "dimensions differ"),
        ("Tg >= 3 florins", UnitError, "not a unit"),
    ],
)
def test_errors_teach(text, error, message):
    with pytest.raises(error, match=message):
        parse_target(text)


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused(text):
    try:
        region = parse_target(text)
    except HantenError:
        return
    assert region.low < region.high


def test_regions_of_one_property_are_intersected():
    assert str(parse_targets(["Tg >= 400 K", "Tg <= 500 K", "density >= 1"])[0]) == "Tg 400..500 K"
    with pytest.raises(ConfigError, match="empty"):
        parse_targets(["Tg >= 500 K", "Tg <= 400 K"])
    with pytest.raises(ConfigError, match="no target"):
        parse_targets([])


def test_contains():
    region = TargetRegion(parse_target("Tg >= 1 K").property_, 400.0, 500.0)
    assert region.contains([399.0, 400.0, 450.0, np.nan]).tolist() == [False, True, True, False]
