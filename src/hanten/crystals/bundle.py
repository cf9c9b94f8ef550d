"""The trained conductivity model as one small file without pickle, and the one that the package carries."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse

from hanten.crystals.model import ConductivityModel, describe_names
from hanten.elements import element_table
from hanten.errors import BundleError
from hanten.models import GradientBoosting, RandomForest
from hanten.models.base import from_state, get_state
from hanten.models.domain import ApplicabilityDomain
from hanten.models.small_forest import pack_forest, unpack_forest
from hanten.models.tensor_file import load_model_file, save_tensors

FORMAT, VERSION = "hanten conductivity model", 1
BUNDLED = Path(__file__).with_name("conductivity.safetensors")
SELF_TESTS = ("Si", "PbTe", "AlN", "NaCl", "CsPbBr3")
TOLERANCE = 1e-5
_BOOSTING = ("offsets_", "noise_")


def save_conductivity_model(model: ConductivityModel, path: str | Path) -> Path:
    """Write ``model`` to ``path``, whole or not at all.

    Raises
    ------
    BundleError
        If its regressor is not one of :mod:`hanten.models`, or it has descriptors that no file can hold.
    """
    if model.extra is not None:
        raise BundleError("a model with extra descriptors cannot be saved: they are a function")
    shares = sparse.csr_array(model.domain.counts)
    state, arrays = _pack(model.regressor)
    arrays |= {
        "domain.data": shares.data.astype(np.float32),
        "domain.indices": shares.indices.astype(np.uint8),
        "domain.indptr": shares.indptr.astype(np.int32),
    }
    probes = model.predict_frame(SELF_TESTS)
    header = {
        "format": FORMAT,
        "format_version": VERSION,
        "element_table": element_table().name,
        "columns": len(describe_names()),
        "regressor": state,
        "std_factor": model.std_factor,
        "domain": {
            "threshold": model.domain.threshold,
            "elements": list(model.domain.elements),
            "formulas": list(model.domain.structures),
        },
        "card": model.card,
        "self_test": {
            "inputs": list(SELF_TESTS),
            "mean": probes["log10_mean"].tolist(),
            "sd": probes["log10_sd"].tolist(),
        },
    }
    return save_tensors(path, arrays, header)


def _pack(regressor: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Small arrays for the default regressor, the general form for every other of ours."""
    if type(regressor) is GradientBoosting:
        packed = pack_forest(_as_forest(regressor), "trees.")
        packed |= {f"boosting.{name}": np.asarray(getattr(regressor, name)) for name in _BOOSTING}
        return {"class": "GradientBoosting (packed)", "parameters": regressor.get_params()}, packed
    return get_state(regressor, "regressor.")


def _as_forest(boosting: GradientBoosting) -> RandomForest:
    forest = RandomForest(n_trees=len(boosting.roots_))
    for name in ("feature_", "threshold_", "left_", "right_", "value_", "spread_", "roots_"):
        setattr(forest, name, getattr(boosting, name))
    return forest


def load_conductivity_model(path: str | Path | None = None) -> ConductivityModel:
    """The conductivity model of the package, or one that :meth:`ConductivityModel.save` wrote.

    Raises
    ------
    BundleError
        If the file is missing, damaged or too new, was trained with another element table, or does not predict what it
        did when it was saved.

    Examples
    --------
    >>> load_conductivity_model().card["unit"]
    'W/(m K)'
    """
    return _bundled() if path is None else _load(Path(path))


@lru_cache(maxsize=1)
def _bundled() -> ConductivityModel:
    return _load(BUNDLED)


def _load(path: Path) -> ConductivityModel:
    return load_model_file(
        path,
        FORMAT,
        VERSION,
        made_with={"element_table": element_table().name, "columns": len(describe_names())},
        rebuild=_rebuild,
        deviation=_deviation,
        tolerance=TOLERANCE,
        train_again="python -m hanten.crystals.build",
    )


def _deviation(model: ConductivityModel, test: dict[str, Any]) -> float:
    mean, sd = model.predict_log10(test["inputs"])
    return float(max(np.abs(mean - test["mean"]).max(), np.abs(sd - test["sd"]).max()))


def _rebuild(arrays: dict[str, Any], header: dict[str, Any]) -> ConductivityModel:
    state, described = header["regressor"], header["domain"]
    if state["class"] == "GradientBoosting (packed)":
        regressor: Any = GradientBoosting(**state["parameters"])
        forest = unpack_forest(arrays, "trees.", n_features=header["columns"])
        for name in ("feature_", "threshold_", "left_", "right_", "value_", "spread_", "roots_"):
            setattr(regressor, name, getattr(forest, name))
        regressor.n_features_in_ = header["columns"]
        regressor.offsets_ = arrays["boosting.offsets_"]
        regressor.noise_ = float(arrays["boosting.noise_"].ravel()[0])
    else:
        regressor = from_state(state, arrays, "regressor.")
    shape = (len(described["formulas"]), len(element_table().symbols))
    counts = sparse.csr_array(
        (
            arrays["domain.data"].astype(float),
            arrays["domain.indices"].astype(np.int32),
            arrays["domain.indptr"],
        ),
        shape=shape,
    )
    domain = ApplicabilityDomain(
        counts, tuple(described["formulas"]), float(described["threshold"]), tuple(described["elements"])
    )
    return ConductivityModel(regressor, float(header["std_factor"]), domain, None, header["card"])
