"""Scoring a model on a table: the column, its unit, and the scores as a table."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from hanten.errors import UnknownNameError, did_you_mean
from hanten.models.bundled import load_model
from hanten.models.evaluation import Evaluation, evaluate
from hanten.models.hygiene import read_values
from hanten.properties import Property, get_property

if TYPE_CHECKING:
    import pandas as pd


def evaluate_table(
    model: str | Path, table: pd.DataFrame, structure: str, target: str | None = None, unit: str | None = None
) -> Evaluation:
    """Score ``model`` on a column of ``table``.

    Raises
    ------
    UnknownNameError
        If the column of values is not there or cannot be guessed.
    """
    loaded = load_model(model)
    column = target_column(table, target, loaded.property_)
    values, _ = read_values(table, column, loaded.property_, unit)
    return evaluate(loaded, table[structure].tolist(), values)


def target_column(table: pd.DataFrame, target: str | None, prop: Property) -> str:
    """The column of values: as named, else the one whose name means ``prop``, else ``value``."""
    columns = [str(column) for column in table.columns]
    if target is not None:
        if target not in columns:
            raise UnknownNameError(f"there is no column {target!r}", hint=did_you_mean(target, columns))
        return target
    for column in columns:
        try:
            if get_property(column).name == prop.name:
                return column
        except UnknownNameError:
            continue
    if "value" in columns:
        return "value"
    raise UnknownNameError(
        f"which column holds {prop.name}? There are: {', '.join(columns)}", hint="name it with --target COL"
    )


def scores_frame(done: Evaluation) -> pd.DataFrame:
    """The scores as two columns."""
    import pandas as pd

    scores = done.metrics()
    flat = {
        "values": scores["n"],
        "MAE": scores["mae"],
        "RMSE": scores["rmse"],
        "R²": scores["r2"],
        "negative log likelihood": scores["nll"],
    }
    flat |= {
        f"coverage of the {float(level):.0%} interval": share for level, share in scores["coverage"].items()
    }
    for key in ("in_domain", "out_of_domain"):
        flat |= {f"{key.replace('_', ' ')}: {name}": value for name, value in scores[key].items()}
    return pd.DataFrame(
        {
            "score": list(flat),
            "value": [float("nan") if value is None else float(value) for value in flat.values()],
        }
    )
