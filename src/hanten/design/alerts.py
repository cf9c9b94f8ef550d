"""Groups that a candidate polymer should not carry: unstable, hydrolysed in air, or still reactive."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from rdkit import Chem
from rdkit.Chem import rdMolDescriptors

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


# What must be there for a group to be there: atoms, told by element, neighbours, hydrogens and charge alone (so that
# one look at each kind of atom decides), and then a pattern, cheaper than those of the groups one by one.
SCREENS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("[#8X2,#7X3,#16X2]", "[OX2,#7X3,SX2]-[OX2,#7X3,SX2]", ("peroxide", "hetero-atom chain",
     "disulfide oxide or sulfenate", "anhydride mixed with N", "hydrazine N-H")),
    ("[#9,#17,#35,#53]", "[O,N,S]-[F,Cl,Br,I]", ("O-halogen or N-halogen",)),
    ("[#7-]", "[N-]", ("azide or diazo", "diazo")),
    ("[#7X2]", "[NX2]~[#7,#8]", ("triazene", "nitroso")),
    ("[#7]", "[#7;!a]-[#7,#8;!a]", ("N-N-N or N-O-N",)),
    ("[#8X2,#7X3]", "[CX4]([OX2,NX3])[OX2,NX3,Cl,Br,I]", ("hemiacetal or geminal diol", "hemiaminal", "geminal diamine",
     "alpha-halo ether or amine")),
    ("[#17,#35,#53]", "[CX3,SX4,PX4]-[Cl,Br,I]", ("acid halide",)),
    ("[#8X2H1,#7X3H2]", "[CX3]=[CX3]-[OX2H1,NX3H2]", ("enol", "enamine N-H")),
    ("[#6X2]", "[CX2]=*", ("cumulene", "ketene", "isocyanate")),
    ("[#6;+,-]", "[#6;+,-]", ("isonitrile", "carbanion or carbocation")),
    ("[#6X2]", "[C;R]#[C;R]", ("strained alkyne",)),
    ("[#6,#7]", "[#6,#7;R]=[#6,#7;R]", ("three-membered unsaturated ring", "bridgehead alkene")),
    ("[#7X2H1]", "[NX2H1]", ("imine N-H",)),
    ("[#16X1]", "[SX1]", ("thioaldehyde or thioketone",)),
    ("[#8X2H1]", "[OX2H1]-[CX3]", ("free carbamic or carbonic acid",)),
    ("[#7X1,#8X1]", "[#7,#8;X1;H0;+0;v1,v2]", ("radical",)),
)  # fmt: skip


@dataclass(frozen=True)
class _Screen:
    """A pattern to look for first, and the groups that cannot be there without it."""

    atom: Any
    pattern: Any
    members: tuple[tuple[str, Any], ...]


@lru_cache(maxsize=1)
def _queries() -> dict[str, Any]:
    return {name: Chem.MolFromSmarts(smarts) for name, smarts in ALERTS.items()}


@lru_cache(maxsize=1)
def _screens() -> tuple[_Screen, ...]:
    """The screens; a group that has none is always looked for."""
    queries = _queries()
    screened = {name for *_, names in SCREENS for name in names}
    own = [("*", "*", tuple(name for name in queries if name not in screened))]
    return tuple(
        _Screen(
            Chem.MolFromSmarts(atom).GetAtomWithIdx(0),
            Chem.MolFromSmarts(pattern),
            tuple((name, queries[name]) for name in names),
        )
        for atom, pattern, names in (*SCREENS, *own)
        if names
    )


_PASSED: dict[int, int] = {}  # kind of atom -> the screens it lets through, a bit for each


def _open_screens(mol: Any, kinds: Sequence[int]) -> int:
    """The screens worth looking at, a bit for each; what a kind of atom lets through is remembered."""
    bits = 0
    for kind in set(kinds):
        if kind not in _PASSED:
            atom = mol.GetAtomWithIdx(kinds.index(kind))
            _PASSED[kind] = sum(screen.atom.Match(atom) << i for i, screen in enumerate(_screens()))
        bits |= _PASSED[kind]
    return bits


def alerts(mol: Any, kinds: Sequence[int] | None = None, among: Collection[int] | None = None) -> list[str]:
    """Names of the unwanted groups in a molecule or stretch of chain.

    Parameters
    ----------
    mol : rdkit.Chem.Mol
    kinds : sequence of int, optional
        Its connectivity invariants, where they are known already.
    among : collection of int, optional
        Only groups with one of these atoms. In the middle copy of a chain every atom has its true neighbours; at the
        ends of the stretch an amide may look like an amine.

    Examples
    --------
    >>> alerts(Chem.MolFromSmiles("COOC")), alerts(Chem.MolFromSmiles("COC"))
    (['peroxide'], [])
    """
    bits = _open_screens(mol, rdMolDescriptors.GetConnectivityInvariants(mol) if kinds is None else kinds)
    found = {
        name
        for i, screen in enumerate(_screens())
        if bits >> i & 1 and mol.HasSubstructMatch(screen.pattern)
        for name, query in screen.members
        if _is_there(mol, query, among)
    }
    return [name for name in ALERTS if name in found] if found else []


def _is_there(mol: Any, query: Any, among: Collection[int] | None) -> bool:
    if among is None:
        return bool(mol.HasSubstructMatch(query))
    matches = mol.GetSubstructMatches(query, uniquify=False, maxMatches=100_000)
    return any(atom in among for match in matches for atom in match)
