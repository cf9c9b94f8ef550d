"""Canonical keys of materials and their digests: what answers "has this source seen that material?"."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from hanten.chem import Composition, canonical_psmiles, canonical_smiles
from hanten.errors import ConfigError, StructureError, did_you_mean

Digests = npt.NDArray[np.uint64]
KINDS = ("polymer", "molecule", "composition")


def check_kind(kind: str) -> str:
    """Return ``kind`` if it is one of :data:`KINDS`.

    Raises
    ------
    ConfigError
        With the closest one.
    """
    if kind not in KINDS:
        raise ConfigError(f"no world of source models is called {kind!r}", hint=did_you_mean(kind, KINDS))
    return kind


def canonical_key(item: Any, kind: str) -> str:
    """The one string of a material: canonical PSMILES, canonical SMILES, or the formula in Hill order.

    Parameters
    ----------
    item : str, Polymer, Molecule or Composition
    kind : {"polymer", "molecule", "composition"}

    Raises
    ------
    StructureError
        If it cannot be read as one.

    Examples
    --------
    >>> (
    ...     canonical_key("*OCC*", "polymer"),
    ...     canonical_key("OCC", "molecule"),
    ...     canonical_key("O3Al2", "composition"),
    ... )
    ('*CCO*', 'CCO', 'Al2O3')
    """
    known = next((getattr(item, a) for a in ("psmiles", "smiles", "formula") if hasattr(item, a)), None)
    if known is not None:
        return str(known)
    if not isinstance(item, str):
        raise StructureError(f"{item!r} is not a material", hint=f"pass a string that writes a {kind}")
    read: dict[str, Callable[[str], str]] = {
        "polymer": canonical_psmiles,
        "molecule": canonical_smiles,
        "composition": lambda text: Composition(text).formula,
    }
    return read[check_kind(kind)](item)


def key_digests(keys: Iterable[str]) -> Digests:
    """A 64-bit digest of each canonical key (BLAKE2b), in order.

    Two of a million keys share one with a probability of 3e-8.

    Examples
    --------
    >>> key_digests(["*CC*", "*CC*"]).tolist() == 2 * key_digests(["*CC*"]).tolist()
    True
    """
    found = [hashlib.blake2b(key.encode(), digest_size=8).digest() for key in keys]
    return np.frombuffer(b"".join(found), dtype="<u8").astype(np.uint64)


def seen_set(keys: Iterable[str]) -> Digests:
    """The sorted digests of a set of keys, for :func:`were_seen`."""
    return np.unique(key_digests(keys))


def were_seen(keys: Sequence[str], seen: Digests) -> npt.NDArray[np.bool_]:
    """Which canonical keys are in a set made by :func:`seen_set`.

    Examples
    --------
    >>> were_seen(["*CC*", "*CO*"], seen_set(["*CO*", "*CCO*"])).tolist()
    [False, True]
    """
    return np.isin(key_digests(keys), seen)
