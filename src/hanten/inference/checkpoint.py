"""A step in one file, and back: numbers as arrays, everything else as JSON. No pickle."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from hanten.errors import DataError, RunError
from hanten.inference.population import Population
from hanten.inference.protocols import State
from hanten.inference.steps import Step
from hanten.runs import atomic_write

FORMAT_VERSION = 1


def save_checkpoint(path: str | Path, step: Step) -> None:
    """Write ``step`` to ``path``, so that :func:`smc` can go on from it with the same bits.

    The file appears whole or not at all. States may be strings, numbers, booleans, and tuples of these.

    Raises
    ------
    DataError
        If a state is of another type.
    RunError
        If the file cannot be written.
    """
    text = {
        "format_version": FORMAT_VERSION,
        "index": step.index,
        "ended": step.ended,
        "rng_state": _plain(dict(step.rng_state)),
        "trace": list(step.trace),
        "particles": [_plain_state(x) for x in step.particles],
        "memory": [_plain_state(x) for x in step.memory],
    }
    with atomic_write(path, "wb") as handle:
        np.savez(
            handle,
            text=np.frombuffer(json.dumps(text, allow_nan=False).encode(), dtype=np.uint8),
            scalars=np.array([step.beta, step.log_evidence]),
            log_likelihood=step.log_likelihood,
            memory=np.fromiter(step.memory.values(), dtype=np.float64, count=len(step.memory)),
        )


def load_checkpoint(path: str | Path) -> Step:
    """Read a step written by :func:`save_checkpoint`.

    Raises
    ------
    RunError
        If there is no such file, or it is damaged, no checkpoint at all, or of a newer format.
    """
    try:
        with Path(path).open("rb") as handle, np.load(handle, allow_pickle=False) as arrays:
            text = json.loads(arrays["text"].tobytes())
            if text["format_version"] > FORMAT_VERSION:
                raise RunError(
                    f"checkpoint format {text['format_version']} is newer than this hanten reads",
                    where=str(path),
                    hint="update hanten",
                )
            return _step(text, {name: arrays[name] for name in ("scalars", "log_likelihood", "memory")})
    except FileNotFoundError as error:
        raise RunError("no such checkpoint", where=str(path)) from error
    except (OSError, EOFError, ValueError, KeyError, TypeError, zipfile.BadZipFile) as error:
        raise RunError(f"not a readable checkpoint: {error}", where=str(path)) from error


def _step(text: dict[str, Any], arrays: dict[str, Any]) -> Step:
    beta, log_evidence = arrays["scalars"].tolist()
    particles = [_state(x) for x in text["particles"]]
    if len(particles) != len(arrays["log_likelihood"]):
        raise ValueError("particles and log-likelihoods differ in number")
    return Step(
        index=text["index"],
        beta=beta,
        population=Population(particles, arrays["log_likelihood"]),
        log_evidence=log_evidence,
        ended=text["ended"],
        rng_state=_restored(text["rng_state"]),
        memory=dict(zip(map(_state, text["memory"]), arrays["memory"].tolist(), strict=True)),
        trace=tuple(text["trace"]),
    )


def _plain_state(x: State) -> Any:
    """Tuples become lists; whatever JSON could not give back unchanged is refused."""
    if type(x) in {str, int, float, bool}:
        return x
    if type(x) is tuple:
        return [_plain_state(part) for part in x]
    raise DataError(
        f"a state of type {type(x).__name__} cannot be written to a checkpoint: {x!r}",
        hint="use strings, numbers, or tuples of them",
    )


def _state(x: Any) -> State:
    return tuple(map(_state, x)) if isinstance(x, list) else x


def _plain(value: Any) -> Any:
    """Arrays inside a bit generator's state, as lists that remember their type."""
    if isinstance(value, dict):
        return {key: _plain(part) for key, part in value.items()}
    return {"dtype": str(value.dtype), "values": value.tolist()} if isinstance(value, np.ndarray) else value


def _restored(value: Any) -> Any:
    if isinstance(value, dict) and value.keys() == {"dtype", "values"}:
        return np.array(value["values"], dtype=value["dtype"])
    return {key: _restored(part) for key, part in value.items()} if isinstance(value, dict) else value
