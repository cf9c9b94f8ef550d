import json

from click.testing import CliRunner

from hanten.cli.forward import command


def run(*words, stdin=None):
    return CliRunner().invoke(command, list(words), input=stdin, standalone_mode=False)


def test_json_has_the_promised_keys():
    found = run("CCO.CC(=O)O", "--json")
    assert found.return_value == 0
    (row,) = json.loads(found.stdout)
    assert set(row) == {"reactants", "products", "error"}
    assert row["reactants"] == "CCO.CC(=O)O"
    assert row["error"] is None
    assert all(set(one) == {"product", "probability"} for one in row["products"])
    assert all(0 < one["probability"] <= 1 for one in row["products"])


def test_a_bad_row_is_a_row_and_status_3():
    found = run("CCO.CC(=O)Cl", "CC(", "--json")
    assert found.return_value == 3
    rows = json.loads(found.stdout)
    assert [row["error"] is None for row in rows] == [True, False]
    assert rows[1]["products"] == []


def test_a_table_and_standard_input(tmp_path):
    file = tmp_path / "sets.csv"
    file.write_text("reactants\nCN.O=C(Cl)c1ccccc1\n")
    assert "CNC(=O)c1ccccc1" in run(str(file)).stdout
    assert "CNC(=O)c1ccccc1" in run("-", stdin=file.read_text()).stdout
    output = tmp_path / "out.csv"
    assert run(str(file), "-o", str(output), "-n", "2").return_value == 0
    assert output.read_text().startswith("reactants,rank,product,probability,error")
