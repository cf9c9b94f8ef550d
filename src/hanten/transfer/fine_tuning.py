"""Fine-tuning: a source network goes on learning on the target's data, with its first layers frozen.

References
----------
J. Yosinski, J. Clune, Y. Bengio, H. Lipson, "How transferable are features in deep neural networks?", NeurIPS 27 (2014)
3320; https://doi.org/10.48550/arXiv.1411.1792
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from itertools import pairwise
from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt

from hanten.errors import ConfigError, MissingExtraError
from hanten.models.base import Array, Regressor
from hanten.transfer.heads import extra_variance, inner_folds
from hanten.transfer.scaling import Scaling

Layers = list[tuple[npt.NDArray[Any], npt.NDArray[Any]]]


class FineTuned(Regressor):
    """A copy of the source network per inner fold, each trained until its held-out fold gets no better; their mean.

    Parameters
    ----------
    source : source model, optional
        Its weights are where training starts; without it the network starts at random, with hidden layers of
        ``widths``: the no-transfer baseline.
    freeze : int
        How many hidden layers, from the input, keep the weights of the source.
    from_scratch : bool
        Take the architecture of the source and random weights: the no-transfer baseline of the same network.
    widths : sequence of int
        Hidden layers without a source.
    max_epochs, patience : int
        Steps of Adam (all rows in each) at most, and without an improvement of the held-out fold.
    learning_rate, weight_decay : float
    n_splits : int
        Inner folds, and so copies.
    random_state : int or None

    Attributes
    ----------
    epochs_ : ndarray, (copies,)
        The epoch each copy was taken from.

    Notes
    -----
    Fitting needs torch (``pip install "hanten[train]"``); predicting needs numpy only. The output layer starts as that of
    the source, brought to the scale of the target by least squares on the training rows.
    """

    _fitted_arrays: ClassVar[tuple[str, ...]] = (
        "flat_", "sizes_", "columns_", "scaling_", "centre_", "spread_", "epochs_", "extra_variance_",
    )  # fmt: skip

    def __init__(
        self,
        source: Any = None,
        freeze: int = 0,
        *,
        from_scratch: bool = False,
        widths: Sequence[int] = (32, 16),
        max_epochs: int = 500,
        patience: int = 50,
        learning_rate: float = 3e-3,
        weight_decay: float = 1e-3,
        n_splits: int = 5,
        random_state: int | None = 0,
    ) -> None:
        self.source, self.freeze, self.from_scratch, self.widths = source, freeze, from_scratch, widths
        self.max_epochs, self.patience = max_epochs, patience
        self.learning_rate, self.weight_decay = learning_rate, weight_decay
        self.n_splits, self.random_state = n_splits, random_state

    def fit(self, X: Any, y: Any) -> Self:
        """Train one copy per inner fold.

        Parameters
        ----------
        X : array_like, (n, d)
            What the source reads (``source.featurize(structures)``).
        y : array_like, (n,)

        Raises
        ------
        MissingExtraError
            Without torch.
        """
        require_torch()
        X, y = self._check_xy(X, y)
        rng = np.random.default_rng(self.random_state)
        self.columns_ = np.arange(X.shape[1]) if self.source is None else np.asarray(self.source.columns)
        self.centre_, self.spread_ = float(y.mean()), float(y.std()) or 1.0
        scaling = getattr(self.source, "scaling", None)
        self.scaling_ = np.zeros((2, 0)) if scaling is None else scaling.array()
        z, inputs = (y - self.centre_) / self.spread_, self._read(X)
        copies, epochs, out = [], [], np.empty(len(z))
        for train, test in inner_folds(len(z), self.n_splits, self.random_state):
            start = self._start(inputs[train], z[train], rng)
            layers, epoch = self._train(start, (inputs[train], z[train]), (inputs[test], z[test]))
            out[test] = forward(layers, inputs[test])
            copies.append(layers)
            epochs.append(epoch)
        self.sizes_ = np.array([len(weight) for weight, _ in copies[0]] + [1])
        self.flat_ = np.array(
            [np.concatenate([part.ravel() for layer in one for part in layer]) for one in copies]
        )
        self.epochs_ = np.array(epochs)
        members = np.array([forward(layers, inputs) for layers in copies])
        self.extra_variance_ = extra_variance(out - z, members.std(axis=0))
        return self

    def _read(self, X: Any) -> Array:
        """The columns of the source, scaled as it was trained on them."""
        scaling, chosen = Scaling.restore(self.scaling_), X[:, self.columns_]
        return np.asarray(chosen if scaling is None else scaling(chosen), dtype=np.float64)

    def _start(self, X: Array, z: Array, rng: np.random.Generator) -> Layers:
        """The weights of the source, its output aligned to the target; or random ones."""
        if self.source is None or self.from_scratch:
            widths = self.widths if self.source is None else self.source.widths
            sizes = [X.shape[1], *widths, 1]
            return [(rng.normal(0, np.sqrt(2 / a), (a, b)), np.zeros(b)) for a, b in pairwise(sizes)]
        if not 0 <= self.freeze <= self.source.n_layers:
            raise ConfigError(
                f"freeze={self.freeze} layers of a network with {self.source.n_layers} hidden layers"
            )
        layers = [(np.array(w, dtype=float), np.array(b, dtype=float)) for w, b in self.source.layers]
        said = forward(layers, X)
        slope = float(np.cov(said, z, bias=True)[0, 1] / max(said.var(), 1e-12))
        weight, bias = layers[-1]
        layers[-1] = (weight * slope, bias * slope + z.mean() - slope * said.mean())
        return layers

    def _train(
        self, start: Layers, train: tuple[Array, Array], test: tuple[Array, Array]
    ) -> tuple[Layers, int]:
        """Adam on all free layers; the weights at the epoch that was best on the held-out fold."""
        import torch

        parts = [[torch.tensor(part, dtype=torch.float64) for part in layer] for layer in start]
        frozen = 0 if self.source is None or self.from_scratch else self.freeze
        free = [part.requires_grad_() for layer in parts[frozen:] for part in layer]
        optimiser = torch.optim.AdamW(free, lr=self.learning_rate, weight_decay=self.weight_decay)
        data = [torch.tensor(np.ascontiguousarray(part), dtype=torch.float64) for part in (*train, *test)]
        best, kept, at = np.inf, start, 0
        for epoch in range(self.max_epochs + 1):
            with torch.no_grad():
                error = float(((_forward(parts, data[2]) - data[3]) ** 2).mean())
            if error < best - 1e-9:
                best, at = error, epoch
                kept = [(w.detach().numpy().copy(), b.detach().numpy().copy()) for w, b in parts]
            if epoch - at >= self.patience:
                break
            optimiser.zero_grad()
            ((_forward(parts, data[0]) - data[1]) ** 2).mean().backward()
            optimiser.step()
        return kept, at

    def _mean_std(self, X: Any, *, std: bool) -> tuple[Array, Array | None]:
        inputs = self._read(np.asarray(X, dtype=np.float64))
        members = np.array([forward(_unpack(flat, self.sizes_), inputs) for flat in self.flat_])
        mean = members.mean(axis=0) * self.spread_ + self.centre_
        return mean, np.sqrt(members.var(axis=0) + self.extra_variance_) * self.spread_ if std else None


def require_torch() -> None:
    """Raise MissingExtraError where torch is not installed."""
    if find_spec("torch") is None:
        raise MissingExtraError(
            "training a network needs torch, which is not installed", hint="pip install 'hanten[train]'"
        )


def forward(layers: Layers, X: Array) -> Array:
    """A network with rectified hidden layers and one output, (n,).

    Examples
    --------
    >>> forward([(np.eye(1), np.zeros(1)), (np.array([[2.0]]), np.ones(1))], np.array([[3.0], [-1.0]]))
    array([7., 1.])
    """
    hidden = X
    for weight, bias in layers[:-1]:
        hidden = np.maximum(hidden @ weight + bias, 0)
    found: Array = np.asarray((hidden @ layers[-1][0] + layers[-1][1])[:, 0], dtype=np.float64)
    return found


def _forward(parts: Any, X: Any) -> Any:
    for weight, bias in parts[:-1]:
        X = (X @ weight + bias).clamp_min(0)
    return (X @ parts[-1][0] + parts[-1][1])[:, 0]


def _unpack(flat: Array, sizes: Any) -> Layers:
    layers, at = [], 0
    for a, b in zip(sizes[:-1].tolist(), sizes[1:].tolist(), strict=True):
        weight = flat[at : at + a * b].reshape(a, b)
        layers.append((weight, flat[at + a * b : at + a * b + b]))
        at += a * b + b
    return layers
