"""Conductivities of crystals by composition, and pools of formulas to screen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from hanten.chem import Composition
from hanten.chem.composition import is_formula
from hanten.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

SPLITS = ("train", "val", "test")
METHOD = "AFLOW AGL (quasi-harmonic Debye model on density functional theory), lattice part, 300 K"
_STEM = "aflow__agl_thermal_conductivity_300K__{}.csv"
_COLUMNS = ("formula", "formula_pretty", "composition", "structure")


@dataclass(frozen=True)
class ConductivityTable:
    """Lattice thermal conductivity at 300 K by composition, one row per composition.

    Parameters
    ----------
    formulas : tuple of str, (n,)
    values : ndarray, (n,)
        W/(m K); the median where a composition has several crystals, in the logarithm.
    split : ndarray of str, (n,)
        ``train``, ``val`` or ``test`` of the public benchmark.
    report : dict
        Rows read, merged, added.
    """

    formulas: tuple[str, ...] = field(repr=False)
    values: npt.NDArray[np.float64] = field(repr=False)
    split: npt.NDArray[Any] = field(repr=False)
    report: dict[str, Any] = field(repr=False, default_factory=dict)

    def __len__(self) -> int:
        return len(self.formulas)

    def take(self, rows: Any) -> ConductivityTable:
        """Some rows."""
        rows = np.arange(len(self))[rows]
        return ConductivityTable(
            tuple(self.formulas[i] for i in rows), self.values[rows], self.split[rows], self.report
        )


def read_conductivities() -> ConductivityTable:
    """The AFLOW values of the public benchmark with its fixed split, and the AGL list that overlaps it.

    A composition that the second list adds goes to the training part; one that is in both keeps the benchmark's value.

    Raises
    ------
    DataError
        If the data sets ``crabnet`` and ``cbfv-agl`` are not on this machine; the message says how to fetch them.
    """
    import pandas as pd

    from hanten.data.fetching import locate

    files = locate("crabnet")
    parts = [pd.read_csv(files[_STEM.format(name)]).assign(split=name) for name in SPLITS]
    benchmark = pd.concat(parts, ignore_index=True)
    more = pd.concat(
        [pd.read_csv(path) for name, path in sorted(locate("cbfv-agl").items()) if name.endswith(".csv")]
    )
    more = more.assign(target=10 ** more["target"], split="train")
    first = _merge(benchmark)
    second = _merge(more)
    added = second[~second.index.isin(first.index)]
    joined = pd.concat([first, added])
    report = {
        "benchmark_rows": len(benchmark),
        "benchmark_compositions": len(first),
        "added": len(added),
        "rule": "median of the logarithm per composition; a composition on two sides of the split stays in the stricter one (test, then val)",
    }
    return ConductivityTable(
        tuple(joined.index), joined["value"].to_numpy(), joined["split"].to_numpy(dtype=object), report
    )


def _merge(frame: pd.DataFrame) -> pd.DataFrame:
    """One row per composition: median of the logarithm, the strictest part of the split."""
    frame = frame.assign(
        formula=[Composition(text).formula for text in frame["formula"]],
        value=np.log(frame["target"].to_numpy(float)),
        place=frame["split"].map({name: i for i, name in enumerate(SPLITS)}),
    )
    grouped = frame.groupby("formula", sort=False).agg(value=("value", "median"), place=("place", "max"))
    grouped["value"] = np.exp(grouped["value"])
    return grouped.assign(split=[SPLITS[i] for i in grouped["place"]])


def read_formulas(source: str | Path | Sequence[str]) -> list[str]:
    """Formulas from a table (CSV, TSV or one per line), from the name ``stable``, or as given.

    ``stable`` is the public list of 35,463 stable inorganic formulas (data set ``kmdplus-elements``), used as a pool to screen
    and never to train.

    Raises
    ------
    DataError
        If the file is missing, empty, or has no column of formulas.
    """
    import pandas as pd

    if not isinstance(source, (str, Path)):
        return [str(text) for text in source]
    if str(source) == "stable":
        from hanten.data.fetching import locate

        source = locate("kmdplus-elements")["MP_stable_formula_20220807.csv"]
    path = Path(source)
    if not path.is_file():
        raise DataError(
            "there is no such file",
            where=str(source),
            hint="give a table of formulas, or `stable` for the public list",
        )
    try:
        frame = pd.read_csv(
            path, sep="\t" if path.suffix == ".tsv" else ",", dtype=str, keep_default_na=False
        )
    except (ValueError, UnicodeDecodeError) as error:
        raise DataError(f"the file cannot be read as a table: {error}", where=str(path)) from error
    folded = {str(column).casefold(): column for column in frame.columns}
    column = next((folded[name] for name in _COLUMNS if name in folded), None)
    if column is None and len(frame.columns) == 1:
        column = frame.columns[0]
        if is_formula(str(column)):
            return [str(column), *frame[column]]
    if column is None or frame.empty:
        raise DataError(
            f"no column of formulas among {', '.join(map(str, frame.columns))}" if column is None else "no rows",
            where=str(path), hint="call the column `formula`",
        )  # fmt: skip
    return [str(text) for text in frame[column]]


def read_pool(words: Sequence[str]) -> list[str]:
    """The formulas behind the words of a command: one table, ``stable``, or formulas.

    Examples
    --------
    >>> read_pool(("BN", "PbTe"))
    ['BN', 'PbTe']
    """
    one = words[0] if len(words) == 1 else ""
    if one == "stable" or Path(one).suffix in {".csv", ".tsv", ".txt"} or (one and Path(one).is_file()):
        return read_formulas(one)
    return [str(word) for word in words]
