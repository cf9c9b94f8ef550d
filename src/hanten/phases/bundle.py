"""The trained phase model as one small file without pickle, and the one that the package carries."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from hanten.elements import element_table
from hanten.models.small_forest import pack_forest, unpack_forest
from hanten.models.tensor_file import load_model_file, save_tensors
from hanten.phases.descriptors import column_names, columns_of
from hanten.phases.forests import TwoForests
from hanten.phases.model import KnownCompounds, PhaseModel
from hanten.phases.table import formula_of

FORMAT, VERSION = "hanten phase model", 1
BUNDLED = Path(__file__).with_name("phases.safetensors")
SELF_TESTS = ("Al65Cu20Fe15", "Cd6Yb", "NaCl", "Fe2O3", "Zn75Sc15Fe10")
TOLERANCE = 1e-6


def save_phase_model(model: PhaseModel, path: str | Path) -> Path:
    """Write ``model`` to ``path``, whole or not at all."""
    shares = model.known.fractions
    row, column = np.nonzero(shares)
    arrays = {
        **pack_forest(model.forests.detect, "detect."),
        **pack_forest(model.forests.sort[0], "sort0."),
        **pack_forest(model.forests.sort[1], "sort1."),
        "known.row": row.astype(np.uint16 if len(shares) < 2**16 else np.uint32),
        "known.column": column.astype(np.uint8),
        "known.share": shares[row, column].astype(np.float32),
        "known.label": model.known.labels.astype(np.uint8),
    }
    header = {
        "format": FORMAT,
        "format_version": VERSION,
        "element_table": element_table().name,
        "columns": len(column_names()),
        "lines": [list(line) for line in model.forests.lines],
        "threshold": model.threshold,
        "domain_threshold": model.known.threshold,
        "card": model.card,
        "self_test": {"inputs": list(SELF_TESTS), "probabilities": model.predict(SELF_TESTS).tolist()},
    }
    return save_tensors(path, arrays, header)


def load_phase_model(path: str | Path | None = None) -> PhaseModel:
    """The phase model of the package, or one that :meth:`PhaseModel.save` wrote.

    Raises
    ------
    BundleError
        If the file is missing, damaged or too new, was trained with another element table, or does not predict what it
        did when it was saved.

    Examples
    --------
    >>> load_phase_model().card["train_again"]
    'python -m hanten.phases.build'
    """
    return _bundled() if path is None else _load(Path(path))


@lru_cache(maxsize=1)
def _bundled() -> PhaseModel:
    return _load(BUNDLED)


def _load(path: Path) -> PhaseModel:
    return load_model_file(
        path,
        FORMAT,
        VERSION,
        made_with={"element_table": element_table().name, "columns": len(column_names())},
        rebuild=_rebuild,
        deviation=_deviation,
        tolerance=TOLERANCE,
        train_again="python -m hanten.phases.build",
    )


def _deviation(model: PhaseModel, test: dict[str, Any]) -> float:
    return float(np.abs(model.predict(test["inputs"]) - np.array(test["probabilities"])).max())


def _rebuild(arrays: dict[str, Any], header: dict[str, Any]) -> PhaseModel:
    labels = arrays["known.label"].astype(np.int64)
    shares = np.zeros((len(labels), len(element_table().symbols)))
    shares[arrays["known.row"], arrays["known.column"]] = arrays["known.share"]
    shares /= shares.sum(axis=1, keepdims=True)
    slopes = [(float(a), float(b)) for a, b in header["lines"]]
    forests = TwoForests(
        unpack_forest(arrays, "detect.", n_features=len(columns_of("detect"))),
        (
            unpack_forest(arrays, "sort0.", n_features=len(columns_of("sort"))),
            unpack_forest(arrays, "sort1.", n_features=len(columns_of("sort"))),
        ),
        (slopes[0], slopes[1]),
    )
    known = KnownCompounds(
        tuple(formula_of(row) for row in shares), shares, labels, float(header["domain_threshold"])
    )
    return PhaseModel(forests, known, float(header["threshold"]), header["card"])
