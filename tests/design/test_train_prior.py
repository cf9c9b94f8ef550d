import pytest

from hanten.design.train_prior import PolymerTexts, canonicals, flat, main, molecule_texts, polymer_texts
from hanten.errors import DataError, UnknownNameError


def test_stereo_is_taken_off():
    assert flat("C/C=C\\C[C@H](F)Cl") == "CC=CCC(F)Cl"
    assert flat("*C[C@@](C)(*)O") == "*CC(C)(*)O"


def test_one_string_per_polymer():
    assert canonicals(["*CCO*", "*OCC*", "*CC", "junk", "*COC*"]) == canonicals(["*CCO*"])


def test_what_is_learned_and_what_is_known():
    texts = PolymerTexts(["*CO*"], ["*CCO*"], ["*CC(C)CC*", "*CC(F)CC*"])
    assert len(texts.known()) == 4
    assert texts.to_learn(1) == ["*CO*", "*CCO*", "*CC(C)CC*"]


def test_errors_teach(tmp_path, data_dir):
    with pytest.raises(DataError, match="no data folder"):
        main(["--data", str(tmp_path)])
    with pytest.raises(UnknownNameError, match="molecules"):
        main(["molecule", "--data", str(data_dir)])


def test_molecules_are_small_distinct_and_without_attachment_points(data_dir):
    texts = molecule_texts(data_dir, 300)
    assert len(texts) == len(set(texts)) > 100
    assert not any("." in text or "*" in text or "@" in text for text in texts)


@pytest.mark.slow
def test_parts_of_the_polymer_set_do_not_overlap(data_dir):
    texts = polymer_texts(data_dir / "polymers")
    known = texts.known()
    assert len(set(known)) == len(known) > 150_000
