from __future__ import annotations

import numpy as np
import pytest
from rdkit import Chem
from rdkit.Chem import rdFingerprintGenerator, rdMolDescriptors
from unit_writings import UNITS, repeated

from hanten.chem import canonical_psmiles
from hanten.errors import ConfigError
from hanten.features import AtomPairFingerprint, MACCSKeys, MorganFingerprint, TopologicalTorsionFingerprint
from hanten.features.structure import Structure

MOLECULES = [
    "CCO",
    "c1ccccc1C(=O)O",
    "CC(C)(C)c1ccc(O)cc1",
    "O=C1CCCCCN1",
    "[Na+].CC(=O)[O-]",
    "FC(F)(F)C#N",
    "C",
]


def _rdkit(generator):
    return np.array([generator.GetCountFingerprintAsNumPy(Chem.MolFromSmiles(s)) for s in MOLECULES])


@pytest.mark.parametrize("radius", [0, 1, 2, 3])
def test_morgan_of_molecules_is_rdkits(radius):
    generator = rdFingerprintGenerator.GetMorganGenerator(radius=radius, fpSize=512)
    np.testing.assert_array_equal(MorganFingerprint(radius, 512).transform(MOLECULES), _rdkit(generator))


def test_pairs_and_torsions_of_molecules_are_rdkits():
    pairs = rdFingerprintGenerator.GetAtomPairGenerator(maxDistance=10, fpSize=512, countSimulation=False)
    torsions = rdFingerprintGenerator.GetTopologicalTorsionGenerator(fpSize=512, countSimulation=False)
    np.testing.assert_array_equal(AtomPairFingerprint(size=512).transform(MOLECULES), _rdkit(pairs))
    np.testing.assert_array_equal(
        TopologicalTorsionFingerprint(size=512).transform(MOLECULES), _rdkit(torsions)
    )


def test_maccs_of_molecules_are_rdkits():
    expected = [list(rdMolDescriptors.GetMACCSKeysFingerprint(Chem.MolFromSmiles(s)))[1:] for s in MOLECULES]
    np.testing.assert_array_equal(MACCSKeys().transform(MOLECULES), expected)


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("radius", [1, 2, 3])
def test_morgan_of_a_polymer_is_that_of_the_middle_of_a_long_chain(unit, radius):
    unit = canonical_psmiles(unit)
    size = Chem.MolFromSmiles(unit).GetNumAtoms() - 2
    times = 2 * (radius + 2) + 1
    chain = repeated(unit, times)
    for atom in chain.GetAtoms():
        atom.SetAtomMapNum(0)
    Chem.SanitizeMol(chain)
    heavy = [a.GetIdx() for a in chain.GetAtoms() if a.GetAtomicNum()]
    middle = heavy[(times // 2) * size : (times // 2 + 1) * size]
    generator = rdFingerprintGenerator.GetMorganGenerator(radius=radius, fpSize=1024)
    expected = generator.GetCountFingerprintAsNumPy(chain, fromAtoms=middle)
    np.testing.assert_array_equal(MorganFingerprint(radius, 1024).transform_canonical([unit])[0], expected)


def test_backbone_is_no_ring():
    """In a macrocycle the methylene units of polyethylene and of a cyclohexane ring would look alike."""
    polyethylene, cyclohexylene = MorganFingerprint(radius=0).transform(["*CC*", "*C1CCC(*)CC1"])
    assert not (polyethylene * cyclohexylene).any()


def test_regions_add_up():
    whole, main, side = (
        MorganFingerprint(region=r).transform(["*CC(*)c1ccccc1", "*CC*"])
        for r in ("all", "backbone", "side chain")
    )
    np.testing.assert_array_equal(main[1], whole[1])
    assert not side[1].any()
    assert (main + side >= whole).all()


@pytest.mark.parametrize("kind", [MorganFingerprint, AtomPairFingerprint, TopologicalTorsionFingerprint])
def test_binary_is_the_sign_of_the_count(kind):
    counts, binary = (kind(size=256, count=c).transform(list(UNITS)) for c in (True, False))
    np.testing.assert_array_equal(binary, counts > 0)


def test_a_maccs_key_asks_its_threshold_of_one_repeat_unit():
    """Key 149: more than one methyl group."""
    keys = MACCSKeys().transform(["*CC(*)C", "*CC(*)(C)C"])
    assert keys[:, 148].tolist() == [0, 1]


def test_sparse_holds_the_same_numbers():
    dense = MorganFingerprint().transform(["*CC*", "*CCO*"])
    np.testing.assert_array_equal(
        MorganFingerprint(sparse=True).transform(["*CC*", "*CCO*"]).toarray(), dense
    )


@pytest.mark.parametrize(
    "bad", [{"radius": -1}, {"radius": 2.5}, {"size": 0}, {"region": "sidechain"}, {"errors": "x"}]
)
def test_parameters_that_make_no_sense(bad):
    with pytest.raises(ConfigError):
        MorganFingerprint(**bad).fit(["*CC*"])


def test_a_circle_never_prints(capfd):
    MorganFingerprint(radius=0).transform(["*C*", "*CC(*)C"])
    assert capfd.readouterr() == ("", "")
    assert Structure.read("*C*").periodic(0).n_units == 3


@pytest.mark.parametrize("radius", [0, 1])
@pytest.mark.parametrize(
    "unit", ["*C*", "*CC*", "*CO*", "*C(*)=O", "*Oc1ccc(*)cc1", "*C1CC(*)C1", "*NC(=O)N*", "*C#C*"]
)
def test_environments_of_the_unit_are_those_of_the_circle(unit, radius):
    structure = Structure.read(unit)
    featurizer = MorganFingerprint(radius=radius)
    assert (featurizer._row_of_unit(structure, structure.ends) == featurizer._row_of_circle(structure)).all()
