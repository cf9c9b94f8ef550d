import numpy as np
import pytest

from hanten.design.ngram import NGramPrior
from hanten.design.proposals import CutAndRegrow, Substitute
from hanten.design.token_rows import TokenRows

TEXTS = ["*CC*", "*CO*", "*CC(*)C", "*OCC*", "*CC(*)O", "*COC*"] * 3


@pytest.fixture(scope="module")
def space(enumerate_all):
    prior = NGramPrior.fit(TEXTS, order=2, max_length=20)
    probabilities = enumerate_all(prior)
    return prior, list(probabilities), np.array(list(probabilities.values()))


class Scripted:
    """Stands in for the generator: the uniform numbers are given."""

    def __init__(self, value):
        self.value = value

    def random(self, n):
        return np.full(n, self.value)


class Grower:
    """A prior whose regrowth is the string that is asked for."""

    def __init__(self, prior, answer):
        self.prior, self.answer = prior, answer

    def encode(self, texts):
        return self.prior.encode(texts)

    def texts(self, rows):
        return self.prior.texts(rows)

    def complete(self, prefixes, _):
        return TokenRows.of([self.answer] * len(prefixes))


@pytest.mark.parametrize("reach", [None, 3, 0])
@pytest.mark.parametrize("beta", [0.0, 1.0])
def test_cut_and_regrow_is_in_detailed_balance(space, reach, beta, enumerate_all):
    prior, texts, p = space
    keep = np.argsort(-p)[
        :60
    ]  # the most likely strings; leaving the others is a rejection for both ways alike
    texts, p = [texts[i] for i in keep], p[keep]
    encoded = prior.encode(texts)[0].lists()
    log_l = np.random.default_rng(0).normal(size=len(texts))
    prefix_mass = {}
    full = enumerate_all(prior)
    for ids, mass in zip(prior.encode(list(full))[0].lists(), full.values(), strict=True):
        for k in range(len(ids) + 1):
            prefix_mass[tuple(ids[:k])] = prefix_mass.get(tuple(ids[:k]), 0.0) + mass
    kernel = np.zeros((len(texts), len(texts)))
    for i, x in enumerate(encoded):
        low = 0 if reach is None else max(len(x) - reach, 0)
        cuts = len(x) - low + 1
        for k in range(low, len(x) + 1):
            for j, y in enumerate(encoded):
                if i == j or y[:k] != x[:k]:
                    continue
                move = CutAndRegrow(Grower(prior, y), reach)
                ys, correction = move.propose([texts[i]], Scripted((k - low + 0.5) / cuts))
                if ys[0] is None:
                    continue
                accept = min(1.0, np.exp(beta * (log_l[j] - log_l[i]) + correction[0]))
                kernel[i, j] += p[j] / prefix_mass[tuple(x[:k])] / cuts * accept
    target = p * np.exp(beta * log_l)
    flow = target[:, None] * kernel / target.sum()
    assert np.abs(flow - flow.T).max() < 1e-12
    if reach is None or reach > 0:
        assert (kernel > 0).sum() > 100


def test_substitute_is_in_detailed_balance(space):
    prior, texts, p = space
    keep = np.argsort(-p)[:60]
    texts, p = [texts[i] for i in keep], p[keep]
    encoded = prior.encode(texts)[0].lists()
    flow = np.zeros((len(texts), len(texts)))
    for i, x in enumerate(encoded):
        for j, y in enumerate(encoded):
            differ = [k for k in range(len(x)) if len(x) == len(y) and x[k] != y[k]]
            if len(differ) != 1:
                continue
            at = np.array(differ)
            q = prior.next_probabilities(TokenRows.of([x[: differ[0]]]))[0, y[differ[0]]] / len(x)
            after = prior.log_prob_after(TokenRows.of([y, x]), np.repeat(at, 2))
            value = after[:1] - after[1:]
            flow[i, j] = p[i] * q * min(1.0, np.exp(value[0]))
    assert (flow > 0).sum() > 20
    assert np.abs(flow - flow.T).max() < 1e-12


@pytest.mark.parametrize(
    "move", [CutAndRegrow, lambda p: CutAndRegrow(p, 3), lambda p: CutAndRegrow(p, 3, 0.5), Substitute]
)
def test_moves_leave_the_prior_as_it_is(space, move):
    """Many chains started in the prior and moved once still follow it."""
    prior, texts, p = space
    rng = np.random.default_rng(5)
    n = 12_000
    xs = prior.sample(n, rng)
    ys, correction = move(prior).propose(xs, rng)
    accepted = (np.log(rng.random(n)) < correction) & np.array([y is not None for y in ys])
    moved = [y if a else x for x, y, a in zip(xs, ys, accepted, strict=True)]
    assert np.mean([a != b for a, b in zip(xs, moved, strict=True)]) > 0.05
    for i in np.argsort(-p)[:6]:
        assert abs(moved.count(texts[i]) - n * p[i]) < 4.5 * np.sqrt(n * p[i])


def test_strings_the_prior_cannot_write_are_rejected(space):
    prior, _, _ = space
    for move in (CutAndRegrow(prior), CutAndRegrow(prior, 2), Substitute(prior)):
        ys, correction = move.propose(["*CN*", "*CC*", "junk"], np.random.default_rng(0))
        assert ys[0] is None
        assert ys[2] is None
        assert np.isneginf(correction[[0, 2]]).all()
