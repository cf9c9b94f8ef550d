"""The three worlds of source models: what their materials are described by, computed once and remembered."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.base import clone

from hanten.data.fetching import cache_folder
from hanten.features.base import StructureTransformer
from hanten.runs import atomic_write
from hanten.transfer.inputs import table_digest
from hanten.transfer.keys import check_kind

LOG = logging.getLogger(__name__)
Array = npt.NDArray[np.float32]
FOLDED = 512
CHUNK = 1000
SIZES = tuple(
    """
    MolWt HeavyAtomCount NumValenceElectrons NumHeteroatoms NOCount NHOHCount RingCount NumAromaticRings
    NumRotatableBonds FractionCSP3 MolMR MolLogP TPSA HallKierAlpha Chi0n Chi0v Chi1n Chi1v Chi2v Chi3v
    """.split()  # noqa: SIM905
)
LOGARITHMIC = {"polymer": True, "molecule": True, "composition": False}
"""Whether the features of a world are taken as logarithms: counts are."""
SCALED_BY_TASK = frozenset({"composition"})
"""Worlds whose tasks scale the features once more, over their own materials: steels are nearly one point among crystals."""


def featurizer_of(kind: str) -> StructureTransformer:
    """The featurizer of a world.

    Polymers: Morgan counts of radius 1 and 2, regional and force-field descriptors. Molecules: the same counts,
    force-field descriptors, MACCS counts and descriptors of size and polarity, which also exist for repeat units. Compositions: statistics of element
    properties.

    Examples
    --------
    >>> len(featurizer_of("molecule").get_feature_names_out())
    1402
    """
    from hanten import features as room

    if check_kind(kind) == "composition":
        return room.CompositionDescriptors()
    members: list[StructureTransformer] = [
        room.MorganFingerprint(radius=1, size=FOLDED),
        room.MorganFingerprint(radius=2, size=FOLDED),
        room.ForceFieldDescriptors(),
    ]
    if kind == "polymer":
        return room.make_union(*members, room.RegionalDescriptors())
    return room.make_union(*members, room.MACCSKeys(), room.RDKitDescriptors(SIZES))


def block_names(featurizer: StructureTransformer) -> list[str]:
    """The block that each column belongs to: the member of a union, or the statistic of a composition."""
    names = [str(name) for name in featurizer.get_feature_names_out()]
    return [name.partition("__" if "__" in name else "_")[0] for name in names]


def raw_features(
    kind: str, keys: Sequence[str], featurizer: StructureTransformer, say: Any = LOG.info
) -> Array:
    """Features of canonical keys; those computed before come from a file in the cache folder.

    Parameters
    ----------
    kind : str
    keys : sequence of str, (n,)
        Canonical.
    featurizer : featurizer
        As :func:`featurizer_of` gives it.
    say : callable
        Told about progress.

    Returns
    -------
    ndarray of float32, (n, columns of the featurizer)
        A row of NaN for a material without features.
    """
    path = _cache_file(kind, featurizer)
    known, matrix = _read_cache(path, len(featurizer.get_feature_names_out()))
    place = {key: i for i, key in enumerate(known)}
    new = [key for key in dict.fromkeys(keys) if key not in place]
    if new:
        parts = [matrix]
        quiet = clone(featurizer).set_params(errors="nan")
        for start in range(0, len(new), CHUNK):
            part = new[start : start + CHUNK]
            parts.append(quiet.transform(part) if kind == "composition" else quiet.transform_canonical(part))
            say(f"features of {start + len(part)} of {len(new)} new materials ({kind})")
        matrix = np.concatenate(parts).astype(np.float32)
        place |= {key: len(known) + i for i, key in enumerate(new)}
        _write_cache(path, [*known, *new], matrix)
    return matrix[[place[key] for key in keys]]


def _cache_file(kind: str, featurizer: StructureTransformer) -> Path:
    text = json.dumps([featurizer.get_config(), table_digest(featurizer)], sort_keys=True)
    digest = hashlib.sha256(text.encode()).hexdigest()[:16]
    return cache_folder() / "features" / f"{kind}-{digest}.npz"


def _read_cache(path: Path, width: int) -> tuple[list[str], Array]:
    if not path.is_file():
        return [], np.zeros((0, width), dtype=np.float32)
    try:
        with np.load(path, allow_pickle=False) as archive:
            keys, matrix = archive["keys"].tobytes().decode().split("\n"), archive["matrix"]
    except (OSError, ValueError, KeyError) as error:
        LOG.warning("%s is damaged and made again: %s", path, error)
        return [], np.zeros((0, width), dtype=np.float32)
    return keys, matrix


def _write_cache(path: Path, keys: list[str], matrix: Array) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with atomic_write(path, "wb") as handle:
        np.savez_compressed(handle, keys=np.frombuffer("\n".join(keys).encode(), np.uint8), matrix=matrix)
