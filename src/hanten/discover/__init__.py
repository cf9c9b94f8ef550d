"""The whole way: records -> models -> library -> screening -> shortlist -> report."""

from __future__ import annotations

from importlib import import_module
from typing import Any

# name -> module; loaded when first used, so that importing this room costs nothing.
_EXPORTS = {
    "DiscoverConfig": "config",
    "Discovery": "workflow",
    "compare_with_measured": "evidence",
    "discover": "workflow",
    "open_discovery": "workflow",
    "tell": "story",
}

__all__ = list(_EXPORTS)


def __getattr__(name: str) -> Any:
    if name not in _EXPORTS:
        raise AttributeError(f"module 'hanten.discover' has no attribute {name!r}")
    return getattr(import_module(f"hanten.discover.{_EXPORTS[name]}"), name)


def __dir__() -> list[str]:
    return sorted(_EXPORTS)
