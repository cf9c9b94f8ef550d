"""One record: a value of one property of one material; how it was got, where, under which conditions."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b

from hanten.errors import DataError, UnknownNameError, did_you_mean
from hanten.properties import Property, convert, get_property, parse_quantity

KINDS = ("polymer", "molecule", "composition")
METHODS = ("experiment", "molecular dynamics", "quantum chemistry", "model")

_METHOD_WORDS = {
    "experiment": (
        "exp",
        "expt",
        "exptl",
        "experimental",
        "measured",
        "measurement",
        "literature",
        "lit",
        "dsc",
        "dma",
        "tma",
    ),
    "molecular dynamics": ("md", "emd", "nemd", "simulation", "simulated", "computed md"),
    "quantum chemistry": ("qm", "qc", "dft", "ab initio", "quantum", "xtb", "gfn2", "hartree-fock"),
    "model": ("ml", "predicted", "prediction", "qspr", "machine learning"),
}
_METHOD_OF = {word: method for method, words in _METHOD_WORDS.items() for word in (method, *words)}


@dataclass(frozen=True)
class Record:
    """One value of one property of one material. Build it with :meth:`of`, which converts units and checks.

    Parameters
    ----------
    structure : str
        As it was written: PSMILES, SMILES or formula.
    property : str
        Name in the registry of properties.
    value : float
        Finite, in ``unit``.
    unit : str
        The unit of the property in the registry.
    kind : {"polymer", "molecule", "composition"}
        What ``structure`` describes.
    canonical : str
        Canonical string of the material; two records with the same one are of the same material.
    uncertainty : float, optional
        Standard deviation in ``unit``, not negative.
    method : {"experiment", "molecular dynamics", "quantum chemistry", "model"}
        How the value was got.
    temperature, pressure : float, optional
        Conditions, in K and Pa.
    sample_state : str
        For instance ``amorphous``; empty if not known.
    source, doi, licence : str
        Where the value comes from and what may be done with it; empty if not known.
    date : str
        ISO date ``2019``, ``2019-06`` or ``2019-06-21``; empty if not known.

    Examples
    --------
    >>> Record.of("*CC(*)c1ccccc1", "Tg", 100, "degC", method="experiment").value
    373.15
    """

    structure: str
    property: str
    value: float
    unit: str
    kind: str = "polymer"
    canonical: str = ""
    uncertainty: float | None = None
    method: str = "experiment"
    temperature: float | None = None
    pressure: float | None = None
    sample_state: str = ""
    source: str = ""
    doi: str = ""
    licence: str = ""
    date: str = ""

    def __post_init__(self) -> None:
        _check_number(self.value, self.property)
        for name in ("uncertainty", "temperature", "pressure"):
            number = getattr(self, name)
            if number is not None:
                _check_number(number, name, lowest=0.0)
        if not self.canonical:
            raise DataError(
                f"{self.structure!r} has no canonical string", hint="build records with Record.of(...)"
            )

    @classmethod
    def of(
        cls,
        structure: str,
        property: str | Property,  # noqa: A002  (the word of the field)
        value: float | str,
        unit: str | None = None,
        *,
        kind: str = "polymer",
        uncertainty: float | None = None,
        method: str = "experiment",
        temperature: float | str | None = None,
        pressure: float | str | None = None,
        sample_state: str = "",
        source: str = "",
        doi: str = "",
        licence: str = "",
        date: str | dt.date = "",
    ) -> Record:
        """A record from what was written; units are converted, the structure is brought to canonical form.

        Parameters
        ----------
        structure : str
            PSMILES, SMILES or formula, see ``kind``.
        property : str or Property
            Name or alias.
        value : float or str
            A number, or text with a unit such as ``"100 degC"``.
        unit : str, optional
            Unit of ``value`` and ``uncertainty``; by default that of the property.
        temperature, pressure : float or str, optional
            In K and Pa, or text with a unit.

        Raises
        ------
        StructureError, UnknownNameError, UnitError, DataError
            If the structure, the property or method, the unit, or a number is not usable.
        """
        prop = get_property(property)
        number, error = convert_value(value, uncertainty, prop, unit)
        return cls(
            structure=str(structure),
            property=prop.name,
            value=number,
            unit=prop.unit,
            kind=parse_kind(kind),
            canonical=canonical_string(structure, kind),
            uncertainty=error,
            method=parse_method(method),
            temperature=None if temperature is None else parse_quantity(temperature, "K"),
            pressure=None if pressure is None else parse_quantity(pressure, "Pa"),
            sample_state=sample_state.strip(),
            source=source.strip(),
            doi=parse_doi(doi),
            licence=licence.strip(),
            date=parse_date(date),
        )

    @cached_property
    def key(self) -> str:
        """What makes two records the same measurement: all but value, uncertainty, licence, date (32 hex)."""
        parts = (
            *(self.kind, self.canonical, self.property, self.method, self.source, self.doi),
            *(self.sample_state, repr(self.temperature), repr(self.pressure)),
        )
        return blake2b("\x1f".join(parts).encode(), digest_size=16).hexdigest()

    @cached_property
    def plausible(self) -> bool:
        """Whether the value is inside the plausible range of its property."""
        return bool(get_property(self.property).plausible(self.value))


def canonical_string(structure: str, kind: str) -> str:
    """The canonical string of one material.

    Raises
    ------
    StructureError
        If ``structure`` is not of that ``kind``.

    Examples
    --------
    >>> canonical_string("*OCC*", "polymer") == canonical_string("*CCO*", "polymer")
    True
    """
    from hanten.chem import Composition, Molecule, canonical_psmiles

    kind = parse_kind(kind)
    if kind == "polymer":
        return canonical_psmiles(str(structure))
    return Molecule(structure).smiles if kind == "molecule" else Composition(structure).formula


def convert_value(
    value: float | str, uncertainty: float | None, prop: Property, unit: str | None = None
) -> tuple[float, float | None]:
    """Value and uncertainty in the unit of ``prop``; an uncertainty is a difference, so offsets drop out.

    Examples
    --------
    >>> convert_value(100.0, 5.0, get_property("Tg"), "degC")
    (373.15, 5.0)
    """
    written = prop.unit if unit is None else unit
    number = float(f"{parse_quantity(value, written):.12g}") if isinstance(value, str) else float(value)
    _check_number(number, prop.name)
    base = tidy([number], written, prop.unit)[0]
    if uncertainty is None:
        return base, None
    _check_number(uncertainty, f"uncertainty of {prop.name}", lowest=0.0)
    return base, tidy_difference(float(uncertainty), written, prop.unit)


def tidy(values: Sequence[float], source: str, target: str) -> list[float]:
    """Values converted from unit ``source`` to ``target``, without the rounding noise: 12 significant digits.

    Examples
    --------
    >>> tidy([-120.0], "degC", "K")
    [153.15]
    """
    if source == target:
        return [float(value) for value in values]
    return [float(f"{value:.12g}") for value in convert(values, source, target).tolist()]


def tidy_difference(difference: float, source: str, target: str) -> float:
    """A difference converted from ``source`` to ``target``: the scale of the units counts, not their offset.

    Examples
    --------
    >>> tidy_difference(5.0, "degC", "K")
    5.0
    """
    zero, one = convert([0.0, 1.0], source, target)
    return float(f"{abs(one - zero) * difference:.12g}") if source != target else difference


def parse_kind(word: str) -> str:
    """One of :data:`KINDS`, in any case; the error says which there are."""
    kind = str(word).strip().casefold()
    if kind not in KINDS:
        raise UnknownNameError(f"{word!r} is not a kind of material", hint=did_you_mean(kind, KINDS))
    return kind


def parse_method(word: str) -> str:
    """One of :data:`METHODS`; the usual abbreviations are understood.

    Examples
    --------
    >>> parse_method("DFT"), parse_method("MD"), parse_method("exp.")
    ('quantum chemistry', 'molecular dynamics', 'experiment')
    """
    method = _METHOD_OF.get(re.sub(r"[\s_]+", " ", str(word)).strip(" .").casefold())
    if method is None:
        raise UnknownNameError(f"{word!r} is not a method", hint=did_you_mean(str(word), METHODS))
    return method


def parse_doi(text: str) -> str:
    """A DOI without the address in front of it.

    Examples
    --------
    >>> parse_doi("https://doi.org/10.1038/s41524-019-0203-2")
    '10.1038/s41524-019-0203-2'
    """
    doi = re.sub(r"^(https?://(dx\.)?doi\.org/|doi:\s*)", "", str(text).strip(), flags=re.IGNORECASE)
    if doi and not re.match(r"10\.\d{4,9}/\S+$", doi):
        raise DataError(f"{text!r} is not a DOI", hint="a DOI looks like 10.1038/s41524-019-0203-2")
    return doi


def parse_date(value: str | float | dt.date) -> str:
    """An ISO date: year, year and month, or the day.

    Examples
    --------
    >>> parse_date("2019-06"), parse_date(2019), parse_date("")
    ('2019-06', '2019', '')
    """
    if isinstance(value, dt.date):
        return value.isoformat()[:10]
    text = str(value).strip().removesuffix(" 00:00:00").removesuffix(".0")
    if not text:
        return ""
    if re.fullmatch(r"\d{4}(-\d{2}(-\d{2})?)?", text):
        try:
            dt.date.fromisoformat((text + "-01-01")[:10])
        except ValueError:
            pass
        else:
            return text
    raise DataError(f"{value!r} is not a date", hint="write 2019, 2019-06 or 2019-06-21")


def _check_number(number: float, what: str, lowest: float = -math.inf) -> None:
    if not math.isfinite(number):
        raise DataError(f"{what} is {number}", hint="give a finite number, or leave the value out")
    if number < lowest:
        raise DataError(f"{what} is {number:g}", hint="it cannot be negative")
