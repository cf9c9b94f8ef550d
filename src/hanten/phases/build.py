"""``python -m hanten.phases.build``: train the phase model of the package again, from the public table.

The data are read from the folder ``HANTEN_DATA_DIR`` or where ``hanten data fetch quasicrystals`` put them.
"""

from __future__ import annotations

import sys
import time

from hanten.errors import HantenError
from hanten.phases.bundle import BUNDLED
from hanten.phases.training import report_lines, summary, train_phase_model


def main() -> int:
    """Train, save, and say how good it is."""
    started = time.process_time()
    try:
        model = train_phase_model()
    except HantenError as error:
        print(error, file=sys.stderr)
        return 1
    model.save(BUNDLED)
    for line in (*report_lines(model.card["rows"]), summary(model)):
        print(line)
    print(
        f"{BUNDLED.name}: {BUNDLED.stat().st_size / 1e6:.2f} MB, {time.process_time() - started:.0f} CPU-seconds"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
