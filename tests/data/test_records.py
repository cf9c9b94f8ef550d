"""Records: units are converted, and what makes no sense is refused with a reason."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanten.data import Record
from hanten.data.records import METHODS, parse_date, parse_doi, parse_method
from hanten.errors import DataError, StructureError, UnitError, UnknownNameError

finite = st.floats(-1e6, 1e6, allow_nan=False)


def test_units_are_converted_and_the_structure_is_canonical():
    record = Record.of(
        "*OCC*", "glass transition temperature", "-60 degC", temperature="25 degC", pressure="1 bar"
    )
    assert (record.property, record.value, record.unit) == ("Tg", 213.15, "K")
    assert (record.temperature, record.pressure) == (298.15, 1e5)
    assert record.canonical == Record.of("*CCO*", "Tg", 1).canonical
    assert record.structure == "*OCC*"


def test_an_uncertainty_is_a_difference():
    assert Record.of("*CC*", "Tg", 100, "degC", uncertainty=5).uncertainty == 5
    assert Record.of("*CC*", "Tg", 100, "degF", uncertainty=9).uncertainty == 5
    assert Record.of("*CC*", "density", 1000, "kg/m**3", uncertainty=10).uncertainty == 0.01


@given(finite, st.sampled_from(["K", "degC", "degF"]))
def test_a_value_survives_the_way_to_kelvin_and_back(value, unit):
    from hanten.properties import convert

    kelvin = Record.of("*CC*", "Tg", value, unit).value
    assert float(convert(kelvin, "K", unit)) == pytest.approx(value, rel=1e-9, abs=1e-6)


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), float("-inf")])
def test_numbers_that_are_none_are_refused(bad):
    with pytest.raises(DataError, match="Tg is"):
        Record.of("*CC*", "Tg", bad)
    with pytest.raises(DataError, match="uncertainty"):
        Record.of("*CC*", "Tg", 300, uncertainty=bad)


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"property": "densty"}, UnknownNameError, "did you mean density"),
        ({"unit": "GPa"}, UnitError, "dimensions differ"),
        ({"method": "guess"}, UnknownNameError, "not a method"),
        ({"kind": "polymr"}, UnknownNameError, "did you mean polymer"),
        ({"structure": "*CC"}, StructureError, "attachment point"),
        ({"uncertainty": -1.0}, DataError, "cannot be negative"),
        ({"doi": "on my desk"}, DataError, "not a DOI"),
        ({"date": "yesterday"}, DataError, "not a date"),
        ({"value": "warm"}, UnitError, "not a quantity"),
    ],
)
def test_errors_teach(change, error, words):
    good = {"structure": "*CC*", "property": "Tg", "value": 300.0}
    with pytest.raises(error, match=words):
        Record.of(**(good | change))


def test_molecules_and_compositions_are_materials_too():
    assert Record.of("OCC", "logS", 1.1, kind="molecule").canonical == "CCO"
    record = Record.of("O2Fe", "density", 5, kind="composition")
    assert record.canonical == Record.of("FeO2", "density", 5, kind="composition").canonical


def test_the_key_ignores_value_and_writing_but_not_conditions():
    record = Record.of("*OCC*", "Tg", 200, source="a")
    assert record.key == Record.of("*CCO*", "Tg", 201, source="a", date="2001", licence="CC0").key
    for change in ({"source": "b"}, {"method": "md"}, {"temperature": 300}, {"sample_state": "film"}):
        assert record.key != Record.of("*OCC*", "Tg", 200, **({"source": "a"} | change)).key


def test_plausible_is_reported_not_enforced():
    assert Record.of("*CC*", "Tg", 200).plausible
    assert not Record.of("*CC*", "Tg", 20).plausible


@pytest.mark.parametrize("method", METHODS)
def test_methods_are_read_as_they_are_named(method):
    assert parse_method(method.upper().replace(" ", "_")) == method


def test_dates_and_dois():
    assert parse_date(dt.datetime(2019, 6, 21, 12, tzinfo=dt.UTC)) == "2019-06-21"
    assert parse_date(2019.0) == "2019"
    assert parse_doi("doi: 10.1000/x") == "10.1000/x"
    for wrong in ("2019-13", "2019-02-30", "21.6.2019"):
        with pytest.raises(DataError):
            parse_date(wrong)
