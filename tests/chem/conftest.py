"""Independent means to judge a canonical form: random rewriting on the graph, and an invariant key."""

from __future__ import annotations

import hashlib
import math
import re
import zipfile
from collections import Counter
from itertools import pairwise

import pandas as pd
import pytest
from rdkit import Chem, rdBase

UNITS = """
*C* *CC* *CCO* *CC(*)C *CC(*)(C)C *CC(*)c1ccccc1 *CC(*)Cl *CC(*)C#N *CC(*)(C)C(=O)OC *CC(*)OC(C)=O
*C(F)(F)C(*)(F)F *CCCCCC(=O)N* *C(=O)CCCCC(=O)NCCCCCCN* *OCCOC(=O)c1ccc(cc1)C(=O)*
*Oc1ccc(cc1)C(C)(C)c1ccc(cc1)OC(*)=O *O[Si](*)(C)C *Oc1c(C)cc(*)cc1C *Sc1ccc(*)cc1 *c1ccc(*)s1
*c1ccc(*)[nH]1 *C=C* *C#C* *=CC=* *=C=* *CC=CC* *C/C=C/C* *C/C=C\\C* *C/C=C(C)\\C* */C=C/* */C=C\\*
*/C=C/c1ccc(*)cc1 *C/C(=C(\\F)Cl)C* *C[C@H](*)C *C[C@@H](*)C *C[C@](F)(Cl)C* *C[C@H](C)C[C@@H](*)C
*C[C@H](C)C[C@H](*)C *[C@@H](C)C(=O)O* *C(=O)[C@H](CC(C)C)N* *[C@H]1CC[C@@H](*)CC1 *[C@H]1CC[C@H](*)CC1
*OC[C@H]1O[C@@H](*)[C@H](O)[C@@H](O)[C@@H]1O *CC(*)C(=O)O[C@H]1C[C@@H]2CC[C@@]1(C)C2(C)C
*N1C(=O)c2ccc(cc2C1=O)Oc1ccc2c(c1)C(=O)N(C2=O)c1ccc(*)cc1
*N1C(=O)c2cc3c(cc2C1=O)C(=O)N(C3=O)c1ccc(Oc2ccc(*)cc2)cc1 *c1ccc2nc(*)[nH]c2c1 *C1CC(*)C2CCCC12
*C1C=CC(*)C1 *C=C1C=CC(=C*)C=C1 *=C1C=CC(=*)C=C1 *=CC=c1ccc(=*)cc1 *CC(*)C[N+](C)(C)C *CC(*)C(=O)[O-]
*CC(*)[2H] *[Ge](C)(C)* *P(*)(=O)OC *N=P(*)(C)C *S(=O)(=O)c1ccc(*)cc1 */C=C/C(/F)=C(/Cl)C*
*C(=O)/C=C/C(=O)OCCO* *OC(=O)/C=C\\C(=O)OCCOCC* *CC1(*)CC2CC1C=C2 *C1COC2(CO1)COC(*)CO2 *c1ccc(*)cc1
*/N=N/c1ccc(*)cc1 *C=C=C* *c1cc2ccc3cc(*)cc4ccc(c1)c2c34
""".split()  # noqa: SIM905  (readable as a list of words)


def rewrite(text: str, rng) -> str:
    """The same polymer written otherwise: cut elsewhere, 1 to 3 repeats, atoms and direction at random."""
    with rdBase.BlockLogs():
        while True:
            chain = _cut_elsewhere(text, rng)
            labelled = Chem.MolToRandomSmilesVect(chain, 1, randomSeed=int(rng.integers(1, 2**31)))[0]
            # SMILES cannot leave a double bond open between two conjugated specified ones: write another
            if _same_stereo(labelled, chain):
                # labelled until here: RDKit forgets stereo between like arms
                return re.sub(r"\[\d+\*\]", "*", labelled)


def _same_stereo(text: str, mol: Chem.Mol) -> bool:
    counts = [
        sum(b.GetStereo() > Chem.BondStereo.STEREOANY for b in m.GetBonds())
        for m in (Chem.MolFromSmiles(text), mol)
    ]
    return counts[0] == counts[1]


def _cut_elsewhere(text: str, rng) -> Chem.Mol:
    times = int(rng.integers(1, 4))
    unit = _labelled(text)
    points = _points(unit)
    bonds = [None, *_cuttable(unit, points)]
    bond = bonds[int(rng.integers(len(bonds)))]
    chain = _oligomer(unit, points, times + (bond is not None))
    return chain if bond is None else _middle(chain, unit, bond, times)


def _labelled(text: str) -> Chem.Mol:
    with rdBase.BlockLogs():
        return Chem.MolFromSmiles(
            text.replace("*", "[1*]", 1).replace("*", "[2*]").replace("[1[2*]]", "[1*]")
        )


def _points(mol: Chem.Mol) -> tuple[int, int]:
    ends = {a.GetIsotope(): a.GetIdx() for a in mol.GetAtoms() if a.GetAtomicNum() == 0}
    return ends[1], ends[2]


def _cuttable(mol: Chem.Mol, points: tuple[int, int]) -> list[tuple[int, int]]:
    path = Chem.GetShortestPath(mol, *points)[1:-1]
    pairs = list(pairwise(path))
    bonds = [mol.GetBondBetweenAtoms(a, b) for a, b in pairs]
    free = [not bond.IsInRing() and bond.GetStereo() == Chem.BondStereo.STEREONONE for bond in bonds]
    return [pair for pair, may_be_cut in zip(pairs, free, strict=True) if may_be_cut]


