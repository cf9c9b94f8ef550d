"""Liquid-crystal-forming (mesogenic) fragments: rigid, para-linked rods.

Rod-like segments align, and an aligned chain conducts heat better: the 2019 study on polymer thermal
conductivity (Wu et al., npj Comput. Mater. 2019, 5:66, doi:10.1038/s41524-019-0203-2) favoured candidates
that hold one. The patterns cover the families named there: aryl esters and amides, pyromellitimide and its
phenyl-extended relatives, biphenyl and terphenyl diacyl and diether, stilbene, imine, azo, benzobisoxazole,
-imidazole and -thiazole.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import product
from typing import Any

from rdkit import Chem

PHENYLENE = "c1ccc(cc1)"
STARTS, STOPS = ("O=[CX3;!R]", "[OX2]"), ("[CX3;!R]=O", "[OX2]")
BRIDGES = {"stilbene": "[#6]=[#6]", "imine": "[#7]=[#6]", "azo": "[#7]=[#7]"}


def _rods() -> dict[str, tuple[str, ...]]:
    """Para-phenylene rods between two acyl or oxygen ends."""
    rods: dict[str, tuple[str, ...]] = {}
    for name, count in (("phenylene", 1), ("biphenyl", 2), ("terphenyl", 3)):
        core = "-".join([PHENYLENE] * count)
        rods[f"{name} diacyl"] = (f"O=[CX3;!R]-{core}-[CX3;!R]=O",)
        rods[f"{name} diether"] = (f"[OX2]-{core}-[OX2]",)
    for name, bridge in BRIDGES.items():
        rods[name] = tuple(f"{a}-{PHENYLENE}-{bridge}-{PHENYLENE}-{b}" for a, b in product(STARTS, STOPS))
    return rods


def _bis_azole(x: str) -> tuple[str, ...]:
    """Two five-membered rings fused to a benzene at opposite sides, each with an aryl group."""
    trans, cis = f"c-c1nc2cc3{x}c(-c)nc3cc2{x}1", f"c-c1nc2cc3nc(-c){x}c3cc2{x}1"
    return tuple(dict.fromkeys((trans, cis)))


MESOGENS: dict[str, tuple[str, ...]] = {
    "p-aroyl": (f"O=[CX3;!R]-{PHENYLENE}-[!#1]",),
    "aryl ester": (f"O=[CX3;!R]-{PHENYLENE}-[OX2]",),
    "aryl amide": (f"O=[CX3;!R]-{PHENYLENE}-[NX3]",),
    **_rods(),
    "pyromellitimide": ("O=[#6]1~[#7]~[#6](=O)~c2cc3~[#6](=O)~[#7]~[#6](=O)~c~3cc~2~1",),
    "biphenyl diimide": ("O=[#6]1~[#7]~[#6](=O)~c2cc(ccc~2~1)-c1ccc2~[#6](=O)~[#7]~[#6](=O)~c~2c1",),
    "terphenyl diimide": (
        f"O=[#6]1~[#7]~[#6](=O)~c2cc(ccc~2~1)-{PHENYLENE}-c1ccc2~[#6](=O)~[#7]~[#6](=O)~c~2c1",
    ),
    "benzobisoxazole": _bis_azole("o"),
    "benzobisimidazole": _bis_azole("n"),
    "benzobisthiazole": _bis_azole("s"),
}


@lru_cache(maxsize=1)
def _queries() -> dict[str, list[Any]]:
    return {name: [Chem.MolFromSmarts(s) for s in patterns] for name, patterns in MESOGENS.items()}


def mesogens(mol: Any) -> list[str]:
    """Names of the mesogenic fragments in a molecule or stretch of chain.

    Examples
    --------
    >>> mesogens(Chem.MolFromSmiles("COc1ccc(cc1)C=Cc1ccc(cc1)OC"))
    ['stilbene']
    """
    return [name for name, queries in _queries().items() if any(mol.HasSubstructMatch(q) for q in queries)]
