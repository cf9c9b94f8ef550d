import numpy as np
import pytest

from hanten.inference import FreshDraw, with_prior


class Geometric:
    def sample(self, n, rng):
        return (rng.geometric(0.5, size=n) - 1).tolist()

    def log_prob(self, xs):
        assert None not in xs
        return np.array([-(x + 1) * np.log(2) if x >= 0 else -np.inf for x in xs])


class Down:
    def propose(self, xs, rng):  # noqa: ARG002
        return [x - 1 if x != 7 else None for x in xs], np.array([0.25] * len(xs))


def test_the_prior_is_added_where_there_is_a_candidate():
    ys, corrections = with_prior(Down(), Geometric()).propose([3, 7, 0], np.random.default_rng(0))
    assert ys == [2, None, -1]
    assert corrections == pytest.approx([0.25 + np.log(2), -np.inf, -np.inf])


def test_nothing_valid_needs_no_prior():
    ys, corrections = with_prior(Down(), Geometric()).propose([7, 7], np.random.default_rng(0))
    assert ys == [None, None]
    assert (corrections == -np.inf).all()


def test_a_fresh_draw_forgets():
    ys, corrections = FreshDraw(Geometric()).propose([10**6] * 4, np.random.default_rng(0))
    assert max(ys) < 100
    assert (corrections == 0).all()
