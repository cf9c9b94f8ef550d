"""Rings of repeat units: whole units, no ends, stereo kept, no invented aromaticity."""

from __future__ import annotations

import numpy as np
import pytest
from rdkit import Chem

from hanten.chem import Polymer, canonical_psmiles, cyclic_oligomer, read_repeat_unit
from hanten.errors import StructureError


def _counts(mol):
    return np.array([
        sum(bond.GetStereo() > Chem.BondStereo.STEREOANY for bond in mol.GetBonds()),
        sum(atom.GetChiralTag() != Chem.ChiralType.CHI_UNSPECIFIED for atom in mol.GetAtoms()),
        sum(atom.GetIsAromatic() for atom in mol.GetAtoms()),
        sum(atom.GetAtomicNum() > 1 for atom in mol.GetAtoms()),
        sum(atom.GetTotalNumHs() for atom in mol.GetAtoms()),
    ])  # fmt: skip


@pytest.mark.parametrize("min_atoms", [3, 12, 30])
def test_ring_holds_whole_units_with_their_stereo(units, min_atoms):
    for unit in units:
        if unit == r"*C/C(=C(\F)Cl)C*":
            continue  # RDKit cannot tell the two directions round a ring apart
        mol, n = cyclic_oligomer(unit, min_atoms=min_atoms)
        one = _counts(read_repeat_unit(canonical_psmiles(unit)))
        assert (_counts(mol) == n * one).all(), unit


def test_ring_does_not_depend_on_the_writing(units, rewrite):
    rng = np.random.default_rng(0)
    for unit in units:
        ring, other = (Chem.MolToSmiles(cyclic_oligomer(u)[0]) for u in (unit, rewrite(unit, rng)))
        assert ring == other


def test_ring_cut_open_is_the_chain_again():
    for unit, ring in {"*OCC*": "C1COCCOCCOCCO1", "*CC(*)C": "CC1CC(C)CC(C)CC(C)CC(C)CC(C)C1"}.items():
        mol, _ = cyclic_oligomer(Polymer(unit))
        assert Chem.MolToSmiles(mol) == Chem.CanonSmiles(ring)


def test_isotactic_ring_has_one_handedness_all_round():
    mol, n = cyclic_oligomer("*C[C@H](*)C", min_units=4)
    assert Chem.MolToSmiles(mol) == Chem.CanonSmiles("C[C@H]1" + "C[C@@H](C)" * (n - 1) + "C1")


@pytest.mark.parametrize("unit", ["*C=C*", "*/C=C/*", r"*/C=C\*"])
@pytest.mark.parametrize("min_units", range(4, 14))
def test_polyacetylene_is_no_annulene(unit, min_units):
    mol, n = cyclic_oligomer(unit, min_units=min_units)
    assert n >= min_units
    assert not any(atom.GetIsAromatic() for atom in mol.GetAtoms())


def test_backbone_of_large_fused_rings_takes_no_minutes():
    mol, n = cyclic_oligomer("*c1cc2ccc3cc(*)cc4ccc(c1)c2c34")
    assert sum(atom.GetIsAromatic() for atom in mol.GetAtoms()) == 16 * n


def test_ring_is_what_rdkit_reads_from_its_smiles():
    for unit in ("*OCCOC(=O)c1ccc(cc1)C(=O)*", "*c1ccc(*)[nH]1", "*[C@@H](C)C(=O)O*", "*/C=C/c1ccc(*)cc1"):
        mol, _ = cyclic_oligomer(unit)
        smiles = Chem.MolToSmiles(mol)
        assert Chem.CanonSmiles(smiles) == smiles


def test_sizes_are_reached():
    mol, n = cyclic_oligomer("*c1ccc(*)cc1", min_atoms=20, min_units=2)
    assert n == 5
    assert mol.GetNumAtoms() == 30
    assert cyclic_oligomer("*CCO*", min_units=7)[1] == 7


def test_no_repeat_unit_no_ring():
    with pytest.raises(StructureError, match="no attachment point"):
        cyclic_oligomer("CCO")


def test_real_units_close_into_rings(data_dir, real_units):
    for units in real_units(data_dir, smipoly=300).values():
        for unit in units[:: max(1, len(units) // 80)]:
            mol, n = cyclic_oligomer(unit)
            assert (_counts(mol) == n * _counts(read_repeat_unit(canonical_psmiles(unit)))).all(), unit
