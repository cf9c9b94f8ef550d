"""Import: columns are understood, bad rows named in order, all or nothing, nothing guessed in silence."""

import json
import random

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanten.data import import_file, open_database, plan_import
from hanten.data.cells import Cell, is_missing, read_cell
from hanten.data.columns import guess_column, unit_of
from hanten.data.mapping import parse_map
from hanten.errors import DataError, HantenError, UnitError, UnknownNameError


@pytest.fixture
def table(tmp_path):
    """Write a table and say where it is."""

    def write(text, name="table.csv", encoding="utf-8"):
        path = tmp_path / name
        path.write_bytes(text.encode(encoding))
        return path

    return write


def values(plan):
    return [(record.canonical, record.property, record.value) for record in plan.records]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Tg [°C]", ("Tg", "degC", None)),
        ("Tg (K)", ("Tg", "K", None)),
        ("Tg_C", ("Tg", "degC", None)),
        ("Tg / K", ("Tg", "K", None)),
        ("Tg, K", ("Tg", "K", None)),
        ("Tg (exp)", ("Tg", "K", "experiment")),
        ("exp_Tg_K", ("Tg", "K", "experiment")),
        ("Tg(DSC) [C]", ("Tg", "degC", "experiment")),
        ("Glass transition temperature (°C)", ("Tg", "degC", None)),
        ("thermal_conductivity_W_mK", ("thermal_conductivity", "W/m/K", None)),
        ("thermal conductivity (W/mK)", ("thermal_conductivity", "W/m/K", None)),
        ("λ / W m-1 K-1", ("thermal_conductivity", "W/m/K", None)),
        ("λ [W/(m K)]", ("thermal_conductivity", "W/m/K", None)),
        ("density_g_cm3", ("density", "g/cm3", None)),
        ("MD density", ("density", "g/cm**3", "molecular dynamics")),
        ("Young's modulus [MPa]", ("young_modulus", "MPa", None)),
        ("CTE [10^-6/K]", ("volume_expansion", "ppm/K", None)),
        ("P(CO2)", None),
        ("n", None),
        ("E", None),
        ("K", None),
        ("n_units", None),
        ("Tg_source", None),
        ("id", None),
        ("remark", None),
    ],
)
def test_columns_are_understood_by_name(name, expected):
    column = guess_column(name)
    if expected is None:
        assert column.role == "-"
    else:
        assert (column.property, column.unit, column.method) == expected


@pytest.mark.parametrize(
    ("name", "role"),
    [("PSMILES", "structure"), ("T [°C]", "temperature"), ("Pressure (MPa)", "pressure"), ("ref", "source"),
     ("License", "licence"), ("Year", "date"), ("DOI", "doi"), ("sample state", "sample_state")],
)  # fmt: skip
def test_other_columns_are_understood_by_name(name, role):
    assert guess_column(name).role == role


def test_a_close_name_is_suggested():
    assert "did you mean density" in guess_column("densty").note


@pytest.mark.parametrize("text", ["Tg", "=Tg", "Tg=", ""])
def test_a_map_must_say_column_and_meaning(text):
    with pytest.raises(DataError, match="COLUMN=MEANING"):
        parse_map(text)


def test_unit_spellings():
    assert unit_of("W/m/K", "W/mK") == "W/m/K"
    assert unit_of("J/kg/K", "J/(g K)") == "J/g/K"
    assert unit_of("", "%") == "percent"
    assert unit_of("K", "parsec") is None


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_number_written_by_python_is_read(number):
    assert read_cell(repr(number)) == Cell(number)
    assert read_cell(number) == Cell(number)


@given(st.text(max_size=20))
def test_any_text_is_a_number_or_a_reason(text):
    read = read_cell(text)
    assert isinstance(read, str) or np.isfinite(read.value)


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("0.25 ± 0.02", Cell(0.25, 0.02)),
        ("0.25+/-0.02 W/mK", Cell(0.25, 0.02, "W/mK")),
        ("−20 °C", Cell(-20.0, None, "°C")),
        ("1e-3", Cell(0.001)),
        (" 5 ", Cell(5.0)),
        ("0,25", "comma"),
        ("> 300", "bound"),
        ("100-120", "range"),
        ("100 to 120 K", "range"),
        ("5%", Cell(5.0, None, "%")),
        ("1.2.3", "not a number"),
        ("5 - 3", "range"),
        ("hot", "not a number"),
        ("NaN", "NaN"),
        (float("nan"), "NaN"),
        ("-inf", "infinite"),
        (float("inf"), "infinite"),
        ("1e999", "too large"),
        (True, "not a number"),
        ([1], "not a number"),
    ],
)
def test_cells(cell, expected):
    read = read_cell(cell)
    assert expected in read if isinstance(expected, str) else read == expected


