"""Reading repeat units: what is accepted, and what is refused with which words."""

from __future__ import annotations

import re
from typing import Any

from rdkit import Chem, rdBase

from hanten.errors import StructureError

_ATOM_OR_POINT = re.compile(r"(?P<point>\[\*(?::\d+)?\]|\*)|\[[^\]]*\]")
_SPG = re.compile(r"^<polymer_spg>(?P<unit>[^;]*);(?P<links>[\d>;-]*)$")
_POSITION = re.compile(r"position (\d+)")
_NAMED_PAIRS = (("[Ce]", "[Th]"), ("[e]", "[t]"), ("[d]", "[g]"), ("[1*]", "[2*]"))
_ONE_PSMILES = "write the repeat unit with two attachment points, such as '*CC*'"


def read_repeat_unit(text: str) -> Chem.Mol:
    """Parse a repeat unit and check that it is one.

    Parameters
    ----------
    text : str
        SMILES with exactly two attachment points, each ``*``, ``[*]`` or ``[*:1]``.

    Returns
    -------
    Mol
        Sanitized. The attachment points carry the isotope labels 1 and 2, in order of writing, so that RDKit
        keeps stereo that only the direction of the backbone tells apart.

    Raises
    ------
    StructureError
        Naming the case and the atoms (counted from 0 in the order of writing).

    Examples
    --------
    >>> read_repeat_unit("*CC(*)C").GetNumHeavyAtoms()
    3
    >>> read_repeat_unit("*CC")
    Traceback (most recent call last):
    hanten.errors.StructureError: '*CC': 1 attachment point (atom 0); a repeat unit has 2 (write ...
    """
    text = check_text(text, "repeat unit")
    labels = iter(("[1*]", "[2*]"))
    two = text.count("*") == 2 == sum(1 for m in _ATOM_OR_POINT.finditer(text) if m["point"])
    labelled = _ATOM_OR_POINT.sub(lambda m: next(labels) if m["point"] else m[0], text) if two else None
    mol = parse_smiles(text, labelled)
    check_repeat_unit(mol, text)
    if not two:
        raise StructureError(
            f"{text!r}: the attachment points are labelled", hint="write each as '*', '[*]' or '[*:1]'"
        )
    return mol


def check_text(text: Any, what: str) -> str:
    """``text`` without surrounding blanks, if it is a non-empty string without blanks in it."""
    if text is None or (isinstance(text, float) and text != text):  # noqa: PLR0124  (NaN is not itself)
        raise StructureError(f"no {what}: the value is missing")
    if not isinstance(text, str):
        raise StructureError(f"{text!r} is a {type(text).__name__}, not the text of a {what}")
    stripped = text.strip()
    if not stripped:
        raise StructureError(f"no {what}: the text is empty")
    return stripped


def parse_smiles(text: str, labelled: str | None = None) -> Chem.Mol:
    """RDKit's molecule of a SMILES (or of the same with labels), or its complaint as an error."""
    blank = next((i for i, c in enumerate(text) if c.isspace() or not c.isprintable()), None)
    if blank is not None:
        raise StructureError(
            f"{text!r}: blank inside a SMILES (character {blank + 1})", hint="one structure per row"
        )
    mol, log = _quiet_mol(labelled or text)
    if mol is None:
        if labelled is not None:
            log = _quiet_mol(text)[1] or log
        raise StructureError(f"{text!r}: {_reason(log, text)}")
    return mol


def _quiet_mol(text: str) -> tuple[Chem.Mol | None, str]:
    """RDKit's molecule and what it wrote to its error log; warnings are dropped, nothing is printed."""
    capture = getattr(rdBase, "CaptureErrorLog", None)  # RDKit before 2026.03 cannot hand its log over
    with rdBase.BlockLogs():
        if capture is None:
            return Chem.MolFromSmiles(text), ""
        with capture() as log:
            return Chem.MolFromSmiles(text), log.messages


def _reason(log: str, text: str) -> str:
    """RDKit's log of a failed parse in one phrase."""
    lines = [
        re.sub(r"^\[[\d:]+\]\s*", "", line).removeprefix("SMILES Parse Error: ") for line in log.splitlines()
    ]
    if not lines:
        return "RDKit cannot read it"
    reason = re.split(r" (?:while parsing|for input):", lines[0])[0]
    position = next((int(m[1]) for line in lines if (m := _POSITION.search(line))), None)
    if position is None or not text[position - 1 : position]:
        return reason
    return f"{reason} at character {position} ({text[position - 1]!r})"


def check_repeat_unit(mol: Chem.Mol, text: str) -> None:
    """Refuse what is not one molecule with two attachment points of degree one and like bonds."""
    fragments = Chem.GetMolFrags(mol)
    if len(fragments) > 1:
        charged = any(sum(mol.GetAtomWithIdx(i).GetFormalCharge() for i in f) for f in fragments)
        kind = "salts are not supported" if charged else "mixtures are not supported"
        starts = ", ".join(str(min(f)) for f in fragments)
        raise StructureError(f"{text!r}: {len(fragments)} fragments: {kind} (they begin at atoms {starts})")
    attachment_points(mol, text)


