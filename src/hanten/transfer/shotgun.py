"""Shotgun transfer: try very many source models, keep those that the target's own data prefer.

References
----------
H. Yamada, C. Liu, S. Wu, Y. Koyama, S. Ju, J. Shiomi, J. Morikawa, R. Yoshida, "Predicting materials properties with
little data using shotgun transfer learning", ACS Cent. Sci. 5 (2019) 1717; https://doi.org/10.1021/acscentsci.9b00804
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import Any, ClassVar, Self

import numpy as np
from sklearn.base import clone

from hanten.errors import ConfigError
from hanten.models.base import Array, Regressor
from hanten.models.linear import BayesianLinear
from hanten.transfer.frozen import frozen
from hanten.transfer.heads import as_head, extra_variance, inner_folds
from hanten.transfer.signal import check_in_columns

FEWEST = 10


class Shotgun(Regressor):
    """Choose sources, layers and head by inner cross-validation on the target data only; average the chosen.

    Every pair of a source and a layer is a candidate. Each head is fitted to each candidate's frozen features in
    every inner fold. The best ``n_sources`` sources, each with its best layer and head, are fitted to all
    rows and averaged: the best single network of hundreds is best by luck. Inside an outer cross-validation (as every
    evaluation here is) this is nested: the choice is made again in every outer training set.

    Parameters
    ----------
    regressor : regressor of hanten or scikit-learn, or a sequence of them, optional
        The heads to choose among; Bayesian linear regression without it.
    sources : sequence, optional
        Source models or callables, asked for hidden layers of X; or pairs ``(start, stop)``, the columns of X
        where frozen features stand. Without it all of X is one candidate.
    layers : sequence of int
        Of source models: ``1, 2, …`` from the input or ``-1, -2, …`` from the output.
    activation : {"post", "pre"}
    own : (start, stop), optional
        Columns of X that go in front of every candidate's features: descriptors of the target.
    n_sources : int
        How many sources are averaged, 10 at least where there are so many.
    n_splits : int
    random_state : int or None

    Attributes
    ----------
    scores_ : ndarray, (candidates, heads)
        Inner mean absolute errors.
    chosen_ : ndarray, (members, 3)
        Source, number of the layer in ``layers``, and head of each member, best first.
    choices_ : ndarray, (folds, members)
        The sources that would have been chosen without each inner fold.
    stability_ : float
        Mean overlap (Jaccard) of those choices with the final one: 1 is always the same.
    inner_error_ : float
        Mean absolute error of the average, chosen without the rows it is scored on.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(30, 4))
    >>> sources = [lambda X, i=i: np.tanh(X * (i + 1)) for i in range(12)]
    >>> model = Shotgun(sources=sources).fit(X, np.tanh(2 * X).sum(axis=1))
    >>> int(model.chosen_[0, 0]), len(model.chosen_)
    (1, 10)
    """

    _fitted_arrays: ClassVar[tuple[str, ...]] = (
        "scores_", "chosen_", "choices_", "stability_", "inner_error_", "extra_variance_", "columns_",
    )  # fmt: skip
    _fitted_parts: ClassVar[tuple[str, ...]] = ("members_",)

    def __init__(
        self,
        regressor: Any = None,
        sources: Sequence[Any] | None = None,
        layers: Sequence[int] = (-1,),
        activation: str = "post",
        *,
        own: tuple[int, int] | None = None,
        n_sources: int = FEWEST,
        n_splits: int = 5,
        random_state: int | None = 0,
    ) -> None:
        self.regressor, self.sources, self.layers, self.activation = regressor, sources, layers, activation
        self.own, self.n_sources = own, n_sources
        self.n_splits, self.random_state = n_splits, random_state

    def fit(self, X: Any, y: Any) -> Self:
        """Score every candidate, choose, and fit the chosen to all rows.

        Parameters
        ----------
        X : array_like, (n, d)
        y : array_like, (n,)
        """
        if self.n_sources < FEWEST and (self.sources is None or len(self.sources) > self.n_sources):
            raise ConfigError(
                f"n_sources={self.n_sources}: a single network can be very wrong",
                hint=f"average {FEWEST} at least",
            )
        X, y = self._check_xy(X, y)
        heads, candidates = self._heads(), self._candidates()
        blocks = [self._block(X, source, layer) for source, layer in candidates]
        folds = inner_folds(len(y), self.n_splits, self.random_state)
        mean, std = _out_of_fold(blocks, heads, y, folds)
        errors = np.abs(mean - y)
        self.scores_ = errors.mean(axis=2)
        picked = self._choose(self.scores_, candidates)
        self.chosen_ = np.array([[*candidates[c], h] for c, h in picked])
        self._judge(candidates, y, folds, mean=mean, std=std)
        self.members_ = [_fit(heads[h], blocks[c], y) for c, h in picked]
        pairs = [self._pairs()[candidates[c][0]] for c, _ in picked]
        self.columns_ = np.array([(0, 0) if pair is None else pair for pair in pairs])
        return self

    def _heads(self) -> list[Any]:
        if self.regressor is None:
            return [BayesianLinear(scale=True)]
        return list(self.regressor) if isinstance(self.regressor, list | tuple) else [self.regressor]

    def _pairs(self) -> list[tuple[int, int] | None]:
        """Columns of each source in X; None for a source that is asked."""
        if self.sources is None:
            return [(0, int(self.n_features_in_))]
        return [
            (int(s[0]), int(s[1])) if isinstance(s, list | tuple | np.ndarray) else None for s in self.sources
        ]

    def _candidates(self) -> list[tuple[int, int]]:
        """Every pair of a source and a layer; a source that has no layers is one candidate."""
        found = []
        for i, pair in enumerate(self._pairs()):
            source = None if pair is not None or self.sources is None else self.sources[i]
            found += [(i, layer) for layer in range(len(self.layers) if hasattr(source, "hidden") else 1)]
        return found

    def _block(self, X: Any, source: int, layer: int) -> Array:
        pair = self._pairs()[source]
        if pair is None:
            assert self.sources is not None
            block = frozen(self.sources[source], X, [self.layers[layer]], self.activation)
        else:
            block = np.asarray(X[:, slice(*pair)], dtype=np.float64)
        return block if self.own is None else np.hstack([X[:, slice(*self.own)], block])

    def _choose(self, scores: Array, candidates: list[tuple[int, int]]) -> list[tuple[int, int]]:
        """The best sources, each with its best layer and head: (candidate, head), best first."""
        head = scores.argmin(axis=1)
        best = scores.min(axis=1)
        picked: dict[int, int] = {}
        for c in np.argsort(best, kind="stable").tolist():
            picked.setdefault(candidates[c][0], c)
        return [(c, int(head[c])) for c in list(picked.values())[: self.n_sources]]

    def _judge(
        self, candidates: list[tuple[int, int]], y: Array, folds: Any, *, mean: Array, std: Array
    ) -> None:
        """Choose again without each fold: how steady the choice is, and how good on rows that did not choose."""
        errors, out, spread, choices = np.abs(mean - y), np.empty(len(y)), np.empty(len(y)), []
        for train, test in folds:
            picked = self._choose(errors[:, :, train].mean(axis=2), candidates)
            found = np.array([mean[c, h, test] for c, h in picked])
            doubt = np.array([std[c, h, test] for c, h in picked])
            out[test] = found.mean(axis=0)
            spread[test] = np.sqrt((doubt**2).mean(axis=0) + found.var(axis=0))
            choices.append([candidates[c][0] for c, _ in picked])
        final = set(self.chosen_[:, 0].tolist())
        self.choices_ = np.array(choices)
        self.stability_ = float(np.mean([len(final & set(one)) / len(final | set(one)) for one in choices]))
        self.inner_error_ = float(np.abs(out - y).mean())
        self.extra_variance_ = extra_variance(out - y, spread)

    def _mean_std(self, X: Any, *, std: bool) -> tuple[Array, Array | None]:
        found = []
        for (source, layer, _), columns, member in zip(
            self.chosen_, self.columns_, self.members_, strict=True
        ):
            if columns[1] > columns[0]:
                block = np.asarray(X[:, columns[0] : columns[1]], dtype=np.float64)
                block = block if self.own is None else np.hstack([X[:, slice(*self.own)], block])
            else:
                block = self._block(X, int(source), int(layer))
            found.append(member.predict(block, return_std=True))
        means = np.array([mean for mean, _ in found])
        mean = means.mean(axis=0)
        if not std:
            return mean, None
        inside = np.mean([sd**2 for _, sd in found], axis=0)
        return mean, np.sqrt(inside + means.var(axis=0) + self.extra_variance_)

    def _check_savable(self) -> None:
        for source, pair in zip(self.sources or (), self._pairs(), strict=False):
            check_in_columns(source if pair is None else None)


def _out_of_fold(blocks: list[Array], heads: list[Any], y: Array, folds: Any) -> tuple[Array, Array]:
    """Mean and standard deviation of every candidate and head for rows not trained on, (candidates, heads, n)."""
    mean = np.empty((len(blocks), len(heads), len(y)))
    std = np.empty_like(mean)
    for (c, block), (h, head), (train, test) in product(enumerate(blocks), enumerate(heads), folds):
        fitted = _fit(head, block[train], y[train])
        mean[c, h, test], std[c, h, test] = fitted.predict(block[test], return_std=True)
    return mean, std


def _fit(head: Any, X: Array, y: Array) -> Regressor:
    fitted: Regressor = clone(as_head(head, X.shape[1])).fit(X, y)
    return fitted
