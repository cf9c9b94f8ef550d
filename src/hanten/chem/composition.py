"""Compositions: which elements, and how much of each."""

from __future__ import annotations

import math
import re
import unicodedata
from dataclasses import dataclass, field
from fractions import Fraction
from functools import reduce

from hanten.chem.reading import check_text
from hanten.errors import StructureError, did_you_mean

ELEMENTS = tuple(
    """
    H He Li Be B C N O F Ne Na Mg Al Si P S Cl Ar K Ca Sc Ti V Cr Mn Fe Co Ni Cu Zn Ga Ge As Se Br Kr
    Rb Sr Y Zr Nb Mo Tc Ru Rh Pd Ag Cd In Sn Sb Te I Xe Cs Ba La Ce Pr Nd Pm Sm Eu Gd Tb Dy Ho Er Tm Yb Lu
    Hf Ta W Re Os Ir Pt Au Hg Tl Pb Bi Po At Rn Fr Ra Ac Th Pa U Np Pu Am Cm Bk Cf Es Fm Md No Lr
    Rf Db Sg Bh Hs Mt Ds Rg Cn Nh Fl Mc Lv Ts Og
    """.split()  # noqa: SIM905  (readable as a table)
)
_NUMBERS = {symbol: number for number, symbol in enumerate(ELEMENTS, start=1)}
_DOTS = "·•∙⋅*"
_OPENING, _CLOSING = "([{", ")]}"
_TOKEN = re.compile(
    r"(?P<element>[A-Z][a-z]*)|(?P<number>\d+/\d+|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)"
    rf"|(?P<open>[(\[{{])|(?P<close>[)\]}}])|(?P<dot>[{_DOTS}.])"
)
_SYSTEMATIC = re.compile(r"[UBTQPHSOE][nubtqphsoe][nubtqphsoe]$")
# A full stop before water of crystallisation or before an element separates; else it is a decimal point.
_SEPARATING_STOP = re.compile(
    r"(?<!\D0)(?<!^0)\.(?=(?:\d+(?:\.\d+)?)?(?:H2O|D2O|NH3)$)|(?<=[A-Za-z\d)\]}])\.(?=[A-Z(\[{])"
)
_AMBIGUOUS_STOP = re.compile(r"(?<=[A-Za-z)\]}])\.(?=\d+[A-Z])")

Amounts = dict[str, Fraction]


@dataclass(frozen=True, slots=True, order=True, init=False)
class Composition:
    """A composition: elements and their proportions, without structure.

    Parameters
    ----------
    text : str
        A formula: ``Al2O3``, ``Al63Cu25Fe12``, ``Ca(OH)2``, ``Li0.5CoO2``, ``CuSO4·5H2O``, ``Fe1/3Al2/3``.

    Attributes
    ----------
    formula : str
        The smallest whole numbers in these proportions, in Hill order (C, H, then the alphabet). It alone
        decides equality, order and hash.
    written : str
        The text as given.

    Raises
    ------
    StructureError
        Naming what cannot be read: an unknown element, a charge, a bracket, an amount.

    Notes
    -----
    Only proportions count: ``Al63Cu25Fe12`` and ``Al0.63Cu0.25Fe0.12`` are the same composition.

    Examples
    --------
    >>> Composition("Al0.63Cu0.25Fe0.12") == Composition("Fe12Cu25Al63")
    True
    >>> Composition("CuSO4.5H2O").amounts
    {'Cu': 1.0, 'S': 1.0, 'O': 9.0, 'H': 10.0}
    >>> Composition("Ca(OH)2").fractions
    {'Ca': 0.2, 'O': 0.4, 'H': 0.4}
    """

    formula: str
    written: str = field(compare=False)
    _amounts: tuple[tuple[str, Fraction], ...] = field(compare=False, repr=False)

    def __init__(self, text: str) -> None:
        amounts = parse_formula(text)
        object.__setattr__(self, "formula", hill_formula(amounts))
        object.__setattr__(self, "written", text)
        object.__setattr__(self, "_amounts", tuple(amounts.items()))

    @property
    def amounts(self) -> dict[str, float]:
        """Amount of each element as written, in order of appearance."""
        return {symbol: float(amount) for symbol, amount in self._amounts}

    @property
    def fractions(self) -> dict[str, float]:
        """Atomic fraction of each element; they sum to one."""
        total = sum(amount for _, amount in self._amounts)
        return {symbol: float(amount / total) for symbol, amount in self._amounts}

    def __str__(self) -> str:
        return self.formula

    def __repr__(self) -> str:
        return f"Composition({self.formula!r})"

    def _repr_html_(self) -> str:
        return re.sub(r"(\d+)", r"<sub>\1</sub>", self.formula)


def parse_formula(text: str) -> Amounts:
    """Exact amount of each element in a formula, in order of appearance.

    Raises
    ------
    StructureError
        See :class:`Composition`.

    Examples
    --------
    >>> parse_formula("Mg(Al0.5Fe0.5)2O4")["Al"]
    Fraction(1, 1)
    """
    written = check_text(text, "composition")
    plain = _plain(written)
    try:
        amounts = _sum_of_parts(plain)
    except StructureError as error:
        raise StructureError(f"{written!r}: {error.message}", hint=error.hint) from None
    amounts = {symbol: amount for symbol, amount in amounts.items() if amount}
    if not amounts:
        raise StructureError(f"{written!r}: all amounts are zero")
    return amounts


