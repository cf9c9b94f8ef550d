"""Build the wheel, install it in a bare environment away from the sources, import every module, predict once."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import venv
from pathlib import Path

IMPORT_ALL = """
import importlib, pkgutil, hanten
names = [m.name for m in pkgutil.walk_packages(hanten.__path__, "hanten.") if not m.name.endswith("__main__")]
for name in names:
    importlib.import_module(name)
print(len(names), "modules import from", hanten.__path__[0])
"""


def main() -> None:
    """Fail when a file is missing from the wheel or an import needs more than the declared dependencies."""
    root = Path(__file__).resolve().parents[1]
    with tempfile.TemporaryDirectory() as folder:
        build = [sys.executable, "-m", "build", "--wheel", "--outdir", folder, str(root)]
        subprocess.run(build, check=True, stdout=subprocess.DEVNULL)
        wheel = next(Path(folder).glob("*.whl"))
        print(f"{wheel.name}: {wheel.stat().st_size / 2**20:.1f} MiB")
        bare = Path(folder) / "bare"
        venv.create(bare, with_pip=True)
        python = str(bare / "bin" / "python")
        subprocess.run([python, "-m", "pip", "install", "--quiet", str(wheel)], check=True, cwd=folder)
        subprocess.run([python, "-c", IMPORT_ALL], check=True, cwd=folder)
        subprocess.run([python, "-m", "hanten", "predict", "*CC(*)c1ccccc1"], check=True, cwd=folder)


if __name__ == "__main__":
    main()
