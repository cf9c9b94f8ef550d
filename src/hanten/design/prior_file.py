"""A language model in one small file: a JSON header and arrays, no pickle, refused when damaged.

``*.prior.npz`` holds ``header`` (UTF-8 JSON: format version, tokens, rules, model card, digest) and for each level
the sorted contexts as differences, row sizes, tokens, and values as 32-bit floats.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from hanten.design.kneser_ney import Level
from hanten.design.ngram import NGramPrior
from hanten.design.syntax import Syntax
from hanten.design.vocabulary import Vocabulary
from hanten.errors import BundleError, UnknownNameError, did_you_mean
from hanten.runs import atomic_write

FORMAT_VERSION = 2
_FOLDER = Path(__file__).parent / "priors"
_SUFFIX = ".prior.npz"
_PARTS = ("keys", "sizes", "token", "value")


def save_prior(prior: NGramPrior, path: str | Path) -> None:
    """Write ``prior`` to one file, which appears whole or not at all."""
    arrays = {f"{part}_{k}": a for k, level in enumerate(prior.levels) for part, a in _arrays(level).items()}
    header = {
        "format_version": FORMAT_VERSION,
        "kind": "n-gram prior",
        "tokens": list(prior.vocabulary.tokens),
        "n_attachment": prior.vocabulary.n_attachment,
        "max_length": prior.syntax.max_length,
        "levels": len(prior.levels),
        "card": prior.card,
        "digest": _digest(arrays),
    }
    text = np.frombuffer(json.dumps(header, ensure_ascii=False).encode(), dtype=np.uint8)
    with atomic_write(path, "wb") as handle:
        np.savez_compressed(handle, allow_pickle=False, header=text, **arrays)


def read_prior(path: str | Path) -> NGramPrior:
    """Read a prior written by :func:`save_prior`.

    Raises
    ------
    BundleError
        If the file is not a prior, is damaged or was changed, or has a newer format.
    """
    where = str(path)
    try:
        with Path(path).open("rb") as handle, np.load(handle, allow_pickle=False) as file:
            header = json.loads(file["header"].tobytes())
            _check_version(header["format_version"], where)
            arrays = {f"{part}_{k}": file[f"{part}_{k}"] for k in range(header["levels"]) for part in _PARTS}
    except BundleError:
        raise
    except FileNotFoundError as error:
        raise BundleError("there is no such prior file", where=where) from error
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise BundleError(f"is not a readable prior: {error}", where=where) from error
    if _digest(arrays) != header["digest"]:
        raise BundleError(
            "the contents do not match their digest", where=where, hint="the file is damaged; get it again"
        )
    vocabulary = Vocabulary(tuple(header["tokens"]), header["n_attachment"])
    levels = [_level({part: arrays[f"{part}_{k}"] for part in _PARTS}) for k in range(header["levels"])]
    return NGramPrior(Syntax(vocabulary, header["max_length"]), levels, header["card"])


def _check_version(version: int, where: str) -> None:
    """Contexts of another format mean something else, so that the model would draw nonsense."""
    if version > FORMAT_VERSION:
        raise BundleError(
            f"format {version} is newer than {FORMAT_VERSION}", where=where, hint="update hanten"
        )
    if version < FORMAT_VERSION:
        text = f"format {version} is older than {FORMAT_VERSION}"
        raise BundleError(text, where=where, hint="train it again with NGramPrior.fit and save_prior")


def list_priors() -> list[str]:
    """Names of the priors in the package.

    Examples
    --------
    >>> "polymer" in list_priors()
    True
    """
    return sorted(path.name.removesuffix(_SUFFIX) for path in _FOLDER.glob(f"*{_SUFFIX}"))


def load_prior(name_or_path: str | Path = "polymer") -> NGramPrior:
    """A prior of the package by name, or one from a file.

    Examples
    --------
    >>> load_prior("polymer").vocabulary.n_attachment
    2
    """
    if str(name_or_path) in list_priors():
        return _bundled(str(name_or_path))
    path = Path(name_or_path)
    if path.suffix or path.exists():
        return read_prior(path)
    raise UnknownNameError(
        f"no prior is called {str(name_or_path)!r}", hint=did_you_mean(str(name_or_path), list_priors())
    )


@lru_cache(maxsize=4)
def _bundled(name: str) -> NGramPrior:
    return read_prior(_FOLDER / f"{name}{_SUFFIX}")


def with_card(prior: NGramPrior, **entries: object) -> NGramPrior:
    """The same prior with ``entries`` in its card."""
    return replace(prior, card={**prior.card, **entries})


def _arrays(level: Level) -> dict[str, npt.NDArray[Any]]:
    gaps = np.diff(level.keys, prepend=np.uint64(0))
    sizes = np.diff(level.start).astype(np.uint16)
    return {"keys": gaps, "sizes": sizes, "token": level.token, "value": level.value.astype(np.float32)}


def _level(arrays: dict[str, npt.NDArray[Any]]) -> Level:
    keys = np.cumsum(arrays["keys"], dtype=np.uint64)
    return Level.of(
        keys, arrays["sizes"].astype(np.int64), arrays["token"], arrays["value"].astype(np.float64)
    )


def _digest(arrays: dict[str, npt.NDArray[Any]]) -> str:
    digest = hashlib.sha256()
    for name in sorted(arrays):
        digest.update(f"{name} {arrays[name].dtype.str} {arrays[name].shape}".encode())
        digest.update(np.ascontiguousarray(arrays[name]).tobytes())
    return digest.hexdigest()
