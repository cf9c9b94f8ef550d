"""What public data sets there are: files, sizes, digests, licences, homes, and what each may be used for.

The facts stand in ``catalog.json`` beside this module; this module gives them names and types.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any

from hanten.errors import UnknownNameError, did_you_mean

GRADES = {
    "train": "weights trained on it may be shipped, with a model card that names it",
    "eval": "for evaluation only: nothing that is shipped may be trained on it",
    "peer": "a start set or a reference for benchmarks; not a source of facts",
}


@dataclass(frozen=True)
class DataFile:
    """One file of a data set.

    Parameters
    ----------
    name : str
        File name, unique within the data set.
    mirror : str
        Path of the file inside a mirror folder (``HANTEN_DATA_DIR``), with ``/``.
    size : int
        Bytes.
    sha256 : str
        Digest of the content, 64 hexadecimal digits.
    url : str or None
        Address it is downloaded from. ``None`` when the public home holds the data in another form, so that
        only a mirror has this file.
    """

    name: str
    mirror: str
    size: int
    sha256: str
    url: str | None = None


@dataclass(frozen=True)
class Dataset:
    """A public data set: what it is, what it may be used for, where it lives.

    Parameters
    ----------
    name : str
        The one name used by :func:`hanten.data.fetch`, :func:`hanten.data.load_dataset` and the command line.
    kind : {"polymer", "molecule", "reaction", "stock", "inorganic"}
        What its rows are.
    grade : {"train", "eval", "peer"}
        See :data:`GRADES`.
    title, licence, citation : str
        For a person.
    doi : str or None
        Of the publication to cite.
    home : str or None
        Page of the repository at the recorded commit.
    rows : int or None
        Rows of the main table, where one number says it.
    properties : tuple of str
        Registry names of the properties :func:`hanten.data.load_dataset` reads from it; empty when it has
        structures only, or is fetched as it is.
    note : str or None
        The trap to know before use.
    prepared : str or None
        How the files differ from what the public home holds; ``None`` when they are the same bytes.
    files : tuple of DataFile
    """

    name: str
    kind: str
    grade: str
    title: str
    licence: str
    citation: str
    doi: str | None = None
    home: str | None = None
    rows: int | None = None
    properties: tuple[str, ...] = ()
    note: str | None = None
    prepared: str | None = None
    files: tuple[DataFile, ...] = field(default=(), repr=False)

    @property
    def size(self) -> int:
        """Bytes of all files together."""
        return sum(file.size for file in self.files)

    @property
    def downloadable(self) -> bool:
        """Whether every file has a public address; otherwise only a mirror folder has it."""
        return all(file.url for file in self.files)

    @property
    def use(self) -> str:
        """What its grade allows."""
        return GRADES[self.grade]


@cache
def _catalog() -> dict[str, Dataset]:
    text = resources.files("hanten.data").joinpath("catalog.json").read_text(encoding="utf-8")
    return {entry["name"]: _dataset(entry) for entry in json.loads(text)["datasets"]}


def _dataset(entry: dict[str, Any]) -> Dataset:
    files = tuple(DataFile(**file) for file in entry["files"])
    return Dataset(**{**entry, "files": files, "properties": tuple(entry["properties"])})


def list_datasets(kind: str | None = None, grade: str | None = None) -> list[Dataset]:
    """All public data sets, or those of one kind or grade.

    Parameters
    ----------
    kind : {"polymer", "molecule", "reaction", "stock", "inorganic"}, optional
    grade : {"train", "eval", "peer"}, optional

    Raises
    ------
    UnknownNameError
        If ``kind`` or ``grade`` is none of these.

    Examples
    --------
    >>> [d.name for d in list_datasets(kind="stock")]
    ['stock-patent', 'stock-buyables', 'stock-paroutes']
    >>> list_datasets(grade="eval")[0].use
    'for evaluation only: nothing that is shipped may be trained on it'
    """
    everything = list(_catalog().values())
    _check("kind", kind, {dataset.kind for dataset in everything})
    _check("grade", grade, set(GRADES))
    return [d for d in everything if kind in (None, d.kind) and grade in (None, d.grade)]


def _check(what: str, value: str | None, known: set[str]) -> None:
    if value is not None and value not in known:
        raise UnknownNameError(f"no data set has the {what} {value!r}", hint=did_you_mean(value, known))


def get_dataset(name: str | Dataset) -> Dataset:
    """The data set called ``name``, or the only one with that word in its name; case and ``_`` do not matter.

    Raises
    ------
    UnknownNameError
        With the closest known names.

    Examples
    --------
    >>> get_dataset("radonpy_pi1070").grade
    'train'
    >>> get_dataset("PI1070").name
    'radonpy-pi1070'
    >>> get_dataset("radompy-pi1070")
    Traceback (most recent call last):
    hanten.errors.UnknownNameError: no data set is called 'radompy-pi1070' (did you mean radonpy-pi1070?)
    """
    if isinstance(name, Dataset):
        return name
    key = name.strip().casefold().replace("_", "-").replace(" ", "-")
    sharing = [dataset for dataset in _catalog().values() if key in dataset.name.split("-")]
    found = _catalog().get(key, sharing[0] if len(sharing) == 1 else None)
    if found is None:
        hint = did_you_mean(key, _catalog()) or "`hanten data list` lists all"
        raise UnknownNameError(f"no data set is called {name!r}", hint=hint)
    return found