def test_a_decimal_comma_and_empty_cells():
    assert read_cell("0,25", decimal_comma=True) == Cell(0.25)
    assert all(map(is_missing, [None, "", " ", "-", "n/a", "NULL"]))
    assert not is_missing("nan")


def test_a_wide_table_with_units_methods_and_uncertainties(table):
    plan = plan_import(
        table(
            "name,SMILES,Tg [degC],Tg_sd,MD density,T [C],reference\n"
            "PS,*CC(*)c1ccccc1,100,2,1.05,25,Handbook\n\n"
            "PE,*CCCC*,-120 ± 3,,,,\n"
        ),
        defaults={"source": "our lab", "licence": "CC0"},
    )
    first, second, third = plan.records
    assert (first.value, first.uncertainty, first.method, first.temperature) == (
        373.15,
        2,
        "experiment",
        298.15,
    )
    assert (second.property, second.method, second.source) == ("density", "molecular dynamics", "Handbook")
    assert (third.value, third.uncertainty, third.temperature, third.source) == (153.15, 3, None, "our lab")
    assert third.licence == "CC0"
    assert plan.problems == ()


def test_a_long_table(table):
    plan = plan_import(
        table(
            "polymer,property,value,units,uncertainty,method\n"
            "*CC*,Tg,-120,degC,2,DSC\n"
            "*CC*,density,950,kg/m3,,md\n"
            "*CC*,Tg,160,,,exp\n"
            "*CC*,Tgg,160,K,,exp\n"
            "*CC*,Tg,,K,,exp\n"
            "*CC*,,3,K,,exp\n"
            "*CC*,Tg,3,GPa,,exp\n"
            "*CC*,Tg,3,K,-1,exp\n"
            "*CC*,Tg,3,K,,wish\n"
        )
    )
    assert [(r.property, r.value, r.method) for r in plan.records] == [
        ("Tg", 153.15, "experiment"), ("density", 0.95, "molecular dynamics"), ("Tg", 160.0, "experiment"),
    ]  # fmt: skip
    assert [problem.row for problem in plan.problems] == [5, 6, 7, 8, 9, 10]
    for problem, words in zip(
        plan.problems,
        ["did you mean Tg", "no value", "no property", "not a unit of Tg", "negative", "not a method"],
        strict=True,
    ):
        assert words in problem.reason
    assert any("several units" in warning for warning in plan.warnings)


def test_ten_thousand_rows_with_37_bad_ones_in_order(table, tmp_path):
    rng = random.Random(1)
    bad_rows = sorted(rng.sample(range(2, 10_002), 37))
    faults = [
        "*CC,300",
        "*CC(*)(*)C,300",
        "not a polymer,300",
        ",300",
        "*CC*,NaN",
        "*CC*,inf",
        "*CC*,> 300",
        "*CC*,1,2",
    ]
    lines = ["SMILES,Tg [K]"]
    for row in range(2, 10_002):
        unit = "*" + "C" * (row % 90 + 1) + "O*"
        lines.append(faults[row % len(faults)] if row in bad_rows else f"{unit},{200 + row / 100}")
    path = table("\n".join(lines))
    plan = plan_import(path)
    assert [problem.row for problem in plan.problems] == bad_rows
    assert all(problem.reason for problem in plan.problems)
    assert (plan.n_rows, plan.n_bad, len(plan.records)) == (10_000, 37, 9_963)
    db = open_database(tmp_path / "records.db")
    with pytest.raises(DataError, match=f"37 of 10000 rows are bad.*row {bad_rows[0]}"):
        plan.write(db)
    assert len(db) == 0
    assert plan.write(db, skip_bad=True).n_records == 9_963
    assert db.query("Tg")["value"].tolist() == [200 + r / 100 for r in range(2, 10_002) if r not in bad_rows]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "the file is empty"),
        ("\n \n", "the file is empty"),
        ("SMILES,Tg\n", "no rows below the header"),
        ("SMILES,Tg,Tg\n*CC*,1,2\n", "two columns are called 'Tg'"),
        ('SMILES,Tg\n"*CC*,1\n', "quotation mark"),
        ("names,Tg\nPE,1\n", "no column holds structures"),
        ("SMILES,densty\n*CC*,1\n", "did you mean density"),
        ("SMILES,colour\n*CC*,red\n", "no column holds values of a known property"),
    ],
)
def test_tables_that_cannot_be_imported(table, text, words):
    with pytest.raises(HantenError, match=words) as caught:
        plan_import(table(text))
    assert "table.csv" in str(caught.value)


