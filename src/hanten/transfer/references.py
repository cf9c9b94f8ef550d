"""A few hundred simple materials on which source tasks are compared, to see which properties go together.

They are written out from building blocks, not taken from any data set, so that a library can be searched by
nearness without carrying data.
"""

from __future__ import annotations

from functools import cache
from itertools import product

import numpy as np
import numpy.typing as npt

from hanten.transfer.keys import canonical_key, check_kind

_UNITS = ("*CC(*){}", "*CC(C)(*){}", "*OCC(*){}", "*CCCC(*){}")
_SUBSTITUENTS = """
    [H] C CC C(C)C CCCC c1ccccc1 Cl F C#N O OC OC(C)=O C(=O)O C(=O)OC C(=O)OCCCC C(=O)N c1ccncc1 C(F)(F)F
    c1ccc(C)cc1 c1ccc(F)cc1 [Si](C)(C)C N1CCCC1=O C(C)(C)C OCCO SC
""".split()  # noqa: SIM905
_LINKS = "O C(=O)O C(=O)N OC(=O)O S NC(=O)N S(=O)(=O) C(=O)".split()  # noqa: SIM905
_SPACERS = """
    CC CCCC CCCCCCCC c1ccc(cc1) c1cccc(c1) c1ccc(cc1)c1ccc(cc1) C1CCC(CC1) CC(C)(C)C
    c1ccc(cc1)C(C)(C)c1ccc(cc1) C(F)(F)C(F)(F) CCOCC [Si](C)(C)
""".split()  # noqa: SIM905
_HEADS = "C CC OCC NC(=O) c1ccccc1 C1CC1 CC(C) O=C1CC1 FC(F) CC(=O)O".split()  # noqa: SIM905
_TAILS = """
    C O N F Cl Br C#N C=O C(=O)O OC S c1ccccc1 c1ccncc1 c1ccco1 C1CCCCC1 C(=O)N [N+](=O)[O-]
""".split()  # noqa: SIM905
_CATIONS = """
    Li Na K Mg Ca Sr Ba Al Ga In Y La Ti Zr V Cr Mn Fe Co Ni Cu Zn Ag Cd Sn Pb Bi Si Ge W
""".split()  # noqa: SIM905
_ANIONS = "O S Se Te N P As F Cl Br I C B".split()  # noqa: SIM905


@cache
def reference_materials(kind: str) -> tuple[str, ...]:
    """Canonical keys of the reference materials of a world, sorted.

    Examples
    --------
    >>> [len(reference_materials(kind)) > 150 for kind in ("polymer", "molecule", "composition")]
    [True, True, True]
    """
    if check_kind(kind) == "polymer":
        texts = [unit.format(group) for unit, group in product(_UNITS, _SUBSTITUENTS)]
        texts += [f"*{link}{spacer}*" for link, spacer in product(_LINKS, _SPACERS)]
    elif kind == "molecule":
        texts = [f"{head}C{tail}" for head, tail in product(_HEADS, _TAILS)]
    else:
        texts = [f"{cation}{anion}" for cation, anion in product(_CATIONS, _ANIONS)]
    return tuple(sorted({canonical_key(text, kind) for text in texts}))


def rank_correlation(a: npt.ArrayLike, b: npt.ArrayLike) -> float:
    """Spearman's rank correlation of two predictions of the reference materials; 0 where one is constant.

    Examples
    --------
    >>> rank_correlation([1, 2, 3, 4], [10, 20, 30, 50])
    1.0
    """
    ranks = [np.argsort(np.argsort(np.asarray(values))).astype(float) for values in (a, b)]
    if any(np.ptp(np.asarray(values, dtype=float)) == 0 for values in (a, b)):
        return 0.0
    return round(float(np.corrcoef(ranks)[0, 1]), 3)
