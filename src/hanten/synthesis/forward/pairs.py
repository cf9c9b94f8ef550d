"""Training pairs: read, align, encode, and deal out in batches of equal length."""

from __future__ import annotations

import csv
import gzip
import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import NamedTuple, TextIO

import numpy as np
from rdkit import rdBase

from hanten.chem.reaction import tokenize
from hanten.errors import DataError
from hanten.runs import atomic_write
from hanten.synthesis.forward.alignment import follow
from hanten.synthesis.forward.mapping import with_maps
from hanten.synthesis.forward.vocabulary import Vocabulary

DIRECTIONS = ("forward", "backward")
ALIGNMENTS = ("matching", "maps")
FORMAT = 2
#: Columns of a table with atom maps, and of one without.
MAPPED, PLAIN = ("mapped_reactants", "mapped_product"), ("reactants", "product")


@dataclass(frozen=True, slots=True)
class PairSettings:
    """How training pairs are made from mapped reactions.

    Attributes
    ----------
    direction : str
        ``forward``: reactants to product; ``backward``: product to reactants.
    alignment : str
        What tells which product atom comes from which reactant atom: ``matching``, the same guess by which a trained
        model writes a product that it is to score (see ``mapping``), or ``maps``, the atom maps of the table.
    variants : int
        Texts per reaction: the first from canonical sources, each other from sources that begin at random atoms.
    limit : int
        Use this many reactions, drawn evenly from the file; 0 is all.
    reagents : bool
        Of a reaction whose reagents are told, learn two sources: its reactants, and reagents mixed in among them.
    longest : int
        Leave out pairs with more tokens on either side.
    least_uses : int
        Leave out pairs with a token that occurs less often in the training texts.
    held_out : float
        Share of products kept for validation (by digest of the product, so that no product is on both sides).
    seed : int
        Of the random variants.
    """

    direction: str = "forward"
    alignment: str = "matching"
    variants: int = 1
    reagents: bool = False
    limit: int = 0
    longest: int = 160
    least_uses: int = 5
    held_out: float = 0.01
    seed: int = 0

    def __post_init__(self) -> None:
        for what, given, known in (
            ("direction", self.direction, DIRECTIONS),
            ("alignment", self.alignment, ALIGNMENTS),
        ):
            if given not in known:
                raise DataError(f"{what} {given!r} is none of {', '.join(known)}")
        if self.reagents and self.direction != "forward":
            raise DataError("reagents stand among the reactants: they are no part of a backward model")


@dataclass(frozen=True)
class Pairs:
    """Encoded training pairs and the held-out texts.

    Attributes
    ----------
    vocabulary : Vocabulary
        Of both sides.
    sources, targets : list of uint16 arrays
        Token numbers between begin and end.
    held_out : list of (str, str)
        Source and target texts of the validation slice, in random order.
    settings : PairSettings
        How they were made.
    digest : str
        SHA-256 of the file they were made from, and RDKit's version.
    """

    vocabulary: Vocabulary
    sources: list[np.ndarray]
    targets: list[np.ndarray]
    held_out: list[tuple[str, str]]
    settings: PairSettings
    digest: str

    def __len__(self) -> int:
        return len(self.sources)


def load_pairs(
    paths: Sequence[str | Path] | str | Path, cache: str | Path, settings: PairSettings, jobs: int = 1
) -> Pairs:
    """Pairs of tables of reactions; made once, then read from ``cache``.

    Parameters
    ----------
    paths : path, or sequence of paths
        Tab-separated, with the columns ``mapped_reactants`` and ``mapped_product`` (SMILES with atom maps) or, unless
        aligned by maps, ``reactants`` and ``product``; may be gzipped. A reaction that stands there twice is taken
        once, and one with a molecule that gives no atom to the product is left out.
    cache : path
        NumPy archive; made anew when the tables, the settings or RDKit's version changed.
    settings : PairSettings
        What to make.
    jobs : int
        Worker processes.

    Raises
    ------
    DataError
        If a table lacks a column, or no pair is left.
    """
    tables = [Path(paths)] if isinstance(paths, str | Path) else [Path(path) for path in paths]
    digests = [hashlib.sha256(path.read_bytes()).hexdigest() for path in tables]
    digest = "+".join(digests) + f" rdkit {rdBase.rdkitVersion}"
    wanted = {"format": FORMAT, "digest": digest, "settings": asdict(settings)}
    cache = Path(cache)
    if not cache.exists() or _head(cache) != wanted:
        _save(cache, wanted, *_make(_rows(tables, settings), settings, jobs))
    return _load(cache, settings, digest)


