from __future__ import annotations

import numpy as np
import pytest

from hanten.data.catalog import get_dataset
from hanten.errors import ConfigError, DataError, UnknownNameError
from hanten.transfer.task_data import load_task
from hanten.transfer.tasks import TASKS, Part, Task, get_task, list_tasks


def test_there_are_many_tasks_in_three_worlds_and_all_data_may_be_trained_on():
    assert len(TASKS) >= 60
    assert len({task.name for task in TASKS}) == len(TASKS)
    assert {task.kind for task in TASKS} == {"polymer", "molecule", "composition"}
    for task in TASKS:
        assert get_task(task) is task
        assert task.property_.name in task.name
        assert task.limits[0] < task.limits[1]
        assert all(get_dataset(name).grade == "train" for name in task.datasets)


def test_data_for_evaluation_only_is_refused():
    task = Task("polymer/Tg@lamalab", (Part("lamalab-tg", "experiment"),))
    with pytest.raises(ConfigError, match="graded eval"):
        get_task(task)


def test_names_without_a_world_and_unknown_ones():
    assert get_task("Tg").name == "polymer/Tg"
    with pytest.raises(ConfigError, match=r"several worlds.*polymer/homo_energy"):
        get_task("homo_energy")
    with pytest.raises(UnknownNameError, match="refractive_index"):
        get_task("polymer/refractiv_index")
    with pytest.raises(UnknownNameError):
        get_task("colour")


def test_every_task_reads_its_data(data_dir):
    for name in ("polymer/Tg", "polymer/self_diffusion", "molecule/hydration_free_energy", "molecule/flory_huggins_chi",
                 "composition/yield_strength@steels", "composition/exfoliation_energy"):  # fmt: skip
        data = load_task(get_task(name))
        assert len(data.keys) == len(set(data.keys)) == len(data.values) >= 100
        assert list(data.keys) == sorted(data.keys)
        assert np.isfinite(data.values).all()


@pytest.mark.slow
@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_all_tasks_can_be_read(task, data_dir):
    data = load_task(task)
    assert len(data.keys) >= 100
    assert data.refused <= 0.02 * data.rows


def test_excluded_keys_and_the_limit(data_dir):
    task = get_task("composition/yield_strength@steels")
    everything = load_task(task)
    less = load_task(task, exclude_keys=everything.keys[:100])
    assert less.excluded == 100
    assert not set(less.keys) & set(everything.keys[:100])
    few, again, others = (load_task(task, limit=60, seed=seed) for seed in (0, 0, 1))
    assert len(few.keys) == 60
    assert few.keys == again.keys != others.keys
    with pytest.raises(DataError, match="40 are needed"):
        load_task(task, exclude_keys=everything.keys[10:])


def test_the_draw_is_by_material_so_that_tasks_share_it(data_dir):
    one = load_task(get_task("molecule/homo_energy"), limit=50)
    other = load_task(get_task("molecule/lumo_energy"), limit=50)
    assert one.keys == other.keys
    assert len(list_tasks("molecule")) >= 17
