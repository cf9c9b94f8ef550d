"""Can the charges of a composition balance? Seven numbers from the oxidation states and electronegativities of its elements.

Salts and oxides whose charges can balance are seldom metals; alloys have no anion to balance.
"""

from __future__ import annotations

import numpy as np

from hanten.elements import element_table

NAMES = (
    "largest charge", "charge nearest to zero", "charge with the last as anion", "charge of the last", "spread of electronegativity",
    "mean electronegativity", "number of elements",
)  # fmt: skip


def charge_balance(shares: np.ndarray) -> np.ndarray:
    """One row of :data:`NAMES` per composition.

    The elements stand in the order of their electronegativity. Each cut divides them into cations, at their highest
    oxidation state, and anions, at their lowest; what is left over is a charge per atom.

    Parameters
    ----------
    shares : (n, elements of the table)
        Atomic fractions.

    Returns
    -------
    numpy.ndarray, (n, 7)
    """
    high, low, en = (
        element_table().select(["max_oxidation_state", "min_oxidation_state", "en_pauling"]).values.T
    )
    out = np.zeros((len(shares), len(NAMES)))
    for i, row in enumerate(shares):
        present = np.flatnonzero(row)
        order = present[np.argsort(en[present], kind="stable")]
        up, down = row[order] * high[order], row[order] * low[order]
        cuts = np.cumsum(up)[:-1] + down.sum() - np.cumsum(down)[:-1]
        left = (cuts.max(), cuts[np.abs(cuts).argmin()], cuts[-1]) if len(cuts) else (0.0, 0.0, 0.0)
        out[i] = *left, down[-1], np.ptp(en[order]), row @ en, len(order)
    return out
