"""Reactants to product as a translation between SMILES: the forward reaction model and its training program.

``load_forward()`` gives the bundled model, which needs no torch; ``python -m hanten.synthesis.forward.train --help``
trains one (torch, the ``train`` extra); what was built and why: ``docs/forward-model.md``.
"""

from hanten._lazy import lazy_exports

_EXPORTS = {
    "ForwardTransformer": "model",
    "load_forward": "bundled",
    "read_forward": "bundled",
    "save_forward": "bundled",
}

__all__ = list(_EXPORTS)

__getattr__, __dir__ = lazy_exports(__name__, _EXPORTS)
