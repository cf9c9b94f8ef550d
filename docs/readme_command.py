"""Print one of the README's commands, so that what is written is what is run.

``python docs/readme_command.py test`` prints the body of the code block marked ``<!-- command: test -->``.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

README = Path(__file__).resolve().parents[1] / "README.md"


def command(name: str, readme: Path = README) -> str:
    """The shell command in the block that follows ``<!-- command: NAME -->``."""
    pattern = rf"<!-- command: {re.escape(name)} -->\s*```[a-z]*\n(.*?)```"
    found = re.search(pattern, readme.read_text(encoding="utf-8"), flags=re.DOTALL)
    if found is None:
        raise SystemExit(f"{readme.name} has no command marked {name!r}")
    return found[1].strip()


if __name__ == "__main__":
    print(command(sys.argv[1]))
