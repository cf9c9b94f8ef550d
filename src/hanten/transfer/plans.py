"""What each network of a shotgun is to be: its shape, its columns, its rates; all drawn at random."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

WIDTHS = (16, 24, 32, 48, 64)
DEPTHS = (2, 3, 3, 4)
GROUP = 13  # networks of one tensor program; they read the same columns and have the same depth
MOST_COLUMNS = 400
LEAST_COLUMNS = 20


@dataclass(frozen=True)
class Plan:
    """One network before training.

    Parameters
    ----------
    widths : tuple of int
        Units of the hidden layers.
    rate : float
        Peak learning rate.
    decay : float
        Decoupled weight decay.
    dropout : float
        Share of the hidden units left out at each step.
    validation : float
        Share of the training keys on which it is stopped.
    split_seed : int
        Draws these keys.
    """

    widths: tuple[int, ...]
    rate: float
    decay: float
    dropout: float
    validation: float
    split_seed: int

    def card(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self) | {"widths": list(self.widths)}


@dataclass(frozen=True)
class Group:
    """Networks trained together: one view of the features, one depth.

    Parameters
    ----------
    columns : ndarray of int
        Columns of the inputs.
    view : str
        Names of the blocks of features they come from.
    plans : tuple of Plan
    """

    columns: npt.NDArray[np.int64]
    view: str
    plans: tuple[Plan, ...]


def draw_groups(
    n_models: int, blocks: Sequence[str], varying: npt.NDArray[np.bool_], rng: np.random.Generator
) -> list[Group]:
    """Random networks in groups of up to :data:`GROUP`.

    Parameters
    ----------
    n_models : int
    blocks : sequence of str, (d,)
        The block of features that each column of the inputs belongs to.
    varying : ndarray of bool, (d,)
        Columns that differ between the materials of the task.
    rng : numpy.random.Generator

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> groups = draw_groups(20, ["a"] * 30 + ["b"] * 30, np.ones(60, dtype=bool), rng)
    >>> sum(len(group.plans) for group in groups), len({len(p.widths) for p in groups[0].plans})
    (20, 1)
    """
    sizes = [len(part) for part in np.array_split(np.arange(n_models), -(-n_models // GROUP))]
    return [_draw_group(size, np.asarray(blocks), varying, rng) for size in sizes]


def _draw_group(
    size: int, blocks: npt.NDArray[np.str_], varying: npt.NDArray[np.bool_], rng: np.random.Generator
) -> Group:
    names = sorted(set(blocks[varying].tolist()))
    chosen = sorted(rng.choice(names, size=rng.integers(1, len(names) + 1), replace=False).tolist())
    candidates = np.flatnonzero(np.isin(blocks, chosen) & varying)
    most = min(len(candidates), MOST_COLUMNS)
    n_columns = int(rng.integers(min(most, max(LEAST_COLUMNS, most // 2)), most + 1))
    columns = np.sort(rng.choice(candidates, size=n_columns, replace=False)).astype(np.int64)
    depth = int(rng.choice(DEPTHS))
    return Group(columns, "+".join(chosen), tuple(_draw_plan(depth, rng) for _ in range(size)))


def _draw_plan(depth: int, rng: np.random.Generator) -> Plan:
    widths = sorted((int(w) for w in rng.choice(WIDTHS, size=depth)), reverse=True)
    return Plan(
        tuple(widths),
        rate=float(10 ** rng.uniform(-2.9, -2.2)),
        decay=float(10 ** rng.uniform(0.0, 1.1)),
        dropout=float(rng.choice([0.0, 0.05, 0.1, 0.2])),
        validation=float(rng.uniform(0.1, 0.25)),
        split_seed=int(rng.integers(2**31)),
    )
