from __future__ import annotations

import numpy as np
import pytest
from rdkit import Chem
from rdkit.Chem import Descriptors

from hanten.errors import StructureError, UnknownNameError
from hanten.features import ForceFieldDescriptors, RDKitDescriptors, RegionalDescriptors
from hanten.features import descriptors as module
from hanten.features.forcefield import ELEMENTS, PARAMETERS, force_field_terms
from hanten.features.regions import backbone, region_atoms
from hanten.features.structure import Structure


def test_descriptors_of_molecules_are_rdkits():
    names = module.DESCRIPTOR_NAMES
    for smiles in ("CCO", "c1ccccc1C(=O)NC", "CC(C)(C)c1ccc(O)cc1Cl"):
        mol = Chem.MolFromSmiles(smiles)
        expected = [getattr(Descriptors, name)(mol) for name in names]
        np.testing.assert_allclose(RDKitDescriptors().transform([smiles])[0], expected, rtol=1e-5, atol=1e-5)


def test_names_are_fixed_and_recorded():
    assert len(set(module.DESCRIPTOR_NAMES)) == len(module.DESCRIPTOR_NAMES) == 165
    assert RDKitDescriptors().get_config()["parameters"]["names"] == list(module.DESCRIPTOR_NAMES)


def test_unknown_and_missing_descriptors(monkeypatch):
    with pytest.raises(UnknownNameError, match="did you mean MolWt"):
        RDKitDescriptors(["MolWtt"]).fit([])
    monkeypatch.setattr(module, "DESCRIPTOR_NAMES", (*module.DESCRIPTOR_NAMES, "NoSuchThing"))
    with pytest.raises(UnknownNameError, match="installed RDKit has no descriptor"):
        RDKitDescriptors().fit([])


def test_per_heavy_atom():
    names = ["MolWt", "FractionCSP3"]
    unit = RDKitDescriptors(names).transform(["*CC(*)c1ccccc1"])[0]
    atom = RDKitDescriptors(names, per="heavy atom").transform(["*CC(*)c1ccccc1"])[0]
    np.testing.assert_allclose(atom, unit / [8, 1], rtol=1e-6)


@pytest.mark.parametrize(
    ("unit", "n_backbone"),
    [
        ("*CC(*)c1ccccc1", 2),
        ("*c1ccc(*)cc1", 6),
        ("*c1ccc(-c2ccccc2)c(*)c1", 6),
        ("*C1(*)c2ccccc2-c2ccccc21", 1),  # spiro: the ring hangs on one atom
        ("*c1ccc2c(c1)C(C)(C)c1cc(*)ccc1-2", 13),  # fused: all rings of the ladder
        ("*C1CC2CC1CC2*", 7),
    ],
)
def test_backbone(unit, n_backbone):
    structure = Structure.read(unit)
    assert len(backbone(structure)) == n_backbone
    everything = region_atoms(structure, "all")
    assert sorted(region_atoms(structure, "backbone") + region_atoms(structure, "side chain")) == everything


def test_regional_values_of_polystyrene():
    frame = RegionalDescriptors().set_output(transform="pandas").fit_transform(["*CC(*)c1ccccc1"])
    row = frame.iloc[0]
    assert row.backbone_heavy_atoms_sum == 2
    assert row.side_chain_aromatic_mean == 1
    assert row.backbone_rotatable_bonds == 2
    assert row.side_chain_rotatable_bonds == 1
    assert (row.side_chains, row.side_chain_largest, row.side_chain_longest) == (1, 6, 4)
    assert row.mass_per_backbone_bond == pytest.approx(104.15 / 2, abs=0.01)
    assert row.all_charge_sum == pytest.approx(0, abs=1e-5)


def test_regions_sum_to_the_whole():
    frame = RegionalDescriptors(aggregations=["sum"]).set_output(transform="pandas")
    frame = frame.fit_transform(["*CC(*)(C)C(=O)OCCCC", "*Oc1ccc(cc1)C(*)=O", "*CC*"])
    for name in [n.removeprefix("all_") for n in frame if n.startswith("all_")]:
        total = frame[f"backbone_{name}"] + frame[f"side_chain_{name}"]
        np.testing.assert_allclose(total, frame[f"all_{name}"], rtol=1e-5, atol=1e-4)


def test_a_molecule_has_no_backbone():
    with pytest.raises(StructureError, match="no backbone"):
        RegionalDescriptors().transform(["CCO"])
    assert np.isnan(RegionalDescriptors(errors="nan").transform(["CCO"])).all()


def test_force_field_terms_of_polyethylene():
    """CH2: one C, two H; one C-C and two C-H bonds; six angles at C; nine torsions about one C-C bond."""
    elements, terms = force_field_terms(Structure.read("*C*"))
    assert dict(zip(ELEMENTS, elements, strict=True)) | {"C": 1, "H": 2} == dict(
        zip(ELEMENTS, elements, strict=True)
    )
    weight = {p.name: w.sum() for p, (_, w) in zip(PARAMETERS, terms, strict=True)}
    assert weight == {
        "charge": 3, "vdw_distance": 3, "vdw_depth": 3,
        "bond_length": 3, "bond_stiffness": 3, "bond_polarity": 3,
        "angle": 6, "angle_stiffness": 6, "torsion_barrier": 9,
    }  # fmt: skip


def test_force_field_sum_is_mean_times_terms():
    mean, total = (ForceFieldDescriptors(aggregate=a).transform(["*CC(*)C"])[0] for a in ("mean", "sum"))
    assert total[: len(ELEMENTS)].sum() == 9
    np.testing.assert_allclose(total[: len(ELEMENTS)] / 9, mean[: len(ELEMENTS)], rtol=1e-6)
    assert np.isfinite(mean).all()


def test_atoms_without_parameters_are_named(capfd):
    with pytest.raises(StructureError, match="row 1"):
        ForceFieldDescriptors().transform(["*CC*", "*[Ge](C)(C)C[Lr]*"])
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("smiles", ["C", "O", "O=O", "C#C"])
def test_the_smallest_molecules_have_descriptors(smiles):
    assert np.isfinite(ForceFieldDescriptors(errors="nan").transform([smiles])).all()
