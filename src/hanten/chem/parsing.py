"""Many strings at once: every row comes back, in order, with a reason if it is bad."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from hanten.chem.composition import Composition
from hanten.chem.polymer import Molecule, Polymer
from hanten.errors import ConfigError, StructureError, did_you_mean

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

Item = Polymer | Molecule | Composition
CHUNK = 100  # fewer strings a task cost more to send than to parse


@dataclass(frozen=True)
class ParseReport:
    """What :func:`parse` read.

    Attributes
    ----------
    inputs : list
        The texts, as given.
    items : list of (Polymer, Molecule, Composition or None)
        Same length and order; ``None`` where the text is bad.
    errors : list of (str or None)
        Same length and order; the reason where the text is bad.
    """

    inputs: list[Any]
    items: list[Item | None]
    errors: list[str | None]

    @property
    def ok(self) -> NDArray[np.bool_]:
        """Which rows were read, shape (n,)."""
        return np.array([item is not None for item in self.items], dtype=bool)

    @property
    def status(self) -> int:
        """Exit status of a program that read these rows: 0 all good, 1 none good, 3 some bad."""
        bad = sum(item is None for item in self.items)
        return 0 if not bad else 1 if bad == len(self) else 3

    @property
    def canonical(self) -> list[str | None]:
        """Canonical string of each row; ``None`` where it is bad."""
        return [None if item is None else str(item) for item in self.items]

    def __len__(self) -> int:
        return len(self.items)

    def __str__(self) -> str:
        bad = [f"row {i}: {error}" for i, error in enumerate(self.errors) if error]
        shown = [*bad[:10], f"... and {len(bad) - 10} more"] if len(bad) > 10 else bad
        return "\n".join([f"{len(self) - len(bad)} of {len(self)} structures read", *shown])

    def frame(self) -> pd.DataFrame:
        """Table with the columns ``input``, ``canonical``, ``error``; one row for each text, in order."""
        import pandas as pd

        columns = {"input": self.inputs, "canonical": self.canonical, "error": self.errors}
        return pd.DataFrame(columns, dtype=object)

    def add_to(self, table: pd.DataFrame) -> pd.DataFrame:
        """A copy of ``table`` with the columns ``canonical`` and ``error``.

        Columns of these names that are there already are kept, as ``canonical_input`` and ``error_input``.
        """
        kept = table.rename(
            columns={name: f"{name}_input" for name in ("canonical", "error") if name in table}
        )
        return kept.assign(
            canonical=np.array(self.canonical, dtype=object), error=np.array(self.errors, dtype=object)
        )

    def _repr_html_(self) -> str:
        return str(self.frame()._repr_html_())  # type: ignore[operator]


def parse(texts: Iterable[Any], kind: str = "polymer", n_jobs: int = 1) -> ParseReport:
    """Read many structures; a bad one becomes a row with a reason, never a missing row.

    Parameters
    ----------
    texts : iterable of str
        Structures; objects of :mod:`hanten.chem` pass through, missing values become errors.
    kind : {"polymer", "molecule", "composition", "auto"}
        What they are. ``"auto"`` takes a text with ``*`` as a polymer, else as a molecule if RDKit can read
        it, else as a composition.
    n_jobs : int
        Worker processes of joblib; the result does not depend on it.

    Returns
    -------
    ParseReport
        Same length and order as ``texts``.

    Raises
    ------
    ConfigError
        If ``kind`` is unknown or ``texts`` is a single string.

    Examples
    --------
    >>> report = parse(["*OCC*", "*CC", "*C(=O)*"])
    >>> report.canonical
    ['*CCO*', None, '*C(*)=O']
    >>> report.ok
    array([ True, False,  True])
    """
    if kind not in _READERS:
        raise ConfigError(f"there is no kind {kind!r}", hint=did_you_mean(kind, _READERS))
    if isinstance(texts, str):
        raise ConfigError(f"a list of texts is wanted, not one: {texts!r}", hint=f"parse([{texts!r}])")
    inputs = list(texts)
    size = max(CHUNK, -(-len(inputs) // 32))
    chunks = [inputs[i : i + size] for i in range(0, len(inputs), size)]
    if n_jobs == 1 or len(chunks) < 2:
        parts = [_parse_chunk(chunk, kind) for chunk in chunks]
    else:
        from joblib import Parallel, delayed

        parts = Parallel(n_jobs=n_jobs)(delayed(_parse_chunk)(chunk, kind) for chunk in chunks)
    rows = [row for part in parts for row in part]
    return ParseReport(inputs, [item for item, _ in rows], [error for _, error in rows])


def _parse_chunk(texts: list[Any], kind: str) -> list[tuple[Item | None, str | None]]:
    read = _READERS[kind]
    rows: list[tuple[Item | None, str | None]] = []
    for text in texts:
        try:
            rows.append((text if isinstance(text, Item) else read(text), None))
        except StructureError as error:
            rows.append((None, str(error)))
    return rows


def read_any(text: str) -> Item:
    """A polymer if the text has ``*``, else a molecule if RDKit can read it, else a composition.

    Raises
    ------
    StructureError
        If it is none of them.

    Examples
    --------
    >>> [type(read_any(text)).__name__ for text in ("*CC*", "CCO", "Al2O3")]
    ['Polymer', 'Molecule', 'Composition']
    """
    if not isinstance(text, str) or not text.strip() or "*" in text:
        return Polymer(text)
    try:
        return Molecule(text)
    except StructureError as as_molecule:
        try:
            return Composition(text)
        except StructureError as as_composition:
            reasons = (
                str(error).removeprefix(f"{text.strip()!r}: ") for error in (as_molecule, as_composition)
            )
            message = "neither a molecule ({}) nor a composition ({})".format(*reasons)
            raise StructureError(f"{text!r} is {message}") from None


_READERS: dict[str, Callable[[Any], Item]] = {
    "polymer": Polymer,
    "molecule": Molecule,
    "composition": Composition,
    "auto": read_any,
}
