import numpy as np
import pytest

from hanten.errors import DataError
from hanten.inference.evaluation import RememberedLikelihood


def test_equal_states_are_evaluated_once(table):
    likelihood = table(-np.arange(6.0))
    remembered = RememberedLikelihood(likelihood, chunk=2, capacity=100)
    assert remembered([1, 3, 1, None]).tolist() == [0, -2, 0, -np.inf]
    assert remembered([3, 3, 6]).tolist() == [-2, -2, -5]
    assert likelihood.asked == [1, 3, 6]
    assert remembered.calls == 3


def test_chunks_have_a_fixed_size(table):
    sizes = []

    class Sized(table):
        def log_likelihood(self, xs):
            sizes.append(len(xs))
            return super().log_likelihood(xs)

    RememberedLikelihood(Sized(np.zeros(6)), chunk=4, capacity=100)([1, 2, 3, 4, 5, 6])
    assert sizes == [4, 2]


def test_beyond_its_capacity_the_oldest_are_forgotten(table):
    remembered = RememberedLikelihood(table(np.zeros(6)), chunk=10, capacity=2)
    remembered([1, 2, 3])
    assert list(remembered.memory) == [2, 3]


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_likelihood_that_is_none_is_refused_by_name(table, bad):
    with pytest.raises(DataError, match=r"the log-likelihood of 2 is (nan|inf)"):
        RememberedLikelihood(table([0, bad, 0]), chunk=10, capacity=10)([1, 2, 3])


def test_a_likelihood_of_the_wrong_length_is_refused():
    class Short:
        def log_likelihood(self, xs):
            return np.zeros(len(xs) - 1)

    with pytest.raises(DataError, match=r"shape \(1,\) for 2 states"):
        RememberedLikelihood(Short(), chunk=10, capacity=10)(["a", "b"])
