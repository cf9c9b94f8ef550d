"""Strings to one feature matrix: several featurizers side by side, each with the kernel that suits it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from importlib import import_module
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse
from sklearn.base import clone

from hanten.errors import BundleError, StructureError
from hanten.models.gaussian_process import Block


@dataclass(frozen=True)
class View:
    """One featurizer and what a model makes of it.

    Parameters
    ----------
    featurizer : featurizer of :mod:`hanten.features`
    kernel : {"minmax", "rbf", "matern52"}
        ``"minmax"`` for counts, the others for descriptors.
    log : bool
        Take ``sign(x) log(1 + |x|)``: the tenth methylene group tells less than the first.
    """

    featurizer: Any
    kernel: str = "minmax"
    log: bool = True

    def config(self) -> dict[str, Any]:
        """Plain JSON values from which :func:`view_from_config` makes the same view."""
        return {**self.featurizer.get_config(), "kernel": self.kernel, "log": self.log}


# Featurizers that rooms below add, and that a bundle may name; imported only then.
HOMES = {"SourceFeatures": "hanten.transfer.source_features"}


def view_from_config(config: dict[str, Any], arrays: Mapping[str, npt.NDArray[Any]] | None = None) -> View:
    """The inverse of :meth:`View.config`.

    Parameters
    ----------
    config : dict
    arrays : mapping, optional
        What a featurizer with ``get_arrays()`` keeps besides its configuration.

    Raises
    ------
    BundleError
        If this version of hanten has no such featurizer, or defines it differently.
    """
    import hanten.features as room

    name = config["featurizer"]
    cls = getattr(import_module(HOMES[name]) if name in HOMES else room, name, None)
    if cls is None:
        raise BundleError(
            f"this version of hanten has no featurizer {name!r}",
            hint="update hanten, or train the model again",
        )
    if config["definition"] != cls.definition:
        text = f"the featurizer {name} is at definition {cls.definition}, and the model was trained with {config['definition']}"
        raise BundleError(text, hint="train the model again")
    make = getattr(cls, "from_config", None)
    featurizer = cls(**config["parameters"]) if make is None else make(config["parameters"], arrays or {})
    return View(featurizer, config["kernel"], bool(config["log"]))


def default_views() -> tuple[View, ...]:
    """Of repeat units: Morgan counts of radius 1 and descriptors of the chain, the quick and strong pair."""
    from hanten.features import ChainDescriptors, MorganFingerprint

    return (View(MorganFingerprint(radius=1)), View(ChainDescriptors(), kernel="rbf"))


def molecule_views() -> tuple[View, ...]:
    """Of molecules, which have no chain: Morgan counts of radius 1 and 2."""
    from hanten.features import MorganFingerprint

    return (View(MorganFingerprint(radius=1)), View(MorganFingerprint(radius=2)))


@dataclass(frozen=True)
class Read:
    """A batch of structures, parsed once; bad ones are ``None`` with a reason."""

    items: list[Any]
    errors: list[str | None]

    @property
    def ok(self) -> npt.NDArray[np.bool_]:
        """Which rows could be read."""
        return np.array([item is not None for item in self.items], dtype=bool)

    @property
    def good(self) -> list[Any]:
        """The structures that could be read, in order."""
        return [item for item in self.items if item is not None]


def read_structures(structures: Sequence[Any], *, canonical: bool = False) -> Read:
    """Parse strings, polymers or molecules; nothing is dropped and nothing is raised.

    Examples
    --------
    >>> read = read_structures(["*CC*", "oops"])
    >>> read.ok.tolist(), read.errors[0] is None, read.errors[1] is None
    ([True, False], True, False)
    """
    from hanten.features.structure import prepare

    items: list[Any] = []
    errors: list[str | None] = []
    for entry in structures:
        try:
            items.append(prepare(entry, canonical=canonical))
            errors.append(None)
        except StructureError as error:
            items.append(None)
            errors.append(str(error))
    return Read(items, errors)


def is_missing(entry: Any) -> bool:
    """Whether a table's cell holds nothing: None or NaN."""
    return entry is None or (isinstance(entry, float) and np.isnan(entry))


def features(views: Sequence[View], items: Sequence[Any]) -> Any:
    """The feature matrix of parsed structures, as a sparse array (n, d) in float64."""
    blocks = []
    for view in views:
        block = view.featurizer.transform_structures(list(items))
        block = sparse.csr_array(block, dtype=np.float64)
        if view.log:
            block.data = np.copysign(np.log1p(np.abs(block.data)), block.data)
        blocks.append(block)
    return sparse.csr_array(sparse.hstack(blocks))


def featurize(views: Sequence[View], read: Read) -> tuple[Any, Read]:
    """Features of the good structures, and the batch again with what a featurizer refuses turned into reasons.

    A structure may be readable and still have no features: a molecule has no chain, an exotic atom no parameters.

    Examples
    --------
    >>> X, read = featurize(default_views(), read_structures(["*CC*", "CCO"]))
    >>> X.shape[0], read.ok.tolist()
    (1, [True, False])
    """
    if not read.good:
        return None, read
    quiet = [replace(view, featurizer=clone(view.featurizer).set_params(errors="nan")) for view in views]
    X = features(quiet, read.good)
    bad = np.zeros(X.shape[0], dtype=bool)
    bad[np.repeat(np.arange(len(bad)), np.diff(X.indptr))[np.isnan(X.data)]] = True
    if not bad.any():
        return X, read
    items, errors = list(read.items), list(read.errors)
    for row in np.flatnonzero(read.ok)[bad]:
        errors[row], items[row] = _refusal(views, items[row]), None
    return (X[~bad] if not bad.all() else None), Read(items, errors)


def _refusal(views: Sequence[View], item: Any) -> str:
    try:
        features(views, [item])
    except StructureError as error:
        return error.message.rsplit("row 0: ", maxsplit=1)[-1]
    return "a descriptor of this structure is not a number"


def kernel_blocks(views: Sequence[View]) -> list[Block]:
    """Kind, first column and end of each view in the matrix of :func:`features`."""
    widths = [len(view.featurizer.get_feature_names_out()) for view in views]
    ends = np.cumsum([0, *widths]).tolist()
    return [(view.kernel, ends[i], ends[i + 1]) for i, view in enumerate(views)]


def elements(items: Sequence[Any]) -> list[frozenset[int]]:
    """Atomic numbers in each structure, attachment points aside."""
    return [frozenset(atom.GetAtomicNum() for atom in item.mol.GetAtoms()) - {0} for item in items]


def domain_counts(items: Sequence[Any]) -> Any:
    """The counts on which similarity is measured: Morgan, radius 2, per repeat unit."""
    from hanten.features import MorganFingerprint

    return sparse.csr_array(MorganFingerprint(radius=2).transform_structures(list(items)), dtype=np.float64)
