import json

import numpy as np
import pandas as pd
import pytest

from hanten.design import (
    ConstraintConfig,
    DesignConfig,
    KnownIndex,
    config_from_dict,
    config_to_toml,
    read_config,
)
from hanten.design.constraints import broken, build_constraints
from hanten.design.sampling import sample
from hanten.errors import ConfigError, RunError, StructureError
from hanten.properties import get_property


class AtomCounter:
    """Predicts 10 K per heavy atom, with a standard deviation of 20 K; stands in for a trained model."""

    property_ = get_property("Tg")
    training = {"keys": ["*CCO*"]}  # noqa: RUF012
    card = {"range": {"low": 30.0, "high": 400.0}}  # noqa: RUF012

    def predict_mols(self, mols, return_std=True):  # noqa: ARG002
        return np.array([10.0 * (m.GetNumAtoms() - 2) for m in mols]), np.full(len(mols), 20.0)

    def predict_frame(self, structures, *, canonical=False):  # noqa: ARG002
        mean = [10.0 * sum(c.isalpha() for c in s) for s in structures]
        return pd.DataFrame({"mean": mean, "sd": 20.0, "in_domain": True})


OPTIONS = {"models": {"Tg": AtomCounter()}, "particles": 80, "seed": 3}


class Stop(Exception):  # noqa: N818
    pass


def test_candidates_are_distinct_novel_and_in_the_region():
    result = sample("Tg 150..250 K", n=30, **OPTIONS)
    frame = result.frame()
    assert result.complete
    assert len(frame) >= 30
    assert frame["canonical"].is_unique
    assert frame["novel"].all()
    assert "*CCO*" not in set(frame["canonical"])
    expected = ["structure", "canonical", "log_weight", "Tg_mean", "Tg_sd", "in_domain", "novel", "sa_score"]
    assert list(frame.columns[:8]) == expected
    assert np.exp(frame["log_weight"]).sum() <= 1 + 1e-9
    assert {"beta", "ess", "acceptance", "unique", "in_target", "log_evidence"} <= set(result.trace[-1])
    assert "candidates" in result._repr_html_()


@pytest.mark.slow
def test_same_bits_for_one_and_two_workers():
    one = sample("Tg 150..250 K", n=10, **OPTIONS).frame()
    two = sample("Tg 150..250 K", n=10, n_jobs=2, **OPTIONS).frame()
    pd.testing.assert_frame_equal(one, two)


def test_a_stopped_run_resumes_with_the_same_bits(tmp_path):
    whole = sample("Tg >= 250 K", n=60, run_dir=tmp_path / "whole", **OPTIONS)

    def stop(row, _):
        if row["step"] == 1:
            raise Stop

    with pytest.raises(Stop):
        sample("Tg >= 250 K", n=60, run_dir=tmp_path / "cut", progress=stop, **OPTIONS)
    models = OPTIONS["models"]
    resumed = sample(run_dir=tmp_path / "cut", resume=True, models=models)
    pd.testing.assert_frame_equal(whole.frame(), resumed.frame())
    assert (tmp_path / "cut/trace.jsonl").read_text() == (tmp_path / "whole/trace.jsonl").read_text()
    assert (tmp_path / "cut/results.csv").read_text() == (tmp_path / "whole/results.csv").read_text()
    steps = [json.loads(line) for line in (tmp_path / "cut/trace.jsonl").read_text().splitlines()]
    assert [step["step"] for step in steps] == list(range(len(steps)))
    assert read_config(tmp_path / "cut/config.toml").particles == 80


def test_a_run_folder_is_not_overwritten(tmp_path):
    sample("Tg 150..250 K", n=5, run_dir=tmp_path, **OPTIONS)
    with pytest.raises(RunError, match="--force"):
        sample("Tg 150..250 K", n=5, run_dir=tmp_path, **OPTIONS)
    sample("Tg 150..250 K", n=5, run_dir=tmp_path, force=True, **OPTIONS)
    with pytest.raises(RunError, match="no run to resume"):
        sample("Tg 150..250 K", run_dir=tmp_path / "other", resume=True, **OPTIONS)


def test_an_impossible_region_ends_with_the_best_found_and_warns():
    result = sample("Tg >= 90000 K", n=5, max_steps=2, **OPTIONS)
    assert not result.complete
    assert "stuck" in result.ended
    assert len(result.frame()) > 0
    assert not result.frame().isna().to_numpy().any()
    assert {c.code for c in result.checks if not c.fine} >= {"HNT002", "HNT001"}


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"particels": 10}, "did you mean particles"),
        ({"particles": "many"}, "not an integer"),
        ({"particles": 3}, "at least 10"),
        ({"constraints": {"element": ["C"]}}, "constraints.element"),
        ({"constraints": {"elements": ["Xx"]}}, "not an element"),
        ({"constraints": {"heavy_atoms": [9, 3]}}, "heavy_atoms"),
        ({"constraints": 3}, "not a table"),
        ({"ess_fraction": 2}, "between 0 and 1"),
        ({"targets": ["Tg 5..4 K"]}, "empty"),
        ({"n": True}, "not an integer"),
    ],
)
def test_wrong_configurations_teach(values, message):
    with pytest.raises(ConfigError, match=message):
        config_from_dict(values)


def test_config_survives_toml(tmp_path):
    rules = ConstraintConfig(elements=("C", "O"), sa_score=4.5, similar_to=("*CC*",))
    config = DesignConfig(targets=("Tg >= 400 K",), seed=7, constraints=rules, models={"Tg": "x.hanten"})
    path = tmp_path / "a.toml"
    path.write_text(config_to_toml(config))
    assert read_config(path) == config
    path.write_text("n = = 3")
    with pytest.raises(ConfigError, match="not TOML"):
        read_config(path)
    with pytest.raises(ConfigError, match="cannot be read"):
        read_config(tmp_path / "none.toml")


def test_no_target_is_an_error():
    with pytest.raises(ConfigError, match="no target region"):
        sample(n=5)


@pytest.mark.parametrize(
    ("rules", "structure", "names"),
    [
        (ConstraintConfig(), "*CC(*)c1ccccc1", []),
        (ConstraintConfig(), "*OOC*", ["stable"]),
        (ConstraintConfig(heavy_atoms=(3, 5)), "*CC*", ["heavy_atoms"]),
        (ConstraintConfig(elements=("C",)), "*CO*", ["elements"]),
        (ConstraintConfig(max_ring=5), "*C1CCC(*)CC1", ["max_ring"]),
        (ConstraintConfig(sa_score=1.0), "*CC(*)c1ccccc1", ["sa_score"]),
        (ConstraintConfig(similar_to=("*CC(*)c1ccccc1",), similarity=0.9), "*COC*", ["similar_to"]),
    ],
)
def test_constraints_say_what_is_broken(rules, structure, names):
    assert [reason.split(":")[0] for reason in broken(build_constraints(rules), structure)] == names


def test_constraints_on_what_is_no_polymer():
    with pytest.raises(StructureError):
        broken([], "CCO")


def test_known_structures():
    index = KnownIndex(["*CCO*"])
    assert index.contains(["*CCO*", "*CC(*)c1ccccc1"]).all()
    assert not index.contains(["*C(F)(Cl)OC(*)Br"]).any()
    assert len(index) > 100_000


def test_a_prior_of_molecules_is_refused_for_repeat_units():
    with pytest.raises(ConfigError, match="writes molecules"):
        sample(["Tg >= 400 K"], n=5, particles=20, prior="molecules")
