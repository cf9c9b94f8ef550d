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


def make_sources(inputs, task="polymer/density", n=3, **card):
    """A task of the store with a few networks."""
    from hanten.transfer.store import TaskSources, half

    models = [make_source(inputs, seed=i) for i in range(n)]
    shared = {
        "property": "density", "unit": "g/cm**3", "log": False, "centre": 1.1, "spread": 0.2,
        "datasets": ["radonpy-pi1070"], "rows": {"materials": 5}, **card,
    }  # fmt: skip
    cards = tuple(
        {
            "number": i,
            "widths": list(m.widths),
            "scores": {"validation_r2": 0.5 + i / 10, "r2": 0.6, "mae": 0.1, "n": 9},
        }
        for i, m in enumerate(models)
    )
    return TaskSources(
        task, shared, cards, tuple(m.columns for m in models), tuple(half(m.layers) for m in models),
        seen_set(UNITS[:3]),
    )  # fmt: skip


def make_summary(task="polymer/density", prop="density", r2=0.9, reference=(0, 1, 2, 3), **more):
    return {
        "kind": task.partition("/")[0], "property": prop, "unit": "g/cm**3", "method": "molecular dynamics",
        "datasets": ["radonpy-pi1070"], "note": "", "n_materials": 900, "n_models": 3, "best": 2, "r2": r2, "mae": 0.1,
        "median_r2": r2, "numbers": [0, 1, 2], "scores": [r2] * 3, "cpu_seconds": 1.0, "reference": list(reference), **more,
    }  # fmt: skip


@pytest.fixture
def folder(tmp_path, inputs):
    """A small library on disk."""
    from hanten.transfer.store import Folder

    made = Folder.create(tmp_path / "library", {"n_models": 3})
    made.write_inputs(inputs)
    made.write_sources(make_sources(inputs), make_summary())
    made.write_sources(
        make_sources(inputs, "polymer/refractive_index", property="refractive_index", unit=""),
        make_summary(
            "polymer/refractive_index", "refractive_index", 0.95, (0, 1, 3, 2), unit="", datasets=["afzal"]
        ),
    )
    made.write_sources(
        make_sources(inputs, "polymer/Tg", property="Tg", unit="K"),
        make_summary(
            "polymer/Tg", "Tg", 0.4, (1, 3, 0, 2), unit="K", datasets=["polymon-kaggle"], note="in the lab"
        ),
    )
    return made
