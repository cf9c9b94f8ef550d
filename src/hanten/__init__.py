"""hanten: Bayesian inverse design of polymers and materials, and of their synthesis.

The names below are all a first user needs; everything else lives in the rooms (``hanten.chem``,
``hanten.features``, ``hanten.inference``, ...). Rooms are imported when first used, so that
``import hanten`` and ``hanten --help`` are immediate.

Examples
--------
>>> import hanten
>>> hanten.Polymer("*OCC*") == hanten.Polymer("*CCO*")
True
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from hanten._version import __version__

if TYPE_CHECKING:
    from hanten.chem import Composition, Molecule, Polymer
    from hanten.data import open_database
    from hanten.errors import HantenError
    from hanten.models import load_model

_HOMES = {
    "Composition": "hanten.chem",
    "HantenError": "hanten.errors",
    "Molecule": "hanten.chem",
    "Polymer": "hanten.chem",
    "load_model": "hanten.models",
    "open_database": "hanten.data",
}
_ROOMS = ("chem", "data", "design", "features", "inference", "models", "report", "synthesis")

__all__ = ["Composition", "HantenError", "Molecule", "Polymer", "__version__", "load_model", "open_database"]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    if name in _ROOMS:
        return import_module(f"hanten.{name}")
    raise AttributeError(f"module 'hanten' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*__all__, *_ROOMS])
