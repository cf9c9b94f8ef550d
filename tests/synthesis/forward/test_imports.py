"""Nothing here imports torch before it is used, and without it the program says what to install."""

from __future__ import annotations

import subprocess
import sys

import pytest
from click.testing import CliRunner

from hanten.errors import MissingExtraError
from hanten.synthesis.forward import train


def test_importing_the_room_does_not_import_torch():
    code = (
        "import sys, pkgutil, importlib\n"
        "import hanten.chem.reaction, hanten.synthesis.forward as room\n"
        "for module in pkgutil.iter_modules(room.__path__, room.__name__ + '.'):\n"
        "    importlib.import_module(module.name)\n"
        "assert 'torch' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-W", "ignore", "-c", code], check=True)


def test_without_torch_the_program_names_the_extra(monkeypatch, tmp_path):
    monkeypatch.setattr(train, "find_spec", lambda _: None)
    with pytest.raises(MissingExtraError, match=r"hanten\[train\]"):
        train.prepare_torch("auto", 1)
    data = tmp_path / "x.tsv"
    data.write_text("")
    result = CliRunner().invoke(train.main, ["--data", str(data), "--checkpoint", str(tmp_path / "m")])
    assert result.exit_code == 1
    assert "training needs torch" in result.output
