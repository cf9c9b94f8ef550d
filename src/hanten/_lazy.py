"""Rooms that load their modules when a name is first used."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from typing import Any


def lazy_exports(
    package: str, homes: Mapping[str, str], own: Iterable[str] = ()
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """The ``__getattr__`` and ``__dir__`` of a package whose public names live in its modules.

    Parameters
    ----------
    package : str
        ``__name__`` of the package.
    homes : mapping of str to str
        Public name -> module of the package that holds it.
    own : iterable of str
        Public names that the package defines itself.

    Returns
    -------
    tuple of two functions
        To be bound to ``__getattr__`` and ``__dir__``.

    Examples
    --------
    >>> load, names = lazy_exports("hanten.chem", {"Polymer": "polymer"})
    >>> load("Polymer").__name__, names()
    ('Polymer', ['Polymer'])
    """

    def load(name: str) -> Any:
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return getattr(import_module(f"{package}.{homes[name]}"), name)

    def names() -> list[str]:
        return sorted([*homes, *own])

    return load, names
