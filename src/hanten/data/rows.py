"""From the rows of a table whose columns are understood to records, or to the reasons why there is none."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from hanten.data.cells import Cell, is_missing, read_cell
from hanten.data.columns import CONDITION_UNITS, Column, unit_of
from hanten.data.conflicts import Reading, mixed_units, unit_conflicts
from hanten.data.mapping import ColumnMapping
from hanten.data.records import (
    KINDS,
    Record,
    parse_date,
    parse_doi,
    parse_kind,
    parse_method,
    tidy,
    tidy_difference,
)
from hanten.data.tables import Table
from hanten.data.writing import separate
from hanten.errors import HantenError, UnknownNameError, did_you_mean
from hanten.properties import Property, get_property, parse_quantity

_TEXT_FIELDS: dict[str, Callable[[str], str]] = {
    "method": parse_method,
    "sample_state": str.strip,
    "source": str.strip,
    "doi": parse_doi,
    "licence": str.strip,
    "date": parse_date,
}
_CONDITION_RANGES = {"temperature": (50.0, 2000.0), "pressure": (1e-9, 1e11)}
DEFAULT_FIELDS = (*_TEXT_FIELDS, *CONDITION_UNITS)


@dataclass(frozen=True)
class Problem:
    """Why a row cannot be imported: its number as a person sees it in the file, column, cell, reason."""

    row: int
    column: str
    cell: str
    reason: str

    def __str__(self) -> str:
        return f"row {self.row}, {self.column}: {self.reason}"


def parse_defaults(words: Mapping[str, str]) -> dict[str, Any]:
    """What holds for rows that do not say it themselves, checked."""
    checked: dict[str, Any] = {}
    for name, word in words.items():
        if name not in DEFAULT_FIELDS:
            raise UnknownNameError(f"{name!r} cannot have a default", hint=did_you_mean(name, DEFAULT_FIELDS))
        unit = CONDITION_UNITS.get(name)
        checked[name] = parse_quantity(word, unit) if unit else _TEXT_FIELDS[name](word)
    return checked


class Value(NamedTuple):
    """A value found in the table, in the unit of its property."""

    position: int
    property_: Property
    value: float
    uncertainty: float | None
    method: str | None  # if the name of the column says it


class Reader:
    """Goes through a table column by column and collects records and problems."""

    def __init__(self, table: Table, mapping: ColumnMapping, n_jobs: int) -> None:
        self.table, self.mapping, self.n_jobs = table, mapping, n_jobs
        self.rows: list[int] = table.frame.index.tolist()
        self.problems: dict[int, list[Problem]] = {}
        for row, reason in table.ragged.items():
            self._bad(row, "", "", reason)
        self.warnings: list[str] = []

    def read(self) -> tuple[tuple[Record, ...], tuple[Problem, ...], tuple[str, ...]]:
        """Records, problems, warnings: first the materials, then what is common to a row, then the values."""
        materials = self._materials()
        common = self._common()
        values = self._long_values() if self.mapping.named("value") else self._wide_values()
        records = []
        for value in sorted(values, key=lambda value: value.position):
            if self.rows[value.position] in self.problems:
                continue
            fields = common[value.position] | ({"method": value.method} if value.method else {})
            name, unit = value.property_.name, value.property_.unit
            structure, kind, canonical = materials[value.position]
            record = Record(structure, name, value.value, unit, kind, canonical, value.uncertainty, **fields)
            records.append(record)
        ordered = tuple(records)
        self._twins(ordered)
        problems = tuple(problem for row in sorted(self.problems) for problem in self.problems[row])
        return ordered, problems, tuple(self.warnings)

    def _bad(self, row: int, column: str, cell: Any, reason: str) -> None:
        shown = "" if cell is None else str(cell)
        self.problems.setdefault(row, []).append(Problem(row, column, shown[:200], reason))

    def _cells(self, column: Column | None) -> list[Any]:
        return [None] * len(self.rows) if column is None else self.table.frame[column.name].tolist()

    def _materials(self) -> list[tuple[str, str, str]]:
        """Structure, kind and canonical string of each row."""
        structures = self.mapping.named("structure")
        assert structures is not None
        cells = self._cells(structures)
        kinds = self._parsed(self.mapping.named("kind"), parse_kind, self.mapping.kind)
        texts = ["" if is_missing(cell) else str(cell).strip() for cell in cells]
        canonical, reasons = _canonical(texts, kinds, self.n_jobs)
        for position, text in enumerate(texts):
            if not text:
                self._bad(self.rows[position], structures.name, "", "there is no structure")
            elif (kinds[position], text) in reasons:
                self._bad(self.rows[position], structures.name, text, reasons[kinds[position], text])
        return [(t, kind, canonical.get((kind, t), "")) for t, kind in zip(texts, kinds, strict=True)]

    def _parsed(self, column: Column | None, parse: Callable[[str], Any], default: Any) -> list[Any]:
        """``parse`` of each cell, ``default`` for the empty ones; each distinct text is parsed once."""
        if column is None:
            return [default] * len(self.rows)
        known: dict[str, Any] = {}
        parsed = []
        for row, cell in zip(self.rows, self._cells(column), strict=True):
            text = "" if is_missing(cell) else str(cell).strip()
            if text and text not in known:
                try:
                    known[text] = parse(text)
                except HantenError as error:
                    known[text] = error
            value = known[text] if text else default
            if isinstance(value, HantenError):
                self._bad(row, column.name, cell, str(value))
                value = default
            parsed.append(value)
        return parsed

    def _common(self) -> list[dict[str, Any]]:
        """Method, conditions and provenance of each row."""
        defaults = self.mapping.defaults
        columns: dict[str, list[Any]] = {}
        for name, parse in _TEXT_FIELDS.items():
            default = defaults.get(name, "experiment" if name == "method" else "")
            columns[name] = self._parsed(self.mapping.named(name), parse, default)
        for name, unit in CONDITION_UNITS.items():
            columns[name] = self._conditions(self.mapping.named(name), unit, defaults.get(name))
        return [dict(zip(columns, cells, strict=True)) for cells in zip(*columns.values(), strict=True)]

    def _conditions(self, column: Column | None, unit: str, default: Any) -> list[float | None]:
        if column is None:
            return [default] * len(self.rows)
        low, high = _CONDITION_RANGES[column.role]
        condition = Property(column.role, column.role, unit, low, high)
        found = self._numbers(condition, self._readings(column, range(len(self.rows))))
        return [found[i][0] if i in found else default for i in range(len(self.rows))]

    def _wide_values(self) -> list[Value]:
        """One column per property."""
        values = []
        for column in self.mapping.values():
            prop = get_property(str(column.property))
            readings = self._readings(column, range(len(self.rows)), self.mapping.uncertainty_of(column))
            found = self._numbers(prop, readings)
            values += [Value(position, prop, *numbers, column.method) for position, numbers in found.items()]
        return values

    def _long_values(self) -> list[Value]:
        """Columns property, value and unit; the rows of each property are read as a column of their own."""
        column, name_column = self.mapping.named("value"), self.mapping.named("property")
        assert column is not None
        assert name_column is not None
        names = self._cells(name_column)
        props = self._parsed(name_column, get_property, None)
        units = self._parsed(self.mapping.named("unit"), str, None)
        for position, name in enumerate(names):
            if is_missing(name):
                self._bad(self.rows[position], name_column.name, name, "there is no property")
        values = []
        for prop in dict.fromkeys(prop for prop in props if prop is not None):
            positions = [i for i, other in enumerate(props) if other == prop]
            readings = self._readings(column, positions, self.mapping.named("uncertainty"), required=True)
            readings = [r._replace(unit=r.unit or units[r.position]) for r in readings]
            found = self._numbers(prop, readings)
            values += [Value(position, prop, *numbers, None) for position, numbers in found.items()]
        return values

    def _readings(
        self,
        column: Column,
        positions: Iterable[int],
        errors: Column | None = None,
        *,
        required: bool = False,
    ) -> list[Reading]:
        """What stands in the cells of a column; a cell that holds no number becomes a problem."""
        cells, error_cells = self._cells(column), self._cells(errors)
        readings = []
        for position in positions:
            row, cell = self.rows[position], cells[position]
            if is_missing(cell):
                if required:
                    self._bad(row, column.name, cell, "there is no value")
                continue
            read = self._number(row, column, cell)
            error = (
                None
                if is_missing(error_cells[position])
                else self._number(row, errors, error_cells[position])
            )
            if read is None:
                continue
            if error is not None and errors is not None and error.value < 0:
                self._bad(row, errors.name, error_cells[position], "an uncertainty cannot be negative")
            unit = read.unit or column.unit
            if error is None or errors is None:
                readings.append(Reading(position, column, read.value, unit, read.uncertainty, unit))
            else:
                readings.append(
                    Reading(position, column, read.value, unit, error.value, error.unit or errors.unit)
                )
        return readings

    def _number(self, row: int, column: Column | None, cell: Any) -> Cell | None:
        assert column is not None
        read = read_cell(cell, decimal_comma=self.table.decimal_comma)
        if isinstance(read, str):
            self._bad(row, column.name, cell, read)
            return None
        return read

    def _numbers(self, prop: Property, readings: list[Reading]) -> dict[int, tuple[float, float | None]]:
        """Values and uncertainties in the unit of ``prop``, by position; a unit that does not fit is bad."""
        by_unit: dict[str, list[Reading]] = {}
        for reading in readings:
            by_unit.setdefault(reading.unit or prop.unit, []).append(reading)
        found: dict[int, tuple[float, float | None]] = {}
        for unit, group in by_unit.items():
            spelling = unit_of(prop.unit, unit)
            if spelling is None:
                self._wrong_unit(prop, unit, group)
                continue
            values = tidy([reading.value for reading in group], spelling, prop.unit)
            for reading, value in zip(group, values, strict=True):
                found[reading.position] = (value, self._uncertainty(prop, reading, spelling))
        self.warnings += mixed_units(prop, by_unit)
        self.warnings += unit_conflicts(
            prop, by_unit, {p: value for p, (value, _) in found.items()}, self.rows
        )
        return found

    def _uncertainty(self, prop: Property, reading: Reading, unit: str) -> float | None:
        """A difference, so that only the scale of its unit counts and not the offset."""
        if reading.uncertainty is None:
            return None
        spelling = unit_of(prop.unit, reading.uncertainty_unit or unit)
        if spelling is None:
            self._wrong_unit(prop, str(reading.uncertainty_unit), [reading])
            return None
        return tidy_difference(reading.uncertainty, spelling, prop.unit)

    def _wrong_unit(self, prop: Property, unit: str, group: list[Reading]) -> None:
        needed = f"it needs one like {prop.unit}" if prop.unit else "it is a pure number"
        for reading in group:
            reason = f"{unit!r} is not a unit of {prop.name}; {needed}"
            self._bad(self.rows[reading.position], reading.column.name, f"{reading.value:g} {unit}", reason)

    def _twins(self, records: tuple[Record, ...]) -> None:
        """Report records of the same measurement inside the table."""
        _, identical, differing = separate(records, {})
        if identical:
            self.warnings.append(f"{len(identical)} records stand in the table twice, and are imported once")
        if differing:
            record, other = differing[0]
            self.warnings.append(
                f"{len(differing)} records have the same material, property, method, source and conditions "
                "as another with a different value, and both are imported; "
                f"first {record.canonical} {record.property} "
                f"{other:g} and {record.value:g} {record.unit}"
            )


def _canonical(
    texts: list[str], kinds: list[str], n_jobs: int
) -> tuple[dict[tuple[str, str], str], dict[tuple[str, str], str]]:
    """Canonical strings, or reasons why there is none, of each distinct (kind, text)."""
    from hanten.chem import parse

    canonical: dict[tuple[str, str], str] = {}
    reasons: dict[tuple[str, str], str] = {}
    for kind in KINDS:
        distinct = list(dict.fromkeys(t for t, k in zip(texts, kinds, strict=True) if k == kind and t))
        if not distinct:
            continue
        report = parse(distinct, kind=kind, n_jobs=n_jobs)
        for text, item, error in zip(distinct, report.items, report.errors, strict=True):
            if item is None:
                reasons[kind, text] = str(error)
            else:
                canonical[kind, text] = str(item)
    return canonical, reasons