def test_missing_columns_and_wrong_words(table):
    path = table("SMILES,Tg (exp),remark\n*CC*,-120,x\n")
    with pytest.raises(UnknownNameError, match="did you mean SMILES"):
        plan_import(path, structure="smile")
    with pytest.raises(UnknownNameError, match=r"did you mean Tg \(exp\)"):
        plan_import(path, mapping={"Tg (exp": "Tg:degC"})
    with pytest.raises(UnknownNameError, match=r"neither a property nor a role.*did you mean"):
        plan_import(path, mapping={"Tg (exp)": "Tgg"})
    with pytest.raises(UnitError, match="'GPa' is not a unit of Tg"):
        plan_import(path, mapping={"Tg (exp)": "Tg:GPa"})
    with pytest.raises(UnknownNameError, match="did you mean source"):
        plan_import(path, defaults={"sourc": "x"})
    with pytest.raises(UnknownNameError, match="not a method"):
        plan_import(path, defaults={"method": "wish"})
    with pytest.raises(DataError, match="no such file"):
        plan_import("nowhere.csv")
    with pytest.raises(DataError, match=r"give \.csv, \.xlsx or \.json"):
        plan_import("table.parquet")
    plan = plan_import(path, mapping={"Tg (exp)": "Tg:degC", "remark": "source"})
    assert (plan.records[0].value, plan.records[0].source, plan.records[0].method) == (
        153.15,
        "x",
        "experiment",
    )


def test_celsius_in_a_kelvin_column_is_noticed(table):
    lines = [f"*{'C' * n}O*,{20 + n}" for n in range(1, 21)]
    plan = plan_import(table("\n".join(["SMILES,Tg", *lines])))
    assert len(plan.records) == 20
    assert any("20 of 20 values are outside" in w and "read as degC" in w for w in plan.warnings)


def test_a_column_of_mixed_units_is_noticed(table):
    plan = plan_import(table("SMILES,density (g/cm3)\n*CC*,0.95\n*CO*,1420\n*CCO*,1200 kg/m3\n"))
    assert [record.value for record in plan.records] == [0.95, 1420, 1.2]
    assert any("several units" in warning for warning in plan.warnings)
    assert any("1 of 2 values" in w and "kg/m**3" in w and "(rows 3)" in w for w in plan.warnings)


def test_twins_in_the_table_and_in_the_database(table, db):
    path = table("SMILES,Tg\n*CC*,150\n*CCCC*,150\n*C*,155\n")
    plan = plan_import(path)
    assert len(plan.warnings) == 2
    assert plan.compare(db) == (0, 0)
    result = plan.write(db)
    assert (result.n_records, len(result.identical), len(result.differing)) == (2, 1, 1)
    assert plan.compare(db) == (2, 0)
    assert plan.write(db).import_id is None
    assert import_file(table("SMILES,Tg\n*CC*,151\n"), db).n_records == 1
    db.undo()
    db.undo()
    assert len(db) == 0


def test_what_was_mapped_is_remembered(table, db):
    import_file(table("SMILES,Tg [degC]\n*CC*,-120\n"), db)
    entry = db.imports().iloc[0]
    assert (entry["name"], entry["n_rows"], entry["n_records"], len(entry["sha256"])) == (
        "table.csv",
        1,
        1,
        64,
    )


