"""A search of the library in plain words: ``polymers, near refractive index, R2 > 0.8``."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from hanten.data.catalog import get_dataset
from hanten.errors import ConfigError, UnknownNameError, did_you_mean
from hanten.properties import get_property
from hanten.transfer.keys import KINDS, check_kind

_WORLDS = {
    "polymer": "polymer",
    "repeat unit": "polymer",
    "molecule": "molecule",
    "small molecule": "molecule",
    "composition": "composition",
    "inorganic": "composition",
    "inorganic composition": "composition",
    "inorganic crystal": "composition",
    "crystal": "composition",
}
_COMPARISON = re.compile(
    r"(?P<what>r2|r²|r\^2|rows|materials|n)\s*(?:>=|>|≥|above|over|at least)\s*(?P<number>[\d.]+)"
)
EXAMPLE = '"polymers, near refractive index, R2 > 0.8"'


@dataclass(frozen=True)
class Query:
    """What to look for.

    Parameters
    ----------
    kind : {"polymer", "molecule", "composition"}, optional
    near : str, optional
        A property: sources that rank materials as it does come first, others are left out.
    min_r2 : float, optional
        Least held-out R² of the best model.
    min_materials : int, optional
        Fewest materials.
    words : tuple of str
        Each must occur in name, note, method or data set.
    without : tuple of str
        Names of data sets whose sources are left out.
    """

    kind: str | None = None
    near: str | None = None
    min_r2: float | None = None
    min_materials: int | None = None
    words: tuple[str, ...] = ()
    without: tuple[str, ...] = field(default=())


def checked(query: Query) -> Query:
    """The query with names resolved.

    Raises
    ------
    ConfigError, UnknownNameError
        If a world, property, data set or bound makes no sense.
    """
    if query.kind is not None:
        check_kind(query.kind)
    if query.min_r2 is not None and not query.min_r2 <= 1:
        raise ConfigError(f"no model has R² above {query.min_r2}", hint="R² is at most 1")
    near = None if query.near is None else get_property(query.near).name
    return replace(query, near=near, without=tuple(get_dataset(name).name for name in query.without))


def parse_query(text: str) -> Query:
    """Read a search in words; the parts are separated by commas.

    Parts: a world (polymers, molecules, compositions, inorganic crystals); ``near PROPERTY``; ``R2 > 0.8``;
    ``materials > 1000``; ``without DATASET``; any other word is looked for in names, notes and data sets.

    Examples
    --------
    >>> query = parse_query("polymers, near refractive index, R2 > 0.8")
    >>> query.kind, query.near, query.min_r2
    ('polymer', 'refractive_index', 0.8)
    >>> parse_query("small molecules, without qm9").words
    Traceback (most recent call last):
    hanten.errors.UnknownNameError: no data set is called 'qm9' (`hanten data list` lists all)
    """
    query = Query()
    for part in filter(None, (piece.strip().casefold() for piece in re.split(r"[,;]", text))):
        query = _with(query, part)
    if query == Query():
        raise ConfigError("the search is empty", hint=f"for instance {EXAMPLE}")
    return checked(query)


def _with(query: Query, part: str) -> Query:
    part = re.sub(r"^(?:for|of|and|with)\s+", "", part)
    comparison = _COMPARISON.fullmatch(part)
    if comparison:
        number = _number(comparison["number"], part)
        if comparison["what"].startswith("r") and comparison["what"] != "rows":
            return replace(query, min_r2=number)
        return replace(query, min_materials=int(number))
    if re.search(r"[<>=≥≤]", part):
        raise ConfigError(f"{part!r} is not a bound that can be searched", hint="R2 > 0.8, materials > 1000")
    singular = part.removesuffix("s")
    if singular in _WORLDS:
        return replace(query, kind=_WORLDS[singular])
    if part.startswith("near "):
        return replace(query, near=part.removeprefix("near ").strip())
    if part.startswith(("without ", "not from ")):
        return replace(query, without=(*query.without, part.split(" ", 2)[-1].removeprefix("from ").strip()))
    return replace(query, words=(*query.words, part))


def _number(text: str, part: str) -> float:
    try:
        return float(text)
    except ValueError as error:
        raise ConfigError(f"{text!r} in {part!r} is not a number", hint="R2 > 0.8") from error


def unknown_word(word: str, known: set[str]) -> UnknownNameError:
    """The error for a word that occurs nowhere in the library."""
    hint = did_you_mean(word, {*known, *KINDS}) or f"for instance {EXAMPLE}"
    return UnknownNameError(f"nothing in the library is about {word!r}", hint=hint)