class Row(NamedTuple):
    """A reaction as it is read: SMILES, of reactants and product with atom maps where the table has them."""

    reactants: str
    product: str
    reagents: str = ""


def _rows(tables: Sequence[Path], settings: PairSettings) -> list[Row]:
    """The reactions of all tables; one that stands in several is taken from the first."""
    rows: list[Row] = []
    seen: set[tuple[str, ...]] = set()
    for path in tables:
        fresh = []
        for row, names in _read(path, settings):
            if names is None or names not in seen:
                fresh.append(row)
            if names is not None:
                seen.add(names)
        rows += fresh
    if settings.limit and settings.limit < len(rows):
        rows = [rows[k] for k in np.linspace(0, len(rows) - 1, settings.limit).astype(int)]
    return rows


def _read(path: Path, settings: PairSettings) -> Iterator[tuple[Row, tuple[str, ...] | None]]:
    """Each reaction of a table, and its plain SMILES, by which it is known again, if they are there."""
    with _open(path) as handle:
        table = csv.DictReader(handle, delimiter="\t")
        there = set(table.fieldnames or ())
        wanted = MAPPED if settings.alignment == "maps" or there.issuperset(MAPPED) else PLAIN
        if missing := [name for name in wanted if name not in there]:
            hint = (
                f"reactions without maps need {' and '.join(PLAIN)}" if settings.alignment != "maps" else None
            )
            raise DataError(f"no column {' and '.join(missing)}", where=str(path), hint=hint)
        for row in table:
            named = tuple(row[name] for name in PLAIN) if there.issuperset(PLAIN) else None
            yield Row(row[wanted[0]], row[wanted[1]]), named
            if settings.reagents and (more := row.get("reagents")):
                yield Row(row[wanted[0]], row[wanted[1]], more), (*named, more) if named else None


def _open(path: str | Path) -> TextIO:
    if str(path).endswith(".gz"):
        return gzip.open(path, "rt", encoding="utf-8", newline="")
    return Path(path).open(encoding="utf-8", newline="")


def _make(
    rows: Sequence[Row], settings: PairSettings, jobs: int
) -> tuple[Vocabulary, list[tuple[str, str]], list[tuple[str, str]]]:
    from joblib import Parallel, delayed

    size = 2000
    chunks = (delayed(_align)(rows[k : k + size], k, settings) for k in range(0, len(rows), size))
    training: list[tuple[str, str]] = []
    held_out: list[tuple[str, str]] = []
    for train, held in Parallel(n_jobs=jobs)(chunks):
        training += train
        held_out += held
    vocabulary = Vocabulary.of((text for pair in training for text in pair), settings.least_uses)
    training = [p for p in training if _fits(p, vocabulary, settings)]
    if not training:
        raise DataError(
            "no usable reaction", hint="are there atom maps, and tokens that occur more than once?"
        )
    if not held_out:
        raise DataError(f"{len(rows)} reactions are too few to hold some out for validation")
    rng = np.random.default_rng(settings.seed)
    kept = [p for p in held_out if _fits(p, vocabulary, settings)]
    return vocabulary, training, [kept[k] for k in rng.permutation(len(kept))]


def _fits(pair: tuple[str, str], vocabulary: Vocabulary, settings: PairSettings) -> bool:
    return all(len(tokenize(t)) <= settings.longest and not vocabulary.unknown(t) for t in pair)