def attachment_points(mol: Chem.Mol, text: str | None = None) -> tuple[int, int, Chem.BondType]:
    """Atom indices of the two attachment points, and the order of their bonds.

    Raises
    ------
    StructureError
        If there are not two, or they are not like ends of one chain.
    """
    shown = repr(text) if text is not None else "the molecule"
    points = [atom for atom in mol.GetAtoms() if atom.GetAtomicNum() == 0]
    where = f"(atom{'s'[: len(points) != 1]} {', '.join(str(a.GetIdx()) for a in points)})"
    if len(points) != 2:
        raise StructureError(f"{shown}: {_wrong_number(len(points), where)}", hint=_ONE_PSMILES)
    for atom in points:
        _check_point(atom, shown)
    first, second = points
    if mol.GetBondBetweenAtoms(first.GetIdx(), second.GetIdx()) is not None:
        raise StructureError(
            f"{shown}: the attachment points are bonded to each other {where}", hint=_ONE_PSMILES
        )
    orders = [atom.GetBonds()[0].GetBondType() for atom in points]
    if orders[0] != orders[1] or str(orders[0]) not in {"SINGLE", "DOUBLE", "TRIPLE"}:
        names = " and ".join(str(order).lower() for order in orders)
        raise StructureError(
            f"{shown}: the attachment points have {names} bonds {where}",
            hint="the bond between two repeat units is cut once: both ends have the same order",
        )
    return first.GetIdx(), second.GetIdx(), orders[0]


def _wrong_number(count: int, where: str) -> str:
    if count == 0:
        return "no attachment point; a repeat unit has 2"
    if count == 1:
        return f"1 attachment point {where}; a repeat unit has 2"
    return f"{count} attachment points: branched or ladder units are not supported {where}"


def _check_point(atom: Chem.Atom, shown: str) -> None:
    where = f"attachment point (atom {atom.GetIdx()})"
    if atom.GetDegree() != 1:
        raise StructureError(
            f"{shown}: {where} has {atom.GetDegree()} neighbours, not 1",
            hint="an attachment point ends the unit",
        )
    if atom.GetFormalCharge() or atom.GetTotalNumHs() or atom.GetNumRadicalElectrons():
        raise StructureError(f"{shown}: {where} carries a charge or hydrogens", hint="write it as '*'")
    if atom.GetNeighbors()[0].GetAtomicNum() == 1:
        raise StructureError(f"{shown}: {where} is bonded to hydrogen, which cannot be in a chain")


def normalise_attachment_points(text: str) -> str:
    """Rewrite other notations of attachment points, as public data sets use them, with ``*``.

    It is called by importers, which know their source, and never behind a user's back: ``[Ce]`` may be
    cerium.

    Parameters
    ----------
    text : str
        A repeat unit whose ends are written ``[Ce]`` and ``[Th]``, ``[e]`` and ``[t]``, ``[d]`` and ``[g]``,
        ``[1*]`` and ``[2*]``, or wrapped as ``<polymer_spg>[*:1]CC([*:2])C;2->1``. One that uses ``*``
        passes unchanged.

    Raises
    ------
    StructureError
        If the wrapper holds a copolymer, or a notation is incomplete.

    Examples
    --------
    >>> normalise_attachment_points("[Ce]O[Si](C)(C)[Th]")
    '*O[Si](C)(C)*'
    >>> normalise_attachment_points("<polymer_spg>[*:1]CC([*:2])C;2->1")
    '*CC(*)C'
    """
    text = check_text(text, "repeat unit")
    if text.startswith("<"):
        text = _unwrap(text)
    for pair in _NAMED_PAIRS:
        counts = [text.count(name) for name in pair]
        if counts == [1, 1]:
            return text.replace(pair[0], "*").replace(pair[1], "*")
        if any(counts) and "*" not in text.replace(pair[0], "").replace(pair[1], ""):
            found = " and ".join(f"{n} × {name}" for n, name in zip(counts, pair, strict=True))
            raise StructureError(f"{text!r}: {found}; a repeat unit has one of each")
    return re.sub(r"\[\*(?::\d+)?\]", "*", text)


def _unwrap(text: str) -> str:
    match = _SPG.match(text)
    if match is None:
        kind = (
            "copolymers are not supported" if text.startswith("<polymer_spg>") else "the wrapper is not known"
        )
        raise StructureError(f"{text!r}: {kind}", hint="known: <polymer_spg>UNIT;2->1 with one unit")
    if match["links"] not in {"2->1", "1->2"}:
        raise StructureError(f"{text!r}: the linkage {match['links']!r} is not head to tail")
    return match["unit"]
