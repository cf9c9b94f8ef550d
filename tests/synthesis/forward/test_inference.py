"""The model as it is used, without torch; and held to the model as it is trained, where torch is."""

import json
from dataclasses import replace

import numpy as np
import pytest

from hanten.errors import BundleError, StructureError
from hanten.synthesis.forward import ForwardTransformer, load_forward, save_forward
from hanten.synthesis.forward import network as net
from hanten.synthesis.forward import relations as fast
from hanten.synthesis.forward.architecture import preset
from hanten.synthesis.forward.vocabulary import Vocabulary

TEXTS = ["CC(=O)O.CCO", "c1ccccc1Br.CN", "ClCc1ccncc1.OCC1CCNC1"]
VOCABULARY = Vocabulary.of([*TEXTS, "CC(=O)OCC", "[nH]#-=23"])


def weights(seed=0, size="tiny"):
    """Random weights of the right shapes, without torch."""
    config, rng = preset(size), np.random.default_rng(seed)
    d, f, h, n = config.width, config.hidden, config.heads, len(VOCABULARY)
    shapes = {"embed": (n, d), "write.bias": (n,), "point.query": (d, d), "point.key": (d, d)}
    shapes["relation"] = (fast._BUCKET.max().item() * 52 + 52, 1 + config.decoder_layers * h)
    for side, layers in (("encoder", config.encoder_layers), ("decoder", config.decoder_layers)):
        shapes |= {f"{side}.norm.weight": (d,), f"{side}.norm.bias": (d,)}
        for k in range(layers):
            name = f"{side}.{k}"
            shapes |= {f"{name}.qkv": (3 * d, d), f"{name}.out": (d, d), f"{name}.up": (f, d)}
            shapes |= {f"{name}.down": (d, f), f"{name}.up.bias": (f,)}
            shapes[f"{name}.position"] = (h, 2 * config.reach + 1)
            for j in range(1, 3 if side == "encoder" else 4):
                shapes |= {f"{name}.norm{j}.weight": (d,), f"{name}.norm{j}.bias": (d,)}
            if side == "decoder":
                shapes |= {
                    f"{name}.query": (d, d),
                    f"{name}.cross": (2 * d, d),
                    f"{name}.cross_out": (d, d),
                }
    return {
        name: (rng.normal(size=shape) * shape[-1] ** -0.5).astype(np.float32)
        for name, shape in shapes.items()
    }


@pytest.fixture(scope="module")
def model():
    return ForwardTransformer(weights(), preset("tiny"), VOCABULARY, longest=60)


@pytest.fixture(scope="module")
def bundled():
    return load_forward()


def test_probabilities_of_the_first_token_sum_to_one(model):
    source = net.padded([[1, *VOCABULARY.encode("CCO")[1:]]])
    encoded = model._encoded([("CCO",)])
    kinds = model._kinds[source], model._kinds[np.array([[1]])]
    write, point = net.decode(
        model.parameters, model.config, encoded, np.array([[1]]), fast.relations(*kinds)
    )
    each = net.log_probabilities(write[:, 0], point[:, 0], encoded.source)
    assert np.exp(each).sum() == pytest.approx(1, abs=1e-5)


def test_a_row_does_not_depend_on_its_batch(model):
    sets = [text.split(".") for text in TEXTS] * 2
    products = ["CCO", "CC(=O)OCC", "CN", "c1ccncc1", "CC(=O)O", "CCO"]
    together = model.log_prob(sets, products)
    alone = [model.log_prob([s], [p])[0] for s, p in zip(sets, products, strict=True)]
    assert together == pytest.approx(alone, abs=1e-4)


def test_the_writing_of_reactants_and_product_does_not_matter(bundled):
    one = bundled.log_prob([["CCO", "CC(=O)Cl"]], ["CCOC(C)=O"])
    for reactants, product in ((["ClC(C)=O", "OCC"], "O=C(C)OCC"), ("OCC.O=C(C)Cl", "C(C)OC(C)=O")):
        assert bundled.log_prob([reactants], [product]) == pytest.approx(one, abs=1e-5)


