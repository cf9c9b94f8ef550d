import numpy as np
import pytest

from hanten.errors import DataError
from hanten.inference import Settings, pool, run, smc

LEVELS = np.log([0.5, 0.1, 0.1, 0.1, 0.1, 0.1])


@pytest.fixture
def steps(die, tilt, table):
    settings = Settings(extend=2)
    return list(smc(die, table(LEVELS), tilt, 300, np.random.default_rng(0), settings=settings))


def test_one_row_per_state_heaviest_first(die, tilt, table):
    posterior = run(die, table(LEVELS), tilt, 3000, np.random.default_rng(0))
    frame = posterior.frame()
    assert list(frame.columns) == ["state", "log_weight", "log_likelihood", "particles"]
    assert frame["state"][0] == 1
    assert np.exp(frame["log_weight"]).sum() == pytest.approx(1)
    assert frame["particles"].sum() == 3000
    assert frame["log_likelihood"].tolist() == LEVELS[frame["state"].to_numpy(dtype=int) - 1].tolist()


def test_states_may_be_tuples(table):
    class Pairs:
        def sample(self, n, rng):
            return [tuple(pair) for pair in rng.integers(2, size=(n, 2)).tolist()]

        def propose(self, xs, rng):
            return self.sample(len(xs), rng), np.zeros(len(xs))

    class Sum:
        def log_likelihood(self, xs):
            return np.array([float(sum(x)) for x in xs])

    posterior = run(Pairs(), Sum(), Pairs(), 100, np.random.default_rng(0))
    assert posterior.best == (1, 1)
    assert posterior.frame()["state"][0] == (1, 1)


def test_populations_of_the_posterior_can_be_pooled(steps):
    final = [step for step in steps if step.beta == 1]
    pooled = pool(final)
    assert len(pooled.particles) == len(pooled.log_weights) == 900
    assert np.exp(pooled.log_weights).sum() == pytest.approx(1)


def test_only_populations_of_one_target_can_be_pooled(steps):
    with pytest.raises(DataError, match="pooled"):
        pool(steps)
    with pytest.raises(DataError, match="pooled"):
        pool([])


def test_it_shows_itself(steps):
    posterior = pool(steps[-1:])
    assert "log evidence" in posterior._repr_html_()
    assert len(posterior.trace_frame()) == len(steps)
    assert len(repr(posterior)) < 20_000
