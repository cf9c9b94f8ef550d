"""Pairs: made once, held out by product, dealt out without padding."""

from __future__ import annotations

import gzip
import re

import numpy as np
import pytest

from hanten.errors import DataError, StructureError
from hanten.synthesis.forward.pairs import (
    PairSettings,
    batches,
    is_held_out,
    load_pairs,
    padded,
    read_reactions,
)
from hanten.synthesis.forward.vocabulary import BEGIN, END, Vocabulary

ROWS = [
    (
        f"[CH3:1]{'C' * n}[C:2](=[O:3])[OH:9].[NH2:4][CH2:5][CH3:6]",
        f"[CH3:1]{'C' * n}[C:2](=[O:3])[NH:4][CH2:5][CH3:6]",
    )
    for n in range(60)
]


def plain(smiles):
    return re.sub(r"\[(\w+?)H?\d?:\d\]", r"\1", smiles)


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "reactions.tsv.gz"
    with gzip.open(path, "wt") as handle:
        handle.write("reactants\tproduct\tmapped_reactants\tmapped_product\n")
        handle.writelines(f"{plain(a)}\t{plain(b)}\t{a}\t{b}\n" for a, b in ROWS)
    return path


def make(table, tmp_path, **settings):
    return load_pairs(table, tmp_path / "pairs.npz", PairSettings(held_out=0.2, **settings))


def test_every_reaction_is_trained_on_or_held_out(table, tmp_path):
    pairs = make(table, tmp_path)
    assert len(pairs) + len(pairs.held_out) == len(ROWS)
    assert pairs.held_out
    trained = {pairs.vocabulary.decode(t.tolist()) for t in pairs.targets}
    assert not trained & {target for _, target in pairs.held_out}
    assert all(row[0] == BEGIN and row[-1] == END for row in (*pairs.sources, *pairs.targets))


def test_the_second_time_is_read_from_the_cache_and_equal(table, tmp_path):
    first = make(table, tmp_path)
    stamp = (tmp_path / "pairs.npz").stat().st_mtime_ns
    second = make(table, tmp_path)
    assert (tmp_path / "pairs.npz").stat().st_mtime_ns == stamp
    assert first.vocabulary == second.vocabulary
    assert first.held_out == second.held_out
    assert all(np.array_equal(a, b) for a, b in zip(first.sources, second.sources, strict=True))


def test_other_settings_make_other_pairs(table, tmp_path):
    forward = make(table, tmp_path)
    backward = make(table, tmp_path, direction="backward")
    assert backward.vocabulary.decode(backward.targets[0].tolist()).count(".") == 1
    assert len(make(table, tmp_path, variants=3)) == 3 * len(forward)
    assert len(make(table, tmp_path, limit=10)) <= 10


def test_reagents_are_mixed_in_beside_the_plain_reaction(tmp_path):
    path = tmp_path / "reactions.tsv"
    rows = [f"{plain(a)}\t{plain(b)}\t{'ClCCl.[Na+]' if k % 2 else ''}\n" for k, (a, b) in enumerate(ROWS)]
    path.write_text("reactants\tproduct\treagents\n" + "".join(rows))
    without, mixed = make(path, tmp_path), make(path, tmp_path, reagents=True)
    assert mixed.held_out == without.held_out
    texts = [mixed.vocabulary.decode(row.tolist()) for row in mixed.sources]
    told = [text for text in texts if "[Na+]" in text]
    assert len(told) == len(mixed) - len(without) > 10
    assert all("ClCCl" in text.split(".") and text.count(".") == 3 for text in told)
    with pytest.raises(DataError, match="no part of a backward model"):
        PairSettings(direction="backward", reagents=True)


def test_the_held_out_products_are_the_same_in_both_directions(table, tmp_path):
    forward = {target for _, target in make(table, tmp_path).held_out}
    backward = {source for source, _ in make(table, tmp_path, direction="backward").held_out}
    assert {is_held_out(p, 0.2) for p in forward | backward} == {True}
    assert len(forward) == len(backward)


