"""``python -m hanten.crystals.build``: train the conductivity model of the package again, from the public data.

The data are read from the folder ``HANTEN_DATA_DIR`` or where ``hanten data fetch crabnet`` and ``hanten data fetch
cbfv-agl`` put them.
"""

from __future__ import annotations

import sys
import time

from hanten.crystals.bundle import BUNDLED
from hanten.crystals.table import read_conductivities
from hanten.crystals.training import default_regressor, evaluate_split, train_conductivity_model
from hanten.errors import HantenError


def main() -> int:
    """Score on the fixed split, train on everything, save."""
    started = time.process_time()
    try:
        table = read_conductivities()
        scores = evaluate_split(table, {"boosting": default_regressor()})
        model = train_conductivity_model(scores={"fixed split, test": scores["boosting"]})
    except HantenError as error:
        print(error, file=sys.stderr)
        return 1
    model.save(BUNDLED)
    for name, values in model.card["scores"].items():
        print(name, {key: round(value, 4) for key, value in values.items()})
    print(
        f"{BUNDLED.name}: {BUNDLED.stat().st_size / 1e6:.2f} MB, {time.process_time() - started:.0f} CPU-seconds"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
