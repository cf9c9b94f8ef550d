from __future__ import annotations

import pytest
from rdkit import Chem
from unit_writings import UNITS

from hanten.chem import Molecule, Polymer, canonical_psmiles
from hanten.errors import StructureError
from hanten.features.structure import Structure, prepare


@pytest.mark.parametrize("unit", UNITS)
def test_circle_keeps_hydrogens_rings_and_aromaticity(unit):
    whole = Chem.MolFromSmiles(canonical_psmiles(unit))
    atoms = [a for a in whole.GetAtoms() if a.GetAtomicNum()]
    circle = Structure.read(canonical_psmiles(unit)).periodic(9)
    assert circle.mol.GetNumAtoms() == circle.n_units * len(atoms)
    for i, atom in enumerate(circle.mol.GetAtoms()):
        like = atoms[i % len(atoms)]
        assert atom.GetSymbol() == like.GetSymbol()
        assert atom.GetTotalNumHs() == like.GetTotalNumHs()
        assert atom.IsInRing() == like.IsInRing()
        assert atom.GetIsAromatic() == like.GetIsAromatic()
        assert atom.GetHybridization() == like.GetHybridization()
        assert atom.GetDegree() == like.GetDegree()


def test_conjugated_rings_of_units_do_not_become_aromatic():
    """Nine vinylene units in a macrocycle would be a [18]annulene to RDKit."""
    circle = Structure.read("*C=C*").periodic(18)
    assert not any(atom.GetIsAromatic() for atom in circle.mol.GetAtoms())


@pytest.mark.parametrize(("unit", "period"), [("*C*", 1), ("*CC(*)C", 2), ("*c1ccc(*)cc1", 4), ("CCO", 0)])
def test_period(unit, period):
    assert Structure.read(unit).period == period


def test_circles_are_made_once():
    structure = Structure.read("*CCO*")
    assert structure.periodic(5).mol is structure.periodic(6).mol


def test_all_forms_of_one_structure():
    assert {prepare(x).text for x in ("*OCC*", Polymer("*CCO*"), prepare("*CCO*"))} == {"*CCO*"}
    assert prepare(Molecule("OCC")).text == prepare("C(O)C").text == "CCO"


@pytest.mark.parametrize("bad", [None, float("nan"), 3, "", "*CC", "C1CC", "*C(*)(*)C", "*CC(C)(C)(C)(C)*"])
def test_bad_structures_are_refused(bad, capfd):
    with pytest.raises(StructureError):
        prepare(bad)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("bad", ["*CC", "C1CC", "*C(*)(*)C", "*CC(C)(C)(C)(C)*", ""])
def test_bad_canonical_strings_are_refused_too(bad, capfd):
    with pytest.raises(StructureError):
        prepare(bad, canonical=True)
    assert capfd.readouterr() == ("", "")
