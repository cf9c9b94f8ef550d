"""Product to reactants: Bayes' rule turns the forward model round, over what can be bought.

Examples
--------
>>> import numpy as np
>>> from hanten.synthesis.forward import load_forward
>>> from hanten.synthesis.retro import retrosynthesize
>>> from hanten.synthesis.stock import build_stock
>>> stock = build_stock(["CN", "CCO", "O=C(Cl)c1ccccc1", "c1ccccc1", "CC(=O)Cl"], name="shelf").stock
>>> result = retrosynthesize("CNC(=O)c1ccccc1", stock, load_forward(), rng=np.random.default_rng(0))
>>> result.status, result.routes[0].leaves
('routes', ('CN', 'O=C(Cl)c1ccccc1'))
"""

from hanten._lazy import lazy_exports

_EXPORTS = {
    "Check": "result",
    "RetroResult": "result",
    "RetroRoute": "result",
    "RetroSettings": "inversion",
    "BackwardTransformer": "backward",
    "Templates": "library",
    "load_backward": "backward",
    "load_templates": "library",
    "retrosynthesize": "inversion",
}

__all__ = list(_EXPORTS)

__getattr__, __dir__ = lazy_exports(__name__, _EXPORTS)
