"""The element table and the periodic-table generator.

Examples
--------
>>> from hanten.elements import element_table
>>> element_table().value("Fe", "atomic_number")
26.0
"""

from hanten._lazy import lazy_exports

_HOMES = {
    "ElementTable": "table",
    "element_table": "table",
    "impute": "imputation",
    "score_imputation": "imputation",
    "rdkit_elements": "rdkit_table",
}

__all__ = list(_HOMES)
__getattr__, __dir__ = lazy_exports(__name__, _HOMES)
