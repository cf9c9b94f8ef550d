"""From a written repeat unit to its word of segments, and back to a string.

A polymer chain is cut at every *bridge* of its backbone: a single bond that lies on the path between the two
attachment points and in no ring. What remains between two cuts is a *segment*. The functions here work on
strings alone: a SMILES that begins with an attachment point is a depth-first walk of the unit, so that the
part behind a backbone bond is one contiguous stretch of text, and cutting is slicing.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from rdkit import Chem, rdBase

from hanten.chem._straight import TOKEN, straighten

_SINGLE = frozenset(("", "-", "/", "\\"))


class Piece(NamedTuple):
    """A segment as sliced from a text: ``* lead head tail * rest``."""

    lead: str  # bond symbol between the left attachment point and the segment
    head: str  # text up to the right attachment point
    tail: str  # bond symbol before the right attachment point
    rest: str  # text behind the right attachment point

    def text(self, left: str = "*", right: str = "*") -> str:
        """The segment as SMILES with the attachment points written ``left`` and ``right``."""
        return f"{left}{self.lead}{self.head}{self.tail}{right}{self.rest}"


class Form(NamedTuple):
    """One segment read in one direction, in its canonical writing."""

    body: str  # SMILES whose last open atom is the right end
    lead: str  # direction mark or bond order towards the left
    tail: str  # direction mark or bond order towards the right
    last: str  # SMILES with the right attachment point written in place
    key: str  # canonical SMILES, attachment points [1*] (left) and [2*] (right)
    starts_aromatic: bool
    ends_aromatic: bool
    span: int  # atoms on the shortest way from end to end


class _Edge(NamedTuple):
    start: int  # where the bond symbol, or else the atom, begins
    atom: int  # where the atom begins
    level: int  # depth of branching
    child: int  # ordinal number of the atom


def split(
    text: str, *, kinds: frozenset[str] = _SINGLE, whole: frozenset[int] = frozenset()
) -> list[Piece] | None:
    r"""Cut a repeat unit that is written from its first attachment point at all bridges of its backbone.

    Parameters
    ----------
    text : str
        SMILES that begins with ``*`` and holds exactly one more.
    kinds : frozenset of str
        Bond symbols that may be cut.
    whole : frozenset of int
        Ordinal numbers of atoms whose bond to the atom before must not be cut.

    Returns
    -------
    list of Piece or None
        ``None`` when the text is not of that form (the caller then asks RDKit what it is).

    Examples
    --------
    >>> [piece.text() for piece in split("*Oc1ccc(C(=O)*)cc1")]
    ['*O*', '*c1ccc(*)cc1', '*C(=O)*']
    """
    try:
        walk = _Walk(text)
    except ValueError:
        return None
    path, closes, first = walk.path, walk.closes, walk.first
    cuts = [edge for edge in path if _is_bridge(edge, closes, walk.rings)]
    last = path[-1]
    lead, tail = text[1:first], text[last.start : last.atom]
    if (lead in _SINGLE) != (tail in _SINGLE) or (lead not in _SINGLE and lead != tail):
        return None
    inner = [e for e in cuts[:-1] if text[e.start : e.atom] in kinds and e.child not in whole]
    pieces, start, bond, close = [], first, lead, len(text)
    for edge in (*inner, last):
        here, tail = closes[edge.level], text[edge.start : edge.atom]
        pieces.append(Piece(bond.strip("-"), text[start : edge.start], tail.strip("-"), text[here:close]))
        start, bond, close = edge.atom, tail, here
    return pieces


class _Walk:
    """One pass over a text that begins with an attachment point; ``ValueError`` if it does not.

    Attributes
    ----------
    path : list of _Edge
        Bonds on the way from the first atom to the second attachment point, the first atom's own excluded.
    closes : list of int
        Where the branch of each depth that leads to the second attachment point ends.
    rings : list of (int, int)
        Where each ring is opened and closed.
    first : int
        Where the first atom begins.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.path: list[_Edge] = []
        self.closes: list[int] = []
        self.rings: list[tuple[int, int]] = []
        self.first = 0
        self._edges: list[_Edge] = []
        self._stack: list[list[_Edge]] = []
        self._opened: dict[str, int] = {}
        self._bond, self._atoms = -1, 0
        _require(text.startswith("*"))
        visits = (None, self._atom, self._star, self._ring, self._bond_symbol, self._open, self._close)
        position = 1
        for match in TOKEN.finditer(text, 1):
            start = match.start()
            _require(start == position)
            position = match.end()
            visits[match.lastindex](start, position)  # type: ignore[index, misc]
        _require(position == len(text) and not self._stack and not self._opened and self._bond < 0)
        _require(bool(self.path))
        self.closes[0] = len(text)

    def _atom(self, start: int, _: int) -> None:
        self._atoms += 1
        if self.first:
            self._edges.append(
                _Edge(start if self._bond < 0 else self._bond, start, len(self._stack), self._atoms)
            )
        else:
            self.first = start
        self._bond = -1

    def _star(self, start: int, end: int) -> None:
        _require(not self.path and self.first > 0 and self.text[end : end + 1] in {"", ")"})
        self._edges.append(_Edge(start if self._bond < 0 else self._bond, start, len(self._stack), -1))
        self.path = [edge for level in (*self._stack, self._edges) for edge in level]
        self.closes = [-1] * (len(self._stack) + 1)
        self._bond = -1

    def _ring(self, start: int, end: int) -> None:
        _require(self.first > 0)
        digit = self.text[start:end].lstrip("%0")
        if digit in self._opened:
            self.rings.append((self._opened.pop(digit), start))
        else:
            self._opened[digit] = start
        self._bond = -1

    def _bond_symbol(self, start: int, _: int) -> None:
        _require(self._bond < 0)
        self._bond = start

    def _open(self, _: int, __: int) -> None:
        _require(self.first > 0 and self._bond < 0)
        self._stack.append(self._edges)
        self._edges = []

    def _close(self, start: int, _: int) -> None:
        depth = len(self._stack)
        _require(depth > 0 and self._bond < 0)
        if depth < len(self.closes) and self.closes[depth] < 0:
            self.closes[depth] = start
        self._edges = self._stack.pop()


