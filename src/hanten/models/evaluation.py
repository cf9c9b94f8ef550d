"""How good a model is: out-of-fold predictions, their errors, and whether the standard deviations are true."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from hanten.errors import DataError
from hanten.models.calibration import coverage, gaussian_nll
from hanten.properties import Property

if TYPE_CHECKING:
    import pandas as pd

Array = npt.NDArray[np.float64]
LEVELS = (0.5, 0.8, 0.9, 0.95)


@dataclass(frozen=True)
class Evaluation:
    """Values that a model had not seen, and what it said about them.

    Parameters
    ----------
    property_ : Property
    structures : tuple of str, (n,)
    y, mean, std : ndarray, (n,)
        In the unit of the property.
    in_domain : ndarray of bool, (n,)
    fold : ndarray of int, (n,)
        Which fold a row was tested in; R² and MAE are means over folds. All zero for an external test.
    scheme : str
        How the rows were held out, for people: ``"5 x 5-fold, grouped by canonical key"``.
    method : str
        What kind of values these are.
    weight : ndarray, (n,), optional
        Unused rows have NaN predictions and are reported, not scored.
    notes : tuple of str
        What a reader must know, such as rows that were in the training set.

    Examples
    --------
    >>> from hanten.properties import get_property
    >>> y = np.array([1.0, 2.0, 3.0])
    >>> done = Evaluation(get_property("density"), ("*C*",) * 3, y, y + 0.1, y * 0 + 0.1, y > 0)
    >>> round(done.metrics()["mae"], 3), done.metrics()["n"]
    (0.1, 3)
    """

    property_: Property
    structures: tuple[str, ...] = field(repr=False)
    y: Array = field(repr=False)
    mean: Array = field(repr=False)
    std: Array = field(repr=False)
    in_domain: npt.NDArray[np.bool_] = field(repr=False)
    fold: npt.NDArray[np.int64] | None = field(repr=False, default=None)
    scheme: str = "external test"
    method: str = ""
    notes: tuple[str, ...] = ()

    def metrics(self) -> dict[str, Any]:
        """Scores of all rows, and of those in and out of domain.

        Returns
        -------
        dict
            ``n``, ``mae``, ``rmse``, ``r2`` (means over folds), ``nll`` (nats), ``coverage`` {level: share},
            ``in_domain`` and ``out_of_domain`` (n, mae, rmse, coverage_90).
        """
        used = np.isfinite(self.mean) & np.isfinite(self.y)
        if not used.any():
            raise DataError("no row has both a value and a prediction, so nothing can be scored")
        folds = np.zeros(len(self.y), dtype=int) if self.fold is None else self.fold
        per_fold = [
            _errors(self.y[rows], self.mean[rows])
            for k in np.unique(folds)
            if (rows := used & (folds == k)).any()
        ]
        scores: dict[str, Any] = {"n": int(used.sum()), "rows": len(self.y), "scheme": self.scheme}
        scores |= {key: float(np.mean([fold[key] for fold in per_fold])) for key in ("mae", "rmse")}
        explained = [fold["r2"] for fold in per_fold if np.isfinite(fold["r2"])]
        scores["r2"] = float(np.mean(explained)) if explained else None
        scores["nll"] = gaussian_nll(self.y[used], self.mean[used], self.std[used])
        scores["coverage"] = {
            f"{level:g}": coverage(self.y[used], self.mean[used], self.std[used], level) for level in LEVELS
        }
        inside = used & self.in_domain
        return scores | {"in_domain": self._part(inside), "out_of_domain": self._part(used & ~inside)}

    def _part(self, rows: npt.NDArray[np.bool_]) -> dict[str, Any]:
        if not rows.any():
            return {"n": 0}
        errors = _errors(self.y[rows], self.mean[rows])
        return {
            "n": int(rows.sum()),
            "mae": errors["mae"],
            "rmse": errors["rmse"],
            "coverage_90": coverage(self.y[rows], self.mean[rows], self.std[rows], 0.9),
        }

    def frame(self) -> pd.DataFrame:
        """One row per tested value."""
        import pandas as pd

        folds = np.zeros(len(self.y), dtype=int) if self.fold is None else self.fold
        columns = {
            "structure": self.structures,
            "value": self.y,
            "mean": self.mean,
            "sd": self.std,
            "in_domain": self.in_domain,
            "fold": folds,
        }
        return pd.DataFrame(columns)

    def plot(self) -> Any:
        """Parity plot (in and out of domain) beside the calibration plot.

        Returns
        -------
        matplotlib.figure.Figure
        """
        from hanten.models.display import evaluation_figure

        return evaluation_figure(self)

    def _repr_html_(self) -> str:
        from hanten.models.display import evaluation_html

        return evaluation_html(self)


def _errors(y: Array, mean: Array) -> dict[str, float]:
    residual, total = mean - y, float(((y - y.mean()) ** 2).sum())
    r2 = 1.0 - float((residual**2).sum()) / total if len(y) > 1 and total > 0 else float("nan")
    return {"mae": float(np.abs(residual).mean()), "rmse": float(np.sqrt((residual**2).mean())), "r2": r2}


def flat_key(canonical: str) -> str:
    """The canonical string without stereo: what no feature here can tell apart must not be split between folds.

    Examples
    --------
    >>> flat_key("*/C=C/*") == flat_key("*C=C*")
    True
    """
    from hanten.features.structure import prepare

    if not any(mark in canonical for mark in "/\\@"):
        return canonical
    plain = canonical.replace("/", "").replace("\\", "").replace("@", "")
    return str(prepare(plain).text)


def evaluate(
    model: Any, structures: Sequence[Any], values: npt.ArrayLike, *, scheme: str = "external test"
) -> Evaluation:
    """Score a :class:`~hanten.models.PropertyModel` on values from elsewhere.

    Parameters
    ----------
    model : PropertyModel
    structures : sequence of str, (n,)
    values : array_like, (n,)
        In the unit of the model's property; NaN where unknown.

    Returns
    -------
    Evaluation
        Its ``notes`` say how many rows cannot be scored and how many were in the training set.
    """
    y = np.asarray(values, dtype=np.float64)
    if len(y) != len(structures):
        raise DataError(
            f"there are {len(structures)} structures and {len(y)} values", hint="give one value per structure"
        )
    frame = model.predict_frame(structures)
    notes = []
    seen = set(model.training.get("keys", ()))
    known = sum(key is not None and flat_key(key) in seen for key in frame["canonical"])
    if known:
        notes.append(
            f"{known} of {len(y)} rows were in the training set: their errors are too small (chiral and E/Z forms count as one)"
        )
    lost = int((~np.isfinite(y) | frame["error"].notna().to_numpy()).sum())
    if lost:
        notes.append(
            f"{lost} of {len(y)} rows have no finite value or no readable structure and are not scored"
        )
    arrays = (y, frame["mean"].to_numpy(), frame["sd"].to_numpy(), frame["in_domain"].to_numpy(dtype=bool))
    return Evaluation(
        model.property_,
        tuple(frame["structure"]),
        *arrays,
        scheme=scheme,
        method=model.method,
        notes=tuple(notes),
    )


def pool(folds: Iterable[tuple[Any, Any]]) -> list[tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]]:
    """Folds as a list of row-number arrays."""
    return [(np.asarray(train, dtype=np.int64), np.asarray(test, dtype=np.int64)) for train, test in folds]
