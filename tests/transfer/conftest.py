"""Small source models, made without training."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from hanten.features import MorganFingerprint
from hanten.transfer.inputs import Inputs
from hanten.transfer.keys import seen_set
from hanten.transfer.source import SourceModel

UNITS = ["*CC*", "*CCO*", "*CC(*)C", "*CC(*)c1ccccc1", "*C(F)(F)C(*)(F)F", "*OCCCC*", "*CC(*)C(=O)OC"]


@pytest.fixture(scope="session")
def inputs():
    featurizer = MorganFingerprint(radius=1, size=64)
    return Inputs.learn("polymer", featurizer, featurizer.fit_transform(UNITS), log=True)


def make_source(inputs, widths=(8, 5, 4), seed=0, *, log=False, name="polymer/density/0000"):
    rng = np.random.default_rng(seed)
    columns = np.sort(rng.choice(inputs.width, size=min(20, inputs.width), replace=False))
    sizes = [len(columns), *widths, 1]
    layers = tuple(
        (
            rng.normal(size=(a, b)).astype(np.float32) / np.float32(a) ** 0.5,
            rng.normal(size=b).astype(np.float32),
        )
        for a, b in itertools.pairwise(sizes)
    )
    return SourceModel(
        name, "polymer", "density", "g/cm**3", {"data": ["toy"]}, inputs, columns, layers,
        centre=1.1, spread=0.2, log=log, seen_keys=seen_set(UNITS[:3]),
    )  # fmt: skip


@pytest.fixture
def source(inputs):
    return make_source(inputs)
