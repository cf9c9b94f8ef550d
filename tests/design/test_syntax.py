import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rdkit import Chem

from hanten.design.syntax import Syntax
from hanten.design.tokens import join, split
from hanten.design.vocabulary import END, Vocabulary

POLYMER = Vocabulary.of(
    ["*", "C", "=O", "O", "c", "n", "[nH]", "-c", "=C", "F", "&", "=&", "0", "1", "#N"], 2
)


def is_legal(text, syntax):
    state = syntax.start(1)
    for token in [*syntax.vocabulary.encode(split(text)), END]:
        if not syntax.legal(state)[0, token]:
            return False
        syntax.advance(state, np.array([token]))
    return True


@pytest.mark.parametrize(
    "text",
    [
        "*CC*", "*CC(*)c1ccccc1", "*C(*)=O", "*Oc1ccc(*)cc1", "*c1c[nH]c(*)c1", "*CC(*)C#N", "*C=C*", "*C1CCC(*)C1",
        "*c1ccc2c(c1)C(=O)C2*", "*Cn1ccnc1*", "*CC(*)c1ccc(-c2ccccc2)cc1", "*c1cc(=O)cc(*)o1".replace("o1", "n1C"),
    ],
)  # fmt: skip
def test_ordinary_polymers_are_legal(text):
    assert is_legal(text, Syntax(POLYMER, 100))


@pytest.mark.parametrize(
    "text",
    ["*CC", "*C(*)C*", "**", "*CF*", "*C(=O)(=O)*", "*FC*", "*C1C1*", "*C1CC*1", "*O(C)*", "*C(F)(F)(F)*"],
)
def test_what_cannot_be_a_polymer_is_not(text):
    assert not is_legal(text, Syntax(POLYMER, 100))


def random_walk(syntax, n, seed):
    rng = np.random.default_rng(seed)
    state, rows, written = syntax.start(n), np.arange(n), [[] for _ in range(n)]
    for _ in range(syntax.max_length):
        legal = syntax.legal(state)
        assert legal.any(axis=1).all()
        tokens = np.argmax(rng.random(legal.shape) * legal, axis=1)
        going = tokens != END
        rows, tokens, state = rows[going], tokens[going], state.take(going)
        for row, token in zip(rows, tokens, strict=True):
            written[row].append(int(token))
        syntax.advance(state, tokens)
        if not rows.size:
            return [join([syntax.vocabulary.tokens[i] for i in row]) for row in written]
    raise AssertionError("a string did not end")


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32), st.sampled_from([20, 80]))
def test_what_is_surely_legal_is_what_is_legal_where_no_exception_is_made(seed, max_length):
    syntax, rng, n = Syntax(POLYMER, max_length), np.random.default_rng(seed), 30
    state = syntax.start(n)
    for _ in range(max_length):
        legal = syntax.legal(state)
        sure = np.column_stack([syntax.surely_legal(state, np.full(n, t)) for t in range(legal.shape[1])])
        some = sure.any(axis=1)
        assert (sure[some] == legal[some]).all()
        assert (syntax.is_legal(state, np.argmax(legal, axis=1))).all()
        tokens = np.argmax(rng.random(legal.shape) * legal, axis=1)
        going = tokens != END
        state, tokens, n = state.take(going), tokens[going], int(going.sum())
        if not n:
            return
        syntax.advance(state, tokens)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32), st.sampled_from([20, 40, 80]))
def test_uniform_walks_always_end_closed_with_two_attachment_points(seed, max_length):
    for text in random_walk(Syntax(POLYMER, max_length), 40, seed):
        tokens = split(text)
        assert len(tokens) < max_length
        assert text.count("*") == 2
        assert tokens.count("(") == tokens.count(")")


def test_uniform_walks_without_aromatic_tokens_have_legal_valences():
    vocabulary = Vocabulary.of(
        ["*", "C", "=O", "O", "=C", "F", "N", "#N", "&", "0", "1", "S", "[Si]", "[O-]", "[N+]"], 2
    )
    texts = random_walk(Syntax(vocabulary, 60), 400, 1)
    parsed = [Chem.MolFromSmiles(text, sanitize=False) for text in texts]
    read = [
        mol for mol in parsed if mol is not None
    ]  # a bond closed twice is the one thing RDKit finds besides
    assert len(read) > 0.9 * len(texts)
    problems = [p.GetType() for mol in read for p in Chem.DetectChemistryProblems(mol)]
    assert len(problems) < 0.03 * len(texts)


def test_molecules_need_no_attachment_point():
    syntax = Syntax(Vocabulary.of(["C", "O", "c", "&", "0"], 0), 50)
    assert is_legal("CCO", syntax)
    assert is_legal("c1ccccc1", syntax)


def test_rows_do_not_influence_each_other():
    syntax = Syntax(POLYMER, 60)
    rows = [
        syntax.vocabulary.encode(split(t)) for t in ["*CC(*)c1ccccc1", "*C1CCC(*)C1=O", "*CCC(C)CCC(C)CCC*"]
    ]
    together, alone = syntax.start(3), [syntax.start(1) for _ in rows]
    for tokens in itertools.islice(zip(*rows, strict=False), 12):
        syntax.advance(together, np.array(tokens))
        for state, token in zip(alone, tokens, strict=True):
            syntax.advance(state, np.array([token]))
    for i, state in enumerate(alone):
        assert (syntax.legal(together)[i] == syntax.legal(state)[0]).all()
        assert syntax.feature(together)[i] == syntax.feature(state)[0]
