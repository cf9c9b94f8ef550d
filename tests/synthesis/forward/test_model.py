"""The forward reaction model: its likelihood adds up, decoding agrees with it, training resumes to the bit."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest
from click.testing import CliRunner

torch = pytest.importorskip("torch", reason="training needs torch (the train extra)")

from hanten.errors import BundleError, ConfigError, StructureError  # noqa: E402
from hanten.synthesis.forward import architecture as net  # noqa: E402
from hanten.synthesis.forward import checkpoint, matching  # noqa: E402
from hanten.synthesis.forward.checkpoint import load_translator  # noqa: E402
from hanten.synthesis.forward.decoding import Translator, log_probability, predict, search  # noqa: E402
from hanten.synthesis.forward.evaluate import main as evaluate  # noqa: E402
from hanten.synthesis.forward.evaluation import exact_match, ranks, teacher_forced  # noqa: E402
from hanten.synthesis.forward.growing import doubled  # noqa: E402
from hanten.synthesis.forward.merge import main as merge  # noqa: E402
from hanten.synthesis.forward.pairs import Pairs, PairSettings  # noqa: E402
from hanten.synthesis.forward.train import main  # noqa: E402
from hanten.synthesis.forward.training import Trainer, TrainSettings  # noqa: E402
from hanten.synthesis.forward.vocabulary import Vocabulary  # noqa: E402

CONFIG = replace(net.preset("tiny"), dropout=0.1)
SETTINGS = TrainSettings(budget=300, warmup=20, peak=5e-3, validation=20)


def make_pairs():
    """Acids and amines to amides, in texts that follow each other."""
    texts = [
        (f"{'C' * a}{mid}C(=O)O.{'C' * b}N", f"{'C' * a}{mid}C(=O)N{'C' * b}")
        for a, mid, b in itertools.product(range(1, 8), ("", "O", "S", "C(Cl)"), range(1, 6))
    ]
    vocabulary = Vocabulary.of(t for pair in texts for t in pair)
    sides = [[np.array(vocabulary.encode(p[side]), dtype=np.uint16) for p in texts[10:]] for side in (0, 1)]
    return Pairs(vocabulary, *sides, texts[:10], PairSettings(), "digest")


@pytest.fixture(scope="module")
def pairs():
    torch.set_num_threads(1)
    return make_pairs()


@pytest.fixture(scope="module")
def model(pairs):
    weights = net.initialise(CONFIG, len(pairs.vocabulary), torch.Generator().manual_seed(1))
    return Translator(weights, CONFIG, pairs.vocabulary)


def step(trainer, n):
    return list(itertools.islice(trainer.steps(), n))


def test_match_follows_a_copy_and_marks_where_it_goes_on():
    source = torch.tensor([[1, 5, 6, 7, 8, 2]])
    match = matching.begin(source)
    for token in (1, 5, 6):
        match = matching.advance(match, source, torch.tensor([token]))
    assert match.run[0].tolist() == [0, 0, 0, 3, 0, 0]
    assert match.score[0].argmax() == 3
    assert match.covered[0].tolist() == [True, True, True, False, False, False]
    assert (match.relation() % matching.COVERS)[0, 3] == matching.FRONTIER
    for token in (9, 9, 9, 9, 9, 9):  # a long insertion: score forgets, cover does not
        match = matching.advance(match, source, torch.tensor([token]))
    assert match.score[0, 3] == 0
    assert (match.relation() % matching.COVERS)[0, 3] == matching.FRONTIER


def test_relations_do_not_look_ahead():
    rng = np.random.default_rng(0)
    source = torch.from_numpy(rng.integers(3, 6, (4, 12)))
    target = torch.from_numpy(rng.integers(3, 6, (4, 9)))
    whole = matching.relations(source, target)
    assert torch.equal(matching.relations(source, target[:, :5]), whole[:, :5])
    assert 0 <= int(whole.min()) <= int(whole.max()) < matching.RELATIONS


def test_probabilities_of_the_next_token_add_up_to_one(model):
    source, target = model.tensor(["CCO.CN", "CS"]), model.tensor(["CC", "CS"])
    relation = matching.relations(model.kinds[source], model.kinds[target])
    encoded = net.encode(model.parameters, CONFIG, source)
    logits = net.decode(model.parameters, CONFIG, encoded, target, relation)
    each = net.log_probabilities(*logits, source)
    torch.testing.assert_close(each.exp().sum(-1), torch.ones(target.shape))
    wanted = target.clamp(min=1)
    chosen = net.target_log_probabilities(*logits, source, wanted)
    torch.testing.assert_close(chosen, each.gather(-1, wanted[..., None])[..., 0], rtol=1e-4, atol=1e-4)


def test_padding_changes_nothing(model):
    alone = log_probability(model, ["CCO.CN"], ["CCOCN"])
    beside = log_probability(model, ["CCO.CN", "CCCCCCCC(=O)O.CCCCN"], ["CCOCN", "CCCCCCCC(=O)NCCCC"])
    assert beside[0] == pytest.approx(alone[0], abs=1e-4)


@pytest.mark.parametrize("beam", [1, 4])
def test_search_reports_the_teacher_forced_log_probability(model, beam):
    for source, texts in zip(
        ["CCO.CN", "CS.O"], search(model, ["CCO.CN", "CS.O"], beam, longest=30), strict=True
    ):
        for text, value in texts:
            assert log_probability(model, [source], [text])[0] == pytest.approx(value, abs=1e-3)
        values = [value for _, value in texts]
        assert values == sorted(values, reverse=True)


def test_unknown_tokens_and_presets_are_refused(model):
    with pytest.raises(StructureError, match="never saw: Br"):
        predict(model, [["CBr"]])
    with pytest.raises(ConfigError, match="did you mean small"):
        net.preset("smal")


def test_training_learns_to_join_acids_and_amines(pairs, tmp_path):
    trainer = Trainer(pairs, replace(CONFIG, dropout=0.0), SETTINGS)
    first = teacher_forced(Translator(trainer.average, trainer.config, pairs.vocabulary), pairs.held_out)
    losses = step(trainer, 120)
    last = trainer.validate()
    assert last["loss"] < 0.5 * first["loss"]
    assert losses[-1] < losses[0]
    trainer.save(tmp_path / "m.safetensors")
    model = load_translator(tmp_path / "m.safetensors")
    assert exact_match(model, pairs.held_out) == last["exact"] >= 5
    reactions = [(source.split("."), target) for source, target in pairs.held_out]
    found = ranks(model, [*reactions, (["CBr"], "CBr"), (["C!"], "C")], beam=3)
    assert found[-2:] == [None, None]  # tokens the model never saw, and what is no SMILES
    assert found.count(1) >= 5
    answers = predict(model, [["CCC(=O)O", "CCN"], ["CN", "CCCC(=O)O"]], n_best=2, beam=3)
    for answer in answers:
        assert 0 < sum(p for _, p in answer) <= 1 + 1e-4
        assert [p for _, p in answer] == sorted((p for _, p in answer), reverse=True)


def test_evaluation_from_the_command_line(pairs, tmp_path):
    Trainer(pairs, CONFIG, SETTINGS).save(tmp_path / "m.safetensors")
    data = tmp_path / "r.tsv"
    data.write_text("reactants\tproduct\n" + "CCC(=O)O.CN\tCCC(=O)NC\n" * 4)
    result = CliRunner().invoke(
        evaluate, ["--checkpoint", str(tmp_path / "m.safetensors"), "--data", str(data), "--device", "cpu"]
    )
    assert result.exit_code == 0, result.output
    assert "top 1: " in result.output
    assert " of 4 = " in result.output


def test_a_resumed_run_is_the_uninterrupted_run_to_the_bit(pairs, tmp_path):
    whole = Trainer(pairs, CONFIG, SETTINGS)
    expected = step(whole, 25)
    begun = Trainer(pairs, CONFIG, SETTINGS)
    losses = step(begun, 11)
    begun.save(tmp_path / "run.safetensors")
    torch.manual_seed(99)
    resumed = Trainer.resume(tmp_path / "run.safetensors", pairs)
    losses += step(resumed, 14)
    assert losses == expected
    assert (resumed.progress.step, resumed.progress.epoch, resumed.progress.batch) == (
        whole.progress.step,
        whole.progress.epoch,
        whole.progress.batch,
    )
    for name, weight in whole.weights.items():
        assert torch.equal(weight, resumed.weights[name]), name
        assert torch.equal(whole.average[name], resumed.average[name]), name


def test_a_smaller_checkpoint_still_goes_on(pairs, tmp_path):
    trainer = Trainer(pairs, CONFIG, SETTINGS)
    step(trainer, 5)
    trainer.save(tmp_path / "run.safetensors")
    checkpoint.shrink(tmp_path / "run.safetensors", tmp_path / "small.safetensors")
    assert (tmp_path / "small.safetensors").stat().st_size < (tmp_path / "run.safetensors").stat().st_size
    resumed = Trainer.resume(tmp_path / "small.safetensors", pairs)
    assert all(
        torch.allclose(w, resumed.weights[name], rtol=1e-3, atol=1e-4) for name, w in trainer.weights.items()
    )
    losses = []
    for run in (resumed, trainer):
        torch.manual_seed(3)  # the same dropout
        losses.append(step(run, 3))
    assert np.allclose(*losses, rtol=0.02)


def test_runs_that_went_on_side_by_side_become_one(pairs, tmp_path):
    origin, left, right, one = (str(tmp_path / f"{name}.safetensors") for name in ("origin", "a", "b", "one"))
    trainer = Trainer(pairs, CONFIG, SETTINGS)
    step(trainer, 5)
    trainer.save(origin)
    sides = [Trainer.resume(origin, pairs), Trainer.resume(origin, pairs, seed=7)]
    assert sides[1].settings.seed == 7
    for side, path in zip(sides, (left, right), strict=True):
        step(side, 4)
        side.save(path)
    assert not torch.equal(sides[0].weights["embed"], sides[1].weights["embed"])
    done = CliRunner().invoke(merge, [origin, left, right, "-o", one])
    assert done.exit_code == 0, done.output
    joined = Trainer.resume(one, pairs)
    for name, weight in joined.weights.items():
        assert torch.allclose(weight, (sides[0].weights[name] + sides[1].weights[name]) / 2), name
    seen = [side.progress.reactions for side in sides]
    assert joined.progress.reactions == sum(seen) - trainer.progress.reactions
    assert joined.progress.step == sides[0].progress.step
    step(joined, 2)


def test_a_run_of_another_origin_is_not_merged(pairs, tmp_path):
    origin, early, other = (str(tmp_path / f"{name}.safetensors") for name in ("origin", "early", "other"))
    trainer = Trainer(pairs, CONFIG, SETTINGS)
    trainer.save(early)
    step(trainer, 2)
    trainer.save(origin)
    Trainer(pairs, doubled(CONFIG), SETTINGS).save(other)
    for path, why in ((early, "older than the origin"), (other, "not a run that went on")):
        done = CliRunner().invoke(merge, [origin, path, "-o", str(tmp_path / "one.safetensors")])
        assert done.exit_code == 1
        assert why in done.output
        assert not (tmp_path / "one.safetensors").exists()


def test_a_run_goes_on_with_another_dropout_and_is_still_merged(pairs, tmp_path):
    origin, later, one = (str(tmp_path / f"{name}.safetensors") for name in ("origin", "later", "one"))
    trainer = Trainer(pairs, CONFIG, SETTINGS)
    step(trainer, 2)
    trainer.save(origin)
    run = Trainer.resume(origin, pairs, dropout=0.0)
    assert run.config == replace(CONFIG, dropout=0.0)
    assert torch.equal(run.weights["embed"], trainer.weights["embed"])
    step(run, 1)
    run.save(later)
    assert CliRunner().invoke(merge, [origin, later, "-o", one]).exit_code == 0
    assert Trainer.resume(one, pairs).config.dropout == 0.0


def test_a_run_cannot_go_on_with_other_pairs(pairs, tmp_path):
    Trainer(pairs, CONFIG, SETTINGS).save(tmp_path / "run.safetensors")
    with pytest.raises(BundleError, match="other pairs"):
        Trainer.resume(tmp_path / "run.safetensors", replace(pairs, digest="another"))


def test_a_file_that_is_no_checkpoint_is_refused(tmp_path):
    path = tmp_path / "x.safetensors"
    with pytest.raises(BundleError, match="no checkpoint"):
        checkpoint.load(path)
    path.write_bytes(b"not a checkpoint at all")
    with pytest.raises(BundleError, match="no checkpoint"):
        checkpoint.load(path)
    from safetensors.numpy import save_file

    save_file({"x": np.zeros(3)}, path)
    with pytest.raises(BundleError, match="no forward reaction model"):
        checkpoint.load(path)
    save_file({"x": np.zeros(3)}, path, {checkpoint.KEY: '{"format_version": 99}'})
    with pytest.raises(BundleError, match="update hanten"):
        checkpoint.load(path)


def test_a_model_of_another_rdkit_is_refused(pairs, tmp_path, monkeypatch):
    Trainer(pairs, CONFIG, SETTINGS).save(tmp_path / "run.safetensors")
    monkeypatch.setattr("rdkit.rdBase.rdkitVersion", "1999.01")
    with pytest.raises(BundleError, match="install rdkit=="):
        load_translator(tmp_path / "run.safetensors")


def test_weights_can_be_taken_over_by_a_run_with_other_tokens(pairs, tmp_path):
    begun = Trainer(pairs, CONFIG, SETTINGS)
    step(begun, 2)
    begun.save(tmp_path / "run.safetensors")
    wider = replace(
        pairs, vocabulary=Vocabulary((*pairs.vocabulary.tokens[:3], "[B]", *pairs.vocabulary.tokens[3:]))
    )
    taken = Trainer(wider, CONFIG, SETTINGS)
    taken.start_from(tmp_path / "run.safetensors")
    assert taken.progress.began_from["step"] == 2
    for token in pairs.vocabulary.tokens:
        row = taken.weights["embed"][wider.vocabulary.numbers[token]]
        assert torch.equal(row, begun.average["embed"][pairs.vocabulary.numbers[token]])
    with pytest.raises(ConfigError, match="cannot grow"):
        Trainer(pairs, net.preset("small"), SETTINGS).start_from(tmp_path / "run.safetensors")
    looser = Trainer(pairs, replace(CONFIG, dropout=0.3), SETTINGS)
    looser.start_from(tmp_path / "run.safetensors")
    assert torch.equal(looser.weights["embed"], begun.average["embed"])


def test_a_grown_model_computes_the_same_and_its_twins_part(pairs, tmp_path):
    begun = Trainer(pairs, CONFIG, SETTINGS)
    step(begun, 5)
    begun.save(tmp_path / "run.safetensors")
    grown = Trainer(pairs, doubled(CONFIG), SETTINGS)
    grown.start_from(tmp_path / "run.safetensors")
    small, large = (Translator(t.average, t.config, pairs.vocabulary) for t in (begun, grown))
    one, other = (teacher_forced(model, pairs.held_out) for model in (small, large))
    assert one["loss"] == pytest.approx(other["loss"], rel=1e-5)
    step(grown, 3)
    up = grown.weights["encoder.0.up"].detach()
    assert not torch.allclose(up[: len(up) // 2], up[len(up) // 2 :], atol=1e-3)


def test_halves_give_nearly_the_same_loss_and_gradients_to_every_weight(pairs):
    trainer = Trainer(pairs, net.preset("tiny"), SETTINGS)
    batch = trainer._batch(np.arange(12))
    losses = []
    for halves in (False, True):
        trainer.halves = halves
        loss, _ = trainer._loss(*batch)
        trainer.optimizer.zero_grad()
        loss.backward()
        losses.append(loss.item())
        assert all(w.grad is not None and w.grad.dtype == torch.float32 for w in trainer.weights.values())
    assert losses[0] != losses[1]
    assert losses[0] == pytest.approx(losses[1], rel=0.01)


def test_the_program_trains_stops_in_time_and_goes_on(tmp_path, monkeypatch):
    table = tmp_path / "mapped.tsv"
    rows = [
        f"[CH3:1]{'C' * n}[C:2](=[O:3])[OH:9].[NH2:4]{'C' * m}\t[CH3:1]{'C' * n}[C:2](=[O:3])[NH:4]{'C' * m}\n"
        for n in range(20)
        for m in range(1, 11)
    ]
    table.write_text("mapped_reactants\tmapped_product\n" + "".join(rows))
    run = [
        "--data",
        str(table),
        "--checkpoint",
        str(tmp_path / "m.safetensors"),
        "--preset",
        "tiny",
        "--device",
        "cpu",
    ]
    first = CliRunner().invoke(main, [*run, "--minutes", "0.005"])
    assert first.exit_code == 0, first.output
    assert "validation" in first.output
    again = CliRunner().invoke(main, [*run, "--minutes", "0.005"])
    assert again.exit_code == 1
    assert "--resume goes on with it" in again.output
    resumed = CliRunner().invoke(main, [*run, "--minutes", "0.005", "--resume"])
    assert resumed.exit_code == 0, resumed.output
    other = CliRunner().invoke(main, [*run, "--variants", "2", "--resume"])
    assert other.exit_code == 1
    assert "other pairs" in other.output
    curve = checkpoint.read_facts(tmp_path / "m.safetensors")["progress"]["curve"]
    assert [entry["step"] for entry in curve] == sorted(entry["step"] for entry in curve)
    assert len(curve) == 2
    assert math.isfinite(curve[-1]["loss"])