def _require(holds: bool) -> None:
    if not holds:
        raise ValueError


def _is_bridge(edge: _Edge, closes: list[int], rings: list[tuple[int, int]]) -> bool:
    start, end = edge.start, closes[edge.level]
    return all((start <= i < end) == (start <= j < end) for i, j in rings)


def shift_rings(text: str, by: int = 50) -> str:
    """The same SMILES with every ring closure digit raised, so that it can be put inside another."""
    return TOKEN.sub(lambda m: f"%{int(m['ring'].strip('%')) + by:02d}" if m["ring"] else m[0], text)


@lru_cache(maxsize=65536)
def forms(raw: str) -> tuple[Form, Form]:
    """Both canonical readings, forwards and backwards, of a segment written with two ``*``.

    Raises
    ------
    ValueError
        If RDKit cannot read the segment.
    """
    left, right = raw.index("*"), raw.rindex("*")
    labelled = f"{raw[:left]}[1*]{raw[left + 1 : right]}[2*]{raw[right + 1 :]}"
    forward = _canonical(labelled)
    backward = _canonical(forward.replace("[1*]", "[0*]").replace("[2*]", "[1*]").replace("[0*]", "[2*]"))
    return _form(forward), _form(backward)


def _canonical(labelled: str) -> str:
    """The writing, from [1*] on, that RDKit returns unchanged (the least if it goes round in a circle)."""
    seen = [labelled]
    while True:
        text = _rewrite(seen[-1])
        if text in seen:
            return min(seen[seen.index(text) :])
        seen.append(text)


def _read(labelled: str) -> Chem.Mol:
    with rdBase.BlockLogs():
        mol = Chem.MolFromSmiles(labelled)
    if mol is None:
        raise ValueError(labelled)
    return mol


def _rewrite(labelled: str) -> str:
    mol = _read(labelled)
    if ":" in labelled:
        for atom in mol.GetAtoms():
            atom.SetAtomMapNum(0)
    root = 0
    if not labelled.startswith("[1*]"):
        root = next(a.GetIdx() for a in mol.GetAtoms() if a.GetAtomicNum() == 0 and a.GetIsotope() == 1)
    text: str = Chem.MolToSmiles(mol, rootedAtAtom=root)
    return text


@lru_cache(maxsize=65536)
def _form(key: str) -> Form:
    marked = _mark_ends(key) if "/" in key or "\\" in key else key
    piece = _piece(marked)
    text, first, final = straighten(piece.text())
    straight = _piece(text)
    if piece.rest and _canonical(straight.text("[1*]", "[2*]")) != key:
        raise ValueError(key)
    last = piece.head + piece.tail + "*" + piece.rest
    return Form(
        straight.head,
        straight.lead,
        straight.tail,
        last,
        key,
        _is_aromatic(first),
        _is_aromatic(final),
        _span(key),
    )


def _span(key: str) -> int:
    mol = _read(key)
    ends = [atom.GetIdx() for atom in mol.GetAtoms() if atom.GetAtomicNum() == 0]
    return len(Chem.GetShortestPath(mol, *ends)) - 2


@lru_cache(maxsize=65536)
def bears_marks(key: str, left: bool, right: bool) -> bool:
    """Whether direction marks on its outer bonds leave the stereo of a segment as it is."""
    text = key.replace("[1*]", "[1*]/") if left else key
    text = text.replace("[2*]", "/[2*]") if right else text
    return _canonical(text) == key


def _is_aromatic(atom: str) -> bool:
    return atom.lstrip("[0123456789")[0].islower()


def _piece(labelled: str) -> Piece:
    """Take a labelled segment, written from [1*] on, apart at its attachment points."""
    text = labelled.replace("[1*]", "*").replace("[2*]", "*")
    pieces = split(text, kinds=frozenset())
    if pieces is None:
        raise ValueError(labelled)
    return pieces[0]


def _mark_ends(key: str) -> str:
    """Put a direction mark on the bond to an attachment point where a stereo double bond has none."""
    text = key
    mol = _read(key)
    for label, isotope in (("[1*]", 1), ("[2*]", 2)):
        atom = next(a for a in mol.GetAtoms() if a.GetAtomicNum() == 0 and a.GetIsotope() == isotope)
        bonds = atom.GetNeighbors()[0].GetBonds()
        if any(b.GetStereo() > Chem.BondStereo.STEREOANY for b in bonds):
            marked = [text.replace(label, label + m if isotope == 1 else m + label) for m in ("/", "\\")]
            at = text.index(label)
            if "/" not in (near := text[max(at - 1, 0) : at + 5]) and "\\" not in near:
                text = next((t for t in marked if _canonical(t) == key), text)
    return text
