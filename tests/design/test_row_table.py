import numpy as np
import pytest

from hanten.design.kneser_ney import count_pairs, fit_levels, level_shifts
from hanten.design.row_table import RowTable

BITS, SPAN, N = 3, 4, 7


@pytest.fixture(scope="module", params=[[1] * 5, [1, 1, 2, 2, 3]], ids=["whole", "pruned"])
def model(request):
    rng = np.random.default_rng(0)
    keys = rng.integers(0, 1 << (8 + BITS * SPAN), size=600).astype(np.uint64)
    keys = np.concatenate([keys, keys[:200], keys[:50]])
    tokens = rng.integers(1, N, size=keys.size).astype(np.uint8)
    levels = fit_levels(count_pairs(keys, tokens), BITS, SPAN, 4, request.param)
    unseen = rng.integers(0, 1 << (8 + BITS * SPAN), size=300).astype(np.uint64)
    return levels, level_shifts(BITS, SPAN, 4), np.concatenate([keys, unseen])


def plainly(levels, shifts, key):
    """The formula, order by order, with dictionaries."""
    row = np.full(N, 1 / (N - 1))
    row[0] = 0
    for level, shift in zip(levels, shifts, strict=True):
        wanted = 0 if shift == 63 else int(key) >> shift << shift
        at = np.flatnonzero(level.keys == np.uint64(wanted))
        if at.size:
            row *= level.gamma[at[0]]
            entries = slice(level.start[at[0]], level.start[at[0] + 1])
            row[level.token[entries]] += level.value[entries]
    return row


def test_rows_are_the_formula(model):
    levels, shifts, keys = model
    table = RowTable(levels, shifts, N)
    rows = table.probabilities(table.nodes(keys))
    np.testing.assert_allclose(rows, [plainly(levels, shifts, key) for key in keys], atol=1e-14)
    np.testing.assert_allclose(table.cumulative(table.nodes(keys)), np.cumsum(rows, axis=1), atol=1e-14)


def test_a_row_does_not_depend_on_what_was_asked_before(model):
    levels, shifts, keys = model
    first, second = RowTable(levels, shifts, N), RowTable(levels, shifts, N)
    together = first.probabilities(first.nodes(keys))
    backwards = np.array([second.probabilities(second.nodes(key[None]))[0] for key in keys[::-1]])[::-1]
    assert (together == backwards).all()
