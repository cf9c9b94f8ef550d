"""Atomic files and run folders: ``runs/<date>-<name>/`` with config, log, trace, results, report.

A file written here is either the old one or the complete new one, never half of it. A run folder is never
overwritten without being asked.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from hanten.errors import RunError


@contextmanager
def atomic_write(path: str | Path, mode: str = "w") -> Iterator[IO[Any]]:
    """Open ``path`` for writing so that it appears only when everything was written.

    The text is collected beside the target and moved over it at the end; when the body raises, or the disk is
    full, the target is untouched and nothing is left behind.

    Parameters
    ----------
    path : path
        The file to make or replace.
    mode : {"w", "wb"}
        Text (UTF-8) or bytes.

    Raises
    ------
    RunError
        If the folder does not exist, or the file cannot be written (disk full, no permission).

    Examples
    --------
    >>> import tempfile, pathlib
    >>> target = pathlib.Path(tempfile.mkdtemp()) / "a.txt"
    >>> with atomic_write(target) as handle:
    ...     _ = handle.write("all of it")
    >>> target.read_text()
    'all of it'
    """
    path = Path(path)
    temporary = None
    try:
        descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        text = {} if "b" in mode else {"encoding": "utf-8", "newline": ""}
        with os.fdopen(descriptor, mode, **text) as handle:  # type: ignore[call-overload]
            yield handle
            handle.flush()
            os.fsync(handle.fileno())
        Path(temporary).chmod(0o666 & ~_umask())
        Path(temporary).replace(path)
        temporary = None
    except OSError as error:
        raise RunError(f"cannot be written: {error.strerror or error}", where=str(path)) from error
    finally:
        if temporary is not None:
            Path(temporary).unlink(missing_ok=True)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
