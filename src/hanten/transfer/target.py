"""The few data: a table read once, as repeat units, molecules or formulas, and how a model of it is trained."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hanten.errors import ConfigError, DataError
from hanten.models.base import Regressor
from hanten.models.hygiene import MISSING, CleanTable, clean_table
from hanten.models.training import Trained, train
from hanten.models.vectorize import View, default_views, molecule_views
from hanten.properties import Property
from hanten.transfer.formulas import (
    clean_formulas,
    composition_views,
    holds_formulas,
    spreads_over_decades,
    train_formulas,
)
from hanten.transfer.keys import check_kind

if TYPE_CHECKING:
    import pandas as pd

FEWEST, FEW = 8, 16
DUPLICATE_RULE = "the median of each material's values is used"


@dataclass(frozen=True)
class Target:
    """A target task.

    Parameters
    ----------
    frame : pandas.DataFrame
    structure, column : str
        Columns of materials and of values.
    property_ : Property
    unit : str or None
        Of the values in the table.
    kind : {"polymer", "molecule", "composition"}
    clean : CleanTable
        One value per material.
    """

    frame: pd.DataFrame = field(repr=False)
    structure: str
    column: str
    property_: Property
    unit: str | None
    kind: str
    clean: CleanTable = field(repr=False)

    @property
    def n(self) -> int:
        """Number of materials."""
        return len(self.clean.y)

    def views(self) -> tuple[View, ...]:
        """Descriptors of the materials, the same in both arms."""
        if self.kind == "composition":
            return composition_views()
        return default_views() if self.kind == "polymer" else molecule_views()

    def logarithm(self, log: bool | None) -> bool:
        """Whether the logarithm is modelled: as said, as the bundled model of the property does, or by its spread."""
        from hanten.models.recipes import RECIPES

        if self.kind == "composition":
            return spreads_over_decades(self.property_, self.clean.y) if log is None else self._positive(log)
        recipe = RECIPES.get(self.property_.name)
        if log is None and recipe is not None:
            log = recipe.log
        return self._positive(self.property_.log_scale if log is None else log)

    def _positive(self, log: bool) -> bool:
        return bool(log and self.clean.y.min() > 0)

    def train(
        self,
        views: Sequence[View],
        regressor: Regressor,
        *,
        log: bool,
        n_splits: int,
        n_draws: int,
        seed: int,
        card: dict[str, Any] | None,
    ) -> Trained:
        """One arm: cross-validated on the folds that ``seed`` gives, calibrated, fitted to everything."""
        options: dict[str, Any] = {"n_splits": n_splits, "n_repeats": n_draws, "seed": seed, "card": card}
        if self.kind == "composition":
            return train_formulas(self.clean, self.property_, regressor, views, log=log, **options)
        names: dict[str, Any] = {
            "property": self.property_,
            "unit": self.unit,
            "log": log,
            "min_rows": FEWEST,
        }
        return train(
            self.frame, self.structure, self.column, model=regressor, views=views, **names, **options
        )

    def warnings(self) -> list[str]:
        """What a reader must know of the table: very few rows, materials with several values, rows not used."""
        notes, report = [], self.clean.report
        if self.n < FEW:
            notes.append(f"{self.n} materials are very few: take the interval seriously, not the mean")
        spread = report["largest_spread"]
        if spread is not None and spread["range"] > 0:
            notes.append(
                f"{report['duplicate_rows']} rows repeat a material; {DUPLICATE_RULE}; the largest disagreement is "
                f"{spread['range']:.4g} ({spread['structure']})"
            )
        notes += [f"row {bad['row']} is not used: {bad['reason']}" for bad in report["examples"]]
        return notes

    def unmeasured(self) -> tuple[str, ...]:
        """Materials of the rows that have no value, as written, each once: those to be predicted."""
        cells = zip(self.frame[self.structure].tolist(), self.frame[self.column].tolist(), strict=True)
        waiting = [str(material) for material, value in cells if _missing(value) and not _missing(material)]
        return tuple(dict.fromkeys(waiting))


def read_target(  # noqa: PLR0917 -- the order in which one says them
    frame: pd.DataFrame, structure: str, column: str, prop: Property, unit: str | None, kind: str | None
) -> Target:
    """The table as a target task.

    Parameters
    ----------
    frame : pandas.DataFrame
    structure, column : str
    prop : Property
    unit : str or None
    kind : {"polymer", "molecule", "composition"} or None
        Seen from the column of materials without it: its name, then its texts.

    Raises
    ------
    DataError
        With fewer than 8 materials, or if all values are equal.
    ConfigError, UnknownNameError, UnitError
        If a world, a column or a unit is not known.
    """
    known = structure in frame.columns
    formulas = known and kind is None and holds_formulas(structure, frame[structure].tolist())
    if formulas or (kind is not None and check_kind(kind) == "composition"):
        clean, kind = clean_formulas(frame, structure, column, prop, unit), "composition"
    else:
        clean = clean_table(frame, structure, column, prop, unit, min_rows=1)
        found = "polymer" if all("*" in text for text in clean.structures) else "molecule"
        if kind not in {None, found}:
            raise ConfigError(f"the materials are {found}s, not {kind}s", hint="leave the world out")
        kind = found
    n = len(clean.y)
    if n < FEWEST:
        raise DataError(
            f"{n} materials have a value, and a transfer study needs {FEWEST}: with fewer, neither the source can be chosen "
            f"nor the gain be told from chance{_lost(clean)}",
            hint="measure some more"
            + ("" if kind == "composition" else ", or use a bundled model as it is: hanten predict"),
        )
    return Target(frame, structure, column, prop, unit, kind, clean)


def check_model_name(path: Path, frame: pd.DataFrame, structure: str) -> None:
    """Raise ConfigError, before the work, if ``path`` is no name for a model of what the column holds."""
    formulas = structure in frame.columns and holds_formulas(structure, frame[structure].tolist())
    if formulas != (path.suffix == ".safetensors"):
        what, right = ("formulas", ".safetensors") if formulas else ("structures", ".hanten")
        raise ConfigError(
            f"a model of {what} is not kept in a {path.suffix or 'nameless'} file: {path}",
            hint=f"NAME{right}",
        )


def _lost(clean: CleanTable) -> str:
    """Why rows are missing, where a reader might wonder."""
    bad = clean.report["examples"]
    return f" (row {bad[0]['row']} is not used: {bad[0]['reason']})" if bad else ""


def _missing(cell: Any) -> bool:
    return cell is None or cell != cell or str(cell).strip().casefold() in MISSING  # noqa: PLR0124 - only NaN differs from itself
