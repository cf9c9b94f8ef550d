"""What is written is run: the README's commands and snippets, the examples in every command's help."""

from __future__ import annotations

import importlib.util
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import click
import pytest

from hanten.cli.main import COMMANDS, hanten

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
EXAMPLES = ROOT / "examples"
# Examples of commands that load a model, a stock or a sampler run with the slow tests.
HEAVY = (
    *("hanten discover", "hanten design", "hanten report", "hanten train", "hanten transfer", "hanten synth"),
    *("hanten crystals", "hanten phases", "hanten elements map", "hanten library", "hanten stock"),
    *("hanten forward", "hanten predict", "hanten evaluate"),
)


def commands():
    """Every command and subcommand as (words, click command)."""
    context = click.Context(hanten)
    for name in COMMANDS:
        command = hanten.get_command(context, name)
        yield (name,), command
        for sub in getattr(command, "commands", {}):
            yield (name, sub), command.commands[sub]


def examples_of(command):
    lines = (command.help or "").splitlines()
    return [line.strip() for line in lines if line.strip().startswith("hanten ")]


ALL = list(commands())
LINES = sorted({line for _, command in ALL for line in examples_of(command)})


@pytest.mark.parametrize(("words", "command"), ALL, ids=lambda v: " ".join(v) if isinstance(v, tuple) else "")
def test_every_command_explains_itself_with_two_examples(words, command):
    assert command.help
    assert "\\b" not in command.help, "a raw docstring: click's mark is the character, not the two"
    if not isinstance(command, click.Group):
        assert len(examples_of(command)) >= 2, f"hanten {' '.join(words)} needs two runnable examples"
    for parameter in command.params:
        if isinstance(parameter, click.Option) and not parameter.hidden:
            assert parameter.help, f"hanten {' '.join(words)}: {parameter.opts} has no help"
    assert len(command.params) <= 14


# The sampler's examples say what they are for, not how many particles a test can afford.
QUICK = {
    "hanten design": (" -c quick-design.toml", "particles = 120\nmax_extensions = 1\n"),
    "hanten discover": (" quick-discover.toml", "[design]\nparticles = 120\nmax_extensions = 1\n"),
}
WISH = "targets = ['thermal_conductivity >= 0.3 W/m/K']\n"


def quick(line, folder):
    """The same line with few particles; what says for itself what to do stays as it is."""
    for start, (option, text) in QUICK.items():
        if line.startswith(start):
            (folder / option.split()[-1]).write_text(text + WISH)
            return line if ".toml" in line or line == start else line.replace(start, start + option, 1)
    if line.startswith("hanten report"):
        return f"hanten discover heat-resistant-optical.toml -n 5 -o runs/small && {line.removesuffix(' --open')}"
    return line


def run_line(line, folder):
    """One shell line in ``folder``, with this interpreter's hanten and the example files at hand."""
    line = quick(line, folder)
    for example in EXAMPLES.iterdir():
        target = folder / example.name
        if not target.exists():
            target.symlink_to(example)
    environment = {
        **os.environ,
        "HANTEN_HOME": str(folder / "home"),
        "HANTEN_CACHE_DIR": str(folder / "cache"),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    }
    return subprocess.run(
        ["bash", "-o", "pipefail", "-c", line],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )


def marks(line):
    mirror = bool(os.environ.get("HANTEN_DATA_DIR"))
    if line.startswith("hanten data fetch"):
        return [pytest.mark.skipif(not mirror, reason="fetched from a mirror of the public data only")]
    if line.startswith("hanten library train"):
        missing = importlib.util.find_spec("torch") is None or not mirror
        return [
            pytest.mark.slow,
            pytest.mark.skipif(missing, reason="training needs torch and the public data"),
        ]
    return [pytest.mark.slow] if line.startswith(HEAVY) else []


@pytest.mark.parametrize("line", [pytest.param(line, marks=marks(line), id=line) for line in LINES])
def test_help_examples_run(line, tmp_path):
    done = run_line(line, tmp_path)
    assert done.returncode in {0, 3}, f"{line}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
    assert "Traceback" not in done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("config", sorted(EXAMPLES.glob("*.toml")), ids=lambda path: path.stem)
def test_example_configs_run(config, tmp_path):
    done = run_line(f"hanten discover {config.name} -n 5 -o runs/small", tmp_path)
    assert done.returncode == 0, f"{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
    assert (tmp_path / "runs/small/report.html").stat().st_size > 10_000


def readme_lines():
    """The shell lines of the README, without the two set-up commands and without comments."""
    for block in re.findall(r"(?<!-->\n)```bash\n(.*?)```", README, flags=re.DOTALL):
        for line in block.splitlines():
            if line.startswith("hanten "):
                yield (
                    shlex.join(shlex.split(line, comments=True))
                    if "<" not in line and ">" not in line
                    else line
                )


def test_readme_shell_lines_are_found():
    assert len(list(readme_lines())) >= 5


@pytest.mark.slow
def test_readme_shell_lines_run_in_order(tmp_path):
    for line in readme_lines():
        done = run_line(line, tmp_path)
        assert done.returncode in {0, 3}, f"{line}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"


@pytest.mark.slow
def test_readme_python_runs(tmp_path):
    for block in re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL):
        subprocess.run(
            [sys.executable, "-c", block], check=True, cwd=tmp_path, capture_output=True, timeout=600
        )


def test_readme_set_up_commands_are_marked_and_in_both_languages():
    sys.path.insert(0, str(ROOT / "docs"))
    from readme_command import command

    japanese = (ROOT / "README.ja.md").read_text(encoding="utf-8")
    for name in ("discover", "test"):
        assert command(name) in japanese


@pytest.mark.parametrize("page", [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")], ids=lambda p: p.name)
def test_links_between_pages_lead_somewhere(page):
    for target in re.findall(r"\]\((?!https?:|mailto:|#)([^)#]+)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), f"{page.name} links to {target}"
