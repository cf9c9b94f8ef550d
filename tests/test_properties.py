from __future__ import annotations

import contextlib
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanten.errors import HantenError, UnitError, UnknownNameError
from hanten.properties import (
    Property,
    convert,
    get_property,
    list_properties,
    parse_quantity,
    pint_unit,
    register_property,
)


def test_every_property_has_a_unit_pint_knows_and_an_ordered_range():
    for prop in list_properties():
        pint_unit(prop.unit)
        assert prop.low < prop.high, prop.name
        assert prop.name.isidentifier()
        assert get_property(prop.name) is prop
        assert not prop.log_scale or prop.low > 0


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("tg", "Tg"),
        ("Glass Transition", "Tg"),
        ("thermal-conductivity", "thermal_conductivity"),
        ("n", "refractive_index"),
        ("heat capacity", "Cp"),
    ],
)
def test_aliases(name, expected):
    assert get_property(name).name == expected


def test_unknown_property_teaches():
    with pytest.raises(UnknownNameError, match="did you mean thermal_conductivity"):
        get_property("thermal_conductivty")


def test_a_taken_alias_is_refused():
    with pytest.raises(UnknownNameError, match="already names"):
        register_property(Property("another", "x", "K", 0, 1, aliases=("Tg",)))


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("450 K", "K", 450),
        ("177 degC", "K", 450.15),
        ("177 °C", "K", 450.15),
        ("0.4 W/m/K", "W/m/K", 0.4),
        ("0.4 W/(m K)", "W/m/K", 0.4),
        ("0.4 W m-1 K-1", "W/m/K", 0.4),
        ("400 mW/m/K", "W/m/K", 0.4),
        ("1050 kg/m3", "g/cm**3", 1.05),
        ("1.2", "g/cm**3", 1.2),
        ("−40 degC", "K", 233.15),
        ("1e-4 1/K", "1/K", 1e-4),
    ],
)
def test_parse_quantity(text, unit, value):
    assert parse_quantity(text, unit) == pytest.approx(value)


@pytest.mark.parametrize("text", ["", "K", "nan", "inf K", "1e999 K", "4..5 K", "450 bananas", "3 kg"])
def test_bad_quantities_are_refused(text):
    with pytest.raises(UnitError):
        parse_quantity(text, "K")


@given(st.text(max_size=20))
def test_parse_quantity_never_fails_otherwise(text):
    with contextlib.suppress(HantenError):
        assert math.isfinite(parse_quantity(text, "K"))


@given(st.lists(st.floats(-1e6, 1e6), max_size=5))
def test_conversion_round_trip(values):
    there = convert(values, "degC", "K")
    np.testing.assert_allclose(convert(there, "K", "degC"), values, atol=1e-6)
