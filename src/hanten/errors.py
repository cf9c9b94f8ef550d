"""Errors that teach: what was wrong, where, and what to type next.

Every error a user can cause is a :class:`HantenError`. The command line prints it as one paragraph and
exits with status 1; in Python it is an ordinary exception that also inherits from the built-in type a
Python user would expect (``ValueError``, ``KeyError``, ...).
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class HantenError(Exception):
    """Base of all errors raised on purpose.

    Parameters
    ----------
    message : str
        What was wrong, naming the offending value.
    where : str, optional
        Where it was found: file, row, column, character.
    hint : str, optional
        What to do or type next.

    Examples
    --------
    >>> raise HantenError("no rows", where="polymers.csv", hint="the file holds only a header")
    Traceback (most recent call last):
    hanten.errors.HantenError: polymers.csv: no rows (the file holds only a header)
    """

    def __init__(self, message: str, *, where: str | None = None, hint: str | None = None) -> None:
        self.message, self.where, self.hint = message, where, hint
        super().__init__(message, where, hint)

    def __str__(self) -> str:
        text = f"{self.where}: {self.message}" if self.where else self.message
        return f"{text} ({self.hint})" if self.hint else text


class StructureError(HantenError, ValueError):
    """A string is not the polymer, molecule or composition it should be."""


class UnitError(HantenError, ValueError):
    """A quantity, or a conversion between units, makes no sense."""


class UnknownNameError(HantenError, KeyError):
    """A name (property, data set, column, option) is not known."""

    __str__ = HantenError.__str__


class DataError(HantenError, ValueError):
    """A table, file or database does not hold what it should."""


class ConfigError(HantenError, ValueError):
    """A configuration key or value is not usable."""


class BundleError(HantenError, ValueError):
    """A model bundle or a prior file cannot be trusted or read."""


class RunError(HantenError, RuntimeError):
    """A run folder exists already, is incomplete, or cannot be written."""


class MissingExtraError(HantenError, ImportError):
    """An optional dependency is needed; the hint names the extra to install."""


def did_you_mean(word: str, options: Iterable[str]) -> str | None:
    """The hint for a mistyped ``word``: the closest of ``options``, or all of them when they are few.

    Returns
    -------
    str or None
        ``None`` when nothing is close and there are too many options to list.

    Examples
    --------
    >>> did_you_mean("densty", ["density", "Tg"])
    'did you mean density?'
    >>> did_you_mean("x", ["density", "Tg"])
    'known: Tg, density'
    """
    options = sorted(options)
    folded = {option.casefold(): option for option in options}
    close = difflib.get_close_matches(word.casefold(), folded, n=3, cutoff=0.6 if len(word) > 3 else 0.5)
    if close:
        return f"did you mean {' or '.join(folded[c] for c in close)}?"
    return f"known: {', '.join(options)}" if 0 < len(options) <= 40 else None
