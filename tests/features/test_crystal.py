from __future__ import annotations

import importlib.util

import numpy as np
import pytest

from hanten.errors import ConfigError, DataError, MissingExtraError
from hanten.features import CrystalDescriptors

HERE = importlib.util.find_spec("matminer") is not None


@pytest.mark.skipif(HERE, reason="matminer is installed")
def test_the_extra_is_named_where_it_is_missing():
    with pytest.raises(MissingExtraError, match=r"hanten\[crystals\]"):
        CrystalDescriptors().transform(["data_x"])


@pytest.mark.parametrize(
    ("parameters", "match"),
    [
        ({"kinds": ["radial"]}, "radial_distribution"),
        ({"bin_width": 0}, "bin_width"),
        ({"errors": "no"}, "choice"),
    ],
)
def test_wrong_parameters(parameters, match):
    with pytest.raises(ConfigError, match=match):
        CrystalDescriptors(**parameters).fit([])


@pytest.mark.skipif(not HERE, reason="matminer is not installed (the extra crystals)")
@pytest.mark.filterwarnings("ignore")
def test_rock_salt():
    from pymatgen.core import Lattice, Structure

    salt = Structure.from_spacegroup("Fm-3m", Lattice.cubic(5.64), ["Na", "Cl"], [[0, 0, 0], [0.5, 0.5, 0.5]])
    featurizer = CrystalDescriptors(cutoff=10.0)
    X = featurizer.fit_transform([salt, salt.to(fmt="cif")])
    names = featurizer.get_feature_names_out()
    assert X.shape == (2, 100 + 1024) == (2, len(names))
    np.testing.assert_allclose(X[0], X[1], rtol=1e-3, atol=1e-3)
    first = names[np.flatnonzero(X[0, :100])[0]]
    assert float(first.removeprefix("rdf_")) == pytest.approx(5.64 / 2, abs=0.1)
    assert np.isnan(CrystalDescriptors(errors="nan").transform(["nonsense"])).all()
    with pytest.raises(DataError, match="structure 0"):
        featurizer.transform(["nonsense"])
