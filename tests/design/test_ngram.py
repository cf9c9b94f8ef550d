import json

import numpy as np
import pytest
from rdkit import Chem, rdBase

from hanten.design.ngram import NGramPrior
from hanten.design.prior_file import load_prior, read_prior, save_prior
from hanten.design.proposals import CutAndRegrow
from hanten.design.token_rows import TokenRows
from hanten.errors import BundleError, DataError, UnknownNameError

TEXTS = ["*CC*", "*CO*", "*CC(*)C", "*OCC*", "*CC(*)O", "*COC*"] * 3


@pytest.fixture(scope="module")
def toy():
    return NGramPrior.fit(TEXTS, order=3, max_length=20)


def test_probabilities_of_all_strings_sum_to_one_and_match_log_prob(toy, enumerate_all):
    space = enumerate_all(toy)
    assert len(space) > 100
    assert sum(space.values()) == pytest.approx(1, abs=1e-12)
    texts = list(space)
    np.testing.assert_allclose(toy.log_prob(texts), np.log([space[t] for t in texts]), rtol=1e-10)


def test_samples_follow_log_prob(toy, enumerate_all):
    space = enumerate_all(toy)
    drawn = toy.sample(20_000, np.random.default_rng(0))
    for text in sorted(space, key=space.get)[-8:]:
        expected, seen = space[text] * len(drawn), drawn.count(text)
        assert abs(seen - expected) < 4.5 * np.sqrt(expected)
    assert set(drawn) <= set(space)


def test_completing_nothing_is_sampling_and_completing_everything_asks_whether_it_goes_on(toy):
    rows, _ = toy.encode(["*CC*"])
    grown = toy.complete(TokenRows.of([[], rows.lists()[0]]), np.random.default_rng(0))
    texts = toy.texts(grown)
    assert texts[1] == "*CC*"  # two attachment points and no free valence: nothing can follow
    assert texts[0].count("*") == 2


def test_completions_follow_the_model(toy, enumerate_all):
    """Prefixes of different lengths in one batch, each completed by draws from what may follow it."""
    space = enumerate_all(toy)
    prefixes, n = ["*C", "*CC(", "*"], 6000
    ids = [[toy.vocabulary.index[token] for token in prefix] for prefix in prefixes]
    grown = toy.texts(toy.complete(TokenRows.of(ids * n), np.random.default_rng(2)))
    for i, prefix in enumerate(prefixes):
        follow = {text: p for text, p in space.items() if text.startswith(prefix)}
        drawn = grown[i :: len(prefixes)]
        for text in sorted(follow, key=follow.get)[-5:]:
            expected = n * follow[text] / sum(follow.values())
            assert abs(drawn.count(text) - expected) < 4.5 * np.sqrt(expected)


def test_same_seed_same_strings_whatever_was_asked_before(toy):
    again = NGramPrior(toy.syntax, toy.levels)
    again.log_prob(["*CC*"] * 50)
    assert toy.sample(100, np.random.default_rng(3)) == again.sample(100, np.random.default_rng(3))


def test_log_prob_of_what_cannot_be_written_is_minus_infinity(toy):
    values = toy.log_prob(["*CC", "not smiles", "*CN*", "", "*CC*"])
    assert np.isneginf(values[:4]).all()
    assert np.isfinite(values[4])


def test_unseen_contexts_never_crash(toy):
    assert np.isfinite(toy.log_prob(["*OOO(*)".replace("(*)", "*")])[0])
    assert toy.log_prob([]).shape == (0,)


def test_log_prob_after_a_position(toy):
    rows, _ = toy.encode(["*CC(*)C"])
    whole = toy.log_prob(["*CC(*)C"])[0]
    first = toy.next_probabilities(TokenRows.of([[]]))[0, rows.table[0, 0]]
    rest = toy.log_prob_after(rows, np.array([0]))[0]
    assert rest == pytest.approx(whole - np.log(first), abs=1e-12)


def test_strings_that_are_too_long_cannot_be_written(toy):
    assert np.isneginf(toy.log_prob(["*" + 30 * "C" + "*"])).all()


def test_nothing_to_learn_from_is_an_error():
    with pytest.raises(DataError, match="attachment points"):
        NGramPrior.fit(["CCO"])


