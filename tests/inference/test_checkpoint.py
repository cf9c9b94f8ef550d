import hashlib
import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from hanten.errors import DataError, RunError
from hanten.inference import Settings, load_checkpoint, save_checkpoint, smc

LEVELS = -(np.linspace(0, 12, 6) ** 1.5)


@pytest.mark.parametrize("name", ["PCG64", "MT19937", "Philox"])
def test_going_on_from_a_file_gives_the_same_bits(die, tilt, table, tmp_path, name):
    def steps(**options):
        rng = np.random.Generator(getattr(np.random, name)(4))
        return list(smc(die, table(LEVELS), tilt, 300, rng, settings=Settings(chunk=70), **options))

    whole = steps()
    save_checkpoint(tmp_path / "run", whole[1])
    rest = steps(resume=load_checkpoint(tmp_path / "run"))
    assert [step.particles for step in rest] == [step.particles for step in whole[2:]]
    assert [step.row for step in rest] == [step.row for step in whole[2:]]
    assert rest[-1].log_likelihood.tobytes() == whole[-1].log_likelihood.tobytes()


def test_everything_comes_back(die, tilt, table, tmp_path):
    step = list(smc(die, table(LEVELS), tilt, 30, np.random.default_rng(0)))[-1]
    save_checkpoint(tmp_path / "run.npz", step)
    back = load_checkpoint(tmp_path / "run.npz")
    assert (back.index, back.beta, back.log_evidence, back.ended) == (
        step.index,
        step.beta,
        step.log_evidence,
        step.ended,
    )
    assert back.memory == step.memory
    assert list(back.memory) == list(step.memory)
    assert back.trace == step.trace
    assert back.rng_state == step.rng_state
    assert [path.name for path in tmp_path.iterdir()] == ["run.npz"]


class Mixed:
    """States of every kind that can be written."""

    states = ("a", "λ\n", 1, 2.5, True, ("x", (0.1, "y")))

    def sample(self, n, rng):
        return [self.states[i] for i in rng.integers(len(self.states), size=n)]

    def log_likelihood(self, xs):
        return np.zeros(len(xs))

    def propose(self, xs, rng):
        return self.sample(len(xs), rng), np.zeros(len(xs))


def test_states_come_back_as_they_were(tmp_path):
    mixed = Mixed()
    step = next(smc(mixed, mixed, mixed, 50, np.random.default_rng(0)))
    save_checkpoint(tmp_path / "run", step)
    back = load_checkpoint(tmp_path / "run").particles
    assert back == step.particles
    assert [type(x) for x in back] == [type(x) for x in step.particles]


def test_an_impossible_run_can_be_written_too(die, tilt, table, tmp_path):
    step = next(smc(die, table(np.full(6, -np.inf)), tilt, 30, np.random.default_rng(0)))
    save_checkpoint(tmp_path / "run", step)
    back = load_checkpoint(tmp_path / "run")
    assert back.log_evidence == -np.inf
    assert back.ended == step.ended


def test_a_state_that_json_would_change_is_refused(tmp_path):
    class Sets(Mixed):
        states = (frozenset("ab"),)

    step = next(smc(Sets(), Sets(), Sets(), 5, np.random.default_rng(0)))
    with pytest.raises(DataError, match="a state of type frozenset cannot be written"):
        save_checkpoint(tmp_path / "run", step)
    assert list(tmp_path.iterdir()) == []


def test_what_is_no_checkpoint_is_refused(die, tilt, table, tmp_path):
    with pytest.raises(RunError, match="no such checkpoint"):
        load_checkpoint(tmp_path / "missing")
    (tmp_path / "text").write_text("beta,ess\n")
    with pytest.raises(RunError, match="not a readable checkpoint"):
        load_checkpoint(tmp_path / "text")
    (tmp_path / "empty").touch()
    with pytest.raises(RunError, match="not a readable checkpoint"):
        load_checkpoint(tmp_path / "empty")
    np.savez(tmp_path / "other.npz", x=np.zeros(3))
    with pytest.raises(RunError, match="not a readable checkpoint"):
        load_checkpoint(tmp_path / "other.npz")
    save_checkpoint(tmp_path / "run", next(smc(die, table(LEVELS), tilt, 30, np.random.default_rng(0))))
    whole = (tmp_path / "run").read_bytes()
    for cut in (10, len(whole) // 2, len(whole) - 10):
        (tmp_path / "half").write_bytes(whole[:cut])
        with pytest.raises(RunError, match="not a readable checkpoint"):
            load_checkpoint(tmp_path / "half")


def test_a_newer_format_is_refused(tmp_path):
    text = np.frombuffer(json.dumps({"format_version": 99}).encode(), dtype=np.uint8)
    np.savez(tmp_path / "run.npz", text=text)
    with pytest.raises(RunError, match="format 99 is newer"):
        load_checkpoint(tmp_path / "run.npz")


SCRIPT = """
import sys, time
from pathlib import Path
import numpy as np
sys.path.insert(0, {folder!r})
from toys import Measured, Normal, Walk
from hanten.inference import Settings, load_checkpoint, save_checkpoint, smc, with_prior

path, pause = Path(sys.argv[1]), float(sys.argv[2])
resume = load_checkpoint(path) if path.exists() else None
settings = Settings(ess_fraction=0.8, max_sweeps=3, extend=2, chunk=100)
moves, rng = with_prior(Walk(), Normal()), np.random.default_rng(11)
for step in smc(Normal(), Measured(), moves, 500, rng, settings=settings, resume=resume):
    save_checkpoint(path, step)
    time.sleep(pause)
"""


def test_a_killed_run_goes_on_with_the_same_bits(tmp_path):
    script = SCRIPT.format(folder=str(Path(__file__).parent))

    def start(path, pause=0.0):
        return subprocess.Popen([sys.executable, "-c", script, str(path), str(pause)])

    assert start(tmp_path / "whole").wait() == 0
    killed = start(tmp_path / "killed", pause=60)
    for _ in range(600):
        if (tmp_path / "killed").exists():
            break
        time.sleep(0.05)
    killed.send_signal(signal.SIGKILL)
    assert killed.wait() == -signal.SIGKILL
    halfway = load_checkpoint(tmp_path / "killed")
    assert halfway.ended is None
    assert start(tmp_path / "killed").wait() == 0

    def digest(path):
        step = load_checkpoint(path)
        return hashlib.sha256(
            repr((step.particles, step.trace, step.ended)).encode() + step.log_likelihood.tobytes()
        ).hexdigest()

    assert digest(tmp_path / "killed") == digest(tmp_path / "whole")
