"""``python -m hanten.models.build [NAME ...]``: train the bundled models again, from public data.

The data are read by :func:`hanten.data.load_dataset`: from the folder ``HANTEN_DATA_DIR`` or where ``hanten data
fetch`` put them.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from hanten.errors import HantenError
from hanten.models.bundled import LIBRARY, SUFFIX
from hanten.models.recipes import RECIPES, train_recipe
from hanten.models.training import Trained


def build(name: str, folder: Path = LIBRARY) -> Trained:
    """Train the bundled model ``name`` by its recipe and write it to ``folder``.

    Raises
    ------
    UnknownNameError
        If there is no such recipe.
    DataError
        If its data are not on this machine.
    """
    trained = train_recipe(name)
    folder.mkdir(parents=True, exist_ok=True)
    trained.model.save(folder / f"{name}{SUFFIX}")
    return trained


def main(names: list[str]) -> int:
    """Train the named models, or all; one line each."""
    for name in names or list(RECIPES):
        started = time.perf_counter()
        try:
            scores = build(name).random.metrics()
        except HantenError as error:
            print(f"{name}: {error}", file=sys.stderr)
            return 1
        size = (LIBRARY / f"{name}{SUFFIX}").stat().st_size
        print(
            f"{name:28s} n {scores['n']:6d}  MAE {scores['mae']:.4g}  R2 {scores['r2']:.3f}  90 % covers {scores['coverage']['0.9']:.3f}",
            end="  ",
        )
        print(f"{size / 1e6:.2f} MB  {time.perf_counter() - started:.0f} s", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
