"""Folds that do not leak: rows of one polymer, one cluster or one class are never on both sides.

A table of measurements holds the same polymer several times, and near twins of it. Folds drawn row by row
then score a model on what it has seen. Three kinds of folds, from mild to strict:

- :func:`grouped_folds`: whole keys (canonical strings) together;
- :func:`cluster_folds`: whole clusters of similar structures together;
- :func:`class_folds`: one whole class (say, a polymer class) held out at a time.

All yield ``(train, test)`` pairs of row numbers; ``list(...)`` of them is a valid ``cv`` of scikit-learn.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence

import numpy as np
import numpy.typing as npt

from hanten.errors import DataError

Indices = npt.NDArray[np.int64]
Fold = tuple[Indices, Indices]


def grouped_folds(
    keys: Sequence[Hashable] | npt.NDArray[np.generic],
    n_splits: int = 5,
    n_repeats: int = 1,
    seed: int | np.random.Generator = 0,
) -> Iterator[Fold]:
    """Folds in which all rows with the same key are on the same side.

    Keys are shuffled and the largest groups are dealt out first, each to the fold that has the fewest rows so
    far, so that folds differ by about one group.

    Parameters
    ----------
    keys : sequence of hashable, (n,)
        One key per row: the canonical string, or a cluster or class label.
    n_splits : int
        Folds per repeat, at least 2.
    n_repeats : int
        How often the whole is repeated with another shuffle.
    seed : int or numpy.random.Generator
        The same seed gives the same folds.

    Yields
    ------
    train, test : ndarray of int64
        Row numbers in ascending order, ``n_splits * n_repeats`` pairs. Every row is tested once per repeat.

    Raises
    ------
    DataError
        If there are fewer distinct keys than folds.

    Examples
    --------
    >>> keys = ["*C*", "*C*", "*CO*", "*CC(*)C"]
    >>> for train, test in grouped_folds(keys, n_splits=2, seed=1):
    ...     print(sorted({keys[i] for i in train} & {keys[i] for i in test}))
    []
    []
    """
    groups = _group_numbers(keys)
    if n_splits < 2 or n_repeats < 1:
        raise DataError(
            f"{n_splits} folds repeated {n_repeats} times make no sense",
            hint="2 folds at least, 1 repeat at least",
        )
    sizes = np.bincount(groups)
    if len(sizes) < n_splits:
        message = (
            f"{n_splits} folds need {n_splits} different keys, and the {len(groups)} rows have {len(sizes)}"
        )
        raise DataError(message, hint="use fewer folds or add data")
    rng = np.random.default_rng(seed)
    return (fold for _ in range(n_repeats) for fold in _pairs(_deal(sizes, n_splits, rng)[groups], n_splits))


def cluster_folds(
    structures: Sequence[str],
    n_splits: int = 5,
    n_repeats: int = 1,
    seed: int | np.random.Generator = 0,
    *,
    similarity: float = 0.5,
    kind: str = "polymer",
) -> Iterator[Fold]:
    """Folds in which whole clusters of similar structures are on the same side.

    Parameters
    ----------
    structures : sequence of str, (n,)
        PSMILES (``kind="polymer"``) or SMILES (``kind="molecule"``).
    n_splits, n_repeats, seed
        As in :func:`grouped_folds`.
    similarity : float in (0, 1]
        Radius of a cluster, see :func:`cluster_labels`. Smaller is stricter.
    kind : {"polymer", "molecule"}
        How to read the structures.

    Yields
    ------
    train, test : ndarray of int64
        As in :func:`grouped_folds`.

    Examples
    --------
    >>> units = ["*CC(*)c1ccccc1", "*CC(*)c1ccc(C)cc1", "*CCO*", "*CCCO*"]
    >>> [test.tolist() for _, test in cluster_folds(units, n_splits=2, similarity=0.3)]
    [[0, 1], [2, 3]]
    """
    return grouped_folds(
        cluster_labels(structures, similarity=similarity, kind=kind), n_splits, n_repeats, seed
    )


def class_folds(labels: Sequence[Hashable], keys: Sequence[Hashable] | None = None) -> Iterator[Fold]:
    """Folds that hold out one whole class at a time.

    Parameters
    ----------
    labels : sequence of hashable, (n,)
        The class of each row.
    keys : sequence of hashable, (n,), optional
        Canonical strings. A row of another class that shares its key with a tested row is left out of the
        training side.

    Yields
    ------
    train, test : ndarray of int64
        One pair per class, in the order in which the classes first appear. Every row is tested once.

    Raises
    ------
    DataError
        If there are fewer than two classes, or as many keys as labels are not given.

    Examples
    --------
    >>> [test.tolist() for _, test in class_folds(["ester", "amide", "ester"])]
    [[0, 2], [1]]
    """
    groups = _group_numbers(labels)
    same = groups if keys is None else _group_numbers(keys)
    if len(same) != len(groups):
        raise DataError(
            f"there are {len(groups)} labels and {len(same)} keys", hint="give one of each per row"
        )
    n_classes = int(groups.max()) + 1
    if n_classes < 2:
        raise DataError(f"all {len(groups)} rows are of one class, so no class can be held out")
    return _class_pairs(groups, same, n_classes)


def cluster_labels(structures: Sequence[str], similarity: float = 0.5, kind: str = "polymer") -> Indices:
    """Leader clusters on Morgan fingerprints: the number of its cluster for each structure.

    The leader algorithm (sphere exclusion) walks through the distinct structures in a fixed order; one whose
    similarity to every leader so far is below ``similarity`` becomes a leader. Then each structure joins the
    most similar leader. The clusters depend neither on a seed nor on the order of the rows.

    Parameters
    ----------
    structures : sequence of str, (n,)
        PSMILES or SMILES. Bring them to canonical form first if the same polymer is written in several ways.
    similarity : float in (0, 1]
        Tanimoto similarity of binary Morgan fingerprints (radius 2, 2048 bits; for polymers on the periodic
        repeat unit) that a structure has to its leader at least.
    kind : {"polymer", "molecule"}
        How to read the structures.

    Returns
    -------
    ndarray of int64, (n,)
        ``0 .. n_clusters - 1``.

    Raises
    ------
    StructureError
        If a structure cannot be read; the message says which row.

    References
    ----------
    A. Gobbi and M.-L. Lee, "DISE: directed sphere exclusion", J. Chem. Inf. Comput. Sci. 43 (2003) 317;
    https://doi.org/10.1021/ci025554v

    Examples
    --------
    >>> cluster_labels(["*CC(*)c1ccccc1", "*CCO*", "*CC(*)c1ccccc1"]).tolist()
    [0, 1, 0]
    """
    from rdkit.DataStructs import BulkTanimotoSimilarity
    from rdkit.SimDivFilters.rdSimDivPickers import LeaderPicker

    from hanten.data.similarity import fingerprint_bits

    if not 0 < similarity <= 1:
        raise DataError(
            f"a similarity of {similarity} cannot bound a cluster", hint="give a number above 0 and up to 1"
        )
    distinct = sorted({str(text) for text in structures})
    if not distinct:
        return np.zeros(0, dtype=np.int64)
    fingerprints = fingerprint_bits(distinct, kind)
    leaders = list(LeaderPicker().LazyBitVectorPick(fingerprints, len(fingerprints), 1.0 - similarity))
    to_leaders = np.array([BulkTanimotoSimilarity(fingerprints[leader], fingerprints) for leader in leaders])
    label = dict(zip(distinct, to_leaders.argmax(axis=0), strict=True))
    return np.array([label[str(text)] for text in structures], dtype=np.int64)


def _group_numbers(keys: Sequence[Hashable] | npt.NDArray[np.generic]) -> Indices:
    """Number the distinct keys in order of first appearance; NaN and None are no keys."""
    import pandas as pd

    numbers: dict[Hashable, int] = {}
    groups = np.empty(len(keys), dtype=np.int64)
    for row, key in enumerate(keys):
        if pd.isna(key):
            raise DataError(
                "a row without a key cannot be put into a fold", where=f"row {row}", hint="drop it first"
            )
        groups[row] = numbers.setdefault(key, len(numbers))
    if not numbers:
        raise DataError("there are no rows to put into folds")
    return groups


def _deal(sizes: npt.NDArray[np.int64], n_splits: int, rng: np.random.Generator) -> Indices:
    """The fold of each group: groups shuffled, largest first, each to the fold with the fewest rows."""
    shuffled = rng.permutation(len(sizes))
    fold_of = np.empty(len(sizes), dtype=np.int64)
    load = np.zeros(n_splits, dtype=np.int64)
    for group in shuffled[np.argsort(-sizes[shuffled], kind="stable")]:
        fold_of[group] = load.argmin()
        load[fold_of[group]] += sizes[group]
    return fold_of


def _pairs(fold_of_row: Indices, n_splits: int) -> Iterator[Fold]:
    for fold in range(n_splits):
        yield np.flatnonzero(fold_of_row != fold), np.flatnonzero(fold_of_row == fold)


def _class_pairs(groups: Indices, same: Indices, n_classes: int) -> Iterator[Fold]:
    for held_out in range(n_classes):
        tested = groups == held_out
        shares_key = np.isin(same, same[tested])
        yield np.flatnonzero(~tested & ~shares_key), np.flatnonzero(tested)