def _oligomer(unit: Chem.Mol, points: tuple[int, int], times: int) -> Chem.Mol:
    """Copies joined head to tail; atoms keep the properties ``copy`` and ``atom``."""
    whole = None
    for k in range(times):
        copy = Chem.Mol(unit)
        for atom in copy.GetAtoms():
            atom.SetIntProp("copy", k)
            atom.SetIntProp("atom", atom.GetIdx())
        head, tail = (copy.GetAtomWithIdx(i) for i in points)
        if k:
            head.SetAtomMapNum(k)
        if k < times - 1:
            tail.SetAtomMapNum(k + 1)
        whole = copy if whole is None else Chem.CombineMols(whole, copy)
    if times > 1:
        options = Chem.MolzipParams()
        options.label = Chem.MolzipLabel.AtomMapNumber
        whole = Chem.molzip(whole, options)
    Chem.SanitizeMol(whole)
    return whole


def _middle(chain: Chem.Mol, unit: Chem.Mol, bond: tuple[int, int], times: int) -> Chem.Mol:
    where = {(a.GetIntProp("copy"), a.GetIntProp("atom")): a.GetIdx() for a in chain.GetAtoms()}
    cuts = [chain.GetBondBetweenAtoms(where[k, bond[0]], where[k, bond[1]]).GetIdx() for k in (0, times)]
    cut = Chem.FragmentOnBonds(chain, cuts, dummyLabels=[(10, 10), (11, 11)])
    for fragment in Chem.GetMolFrags(cut, asMols=True, sanitizeFrags=True):
        if {a.GetIsotope() for a in fragment.GetAtoms() if a.GetAtomicNum() == 0} == {10, 11}:
            return fragment
    raise AssertionError("no middle")


def invariant_key(text: str, rounds: int = 10) -> str:
    """A key that is the same for every writing of one polymer, by colour refinement on the periodic graph."""
    mol = _labelled(text)
    ends = _points(mol)
    rings = mol.GetRingInfo().AtomRings()
    colours, edges = {}, {}
    for atom in mol.GetAtoms():
        i = atom.GetIdx()
        if i in ends:
            continue
        sizes = sorted(len(ring) for ring in rings if i in ring)
        hydrogens, charge = atom.GetTotalNumHs(), atom.GetFormalCharge()
        seed = (atom.GetAtomicNum(), atom.GetIsAromatic(), hydrogens, charge, sizes, atom.GetIsotope())
        colours[i] = repr(seed)
        edges[i] = [(str(b.GetBondType()), b.GetOtherAtomIdx(i)) for b in atom.GetBonds()]
    bonds = [mol.GetAtomWithIdx(i).GetBonds()[0] for i in ends]
    left, right = (b.GetOtherAtomIdx(i) for b, i in zip(bonds, ends, strict=True))
    for atom, partner in ((left, right), (right, left)):
        edges[atom] = [(kind, partner if j in ends else j) for kind, j in edges[atom]]
    for _ in range(rounds):
        colours = {
            i: _digest(colours[i] + repr(sorted((kind, colours[j]) for kind, j in edges[i]))) for i in colours
        }
    counts = Counter(colours.values())
    divisor = math.gcd(*counts.values())
    return _digest(repr(sorted((colour, n // divisor) for colour, n in counts.items())))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def real_units(data_dir, smipoly: int = 2000) -> dict[str, list[str]]:
    """Repeat units with two attachment points from the public sets, by name of the set."""
    polymers = data_dir / "polymers"
    sets = {"PI1070": list(pd.read_csv(polymers / "radonpy_pi1070/PI1070.csv")["smiles"])}
    ibm = pd.concat(
        pd.read_csv(polymers / f"ibm_polymer/polymer_{n}.csv")["POLYMER SMILES"] for n in ("egc", "xc", "eps")
    )
    sets["IBM"] = [
        u.removeprefix("<polymer_spg>").removesuffix(";2->1").replace("[*:1]", "*").replace("[*:2]", "*")
        for u in ibm
    ]
    with zipfile.ZipFile(polymers / "smipoly/SMiPoly_001_generatedPolymer.csv.zip") as archive:
        name = next(n for n in archive.namelist() if n.endswith(".csv") and "MACOSX" not in n)
        with archive.open(name) as handle:
            table = pd.read_csv(handle, usecols=["polym"])
    sets["SMiPoly"] = list(table["polym"].dropna().sample(smipoly, random_state=0))
    listed = pd.read_csv(polymers / "point2/PolyInfo_SMILES_PID_v7_20240306.csv", encoding="latin-1")
    sets["PoLyInfo"] = list(listed["SMILES"].dropna())
    return {
        name: [u for u in dict.fromkeys(map(str, units)) if u.count("*") == 2 and "." not in u]
        for name, units in sets.items()
    }


@pytest.fixture(scope="session")
def units() -> list[str]:
    return UNITS


@pytest.fixture(scope="session", name="rewrite")
def _rewrite():
    return rewrite


@pytest.fixture(scope="session", name="invariant_key")
def _invariant_key():
    return invariant_key


@pytest.fixture(scope="session", name="real_units")
def _real_units():
    return real_units
