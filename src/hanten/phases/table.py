"""Known quasicrystals, approximants and other compounds: read, merged, and freed of contradictions by a stated rule."""

from __future__ import annotations

import ast
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from hanten.chem import Composition
from hanten.elements import element_table
from hanten.errors import DataError, StructureError
from hanten.features.composition import composition_matrix
from hanten.phases.descriptors import NON_METALS, fractions

if TYPE_CHECKING:
    import pandas as pd

CLASSES = ("quasicrystal", "approximant", "other")
_LABELS = {"QC": 0, "AC": 1, "OTHERS": 2} | {name: i for i, name in enumerate(CLASSES)}
DECIMALS = 3
RULE = (
    "Amounts of zero are left out. Compositions that agree in every atomic fraction to 0.001 are one composition. Rows "
    "of one composition and one class are merged. Where a composition is an observed quasicrystal or "
    "approximant and also 'other', the observation stays: 'other' says only that a crystal of this composition stands in a "
    "database. Where it is both quasicrystal and approximant, both rows are left out."
)


@dataclass(frozen=True)
class PhaseTable:
    """Compositions with known phase, one row each.

    Parameters
    ----------
    formulas : tuple of str, (n,)
        Atomic percent, in the order of the source.
    fractions : ndarray, (n, elements of the table)
    labels : ndarray of int, (n,)
        Index into :data:`CLASSES`.
    systems : tuple of str, (n,)
        Chemical system: the symbols in alphabetical order, joined by ``-``.
    test : ndarray of bool, (n,)
        What the source marks as its test set.
    report : dict
        Rows read, merged duplicates, contradictions, the rule.
    """

    formulas: tuple[str, ...] = field(repr=False)
    fractions: npt.NDArray[np.float64] = field(repr=False)
    labels: npt.NDArray[np.int64] = field(repr=False)
    systems: tuple[str, ...] = field(repr=False)
    test: npt.NDArray[np.bool_] = field(repr=False)
    report: dict[str, Any] = field(repr=False, default_factory=dict)

    def __len__(self) -> int:
        return len(self.formulas)

    @property
    def metallic(self) -> npt.NDArray[np.bool_]:
        """Rows without a non-metal."""
        return np.array([not (set(system.split("-")) & NON_METALS) for system in self.systems])

    def take(self, rows: Any) -> PhaseTable:
        """Some rows, in the order given."""
        rows = np.arange(len(self))[rows]
        return PhaseTable(
            tuple(self.formulas[i] for i in rows),
            self.fractions[rows],
            self.labels[rows],
            tuple(self.systems[i] for i in rows),
            self.test[rows],
            self.report,
        )

    def resolved(self) -> PhaseTable:
        """Duplicates merged and contradictions settled by :data:`RULE`; ``report`` says what was done."""
        keep, report = _resolve(self)
        done = PhaseTable(self.formulas, self.fractions, self.labels, self.systems, self.test, report)
        return done.take(keep)

    def frame(self) -> pd.DataFrame:
        """Columns ``composition``, ``phase``, ``system``."""
        import pandas as pd

        phases = [CLASSES[label] for label in self.labels]
        return pd.DataFrame({"composition": self.formulas, "phase": phases, "system": self.systems})


def read_phase_table(path: str | Path | None = None, *, resolve: bool = True) -> PhaseTable:
    """The public table of quasicrystals, approximants and others, or your own.

    Parameters
    ----------
    path : path, optional
        CSV with the columns ``composition`` (a formula, or ``{'Al': 65, 'Cu': 20, 'Fe': 15}``) and ``label``
        (``QC``, ``AC``, ``OTHERS``, or the names in :data:`CLASSES`). Without it the data set ``quasicrystals``.
    resolve : bool
        Merge duplicates and settle contradictions by :data:`RULE`.

    Raises
    ------
    DataError
        Naming the row and what is wrong with it.
    """
    import pandas as pd

    if path is None:
        from hanten.data.fetching import locate

        path = locate("quasicrystals")["training_data.csv"]
    frame = pd.read_csv(path)
    for column in ("composition", "label"):
        if column not in frame.columns:
            raise DataError(
                f"there is no column {column!r}", where=str(path), hint="composition and label are needed"
            )
    return make_phase_table(
        frame["composition"].tolist(),
        frame["label"].tolist(),
        test=frame["for_test"].to_numpy(bool) if "for_test" in frame else None,
        where=str(path),
        resolve=resolve,
    )


