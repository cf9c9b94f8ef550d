"""The paired difference: its interval covers, its words are true."""

from __future__ import annotations

import numpy as np
import pytest

from hanten.transfer.comparison import compare_draws, compare_folds


def test_the_interval_covers_where_draws_are_independent():
    rng, covered = np.random.default_rng(0), 0
    for _ in range(400):
        gain = 0.3 + rng.normal(size=20)
        found = compare_draws(10 + gain, np.full(20, 10.0))
        covered += found.low <= 0.3 <= found.high
    assert 0.92 < covered / 400 < 0.98


def test_overlapping_folds_widen_the_interval():
    rng = np.random.default_rng(1)
    a, b = rng.normal(1, 0.1, 100), rng.normal(0.9, 0.1, 100)
    assert compare_folds(a, b, 5).half_width > 4 * compare_draws(a, b).half_width


def test_draws_are_whole_cross_validations():
    a = np.arange(20.0)
    found = compare_folds(a, a - 1, 5)
    np.testing.assert_array_equal(found.baseline, [2.0, 7.0, 12.0, 17.0])
    assert (found.gain, found.hurt) == (1.0, 0)


@pytest.mark.parametrize(
    ("shift", "verdict", "word"),
    [(0.5, "helps", "helped"), (-0.5, "hurts", "hurt"), (0.0, "no clear difference", "")],
)
def test_the_verdict_is_the_side_of_zero(shift, verdict, word):
    rng = np.random.default_rng(2)
    base, noise = rng.normal(1, 0.2, 30), rng.normal(0, 0.1, 30)
    found = compare_draws(base, base - shift + noise - noise.mean())
    assert found.verdict == verdict
    assert f"transfer {word}" in found.sentence("K")
    assert f"of {len(base)} draws" in found.sentence("K")
