"""Several models on one batch of structures: the tables and records that ``hanten predict`` gives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from hanten.errors import ConfigError, DataError
from hanten.models.bundled import list_bundled, load_model
from hanten.models.property_model import PropertyModel

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class BatchPrediction:
    """Predictions of several models for the same inputs, in order.

    Parameters
    ----------
    inputs : tuple of str, (n,)
        As written.
    canonical : tuple of (str or None), (n,)
    errors : tuple of (str or None), (n,)
        Why a row has no prediction, of one model at least.
    models : dict of str to PropertyModel
        By property name.
    frames : dict of str to DataFrame
        What :meth:`PropertyModel.predict_frame` gave.
    """

    inputs: tuple[str, ...]
    canonical: tuple[str | None, ...]
    errors: tuple[str | None, ...]
    models: dict[str, PropertyModel] = field(repr=False)
    frames: dict[str, pd.DataFrame] = field(repr=False)

    @property
    def n_failed(self) -> int:
        """Number of rows without a prediction."""
        return sum(error is not None for error in self.errors)

    def records(self) -> list[dict[str, Any]]:
        """One object per input: ``input``, ``canonical``, ``error``, ``predictions``."""
        return [
            {"input": text, "canonical": self.canonical[i], "error": self.errors[i], "predictions": self._row(i)}
            for i, text in enumerate(self.inputs)
        ]  # fmt: skip

    def _row(self, i: int) -> dict[str, Any]:
        rows = {name: frame.iloc[i].to_dict() for name, frame in self.frames.items()}
        return {name: _prediction(row) for name, row in rows.items() if row["error"] is None}

    def add_to(self, table: pd.DataFrame) -> pd.DataFrame:
        """``table`` with ``<property>_mean``, ``<property>_sd``, ``<property>_in_domain`` and ``error`` added."""
        out = table.copy()
        for name, frame in self.frames.items():
            out[f"{name}_mean"], out[f"{name}_sd"] = frame["mean"].to_numpy(), frame["sd"].to_numpy()
            inside = frame["in_domain"].tolist()
            good = [flag if why is None else None for flag, why in zip(inside, frame["error"], strict=True)]
            out[f"{name}_in_domain"] = np.array(good, dtype=object)
        out["error"] = list(self.errors)
        return out

    def long(self) -> pd.DataFrame:
        """One row per input and property, as a terminal shows it."""
        import pandas as pd

        rows = []
        for i, text in enumerate(self.inputs):
            if self.errors[i] is not None:
                rows.append({"input": text, "error": self.errors[i]})
            for name, said in self._row(i).items():
                near = said.pop("nearest")
                rows.append(
                    {
                        "input": text,
                        "property": name,
                        **said,
                        "nearest": near["structure"],
                        "similarity": near["similarity"],
                        "method": self.models[name].method,
                    }
                )
        columns = ["input", "property", "mean", "sd", "unit", "in_domain", "nearest", "similarity", "method"]
        return pd.DataFrame(rows, columns=[*columns, "error"] if self.n_failed else columns)


def _prediction(row: dict[Any, Any]) -> dict[str, Any]:
    return {
        "mean": float(row["mean"]),
        "sd": float(row["sd"]),
        "unit": str(row["unit"]),
        "in_domain": bool(row["in_domain"]),
        "nearest": {"structure": row["nearest"], "similarity": float(row["similarity"])},
    }


def select_models(
    paths: Sequence[str | Path] = (), properties: Sequence[str] = ()
) -> dict[str, PropertyModel]:
    """Models by property name: those of ``paths``, else the bundled ones; ``properties`` picks some of them.

    Raises
    ------
    ConfigError
        If two models are of the same property, or a wanted one is not there.
    """
    if not paths:
        names = list(properties) or list_bundled()
        if not names:
            raise DataError(
                "no trained models are installed",
                hint="`python -m hanten.models.build` trains them; or name one with -m FILE.hanten",
            )
        loaded = [load_model(name) for name in names]
        return {model.property_.name: model for model in loaded}
    out: dict[str, PropertyModel] = {}
    for path in paths:
        model = load_model(path)
        if model.property_.name in out:
            raise ConfigError(
                f"two models predict {model.property_.name}", where=str(path), hint="give one of them"
            )
        out[model.property_.name] = model
    if not properties:
        return out
    from hanten.properties import get_property

    wanted = [get_property(name).name for name in properties]
    missing = [name for name in wanted if name not in out]
    if missing:
        raise ConfigError(
            f"no given model predicts {', '.join(missing)}", hint=f"they predict {', '.join(out)}"
        )
    return {name: out[name] for name in wanted}


def predict_batch(structures: Sequence[Any], models: dict[str, PropertyModel]) -> BatchPrediction:
    """Predict every property of every structure; bad rows keep their place with a reason.

    Examples
    --------
    >>> done = predict_batch(["*CC*", "oops"], select_models(properties=["Tg"]))
    >>> [record["error"] is None for record in done.records()]
    [True, False]
    """
    from hanten.models.vectorize import is_missing, read_structures

    read = read_structures(structures)
    inputs = tuple("" if is_missing(s) else str(s) for s in structures)
    frames = {name: model.frame_of(read, inputs) for name, model in models.items()}
    canonical = tuple(None if item is None else str(item.text) for item in read.items)
    errors = list(read.errors)
    for frame in frames.values():
        errors = [why if why is not None else more for why, more in zip(errors, frame["error"], strict=True)]
    return BatchPrediction(inputs, canonical, tuple(errors), dict(models), frames)
