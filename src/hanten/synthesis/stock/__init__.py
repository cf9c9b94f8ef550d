"""What can be bought: molecules keyed by InChIKey, with source, price and lead time, and neighbour search.

Examples
--------
>>> from hanten.synthesis.stock import build_stock
>>> built = build_stock(["CCO", "OCC", "CC(=O)O", "not a molecule"], source="shelf 3")
>>> len(built.stock), "C(O)C" in built.stock, [row.reason for row in built.rejected]
(2, True, ["'not a molecule': blank inside a SMILES (character 4) (one structure per row)"])
"""

from __future__ import annotations

from hanten._lazy import lazy_exports

_EXPORTS = {
    "Built": "build",
    "Member": "stock",
    "Rejected": "build",
    "Stock": "stock",
    "build_stock": "build",
    "build_stock_from_file": "build",
    "default_stock": "choosing",
    "inchikey": "normal",
    "normalise": "normal",
    "open_stock": "choosing",
    "union": "build",
}

__all__ = list(_EXPORTS)

__getattr__, __dir__ = lazy_exports(__name__, _EXPORTS)
