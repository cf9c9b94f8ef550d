"""The page about this room is run."""

import re
import runpy
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "inference.md"


def test_the_example_on_the_page_runs(tmp_path, capsys):
    (block,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)
    (tmp_path / "example.py").write_text(block, encoding="utf-8")
    names = runpy.run_path(str(tmp_path / "example.py"))
    assert "reached beta = 1 - mean bias 0.83" in capsys.readouterr().out
    assert names["step"].log_evidence < -4.5


def test_the_page_names_every_column_of_the_trace(die, tilt, table):
    import numpy as np

    from hanten.inference import smc

    row = next(smc(die, table(np.zeros(6)), tilt, 10, np.random.default_rng(0))).row
    described = re.findall(r"^\| `(\w+)` \|", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert set(row) - set(described) == {"step", "ess", "calls"}
