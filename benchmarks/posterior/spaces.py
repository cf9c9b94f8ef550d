"""Spaces small enough to enumerate, so that the exact posterior is known.

All strings of 1 to L one-character tokens that RDKit reads, over four small alphabets (one of them polymers
with exactly two attachment points); an order-2 n-gram as prior, conditioned on validity; and a target region
of two properties as likelihood. Everything a sampler can get wrong shows here as a number.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property
from itertools import product

import numpy as np
from rdkit import Chem, rdBase
from rdkit.Chem import Crippen, rdMolDescriptors
from scipy.special import ndtr

NAMES = {
    "chains": ("CNO=()", 6),
    "rings": ("CNO=()1", 6),
    "aromatics": ("COc1()", 7),
    "polymers": ("*CO=()", 7),
}


def _plausible(text: str) -> bool:
    return (
        text[0] not in "=)(1"
        and text[-1] not in "=("
        and text.count("(") == text.count(")")
        and text.count("1") % 2 == 0
    )


def _enumerate(alphabet: str, length: int) -> list[str]:
    """Every valid string; with ``*`` in the alphabet, those that hold exactly two."""
    strings = []
    with rdBase.BlockLogs():
        for n in range(1, length + 1):
            for tokens in product(alphabet, repeat=n):
                text = "".join(tokens)
                if not _plausible(text) or ("*" in alphabet and text.count("*") != 2):
                    continue
                if Chem.MolFromSmiles(text) is not None:
                    strings.append(text)
    return strings


def _region_log_likelihood(strings: list[str]) -> np.ndarray:
    """Log of P(0.2 < logP < 0.8) P(20 < TPSA < 30) for Gaussian errors of 0.15 and 3; at least log 1e-300."""
    mols = [Chem.MolFromSmiles(text) for text in strings]
    log_p = np.array([Crippen.MolLogP(mol) for mol in mols])
    tpsa = np.array([rdMolDescriptors.CalcTPSA(mol) for mol in mols])
    inside_log_p = ndtr((0.8 - log_p) / 0.15) - ndtr((0.2 - log_p) / 0.15)
    inside_tpsa = ndtr((30 - tpsa) / 3) - ndtr((20 - tpsa) / 3)
    return np.log(np.maximum(inside_log_p * inside_tpsa, 1e-300))


@dataclass(frozen=True)
class Space:
    """Valid strings of one alphabet; also the prior and the likelihood on them.

    ``codes`` holds one row per string, one column per position: the token's number, or ``end`` (which also
    stands before the first token).
    """

    alphabet: str
    length: int

    @cached_property
    def strings(self) -> list[str]:
        """Every string of the space."""
        return _enumerate(self.alphabet, self.length)

    @cached_property
    def index(self) -> dict[str, int]:
        """Where each string stands."""
        return {text: i for i, text in enumerate(self.strings)}

    @property
    def end(self) -> int:
        """The number of the end token."""
        return len(self.alphabet)

    @cached_property
    def codes(self) -> np.ndarray:
        """Tokens by number, shape (n, L)."""
        codes = np.full((len(self.strings), self.length), self.end, dtype=np.int64)
        for i, text in enumerate(self.strings):
            codes[i, : len(text)] = [self.alphabet.index(token) for token in text]
        return codes

    @cached_property
    def lengths(self) -> np.ndarray:
        """Tokens in each string, shape (n,)."""
        return np.array([len(text) for text in self.strings])

    @cached_property
    def transitions(self) -> np.ndarray:
        """Order-2 n-gram, shape (a, b, c): probability of token c after a, b."""
        counts = np.full((self.end + 1,) * 3, 0.5)
        for text, row in zip(self.strings, self.codes, strict=True):
            weight = 3.0 ** -(text.count("N") + text.count("O") + 2 * text.count("="))
            context = (self.end, self.end)
            for token in row[: len(text) + 1]:
                counts[(*context, token)] += weight
                context = (context[1], token)
            if len(text) == self.length:
                counts[(*context, self.end)] += weight
        return counts / counts.sum(axis=2, keepdims=True)

    @cached_property
    def log_prefix(self) -> np.ndarray:
        """Log-probability that the n-gram starts as each string's first 0..L tokens, shape (n, L + 1)."""
        padded = np.pad(self.codes, ((0, 0), (2, 0)), constant_values=self.end)
        steps = np.log(self.transitions[padded[:, :-2], padded[:, 1:-1], padded[:, 2:]])
        return np.pad(np.cumsum(steps, axis=1), ((0, 0), (1, 0)))

    @cached_property
    def log_ngram(self) -> np.ndarray:
        """Log-probability of each string under the n-gram (which must end after L tokens), shape (n,)."""
        ends = np.minimum(self.lengths + 1, self.length)
        return self.log_prefix[np.arange(len(self.strings)), ends]

    @cached_property
    def log_prior(self) -> np.ndarray:
        """The n-gram conditioned on validity."""
        return self.log_ngram - np.log(np.exp(self.log_ngram).sum())

    @cached_property
    def log_region(self) -> np.ndarray:
        """Log-likelihood of each string, shape (n,)."""
        return _region_log_likelihood(self.strings)

    def tempered_posterior(self, beta: float = 1.0) -> np.ndarray:
        """Exact prior × likelihood ** beta, normalised, shape (n,)."""
        log_weights = self.log_prior + beta * self.log_region
        weights = np.exp(log_weights - log_weights.max())
        return weights / weights.sum()

    @cached_property
    def log_evidence(self) -> float:
        """Log of the mean likelihood under the prior."""
        return float(np.log(np.sum(np.exp(self.log_prior + self.log_region))))

    # The prior and the likelihood of hanten.inference.

    def sample(self, n: int, rng: np.random.Generator) -> list[str]:
        """Draws of the n-gram; an invalid one is drawn again."""
        found: list[str] = []
        while len(found) < n:
            codes = np.full((2 * n, self.length), self.end, dtype=np.int64)
            drawn = self.read(self.regrow(codes, np.zeros(2 * n, dtype=np.int64), rng))
            found += [text for text in drawn if text is not None]
        return found[:n]

    def log_prob(self, xs: list[str]) -> np.ndarray:
        """Exact log-prior of each of ``xs``."""
        return self.log_prior[self.rows(xs)]

    def log_likelihood(self, xs: list[str]) -> np.ndarray:
        """Looked up, not computed."""
        return self.log_region[self.rows(xs)]

    # Strings and codes.

    def rows(self, xs: list[str]) -> np.ndarray:
        """Where each of ``xs`` stands in the space."""
        return np.array([self.index[x] for x in xs])

    def regrow(self, codes: np.ndarray, cuts: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Keep the first ``cuts`` tokens of each row and draw the rest from the n-gram."""
        codes = np.pad(codes, ((0, 0), (2, 0)), constant_values=self.end)
        cumulative = np.cumsum(self.transitions, axis=2)
        growing = np.ones(len(codes), dtype=bool)
        for t in range(self.length):
            rows = np.flatnonzero(growing & (cuts <= t))
            edges = cumulative[codes[rows, t], codes[rows, t + 1]]
            drawn = (rng.random(len(rows))[:, None] >= edges[:, :-1]).sum(axis=1)
            codes[rows, t + 2] = drawn
            growing[rows[drawn == self.end]] = False
            codes[rows[drawn == self.end], t + 2 :] = self.end
        return codes[:, 2:]

    @cached_property
    def _keys(self) -> tuple[np.ndarray, np.ndarray]:
        keys = self.codes @ self.radix
        order = np.argsort(keys)
        return keys[order], order

    @property
    def radix(self) -> np.ndarray:
        """A row of codes times this is a number of its own."""
        return (self.end + 1) ** np.arange(self.length)

    def read(self, codes: np.ndarray) -> list[str | None]:
        """The strings of the rows; ``None`` where a row is no valid string."""
        keys, order = self._keys
        wanted = codes @ self.radix
        places = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
        valid = (keys[places] == wanted).tolist()
        return [self.strings[i] if ok else None for i, ok in zip(order[places].tolist(), valid, strict=True)]


@cache
def space(name: str) -> Space:
    """The space of that name, enumerated once."""
    return Space(*NAMES[name])


@dataclass(frozen=True)
class CutAndRegrow:
    """Keep the first k tokens, k uniform in 0..len, and let the n-gram that is the prior write the rest.

    For each k, ``p0(x) q(y|x)`` is symmetric in x and y but for the probability 1 / (len + 1) of choosing k.
    So the prior cancels and the correction is ``log((len x + 1) / (len y + 1))``.

    ``length_factor=False`` and ``extend=False`` (k only up to len - 1) are the two mistakes a test must see.
    """

    space: Space
    length_factor: bool = True
    extend: bool = True

    def propose(self, xs: list[str], rng: np.random.Generator) -> tuple[list[str | None], np.ndarray]:
        """One regrown string each, ``None`` when it is invalid."""
        rows = self.space.rows(xs)
        before = self.space.lengths[rows]
        cuts = rng.integers(0, before + self.extend)
        ys = self.space.read(self.space.regrow(self.space.codes[rows], cuts, rng))
        return ys, self.log_correction(before, np.array([0 if y is None else len(y) for y in ys]))

    def log_correction(self, before: np.ndarray, after: np.ndarray) -> np.ndarray:
        """Log correction from strings of one length to strings of another."""
        return np.log((before + 1) / (after + 1)) * self.length_factor

    def matrix(self) -> np.ndarray:
        """Probability of proposing string j from string i, shape (n, n); invalid ones are left out."""
        s = self.space
        q = np.zeros((len(s.strings), len(s.strings)))
        for k in range(s.length + 1):
            prefixes = np.unique(s.codes[:, :k] @ s.radix[:k], return_inverse=True)[1]
            long_enough = s.lengths >= k
            for prefix in range(prefixes.max() + 1):
                group = np.flatnonzero((prefixes == prefix) & long_enough)
                if group.size == 0:
                    continue
                cut_here = group if self.extend else group[s.lengths[group] > k]
                chance = 1 / (s.lengths[cut_here] + self.extend)
                regrown = np.exp(s.log_ngram[group] - s.log_prefix[group, k])
                q[np.ix_(cut_here, group)] += np.outer(chance, regrown)
        return q


def metropolis_matrix(proposal: CutAndRegrow, beta: float) -> np.ndarray:
    """Transition matrix of the Metropolis–Hastings kernel with this proposal at ``beta``, shape (n, n)."""
    s = proposal.space
    gain = beta * (s.log_region[None, :] - s.log_region[:, None])
    log_ratio = gain + proposal.log_correction(s.lengths[:, None], s.lengths[None, :])
    kernel = proposal.matrix() * np.exp(np.minimum(log_ratio, 0.0))
    kernel[np.diag_indices_from(kernel)] += 1 - kernel.sum(axis=1)
    return kernel


def histogram(s: Space, particles: list[str], weights: np.ndarray | None = None) -> np.ndarray:
    """Share of the particles (or of their weight) on each string of the space, shape (n,)."""
    shares = np.bincount(s.rows(particles), weights=weights, minlength=len(s.strings))
    return shares / shares.sum()


def total_variation(p: np.ndarray, q: np.ndarray) -> float:
    """Half the sum of absolute differences."""
    return float(0.5 * np.abs(p - q).sum())


def floor(s: Space, n: int, rng: np.random.Generator, repeats: int = 20) -> float:
    """Mean total variation of ``n`` independent draws from the exact posterior."""
    exact = s.tempered_posterior()
    return float(np.mean([total_variation(rng.multinomial(n, exact) / n, exact) for _ in range(repeats)]))
