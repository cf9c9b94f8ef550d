"""A table of element features: values, units, where each value comes from, and which are imputed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from hanten.chem.composition import ELEMENTS, Composition
from hanten.errors import ConfigError, DataError, StructureError, UnknownNameError, did_you_mean

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

IMPUTED = "imputed"


@dataclass(frozen=True, eq=False)
class ElementTable:
    """Features of the chemical elements: one row per element, one column per feature; NaN where unknown.

    Attributes
    ----------
    name : str
        Identity of the table in configurations.
    symbols, features, units : tuple of str
    values : numpy.ndarray, shape (elements, features)
    sources : numpy.ndarray of str, shape (elements, features), optional
        Where each value comes from; ``"imputed"`` marks a value nobody measured, "" an unknown one.
    descriptions : tuple of str, optional
        One sentence per feature, with its literature source.

    Raises
    ------
    ConfigError
        If shapes do not fit, or a symbol or feature stands twice.

    Examples
    --------
    >>> table = ElementTable("mine", ("H", "O"), ("x",), ("K",), np.array([[1.0], [np.nan]]))
    >>> table.value("H", "x"), table.gaps
    (1.0, 1)
    """

    name: str
    symbols: tuple[str, ...]
    features: tuple[str, ...]
    units: tuple[str, ...]
    values: NDArray[np.float64]
    sources: NDArray[Any] | None = None
    descriptions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        shape = (len(self.symbols), len(self.features))
        fits = len(self.units) == shape[1] and (self.sources is None or self.sources.shape == shape)
        if self.values.shape != shape or not fits:
            raise ConfigError(
                f"element table {self.name!r}: {shape[0]} elements, {shape[1]} features "
                f"and {len(self.units)} units do not fit values of shape {self.values.shape}"
            )
        for what, names in (("element", self.symbols), ("feature", self.features)):
            if twice := sorted({n for n in names if names.count(n) > 1}):
                raise ConfigError(f"element table {self.name!r}: {what} {twice[0]!r} stands twice")
        self.values.setflags(write=False)

    # Looking up --------------------------------------------------------------------------------------------

    def row(self, symbol: str) -> int:
        """Row of an element.

        Raises
        ------
        UnknownNameError
            With the closest symbols.
        """
        if symbol in self.symbols:
            return self.symbols.index(symbol)
        hint = did_you_mean(symbol, self.symbols)
        if symbol in ELEMENTS:
            hint = f"it has {len(self.symbols)} elements, {self.symbols[0]} to {self.symbols[-1]}"
        raise UnknownNameError(f"no element {symbol!r} in the element table {self.name!r}", hint=hint)

    def column(self, feature: str) -> int:
        """Column of a feature.

        Raises
        ------
        UnknownNameError
            With the closest features.
        """
        if feature in self.features:
            return self.features.index(feature)
        inside = [name for name in self.features if feature and feature.casefold() in name.casefold()]
        close = did_you_mean(feature, self.features)
        hint = f"there is {', '.join(inside)}" if inside and "did you" not in str(close) else close
        raise UnknownNameError(f"no feature {feature!r} in the element table {self.name!r}", hint=hint)

    def checked(self, composition: Composition) -> Composition:
        """The composition, if the table has all its elements.

        Raises
        ------
        StructureError
            Naming those that it has not.

        Examples
        --------
        >>> from hanten.chem import Composition
        >>> element_table().checked(Composition("Fe2O3")).formula
        'Fe2O3'
        """
        if beyond := [symbol for symbol in composition.amounts if symbol not in self.symbols]:
            raise StructureError(
                f"{composition.written!r}: {', '.join(beyond)} not in the element table",
                hint=f"it has {len(self.symbols)} elements, {self.symbols[0]} to {self.symbols[-1]}",
            )
        return composition

    def value(self, symbol: str, feature: str) -> float:
        """One value, in the unit of its feature; NaN where unknown."""
        return float(self.values[self.row(symbol), self.column(feature)])

    @property
    def imputed(self) -> NDArray[np.bool_]:
        """Which values are imputed, (elements, features)."""
        if self.sources is None:
            return np.zeros(self.values.shape, dtype=bool)
        mask: NDArray[np.bool_] = self.sources == IMPUTED
        return mask

    @property
    def gaps(self) -> int:
        """Number of unknown values."""
        return int(np.isnan(self.values).sum())

    # Other tables ------------------------------------------------------------------------------------------

    def select(
        self, features: Sequence[str] | None = None, symbols: Sequence[str] | None = None
    ) -> ElementTable:
        """The table of some features, some elements, or both, in the order given.

        Examples
        --------
        >>> element_table().select(["period", "en_pauling"], ["Li", "F"]).values.tolist()
        [[2.0, 0.98], [2.0, 3.98]]
        """
        rows = range(len(self.symbols)) if symbols is None else [self.row(s) for s in symbols]
        columns = range(len(self.features)) if features is None else [self.column(f) for f in features]
        place = np.ix_(rows, columns)
        return ElementTable(
            self._part_name(features, symbols),
            tuple(self.symbols[i] for i in rows),
            tuple(self.features[j] for j in columns),
            tuple(self.units[j] for j in columns),
            self.values[place],
            None if self.sources is None else self.sources[place],
            tuple(self.descriptions[j] for j in columns) if self.descriptions else (),
        )

    def _part_name(self, features: Sequence[str] | None, symbols: Sequence[str] | None) -> str:
        if features is None and symbols is None:
            return self.name
        chosen = json.dumps([features and list(features), symbols and list(symbols)])
        return f"{self.name}#{hashlib.sha256(chosen.encode()).hexdigest()[:8]}"

    def measured(self) -> ElementTable:
        """The table with imputed values taken out again: NaN where nobody measured."""
        values = np.where(self.imputed, np.nan, self.values)
        sources = None if self.sources is None else np.where(self.imputed, "", self.sources)
        return ElementTable(
            f"{self.name}-measured",
            self.symbols,
            self.features,
            self.units,
            values,
            sources,
            self.descriptions,
        )

    # To and from pandas ------------------------------------------------------------------------------------

    def frame(self) -> pd.DataFrame:
        """Values as a table: index ``symbol``, one column per feature."""
        import pandas as pd

        index = pd.Index(self.symbols, name="symbol")
        return pd.DataFrame(self.values.copy(), index=index, columns=list(self.features))

    def source_frame(self) -> pd.DataFrame:
        """Where each value comes from, in the form of :meth:`frame`."""
        import pandas as pd

        index = pd.Index(self.symbols, name="symbol")
        sources = np.full(self.values.shape, "") if self.sources is None else self.sources.copy()
        return pd.DataFrame(sources, index=index, columns=list(self.features))

    def show(self, symbol: str) -> pd.DataFrame:
        """One element: columns ``feature, value, unit, source, description``."""
        import pandas as pd

        i = self.row(symbol)
        blank = [""] * len(self.features)
        return pd.DataFrame(
            {
                "feature": self.features,
                "value": self.values[i],
                "unit": self.units,
                "source": blank if self.sources is None else self.sources[i],
                "description": self.descriptions or blank,
            }
        )

    @classmethod
    def from_frame(cls, frame: pd.DataFrame, name: str, units: Sequence[str] | None = None) -> Self:
        """A table of your own: symbols in the index, one number column per feature; empty cells are gaps.

        Raises
        ------
        DataError
            Naming a symbol that is no element, or a cell that is no number.

        Examples
        --------
        >>> import pandas as pd
        >>> ElementTable.from_frame(pd.DataFrame({"x": [1, 2]}, index=["H", "He"]), "mine").symbols
        ('H', 'He')
        """
        for symbol in map(str, frame.index):
            if symbol not in ELEMENTS:
                raise DataError(
                    f"there is no element {symbol!r}", where=name, hint=did_you_mean(symbol, ELEMENTS)
                )
        return cls._of_items(frame, name, units)

    @classmethod
    def from_columns(cls, frame: pd.DataFrame, name: str) -> Self:
        """A table of any items (molecules, alloys): names in the first column, numbers in the others.

        Examples
        --------
        >>> import pandas as pd
        >>> ElementTable.from_columns(pd.DataFrame({"alloy": ["a", "b"], "x": [1, 2]}), "mine").features
        ('x',)
        """
        if frame.shape[1] < 2:
            raise DataError("a column of names and one or more of numbers are needed", where=name)
        return cls._of_items(frame.set_index(frame.columns[0]), name, None)

    @classmethod
    def _of_items(cls, frame: pd.DataFrame, name: str, units: Sequence[str] | None) -> Self:
        import pandas as pd

        filled = frame.where(frame != "")  # an empty cell of a text table
        numbers = filled.apply(lambda column: pd.to_numeric(column, errors="coerce")).astype(float)
        for row, column in np.argwhere((numbers.isna() & filled.notna()).to_numpy())[:1]:
            cell = frame.iloc[row, column]
            raise DataError(
                f"{frame.columns[column]} of {frame.index[row]} is {cell!r}, not a number", where=name
            )
        symbols, features = tuple(map(str, frame.index)), tuple(map(str, frame.columns))
        values: NDArray[Any] = numbers.to_numpy(copy=True)
        return cls(name, symbols, features, tuple(units or [""] * len(features)), values)


@cache
def element_table() -> ElementTable:
    """The table of the package: the 94 elements to plutonium, no gaps, every value with its source.

    Values come from mendeleev, pymatgen and the tables of Magpie, or are derived from those; what nobody measured is imputed (:func:`~hanten.elements.impute`) and marked. ``table.measured()``
    has gaps instead. See ``docs/elements.md``.

    Examples
    --------
    >>> table = element_table()
    >>> table.value("Cu", "melting_point"), table.units[table.column("melting_point")]
    (1357.77, 'K')
    >>> bool(table.imputed[table.row("He"), table.column("bulk_modulus")])
    True
    """
    import pandas as pd

    folder = files("hanten.elements") / "tables"
    notes = json.loads((folder / "elements.json").read_text(encoding="utf-8"))
    with (folder / "elements.csv").open(encoding="utf-8") as handle:
        frame = pd.read_csv(handle, index_col="symbol", keep_default_na=False, dtype=object)
    with (folder / "sources.csv").open(encoding="utf-8") as handle:
        sources = pd.read_csv(handle, index_col="symbol", keep_default_na=False, dtype=object)
    columns = notes["features"]
    return ElementTable(
        notes["name"],
        tuple(frame.index),
        tuple(frame.columns),
        tuple(columns[f]["unit"] for f in frame.columns),
        frame.to_numpy(dtype=float, copy=True),
        sources.replace(notes["sources"]).to_numpy(dtype=object, copy=True),
        tuple(columns[f]["description"] for f in frame.columns),
    )
