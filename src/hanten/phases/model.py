"""The phase model: formulas in; probabilities, a domain warning and the nearest known compound out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from hanten.models.kernels import min_max
from hanten.phases.descriptors import describe, fractions
from hanten.phases.forests import Array, TwoForests, decide
from hanten.phases.table import CLASSES, read_compositions

if TYPE_CHECKING:
    import pandas as pd

OUTSIDE = "outside known systems"
CHUNK = 4096
BLOCK = 16 * CHUNK


@dataclass(frozen=True)
class KnownCompounds:
    """The training compositions: which one is nearest, and whether that is near enough.

    Similarity is that of the atomic fractions, sum of minima over sum of maxima: 1 for the same composition, 0 when
    no element is shared. A composition is **in domain** when all its elements occur in the training set, and
    its chemical system (or one with more elements) does, or the nearest training composition is at least
    ``threshold`` similar.

    Parameters
    ----------
    formulas : tuple of str, (n,)
    fractions : ndarray, (n, elements of the table)
    labels : ndarray of int, (n,)
    threshold : float
    """

    formulas: tuple[str, ...] = field(repr=False)
    fractions: Array = field(repr=False)
    labels: npt.NDArray[np.int64] = field(repr=False)
    threshold: float

    def nearest(self, shares: Array) -> tuple[npt.NDArray[np.intp], Array]:
        """Row of the nearest known composition, and its similarity in [0, 1]."""
        best = np.empty(len(shares), dtype=np.intp)
        similarity = np.empty(len(shares))
        for start in range(0, len(shares), CHUNK):
            part = slice(start, start + CHUNK)
            used = shares[part].any(axis=0)
            # Only compositions that share an element can be near; the others have similarity zero.
            rows = np.flatnonzero(self.fractions[:, used].any(axis=1))
            if not len(rows):
                best[part], similarity[part] = 0, 0.0
                continue
            close = min_max(shares[part], self.fractions[rows])
            first = close.argmax(axis=1)
            best[part], similarity[part] = rows[first], close[np.arange(len(first)), first]
        return best, similarity

    def contains(self, shares: Array, similarity: Array) -> npt.NDArray[np.bool_]:
        """Whether each composition is in domain."""
        present = shares > 0
        seen = (self.fractions > 0).any(axis=0)
        known = self.fractions > 0
        inside = similarity >= self.threshold
        patterns, place = np.unique(present, axis=0, return_inverse=True)
        system = np.array([bool((known[:, row].all(axis=1)).any()) for row in patterns])
        return np.asarray((inside | system[place.ravel()]) & ~(present & ~seen).any(axis=1))


@dataclass(frozen=True)
class PhaseModel:
    """Quasicrystal, approximant or other, from composition.

    Made by :func:`hanten.phases.train_phase_model` or :func:`hanten.phases.load_phase_model`.

    Parameters
    ----------
    forests : TwoForests
    known : KnownCompounds
    threshold : float
        Probability of quasicrystal or approximant from which a composition is called so.
    card : dict
        The model card: data, licence, folds, scores, rules in words, command to train again.

    Examples
    --------
    >>> from hanten.phases import load_phase_model
    >>> load_phase_model().predict(["Al65Cu20Fe15"]).shape
    (1, 3)
    """

    forests: TwoForests = field(repr=False)
    known: KnownCompounds = field(repr=False)
    threshold: float
    card: dict[str, Any] = field(repr=False, default_factory=dict)

    def predict(self, compositions: Sequence[Any]) -> Array:
        """Calibrated probabilities of quasicrystal, approximant and other, (n, 3); NaN where a formula is bad."""
        amounts, _, errors = read_compositions(list(compositions))
        out = np.full((len(errors), 3), np.nan)
        good = np.array([why is None for why in errors], dtype=bool)
        if good.any():
            out[good] = self.probabilities(amounts[good])
        return out

    def probabilities(self, amounts: Any) -> Array:
        """The same for amounts already in a matrix over the elements of the table."""
        n = amounts.shape[0]
        parts = [self.forests.probabilities(describe(amounts[i : i + CHUNK])) for i in range(0, n, CHUNK)]
        return np.vstack(parts) if parts else np.empty((0, 3))

    def predict_frame(self, compositions: Sequence[Any]) -> pd.DataFrame:
        """Everything that is known about each prediction, one row per input, in order.

        Returns
        -------
        pandas.DataFrame
            Columns ``input``, ``composition``, ``quasicrystal``, ``approximant``, ``other`` (probabilities), ``phase`` (the
            verdict; "outside known systems" where the model cannot know), ``in_domain``, ``nearest``,
            ``nearest_phase``, ``similarity``, ``error``. A bad row has NaN, ``in_domain`` False, and the reason.
        """
        import pandas as pd

        amounts, formulas, errors = read_compositions(list(compositions))
        good = np.array([why is None for why in errors], dtype=bool)
        frame = self.frame_of(amounts[good], [f for f in formulas if f is not None])
        frame = frame.set_axis(np.flatnonzero(good)).reindex(range(len(errors)))
        frame["in_domain"] = frame["in_domain"].eq(other=True)
        for column in ("composition", "phase", "nearest", "nearest_phase"):
            frame[column] = pd.Series(
                [v if isinstance(v, str) else None for v in frame[column]], dtype=object
            )
        frame.insert(0, "input", pd.Series([_text(item) for item in compositions], dtype=object))
        frame["error"] = pd.Series(errors, dtype=object)
        return frame

    def frame_of(self, amounts: Any, formulas: Sequence[str]) -> pd.DataFrame:
        """The table of :meth:`predict_frame`, without ``input`` and ``error``, for amounts in a matrix."""
        import pandas as pd

        if not (n := amounts.shape[0]):
            return pd.DataFrame(columns=["composition", *CLASSES, "phase", "in_domain", "nearest", "nearest_phase", "similarity"])  # fmt: skip
        blocks = range(0, n, BLOCK)  # millions of compositions at once would not fit into memory
        parts = [self._block(amounts[i : i + BLOCK], list(formulas[i : i + BLOCK])) for i in blocks]
        return parts[0] if len(parts) == 1 else pd.concat(parts, ignore_index=True)

    def _block(self, amounts: Any, formulas: list[str]) -> pd.DataFrame:
        import pandas as pd

        shares = fractions(amounts)
        probabilities = self.probabilities(amounts)
        row, similarity = self.known.nearest(shares)
        near = list(
            zip(row.tolist(), similarity.tolist(), strict=True)
        )  # nothing is near that shares no element
        inside = self.known.contains(shares, similarity)
        verdict = np.array(CLASSES, dtype=object)[decide(probabilities, self.threshold)]
        return pd.DataFrame(
            {
                "composition": pd.Series(formulas, dtype=object),
                **{name: probabilities[:, i] for i, name in enumerate(CLASSES)},
                "phase": pd.Series(np.where(inside, verdict, OUTSIDE), dtype=object),
                "in_domain": inside,
                "nearest": pd.Series([self.known.formulas[i] if s else None for i, s in near], dtype=object),
                "nearest_phase": pd.Series(
                    [CLASSES[self.known.labels[i]] if s else None for i, s in near], dtype=object
                ),
                "similarity": similarity.round(6),
            }
        )

    def save(self, path: str | Path) -> Path:
        """Write everything to the one file ``path``; see :mod:`hanten.phases.bundle`."""
        from hanten.phases.bundle import save_phase_model

        return save_phase_model(self, path)

    def _repr_html_(self) -> str:
        from html import escape

        from hanten.models.card import card_text

        return f"<pre>{escape(card_text(self.card))}</pre>"


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of :meth:`PhaseModel.predict_frame` as objects for programs.

    Returns
    -------
    list of dict
        ``input``, ``composition``, ``probabilities`` {``quasicrystal``, ``approximant``, ``other``} or None,
        ``in_domain``, ``nearest`` {``composition``, ``phase``, ``similarity``} or None, ``error``.
    """
    out = []
    for row in frame.to_dict("records"):
        bad = row["error"] is not None
        near = {key: row[name] for key, name in (("composition", "nearest"), ("phase", "nearest_phase"), ("similarity", "similarity"))}  # fmt: skip
        out.append(
            {
                "input": row["input"],
                "composition": row["composition"],
                "probabilities": None if bad else {name: float(row[name]) for name in CLASSES},
                "in_domain": bool(row["in_domain"]),
                "nearest": None if bad or row["nearest"] is None else near,
                "error": row["error"],
            }
        )
    return out


def _text(item: Any) -> str:
    return str(getattr(item, "written", item))
