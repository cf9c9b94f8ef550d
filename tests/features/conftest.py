"""Repeat units of many kinds, and every featurizer in a small form."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from hanten.features import (
    AtomPairFingerprint,
    ChainDescriptors,
    ForceFieldDescriptors,
    MACCSKeys,
    MorganFingerprint,
    RDKitDescriptors,
    RegionalDescriptors,
    TopologicalTorsionFingerprint,
    make_union,
)

sys.path.insert(0, str(Path(__file__).parent))  # unit_writings.py

FEATURIZERS = {
    "morgan": MorganFingerprint(size=256),
    "morgan bits": MorganFingerprint(radius=3, size=256, count=False),
    "morgan of side chains": MorganFingerprint(size=256, region="side chain"),
    "atom pairs": AtomPairFingerprint(max_distance=5, size=256),
    "torsions": TopologicalTorsionFingerprint(size=256),
    "maccs": MACCSKeys(count=True),
    "rdkit": RDKitDescriptors(),
    "rdkit per heavy atom": RDKitDescriptors(["MolWt", "TPSA", "NumRotatableBonds"], per="heavy atom"),
    "regional": RegionalDescriptors(aggregations=["sum", "mean", "sd", "max", "min"]),
    "chain": ChainDescriptors(),
    "force field": ForceFieldDescriptors(grid=5),
    "union": make_union(MorganFingerprint(size=64), RegionalDescriptors(["mass"])),
}


@pytest.fixture(scope="session")
def featurizers():
    return FEATURIZERS


@pytest.fixture(params=FEATURIZERS, ids=lambda name: name.replace(" ", "-"))
def featurizer(request):
    return FEATURIZERS[request.param]
