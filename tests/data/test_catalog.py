"""The catalogue of public data sets is complete, honest about homes and grades, and matches the mirror."""

from __future__ import annotations

import re

import pytest

from hanten.data import get_dataset, list_datasets
from hanten.data.catalog import GRADES
from hanten.data.sources import CORPORA, READERS
from hanten.errors import UnknownNameError
from hanten.properties import get_property

ALL = list_datasets()
KINDS = {"polymer", "molecule", "reaction", "stock", "inorganic"}


def test_names_are_unique_and_every_kind_and_grade_is_used():
    assert len({d.name for d in ALL}) == len(ALL) >= 40
    assert {d.kind for d in ALL} == KINDS
    assert {d.grade for d in ALL} == set(GRADES)


@pytest.mark.parametrize("dataset", ALL, ids=lambda d: d.name)
def test_every_entry_says_what_a_user_needs(dataset):
    assert dataset.title
    assert dataset.licence
    assert dataset.citation
    assert dataset.use == GRADES[dataset.grade]
    assert dataset.files
    assert len({f.name for f in dataset.files}) == len(dataset.files)
    for file in dataset.files:
        assert re.fullmatch(r"[0-9a-f]{64}", file.sha256)
        assert file.size > 0
        assert file.url is None or file.url.startswith("https://")
    assert dataset.downloadable == (dataset.prepared is None)
    assert all(get_property(name).name == name for name in dataset.properties)


def test_a_licence_that_restricts_use_never_carries_the_grade_train():
    for dataset in list_datasets(grade="train"):
        assert not re.search(r"\bNC\b|non-?commercial|all rights", dataset.licence, re.IGNORECASE), (
            dataset.name
        )


def test_the_readers_read_catalogued_files_and_the_catalogue_promises_what_is_read():
    for name, columns in READERS.items():
        dataset = get_dataset(name)
        assert {c.file for c in columns} <= {f.name for f in dataset.files}, name
        assert set(dataset.properties) == {c.property_ for c in columns}, name
    for name, corpus in CORPORA.items():
        assert corpus.file in {f.name for f in get_dataset(name).files}
    for dataset in ALL:
        assert not dataset.properties or dataset.name in READERS


def test_choosing_by_kind_and_grade():
    chosen = list_datasets(kind="polymer", grade="train")
    assert chosen
    assert all(d.kind == "polymer" and d.grade == "train" for d in chosen)
    assert {d.name for d in chosen} >= {"radonpy-pi1070", "polymon-kaggle"}
    assert get_dataset("openpoly").grade == "eval"


@pytest.mark.parametrize("bad", [{"kind": "polymers"}, {"grade": "training"}])
def test_an_unknown_kind_or_grade_is_refused(bad):
    with pytest.raises(UnknownNameError):
        list_datasets(**bad)


def test_a_word_that_only_one_name_has_is_enough():
    assert get_dataset("pi1070").name == "radonpy-pi1070"
    with pytest.raises(UnknownNameError):
        get_dataset("chi")


def test_an_unknown_name_is_refused_with_the_nearest():
    with pytest.raises(UnknownNameError, match="openpoly"):
        get_dataset("open-poly")


@pytest.mark.parametrize("dataset", ALL, ids=lambda d: d.name)
def test_sizes_are_those_of_the_mirror(dataset, data_dir):
    for file in dataset.files:
        assert (data_dir / file.mirror).stat().st_size == file.size
