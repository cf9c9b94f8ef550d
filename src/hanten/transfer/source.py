"""A source model: a small network trained on many data, ready to be learned from; numpy only."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from hanten.errors import ConfigError
from hanten.transfer.inputs import Inputs, as_formula
from hanten.transfer.keys import Digests, canonical_key, were_seen
from hanten.transfer.scaling import Scaling

Array = npt.NDArray[np.float32]
ACTIVATIONS = ("pre", "post")
LARGEST = 30.0  # standard deviations of the training values; keeps 10**x finite


@dataclass(frozen=True, eq=False)
class SourceModel:
    """A network with rectified hidden layers: ``h_k = max(0, h_{k-1} W_k + b_k)``, prediction ``h_L w + b``.

    Parameters
    ----------
    name : str
        ``world/task/number``: ``polymer/thermal_conductivity/0007``.
    kind : {"polymer", "molecule", "composition"}
    property_name, unit : str
        What :meth:`predict` returns.
    card : dict
        The model card: data, licence, split, architecture, seed, held-out scores, date, command to train again.
    inputs : Inputs
        What the model reads; the same for all models of a world in one library.
    columns : ndarray of int, (d,)
        The columns of the inputs that this network was given.
    layers : tuple of (W, b)
        Hidden layers first, the output last; W is (inputs, units).
    centre, spread : float
        The network predicts ``(y - centre) / spread``, y the value or its decimal logarithm.
    log : bool
        Whether y is the logarithm.
    seen_keys : ndarray of uint64
        Sorted digests of the canonical keys used for training or for stopping.
    scaling : Scaling, optional
        Of the columns, over the materials of the task; without it those of the inputs are read as they are.

    Notes
    -----
    Feature-based transfer takes the activations of hidden layers as descriptors [1]_; "pre" is before the rectifier
    (what XenonPy's frozen featurizer returned), "post" after it.

    References
    ----------
    .. [1] H. Yamada et al., ACS Cent. Sci. 5, 1717 (2019), doi:10.1021/acscentsci.9b00804

    """

    name: str
    kind: str
    property_name: str
    unit: str
    card: dict[str, Any]
    inputs: Inputs = field(repr=False)
    columns: npt.NDArray[np.int64] = field(repr=False)
    layers: tuple[tuple[Array, Array], ...] = field(repr=False)
    centre: float = 0.0
    spread: float = 1.0
    log: bool = False
    seen_keys: Digests = field(default_factory=lambda: np.zeros(0, dtype=np.uint64), repr=False)
    scaling: Scaling | None = field(default=None, repr=False)

    @property
    def n_layers(self) -> int:
        """Number of hidden layers."""
        return len(self.layers) - 1

    @property
    def widths(self) -> tuple[int, ...]:
        """Units of each hidden layer."""
        return tuple(len(bias) for _, bias in self.layers[:-1])

    @property
    def task(self) -> str:
        """The name without the number of the model."""
        return self.name.rpartition("/")[0]

    def featurize(self, structures: Any, *, errors: str = "raise") -> Array:
        """What :meth:`predict` and :meth:`hidden` read; see :meth:`hanten.transfer.inputs.Inputs.transform`.

        Returns
        -------
        ndarray of float32, (n, d)
            The same for every source of one world in one library.
        """
        return self.inputs.transform(structures, errors=errors)

    def predict(self, features: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """The property, in :attr:`unit`.

        Parameters
        ----------
        features : array, (n, d)
            From :meth:`featurize`; a row with NaN gives NaN.

        Raises
        ------
        ConfigError
            If there are more or fewer columns than the model reads.
        """
        found = self._forward(features, self.n_layers)
        weight, bias = self.layers[-1]
        scaled = np.clip((found @ weight + bias)[:, 0].astype(float), -LARGEST, LARGEST)
        values: npt.NDArray[np.float64] = self.centre + self.spread * scaled
        return np.power(10.0, values) if self.log else values

    def hidden(self, features: npt.ArrayLike, layer: int = -1, activation: str = "post") -> Array:
        """Activations of a hidden layer.

        Parameters
        ----------
        features : array, (n, d)
            From :meth:`featurize`.
        layer : int
            ``1 .. n_layers`` from the input, or ``-1 .. -n_layers`` from the output.
        activation : {"pre", "post"}
            Before or after the rectifier.

        Returns
        -------
        ndarray of float32, (n, width)

        Raises
        ------
        ConfigError
            If there is no such layer or activation.
        """
        if activation not in ACTIVATIONS:
            raise ConfigError(f"activation={activation!r} is not a choice", hint='"pre" or "post"')
        number = layer + self.n_layers + 1 if layer < 0 else layer
        if not 1 <= number <= self.n_layers:
            raise ConfigError(
                f"{self.name} has no hidden layer {layer}",
                hint=f"1 to {self.n_layers} from the input, -1 to -{self.n_layers} from the output",
            )
        below = self._forward(features, number - 1)
        weight, bias = self.layers[number - 1]
        before: Array = below @ weight + bias
        return before if activation == "pre" else np.maximum(before, 0)

    def saw(self, structures: Any) -> npt.NDArray[np.bool_]:
        """Which structures were used to train or to stop this model, by canonical key."""
        items = [as_formula(item) for item in structures] if self.kind == "composition" else structures
        return were_seen([canonical_key(item, self.kind) for item in items], self.seen_keys)

    def _forward(self, features: npt.ArrayLike, n_layers: int) -> Array:
        given = np.asarray(features, dtype=np.float32)
        if given.ndim != 2 or given.shape[1] != self.inputs.width:
            text = f"{self.name} reads {self.inputs.width} features, and the array has shape {given.shape}"
            raise ConfigError(text, hint="pass what featurize() of a source of the same library gave")
        hidden: Array = given[:, self.columns]
        if self.scaling is not None:
            hidden = self.scaling(hidden)
        for weight, bias in self.layers[:n_layers]:
            hidden = np.maximum(hidden @ weight + bias, 0)
        return hidden

    def _repr_html_(self) -> str:
        from html import escape

        scores = self.card.get("scores", {})
        return (
            f"<b>{escape(self.name)}</b> [{escape(self.unit)}], widths {self.widths}, {escape(str(scores))}"
        )
