"""The file of a stock: one safetensors file, written in a stream, read through a memory map, digest-checked.

safetensors is 8 bytes of length, a JSON header, then raw arrays; nothing in it can be executed. The header's
metadata holds what the stock is, and the SHA-256 of every array. Arrays up to ``CHECKED`` bytes are checked each
time a stock is opened, larger ones by ``hanten stock info --check``.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from hanten.errors import DataError
from hanten.runs import atomic_write

FORMAT = "hanten stock"
FORMAT_VERSION = 1
CHECKED = 1 << 27  # 128 MiB: about a tenth of a second of SHA-256
BLOCK = 1 << 24
_TYPES = {"U8": "u1", "U32": "<u4", "U64": "<u8", "I16": "<i2", "I64": "<i8", "F32": "<f4"}
_NAMES = {np.dtype(code): name for name, code in _TYPES.items()}
Array = npt.NDArray[Any]


def write_arrays(path: str | Path, arrays: Mapping[str, Array], about: Mapping[str, Any]) -> None:
    """Write arrays (memory maps too, in blocks) so that the file is complete or not there.

    Raises
    ------
    RunError
        If the file cannot be written.
    """
    digests = {name: _digest(array) for name, array in arrays.items()}
    manifest = {"format": FORMAT, "format_version": FORMAT_VERSION, "sha256": digests, **about}
    header: dict[str, Any] = {"__metadata__": {"stock": json.dumps(manifest, ensure_ascii=False)}}
    start = 0
    for name, array in arrays.items():
        end = start + array.nbytes
        header[name] = {
            "dtype": _NAMES[array.dtype], "shape": list(array.shape), "data_offsets": [start, end],
        }  # fmt: skip
        start = end
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with atomic_write(path, "wb") as handle:
        handle.write(len(text).to_bytes(8, "little"))
        handle.write(text)
        for array in arrays.values():
            for block in _blocks(array):
                handle.write(block)


def read_arrays(path: str | Path, *, check: bool | None = None) -> tuple[dict[str, Array], dict[str, Any]]:
    """Memory maps of the arrays of a stock file, and what it says of itself.

    Parameters
    ----------
    check : bool, optional
        Check all digests (True), none (False), or those of arrays up to ``CHECKED`` bytes.

    Raises
    ------
    DataError
        If the file is missing, no stock, too new, cut off or damaged.
    """
    path = Path(path)
    try:
        with path.open("rb") as handle:
            header, offset = _header(handle.read(8), handle)
        manifest = json.loads(header.pop("__metadata__")["stock"])
        _check_version(manifest, path)
        arrays = {name: _map(path, row, offset) for name, row in header.items()}
    except OSError as error:
        raise DataError(f"cannot be read: {error.strerror or error}", where=str(path)) from error
    except (ValueError, KeyError, TypeError, UnicodeDecodeError, MemoryError, OverflowError) as error:
        if isinstance(error, DataError):
            raise
        raise DataError(
            "is no stock file, or is damaged",
            where=str(path),
            hint="`hanten stock build` makes one from SMILES, CSV or SDF",
        ) from error
    for name, array in arrays.items():
        if (check or (check is None and array.nbytes <= CHECKED)) and (
            _digest(array) != manifest["sha256"].get(name)
        ):
            raise DataError(f"the array {name!r} is damaged", where=str(path), hint="build the stock again")
    return arrays, manifest


def is_stock_file(path: Path) -> bool:
    """Whether a file begins like a stock: a plausible header length, then the JSON of safetensors."""
    try:
        with path.open("rb") as handle:
            start = handle.read(24)
    except OSError:
        return False
    return len(start) > 9 and start[8:9] == b"{" and int.from_bytes(start[:8], "little") < 1 << 24


def _header(length: bytes, handle: Any) -> tuple[dict[str, Any], int]:
    size = int.from_bytes(length, "little")
    if not 2 <= size < 1 << 24:
        raise ValueError("no header")
    return json.loads(handle.read(size)), 8 + size


def _check_version(manifest: Mapping[str, Any], path: Path) -> None:
    if manifest["format"] != FORMAT:
        raise ValueError(manifest["format"])
    if manifest["format_version"] > FORMAT_VERSION:
        raise DataError("was written by a newer hanten", where=str(path), hint="update hanten")


def _map(path: Path, row: Mapping[str, Any], offset: int) -> Array:
    start, end = row["data_offsets"]
    shape, kind = tuple(row["shape"]), np.dtype(_TYPES[row["dtype"]])
    if int(np.prod(shape)) * kind.itemsize != end - start or path.stat().st_size < offset + end:
        raise DataError("is cut off", where=str(path), hint="copy or build it again")
    if end == start:
        return np.empty(shape, kind)
    return np.memmap(path, dtype=kind, mode="r", offset=offset + start, shape=shape)


def _blocks(array: Array) -> Any:
    """The bytes of an array, a block at a time, without a copy of the whole."""
    flat = np.ascontiguousarray(array).reshape(-1).view(np.uint8)
    return (flat[i : i + BLOCK].tobytes() for i in range(0, flat.size, BLOCK))


def _digest(array: Array) -> str:
    digest = hashlib.sha256()
    for block in _blocks(array):
        digest.update(block)
    return digest.hexdigest()
