"""Groups that a candidate polymer should not carry: unstable, hydrolysed in air, or still reactive."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from rdkit import Chem

ALERTS = {
    "peroxide": "[OX2]-[OX2]",
    "hetero-atom chain": "[OX2,#7X3,SX2]-[OX2,#7X3,SX2]-[OX2,#7X3,SX2]",
    "O-halogen or N-halogen": "[O,N,S]-[F,Cl,Br,I]",
    "acid halide": "[CX3,SX4,PX4](=O)-[Cl,Br,I]",
    "hemiacetal or geminal diol": "[CX4;!$(C(F)(F)F)]([OX2H1])[OX2]",
    "hemiaminal": "[CX4]([OX2H1])[NX3;!$(NC=O)]",
    "geminal diamine": "[CX4]([NX3;H1,H2])[NX3;H1,H2]",
    "alpha-halo ether or amine": "[CX4;!$(C([F,Cl])[F,Cl])]([Cl,Br,I])[OX2,NX3]",
    "enol": "[CX3]=[CX3;!$(C=O)]-[OX2H1]",
    "enamine N-H": "[CX3;!R]=[CX3;!$(C=O);!R]-[NX3H2]",
    "cumulene": "[CX3]=[CX2]=[CX3,CX2]",
    "ketene": "[CX3]=[CX2]=[OX1,SX1]",
    "isocyanate": "[NX2]=[CX2]=[OX1,SX1]",
    "azide or diazo": "[#6,#7]~[N+]=[N-]",
    "diazo": "[#6]=[N+]=[N-]",
    "triazene": "[NX3]-[NX2]=[NX2]",
    "nitroso": "[#6,#7,#8]-[NX2]=[OX1]",
    "isonitrile": "[C-]#[N+]",
    "strained alkyne": "[C;r3,r4,r5,r6,r7]#[C;r3,r4,r5,r6,r7]",
    "three-membered unsaturated ring": "[#6,#7;r3]=[#6,#7;r3]",
    "bridgehead alkene": "[C;R2;x3;r3,r4,r5]=[C;R2;x3;r3,r4,r5]",
    "carbanion or carbocation": "[#6;+,-;!$([C-]#[N+,O+])]",
    "disulfide oxide or sulfenate": "[SX2]-[OX2]",
    "anhydride mixed with N": "[CX3](=O)-[OX2]-[NX3]",
    "hydrazine N-H": "[NX3;H1,H2;!$(N[#6,#16]=[O,S])]-[#7X3;!$([#7][#6,#16]=[O,S])]",
    "N-N-N or N-O-N": "[#7;!a]-[#7,#8;!a]-[#7;!a]",
    "imine N-H": "[#6X3]=[NX2H1]",
    "thioaldehyde or thioketone": "[CX3;!$(C[N,O,S])]=[SX1]",
    "free carbamic or carbonic acid": "[OX2H1]-[CX3](=O)-[OX2,NX3]",
    "radical": "[#6,#7,#8;v1,v2;H0;+0;$([#6;v3]),$([#7;v2;X1;!$(N#*)]),$([#8;v1])]",
}


@lru_cache(maxsize=1)
def _queries() -> dict[str, Any]:
    return {name: Chem.MolFromSmarts(smarts) for name, smarts in ALERTS.items()}


def alerts(mol: Any) -> list[str]:
    """Names of the unwanted groups in a molecule or stretch of chain.

    Examples
    --------
    >>> alerts(Chem.MolFromSmiles("COOC")), alerts(Chem.MolFromSmiles("COC"))
    (['peroxide'], [])
    """
    return [name for name, query in _queries().items() if mol.HasSubstructMatch(query)]
