"""The rules of the house: imports go one way, the command line starts fast and without torch."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import pytest

SOURCE = Path(str(files("hanten")))

# Reading order; a room may import only what stands above it (see CONTRIBUTING.md).
FLOW = [
    {"_version", "_lazy", "errors"},
    {"properties", "runs"},
    {"chem"},
    {"elements"},
    {"data"},
    {"features"},
    {"models"},
    {"transfer"},
    {"phases"},
    {"crystals"},
    {"inference"},
    {"design"},
    {"synthesis"},
    {"report"},
    {"discover"},
    {"cli"},
]
LEVEL = {name: level for level, names in enumerate(FLOW) for name in names}
# A room that must not import everything above it, only these.
ONLY = {
    "inference": {"errors", "runs"},
    "chem": {"errors"},
    "_version": set(),
    "_lazy": set(),
    "errors": set(),
}


def room_of(path: Path) -> str:
    return path.relative_to(SOURCE).parts[0].removesuffix(".py")


def imported_rooms(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        found |= {name.split(".")[1] for name in names if name.startswith("hanten.")}
    return found & set(LEVEL)


MODULES = sorted(p for p in SOURCE.rglob("*.py") if room_of(p) not in {"__init__", "__main__"})


def test_every_room_has_its_place():
    rooms = {room_of(path) for path in MODULES}
    assert rooms <= set(LEVEL), f"new room: add it to FLOW and to CONTRIBUTING.md: {rooms - set(LEVEL)}"


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(SOURCE)))
def test_imports_go_one_way(path):
    room = room_of(path)
    for other in imported_rooms(path) - {room}:
        assert LEVEL[other] < LEVEL[room], f"{room} stands above {other} and must not import it"
        if room in ONLY:
            assert other in ONLY[room], f"{room} may import only {sorted(ONLY[room])}, not {other}"


def run_python(code: str) -> str:
    environment = {**os.environ, "PYTHONWARNINGS": "ignore"}
    return subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, env=environment
    ).stdout


def test_help_imports_nothing_heavy():
    code = (
        "import sys\n"
        "from hanten.cli.main import main\n"
        "try:\n    main(['--help'])\nexcept SystemExit as stop:\n    assert not stop.code\n"
        "heavy = {'torch', 'sklearn', 'pandas', 'scipy', 'matplotlib', 'rdkit', 'pint', 'numpy'}\n"
        "print('HEAVY', sorted(heavy & set(sys.modules)), len(sys.modules))\n"
    )
    line = run_python(code).splitlines()[-1]
    assert line.startswith("HEAVY []"), line
    # Work is bounded instead of seconds: what is imported is what takes the time.
    assert int(line.split()[-1]) < 400


def test_no_command_imports_torch():
    code = (
        "import sys\n"
        "from importlib import import_module\n"
        "from hanten.cli.main import COMMANDS\n"
        "for module, _ in COMMANDS.values():\n    import_module(f'hanten.cli.{module}')\n"
        "import hanten.models, hanten.design, hanten.features, hanten.discover\n"
        "assert 'torch' not in sys.modules\n"
    )
    run_python(code)


def test_import_hanten_is_immediate():
    assert run_python("import sys, hanten; print('numpy' in sys.modules)").strip() == "False"


def test_house_rules_no_pickle_no_global_randomness():
    import re

    forbidden = re.compile(
        r"pickle\.loads?\(|joblib\.load\(|torch\.load\(|allow_pickle=True|np\.random\.(seed|rand|randn|choice|normal)\("
        r"|random\.seed\(|except( Exception)?:\s*(pass|continue)"
    )
    for path in MODULES:
        assert not forbidden.search(path.read_text(encoding="utf-8")), path