def test_of_too_many_tokens_the_most_frequent_are_learned():
    texts = ["CCO"] * 3 + [f"[{i}C]C" for i in range(1, 400)]
    prior = NGramPrior.fit(texts, order=2, n_attachment=0)
    assert len(prior.vocabulary) <= 255
    assert np.isfinite(prior.log_prob(["CCO"])).all()
    assert all(text.count("C") for text in prior.sample(50, np.random.default_rng(0)))


def test_molecules():
    prior = NGramPrior.fit(["CCO", "c1ccccc1", "CC(=O)O"] * 5, order=4, n_attachment=0)
    assert all("*" not in text for text in prior.sample(200, np.random.default_rng(0)))
    assert np.isfinite(prior.log_prob(["CCO"])[0])


def test_a_file_gives_back_the_same_model(toy, tmp_path):
    save_prior(toy, tmp_path / "toy.prior.npz")
    again = read_prior(tmp_path / "toy.prior.npz")
    np.testing.assert_allclose(again.log_prob(TEXTS[:6]), toy.log_prob(TEXTS[:6]), atol=1e-6)
    save_prior(again, tmp_path / "again.prior.npz")
    third = read_prior(tmp_path / "again.prior.npz")
    assert (third.log_prob(TEXTS[:6]) == again.log_prob(TEXTS[:6])).all()


def test_damaged_files_are_refused(toy, tmp_path):
    path = tmp_path / "toy.prior.npz"
    save_prior(toy, path)
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    with pytest.raises(BundleError, match="not a readable prior"):
        read_prior(path)
    with pytest.raises(BundleError, match="no such prior"):
        read_prior(tmp_path / "missing.prior.npz")
    save_prior(toy, path)
    with np.load(path) as file:
        arrays = dict(file)
    arrays["value_1"] = arrays["value_1"] * np.float32(0.5)
    np.savez(path, **arrays)
    with pytest.raises(BundleError, match="digest"):
        read_prior(path)


@pytest.mark.parametrize(("change", "message"), [(1, "newer"), (-1, "older")])
def test_files_of_another_format_are_refused(toy, tmp_path, change, message):
    path = tmp_path / "toy.prior.npz"
    save_prior(toy, path)
    with np.load(path) as file:
        arrays = dict(file)
    header = json.loads(arrays["header"].tobytes())
    header["format_version"] += change
    arrays["header"] = np.frombuffer(json.dumps(header).encode(), dtype=np.uint8)
    np.savez(path, **arrays)
    with pytest.raises(BundleError, match=message):
        read_prior(path)


def test_unknown_prior_names_the_known_ones():
    with pytest.raises(UnknownNameError, match="polymer"):
        load_prior("polymr")


def test_bundled_prior_writes_polymers():
    prior = load_prior("polymer")
    texts = prior.sample(200, np.random.default_rng(0))
    assert all(text.count("*") == 2 for text in texts)
    assert np.isfinite(prior.log_prob(texts)).all()
    assert np.isfinite(prior.log_prob(["*CC(*)c1ccccc1", "*CC(*)(C)C(=O)OC", "*C*"])).all()


def test_bundled_prior_writes_molecules():
    prior = load_prior("molecules")
    texts = prior.sample(300, np.random.default_rng(0))
    with rdBase.BlockLogs():
        mols = [Chem.MolFromSmiles(text) for text in texts]
    assert not any("*" in text for text in texts)
    assert np.mean([mol is not None for mol in mols]) > 0.85
    assert np.isfinite(prior.log_prob(["CCO", "CC(=O)Nc1ccccc1", "Cc1ccncc1"])).all()
    assert np.isneginf(prior.log_prob(["*CC*"])).all()


def test_molecules_take_the_same_moves():
    prior = load_prior("molecules")
    xs = prior.sample(200, np.random.default_rng(1))
    ys, correction = CutAndRegrow(prior, reach=12, share=0.4).propose(xs, np.random.default_rng(2))
    written = [y for y in ys if y is not None]
    assert len(written) > 150
    assert np.isfinite(prior.log_prob(written)).all()
    assert np.isfinite(correction[[y is not None for y in ys]]).all()
