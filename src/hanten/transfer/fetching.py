"""Copying a library of source models here: from a folder, or from an address when the user names one.

Nothing is fetched unasked, and there is no public server of this project: the full library is made by
``hanten library train``, and fetched from wherever somebody has put the folder that it writes.
"""

from __future__ import annotations

import urllib.error
import urllib.request
from http.client import HTTPException
from pathlib import Path

from hanten.data.catalog import DataFile
from hanten.data.fetching import TIMEOUT_S, Progress, fetch_file
from hanten.errors import BundleError, DataError
from hanten.runs import atomic_write
from hanten.transfer.library import BUNDLED, Library, open_library
from hanten.transfer.store import INDEX, parse_index

OWN = "bundled"


def fetch_library(
    source: str | Path, folder: str | Path, *, force: bool = False, progress: Progress | None = None
) -> Library:
    """Copy a library to ``folder``, checked file by file; an interrupted copy goes on where it stopped.

    Parameters
    ----------
    source : path or str
        A folder, an ``http(s)://`` address of one, or ``"bundled"`` for the library of the package.
    folder : path
        Where to; a file that is there and has the right digest is left alone.
    force : bool
        Copy every file again.
    progress : callable, optional
        Called with file name, bytes so far and bytes in all during downloads.

    Returns
    -------
    Library
        Opened, so complete.

    Raises
    ------
    BundleError
        If the source holds no library, or its index was changed.
    DataError
        If a file does not arrive, or is not what the index says; what has arrived is kept.
    """
    target, place = Path(folder), str(BUNDLED if str(source) == OWN else source)
    remote = place.startswith(("http://", "https://"))
    if not remote and target.resolve() == Path(place).resolve():
        raise DataError("source and folder are the same", where=place, hint="name another folder with -o")
    data = _index_bytes(place, remote=remote)
    index = parse_index(data, place)
    try:
        for name in ("", *index["files"]):
            (target / name).parent.mkdir(parents=True, exist_ok=True)
        target.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DataError(f"cannot be made: {error.strerror}", where=str(target)) from error
    with atomic_write(target / INDEX, "wb") as handle:
        handle.write(data)
    for name, entry in index["files"].items():
        url = f"{place.rstrip('/')}/{name}" if remote else None
        file = DataFile(name, name, entry["size"], entry["sha256"], url)
        if not remote and not (Path(place) / name).is_file():
            raise BundleError(f"{name} is not there", where=place, hint="the source itself is half fetched")
        fetch_file(file, target, None if remote else Path(place), force, progress)
    return open_library(target)


def _index_bytes(place: str, *, remote: bool) -> bytes:
    if not remote:
        try:
            return (Path(place) / INDEX).read_bytes()
        except OSError as error:
            raise BundleError(
                "holds no library of source models: there is no index.json",
                where=place,
                hint="name the folder that `hanten library train` wrote, or its address",
            ) from error
    try:
        with urllib.request.urlopen(f"{place.rstrip('/')}/{INDEX}", timeout=TIMEOUT_S) as response:  # noqa: S310 -- http(s) only, named by the user
            return bytes(response.read())
    except (urllib.error.URLError, HTTPException, ValueError, OSError) as error:
        raise DataError(
            f"index.json could not be fetched: {getattr(error, 'reason', None) or error}",
            where=place,
            hint="is the address that of a folder which `hanten library train` wrote?",
        ) from error
