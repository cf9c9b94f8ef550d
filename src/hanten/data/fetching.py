"""Public data sets on this machine: from a local mirror or from their public home, always checked.

A file is taken as good only when its SHA-256 is the one in the catalogue. A download is collected beside its
target under another name and moved over it after the check, so whatever happens on the way (the network
breaks, the disk fills, Ctrl-C), the target is either absent, or what it was, or complete.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from http.client import HTTPException
from pathlib import Path
from types import MappingProxyType

import pooch

from hanten.data.catalog import DataFile, Dataset, get_dataset
from hanten.errors import DataError

Progress = Callable[[str, int, int], None]
CHUNK = 1 << 16
TIMEOUT_S = 30.0


def cache_folder() -> Path:
    """Where fetched files are kept: ``HANTEN_CACHE_DIR``, else the user cache of the platform.

    Examples
    --------
    >>> cache_folder().is_absolute()
    True
    """
    own = os.environ.get("HANTEN_CACHE_DIR")
    return Path(own).expanduser().resolve() if own else Path(pooch.os_cache("hanten")) / "data"


def mirror_folder() -> Path | None:
    """The local mirror named by ``HANTEN_DATA_DIR``, or ``None`` when the variable is not set.

    Raises
    ------
    DataError
        If the variable names no folder.
    """
    named = os.environ.get("HANTEN_DATA_DIR")
    if not named:
        return None
    folder = Path(named).expanduser()
    if not folder.is_dir():
        raise DataError("HANTEN_DATA_DIR does not name a folder", where=named, hint="unset it, or correct it")
    return folder


def locate(name: str | Dataset) -> Mapping[str, Path]:
    """Where the files of a data set lie on this machine, after their digests were checked; no network.

    The mirror named by ``HANTEN_DATA_DIR`` comes first and is used in place, then the cache of
    :func:`fetch`.

    Returns
    -------
    mapping of str to Path
        File name to its path.

    Raises
    ------
    DataError
        If a file is in neither place, or is not what the catalogue says.
    """
    dataset, mirror = get_dataset(name), mirror_folder()
    return MappingProxyType({file.name: _locate(dataset, file, mirror) for file in dataset.files})


def _locate(dataset: Dataset, file: DataFile, mirror: Path | None) -> Path:
    places = [cache_folder() / dataset.name / file.name]
    if mirror is not None:
        places.insert(0, mirror / file.mirror)
    for place in places:
        if place.is_file():
            check_file(place, file)
            return place
    hint = f"`hanten data fetch {dataset.name}` fetches it"
    if not dataset.downloadable:
        hint = f"set HANTEN_DATA_DIR to a folder with {file.mirror}; its public home has it in another form"
    raise DataError(f"{file.name} of {dataset.name} is not on this machine", hint=hint)


def check_file(path: Path, file: DataFile) -> None:
    """Do nothing when ``path`` holds exactly what the catalogue says of ``file``.

    Raises
    ------
    DataError
        Naming the two sizes or digests that differ.
    """
    size = path.stat().st_size
    hint = "remove it and fetch again; if it is a mirror, copy the file there again"
    if size != file.size:
        raise DataError(f"holds {size:,} bytes where {file.size:,} are expected", where=str(path), hint=hint)
    digest = sha256(path)
    if digest != file.sha256:
        message = f"SHA-256 is {digest[:12]}... where {file.sha256[:12]}... is expected"
        raise DataError(message, where=str(path), hint=hint)


def sha256(path: Path) -> str:
    """SHA-256 of a file as 64 hexadecimal digits."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def fetch(
    name: str | Dataset,
    folder: str | Path | None = None,
    mirror: str | Path | None = None,
    *,
    force: bool = False,
    progress: Progress | None = None,
) -> list[Path]:
    """Bring a data set onto this machine and say where it lies.

    Every file comes from ``mirror`` (or ``HANTEN_DATA_DIR``) when that has it, else from its public home. A
    file that is there already and passes the check is left alone; an interrupted download is taken up where
    it stopped.

    Parameters
    ----------
    name : str
        As in :func:`hanten.data.list_datasets`.
    folder : path, optional
        Where to put the files; default :func:`cache_folder` and the name of the data set.
    mirror : path, optional
        A folder laid out like the catalogue's ``mirror`` paths; overrides ``HANTEN_DATA_DIR``.
    force : bool
        Fetch again what is there already.
    progress : callable, optional
        Called with file name, bytes so far and bytes in all.

    Returns
    -------
    list of Path
        One per file, in the order of the catalogue; each complete and checked.

    Raises
    ------
    DataError
        If the network breaks, what arrives is not what the catalogue says, the disk is full, or a file of the
        mirror has another digest. No bad file is left in place.
    """
    dataset = get_dataset(name)
    target = Path(folder) if folder is not None else cache_folder() / dataset.name
    source = Path(mirror) if mirror is not None else mirror_folder()
    try:
        target.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DataError(f"cannot be made: {error.strerror}", where=str(target)) from error
    return [fetch_file(file, target, source, force, progress) for file in dataset.files]


