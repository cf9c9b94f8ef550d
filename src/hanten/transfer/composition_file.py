"""A model of compositions as one file of tensors and JSON, without pickle, tested on loading."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from hanten.features.config import featurizer_from_config
from hanten.models.base import from_state, get_state, pack_sparse, unpack_sparse
from hanten.models.domain import ApplicabilityDomain
from hanten.models.tensor_file import load_model_file, save_tensors
from hanten.models.training import resolve_property
from hanten.models.vectorize import View
from hanten.transfer.composition_model import CompositionModel
from hanten.transfer.formulas import composition_views
from hanten.transfer.inputs import table_digest
from hanten.transfer.source_features import SourceFeatures

FORMAT, VERSION = "hanten composition model", 1
SUFFIX = ".safetensors"
SELF_TESTS = 5
TOLERANCE = 0.01  # of the predicted standard deviation
_DOMAIN = "domain."


def save_composition_model(model: CompositionModel, path: str | Path) -> Path:
    """Write ``model`` to ``path``, whole or not at all.

    Raises
    ------
    BundleError
        If its regressor is not one of :mod:`hanten`, or a source is a function.
    """
    description, arrays = get_state(model.regressor, "regressor.")
    for i, view in enumerate(model.views):
        if isinstance(view.featurizer, SourceFeatures):
            arrays |= {f"views.{i}.{key}": part for key, part in view.featurizer.get_arrays().items()}
    arrays |= {_DOMAIN + key: part for key, part in pack_sparse(model.domain.counts).items()}
    probes = list(model.domain.structures[:SELF_TESTS])
    mean, sd = model.predict(probes, return_std=True)
    header = {
        "format": FORMAT,
        "format_version": VERSION,
        "element_table": table_digest(composition_views()[0].featurizer),
        "property": {"name": model.property_.name, "unit": model.property_.unit},
        "log": model.log,
        "std_factor": model.std_factor,
        "views": [view.config() for view in model.views],
        "regressor": description,
        "domain": {
            "threshold": model.domain.threshold,
            "elements": list(model.domain.elements),
            "formulas": list(model.domain.structures),
        },
        "card": model.card,
        "training": model.training,
        "self_test": {"inputs": probes, "mean": mean.tolist(), "sd": sd.tolist()},
    }
    return save_tensors(path, arrays, header)


def load_composition_model(path: str | Path) -> CompositionModel:
    """The model that ``hanten transfer`` wrote of a table of formulas.

    Raises
    ------
    BundleError
        If the file is missing, damaged or too new, was trained with another element table or other features, or does not
        predict what it did when it was saved.
    """
    return load_model_file(
        Path(path),
        FORMAT,
        VERSION,
        made_with={"element_table": table_digest(composition_views()[0].featurizer)},
        rebuild=_rebuild,
        deviation=_deviation,
        tolerance=TOLERANCE,
        train_again="hanten transfer",
    )


def _rebuild(arrays: dict[str, Any], header: dict[str, Any]) -> CompositionModel:
    described = header["domain"]
    counts = unpack_sparse({k.removeprefix(_DOMAIN): v for k, v in arrays.items() if k.startswith(_DOMAIN)})
    return CompositionModel(
        resolve_property(header["property"]["name"], header["property"]["unit"]),
        tuple(_view(config, arrays, f"views.{i}.") for i, config in enumerate(header["views"])),
        from_state(header["regressor"], arrays, "regressor."),
        bool(header["log"]),
        float(header["std_factor"]),
        ApplicabilityDomain(
            counts,
            tuple(described["formulas"]),
            float(described["threshold"]),
            tuple(described["elements"]),
        ),
        header["card"],
        header["training"],
    )


def _view(config: dict[str, Any], arrays: dict[str, Any], prefix: str) -> View:
    own = {key.removeprefix(prefix): part for key, part in arrays.items() if key.startswith(prefix)}
    if config["featurizer"] == SourceFeatures.__name__:
        featurizer: Any = SourceFeatures.from_config(config["parameters"], own)
    else:
        featurizer = featurizer_from_config(
            {key: config[key] for key in ("featurizer", "definition", "parameters")}
        )
    return View(featurizer, config["kernel"], bool(config["log"]))


def _deviation(model: CompositionModel, test: dict[str, Any]) -> float:
    mean, sd = model.predict(test["inputs"], return_std=True)
    off = np.maximum(np.abs(mean - np.asarray(test["mean"])), np.abs(sd - np.asarray(test["sd"])))
    return float((off / np.asarray(test["sd"])).max())
