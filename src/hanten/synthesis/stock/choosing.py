"""Which stock: the one the package carries, a stock file, or a user's own list (built once, then kept)."""

from __future__ import annotations

import hashlib
import lzma
from functools import lru_cache
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import numpy as np

from hanten.data.fetching import cache_folder, sha256
from hanten.errors import DataError, UnknownNameError, did_you_mean
from hanten.synthesis.stock import fingerprints as fp
from hanten.synthesis.stock.build import Built, build_stock_from_file
from hanten.synthesis.stock.container import FORMAT_VERSION, is_stock_file, read_arrays, write_arrays
from hanten.synthesis.stock.stock import Stock, Texts

DEFAULT = "patent-reactants"
SHIPPED = "patent_reactants.stock"


def open_stock(name: str | Path | None = None, *, check: bool | None = None, n_jobs: int = 1) -> Stock:
    """Open a stock.

    Parameters
    ----------
    name : str or path, optional
        ``"patent-reactants"`` (also when nothing is given), a file that ``hanten stock build`` wrote, or a list of
        molecules (SMILES, CSV, TSV, SDF), which is built once and kept in the user's cache.
    check : bool, optional
        Check the digests of all arrays, of none, or of those up to 128 MiB.

    Raises
    ------
    DataError
        If it cannot be read, is damaged, or holds no usable molecule.
    UnknownNameError
        If it is neither a file nor a stock of the package.
    """
    if name is None or str(name) == DEFAULT:
        return default_stock()
    path = Path(name)
    if not path.is_file():
        raise UnknownNameError(
            f"there is no stock {str(name)!r}",
            hint=did_you_mean(str(name), [DEFAULT]) or f"give {DEFAULT}, a stock file or a list of molecules",
        )
    if is_stock_file(path):
        return _read(path, check=check)
    return opened_list(path, n_jobs=n_jobs)[0]


@lru_cache(maxsize=1)
def default_stock() -> Stock:
    """The reactants of US patents: what chemists have used.

    249 thousand molecules; ``uses`` counts the reactions of the training set. The list was derived for this package from
    the reactions that D. M. Lowe extracted from US patents (CC0).

    Examples
    --------
    >>> stock = default_stock()
    >>> len(stock) > 200_000, stock.find("OC(=O)c1ccc(cc1)C(O)=O").smiles
    (True, 'O=C(O)c1ccc(C(=O)O)cc1')
    """
    with as_file(files("hanten.synthesis.stock").joinpath(SHIPPED)) as path:
        return _read(path)


def opened_list(path: Path, *, n_jobs: int = 1) -> tuple[Stock, Built | None]:
    """A stock from a user's list: the one kept in the cache if the file has not changed, else built anew."""
    identity = f"{FORMAT_VERSION} {path.name} {sha256(path)}"  # the name is what routes call the stock
    kept = cache_folder() / "stock" / f"{hashlib.sha256(identity.encode()).hexdigest()[:24]}.stock"
    if kept.is_file():
        return _read(kept), None
    built = build_stock_from_file(path, n_jobs=n_jobs)
    kept.parent.mkdir(parents=True, exist_ok=True)
    built.stock.save(kept, n_jobs=n_jobs)
    return _read(kept), built


def _read(path: Path, *, check: bool | None = None) -> Stock:
    arrays, about = read_arrays(path, check=check)
    try:
        texts = _texts(arrays)
        columns = [arrays["keys"], arrays["uses"], *_optional(arrays)]
        sources = tuple(about.pop("sources"))
    except (KeyError, ValueError, lzma.LZMAError) as error:
        raise DataError(f"does not fit together: {error}", where=str(path), hint="build it again") from error
    if len({len(texts), *map(len, columns)}) != 1 or int(columns[-1].max(initial=0)) >= len(sources):
        raise DataError("has columns of different lengths", where=str(path), hint="build it again")
    if not len(texts):
        raise DataError("the stock is empty", where=str(path))
    about["digest"] = hashlib.sha256(str(sorted(about.pop("sha256").items())).encode()).hexdigest()
    shared = {"fingerprints": arrays["fingerprints"]} if "fingerprints" in arrays else {}
    keys, uses, prices, days, source_of = columns
    return Stock(texts, keys, uses, prices, days, source_of, sources, about, _shared=shared)


def _optional(arrays: dict[str, Any]) -> list[Any]:
    """Columns that a stock without prices and with one source leaves out."""
    n = len(arrays["keys"])
    unknown = np.full(n, np.nan, np.float32)
    prices, days = (arrays.get(name, unknown) for name in ("prices", "lead_times"))
    return [prices, days, arrays.get("source_of", np.zeros(n, np.int16))]


def _texts(arrays: dict[str, Any]) -> Texts:
    if "smiles" in arrays:
        return Texts(arrays["smiles"], arrays["smiles_ends"])
    data = np.frombuffer(lzma.decompress(arrays["smiles_xz"].tobytes()), dtype=np.uint8)
    newline = data == ord("\n")  # compressed as lines
    ends = np.flatnonzero(newline) - np.arange(int(newline.sum()))
    return Texts(data[~newline], ends.astype(np.int64))


def computed_fingerprints(stock: Stock) -> fp.Words:
    """Fingerprints of a stock whose file has none: computed once, then read from the user's cache."""
    digest = stock.about.get("digest")
    kept = cache_folder() / "stock" / f"{str(digest)[:24]}.fingerprints"
    if digest and kept.is_file():
        words: fp.Words = read_arrays(kept)[0]["fingerprints"]
        return words
    columns = np.empty((fp.WORDS, stock.size), dtype=np.uint64)
    fp.fill(columns, stock.smiles, n_jobs=-1 if stock.size > 20_000 else 1)
    if digest:
        kept.parent.mkdir(parents=True, exist_ok=True)
        write_arrays(kept, {"fingerprints": columns}, {"fingerprints_of": digest})
    return columns
