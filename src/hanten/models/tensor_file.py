"""One safetensors file with a JSON header and digests: the small artefacts of the rooms that predict from composition.

Nothing in it is executed. The header names what the file is and holds the SHA-256 of the arrays and of itself, so that no
changed byte goes unnoticed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from hanten.errors import BundleError
from hanten.models.base import Arrays
from hanten.runs import atomic_write

Model = TypeVar("Model")


def save_tensors(path: str | Path, arrays: Arrays, header: dict[str, Any]) -> Path:
    """Write arrays and header, so that the file is either complete or not there.

    Parameters
    ----------
    path : path
    arrays : dict of str to ndarray
    header : dict
        Plain JSON values; ``format`` and ``format_version`` among them.

    Raises
    ------
    RunError
        If the file cannot be written.
    """
    from safetensors.numpy import save

    plain = {name: np.asarray(array, order="C") for name, array in arrays.items()}
    text = json.dumps(header, ensure_ascii=False, sort_keys=True, allow_nan=False)
    digests = {"header": _sha(text.encode()), "arrays": _digest(plain)}
    data = save(plain, metadata={"hanten": text, "sha256": json.dumps(digests, sort_keys=True)})
    with atomic_write(path, "wb") as handle:
        handle.write(data)
    return Path(path)


def load_tensors(path: str | Path, expected: str, version: int) -> tuple[Arrays, dict[str, Any]]:
    """Read what :func:`save_tensors` wrote, after all digests were checked.

    Parameters
    ----------
    path : path
    expected : str
        The ``format`` that the header must name.
    version : int
        Newest ``format_version`` that is understood.

    Raises
    ------
    BundleError
        If the file is missing, something else, damaged or too new.
    """
    from safetensors import SafetensorError, safe_open

    where = str(path)
    try:
        with safe_open(path, framework="np") as file:
            metadata = file.metadata() or {}
            arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118  (no mapping)
        header = json.loads(metadata["hanten"])
        digests = json.loads(metadata["sha256"])
    except FileNotFoundError as error:
        raise BundleError("there is no such file", where=where) from error
    except OSError as error:
        raise BundleError(f"cannot be read: {error.strerror or error}", where=where) from error
    except (SafetensorError, KeyError, ValueError, TypeError) as error:
        raise BundleError(f"this is not a {expected}, or it is damaged: {error}", where=where) from error
    if not isinstance(header, dict) or header.get("format") != expected:
        raise BundleError(f"this is not a {expected}", where=where)
    if digests != {"header": _sha(metadata["hanten"].encode()), "arrays": _digest(arrays)}:
        raise BundleError("the file was changed after it was saved: its digest does not match", where=where)
    if not isinstance(header.get("format_version"), int) or header["format_version"] > version:
        text = f"the file has format {header.get('format_version')}, and this hanten reads up to {version}"
        raise BundleError(text, where=where, hint="update hanten: pip install -U hanten")
    return arrays, header


def load_model_file(
    path: str | Path,
    expected: str,
    version: int,
    *,
    made_with: Mapping[str, Any],
    rebuild: Callable[[Arrays, dict[str, Any]], Model],
    deviation: Callable[[Model, dict[str, Any]], float],
    tolerance: float,
    train_again: str,
) -> Model:
    """A model from what :func:`save_tensors` wrote, after it was made with the same tables and passed its self-test.

    Parameters
    ----------
    path, expected, version
        As for :func:`load_tensors`.
    made_with : mapping
        Entries of the header that must be the same here, such as the name of the element table.
    rebuild : callable
        Arrays and header -> model.
    deviation : callable
        Model and the header's ``self_test`` -> largest difference from what it predicted when it was saved.
    tolerance : float
        Largest deviation accepted.
    train_again : str
        The command that makes the model anew, for the error.

    Raises
    ------
    BundleError
        If the file is missing, damaged or too new, was made with other tables, or does not predict what it did.
    """
    arrays, header = load_tensors(path, expected, version)
    where, hint = str(path), f"train it again: {train_again}"
    try:
        for name, value in made_with.items():
            if header[name] != value:
                raise BundleError(
                    f"its {name.replace('_', ' ')} is {header[name]!r}, and here it is {value!r}",
                    where=where,
                    hint=hint,
                )
        model = rebuild(arrays, header)
        off = deviation(model, header["self_test"])
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
        if isinstance(error, BundleError):
            raise
        raise BundleError(f"the file does not fit together: {error!r}", where=where) from error
    if not off <= tolerance:
        raise BundleError(f"the self-test fails by {off:.2g}", where=where, hint=hint)
    return model


def _sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _digest(arrays: Arrays) -> str:
    total = hashlib.sha256()
    for name in sorted(arrays):
        array = arrays[name]
        total.update(f"{name} {array.dtype.str} {array.shape}".encode())
        total.update(np.ascontiguousarray(array).tobytes())
    return total.hexdigest()
