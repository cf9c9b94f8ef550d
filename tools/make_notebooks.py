"""Run the example scripts cell by cell and write them as notebooks with their output.

    python tools/make_notebooks.py [NAME ...]

A script of ``examples/`` whose cells begin with ``# %%`` becomes ``examples/<name>.ipynb``; printed text and the figure
``fig`` of a cell are kept.
"""

# ruff: noqa: INP001  (a script)

from __future__ import annotations

import base64
import contextlib
import io
import json
import sys
from pathlib import Path
from typing import Any

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"


def cells(text: str) -> list[tuple[str, str]]:
    r"""Kind (``markdown`` or ``code``) and source of each cell.

    Examples
    --------
    >>> cells("# %% [markdown]\\n# # Title\\n\\n# %%\\nprint(1)\\n")
    [('markdown', '# Title'), ('code', 'print(1)')]
    """
    found = []
    for part in text.split("# %%")[1:]:
        first, _, body = part.partition("\n")
        if "[markdown]" in first:
            lines = [line.removeprefix("#").removeprefix(" ") for line in body.strip().splitlines()]
            found.append(("markdown", "\n".join(lines)))
        else:
            found.append(("code", body.strip()))
    return found


def run(source: str, space: dict[str, Any]) -> list[dict[str, Any]]:
    """Run a code cell in ``space``; its printed text and figure as notebook outputs."""
    said = io.StringIO()
    space.pop("fig", None)
    with contextlib.redirect_stdout(said):
        exec(compile(source, "cell", "exec"), space)  # noqa: S102  (our own examples)
    outputs: list[dict[str, Any]] = []
    if said.getvalue():
        outputs.append(
            {"output_type": "stream", "name": "stdout", "text": said.getvalue().splitlines(keepends=True)}
        )
    if "fig" in space:
        picture = io.BytesIO()
        space["fig"].savefig(picture, format="png", dpi=90)
        data = {"image/png": base64.b64encode(picture.getvalue()).decode()}
        outputs.append({"output_type": "display_data", "data": data, "metadata": {}})
    return outputs


def notebook(text: str) -> dict[str, Any]:
    """The notebook of a script, run from top to bottom."""
    space: dict[str, Any] = {"__name__": "__main__"}
    made: list[dict[str, Any]] = []
    for number, (kind, source) in enumerate(cells(text)):
        cell: dict[str, Any] = {"cell_type": kind, "id": f"cell-{number}", "metadata": {}}
        cell["source"] = source.splitlines(keepends=True)
        if kind == "code":
            cell |= {"execution_count": number, "outputs": run(source, space)}
        made.append(cell)
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return {"cells": made, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}


def main(names: list[str]) -> None:
    """Write the named notebooks, or all."""
    for path in sorted(EXAMPLES.glob("*.py")):
        if names and path.stem not in names:
            continue
        made = json.dumps(notebook(path.read_text(encoding="utf-8")), ensure_ascii=False, indent=1)
        path.with_suffix(".ipynb").write_text(made + "\n", encoding="utf-8")
        print(path.with_suffix(".ipynb").name)


if __name__ == "__main__":
    main(sys.argv[1:])