def fetch_file(
    file: DataFile, folder: Path, mirror: Path | None, fresh: bool, progress: Progress | None
) -> Path:
    """One file into ``folder``, whole and checked or not at all; see :func:`fetch`."""
    target = folder / file.name
    if not fresh and _is_good(target, file):
        return target
    if mirror is not None and (mirror / file.mirror).is_file():
        check_file(mirror / file.mirror, file)
        _collect(target, file, lambda part: shutil.copyfile(mirror / file.mirror, part))
    elif file.url is None:
        hint = f"set HANTEN_DATA_DIR to a folder with {file.mirror}; `hanten data list` names the home"
        raise DataError(
            f"{file.name} has no download address: its public home has it in another form", hint=hint
        )
    else:
        url = file.url
        _collect(target, file, lambda part: _download(url, part, file, progress))
    return target


def _is_good(path: Path, file: DataFile) -> bool:
    return path.is_file() and path.stat().st_size == file.size and sha256(path) == file.sha256


def _collect(target: Path, file: DataFile, fill: Callable[[Path], object]) -> None:
    """Fill ``target.part``, check it, move it over ``target``; what fails the check is removed."""
    part = target.with_name(f"{target.name}.part")
    try:
        fill(part)
        check_file(part, file)
        with part.open("rb") as handle:
            os.fsync(handle.fileno())
        part.replace(target)
    except DataError:
        part.unlink(missing_ok=True)
        raise
    except (OSError, HTTPException) as error:
        if not isinstance(error, (urllib.error.URLError, HTTPException, ConnectionError, TimeoutError)):
            part.unlink(missing_ok=True)
        raise DataError(_reason(error), where=str(target), hint=_advice(error)) from error


def _reason(error: Exception) -> str:
    reason = getattr(error, "strerror", None) or getattr(error, "reason", None) or error
    return f"could not be fetched: {reason}"


def _advice(error: Exception) -> str:
    if isinstance(error, (urllib.error.URLError, HTTPException, ConnectionError, TimeoutError)):
        return (
            "run the same command again: it goes on where it stopped; or name a local copy in HANTEN_DATA_DIR"
        )
    return "is there room on the disk, and may you write there?"


def _download(url: str, part: Path, file: DataFile, progress: Progress | None) -> None:
    """Append to ``part`` what it lacks; start over when the server does not do ranges."""
    have = part.stat().st_size if part.exists() else 0
    if have >= file.size:
        part.unlink()
        have = 0
    request = urllib.request.Request(url, headers={"User-Agent": "hanten", "Accept-Encoding": "identity"})  # noqa: S310 -- the address stands in the catalogue
    if have:
        request.add_header("Range", f"bytes={have}-")
    with urllib.request.urlopen(request, timeout=TIMEOUT_S) as response:  # noqa: S310 -- as above
        resumed = response.status == 206
        done = have if resumed else 0
        with part.open("ab" if resumed else "wb") as handle:
            while chunk := response.read(CHUNK):
                done += len(chunk)
                if done > file.size:
                    break
                handle.write(chunk)
                if progress is not None:
                    progress(file.name, done, file.size)
    if done < file.size:
        raise HTTPException(f"the connection ended after {done:,} of {file.size:,} bytes")
