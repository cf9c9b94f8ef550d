"""Where facts come from: the property database, public data sets, and folds that do not leak."""

from __future__ import annotations

from hanten._lazy import lazy_exports

# name -> module; loaded when first used, so that importing this room costs nothing.
_EXPORTS = {
    "Database": "database",
    "Record": "records",
    "class_folds": "splits",
    "cluster_folds": "splits",
    "cluster_labels": "splits",
    "fetch": "fetching",
    "grouped_folds": "splits",
    "import_file": "importer",
    "get_dataset": "catalog",
    "list_bundled": "bundled",
    "list_datasets": "catalog",
    "load_bundled": "bundled",
    "load_dataset": "readers",
    "load_structures": "readers",
    "open_database": "database",
    "plan_import": "importer",
}

__all__ = list(_EXPORTS)

__getattr__, __dir__ = lazy_exports(__name__, _EXPORTS)
