"""Quality of the polymer language model on held-out polymers, against the additive-smoothing n-gram.

    HANTEN_DATA_DIR=... OMP_NUM_THREADS=1 python benchmarks/design/prior.py

The baseline follows the n-gram of MOSES (doi:10.3389/fphar.2020.565644) on the same tokens: longest context seen, up to
nine tokens, additive smoothing 0.01, no syntax state.
"""

import os
import time
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np

from hanten.design.likelihood import canonical_or_none
from hanten.design.ngram import NGramPrior
from hanten.design.tokens import join, split, try_split
from hanten.design.train_prior import N_VINYL, polymer_texts
from hanten.errors import StructureError

ORDER, ALPHA = 10, 0.01


class Additive:
    """Longest context seen, additive smoothing."""

    def __init__(self, rows, tokens):
        self.tokens = ["\n", *tokens]
        self.table = defaultdict(Counter)
        for row in rows:
            padded = [*row, "\n"]
            for i, token in enumerate(padded):
                for k in range(min(i, ORDER - 1) + 1):
                    self.table[tuple(padded[i - k : i])][token] += 1

    def counts(self, past):
        """Counts of the next token after the longest context seen."""
        for k in range(min(len(past), ORDER - 1), -1, -1):
            if tuple(past[len(past) - k :]) in self.table:
                return self.table[tuple(past[len(past) - k :])]
        raise AssertionError

    def bits(self, row):
        """Minus the binary logarithm of the probability of a row."""
        total = 0.0
        for i, token in enumerate([*row, "\n"]):
            seen = self.counts(row[:i])
            total -= np.log2((seen[token] + ALPHA) / (sum(seen.values()) + ALPHA * len(self.tokens)))
        return total

    def sample(self, rng):
        """One string."""
        row = []
        while len(row) < 300:
            seen = self.counts(row)
            p = np.array([seen[t] + ALPHA for t in self.tokens])
            token = self.tokens[np.searchsorted(np.cumsum(p), rng.random() * p.sum(), side="right")]
            if token == "\n":
                break
            row.append(token)
        try:
            return join(row)
        except StructureError:
            return "".join(row)


def quality(texts, train):
    canonical = [canonical_or_none(t) if t.count("*") == 2 else None for t in texts]
    valid = [c for c in canonical if c is not None]
    distinct = set(valid)
    return f"valid {len(valid) / len(texts):.3f}  unique {len(distinct) / len(valid):.3f}  novel {len(distinct - train) / len(distinct):.3f}"


def bits_per_token(prior, texts):
    log_prob = prior.log_prob(texts)
    ok = np.isfinite(log_prob)
    lengths = np.array([len(split(x)) + 1 for x in texts])
    return ok, -log_prob[ok].sum() / np.log(2) / lengths[ok].sum()


def main():
    t = time.process_time()
    texts = polymer_texts(Path(os.environ["HANTEN_DATA_DIR"], "polymers"))
    known, measured = texts.known(), set(texts.measured)
    print(f"canonical forms of the public sets: {time.process_time() - t:.0f} CPU-s, {len(known)} units")
    held = [known[i] for i in np.random.default_rng(0).permutation(len(known))[:5000]]
    hidden = set(held)
    rest = [x for x in texts.to_learn(N_VINYL) if x not in hidden]
    t = time.process_time()
    prior = NGramPrior.fit(rest, order=ORDER, least_token_count=10)
    print(
        f"trained on {len(rest)} units: {len(rest) / (time.process_time() - t):.0f} per CPU-second",
        flush=True,
    )
    ok, bits = bits_per_token(prior, held)
    real = [x for x in held if x in measured]
    print(f"held out: {ok.mean():.4f} can be written; {bits:.4f} bits per token", flush=True)
    print(f"of them measured or computed: {len(real)}; {bits_per_token(prior, real)[1]:.4f} bits per token")
    rng = np.random.default_rng(1)
    t = time.process_time()
    drawn = prior.sample(10_000, rng)
    print(
        f"sampling: {10_000 / (time.process_time() - t):.0f} strings per CPU-second; {quality(drawn, set(known) - hidden)}",
        flush=True,
    )
    known = set(prior.vocabulary.index)
    rows = [row for row in map(try_split, rest) if row and set(row) <= known]
    baseline = Additive(rows, sorted(known))
    common = [split(x) for x, fine in zip(held, ok, strict=True) if fine]
    bits = sum(baseline.bits(row) for row in common)
    print(f"additive smoothing: {bits / sum(len(r) + 1 for r in common):.4f} bits per token", flush=True)
    print("additive smoothing:", quality([baseline.sample(rng) for _ in range(2000)], set(known) - hidden))


if __name__ == "__main__":
    main()
