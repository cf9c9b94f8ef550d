"""Frozen features: what the hidden layers of source models say, as descriptors for any regressor.

References
----------
H. Yamada, C. Liu, S. Wu, Y. Koyama, S. Ju, J. Shiomi, J. Morikawa, R. Yoshida, "Predicting materials properties with
little data using shotgun transfer learning", ACS Cent. Sci. 5 (2019) 1717; https://doi.org/10.1021/acscentsci.9b00804
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar, Self

import numpy as np

from hanten.errors import ConfigError
from hanten.models.base import Array, Regressor
from hanten.transfer.heads import as_head, fit_head
from hanten.transfer.signal import check_in_columns


class FrozenFeatures(Regressor):
    """Any regressor on the activations of chosen hidden layers of chosen source models.

    Parameters
    ----------
    regressor : scikit-learn regressor, optional
        The head; a Gaussian process with a Gaussian kernel without it.
    sources : sequence of source models or callables, optional
        A source model gives its hidden layers of X, a callable any array (n, w). Without it, X itself is taken
        as frozen features (as :class:`~hanten.transfer.SourceFeatures` gives them).
    layers : sequence of int
        ``1, 2, …`` from the input or ``-1, -2, …`` from the output; all are taken side by side.
    activation : {"post", "pre"}
        After or before the rectifier.
    keep_input : bool
        Keep the columns of X as well, in front of the frozen features.

    Examples
    --------
    >>> from hanten.models import BayesianLinear
    >>> X = np.linspace(-3, 3, 20)[:, None]
    >>> model = FrozenFeatures(BayesianLinear(), [np.sin]).fit(X, 2 * np.sin(X[:, 0]))
    >>> round(float(model.predict([[1.0]])[0]), 3)
    1.683
    """

    _fitted_arrays: ClassVar[tuple[str, ...]] = ("centre_", "scale_")
    _fitted_parts: ClassVar[tuple[str, ...]] = ("head_",)

    def __init__(
        self,
        regressor: Any = None,
        sources: Sequence[Any] | None = None,
        layers: Sequence[int] = (-1,),
        activation: str = "post",
        *,
        keep_input: bool = False,
    ) -> None:
        self.regressor, self.sources, self.layers = regressor, sources, layers
        self.activation, self.keep_input = activation, keep_input

    def fit(self, X: Any, y: Any) -> Self:
        """Standardise the frozen features and fit the head.

        Parameters
        ----------
        X : array_like, (n, d)
            What the sources read.
        y : array_like, (n,)
        """
        X, y = self._check_xy(X, y)
        features = self._features(X)
        spread = features.std(axis=0)
        self.centre_, self.scale_ = features.mean(axis=0), np.where(spread > 1e-9, spread, 1.0)
        self.head_ = [fit_head(as_head(self.regressor, features.shape[1]), self._standard(features), y)]
        return self

    def _mean_std(self, X: Any, *, std: bool) -> tuple[Array, Array | None]:
        return self.head_[0]._mean_std(self._standard(self._features(X)), std=std)  # noqa: SLF001  (our own base)

    def _standard(self, features: Array) -> Array:
        standard: Array = (features - self.centre_) / self.scale_
        return standard

    def _features(self, X: Any) -> Array:
        if not self.sources:
            return np.asarray(X, dtype=np.float64)
        own = [np.asarray(X, dtype=np.float64)] if self.keep_input else []
        blocks = [frozen(source, X, self.layers, self.activation) for source in self.sources]
        return np.hstack([*own, *blocks])

    def _check_savable(self) -> None:
        if self.sources:
            check_in_columns(self.sources)


def frozen(source: Any, X: Any, layers: Sequence[int] = (-1,), activation: str = "post") -> Array:
    """The chosen hidden layers of one source side by side, (n, w); of a function, what it returns.

    Examples
    --------
    >>> frozen(np.square, np.array([[1.0], [2.0]])).tolist()
    [[1.0], [4.0]]
    """
    if hasattr(source, "hidden"):
        blocks = [source.hidden(X, layer, activation=activation) for layer in layers]
        return np.hstack(blocks).astype(np.float64)
    if not isinstance(source, Callable):  # type: ignore[arg-type]
        raise ConfigError(f"{source!r} has no hidden layers", hint="give source models, or functions of X")
    return np.asarray(source(X), dtype=np.float64).reshape(len(X), -1)