def test_search_and_scoring_agree(bundled):
    source = bundled.read("CCO.CC(=O)Cl")
    texts = bundled._search([source], 5)[0]
    assert bundled.log_prob_texts([(source, text) for text, _ in texts]) == pytest.approx(
        [value for _, value in texts], abs=1e-3
    )
    assert [value for _, value in texts] == sorted((value for _, value in texts), reverse=True)


def test_the_score_is_a_lower_bound_of_the_probability_of_the_molecule(bundled):
    sets = [["CCO", "CC(=O)Cl"], ["CN", "O=C(Cl)c1ccccc1"]]
    for reactants, answer in zip(sets, bundled.predict(sets, 5, beam=10), strict=True):
        product, probability = answer[0]
        assert bundled.log_prob([reactants], [product])[0] <= np.log(probability) + 0.01
        assert 0 < sum(value for _, value in answer) <= 1 + 1e-6


def test_the_trained_model_knows_easy_chemistry(bundled):
    answers = bundled.predict([["CN", "O=C(Cl)c1ccccc1"], ["CCO", "CC(=O)Cl"]], 3)
    assert "CNC(=O)c1ccccc1" in [product for product, _ in answers[0]]
    assert "CCOC(C)=O" in [product for product, _ in answers[1]]
    right, wrong = bundled.log_prob([["CN", "O=C(Cl)c1ccccc1"]] * 2, ["CNC(=O)c1ccccc1", "CCCCCCCC"])
    assert right > wrong + 10


def test_encoder_states_are_remembered(model):
    model._states.clear()
    model.log_prob([["CCO"]] * 3, ["CCO", "CN", "CC"])
    assert len(model._states) == 1


@pytest.mark.parametrize(
    ("reactants", "says"),
    [
        ("C[Si](C)C", "never saw the token '\\[Si"),
        ("CC!", "no part of a SMILES"),
        ("CC(", "cannot be read"),
        ("", "no molecule"),
        ("*CC*", "attachment points"),
        ("C" * 61, "61 tokens"),
        ([], "no reactants"),
        (["CC", None], "no molecule"),
    ],
)
def test_what_cannot_be_read_is_named(model, reactants, says):
    with pytest.raises(StructureError, match=says):
        model.read(reactants)
    assert model.why_not(reactants)
    with pytest.raises(StructureError, match="row 1"):
        model.log_prob([reactants], ["CC"])
    assert model.log_prob([reactants, "CC"], ["CC", "CC"], errors="impossible")[0] == -np.inf


def test_the_unknown_token_has_its_place(model):
    with pytest.raises(StructureError, match=r"'F' \(character 5\)"):
        model.read("CCOCF")


def test_lengths_must_fit(model):
    with pytest.raises(StructureError, match="2 reactant sets, 1 products"):
        model.log_prob(["CC", "CN"], ["CC"])
    assert model.log_prob([], []).shape == (0,)
    assert model.predict([]) == []


def test_bundle_there_and_back(tmp_path, model, monkeypatch):
    facts = {"model": vars(model.config), "vocabulary": list(VOCABULARY.tokens), "longest": 60, "card": {}}
    from rdkit import rdBase

    path = tmp_path / "m.safetensors"
    save_forward(path, model.parameters, facts | {"rdkit": rdBase.rdkitVersion})
    again = load_forward(path)
    values = [m.log_prob([t.split(".") for t in TEXTS], ["CCO"] * 3) for m in (model, again)]
    assert values[0] == pytest.approx(values[1], abs=0.05)
    save_forward(tmp_path / "old.safetensors", model.parameters, facts | {"rdkit": "2019.03.1"})
    with pytest.raises(BundleError, match=r"RDKit 2019.03.1, here is .*pip install rdkit==2019.03.1"):
        load_forward(tmp_path / "old.safetensors")


def test_other_files_are_refused(tmp_path):
    from safetensors.numpy import save_file

    (tmp_path / "text").write_text(json.dumps({}))
    save_file({"a": np.zeros(2)}, tmp_path / "plain.safetensors")
    for name in ("missing", "text", "plain.safetensors"):
        with pytest.raises(BundleError, match="no forward reaction model"):
            load_forward(tmp_path / name)


