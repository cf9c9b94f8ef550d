"""Where facts come from: the property database, public data sets, and folds that do not leak."""

from __future__ import annotations

from importlib import import_module
from typing import Any

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


def __getattr__(name: str) -> Any:
    if name not in _EXPORTS:
        raise AttributeError(f"module 'hanten.data' has no attribute {name!r}")
    return getattr(import_module(f"hanten.data.{_EXPORTS[name]}"), name)


def __dir__() -> list[str]:
    return sorted(_EXPORTS)
