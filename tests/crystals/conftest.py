from __future__ import annotations

import numpy as np
import pytest

from hanten.crystals import train_conductivity_model
from hanten.crystals.table import ConductivityTable
from hanten.models import GradientBoosting

LIGHT = [
    "Be",
    "B",
    "C",
    "N",
    "O",
    "Al",
    "Si",
    "P",
    "Mg",
    "Zn",
    "Ga",
    "As",
    "In",
    "Sb",
    "Cd",
    "Te",
    "Pb",
    "Tl",
    "Bi",
    "Cs",
]


@pytest.fixture(scope="session")
def small_table():
    """Binary crystals whose conductivity falls with the mean atomic number."""
    from hanten.chem.composition import ELEMENTS

    pairs = [(a, b) for i, a in enumerate(LIGHT) for b in LIGHT[i + 1 :]]
    z = np.array([(ELEMENTS.index(a) + ELEMENTS.index(b)) / 2 for a, b in pairs])
    values = 10 ** (3 - 0.06 * z + 0.05 * np.random.default_rng(0).normal(size=len(z)))
    split = np.array([("train", "train", "train", "val", "test")[i % 5] for i in range(len(z))], dtype=object)
    return ConductivityTable(tuple(f"{a}{b}" for a, b in pairs), values, split, {"rows": len(z)})


@pytest.fixture(scope="session")
def small_regressor():
    return GradientBoosting(2, 40, learning_rate=0.1, max_depth=3, max_features=0.2, share=0.9)


@pytest.fixture(scope="session")
def small_model(small_table, small_regressor):
    return train_conductivity_model(small_table, small_regressor)
