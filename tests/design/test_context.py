import numpy as np

from hanten.design.context import SINGLE, Context
from hanten.design.tokens import split
from hanten.design.vocabulary import CLOSE, OPEN, Vocabulary

VOCABULARY = Vocabulary.of(["*", "C", "O", "N", "F"], 2)
BITS, SPAN = 4, 6


def context(text, drop=0):
    """The last tokens after ``text`` less ``drop`` tokens, the most recent first."""
    rows = VOCABULARY.encode(split(text))
    out = Context(BITS, SPAN, 1)
    for token in rows[: len(rows) - drop]:
        out.write(np.array([token]))
    packed = int(out.packed[0])
    return [packed >> BITS * (SPAN - 1 - i) & (1 << BITS) - 1 for i in range(SPAN)]


def ids(*tokens):
    return [VOCABULARY.index.get(t, t) for t in tokens]


def test_the_last_tokens_come_first():
    assert context("*CON") == ids("N", "O", "C", "*", 0, 0)


def test_a_closed_branch_is_its_first_token_and_a_mark():
    assert context("*C(CCCCF)C*", drop=1) == ids("C", CLOSE, "C", OPEN, "C", "*")
    assert context("*C(CON)C*", drop=1) == context("*C(CCCCF)C*", drop=1)


def test_a_branch_of_one_token_is_told_apart():
    assert context("*C(C)C*", drop=1) == ids("C", CLOSE, "C", SINGLE, "C", "*")


def test_branches_in_branches_go_back_one_by_one():
    assert context("*C(N(F)O)C*", drop=3) == ids("O", CLOSE, "F", SINGLE, "N", OPEN)
    assert context("*C(N(F)O)C*", drop=1) == ids("C", CLOSE, "N", OPEN, "C", "*")


def test_rows_that_are_dropped_leave_the_others_alone():
    both = Context(BITS, SPAN, 2)
    rows = np.array([VOCABULARY.encode(split("*C(N)C*")), VOCABULARY.encode(split("*O(C)N*"))])
    for i, column in enumerate(rows.T):
        if i == 3:
            both.keep(np.array([False, True]))
        both.write(column[both.rows])
    alone = Context(BITS, SPAN, 1)
    for token in rows[1]:
        alone.write(np.array([token]))
    assert both.packed.tolist() == alone.packed.tolist()