def is_formula(text: str) -> bool:
    """Whether a text reads as a composition.

    Examples
    --------
    >>> is_formula("Al65Cu20Fe15"), is_formula("formula")
    (True, False)
    """
    try:
        Composition(text)
    except StructureError:
        return False
    return True


def hill_formula(amounts: Amounts) -> str:
    """Smallest whole numbers in the given proportions, in Hill order.

    Examples
    --------
    >>> hill_formula({"O": Fraction(1), "H": Fraction(4), "C": Fraction(1)})
    'CH4O'
    """
    unit = reduce(_common_divisor, amounts.values())
    first = ("C", "H") if "C" in amounts else ()
    order = sorted(amounts, key=lambda symbol: (first.index(symbol) if symbol in first else 2, symbol))
    counts = {symbol: int(amounts[symbol] / unit) for symbol in order}
    return "".join(symbol if count == 1 else f"{symbol}{count}" for symbol, count in counts.items())


def _common_divisor(a: Fraction, b: Fraction) -> Fraction:
    return Fraction(
        math.gcd(a.numerator * b.denominator, b.numerator * a.denominator), a.denominator * b.denominator
    )


def _plain(written: str) -> str:
    """The formula without blanks and subscripts; what could be a charge is refused."""
    superscript = next((c for c in written if unicodedata.name(c, "").startswith("SUPERSCRIPT")), None)
    sign = superscript or next((m[0] for m in re.finditer(r"(?<!\d[eE])[+^−–-]", written)), None)
    if sign:
        raise StructureError(
            f"{written!r}: {sign!r} does not belong in a formula",
            hint="charges, negative amounts and variable amounts are not supported",
        )
    return "".join(unicodedata.normalize("NFKC", written).split())


def _sum_of_parts(plain: str) -> Amounts:
    """A formula with its hydrate dots: each part may begin with a factor."""
    ambiguous = _AMBIGUOUS_STOP.search(_SEPARATING_STOP.sub("·", plain))
    if ambiguous:
        raise StructureError(
            f"the full stop at character {ambiguous.start() + 1} may be a decimal point or a dot",
            hint="write 0.2 for the amount, · for the dot",
        )
    total: Amounts = {}
    for part in re.split(f"[{re.escape(_DOTS)}]", _SEPARATING_STOP.sub("·", plain)):
        factor = re.match(r"\d+(?:\.\d+)?(?=[A-Z(\[{])", part)
        amounts = _group(part[factor.end() :] if factor else part)
        for symbol, amount in amounts.items():
            total[symbol] = total.get(symbol, Fraction(0)) + amount * (_amount(factor[0]) if factor else 1)
    return total


def _group(part: str) -> Amounts:
    """Elements and brackets, each followed by an amount or not."""
    if not part:
        raise StructureError("nothing stands at one side of a dot")
    stack: list[tuple[str, Amounts]] = [("", {})]
    tokens = _tokens(part)
    while tokens:
        kind, word = tokens.pop(0)
        if kind == "open":
            stack.append((word, {}))
            continue
        if kind == "number":
            raise StructureError(f"the amount {word} follows no element")
        if kind == "close":
            bracket, inner = stack.pop()
            if not bracket or _OPENING.index(bracket) != _CLOSING.index(word):
                raise StructureError(f"the bracket {word} closes none")
            if not inner:
                raise StructureError(f"nothing stands in {bracket}{word}")
        else:
            inner = {_element(word): Fraction(1)}
        factor = _amount(tokens.pop(0)[1]) if tokens and tokens[0][0] == "number" else Fraction(1)
        for symbol, amount in inner.items():
            stack[-1][1][symbol] = stack[-1][1].get(symbol, Fraction(0)) + amount * factor
    if len(stack) > 1:
        raise StructureError(f"the bracket {stack[-1][0]} is not closed")
    return stack[0][1]


def _tokens(part: str) -> list[tuple[str, str]]:
    tokens, position = [], 0
    while position < len(part):
        match = _TOKEN.match(part, position)
        if match is None or match["dot"]:
            symbol = (re.match(r"[a-z]+", part[position:]) or part[position])[0]
            hint = f"an element begins with a capital: {symbol.title()}" if symbol.islower() else None
            raise StructureError(f"{symbol!r} does not belong in a formula", hint=hint)
        tokens.append((match.lastgroup or "", match[0]))
        position = match.end()
    return tokens


def _amount(word: str) -> Fraction:
    top, _, bottom = word.partition("/")
    if bottom and not int(bottom):
        raise StructureError(f"the amount {word} divides by zero")
    exponent = re.search(r"[eE]([+-]?\d+)$", word)
    if len(word) > 30 or (exponent and abs(int(exponent[1])) > 30):
        raise StructureError(f"the amount {word} is not of this world")
    return Fraction(top) / (int(bottom) if bottom else 1)


def _element(symbol: str) -> str:
    if symbol in _NUMBERS:
        return symbol
    if symbol in {"D", "T"}:
        raise StructureError(
            f"{symbol} is an isotope of hydrogen", hint="compositions do not tell isotopes apart: write H"
        )
    if _SYSTEMATIC.match(symbol):
        raise StructureError(
            f"{symbol} is a systematic element name", hint=f"elements up to 118 ({ELEMENTS[-1]}) are known"
        )
    raise StructureError(
        f"there is no element {symbol!r}", hint=did_you_mean(symbol, ELEMENTS) or "element symbols: H to Og"
    )
