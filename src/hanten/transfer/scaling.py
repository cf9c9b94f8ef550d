"""The scaling of one task: what its own materials differ in is brought to one size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float32]
LIMIT = 6.0  # standard deviations of the task's materials; beyond, a material is unlike all of them
SMALLEST = 1e-3  # of the scale of the world; a column that differs less is constant


@dataclass(frozen=True, eq=False)
class Scaling:
    """Mean and standard deviation of each feature over the materials of one task.

    The features of a world are scaled over all its materials, among which the steels of one task are nearly one point.
    Their networks see them through a scaling of their own.

    Parameters
    ----------
    centre, spread : ndarray of float32, (d,)
        Subtracted and divided by; the result is cut off at ± 6.

    Examples
    --------
    >>> near_twins = np.array([[5.01, 1.0], [5.03, 1.0]], dtype=np.float32)
    >>> scaling = Scaling.learn(near_twins)
    >>> scaling(near_twins).round(3).tolist()
    [[-1.0, 0.0], [1.0, 0.0]]
    >>> scaling([[9.0, 1.0]]).tolist()
    [[6.0, 0.0]]
    """

    centre: Array = field(repr=False)
    spread: Array = field(repr=False)

    @classmethod
    def learn(cls, features: npt.ArrayLike) -> Self:
        """From the features (n, d) of the materials that a task may learn from; a constant column keeps its size."""
        numbers = np.asarray(features, dtype=np.float64)
        centre, spread = numbers.mean(axis=0), numbers.std(axis=0)
        kept = np.where(spread > SMALLEST, spread, 1.0)
        return cls(centre.astype(np.float32), kept.astype(np.float32))

    @classmethod
    def restore(cls, array: npt.NDArray[Any] | None) -> Self | None:
        """The inverse of :meth:`array`; ``None`` of ``None`` or of an array without columns."""
        return None if array is None or not array.size else cls(array[0], array[1])

    def array(self) -> Array:
        """Both as one array, (2, d)."""
        return np.stack([self.centre, self.spread]).astype(np.float32)

    def only(self, columns: npt.NDArray[np.int64]) -> Scaling:
        """The scaling of some of the columns."""
        return Scaling(self.centre[columns], self.spread[columns])

    @classmethod
    def joined(
        cls, parts: Sequence[tuple[Scaling | None, npt.NDArray[np.int64]]], width: int
    ) -> Scaling | None:
        """That of all ``width`` columns, from scalings of some of them; ``None`` where none has one."""
        if all(part is None for part, _ in parts):
            return None
        whole = np.stack([np.zeros(width), np.ones(width)]).astype(np.float32)
        for part, columns in parts:
            if part is not None:
                whole[:, columns] = part.array()
        return cls.restore(whole)

    def __call__(self, features: npt.ArrayLike) -> Array:
        """Scaled features, (n, d)."""
        given = np.asarray(features, dtype=np.float32)
        scaled: Array = np.clip((given - self.centre) / self.spread, -LIMIT, LIMIT)
        return scaled
