import operator

import joblib
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanten.inference.mapping import chunked, parallel, serial


@given(st.lists(st.integers()), st.integers(1, 10))
def test_chunks_put_together_are_the_whole(items, size):
    parts = chunked(items, size)
    assert [x for part in parts for x in part] == items
    assert all(len(part) == size for part in parts[:-1])


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_results_come_in_the_order_of_the_tasks(n_jobs):
    tasks = [(i,) for i in range(20)]
    assert list(parallel(n_jobs)(operator.pow, 2, tasks)) == serial(operator.pow, 2, tasks)


def test_no_tasks_no_results():
    assert list(parallel(2)(operator.pow, 2, [])) == []


def test_the_user_chooses_the_engine():
    with joblib.parallel_config(backend="threading"):
        assert list(parallel(2)(operator.getitem, [7, 8], [(1,), (0,)])) == [8, 7]
