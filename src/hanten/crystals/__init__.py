"""Composition -> lattice thermal conductivity of a crystal, and screening of many formulas for very high and very low values.

Examples
--------
>>> from hanten.crystals import load_conductivity_model
>>> frame = load_conductivity_model().predict_frame(["BN", "PbTe"])
>>> bool(frame["mean"][0] > frame["mean"][1])
True
"""

from __future__ import annotations

from hanten._lazy import lazy_exports

# name -> module; loaded when first used, so that importing this room costs nothing.
_EXPORTS = {
    "ConductivityModel": "model",
    "ConductivityTable": "table",
    "Screening": "screening",
    "decisive_descriptors": "decisive",
    "evaluate_split": "training",
    "load_conductivity_model": "bundle",
    "read_conductivities": "table",
    "read_formulas": "table",
    "screen": "screening",
    "train_conductivity_model": "training",
}

__all__ = list(_EXPORTS)

__getattr__, __dir__ = lazy_exports(__name__, _EXPORTS)
