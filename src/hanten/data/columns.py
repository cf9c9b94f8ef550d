"""What one column means, judged by its name alone.

Understood: ``Tg [°C]``, ``Tg (K)``, ``Tg / K``, ``Tg_C``, ``density_g_cm3``, ``Tg (exp)``, ``MD density``,
``Tg_sd``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from hanten.data.records import parse_method
from hanten.errors import UnitError, UnknownNameError, did_you_mean
from hanten.properties import Property, convert, get_property, list_properties

ROLES = (
    *("structure", "kind", "property", "value", "unit", "uncertainty", "method", "temperature", "pressure"),
    *("sample_state", "source", "doi", "licence", "date"),
)
CONDITION_UNITS = {"temperature": "K", "pressure": "Pa"}
IGNORED = "-"

_ROLE_WORDS = {
    "structure": (
        "psmiles",
        "smiles",
        "polymer",
        "repeat unit",
        "monomer",
        "composition",
        "formula",
        "material",
    ),
    "kind": ("material kind",),
    "property": ("property name", "quantity"),
    "value": ("property value", "val"),
    "unit": ("units",),
    "uncertainty": ("sd", "std", "stdev", "standard deviation", "error", "err", "sigma", "σ", "±"),
    "method": ("how",),
    "temperature": ("t", "temp", "measurement temperature"),
    "pressure": ("p",),
    "sample_state": ("state", "sample"),
    "source": ("reference", "ref", "citation", "literature"),
    "doi": (),
    "licence": ("license",),
    "date": ("year",),
}
_UNCERTAIN = frozenset({"sd", "std", "stdev", "err", "error", "sigma", "uncertainty", "unc", "±"})
_NEUTRAL = frozenset({"mean", "avg", "average", "value", "val", "onset", "midpoint", "bulk"})
_BRACKETS = re.compile(r"[\[(]((?:[^\[\]()]|\([^()]*\))+)[\])]")
# What people write, without blanks and brackets -> what the unit parser reads.
_SPELLINGS = {
    spelling: unit
    for unit, spellings in {
        "W/m/K": "W/mK W/m*K W/m.K Wm-1K-1 Wm^-1K^-1 Wm⁻¹K⁻¹",
        "J/g/K": "J/gK J/g*K J/g.K Jg-1K-1 Jg^-1K^-1 Jg⁻¹K⁻¹",
        "J/kg/K": "J/kgK J/kg*K J/kg.K Jkg-1K-1 Jkg^-1K^-1 Jkg⁻¹K⁻¹",
        "g/cm**3": "gcc g/cc gcm3 gcm-3 gcm^-3 gcm⁻³",
        "degC": "degreeC degreesC Celsius °C ℃",
        "K": "Kelvin kelvin degK °K",
        "ppm/K": "10-6/K 10^-6/K 1e-6/K 10⁻⁶/K 10-6K-1 10^-6K^-1",
    }.items()
    for spelling in spellings.split()
}


@dataclass(frozen=True)
class Column:
    """What one column means.

    Parameters
    ----------
    name : str
        As in the table.
    role : str
        One of :data:`ROLES`, or ``"-"`` if the column is not used.
    property : str, optional
        Of a value or an uncertainty in a wide table.
    unit : str, optional
        Unit of the numbers in the column.
    method : str, optional
        If the name of the column says it.
    note : str
        Why it is read so.
    """

    name: str
    role: str
    property: str | None = None
    unit: str | None = None
    method: str | None = None
    note: str = ""


def guess_column(name: str) -> Column:
    """What a column called ``name`` means, judged by the name alone.

    Examples
    --------
    >>> guess_column("Tg (exp)").method, guess_column("density_g_cm3").unit
    ('experiment', 'g/cm3')
    """
    plain, unit_text = split_unit(name)
    role = _role(plain)
    found = guess_property(name) if role is None or len(plain) == 1 else None
    if found is not None:
        return found
    if role in CONDITION_UNITS:
        return _condition(name, role, unit_text)
    if role is not None:
        return Column(name, role, note="by name")
    close = did_you_mean(plain, [prop.name for prop in list_properties()])
    hint = f"; {close}" if close and close.startswith("did") else ""
    return Column(name, IGNORED, note=f"not understood{hint}")


def unit_of(prop_unit: str, text: str) -> str | None:
    """``text`` as a unit that converts to ``prop_unit``, or ``None``.

    ``W/mK`` is what people write for W/(m K), not watt per millikelvin.

    Examples
    --------
    >>> unit_of("W/m/K", "W/mK"), unit_of("K", "°C"), unit_of("K", "GPa")
    ('W/m/K', 'degC', None)
    """
    text = (
        text.strip()
        .strip("[]")
        .replace("°C", "degC")
        .replace("℃", "degC")
        .replace("·", "*")
        .replace("⋅", "*")
    )
    text = {"C": "degC", "F": "degF", "%": "percent"}.get(text, text)
    squeezed = text.replace(" ", "").replace("(", "").replace(")", "")
    inside = re.sub(r"\(([^)]*)\)", lambda match: "(" + re.sub(r"[\s.]+", "*", match[1].strip()) + ")", text)
    for spelling in (_SPELLINGS.get(squeezed), inside, text):
        if spelling is None:
            continue
        try:
            convert(1.0, spelling, prop_unit)
        except UnitError:
            continue
        return spelling
    return None


def split_unit(name: str) -> tuple[str, str | None]:
    """``"pressure [MPa]"`` -> ``("pressure", "MPa")``."""
    match = re.match(rf"^(.*?)\s*{_BRACKETS.pattern}\s*$", name) or re.match(
        r"^(.*?)\s*(?:/|,)\s*(\S.*)$", name
    )
    return (match[1].strip(), match[2].strip()) if match else (name.strip(), None)


def _role(plain: str) -> str | None:
    folded = re.sub(r"[\s_\-]+", " ", plain).strip().casefold()
    for role, words in _ROLE_WORDS.items():
        if folded == role.replace("_", " ") or folded in words:
            return role
    return None


def _condition(name: str, role: str, unit_text: str | None) -> Column:
    standard = CONDITION_UNITS[role]
    unit = unit_of(standard, unit_text) if unit_text else standard
    if unit is None:
        return Column(name, IGNORED, note=f"{unit_text!r} is not a unit of {role}")
    return Column(name, role, unit=unit, note="by name" if unit_text else f"by name; {standard} assumed")


def guess_property(name: str) -> Column | None:
    """A property column: the longest stretch of words that names one, if all other words are understood."""
    bracketed = _BRACKETS.findall(name)
    words = _BRACKETS.sub(" ", name)
    attempts = [([name], []), (words.split(), bracketed)]
    head, _, tail = words.partition("/")
    if tail.strip():
        attempts.append((head.split(), [tail.strip(), *bracketed]))
    attempts += [
        (re.split(r"[\s_]+", words.strip()), bracketed),
        (re.split(r"[\s_,]+", words.strip()), bracketed),
    ]
    for tokens, extras in attempts:
        for start, end in _stretches(len(tokens)):
            prop = _property_called("_".join(tokens[start:end]), alone=not (extras or len(tokens) > 1))
            column = prop and _explain_rest(name, prop, tokens[:start], tokens[end:], extras)
            if column:
                return column
    return None


def _stretches(n: int) -> list[tuple[int, int]]:
    return sorted(combinations(range(n + 1), 2), key=lambda pair: (pair[0] - pair[1], pair[0]))


def _property_called(text: str, *, alone: bool) -> Property | None:
    """A property by name; one bare letter (``n``, ``E``, ``K``) means too many things."""
    if alone and len(text) == 1 and text.isascii():
        return None
    try:
        return get_property(text.replace("'", "").replace("’", ""))
    except UnknownNameError:
        return None


def _explain_rest(
    name: str, prop: Property, before: Sequence[str], after: Sequence[str], extras: Sequence[str]
) -> Column | None:
    """The column, if every word around the property's name is a unit, a method, or tells an uncertainty."""
    method, uncertain, unit, leftover = None, False, None, []
    for word in (*before, *after, *extras):
        folded = word.strip(" ._").casefold()
        if folded in _UNCERTAIN:
            uncertain = True
        elif (found := method_called(folded)) is not None:
            method = found
        elif folded and folded not in _NEUTRAL:
            leftover.append(word)
    if leftover:
        unit = unit_of(prop.unit, "/".join(leftover))
        if unit is None:
            return None
    if len(name) == 1 and unit is None:
        return None
    note = "by name" if unit is not None or not prop.unit else f"by name; {prop.unit} assumed"
    if uncertain:
        return Column(
            name,
            "uncertainty",
            prop.name,
            unit,
            method,
            "by name" if unit else "by name; in the unit of the value",
        )
    return Column(name, "value", prop.name, unit or prop.unit, method, note)


def method_called(word: str) -> str | None:
    """The method that ``word`` names, or ``None``."""
    try:
        return parse_method(word)
    except UnknownNameError:
        return None
