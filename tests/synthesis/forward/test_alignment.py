"""Targets written in the order of their source."""

from __future__ import annotations

import numpy as np
import pytest
from rdkit import Chem

from hanten.synthesis.forward.alignment import follow, in_source_order

# Acid + amine, aryl bromide + boronic acid, ester hydrolysis, N-alkylation of an indole, ring closure.
MAPPED = [
    ("[CH3:1][C:2](=[O:3])[OH:9].[NH2:4][CH2:5][CH3:6]", "[CH3:6][CH2:5][NH:4][C:2](=[O:3])[CH3:1]"),
    (
        "[cH:1]1[cH:2][cH:3][c:4](Br)[cH:5][c:6]1[CH3:7].OB(O)[c:8]1[cH:9][cH:10][cH:11][n:12][cH:13]1",
        "[n:12]1[cH:11][cH:10][cH:9][c:8]([c:4]2[cH:3][cH:2][cH:1][c:6]([CH3:7])[cH:5]2)[cH:13]1",
    ),
    ("C[O:1][C:2](=[O:3])[CH2:4][Cl:5]", "[Cl:5][CH2:4][C:2](=[O:3])[OH:1]"),
    (
        "[nH:1]1[cH:2][cH:3][c:4]2[cH:5][cH:6][cH:7][cH:8][c:9]12.Cl[CH2:10][CH3:11]",
        "[n:1]1([CH2:10][CH3:11])[cH:2][cH:3][c:4]2[cH:5][cH:6][cH:7][cH:8][c:9]12",
    ),
    ("Br[CH2:1][CH2:2][CH2:3][CH2:4][NH2:5]", "[CH2:1]1[CH2:2][CH2:3][CH2:4][NH:5]1"),
    ("[CH3:1][C@H:2]([OH:3])[Br:4].[CH3:5][NH2:6]", "[CH3:1][C@@H:2]([OH:3])[NH:6][CH3:5]"),
]


def plain(smiles):
    mol = Chem.MolFromSmiles(smiles)
    for atom in mol.GetAtoms():
        atom.SetAtomMapNum(0)
    return Chem.CanonSmiles(Chem.MolToSmiles(mol))


@pytest.mark.parametrize("seed", [None, 0, 1, 2, 3])
@pytest.mark.parametrize("pair", MAPPED)
@pytest.mark.parametrize("backward", [False, True])
def test_the_texts_mean_the_same_molecules(pair, backward, seed):
    source, target = reversed(pair) if backward else pair
    rng = None if seed is None else np.random.default_rng(seed)
    texts = follow(source, target, rng)
    assert ":" not in "".join(texts)
    assert [plain(t) for t in texts] == [plain(source), plain(target)]


def test_the_target_follows_the_source():
    texts = [follow(*pair) for pair in MAPPED]
    assert texts[0] == ("CC(=O)O.CCN", "CC(=O)NCC")
    assert texts[1] == ("Cc1cccc(Br)c1.OB(O)c1cccnc1", "Cc1cccc(-c2cccnc2)c1")
    assert texts[3] == ("c1ccc2[nH]ccc2c1.CCCl", "c1ccc2n(CC)ccc2c1")


def test_a_new_group_stands_where_the_old_one_stood():
    source = "[CH3:1][c:2]1[cH:3][cH:4][c:5](F)[cH:6][cH:7]1.[OH:8][CH3:9]"
    target = "[CH3:9][O:8][c:5]1[cH:4][cH:3][c:2]([CH3:1])[cH:7][cH:6]1"
    assert follow(source, target) == ("Cc1ccc(F)cc1.CO", "Cc1ccc(OC)cc1")


def test_which_oxygen_of_an_acid_is_lost_does_not_matter():
    acid = ("[CH3:1][C:2](={}O{})[OH{}].[NH2:4][CH3:5]", "[CH3:1][C:2](=[O:3])[NH:4][CH3:5]")
    one = follow("[CH3:1][C:2](=[O:3])[OH:9].[NH2:4][CH3:5]", acid[1])
    other = follow("[CH3:1][C:2](=[O:9])[OH:3].[NH2:4][CH3:5]", acid[1])
    assert one == other == ("CC(=O)O.CN", "CC(=O)NC")


def test_without_maps_the_target_is_still_the_target():
    source, target = follow("CCO.CC(=O)O", "CC(=O)OCC")
    assert plain(target) == plain("CCOC(C)=O")
    assert plain(source) == plain("CCO.CC(=O)O")


def test_unreadable_sides_give_none():
    assert follow("C(", "CC") is None
    assert follow("CC", "c1ccc") is None


def test_the_longest_reactant_comes_first_whatever_the_order():
    assert in_source_order(["C", "CCO", "N"]) == in_source_order(["N", "C", "CCO"]) == "CCO.C.N"
