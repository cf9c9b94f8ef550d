import numpy as np
import pytest

from hanten.design.kneser_ney import (
    count_pairs,
    discounts,
    fit_levels,
    level_shifts,
    lower,
    merge_pairs,
)
from hanten.design.row_table import RowTable

BITS, SPAN = 3, 4


def row_probabilities(levels, shifts, keys, n_tokens):
    table = RowTable(levels, shifts, n_tokens)
    return table.probabilities(table.nodes(keys))


def pack(feature, *recent):
    """Feature, then tokens from the most recent to the oldest."""
    key = feature << (BITS * SPAN)
    for i, token in enumerate(recent):
        key |= token << (BITS * (SPAN - 1 - i))
    return key


@pytest.fixture(scope="module")
def levels():
    rng = np.random.default_rng(0)
    keys = np.array([pack(*rng.integers(1, 4, size=5)) for _ in range(500)], dtype=np.uint64)
    tokens = rng.integers(1, 6, size=500).astype(np.uint8)
    return fit_levels(count_pairs(keys, tokens), BITS, SPAN, 4, [1] * 5), keys, tokens


def test_rows_sum_to_one_also_for_unseen_contexts(levels):
    table, keys, _ = levels
    shifts = level_shifts(BITS, SPAN, 4)
    unseen = np.array([pack(7, 7, 7, 7, 7), pack(1, 7, 1, 1, 1)], dtype=np.uint64)
    rows = row_probabilities(table, shifts, np.concatenate([keys, unseen]), 7)
    np.testing.assert_allclose(rows.sum(axis=1), 1, atol=1e-12)
    assert (rows[:, 1:] > 0).all()
    assert (rows[:, 0] == 0).all()


def test_a_row_does_not_depend_on_the_others(levels):
    table, keys, _ = levels
    shifts = level_shifts(BITS, SPAN, 4)
    together = row_probabilities(table, shifts, keys[:50], 7)
    alone = np.concatenate([row_probabilities(table, shifts, keys[i : i + 1], 7) for i in range(50)])
    assert (together == alone).all()


def test_bigram_by_hand():
    """Two contexts a, b; counts a->x 3, a->y 1, b->x 1: the formula with pen and paper."""
    bits, span = 2, 1
    a, b, x, y = 1, 2, 1, 2
    keys = np.array([a, a, a, a, b], dtype=np.uint64)
    tokens = np.array([x, x, x, y, x], dtype=np.uint8)
    table = fit_levels(count_pairs(keys, tokens), bits, span, 2, [1, 1, 1])
    d = discounts(np.array([3, 1, 1]))
    cont = np.array([2.0, 1.0])  # x follows two contexts, y one
    d_cont = discounts(np.array([2, 1]))
    p1 = (cont - d_cont[[2, 1]]) / 3
    p0 = (1 - discounts(np.array([1, 1]))[1]) / 2
    gamma0 = 1 - 2 * p0
    base = p0 + gamma0 / 3
    lowest = p1 + (1 - p1.sum()) * base
    top = np.array([(3 - d[3]) / 4, (1 - d[1]) / 4])
    expected = top + (1 - top.sum()) * lowest
    row = row_probabilities(table, level_shifts(bits, span, 2), np.array([a], dtype=np.uint64), 4)[0]
    np.testing.assert_allclose(row[[x, y]], expected, atol=1e-12)


def test_pruning_keeps_rows_normalised():
    rng = np.random.default_rng(1)
    keys = np.array([pack(*rng.integers(1, 4, size=5)) for _ in range(300)], dtype=np.uint64)
    tokens = rng.integers(1, 6, size=300).astype(np.uint8)
    table = fit_levels(count_pairs(keys, tokens), BITS, SPAN, 4, [1, 1, 2, 2, 3])
    rows = row_probabilities(table, level_shifts(BITS, SPAN, 4), keys, 7)
    np.testing.assert_allclose(rows.sum(axis=1), 1, atol=1e-12)


def test_counts_and_continuations():
    keys = np.array([pack(1, 2, 3), pack(1, 2, 3), pack(1, 2, 1)], dtype=np.uint64)
    counts = count_pairs(keys, np.array([5, 5, 5], dtype=np.uint8))
    assert counts.count.tolist() == [1, 2]
    shorter = lower(counts, BITS * (SPAN - 1), np.array([1, 3], dtype=np.uint64))
    assert shorter.count.tolist() == [2]  # seen after two different older tokens


def test_counts_in_parts_are_the_counts_of_the_whole():
    rng = np.random.default_rng(3)
    keys = np.array([pack(*rng.integers(1, 3, size=5)) for _ in range(200)], dtype=np.uint64)
    tokens = rng.integers(1, 4, size=200).astype(np.uint8)
    whole = count_pairs(keys, tokens)
    parts = merge_pairs([count_pairs(keys[i : i + 60], tokens[i : i + 60]) for i in range(0, 200, 60)])
    for name in ("keys", "token", "count"):
        assert (getattr(whole, name) == getattr(parts, name)).all()
    assert (np.diff(whole.keys.astype(np.int64) << 8 | whole.token) > 0).all()
    assert whole.count.sum() == 200


def test_discounts_of_degenerate_counts_stay_in_range():
    for counts in ([], [1], [5, 5], [1, 1, 1, 1]):
        d = discounts(np.array(counts, dtype=np.int64))
        assert (np.diff(d) > 0).all() or (d >= 0).all()
        assert d[1] < 1
        assert d[2] < 2
        assert d[3] < 3
