"""Random streams that can be told apart, written down, and taken up again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from hanten.errors import DataError

_BIT_GENERATORS = ("PCG64", "PCG64DXSM", "MT19937", "Philox", "SFC64")


def spawn(rng: np.random.Generator, n: int) -> list[np.random.Generator]:
    """``n`` independent generators, determined by the state of ``rng``, which moves on by one draw.

    Unlike ``rng.spawn`` it depends on nothing but the bit generator's state, so it survives a checkpoint.

    Examples
    --------
    >>> one, two = spawn(np.random.default_rng(0), 2)
    >>> bool(one.random() == two.random())
    False
    """
    key = int(rng.integers(2**63))
    return [np.random.default_rng(np.random.SeedSequence(key, spawn_key=(i,))) for i in range(n)]


def generator_at(state: Mapping[str, Any]) -> np.random.Generator:
    """A generator that goes on from ``state``, as read from ``rng.bit_generator.state``.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> twin = generator_at(rng.bit_generator.state)
    >>> bool(rng.random() == twin.random())
    True
    """
    name = state.get("bit_generator")
    if name not in _BIT_GENERATORS:
        raise DataError(f"no bit generator {name!r}", hint=f"known: {', '.join(_BIT_GENERATORS)}")
    bit_generator = getattr(np.random, name)()
    bit_generator.state = dict(state)
    return np.random.Generator(bit_generator)
