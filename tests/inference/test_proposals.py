import numpy as np
import pytest

from hanten.errors import ConfigError
from hanten.inference import FreshDraw, Mixture, with_prior


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


class Stay:
    def propose(self, xs, rng):  # noqa: ARG002
        return list(xs), np.ones(len(xs))


def test_a_mixture_draws_each_proposal_as_often_as_told():
    ys, corrections = Mixture([Down(), Stay()], shares=[1, 3]).propose([3] * 10_000, np.random.default_rng(0))
    assert ys.count(2) == pytest.approx(2500, abs=200)
    assert all(corrections[[y == 2 for y in ys]] == 0.25)
    assert all(corrections[[y == 3 for y in ys]] == 1)


@pytest.mark.parametrize("shares", [[1.0], [1.0, 0.0], [1.0, -1.0], [1.0, np.nan]])
def test_shares_that_make_no_sense_are_refused(shares):
    with pytest.raises(ConfigError, match="2 proposals need as many positive shares"):
        Mixture([Down(), Stay()], shares)
