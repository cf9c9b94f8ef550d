r"""Tokens of a SMILES string, ring- and branch-aware.

A SMILES string closes rings with arbitrary digits, so the same ring may be ``1`` here and ``7`` there. A language
model should see what happened, not which digit was free. Here a token is one of

====================  ====================================================================================
``C`` ``=O`` ``-c``   an atom together with the bond that leads to it (``/`` ``\`` ``-`` ``=`` ``#`` ``:`` ``$``)
``(`` ``)``           a branch opens, a branch closes
``&`` ``=&``          a ring opens here (with the bond order when it is written)
``0`` ``1`` ...       the ring opened last, last but one, ... closes here
====================  ====================================================================================

after the extended SMILES of Ikebata et al., J. Comput.-Aided Mol. Des. 31, 379 (2017),
doi:10.1007/s10822-016-0008-z. :func:`join` writes the lowest free digit, so that
``split(join(tokens)) == tokens`` always, and ``join(split(text)) == text`` for the strings RDKit writes.

Examples
--------
>>> split("*Oc1ccc(*)cc1")
['*', 'O', 'c', '&', 'c', 'c', 'c', '(', '*', ')', 'c', 'c', '0']
>>> join(split("*Oc3ccc(*)cc3"))
'*Oc1ccc(*)cc1'
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from hanten.errors import StructureError

_TOKEN = re.compile(
    r"([-=#:/\\$]?)(?:(\*|Br|Cl|[BCNOPSFIbcnops]|\[[^\[\]]*\])|(?:%(\d\d)|%\((\d{1,5})\)|(\d)))|([()])",
    re.ASCII,
)
_PLAIN = re.compile(r"[()]|[-=#:/\\$]?(?:\*|Br|Cl|[BCNOPSFIbcnops]|\[[^\[\]]*\]|\d)", re.ASCII)
_DIGITS = frozenset("0123456789")
RING_OPEN = "&"


def split(text: str) -> list[str]:
    """The tokens of a SMILES string.

    Parameters
    ----------
    text : str
        One fragment; attachment points written ``*``.

    Returns
    -------
    list of str

    Raises
    ------
    StructureError
        At the first character that is not SMILES (with its position), or for a ring or a branch left open.

    Examples
    --------
    >>> split("C1CC1")
    ['C', '&', 'C', 'C', '0']
    >>> split("CC?C")
    Traceback (most recent call last):
    hanten.errors.StructureError: 'CC?C': '?' at character 3 is not SMILES
    """
    return _split_plain(text) or _split_carefully(text)


def _split_plain(text: str) -> list[str] | None:
    """The tokens of a string without fault and without two-digit rings, quickly; else ``None``."""
    tokens: list[str] = _PLAIN.findall(text)
    if "%" in text or "".join(tokens) != text:
        return None
    rings: list[str] = []
    depth = 0
    for i, token in enumerate(tokens):
        last = token[-1]
        if last in _DIGITS:
            tokens[i] = _ring_token(token[:-1], last, rings)
        elif last == "(":
            depth += 1
        elif last == ")":
            depth -= 1
            if depth < 0:
                return None
    return None if rings or depth else tokens


def _split_carefully(text: str) -> list[str]:
    """The tokens of any string, or the error that says where it is none."""
    tokens: list[str] = []
    rings: list[str] = []  # digits of open rings, the last opened first
    depth = position = 0
    for match in _TOKEN.finditer(text):
        if match.start() != position:
            break
        position = match.end()
        bond, atom, two, many, one, branch = match.groups()
        if atom is not None:
            tokens.append(bond + atom)
        elif branch is not None:
            depth += 1 if branch == "(" else -1
            if depth < 0:
                raise StructureError(f"')' at character {position} closes no branch", where=repr(text))
            tokens.append(branch)
        else:
            tokens.append(_ring_token(bond, (two or many or one).lstrip("0") or "0", rings))
    if position != len(text):
        raise StructureError(
            f"{text[position]!r} at character {position + 1} is not SMILES", where=repr(text)
        )
    if rings or depth or not tokens:
        what = "empty" if not tokens else f"{len(rings)} rings and {depth} branches are left open"
        raise StructureError(what, where=repr(text))
    return tokens


def _ring_token(bond: str, digit: str, rings: list[str]) -> str:
    """Open ``digit`` or close it, changing the list of open rings."""
    if digit not in rings:
        rings.insert(0, digit)
        return bond + RING_OPEN
    k = rings.index(digit)
    del rings[k]
    return f"{bond}{k}"


def join(tokens: Sequence[str]) -> str:
    """The SMILES string of ``tokens``; every ring gets the lowest digit that is free.

    Raises
    ------
    StructureError
        If a ring is closed that was not opened.

    Examples
    --------
    >>> join(["C", "&", "C", "C", "0"])
    'C1CC1'
    """
    rings: list[int] = []
    out: list[str] = []
    for token in tokens:
        last = token[-1]
        if last == RING_OPEN:
            number = next(d for d in range(1, len(rings) + 2) if d not in rings)
            rings.insert(0, number)
            out.append(token[:-1] + digit(number))
        elif last.isdigit():
            bond, k = (token[0], int(token[1:])) if not token[0].isdigit() else ("", int(token))
            if k >= len(rings):
                raise StructureError(
                    f"token {token!r} closes a ring that is not open", where=repr("".join(out))
                )
            out.append(bond + digit(rings.pop(k)))
        else:
            out.append(token)
    return "".join(out)


def digit(number: int) -> str:
    """How a ring number is written."""
    return str(number) if number < 10 else f"%{number}" if number < 100 else f"%({number})"


def try_split(text: str) -> list[str] | None:
    """:func:`split`, or ``None`` for a string that is not SMILES; for batches that report by row."""
    try:
        return split(text)
    except StructureError:
        return None


def count_tokens(rows: Iterable[Sequence[str]]) -> dict[str, int]:
    """How many of ``rows`` contain each token, the most frequent first.

    Examples
    --------
    >>> count_tokens([["C", "C"], ["C", "O"]])
    {'C': 2, 'O': 1}
    """
    counts: dict[str, int] = {}
    for row in rows:
        for token in set(row):
            counts[token] = counts.get(token, 0) + 1
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
