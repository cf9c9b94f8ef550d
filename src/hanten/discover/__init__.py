"""The whole way: records -> models -> library -> screening -> shortlist -> report."""

from __future__ import annotations

from hanten._lazy import lazy_exports

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

__getattr__, __dir__ = lazy_exports(__name__, _EXPORTS)
