"""Many data -> few data: the library of source models, and the ways to learn from them."""

from __future__ import annotations

from hanten._lazy import lazy_exports

# name -> module; loaded when first used, so that importing this room costs nothing.
_EXPORTS = {
    "compare_folds": "comparison",
    "compare_draws": "comparison",
    "choose_sources": "sources",
    "transfer": "study",
    "TransferStudy": "study",
    "SourceFeatures": "source_features",
    "TauRho": "tau_rho",
    "Shotgun": "shotgun",
    "MultiFidelity": "multi_fidelity",
    "FrozenFeatures": "frozen",
    "FineTuned": "fine_tuning",
    "AffineTransfer": "affine",
    "Inputs": "inputs",
    "Library": "library",
    "SourceModel": "source",
    "fetch_library": "fetching",
    "key_digests": "keys",
    "open_library": "library",
    "train_sources": "training",
}

__all__ = list(_EXPORTS)

__getattr__, __dir__ = lazy_exports(__name__, _EXPORTS)
