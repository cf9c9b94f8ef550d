import operator

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
    tasks = [(i, 2) for i in range(20)]
    assert list(parallel(n_jobs)(operator.pow, tasks)) == serial(operator.pow, tasks)
