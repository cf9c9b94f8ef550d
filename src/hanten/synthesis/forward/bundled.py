"""One file that holds a trained forward model for use: safetensors, with everything else as JSON in its header."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from rdkit import rdBase

from hanten.errors import BundleError
from hanten.runs import atomic_write
from hanten.synthesis.forward.architecture import ModelConfig
from hanten.synthesis.forward.model import ForwardTransformer
from hanten.synthesis.forward.vocabulary import Vocabulary

FORMAT_VERSION = 1
KEY = "hanten.forward.bundle"
LIBRARY = Path(__file__).parent / "library"
BUNDLED = LIBRARY / "forward.safetensors"


def save_forward(path: str | Path, parameters: Mapping[str, Any], facts: Mapping[str, Any]) -> None:
    """Write a model, in half precision, whole or not at all.

    Parameters
    ----------
    path : path
        ``*.safetensors``.
    parameters : mapping of arrays
        Weights; stored as float16.
    facts : mapping
        JSON: model (sizes), vocabulary, longest, rdkit (release of its canonical SMILES), card.
    """
    from safetensors.numpy import save

    halves = {name: np.asarray(array).astype(np.float16) for name, array in sorted(parameters.items())}
    if bad := [name for name, array in halves.items() if not np.isfinite(array).all()]:
        raise BundleError(f"weights out of the range of half precision: {', '.join(bad)}", where=str(path))
    head = json.dumps({"format_version": FORMAT_VERSION, **facts}, sort_keys=True, allow_nan=False)
    with atomic_write(path, "wb") as handle:
        handle.write(save(halves, {KEY: head}))


def read_forward(path: str | Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """Weights and facts of a bundle.

    Raises
    ------
    BundleError
        If there is no such file, or it is damaged, something else, or of a newer format.
    """
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(str(path), framework="numpy") as archive:
            facts = json.loads((archive.metadata() or {}).get(KEY, "null"))
            weights = {name: archive.get_tensor(name).astype(np.float32) for name in archive.keys()}  # noqa: SIM118
    except (OSError, SafetensorError, ValueError) as error:
        raise BundleError(f"no forward reaction model: {error}", where=str(path)) from error
    if facts is None:
        raise BundleError(
            "no forward reaction model in this file",
            where=str(path),
            hint="a training checkpoint becomes one by python -m hanten.synthesis.forward.bundle",
        )
    if facts["format_version"] > FORMAT_VERSION:
        raise BundleError(
            f"format {facts['format_version']} is newer than {FORMAT_VERSION}",
            where=str(path),
            hint="update hanten",
        )
    return weights, facts


def load_forward(path: str | Path | None = None) -> ForwardTransformer:
    """The bundled forward model, or that of a file.

    Parameters
    ----------
    path : path, optional
        A file written by ``python -m hanten.synthesis.forward.bundle``.

    Raises
    ------
    BundleError
        If the file is none, or was trained on the canonical SMILES of another RDKit release: reactants would be
        written otherwise than in training, and its probabilities mean nothing.

    Examples
    --------
    >>> load_forward().longest
    200
    """
    return _load(str(path or BUNDLED))


@lru_cache(maxsize=4)
def _load(path: str) -> ForwardTransformer:
    weights, facts = read_forward(path)
    if facts["rdkit"] != rdBase.rdkitVersion:
        raise BundleError(
            f"trained on canonical SMILES of RDKit {facts['rdkit']}, here is {rdBase.rdkitVersion}",
            where=path,
            hint=f"pip install rdkit=={facts['rdkit']}, or train it again",
        )
    return ForwardTransformer(
        parameters=weights,
        config=ModelConfig(**facts["model"]),
        vocabulary=Vocabulary(tuple(facts["vocabulary"])),
        longest=int(facts["longest"]),
        card=facts["card"],
    )
