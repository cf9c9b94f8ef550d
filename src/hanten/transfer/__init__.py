"""Many data -> few data: the library of source models, and the ways to learn from them."""

from __future__ import annotations

from hanten._lazy import lazy_exports

# name -> module; loaded when first used, so that importing this room costs nothing.
_EXPORTS = {
    "AffineTransfer": "affine",
    "choose_sources": "sources",
    "compare_draws": "comparison",
    "compare_folds": "comparison",
    "CompositionModel": "composition_model",
    "fetch_library": "fetching",
    "FineTuned": "fine_tuning",
    "FrozenFeatures": "frozen",
    "Inputs": "inputs",
    "key_digests": "keys",
    "Library": "library",
    "load_composition_model": "composition_file",
    "MultiFidelity": "multi_fidelity",
    "open_library": "library",
    "Shotgun": "shotgun",
    "SourceFeatures": "source_features",
    "SourceModel": "source",
    "TauRho": "tau_rho",
    "train_sources": "training",
    "transfer": "study",
    "TransferStudy": "study",
}

__all__ = list(_EXPORTS)

__getattr__, __dir__ = lazy_exports(__name__, _EXPORTS)
