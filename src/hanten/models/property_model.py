"""A model of one property: strings in, mean and standard deviation out, in the unit of the property."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from hanten.models.base import Regressor, suited
from hanten.models.calibration import log_normal_moments
from hanten.models.domain import ApplicabilityDomain
from hanten.models.vectorize import Read, View, domain_counts, elements, features, featurize, read_structures
from hanten.properties import Property

if TYPE_CHECKING:
    import pandas as pd

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class PropertyModel:
    """Featurizers, regressor, calibration and applicability domain of one property.

    Made by :func:`hanten.models.train_model` or :func:`hanten.models.load_model`, not by hand.

    Parameters
    ----------
    property_ : Property
        What is predicted, and the unit of every number in and out.
    views : tuple of View
        Featurizers.
    regressor : Regressor
        Fitted; in log space when ``log``.
    log : bool
        Whether the regressor models the logarithm of the property.
    std_factor : float
        Calibration: every standard deviation is multiplied by it (in log space when ``log``).
    domain : ApplicabilityDomain
    card : dict
        The model card: data, licence, split, scores, date, command to train again.
    training : dict
        ``keys``: canonical strings without stereo, sorted; ``digest``: SHA-256 of strings and values.

    Examples
    --------
    >>> import hanten
    >>> model = hanten.load_model("thermal_conductivity")
    >>> mean, std = model.predict(["*CC*", "*CC(*)c1ccccc1"], return_std=True)
    >>> bool(mean[0] > mean[1])
    True
    """

    property_: Property
    views: tuple[View, ...]
    regressor: Regressor = field(repr=False)
    log: bool
    std_factor: float
    domain: ApplicabilityDomain = field(repr=False)
    card: dict[str, Any] = field(repr=False, default_factory=dict)
    training: dict[str, Any] = field(repr=False, default_factory=dict)

    @property
    def method(self) -> str:
        """What kind of number is predicted, for example ``"RadonPy MD, amorphous, 300 K"``."""
        return str(self.card.get("method", ""))

    @property
    def label(self) -> str:
        """Symbol, unit and method: what an axis must say."""
        return f"{self.property_.label}, {self.method}" if self.method else self.property_.label

    def predict(self, structures: Sequence[Any], return_std: bool = False, *, canonical: bool = False) -> Any:
        """Predictive mean, and standard deviation of a new value, in the unit of the property.

        Parameters
        ----------
        structures : sequence of str, Polymer or Molecule, (n,)
            In any writing. A structure that cannot be read gives NaN; :meth:`predict_frame` says why.
        return_std : bool
        canonical : bool
            The strings are known to be canonical, and are not canonicalised again.

        Returns
        -------
        mean : ndarray, (n,)
        std : ndarray, (n,)
            Only with ``return_std``.
        """
        read = read_structures(structures, canonical=canonical)
        mean, std, _ = self._predict(read)
        return (mean, std) if return_std else mean

    def predict_frame(self, structures: Sequence[Any], *, canonical: bool = False) -> pd.DataFrame:
        """Everything that is known about each prediction, one row per input, in order.

        Returns
        -------
        pandas.DataFrame
            Columns ``structure``, ``canonical``, ``mean``, ``sd``, ``unit``, ``in_domain``, ``nearest``,
            ``similarity``, ``error``. A row that cannot be predicted has NaN, ``in_domain`` False, and the reason.
        """
        inputs = [str(getattr(s, "psmiles", getattr(s, "smiles", s))) for s in structures]
        return self.frame_of(read_structures(structures, canonical=canonical), inputs)

    def frame_of(self, read: Read, inputs: Sequence[str]) -> pd.DataFrame:
        """The table of :meth:`predict_frame` for structures that are parsed already."""
        import pandas as pd

        canonical = pd.Series([None if item is None else item.text for item in read.items], dtype=object)
        mean, std, read = self._predict(read)
        n = len(read.items)
        nearest, similarity, inside = (
            np.full(n, None, dtype=object),
            np.full(n, np.nan),
            np.zeros(n, dtype=bool),
        )
        if read.good:
            names, close = self.domain.nearest(domain_counts(read.good))
            nearest[read.ok], similarity[read.ok] = names, close
            inside[read.ok] = self.domain.contains(close, elements(read.good))
        columns = {
            "structure": pd.Series(list(inputs), dtype=object),
            "canonical": canonical,
            "mean": mean, "sd": std, "unit": self.property_.unit, "in_domain": inside,
            "nearest": pd.Series(nearest, dtype=object), "similarity": similarity,
            "error": pd.Series(read.errors, dtype=object),
        }  # fmt: skip
        return pd.DataFrame(columns)

    def predict_mols(self, mols: Sequence[Any], return_std: bool = False) -> Any:
        """Like :meth:`predict` for RDKit molecules of canonical repeat units (``*`` as atoms of number 0).

        Nothing is canonicalised or checked beyond the two attachment points; an entry ``None`` gives NaN.
        """
        from hanten.features.structure import Structure

        items = [None if mol is None else Structure.of_mol("", mol) for mol in mols]
        mean, std, _ = self._predict(Read(items, [None] * len(items)))
        return (mean, std) if return_std else mean

    def predict_latent(self, items: Sequence[Any]) -> tuple[Array, Array]:
        """Calibrated mean and standard deviation of parsed structures in the space of the regressor."""
        return self._latent(features(self.views, items))

    def save(self, path: str | Path) -> Path:
        """Write everything to the one file ``path``; see :mod:`hanten.models.bundle`."""
        from hanten.models.bundle import save_bundle

        return save_bundle(self, path)

    def _predict(self, read: Read) -> tuple[Array, Array, Read]:
        """Mean, standard deviation, and the batch with the reasons of rows that have neither."""
        X, read = featurize(self.views, read)
        mean, std = np.full(len(read.items), np.nan), np.full(len(read.items), np.nan)
        if X is not None:
            centre, spread = self._latent(X)
            mean[read.ok], std[read.ok] = log_normal_moments(centre, spread) if self.log else (centre, spread)
        return mean, std, read

    def _latent(self, X: Any) -> tuple[Array, Array]:
        mean, std = self.regressor.predict(suited(self.regressor, X), return_std=True)
        return mean, std * self.std_factor

    def _repr_html_(self) -> str:
        from hanten.models.card import card_html

        return card_html(self)
