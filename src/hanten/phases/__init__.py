"""Composition -> phase: quasicrystal, approximant or other, with a warning outside the known systems.

Examples
--------
>>> from hanten.phases import load_phase_model
>>> frame = load_phase_model().predict_frame(["Al65Cu20Fe15", "oops"])
>>> frame["phase"].tolist()
['quasicrystal', None]
"""

from __future__ import annotations

from hanten._lazy import lazy_exports

# name -> module; loaded when first used, so that importing this room costs nothing.
_EXPORTS = {
    "CLASSES": "table",
    "FamilyScreen": "screening",
    "PhaseModel": "model",
    "PhaseTable": "table",
    "Scan": "ternary",
    "composition_grid": "ternary",
    "cross_validate": "evaluation",
    "grid_size": "ternary",
    "load_phase_model": "bundle",
    "read_phase_table": "table",
    "rules_in_words": "rules",
    "scan": "ternary",
    "screen_families": "screening",
    "train_phase_model": "training",
}

__all__ = list(_EXPORTS)

__getattr__, __dir__ = lazy_exports(__name__, _EXPORTS)
