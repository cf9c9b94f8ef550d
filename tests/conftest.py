"""Fixtures shared by all tests."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The local mirror of the public data sets; tests that need it skip where it is not."""
    folder = os.environ.get("HANTEN_DATA_DIR")
    if not folder or not Path(folder).is_dir():
        pytest.skip("HANTEN_DATA_DIR does not name a folder with the public data sets")
    return Path(folder)