def test_a_table_without_maps_gives_the_same_pairs(table, tmp_path):
    path = tmp_path / "plain.tsv"
    path.write_text("reactants\tproduct\n" + "".join(f"{plain(a)}\t{plain(b)}\n" for a, b in ROWS))
    mapped, bare = make(table, tmp_path), make(path, tmp_path)
    assert [t.tolist() for t in mapped.targets] == [t.tolist() for t in bare.targets]
    assert mapped.digest != bare.digest
    with pytest.raises(DataError, match="no column mapped_reactants and mapped_product"):
        make(path, tmp_path, alignment="maps")
    assert next(iter(read_reactions(path))) == (plain(ROWS[0][0]).split("."), plain(ROWS[0][1]))


def test_a_reaction_that_stands_twice_is_taken_once(table, tmp_path):
    other = tmp_path / "other.tsv"
    other.write_text(
        f"reactants\tproduct\n{plain(ROWS[0][0])}\t{plain(ROWS[0][1])}\nCCO.CCCC(=O)O\tCCCC(=O)OCC\nCCO.ClCCl\tCC=O\n"
    )
    both = make([table, other], tmp_path)
    assert len(both) + len(both.held_out) == len(ROWS) + 1  # dichloromethane gives nothing


def test_a_table_without_reactions_is_refused(tmp_path):
    path = tmp_path / "none.tsv"
    path.write_text("a\tb\nC\tCC\n")
    with pytest.raises(DataError, match="no column reactants and product"):
        make(path, tmp_path)


def test_a_table_with_nothing_usable_is_refused(tmp_path):
    path = tmp_path / "bad.tsv"
    path.write_text("mapped_reactants\tmapped_product\nC(\tCC\n")
    with pytest.raises(DataError, match="no usable reaction"):
        make(path, tmp_path)
    path.write_text("mapped_reactants\tmapped_product\n" + "CO\tCN\n" * 9)
    with pytest.raises(DataError, match="9 reactions are too few"):
        make(path, tmp_path, limit=9)
    with pytest.raises(DataError, match="direction"):
        PairSettings(direction="sideways")
    with pytest.raises(DataError, match="alignment 'eyes' is none of matching, maps"):
        PairSettings(alignment="eyes")


def test_batches_hold_every_pair_once_within_the_budget(table, tmp_path):
    pairs = make(table, tmp_path)
    dealt = batches(pairs, 400, epoch=3, seed=5)
    assert sorted(np.concatenate(dealt)) == list(range(len(pairs)))
    for rows in dealt:
        width = max(len(pairs.sources[k]) for k in rows) + max(len(pairs.targets[k]) for k in rows)
        assert len(rows) == 1 or width * len(rows) <= 400
    again = batches(pairs, 400, epoch=3, seed=5)
    assert all(np.array_equal(a, b) for a, b in zip(dealt, again, strict=True))
    other = batches(pairs, 400, epoch=4, seed=5)
    assert [rows.tolist() for rows in dealt] != [rows.tolist() for rows in other]


def test_padding():
    assert padded([[1, 2], [3]]).tolist() == [[1, 2], [3, 0]]


def test_the_vocabulary_refuses_what_it_never_saw():
    vocabulary = Vocabulary.of(["CCO", "CN"], least=2)
    assert vocabulary.tokens == ("<pad>", "<begin>", "<end>", "C")
    with pytest.raises(StructureError, match="never saw: N O"):
        vocabulary.encode("CON")
    with pytest.raises(ValueError, match="first tokens"):
        Vocabulary(("C",))


def test_kinds_join_ring_closures_and_the_forms_of_an_element():
    tokens = (
        "<pad>",
        "<begin>",
        "<end>",
        "1",
        "%12",
        "N",
        "[NH3+]",
        "n",
        "[nH]",
        "Cl",
        "[Cl-]",
        "[se]",
        "/",
        "\\",
    )
    assert Vocabulary(tokens).kinds == [0, 1, 2, 3, 3, 5, 5, 7, 7, 9, 9, 11, 12, 12]
