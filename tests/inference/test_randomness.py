import numpy as np
import pytest

from hanten.errors import DataError
from hanten.inference.randomness import generator_at, spawn


@pytest.mark.parametrize("name", ["PCG64", "PCG64DXSM", "MT19937", "Philox", "SFC64"])
def test_a_generator_goes_on_where_another_stood(name):
    rng = np.random.Generator(getattr(np.random, name)(7))
    rng.random(3)
    twin = generator_at(rng.bit_generator.state)
    assert (twin.random(5) == rng.random(5)).all()


def test_an_unknown_generator_is_refused():
    with pytest.raises(DataError, match="no bit generator 'os'"):
        generator_at({"bit_generator": "os"})


def test_children_depend_on_the_state_alone_and_differ_from_each_other():
    first, again = (spawn(np.random.default_rng(3), 3) for _ in range(2))
    draws = [child.random() for child in first]
    assert draws == [child.random() for child in again]
    assert len(set(draws)) == 3


def test_more_children_leave_the_first_ones_as_they_were():
    few, many = spawn(np.random.default_rng(3), 2), spawn(np.random.default_rng(3), 9)
    assert [child.random() for child in few] == [child.random() for child in many[:2]]


def test_each_call_gives_new_children():
    rng = np.random.default_rng(3)
    assert spawn(rng, 1)[0].random() != spawn(rng, 1)[0].random()