def _align(
    rows: Sequence[Row], start: int, settings: PairSettings
) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Aligned pairs of some rows: for training, and held out."""
    training, held_out = [], []
    for k, (reactants, made, reagents) in enumerate(rows, start):
        mapped = (reactants, made) if settings.alignment == "maps" else with_maps(reactants, made)
        if mapped is None:
            continue
        source, target = mapped if settings.direction == "forward" else mapped[::-1]
        if reagents:
            source = f"{source}.{reagents}"
        first = follow(source, target)
        if first is None:
            continue
        product = first[1 if settings.direction == "forward" else 0]
        if is_held_out(product, settings.held_out):
            held_out += [] if reagents else [first]
            continue
        training.append(first)
        for variant in range(1, settings.variants):
            rng = np.random.default_rng([settings.seed, k, variant])
            training.append(follow(source, target, rng) or first)
    return training, held_out


def is_held_out(product: str, share: float) -> bool:
    """Whether a product belongs to the validation slice: by the digest of its canonical SMILES."""
    from hanten.chem import canonical_smiles

    digest = hashlib.sha256(canonical_smiles(product).encode()).digest()
    return int.from_bytes(digest[:8]) < share * 2**64


def _save(
    cache: Path,
    head: dict[str, object],
    vocabulary: Vocabulary,
    training: list[tuple[str, str]],
    held_out: list[tuple[str, str]],
) -> None:
    arrays = {"head": _text(head), "tokens": _text(vocabulary.tokens), "held_out": _text(held_out)}
    for name, side in (("source", 0), ("target", 1)):
        rows = [np.array(vocabulary.encode(pair[side]), dtype=np.uint16) for pair in training]
        arrays[name] = np.concatenate(rows)
        arrays[f"{name}_ends"] = np.cumsum([len(row) for row in rows])
    with atomic_write(cache, "wb") as handle:
        np.savez_compressed(handle, **arrays)  # type: ignore[arg-type]


def _text(value: object) -> np.ndarray:
    return np.frombuffer(json.dumps(value).encode(), dtype=np.uint8)


def _head(cache: Path) -> object:
    with np.load(cache) as archive:
        return json.loads(archive["head"].tobytes())


def _load(cache: Path, settings: PairSettings, digest: str) -> Pairs:
    with np.load(cache) as archive:
        vocabulary = Vocabulary(tuple(json.loads(archive["tokens"].tobytes())))
        held_out = [(a, b) for a, b in json.loads(archive["held_out"].tobytes())]
        sides = [np.split(archive[s], archive[f"{s}_ends"][:-1]) for s in ("source", "target")]
    return Pairs(vocabulary, sides[0], sides[1], held_out, settings, digest)


def batches(pairs: Pairs, budget: int, epoch: int, seed: int) -> list[np.ndarray]:
    """The batches of one epoch: row numbers, each of nearly equal lengths, in random order.

    Parameters
    ----------
    pairs : Pairs
        What to deal out.
    budget : int
        Most tokens of a batch, both sides, padding counted.
    epoch, seed : int
        The same two give the same batches.

    Returns
    -------
    list of int arrays
        Every pair once.
    """
    rng = np.random.default_rng([seed, epoch])
    source = np.array([len(s) for s in pairs.sources])
    target = np.array([len(t) for t in pairs.targets])
    # Narrow classes of source length, by target length within; noise deals rows out anew in each epoch.
    classes = np.floor((source + rng.uniform(0, 4, len(source))) / 4)
    order = np.lexsort((target + rng.uniform(0, 2, len(target)), classes))
    cut: list[np.ndarray] = []
    batch: list[int] = []
    widest = np.zeros(2, dtype=int)
    for row in order:
        wider = np.maximum(widest, (source[row], target[row]))
        if batch and wider.sum() * (len(batch) + 1) > budget:
            cut.append(np.array(batch))
            batch, wider = [], np.array([source[row], target[row]])
        batch.append(row)
        widest = wider
    cut.append(np.array(batch))
    return [cut[k] for k in rng.permutation(len(cut))]


def padded(rows: Iterable[Sequence[int] | np.ndarray]) -> np.ndarray:
    """Rows of token numbers as one array (n, longest), filled up with padding (0)."""
    rows = list(rows)
    filled = np.zeros((len(rows), max(len(row) for row in rows)), dtype=np.int64)
    for k, row in enumerate(rows):
        filled[k, : len(row)] = row
    return filled


def read_reactions(path: str | Path, *, reagents: bool = False) -> Iterator[tuple[list[str], str]]:
    """Reactants (and reagents, mixed in) and product of a table with these columns, for evaluation; no atom maps are needed."""
    with _open(path) as handle:
        for row in csv.DictReader(handle, delimiter="\t"):
            more = row["reagents"].split(".") if reagents and row["reagents"] else []
            yield [*row["reactants"].split("."), *more], row["product"]
