"""Every composition of a chemical system on a grid, with the phase predicted at each point."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

from hanten.chem.composition import ELEMENTS
from hanten.elements import element_table
from hanten.errors import ConfigError, UnknownNameError, did_you_mean
from hanten.phases.model import PhaseModel

if TYPE_CHECKING:
    import pandas as pd

LIMIT = 200_000
AFFORDABLE = 5_000_000  # compositions that one may ask for by a higher limit
MOST_ELEMENTS = 5
STEPS = (0.1, 0.2, 0.25, 0.4, 0.5, 1, 2, 2.5, 4, 5, 10, 20, 25, 50)  # at%, with names that are easy to say


@dataclass(frozen=True)
class Scan:
    """Predictions over one chemical system.

    Parameters
    ----------
    elements : tuple of str
        In the order given.
    step : float
        Atomic percent.
    points : DataFrame
        One column of atomic percent per element, then the columns of :meth:`PhaseModel.frame_of`.
    known : DataFrame
        Known compounds of the system and its parts: ``composition``, ``phase``, atomic percent per element.
    """

    elements: tuple[str, ...]
    step: float
    points: pd.DataFrame = field(repr=False)
    known: pd.DataFrame = field(repr=False)

    def frame(self) -> pd.DataFrame:
        """The points."""
        return self.points

    def best(self, phase: str = "quasicrystal", count: int = 10) -> pd.DataFrame:
        """The points with the highest probability of ``phase``."""
        return self.points.nlargest(count, phase)

    def summary(self) -> str:
        """One paragraph: how many points, which phases where, what is known."""
        counts = self.points["phase"].value_counts()
        shares = ", ".join(f"{name} {count / len(self.points):.1%}" for name, count in counts.items())
        inside = self.points[self.points["in_domain"].to_numpy(dtype=bool)]
        best = "No composition is in domain"
        if len(inside):
            top = inside.iloc[int(inside["quasicrystal"].to_numpy().argmax())]
            best = f"Most probable quasicrystal: {top['composition']} ({top['quasicrystal']:.2f})"
        known = ", ".join(f"{row.composition} ({row.phase})" for row in self.known.itertuples())
        return (
            f"{'-'.join(self.elements)}: {len(self.points)} compositions at steps of {self.step:g} at%: {shares}. "
            f"{best}. Known: {known or 'none'}."
        )


def check_elements(elements: Sequence[str]) -> tuple[str, ...]:
    """Symbols that are elements of the table, each once.

    Raises
    ------
    UnknownNameError
        If one is not an element, or not in the element table.
    ConfigError
        If one is named twice.
    """
    table = element_table()
    for symbol in elements:
        if symbol not in ELEMENTS:
            apart = " ".join(re.findall("[A-Z][a-z]?", symbol))
            raise UnknownNameError(
                f"there is no element {symbol!r}",
                hint=f"give the elements one by one: {apart}"
                if " " in apart
                else did_you_mean(symbol, ELEMENTS),
            )
        table.row(symbol)
    if len(set(elements)) < len(elements):
        twice = next(symbol for symbol in elements if list(elements).count(symbol) > 1)
        raise ConfigError(f"{twice} is named twice", hint="a system has different elements")
    return tuple(elements)


def check_system(elements: Sequence[str]) -> tuple[str, ...]:
    """The elements of a system, in order.

    Raises
    ------
    UnknownNameError, ConfigError
        As :func:`check_elements`; and if there are fewer than two elements, or more than five.

    Examples
    --------
    >>> check_system(["Al", "Cu", "Fe"])
    ('Al', 'Cu', 'Fe')
    """
    elements = check_elements(elements)
    if not 2 <= len(elements) <= MOST_ELEMENTS:
        raise ConfigError(
            f"a system of {len(elements)} element{'s' if len(elements) != 1 else ''} cannot be scanned",
            hint=f"give 2 to {MOST_ELEMENTS} elements, for example Al Cu Fe",
        )
    return elements


def grid_size(n_elements: int, step: float, *, edges: bool = True) -> int:
    """Number of compositions on the grid, computed without making it.

    Parameters
    ----------
    n_elements : int
    step : float
        Atomic percent; 100 must be a multiple of it.
    edges : bool
        Count compositions that lack an element.

    Raises
    ------
    ConfigError
        If the step is not a positive divisor of 100.

    Examples
    --------
    >>> grid_size(3, 0.5), grid_size(3, 0.25, edges=False)
    (20301, 79401)
    """
    n = _parts(step)
    return math.comb(n + n_elements - 1, n_elements - 1) if edges else math.comb(n - 1, n_elements - 1)


def _parts(step: float) -> int:
    if not (math.isfinite(step) and 0 < step <= 50):
        raise ConfigError(
            f"a step of {step:g} at% makes no grid", hint="above 0, at most 50: for example 1 or 0.5"
        )
    n = round(100 / step)
    if n < 1 or abs(n * step - 100) > 1e-6:
        raise ConfigError(
            f"100 at% is not a whole number of steps of {step:g}",
            hint=f"for example {min(STEPS, key=lambda s: abs(math.log(s / step))):g}",
        )
    return n


def composition_grid(n_elements: int, step: float, *, edges: bool = True) -> npt.NDArray[np.float64]:
    """All compositions in atomic percent, (points, elements); each row sums to 100.

    Examples
    --------
    >>> composition_grid(3, 50).tolist()
    [[100.0, 0.0, 0.0], [50.0, 50.0, 0.0], [50.0, 0.0, 50.0], [0.0, 100.0, 0.0], [0.0, 50.0, 50.0], [0.0, 0.0, 100.0]]
    """
    n = _parts(step)
    rows = np.array([[k] for k in range(n, -1, -1)], dtype=np.int32)
    for _ in range(n_elements - 2):
        left = n - rows.sum(axis=1)
        repeats = left + 1
        start = np.repeat(np.cumsum(repeats) - repeats, repeats)
        following = np.repeat(left, repeats) - (np.arange(repeats.sum()) - start)
        rows = np.column_stack([np.repeat(rows, repeats, axis=0), following])
    rows = np.column_stack([rows, n - rows.sum(axis=1)])
    if not edges:
        rows = rows[(rows > 0).all(axis=1)]
    return np.asarray(rows * (100.0 / n), dtype=np.float64)


def scan(
    elements: Sequence[str], step: float = 1.0, *, model: PhaseModel | None = None, limit: int | None = LIMIT
) -> Scan:
    """Predict the phase of every composition of a system on a grid.

    Parameters
    ----------
    elements : sequence of str
        Two to five.
    step : float
        Atomic percent; 100 must be a multiple of it.
    model : PhaseModel, optional
        That of the package without it.
    limit : int or None
        Refuse more points than this; ``None`` for no limit.

    Raises
    ------
    UnknownNameError, ConfigError
        For a bad system or step, or a grid above the limit (its size is computed first).
    """
    elements = check_system(elements)
    size = grid_size(len(elements), step)
    if limit is not None and size > limit:
        raise ConfigError(
            f"a step of {step:g} at% in {len(elements)} elements makes {size:,} compositions, more than {limit:,}",
            hint=_instead(len(elements), size, limit),
        )
    if model is None:
        from hanten.phases.bundle import load_phase_model

        model = load_phase_model()
    percent = composition_grid(len(elements), step)
    amounts = place(percent, elements)
    frame = model.frame_of(amounts, formulas(percent, elements))
    for i, symbol in enumerate(elements):
        frame.insert(i, symbol, percent[:, i])
    return Scan(elements, step, frame, known_in(model, elements))


def _instead(n_elements: int, size: int, limit: int) -> str:
    """What to type when a grid is too large; a higher limit where memory and patience suffice."""
    fits = [s for s in STEPS if grid_size(n_elements, s) <= limit]
    ways = [f"a step of {fits[0]:g} makes {grid_size(n_elements, fits[0]):,}"] if fits else []
    if size <= AFFORDABLE:
        ways.append(f"raise the limit (--limit {size})")
    return "; or ".join(ways) or "a larger step or fewer elements"


def place(percent: npt.NDArray[np.float64], elements: Sequence[str]) -> Any:
    """Amounts over a few elements as a sparse matrix over the whole element table."""
    table = element_table()
    rows, columns = np.nonzero(percent)
    where = np.array([table.row(symbol) for symbol in elements])
    return sparse.csr_array(
        (percent[rows, columns], (rows, where[columns])), (len(percent), len(table.symbols))
    )


def formulas(percent: npt.NDArray[np.float64], elements: Sequence[str]) -> list[str]:
    """Formulas in atomic percent, elements in the order given.

    Examples
    --------
    >>> formulas(np.array([[65.0, 20.0, 15.0], [50.0, 0.0, 50.0]]), ["Al", "Cu", "Fe"])
    ['Al65Cu20Fe15', 'Al50Fe50']
    """
    return [
        "".join(f"{s}{v:.6g}" for s, v in zip(elements, row, strict=True) if v) for row in percent.tolist()
    ]


def known_in(model: PhaseModel, elements: Sequence[str]) -> pd.DataFrame:
    """Known compounds of a system and of its parts, with atomic percent of each element."""
    import pandas as pd

    from hanten.phases.table import CLASSES

    columns = [element_table().row(symbol) for symbol in elements]
    inside = np.isclose(model.known.fractions[:, columns].sum(axis=1), 1.0)
    rows = np.flatnonzero(inside)
    frame = pd.DataFrame(
        {
            "composition": [model.known.formulas[i] for i in rows],
            "phase": [CLASSES[model.known.labels[i]] for i in rows],
        }
    )
    for symbol, column in zip(elements, columns, strict=True):
        frame[symbol] = 100 * model.known.fractions[rows, column]
    return frame.sort_values(["phase", "composition"], ignore_index=True)
