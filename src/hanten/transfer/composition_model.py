"""A model of one property of compositions: formulas in, mean and standard deviation out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse

from hanten.chem import Composition
from hanten.errors import StructureError
from hanten.models.base import Regressor
from hanten.models.cross_fitting import OutOfFold, TrainingTask
from hanten.models.evaluation import pool
from hanten.models.hygiene import CleanTable
from hanten.models.kernels import min_max
from hanten.models.property_model import PropertyModel
from hanten.models.vectorize import Read, View, features

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class CompositionModel(PropertyModel):
    """A :class:`~hanten.models.PropertyModel` that reads formulas.

    Its domain is measured on atomic fractions: the similarity of two compositions is the shared part of their atoms over
    the joint one.

    Examples
    --------
    >>> from hanten.models import BayesianLinear
    >>> from hanten.properties import get_property
    >>> from hanten.transfer.formulas import clean_formulas, composition_views, train_formulas
    >>> import pandas as pd
    >>> table = pd.DataFrame({"formula": [f"Fe{9 - i}Ni{i}" for i in range(1, 9)], "density": np.arange(8.0)})
    >>> clean = clean_formulas(table, "formula", "density", get_property("density"))
    >>> trained = train_formulas(
    ...     clean, get_property("density"), BayesianLinear(scale=True), composition_views(), log=False
    ... )
    >>> trained.model.predict(["Fe4Ni5", "no formula"]).round(0).tolist()
    [4.0, nan]
    """

    def predict(self, structures: Sequence[Any], return_std: bool = False, *, canonical: bool = False) -> Any:  # noqa: ARG002
        """Predictive mean, and standard deviation of a new value, in the unit of the property.

        Parameters
        ----------
        structures : sequence of str or Composition, (n,)
            Formulas. One that cannot be read gives NaN; :meth:`predict_frame` says why.
        return_std : bool
        canonical : bool
            Makes no difference: reading a formula is quick.

        Returns
        -------
        mean : ndarray, (n,)
        std : ndarray, (n,)
            Only with ``return_std``.
        """
        mean, std, _ = self._predict(read_formulas(structures))
        return (mean, std) if return_std else mean

    def predict_frame(self, structures: Sequence[Any], *, canonical: bool = False) -> pd.DataFrame:  # noqa: ARG002
        """Everything that is known about each prediction, one row per formula, in order.

        Returns
        -------
        pandas.DataFrame
            Columns ``formula``, ``mean``, ``sd``, ``unit``, ``in_domain``, ``nearest``, ``similarity``, ``error``.
        """
        import pandas as pd

        mean, std, read = self._predict(read_formulas(structures))
        n = len(read.items)
        nearest, similarity = np.full(n, None, dtype=object), np.full(n, np.nan)
        inside = np.zeros(n, dtype=bool)
        if read.good:
            names, close = self.domain.nearest(fractions(read.good))
            nearest[read.ok], similarity[read.ok] = names, close
            inside[read.ok] = self.domain.contains(close, elements(read.good))
        return pd.DataFrame(
            {
                "formula": [str(getattr(item, "written", item)) for item in structures],
                "mean": mean, "sd": std, "unit": self.property_.unit, "in_domain": inside,
                "nearest": nearest, "similarity": similarity, "error": pd.Series(read.errors, dtype=object),
            }
        )  # fmt: skip

    def save(self, path: str | Path) -> Path:
        """Write everything to the one file ``path``; :func:`hanten.transfer.load_composition_model` reads it."""
        from hanten.transfer.composition_file import save_composition_model

        return save_composition_model(self, path)

    def _predict(self, read: Read) -> Any:
        if not read.good:
            nothing = np.full(len(read.items), np.nan)
            return nothing, nothing.copy(), read
        return super()._predict(read)


class CompositionTask(TrainingTask):
    """One training table of formulas with its features; folds hold out formulas, or whole sets of elements."""

    def __init__(self, clean: CleanTable, views: tuple[View, ...], regressor: Regressor, log: bool) -> None:
        self.clean, self.regressor, self.log = clean, regressor, log
        items = [Composition(text) for text in clean.structures]
        self.X, self.counts, self.elements = features(views, items), fractions(items), elements(items)
        self.z = np.log(clean.y) if log else clean.y
        self.similarity = min_max(self.counts, self.counts)

    def cross_validate(self, n_splits: int, n_repeats: int, seed: int) -> tuple[OutOfFold, OutOfFold]:
        """Held-out predictions of random folds, and of folds that hold out every composition of the same elements."""
        from hanten.data.splits import grouped_folds

        splits = min(n_splits, len(self.z) // 2)
        random = self._out_of_fold(pool(grouped_folds(self.clean.keys, splits, n_repeats, seed)))
        systems = [" ".join(map(str, sorted(one))) for one in self.elements]
        groups = systems if len(set(systems)) >= splits else list(self.clean.keys)
        return random, self._out_of_fold(pool(grouped_folds(groups, splits, 1, seed)))


def read_formulas(entries: Sequence[Any]) -> Read:
    """Formulas or compositions, parsed; bad ones are ``None`` with a reason.

    Examples
    --------
    >>> read = read_formulas(["Al2O3", "Xx"])
    >>> read.ok.tolist(), read.errors[1]
    ([True, False], "'Xx': there is no element 'Xx' (did you mean Xe?)")
    """
    items: list[Any] = []
    errors: list[str | None] = []
    for entry in entries:
        try:
            items.append(entry if isinstance(entry, Composition) else Composition(str(entry).strip()))
            errors.append(None)
        except StructureError as error:
            items.append(None)
            errors.append(str(error))
    return Read(items, errors)


def fractions(items: Sequence[Composition]) -> Any:
    """Atomic fractions, a sparse array (n, 119) whose columns are atomic numbers."""
    rows = np.zeros((len(items), 119))
    for i, item in enumerate(items):
        for symbol, share in item.fractions.items():
            rows[i, _number(symbol)] = share
    return sparse.csr_array(rows)


def elements(items: Sequence[Composition]) -> list[frozenset[int]]:
    """Atomic numbers in each composition."""
    return [frozenset(map(_number, item.fractions)) for item in items]


def _number(symbol: str) -> int:
    from rdkit import Chem

    return int(Chem.GetPeriodicTable().GetAtomicNumber(symbol))
