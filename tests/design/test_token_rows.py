import numpy as np

from hanten.design.token_rows import TokenRows
from hanten.design.tokens import join, split
from hanten.design.vocabulary import END, Vocabulary

TEXTS = ["*CC(*)c1ccccc1", "*C1CC2CCC1(*)C2", "*C=1CCCC(*)C=1", "*CC*", "*Oc1ccc(C(C)(C)c2ccc(*)cc2)cc1"]
VOCABULARY = Vocabulary.of(sorted({token for text in TEXTS for token in split(text)}), 2)


def test_there_and_back():
    rows, good = TokenRows.of_texts([*TEXTS, "*CN*", "junk"], VOCABULARY)
    assert good.tolist() == [True] * len(TEXTS) + [False, False]
    assert rows.texts(VOCABULARY) == [*[join(split(text)) for text in TEXTS], "", ""]
    assert rows.lists()[:5] == [VOCABULARY.encode(split(text)) for text in TEXTS]


def test_parts():
    rows, _ = TokenRows.of_texts(TEXTS, VOCABULARY)
    assert rows.take(np.array([3])).texts(VOCABULARY) == ["*CC*"]
    assert rows.cut(np.array([1, 2, 3, 0, 1])).lists()[3] == []
    assert (rows.ended().table[np.arange(5), rows.lengths] == END).all()
    again = TokenRows.of(rows.lists())
    assert (again.table == rows.table).all()


def test_nothing():
    rows, good = TokenRows.of_texts([], VOCABULARY)
    assert len(rows) == len(good) == 0
    assert rows.texts(VOCABULARY) == []
