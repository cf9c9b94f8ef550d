"""The conductivity model: formulas in; mean, standard deviation, and whether the composition is in domain out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from hanten.chem import Composition
from hanten.elements import element_table
from hanten.errors import StructureError
from hanten.features import CompositionDescriptors
from hanten.features.composition import composition_matrix
from hanten.models.domain import ApplicabilityDomain

if TYPE_CHECKING:
    import pandas as pd

Array = npt.NDArray[np.float64]
Extra = Callable[[Sequence[str]], Any]
STATISTICS = ("mean", "variance", "max", "min")
CHUNK = 2048
LN10 = float(np.log(10))


@dataclass(frozen=True)
class ConductivityModel:
    """Lattice thermal conductivity at 300 K from composition, in the decimal logarithm inside.

    Made by :func:`hanten.crystals.train_conductivity_model` or :func:`hanten.crystals.load_conductivity_model`.

    Parameters
    ----------
    regressor : object
        Anything with ``predict(X, return_std=True)``, fitted on the decimal logarithm.
    std_factor : float
        Calibration: every standard deviation is multiplied by it.
    domain : ApplicabilityDomain
        Similarity of atomic fractions to the training compositions.
    extra : callable, optional
        More descriptors: formulas in, (n, k) out, for example the frozen features of source models.
    card : dict

    Examples
    --------
    >>> from hanten.crystals import load_conductivity_model
    >>> mean, sd = load_conductivity_model().predict_log10(["Si"])
    >>> bool(0 < sd[0] < 1)
    True
    """

    regressor: Any = field(repr=False)
    std_factor: float
    domain: ApplicabilityDomain = field(repr=False)
    extra: Extra | None = field(repr=False, default=None)
    card: dict[str, Any] = field(repr=False, default_factory=dict)

    def predict_log10(self, formulas: Sequence[str]) -> tuple[Array, Array]:
        """Mean and standard deviation of the decimal logarithm of the conductivity in W/(m K); NaN for a bad formula."""
        frame = self.predict_frame(formulas)
        return frame["log10_mean"].to_numpy(), frame["log10_sd"].to_numpy()

    def predict_frame(self, formulas: Sequence[Any]) -> pd.DataFrame:
        """One row per input, in order.

        Returns
        -------
        pandas.DataFrame
            ``input``, ``composition``, ``mean`` and ``sd`` (W/(m K), of the log-normal distribution), ``low`` and ``high``
            (its central 90 %), ``log10_mean``, ``log10_sd``, ``in_domain``, ``nearest``, ``similarity``, ``error``.
        """
        import pandas as pd

        texts, names, errors = read(formulas)
        n = len(texts)
        good = np.array([why is None for why in errors], dtype=bool)
        mean, sd, similarity = (np.full(n, np.nan) for _ in range(3))
        inside = np.zeros(n, dtype=bool)
        nearest = np.full(n, None, dtype=object)
        for part in _chunks(np.flatnonzero(good)):
            chunk = [str(names[i]) for i in part]
            mean[part], sd[part] = self._latent(chunk)
            near, close = self.domain.nearest(shares_of(chunk))
            nearest[part], similarity[part] = near, close
            inside[part] = self.domain.contains(close, [numbers(text) for text in chunk])
        nearest[similarity == 0] = None  # nothing is near that shares no element
        from hanten.models.calibration import log_normal_moments

        real, spread = log_normal_moments(mean * LN10, sd * LN10)
        return pd.DataFrame(
            {
                "input": pd.Series(texts, dtype=object),
                "composition": pd.Series(names, dtype=object),
                "mean": real,
                "sd": spread,
                "low": 10 ** (mean - 1.6448536 * sd),
                "high": 10 ** (mean + 1.6448536 * sd),
                "log10_mean": mean,
                "log10_sd": sd,
                "in_domain": inside,
                "nearest": pd.Series(nearest, dtype=object),
                "similarity": similarity.round(6),
                "error": pd.Series(errors, dtype=object),
            }
        )

    def _latent(self, formulas: Sequence[str]) -> tuple[Array, Array]:
        mean, sd = self.regressor.predict(describe(formulas, self.extra), return_std=True)
        return mean, sd * self.std_factor

    def save(self, path: str | Path) -> Path:
        """Write everything to one file; see :mod:`hanten.crystals.bundle`."""
        from hanten.crystals.bundle import save_conductivity_model

        return save_conductivity_model(self, path)

    def _repr_html_(self) -> str:
        from html import escape

        from hanten.models.card import card_text

        return f"<pre>{escape(card_text(self.card))}</pre>"


def read(formulas: Sequence[Any]) -> tuple[list[str], list[str | None], list[str | None]]:
    """Each input as text, its canonical formula, and why it is bad.

    Examples
    --------
    >>> read(["SiO2", "Si-2"])[1]
    ['O2Si', None]
    """
    texts = [str(getattr(item, "written", item)) for item in formulas]
    names: list[str | None] = []
    errors: list[str | None] = []
    for item in formulas:
        try:
            composition = item if isinstance(item, Composition) else Composition(item)
            names.append(element_table().checked(composition).formula)
            errors.append(None)
        except StructureError as error:
            names.append(None)
            errors.append(str(error))
    return texts, names, errors


def shares_of(formulas: Sequence[str]) -> Array:
    """Atomic fractions over the element table, (n, elements)."""
    amounts, bad = composition_matrix(list(formulas), element_table())
    if bad:
        raise StructureError(next(iter(bad.values())))
    dense = amounts.toarray()
    return np.asarray(dense / dense.sum(axis=1, keepdims=True), dtype=np.float64)


def describe(formulas: Sequence[str], extra: Extra | None = None) -> Array:
    """Shares of elements, statistics of element features, and what ``extra`` adds: (n, d)."""
    shares = shares_of(formulas)
    statistics = CompositionDescriptors(statistics=STATISTICS).transform_amounts(shares)
    blocks = [shares, statistics]
    if extra is not None:
        blocks.append(np.asarray(extra(list(formulas)), dtype=np.float64))
    return np.hstack(blocks)


def describe_names() -> list[str]:
    """Names of the columns of :func:`describe`, without those of ``extra``."""
    names = CompositionDescriptors(statistics=STATISTICS).get_feature_names_out()
    return [*(f"share of {symbol}" for symbol in element_table().symbols), *(str(name) for name in names)]


def numbers(formula: str) -> frozenset[int]:
    """Atomic numbers of the elements in a formula.

    Examples
    --------
    >>> sorted(numbers("NaCl"))
    [11, 17]
    """
    from hanten.chem.composition import ELEMENTS

    return frozenset(ELEMENTS.index(symbol) + 1 for symbol in Composition(formula).amounts)


def _chunks(rows: npt.NDArray[np.intp]) -> list[npt.NDArray[np.intp]]:
    return [rows[i : i + CHUNK] for i in range(0, len(rows), CHUNK)]
