r"""One string per polymer: canonical PSMILES.

A repeat unit is one of many writings of a periodic chain: the chain may be cut elsewhere, read backwards, or
several repeats may be written as one. The canonical form undoes all three, exactly:

1. *Cut.* Call a single bond on the path between the attachment points that lies in no ring a bridge, the bond
   between two repeats included. Whether a bond of the chain is a bridge does not depend on the writing, so
   that cutting all bridges leaves the same cyclic sequence of segments for every writing. (A chain without
   single bridges, as in cumulenes, is cut at its double bonds of unspecified stereo instead.)
2. *Name.* Each segment is named by RDKit's canonical SMILES with its left and right attachment points
   labelled, once for each reading direction. Rings, aromatic systems and the marks of a stereo centre or a
   stereo double bond lie within a segment, where the labels keep apart what only the direction tells apart.
   Two segments have the same name if and only if they are the same.
3. *Reduce.* The names make a cyclic word. A translation of the chain onto itself maps bridges to bridges,
   hence the primitive period of the word is the primitive repeat unit.
4. *Choose.* The least of all rotations of the word and of the word read backwards is the canonical one. Its
   segments written one after the other are the canonical PSMILES.

The result depends on the word only, and its own word is again the least rotation: invariance and idempotence
hold by construction. Segments recur, so that their names are remembered; the common case costs no call of
RDKit.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

from rdkit import Chem

from hanten.chem._segments import Form, Piece, bears_marks, forms, shift_rings, split
from hanten.chem._straight import TOKEN
from hanten.chem.reading import attachment_points, read_repeat_unit
from hanten.errors import StructureError

if TYPE_CHECKING:
    from collections.abc import Sequence

_POINT = re.compile(r"\[\d*\*(?::\d+)?\]")
_MIRROR = str.maketrans("/\\", "\\/")
_MULTIPLE = frozenset(("=", "#", "$"))


def canonical_psmiles(text: str) -> str:
    """The canonical PSMILES of a repeat unit: the same string however the polymer is written.

    Parameters
    ----------
    text : str
        SMILES of a repeat unit with two attachment points, each ``*``, ``[*]`` or ``[*:1]``.

    Returns
    -------
    str
        SMILES of the primitive repeat unit, written along the backbone from ``*`` to ``*``. Stereo is kept
        where it is written.

    Raises
    ------
    StructureError
        If the text is not the SMILES of a repeat unit with exactly two attachment points.

    Examples
    --------
    >>> canonical_psmiles("*OCC*"), canonical_psmiles("*CCOCCO*")
    ('*CCO*', '*CCO*')
    >>> canonical_psmiles("[*:1]C(c1ccccc1)C[*:2]")
    '*CC(*)c1ccccc1'
    >>> canonical_psmiles("*CC*"), canonical_psmiles("*=CC=*")
    ('*C*', '*C=C*')
    """
    return write(canonical_word(text))


def canonical_word(text: str) -> list[Form]:
    """The segments of the primitive repeat unit in canonical order and reading direction."""
    if isinstance(text, str) and text.count("*") == 2:
        plain = _POINT.sub(_plain_point, text) if "[" in text else text
        pieces = split(plain)
        if pieces is not None and pieces[0].lead not in _MULTIPLE:
            try:
                return _reduce(pieces)
            except ValueError:
                pass  # RDKit says below what is wrong with the whole
    return _word_of_mol(read_repeat_unit(text))


def _plain_point(match: re.Match[str]) -> str:
    return "*" if match[0].startswith("[*") else match[0]


def canonical_psmiles_of_mol(mol: Chem.Mol) -> str:
    """The canonical PSMILES of a repeat unit that is parsed already.

    Parameters
    ----------
    mol : Mol
        A sanitized repeat unit, best read with :func:`hanten.chem.read_repeat_unit`: RDKit itself forgets
        stereo centres between two like arms of the backbone, since it cannot tell the attachment points
        apart.

    Raises
    ------
    StructureError
        If it has not exactly two attachment points.

    Examples
    --------
    >>> canonical_psmiles_of_mol(Chem.MolFromSmiles("C(*)CO*"))
    '*CCO*'
    """
    return write(_word_of_mol(mol))


def _word_of_mol(mol: Chem.Mol) -> list[Form]:
    first, _, order = attachment_points(mol)
    if order != Chem.BondType.SINGLE:
        return _word_of_multiple(mol, first)
    text = _POINT.sub("*", Chem.MolToSmiles(mol, rootedAtAtom=first))
    pieces = split(text)
    if pieces is None:
        raise StructureError(f"{text!r} cannot be cut into segments")
    return _finish(pieces, text)


def _word_of_multiple(mol: Chem.Mol, first: int) -> list[Form]:
    """Units whose attachment points are double or triple bonds: close the chain there, cut it elsewhere."""
    mol = Chem.Mol(mol)
    Chem.Kekulize(mol, clearAromaticFlags=True)
    text = _POINT.sub("*", Chem.MolToSmiles(mol, rootedAtAtom=first, kekuleSmiles=True))
    pieces = split(text)
    if pieces is None:
        raise StructureError(f"{text!r} cannot be cut into segments")
    if len(pieces) == 1:
        return _finish(split(text, kinds=_MULTIPLE, whole=_stereo_bonds(mol)) or pieces, text)
    joined = _join_at_double_bond(pieces[-1], pieces[0])
    return _finish([*pieces[1:-1], *(split(joined, kinds=frozenset()) or [])], text)


def _join_at_double_bond(tail: Piece, head: Piece) -> str:
    """One segment of the last and the first of a writing; the bond where it was cut has no written stereo."""
    before = f"*{tail.lead}{tail.head}{tail.tail}"
    mol = Chem.MolFromSmiles(f"{before}{shift_rings(f'{head.head}{head.tail}*{head.rest}')}{tail.rest}")
    atom = mol.GetAtomWithIdx(sum(1 for m in TOKEN.finditer(before) if m["atom"] or m["star"]))
    joint = min(atom.GetBonds(), key=lambda bond: bond.GetOtherAtomIdx(atom.GetIdx()))
    joint.SetStereo(Chem.BondStereo.STEREONONE)
    text: str = Chem.MolToSmiles(mol, rootedAtAtom=0)
    return text


def _stereo_bonds(mol: Chem.Mol) -> frozenset[int]:
    """Ordinal numbers, in the text just written, of the later atom of each double bond with stereo."""
    order = list(mol.GetPropsAsDict(True, True)["_smilesAtomOutputOrder"])
    rank = {atom: i for i, atom in enumerate(order)}
    stereo = [b for b in mol.GetBonds() if b.GetStereo() > Chem.BondStereo.STEREOANY]
    return frozenset(max(rank[b.GetBeginAtomIdx()], rank[b.GetEndAtomIdx()]) for b in stereo)


def _finish(pieces: Sequence[Piece], text: str) -> list[Form]:
    try:
        return _reduce(pieces)
    except StructureError:
        raise
    except ValueError as error:
        raise StructureError(
            f"a segment of {text!r} cannot be written along the backbone: {error}",
            hint="stereo other than tetrahedral and double-bond stereo is not supported",
        ) from error


def _reduce(pieces: Sequence[Piece]) -> list[Form]:
    return _least(_primitive([forms(piece.text()) for piece in pieces]))


def _primitive(word: list[tuple[Form, Form]]) -> list[tuple[Form, Form]]:
    """The shortest word of which ``word`` is a power."""
    n = len(word)
    for period in range(1, n // 2 + 1):
        if n % period == 0 and word[period:] == word[:-period]:
            return word[:period]
    return word


def _least(word: list[tuple[Form, Form]]) -> list[Form]:
    """The least rotation of a word and of the word read backwards."""
    if len(word) == 1:
        return [min(word[0])]
    readings = ([forward for forward, _ in word], [backward for _, backward in reversed(word)])
    if any(form.lead or form.tail for form in readings[0]):
        return _least_writable(readings)
    least = min(map(min, readings))
    return min(r[i:] + r[:i] for r in readings for i, form in enumerate(r) if form == least)


def _least_writable(readings: tuple[list[Form], list[Form]]) -> list[Form]:
    """The least rotation in which no direction mark says something about a neighbour that leaves stereo open.

    In ``/C=C/C(F)=C(Cl)/C=C/`` the outer marks fix the inner double bond too. Where it is to stay
    unspecified, it must stand at the cut, as it did in the writing it was read from.
    """
    rotations = sorted(r[i:] + r[:i] for r in readings for i in range(len(r)))
    for rotation in rotations:
        before = ["", *[form.tail for form in rotation[:-1]]]
        after = [*[form.lead for form in rotation[1:]], ""]
        if all(
            bears_marks(form.key, bool(left) and not form.lead, bool(right) and not form.tail)
            for left, form, right in zip(before, rotation, after, strict=True)
            if (left and not form.lead) or (right and not form.tail)
        ):
            return rotation
    raise StructureError(
        "an unspecified double bond between specified ones cannot be written",
        hint="specify all of them, or none",
    )


def write(word: Sequence[Form]) -> str:
    """PSMILES of a word: its segments one after the other."""
    texts = [form.body for form in word[:-1]] + [word[-1].last]
    return "*" + "".join(
        bond + mirror(text, turned) for (bond, turned), text in zip(links(word), texts, strict=True)
    )


def links(word: Sequence[Form]) -> list[tuple[str, bool]]:
    """For each segment the bond symbol before it, and whether its marks must be mirrored to agree."""
    turned = False
    found = [(word[0].lead, turned)]
    for left, right in pairwise(word):
        tail = mirror(left.tail, turned)
        turned = bool(tail and right.lead and tail != right.lead)
        aromatic = "-" if left.ends_aromatic and right.starts_aromatic else ""
        found.append((tail or right.lead or aromatic, turned))
    return found


def mirror(text: str, turned: bool = True) -> str:
    r"""``text`` with every ``/`` and ``\\`` exchanged, which together say the same."""
    return text.translate(_MIRROR) if turned else text