def make_phase_table(
    compositions: list[Any], labels: list[Any], *, test: Any = None, where: str = "", resolve: bool = True
) -> PhaseTable:
    """A table from compositions and labels; see :func:`read_phase_table`.

    Examples
    --------
    >>> table = make_phase_table(["Cd6Yb", "Cd84Yb14", "NaCl"], ["AC", "OTHERS", "OTHERS"])
    >>> table.frame()["phase"].tolist(), table.report["contradictions"][0]["composition"]
    (['approximant', 'other'], 'Cd85.714Yb14.286')
    """
    table = element_table()
    amounts, bad = composition_matrix([_read(text) for text in compositions], table)
    if bad:
        row, why = next(iter(bad.items()))
        raise DataError(f"row {row + 1}: {why}", where=where)
    if unknown := [(i, label) for i, label in enumerate(labels, 1) if label not in _LABELS]:
        row, label = unknown[0]
        raise DataError(
            f"row {row}: {label!r} is not a phase", where=where, hint=f"phases: {', '.join(CLASSES)}"
        )
    shares = fractions(amounts)
    done = PhaseTable(
        tuple(formula_of(row) for row in shares),
        shares,
        np.array([_LABELS[label] for label in labels]),
        tuple("-".join(sorted(table.symbols[j] for j in np.flatnonzero(row))) for row in shares),
        np.zeros(len(labels), dtype=bool) if test is None else np.asarray(test, dtype=bool),
    )
    return done.resolved() if resolve else done


def formula_of(shares: npt.NDArray[np.float64]) -> str:
    """Fractions as a formula in atomic percent, largest share first.

    Examples
    --------
    >>> row = np.zeros(94)
    >>> row[[12, 28, 25]] = 0.65, 0.2, 0.15
    >>> formula_of(row)
    'Al65Cu20Fe15'
    """
    symbols = element_table().symbols
    order = sorted(np.flatnonzero(shares), key=lambda j: (-shares[j], symbols[j]))
    return "".join(f"{symbols[j]}{100 * shares[j]:.{DECIMALS}f}".rstrip("0").rstrip(".") for j in order)


def _read(text: Any) -> Any:
    """A formula, or a mapping written out as in the public file."""
    if isinstance(text, str) and text.lstrip().startswith("{"):
        try:
            return ast.literal_eval(text)
        except (ValueError, SyntaxError):
            raise DataError(f"{text!r} is neither a formula nor a mapping of element to amount") from None
    return text


def _resolve(table: PhaseTable) -> tuple[list[int], dict[str, Any]]:
    """Rows to keep, and what was found: duplicates merged, contradictions settled."""
    groups: dict[tuple[int, ...], list[int]] = {}
    rounded = np.round(table.fractions, DECIMALS)
    for i, row in enumerate(rounded):
        here = np.flatnonzero(row)
        groups.setdefault((*here.tolist(), *(row[here] * 10**DECIMALS).astype(int).tolist()), []).append(i)
    keep: list[int] = []
    contradictions = []
    for rows in groups.values():
        found = Counter(int(table.labels[i]) for i in rows)
        winner = min(found) if not {0, 1} <= set(found) else None
        if len(found) > 1:
            contradictions.append(
                {
                    "composition": table.formulas[rows[0]],
                    "phases": {CLASSES[label]: count for label, count in sorted(found.items())},
                    "kept": CLASSES[winner] if winner is not None else None,
                }
            )
        if winner is not None:
            keep.append(next(i for i in rows if table.labels[i] == winner))
    counts = {name: int((table.labels[keep] == i).sum()) for i, name in enumerate(CLASSES)}
    return sorted(keep), {
        "rows": len(table),
        "used": len(keep),
        "classes": counts,
        "duplicate_rows": len(table) - len(groups),
        "contradictions": contradictions,
        "rule": RULE,
    }


def read_compositions(items: list[Any]) -> tuple[Any, list[str | None], list[str | None]]:
    """Amounts (n, elements), the canonical formula of each input, and why a row is bad.

    Examples
    --------
    >>> amounts, formulas, errors = read_compositions(["Fe12Cu25Al63", "Xy3"])
    >>> formulas, errors[0] is None
    (['Al63Cu25Fe12', None], True)
    """
    formulas: list[str | None] = []
    read: list[Any] = []
    errors: list[str | None] = []
    for item in items:
        try:
            composition = element_table().checked(
                item if isinstance(item, Composition) else Composition(item)
            )
        except StructureError as error:
            formulas.append(None)
            read.append({"H": 1.0})
            errors.append(str(error))
            continue
        formulas.append(composition.formula)
        read.append(composition)
        errors.append(None)
    amounts, _ = composition_matrix(read, element_table())
    return amounts, formulas, errors
