from __future__ import annotations

import numpy as np
import pytest

from hanten.chem import Composition, Molecule, Polymer
from hanten.errors import ConfigError, StructureError
from hanten.features import CompositionDescriptors, MorganFingerprint
from hanten.transfer.inputs import LIMIT, Inputs, as_formula
from hanten.transfer.keys import canonical_key, key_digests, seen_set, were_seen
from hanten.transfer.references import rank_correlation, reference_materials
from hanten.transfer.worlds import block_names, featurizer_of, raw_features

UNITS = ["*CC*", "*CCO*", "*CC(*)C", "*CC(*)c1ccccc1"]


def test_the_inputs_have_zero_mean_and_no_constant_columns(inputs):
    X = inputs.transform(
        ["*CC*", "*CCO*", "*CC(*)C", "*CC(*)c1ccccc1", "*C(F)(F)C(*)(F)F", "*OCCCC*", "*CC(*)C(=O)OC"]
    )
    assert X.shape[1] == inputs.width < 64
    np.testing.assert_allclose(X.mean(axis=0), 0, atol=1e-4)
    assert np.abs(X).max() <= LIMIT


def test_restored_inputs_are_the_same(inputs):
    again = Inputs.restore(inputs.config(), inputs.arrays())
    assert again.digest == inputs.digest
    np.testing.assert_array_equal(again.transform(UNITS), inputs.transform(UNITS))


def test_another_scaling_has_another_digest(inputs):
    featurizer = MorganFingerprint(radius=1, size=64)
    other = Inputs.learn("polymer", featurizer, featurizer.fit_transform(UNITS), log=True)
    assert other.digest != inputs.digest
    with pytest.raises(ConfigError, match="no feature differs"):
        Inputs.learn("polymer", featurizer, featurizer.fit_transform(["*CC*", "*CC*"]), log=True)


def test_sources_of_compositions_read_the_elements_of_polymers_and_molecules():
    featurizer = CompositionDescriptors()
    formulas = ["C8H8", "C2H4O", "Al2O3"]
    inputs = Inputs.learn("composition", featurizer, featurizer.fit_transform(formulas), log=False)
    X = inputs.transform(["*CC(*)c1ccccc1", Molecule("CC=O"), Composition("Al2O3"), "Al4O6"])
    np.testing.assert_allclose(X[:3], inputs.transform(formulas), rtol=1e-5)
    assert as_formula(Polymer("*CC*")) == "CH2"
    assert inputs.why_not(["Al2O3", "Xx"])[0] is None
    assert "Xx" in inputs.why_not(["Xx"])[0]


def test_keys_are_canonical_and_digests_stable():
    assert canonical_key("*OCC*", "polymer") == canonical_key(Polymer("*CCO*"), "polymer")
    assert canonical_key("O3Al2", "composition") == "Al2O3"
    assert canonical_key("OCC", "molecule") == "CCO"
    assert were_seen(["b", "c"], seen_set(["a", "b", "b"])).tolist() == [True, False]
    assert key_digests(["*CC*"]).tolist() == [key_digests(["*CC*"])[0]]
    assert len(key_digests([])) == 0
    with pytest.raises(StructureError):
        canonical_key(3.0, "polymer")
    with pytest.raises(ConfigError, match="world"):
        canonical_key("CC", "plastic")


def test_features_are_computed_once(tmp_path, monkeypatch):
    monkeypatch.setenv("HANTEN_CACHE_DIR", str(tmp_path))
    featurizer = MorganFingerprint(radius=1, size=32)
    said = []
    first = raw_features("polymer", UNITS, featurizer, said.append)
    second = raw_features("polymer", UNITS[::-1], featurizer, said.append)
    assert len(said) == 1
    np.testing.assert_array_equal(first, second[::-1])
    assert featurizer.errors == "raise"
    (file,) = (tmp_path / "features").glob("polymer-*.npz")
    file.write_bytes(b"damaged")
    np.testing.assert_array_equal(raw_features("polymer", UNITS, featurizer, said.append), first)


def test_the_worlds_have_blocks_and_reference_materials():
    for kind in ("polymer", "molecule", "composition"):
        featurizer = featurizer_of(kind)
        assert len(block_names(featurizer)) == len(featurizer.get_feature_names_out())
        assert 3 <= len(set(block_names(featurizer))) <= 8
        materials = reference_materials(kind)
        assert len(materials) > 150
        assert all(canonical_key(text, kind) == text for text in materials[::17])
    assert np.isfinite(featurizer_of("molecule").transform(["*CC(*)C"])).all()


def test_rank_correlation_is_spearmans():
    assert rank_correlation([1, 2, 3], [3, 2, 1]) == -1.0
    assert rank_correlation([1, 1, 1], [3, 2, 1]) == 0.0
