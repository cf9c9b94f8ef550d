"""Polymers and molecules are equal when they are the same substance."""

from __future__ import annotations

import copy
import dataclasses
import pickle

import pytest

from hanten.chem import Molecule, Polymer
from hanten.errors import StructureError


def test_identity_is_the_canonical_string():
    assert Polymer("*OCC*") == Polymer("*CCO*")
    assert len({Polymer("*C*"), Polymer("*CC*"), Polymer("[*]CCCC[*]")}) == 1
    assert min(Polymer("*CCO*"), Polymer("*C*")) == Polymer("*CC*")
    assert Polymer("*OCC*").written == "*OCC*"
    assert str(Polymer("*OCC*")) == "*CCO*"
    assert Polymer("*CC*") != Molecule("CC")


def test_frozen_and_sendable():
    polymer = Polymer("*OCC*")
    with pytest.raises(dataclasses.FrozenInstanceError):
        polymer.psmiles = "*C*"
    for twin in (pickle.loads(pickle.dumps(polymer)), copy.deepcopy(polymer)):
        assert twin == polymer
        assert twin.written == "*OCC*"


def test_molecule():
    assert Molecule("C1=CC=CC=C1O") == Molecule("Oc1ccccc1")
    assert Molecule("[Na+].[Cl-]").smiles == "[Cl-].[Na+]"
    assert Molecule("[CH3:1]O") == Molecule("CO")
    with pytest.raises(StructureError, match=r"attachment points \(atoms 0, 3\)"):
        Molecule("*CC*")


def test_they_show_themselves():
    assert Polymer("*CC*")._repr_svg_().startswith("<svg")
    assert Molecule("CCO").mol.GetNumAtoms() == 3
    assert Polymer("*CCO*").mol.GetNumAtoms() == 5
