"""The stock: which molecules can be bought, and which of them resemble a given one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from rdkit import Chem

from hanten.chem.polymer import Molecule
from hanten.errors import StructureError
from hanten.synthesis.stock import fingerprints as fp
from hanten.synthesis.stock.container import write_arrays
from hanten.synthesis.stock.normal import KEY_PATTERN, inchikey, key_hash, normalise

Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Member:
    """A molecule in stock.

    Attributes
    ----------
    index : int
        Its place in the stock.
    smiles : str
        Canonical SMILES; empty where a stock was made of InChIKeys alone.
    source : str
        Where it can be had.
    price : float or None
        USD per gram.
    lead_time : float or None
        Days.
    uses : int
        Reactions known to use it; 0 where that is not known.
    """

    index: int
    smiles: str
    source: str
    price: float | None
    lead_time: float | None
    uses: int


class Texts(Sequence[str]):
    """Many short texts in one block of bytes, which may be a memory map."""

    def __init__(self, data: npt.NDArray[np.uint8], ends: npt.NDArray[np.int64]) -> None:
        self.data, self.ends = data, ends

    @classmethod
    def of(cls, texts: Iterable[str]) -> Texts:
        """Pack texts."""
        parts = [text.encode() for text in texts]
        ends = np.cumsum([len(part) for part in parts], dtype=np.int64)
        return cls(np.frombuffer(b"".join(parts), dtype=np.uint8), ends)

    def __len__(self) -> int:
        return len(self.ends)

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        index = int(index)
        if index < 0:
            index += len(self)
        if not 0 <= index < len(self):
            raise IndexError(index)
        start = int(self.ends[index - 1]) if index else 0
        return self.data[start : int(self.ends[index])].tobytes().decode()


@dataclass(frozen=True, eq=False)
class Stock:
    """Molecules that can be bought, keyed by InChIKey (see ``stock/normal.py`` for salts and tautomers).

    A place (``index``) never changes: a stock from which molecules are excluded has the same places, some of them
    not available. Build one with :func:`build_stock`, open one with :func:`open_stock`.

    Parameters
    ----------
    smiles : sequence of str
        Canonical SMILES of each member.
    keys : (n,) uint64
        Hashes of the InChIKeys.
    uses : (n,) uint32
        Known reactions that use the member.
    prices, lead_times : (n,) float32
        USD per gram; days; NaN where not known.
    source_of : (n,) int16
        Place in ``sources``.
    sources : tuple of str
    about : mapping
        ``name``, ``note`` and what else a stock says of itself.
    excluded : frozenset of int
        Places that are not available.

    Examples
    --------
    >>> from hanten.synthesis.stock import build_stock
    >>> stock = build_stock(["CCO", "CCN", "CCCO", "c1ccccc1"]).stock
    >>> "OCC" in stock, "OCC" in stock.excluding("CCO")
    (True, False)
    >>> places, similarity = stock.neighbours("CCCCO", k=2)
    >>> [stock.smiles[i] for i in places]
    ['CCCO', 'CCO']
    """

    smiles: Sequence[str]
    keys: npt.NDArray[np.uint64]
    uses: npt.NDArray[np.uint32]
    prices: npt.NDArray[np.float32]
    lead_times: npt.NDArray[np.float32]
    source_of: npt.NDArray[np.int16]
    sources: tuple[str, ...]
    about: Mapping[str, Any] = field(default_factory=dict)
    excluded: frozenset[int] = frozenset()
    _shared: dict[str, Any] = field(default_factory=dict, repr=False)

    @property
    def name(self) -> str:
        """What the stock is called in routes and reports."""
        return str(self.about.get("name") or "stock")

    @property
    def size(self) -> int:
        """Places, available or not."""
        return len(self.keys)

    def __len__(self) -> int:
        return self.size - len(self.excluded)

    def __iter__(self) -> Iterator[Member]:
        return (self.member(i) for i in range(self.size) if i not in self.excluded)

    def __contains__(self, molecule: object) -> bool:
        return isinstance(molecule, (str, Molecule)) and self.index(molecule) is not None

    def __repr__(self) -> str:
        return f"<Stock {self.name!r}: {len(self):,} molecules>"

    def index(self, molecule: str | Molecule) -> int | None:
        """The place of a molecule (SMILES, or an InChIKey), or ``None``: not in stock, or not a molecule."""
        text = molecule.smiles if isinstance(molecule, Molecule) else molecule.strip()
        if KEY_PATTERN.fullmatch(text):
            return self._place(key_hash(text))
        try:
            return self._place(key_hash(inchikey(text)))
        except StructureError:
            return None

    def _place(self, key: int) -> int | None:
        order, keys = self._sorted
        at = int(np.searchsorted(keys, np.uint64(key)))
        if at < len(keys) and int(keys[at]) == key:
            place = int(order[at])
            return None if place in self.excluded else place
        return None

    @property
    def _sorted(self) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.uint64]]:
        if "sorted" not in self._shared:
            order = np.argsort(self.keys, kind="stable")
            self._shared["sorted"] = (order, np.asarray(self.keys)[order])
        found: tuple[npt.NDArray[np.intp], npt.NDArray[np.uint64]] = self._shared["sorted"]
        return found

    def find(self, molecule: str | Molecule) -> Member | None:
        """The member that is this molecule, or ``None``."""
        place = self.index(molecule)
        return None if place is None else self.member(place)

    def member(self, index: int) -> Member:
        """The member at a place."""
        price, days = float(self.prices[index]), float(self.lead_times[index])
        return Member(
            index=int(index),
            smiles=self.smiles[index],
            source=self.sources[int(self.source_of[index])],
            price=None if np.isnan(price) else round(price, 4),
            lead_time=None if np.isnan(days) else days,
            uses=int(self.uses[index]),
        )

    @cached_property
    def available(self) -> Bools:
        """(size,) which places are available."""
        mask = np.ones(self.size, dtype=bool)
        mask[list(self.excluded)] = False
        return mask

    # ------------------------------------------------------------------ other stocks from this one
    def excluding(self, *molecules: str | Molecule) -> Stock:
        """The stock without some molecules; places stay what they are."""
        places = {place for place in map(self.index, molecules) if place is not None}
        return replace(self, excluded=self.excluded | places) if places else self

    def filter(self, keep: Bools | Callable[[Member], bool], note: str = "") -> Stock:
        """A smaller stock: the available members for which ``keep`` is true; places are counted anew."""
        if callable(keep):
            keep = np.fromiter((bool(keep(self.member(i))) for i in range(self.size)), bool, self.size)
        places = np.flatnonzero(np.asarray(keep, dtype=bool) & self.available)
        shared = {}
        if "fingerprints" in self._shared:
            shared["fingerprints"] = np.ascontiguousarray(self._shared["fingerprints"][:, places])
        about = {**self.about, **({"note": note} if note else {})}
        about.pop("digest", None)
        return replace(
            self,
            smiles=Texts.of(self.smiles[int(i)] for i in places),
            keys=np.asarray(self.keys)[places],
            uses=np.asarray(self.uses)[places],
            prices=np.asarray(self.prices)[places],
            lead_times=np.asarray(self.lead_times)[places],
            source_of=np.asarray(self.source_of)[places],
            about=about,
            excluded=frozenset(),
            _shared=shared,
        )

    # ------------------------------------------------------------------ neighbours
    @property
    def fingerprints(self) -> fp.Words:
        """(32, size) fingerprints, word by word; computed, and kept on disk, when first asked for."""
        if "fingerprints" not in self._shared:
            from hanten.synthesis.stock.choosing import computed_fingerprints

            self._shared["fingerprints"] = computed_fingerprints(self)
        words: fp.Words = self._shared["fingerprints"]
        return words

    @property
    def bit_counts(self) -> npt.NDArray[np.uint16]:
        """(size,) bits in each fingerprint."""
        if "counts" not in self._shared:
            self._shared["counts"] = fp.bit_counts(self.fingerprints)
        counts: npt.NDArray[np.uint16] = self._shared["counts"]
        return counts

    def neighbours(
        self, query: str | Molecule | fp.Words, k: int = 100, *, alpha: float = 1.0, beta: float = 1.0
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:
        """The ``k`` available members most similar to a molecule, exactly.

        Parameters
        ----------
        query : str, Molecule or (32,) uint64
            A molecule or its :func:`fingerprint <hanten.synthesis.stock.fingerprints.fingerprint>`.
        alpha, beta : float
            Weights of Tversky's similarity: 1, 1 is Tanimoto; 0, 1 is the share of the member's bits that are
            in the query, which finds fragments of it; 1, 0 finds what contains it.

        Returns
        -------
        places, similarities : (k,) arrays
            Best first.

        Raises
        ------
        StructureError
            If the query is no molecule.
        """
        if isinstance(query, (str, Molecule)):
            text = query.smiles if isinstance(query, Molecule) else normalise(query).smiles
            query = fp.fingerprint(Chem.MolFromSmiles(text))
        allowed = self.available if self.excluded else None
        places, values = fp.top_k(
            self.fingerprints, self.bit_counts, query, k, alpha=alpha, beta=beta, allowed=allowed
        )
        kept = values >= 0
        return places[kept], values[kept]

    # ------------------------------------------------------------------ files and tables
    def save(self, path: str | Path, *, n_jobs: int = 1) -> Path:
        """Write the stock and its fingerprints to one file.

        Raises
        ------
        RunError
            If the file cannot be written.
        """
        if self.excluded:
            return self.filter(self.available).save(path, n_jobs=n_jobs)
        texts = self.smiles if isinstance(self.smiles, Texts) else Texts.of(self.smiles)
        if "fingerprints" not in self._shared:
            columns = np.empty((fp.WORDS, self.size), dtype=np.uint64)
            fp.fill(columns, texts, n_jobs)
            self._shared["fingerprints"] = columns
        arrays = {
            "smiles": texts.data, "smiles_ends": texts.ends, "keys": self.keys, "uses": self.uses,
            "prices": self.prices, "lead_times": self.lead_times, "source_of": self.source_of,
            "fingerprints": self._shared["fingerprints"],
        }  # fmt: skip
        about = {key: value for key, value in self.about.items() if key != "digest"}
        write_arrays(path, arrays, {**about, "members": self.size, "sources": list(self.sources)})
        return Path(path)

    def summary(self) -> dict[str, Any]:
        """Numbers about the stock, for people."""
        known = np.asarray(self.prices)[self.available]
        known = known[~np.isnan(known)]
        return {
            "name": self.name,
            "members": len(self),
            "sources": list(self.sources),
            "priced": len(known),
            "median_price_usd_per_g": round(float(np.median(known)), 2) if len(known) else None,
            "with_lead_time": int((~np.isnan(np.asarray(self.lead_times)[self.available])).sum()),
            "used_in_known_reactions": int((np.asarray(self.uses)[self.available] > 0).sum()),
            "rows_not_usable": int(self.about.get("rows_not_usable", 0)),
            "note": str(self.about.get("note", "")),
        }