def test_encodings(table):
    text = "SMILES,Tg [°C],source\n*CC*,-120,Müller\n"
    plan = plan_import(table(text, encoding="latin-1"))
    assert plan.records[0].source == "Müller"
    assert plan.records[0].value == 153.15
    assert any("line 1 is not UTF-8 text; read as Windows-1252" in notice for notice in plan.table.notices)
    assert plan_import(table(text, encoding="utf-8-sig")).table.notices == ()
    assert plan_import(table(text, encoding="utf-16"), encoding="utf-16").records[0].source == "Müller"
    japanese = table("SMILES,Tg,source\n*CC*,150,高分子\n", encoding="shift_jis")
    assert plan_import(japanese, encoding="shift_jis").records[0].source == "高分子"
    with pytest.raises(DataError, match=r"not text|neither UTF-8"):
        plan_import(table(text, encoding="utf-16"))
    with pytest.raises(DataError, match="is not an encoding"):
        plan_import(japanese, encoding="klingon")
    with pytest.raises(DataError, match="is not utf-8 text"):
        plan_import(japanese, encoding="utf-8")


def test_separators_and_decimal_commas(table):
    assert values(plan_import(table("SMILES;density\n*CC*;0,95\n"))) == [("*C*", "density", 0.95)]
    assert values(plan_import(table("SMILES\tdensity\n*CC*\t0.95\n", "t.tsv"))) == [("*C*", "density", 0.95)]
    assert values(plan_import(table('SMILES,density\n"*CC*","0.95"\n', "t.txt"))) == [
        ("*C*", "density", 0.95)
    ]


def test_workbooks_and_json(tmp_path, table):
    frame = pd.DataFrame({"SMILES": ["*CC*", "*CO*"], "Tg [degC]": [-120, None], "Year": [2001, 2002]})
    frame.to_excel(tmp_path / "t.xlsx", index=False)
    plan = plan_import(tmp_path / "t.xlsx")
    assert values(plan) == [("*C*", "Tg", 153.15)]
    assert plan.records[0].date == "2001"
    items = [{"SMILES": "*CC*", "Tg [degC]": -120}, {"SMILES": "*CO*", "Tg [degC]": None}]
    assert values(plan_import(table(json.dumps(items), "t.json"))) == [("*C*", "Tg", 153.15)]
    assert values(plan_import(table(json.dumps({"data": items}), "t.json"))) == [("*C*", "Tg", 153.15)]
    bad = plan_import(table('[{"SMILES": "*CC*", "Tg": NaN}, {"SMILES": "*CC*", "Tg": 200}]', "t.json"))
    assert [(problem.row, problem.column) for problem in bad.problems] == [(1, "Tg")]
    for text, words in [("{", "not JSON"), ("[1, 2]", "list of objects"), ("{}", "list of objects")]:
        with pytest.raises(DataError, match=words):
            plan_import(table(text, "t.json"))
    with pytest.raises(DataError, match="not a readable XLSX"):
        plan_import(table("SMILES,Tg\n", "t.xlsx"))


def test_kinds_are_guessed_and_can_be_said(table):
    assert plan_import(table("SMILES,logS\nCCO,1\n")).records[0].kind == "molecule"
    assert plan_import(table("composition,density\nFe2O3,5.2\n")).records[0].kind == "composition"
    assert (
        plan_import(table("SMILES,logS,kind\n*CC*,1,polymer\nCC,1,molecule\n")).records[1].kind == "molecule"
    )
    assert plan_import(table("SMILES,logS\nCCO,1\n"), kind="polymer").n_bad == 1


def test_a_row_is_imported_whole_or_not_at_all(table):
    plan = plan_import(table("SMILES,Tg,density\n*CC*,hot,0.95\n*CO*,200,1.4\n"))
    assert [record.structure for record in plan.records] == ["*CO*", "*CO*"]


def test_frames_for_showing(table):
    plan = plan_import(table("SMILES,Tg,remark\n*CC*,hot,x\n*CO*,200,y\n"))
    assert list(plan.mapping.frame()["read as"]) == ["structure", "Tg", "(not used)"]
    assert list(plan.preview().columns)[:3] == ["canonical", "property", "value"]
    assert plan.problem_frame().to_dict("records") == [
        {"row": 2, "column": "Tg", "cell": "hot", "reason": "'hot' is not a number"}
    ]
