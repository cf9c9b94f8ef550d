from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from unit_writings import UNITS, rewritten

from hanten.chem import canonical_psmiles
from hanten.features import MorganFingerprint, descriptors, forcefield, maccs, regional
from hanten.features.structure import Structure

NO_STEREO = str.maketrans("", "", "/\\@")
writings = {
    "unit": st.sampled_from([u for u in UNITS if "/" not in u]),
    "times": st.integers(1, 3),
    "cut": st.integers(0, 20),
    "seed": st.integers(1, 10_000),
}


@settings(max_examples=25, deadline=None)
@given(**writings)
def test_features_do_not_depend_on_the_writing(featurizers, unit, times, cut, seed):
    other = rewritten(unit, times, cut, seed)
    for name, featurizer in featurizers.items():
        one, two = featurizer.transform([unit, other])
        np.testing.assert_array_equal(one, two, err_msg=f"{name} of {other}")


@settings(max_examples=100, deadline=None)
@given(**writings)
def test_the_circle_itself_knows_no_cut_and_no_direction(unit, times, cut, seed):
    """Morgan counts without any canonicalisation: proportional to the number of units written."""
    other = rewritten(unit, times, cut, seed)
    count = MorganFingerprint(radius=3, size=512)
    one, two = count.transform_canonical([_kept(unit), _kept(other)])
    np.testing.assert_array_equal(one * times, two)


def _kept(text):
    from rdkit import Chem

    return Chem.MolToSmiles(Chem.MolFromSmiles(text))


@pytest.mark.parametrize("unit", UNITS)
def test_more_units_in_the_circle_change_nothing(unit, featurizer, monkeypatch):
    structure = Structure.read(canonical_psmiles(unit))
    expected = featurizer._row(structure)
    fewest = Structure.units_for
    for more in (1, 3):
        monkeypatch.setattr(Structure, "units_for", lambda self, c, more=more: fewest(self, c) + more)
        found = featurizer._row(Structure.read(structure.text))
        np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-6)


@pytest.mark.slow
def test_thousand_real_repeat_units(featurizer, data_dir):
    smiles = pd.read_csv(data_dir / "polymers/radonpy_pi1070/PI1070.csv").smiles
    rng = np.random.default_rng(0)
    units = [
        s.translate(NO_STEREO) for s in smiles
    ]  # cutting loses stereo marks: half of them, another polymer
    others = [
        rewritten(u, int(rng.integers(1, 3)), int(rng.integers(20)), int(rng.integers(1, 9999)))
        for u in units
    ]
    np.testing.assert_array_equal(featurizer.transform(units), featurizer.transform(others))


def test_circumferences_cover_what_is_looked_at():
    assert max(p.GetNumBonds() for _, p, _ in maccs._patterns()) < maccs.CIRCUMFERENCE
    assert descriptors.CIRCUMFERENCE >= 12
    assert forcefield.CIRCUMFERENCE > 3
    assert regional.CIRCUMFERENCE > 6
