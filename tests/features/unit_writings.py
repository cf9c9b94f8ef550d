"""The same polymer in other writings, made on the graph, independently of the canonical form."""

from __future__ import annotations

import itertools

from rdkit import Chem

UNITS = (
    "*CC*",
    "*CC(*)C",
    "*CC(*)c1ccccc1",
    "*CCO*",
    "*CC(=O)O*",
    "*C=C*",
    "*/C=C/*",
    "*C#Cc1ccc(*)cc1",
    "*CC(*)(C)C(=O)OC",
    "*C(F)(F)C(*)(F)F",
    "*[Si](C)(C)O*",
    "*NCCCCCC(=O)*",
    "*OCCOC(=O)c1ccc(cc1)C(*)=O",
    "*Oc1ccc(cc1)C(C)(C)c1ccc(cc1)OC(*)=O",
    "*c1ccc2c(c1)C(CCCCCC)(CCCCCC)c1cc(*)ccc12",
    "*c1ccc(*)s1",
    "*c1[nH]c2cc(*)ccc2n1",
    "*c1ccc(cc1)N1C(=O)c2ccc(cc2C1=O)Oc1ccc2c(c1)C(=O)N(*)C2=O",
    "*C1CCC(*)CC1",
    "*CC1CCC(C*)O1",
    "*S(=O)(=O)c1ccc(*)cc1",
    "*N=P(*)(OCC)OCC",
    "*OC1(*)c2ccccc2-c2ccccc21",
    "*C1C2CCC(C2)C1C=C*",
    "*CC(*)C(=O)[O-]",
    "*CC(*)[N+](C)(C)C",
    "*C(=O)NNC(=O)c1cccc(*)c1",
    "*c1cnc(*)nc1",
    "*CCCCCCCCCCC(*)Br",
    "*OC(C*)COc1ccc(cc1)-c1ccc(C#N)cc1",
)


def _find(mol, number):
    return next(a.GetIdx() for a in mol.GetAtoms() if a.GetAtomMapNum() == number)


def _marked(unit: str) -> Chem.RWMol:
    mol = Chem.RWMol(Chem.MolFromSmiles(unit))
    points = [atom for atom in mol.GetAtoms() if atom.GetAtomicNum() == 0]
    for number, point in enumerate(points, start=1):
        point.SetAtomMapNum(number)
    return mol


def repeated(unit: str, times: int) -> Chem.RWMol:
    """``times`` units in a row; attachment points have the map numbers 1 and 2."""
    chain = _marked(unit)
    for _ in range(times - 1):
        size = chain.GetNumAtoms()
        chain.InsertMol(_marked(unit))
        left, right = _find(chain, 2), next(i for i in range(size, chain.GetNumAtoms()) if _is(chain, i, 1))
        _join(chain, left, right)
    return chain


def _is(mol, i, number):
    return mol.GetAtomWithIdx(i).GetAtomMapNum() == number


def _join(mol, left, right):
    """Bond the neighbours of two attachment points and remove these."""
    a, b = (mol.GetAtomWithIdx(i).GetNeighbors()[0].GetIdx() for i in (left, right))
    order = mol.GetBondBetweenAtoms(a, left).GetBondType()
    mol.AddBond(a, b, order)
    for i in sorted((left, right), reverse=True):
        mol.RemoveAtom(i)


def rewritten(unit: str, times: int, cut: int, seed: int) -> str:
    """The polymer cut at another single bond of its backbone, several units at once, in random atom order."""
    mol = repeated(unit, times)
    first, second = _find(mol, 1), _find(mol, 2)
    path = Chem.GetShortestPath(mol, first, second)[1:-1]
    Chem.GetSymmSSSR(mol)
    bonds = [mol.GetBondBetweenAtoms(i, j) for i, j in itertools.pairwise(path)]
    cuttable = [b for b in bonds if not b.IsInRing() and b.GetBondType() == Chem.BondType.SINGLE]
    single = mol.GetBondBetweenAtoms(first, path[0]).GetBondType() == Chem.BondType.SINGLE
    if cuttable and single and cut % (len(cuttable) + 1) and len(path) > 2:
        bond = cuttable[cut % (len(cuttable) + 1) - 1]
        _recut(mol, bond, (first, second))
    for atom in mol.GetAtoms():
        atom.SetAtomMapNum(0)
    for bond in mol.GetBonds():
        bond.SetStereo(Chem.BondStereo.STEREONONE) if times > 1 else None
    Chem.SanitizeMol(mol)
    return Chem.MolToRandomSmilesVect(mol, 1, randomSeed=seed)[0]


def _recut(mol, bond, points):
    a, b = bond.GetBeginAtomIdx(), bond.GetEndAtomIdx()
    mol.RemoveBond(a, b)
    for atom in (a, b):
        new = mol.AddAtom(Chem.Atom(0))
        mol.AddBond(atom, new, Chem.BondType.SINGLE)
    _join(mol, *points)
