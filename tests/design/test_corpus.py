import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanten.design.corpus import Corpus
from hanten.design.tokens import try_split

STRINGS = [
    "*CC(*)c1ccccc1", "C1=CC=C1", "C=1CCCCC=1", "C%12CC%12", "", "C(C", "C)C", "(C)", "C1CC", "CC?C", "C\nC", "1", "=&",
    "*[Si](C)(C)O*", "C1CC2CCC1C2", "Ξ", "[O-][N+](=O)c1ccccc1",
]  # fmt: skip


def rows(corpus):
    return [
        [corpus.words[i] for i in corpus.codes[a:b]]
        for a, b in zip(corpus.start[:-1], corpus.start[1:], strict=True)
    ]


@pytest.mark.parametrize("texts", [STRINGS, STRINGS[::-1], STRINGS[:1], STRINGS[4:5], []])
def test_many_strings_are_split_as_each_by_itself(texts):
    assert rows(Corpus.of(texts)) == [try_split(text) or [] for text in texts]


@given(st.lists(st.text(alphabet="*CNcn=()[]123%H\n", max_size=12), max_size=8))
def test_any_texts_are_split_as_each_by_itself(texts):
    assert rows(Corpus.of(texts)) == [try_split(text) or [] for text in texts]


def test_strings_with_counts_strings_not_occurrences():
    assert Corpus.of(["CCO", "O", "?"]).strings_with() == {"O": 2, "C": 1}


def test_parts():
    corpus = Corpus.of(STRINGS)
    assert rows(corpus.part(3, 8)) == rows(corpus)[3:8]
    assert rows(corpus.part(10, 99)) == rows(corpus)[10:]


def test_real_repeat_units(data_dir):
    texts = np.loadtxt(
        data_dir / "polymers/radonpy_pi1070/PI1070.csv",
        delimiter=",",
        skiprows=1,
        usecols=0,
        dtype=str,
        max_rows=10,
    ).tolist()
    assert rows(Corpus.of(texts)) == [try_split(text) or [] for text in texts]
