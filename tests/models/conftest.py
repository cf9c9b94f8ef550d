"""A small table of made-up values on real repeat units, and a model trained on it once."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from hanten.models import train

SIDES = ["", "C", "CC", "Cl", "F", "C#N", "c1ccccc1", "O", "OC", "C(=O)OC", "C(=O)O", "OC(C)=O"]
SPACERS = ["", "C", "O", "CCO", "c1ccc(cc1)", "C(=O)N"]


def made_up_table() -> pd.DataFrame:
    units = [f"*C{f'({side})' if side else ''}C{spacer}*" for side in SIDES for spacer in SPACERS]
    rng = np.random.default_rng(0)
    tg = [
        200
        + 30 * u.count("c1")
        + 20 * u.count("=O")
        + 10 * u.count("O")
        - 4 * u.count("C")
        + rng.normal(0, 3)
        for u in units
    ]
    return pd.DataFrame({"psmiles": units, "Tg": tg})


@pytest.fixture(scope="session")
def table() -> pd.DataFrame:
    return made_up_table()


@pytest.fixture(scope="session")
def trained(table):
    return train(table, "psmiles", "Tg", model="gp", card={"method": "made up"})


@pytest.fixture(scope="session")
def bundle(trained, tmp_path_factory):
    return trained.model.save(tmp_path_factory.mktemp("bundle") / "tg.hanten")
