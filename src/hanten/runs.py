"""Atomic files and run folders: ``runs/<date>-<name>/`` with config, log, trace, results, report.

A file written here is either the old one or the complete new one, never half of it. A run folder is never
overwritten without being asked.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
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


FILES = (
    *(
        "config.toml",
        "log.txt",
        "trace.jsonl",
        "results.csv",
        "report.html",
        "checkpoint.npz",
        "particles.jsonl",
    ),
    *("shortlist.csv", "known.csv", "prior.csv", "summary.json", "routes.jsonl"),
)


class RunFolder:
    """The folder of one run: ``config.toml log.txt trace.jsonl results.csv report.html``.

    Parameters
    ----------
    path : path
        Made when it is not there.
    force : bool
        Overwrite the run that is there.
    resume : bool
        Go on with the run that is there.

    Raises
    ------
    RunError
        If a run is there already, and neither ``force`` nor ``resume`` was asked for; if there is none to resume;
        or if the folder cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> folder = RunFolder(tempfile.mkdtemp() + "/run")
    >>> folder.write_trace([{"step": 0}])
    >>> folder.read_lines("trace.jsonl")
    [{'step': 0}]
    >>> RunFolder(folder.path)
    Traceback (most recent call last):
    hanten.errors.RunError: ...run: holds a run already (--force overwrites it, --resume goes on with it)
    """

    def __init__(self, path: str | Path, *, force: bool = False, resume: bool = False) -> None:
        self.path = Path(path)
        found = [name for name in FILES if (self.path / name).exists()]
        if resume and not (self.path / "config.toml").exists():
            raise RunError("holds no run to resume", where=str(self.path))
        if found and not (force or resume):
            raise RunError(
                "holds a run already",
                where=str(self.path),
                hint="--force overwrites it, --resume goes on with it",
            )
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            for name in found if force and not resume else ():
                (self.path / name).unlink()
        except OSError as error:
            raise RunError(f"cannot be made: {error.strerror or error}", where=str(self.path)) from error

    def __truediv__(self, name: str) -> Path:
        return self.path / name

    def write(self, name: str, text: str) -> None:
        """Write a text file, whole or not at all."""
        with atomic_write(self.path / name) as handle:
            handle.write(text)

    def write_table(self, frame: Any, name: str = "results.csv") -> None:
        """Write a data frame as CSV, whole or not at all."""
        with atomic_write(self.path / name) as handle:
            frame.to_csv(handle, index=False)

    def write_trace(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Write ``trace.jsonl``, one object a step."""
        self.write("trace.jsonl", "".join(json.dumps(dict(row)) + "\n" for row in rows))

    def append_line(self, name: str, value: Any) -> None:
        """Append one JSON object as a line, in one write."""
        self._append(name, json.dumps(value) + "\n")

    def log(self, text: str) -> None:
        """Append a line with the time to ``log.txt``."""
        self._append("log.txt", f"{datetime.now(UTC).isoformat(timespec='seconds')} {text}\n")

    def read_lines(self, name: str) -> list[Any]:
        """The JSON objects of a file of lines; a last line that was cut off is left out."""
        path = self.path / name
        if not path.exists():
            return []
        lines = path.read_text(encoding="utf-8").split("\n")[:-1]
        return [json.loads(line) for line in lines]

    def _append(self, name: str, text: str) -> None:
        try:
            with (self.path / name).open("a", encoding="utf-8", newline="") as handle:
                handle.write(text)
        except OSError as error:
            raise RunError(
                f"cannot be written: {error.strerror or error}", where=str(self.path / name)
            ) from error
