"""The toys, and the enumerable spaces that live with the benchmark, as importable modules."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parents[1] / "benchmarks" / "posterior")]

from toys import Die, Table, Tilt, exact_posterior  # noqa: E402


@pytest.fixture
def die():
    return Die()


@pytest.fixture
def tilt():
    return Tilt()


@pytest.fixture
def table():
    return Table


@pytest.fixture
def posterior_of():
    return exact_posterior