def test_a_bundle_is_small():
    from hanten.synthesis.forward.bundled import BUNDLED

    assert BUNDLED.stat().st_size < 10e6


def test_rows_with_reasons(bundled):
    pytest.importorskip("pandas")
    from hanten.synthesis.forward.batch import as_frame, predict_rows

    answers = predict_rows(bundled, ["CC(", "CCO.CC(=O)Cl", "C[Pu]"], 2)
    assert [bool(a.products) for a in answers] == [False, True, False]
    assert [a.error is None for a in answers] == [False, True, False]
    frame = as_frame(answers)
    assert frame["rank"].dropna().tolist() == list(range(1, len(answers[1].products) + 1))


def test_equal_to_torch():
    torch = pytest.importorskip("torch")
    from hanten.synthesis.forward import architecture, decoding, matching

    p = weights(3, "small")
    tensors = {name: torch.from_numpy(array) for name, array in p.items()}
    trained = decoding.Translator(tensors, preset("small"), VOCABULARY)
    used = ForwardTransformer(p, preset("small"), VOCABULARY)
    rng = np.random.default_rng(0)
    source = rng.integers(3, len(VOCABULARY), (4, 30))
    target = source[:, rng.permutation(30)[:20]].copy()
    target[:, 5:12] = source[:, 8:15]
    kinds = np.array(VOCABULARY.kinds)
    slow = matching.relations(torch.from_numpy(kinds[source]), torch.from_numpy(kinds[target]))
    quick = fast.relations(kinds[source].astype(np.int16), kinds[target].astype(np.int16))
    assert (slow.numpy() == quick).all()
    source[2:, 20:] = 0
    with torch.inference_mode():
        encoded = architecture.encode(tensors, trained.config, torch.from_numpy(source))
        theirs = architecture.decode(tensors, trained.config, encoded, torch.from_numpy(target), slow)
    states = net.states(p, used.config, source)
    ours = net.decode(p, used.config, net.prepare(p, used.config, source, states), target, quick)
    assert np.allclose(ours[0], theirs[0].numpy(), atol=1e-4)
    assert np.allclose(ours[1][:2], theirs[1].numpy()[:2], atol=1e-4)
    pairs = [("CC(=O)O.CCO", "CC(=O)OCC"), ("ClCc1ccncc1.OCC1CCNC1", "CC(=O)O"), ("CN", "CCC")]
    wanted = [decoding.log_probability(trained, [s], [t])[0] for s, t in pairs]
    assert used.log_prob_texts([(tuple(s.split(".")), t) for s, t in pairs]) == pytest.approx(
        wanted, abs=1e-3
    )
    texts = decoding.search(trained, [s for s, _ in pairs], beam=3, longest=40)
    found = ForwardTransformer(p, preset("small"), VOCABULARY, longest=40)._search(
        [tuple(s.split(".")) for s, _ in pairs], 3
    )
    for one, other in zip(texts, found, strict=True):
        assert [text for text, _ in one] == [text for text, _ in other]


def test_several_texts_of_the_reactants_are_averaged(model):
    many = replace(model, texts=3)
    source = model.read(TEXTS[1])
    texts = many._rewritten(source)
    assert texts[0] == source
    assert len(set(texts)) == len(texts) == 3
    each = model.log_prob_texts([(text, model.write(text, "CNc1ccccc1")) for text in texts])
    found = many.log_prob([TEXTS[1], "C("], ["CNc1ccccc1", "C"], errors="impossible")
    assert found[0] == pytest.approx(np.log(np.exp(each).mean()), rel=1e-5)
    assert found[1] == -np.inf
    assert len(replace(model, texts=5)._rewritten(("C",))) == 1


def test_a_prediction_from_several_texts_is_the_mean_of_theirs(bundled):
    reactants = "CN.O=C(Cl)c1ccccc1"
    many = dict(replace(bundled, texts=4).predict([reactants], 3)[0])
    ((best, probability),) = bundled.predict([reactants], 1)[0]
    assert best == next(iter(many)) == "CNC(=O)c1ccccc1"
    assert many[best] != probability
    assert sum(many.values()) <= 1
