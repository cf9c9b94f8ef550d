"""What every featurizer of structures shares: reading the input, errors, batches, names, configuration.

A new featurizer writes three things: its parameters (``__init__``), its names (``_names``) and one row
(``_row``). Parsing, bad rows, parallel batches, ``set_output`` and the configuration come from here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
from joblib import Parallel, delayed, effective_n_jobs
from rdkit import rdBase
from sklearn.base import BaseEstimator, TransformerMixin

from hanten.errors import ConfigError, StructureError, did_you_mean
from hanten.features.structure import prepare

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from hanten.features.structure import Structure

CHUNK = 100  # fewer structures than this are not worth a message to another process
LISTED = 20  # offenders spelled out in one error message


def as_list(X: Any) -> list[Any]:
    """The structures of ``X`` in order: any sequence, Series or one-column table.

    Examples
    --------
    >>> as_list(np.array([["*CC*"], ["*CO*"]]))
    ['*CC*', '*CO*']
    """
    if isinstance(X, str):
        raise ConfigError(f"expected many structures, got the one string {X!r}", hint=f"pass a list: [{X!r}]")
    if hasattr(X, "to_numpy"):
        X = X.to_numpy(dtype=object)
    if isinstance(X, np.ndarray):
        if X.ndim == 2 and X.shape[1] == 1:
            X = X[:, 0]
        if X.ndim != 1:
            raise ConfigError(f"expected one column of structures, got an array of shape {X.shape}")
        return list(X.tolist())
    return list(X)


class StructureTransformer(TransformerMixin, BaseEstimator):
    """Base of the featurizers: n polymers or molecules in, an (n, d) float32 array out.

    Parameters
    ----------
    errors : {"raise", "nan"}
        What a structure that cannot be read does: raise an error that lists all of them, or give a row of
        NaN.
    n_jobs : int, optional
        Processes (joblib); a batch is split in chunks of at least 100 structures.

    Notes
    -----
    Nothing is learned: ``fit`` only checks the parameters, so ``transform`` may be called without it.
    """

    kind: ClassVar[str] = "structure"
    definition: ClassVar[int] = 1
    """Raised whenever the same structure and parameters would give other numbers."""

    def __init__(self, *, errors: str = "raise", n_jobs: int | None = None) -> None:
        self.errors = errors
        self.n_jobs = n_jobs

    # What a featurizer writes ------------------------------------------------------------------------------

    def _names(self) -> list[str]:
        raise NotImplementedError

    def _width(self) -> int:
        return len(self._names())

    def _row(self, structure: Structure) -> NDArray[np.floating[Any]]:
        raise NotImplementedError

    def _check(self) -> None:
        """Raise ConfigError for parameters that make no sense."""

    # The scikit-learn contract -----------------------------------------------------------------------------

    def fit(self, X: Any, y: Any = None) -> Self:  # noqa: ARG002 - scikit-learn's signature
        """Check the parameters; nothing is learned.

        Parameters
        ----------
        X : sequence of str, Polymer or Molecule
            Repeat units (two ``*``) or molecules (none).
        y : ignored
        """
        self._validate()
        as_list(X)
        return self

    def transform(self, X: Any) -> Any:
        """Features of repeat units or molecules, in any writing.

        Parameters
        ----------
        X : sequence of str, Polymer or Molecule, shape (n,)

        Returns
        -------
        numpy.ndarray, shape (n, d), float32
            Row i belongs to X[i].

        Raises
        ------
        StructureError
            With ``errors="raise"``: one error that lists every structure that cannot be read.
        """
        return self._transform(as_list(X), canonical=False)

    def transform_canonical(self, X: Any) -> Any:
        """Like :meth:`transform` for strings known to be canonical: nothing is canonicalised again.

        The caller vouches for it, as ``canonical_psmiles`` and ``Polymer`` do: aromatic atoms and bonds are
        taken as they are written, so that another writing would be misread without notice.
        """
        return self._transform(as_list(X), canonical=True)

    def transform_structures(self, structures: Sequence[Structure]) -> Any:
        """Features of structures that are parsed already, so that several featurizers share the parsing."""
        return self._transform(list(structures), canonical=True)

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[np.object_]:  # noqa: ARG002
        """Names of the columns, in order."""
        return np.asarray(self._names(), dtype=object)

    def __sklearn_is_fitted__(self) -> bool:
        return True

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.requires_fit = False
        tags.no_validation = True
        tags.input_tags.string = True
        tags.input_tags.two_d_array = False
        tags.input_tags.one_d_array = True
        return tags

    # The configuration -------------------------------------------------------------------------------------

    def get_config(self) -> dict[str, Any]:
        """All that is needed to build this featurizer again, as plain JSON values.

        Examples
        --------
        >>> from hanten.features import MorganFingerprint
        >>> MorganFingerprint(radius=3).get_config()["parameters"]["radius"]
        3
        """
        parameters = {k: v for k, v in self.get_params(deep=False).items() if k != "n_jobs"}
        return {"featurizer": type(self).__name__, "definition": self.definition, "parameters": parameters}

    def reasons(self, X: Any) -> list[str | None]:
        """Per structure, why it has no features; None where it has."""
        items = as_list(X)
        _, bad = self._chunk(items, canonical=False)
        return [bad.get(i) for i in range(len(items))]

    # Batches -----------------------------------------------------------------------------------------------

    def _validate(self) -> None:
        if self.errors not in {"raise", "nan"}:
            raise ConfigError(f"errors={self.errors!r} is not a choice", hint='"raise" or "nan"')
        self._check()

    def _finish(self, dense: NDArray[np.float32]) -> Any:
        return dense

    def _chunk(self, items: Sequence[Any], *, canonical: bool) -> tuple[NDArray[np.float32], dict[int, str]]:
        """Features row by row, each structure freed before the next is parsed, and why some rows are NaN."""
        out = np.empty((len(items), self._width()), dtype=np.float32)
        bad: dict[int, str] = {}
        with rdBase.BlockLogs():
            for i, item in enumerate(items):
                try:
                    out[i] = self._row(prepare(item, canonical=canonical))
                except StructureError as error:
                    bad[i], out[i] = str(error), np.nan
        return out, bad

    def _transform(self, items: list[Any], *, canonical: bool) -> Any:
        self._validate()
        size = max(CHUNK, -(-len(items) // effective_n_jobs(self.n_jobs)))
        chunks = [items[i : i + size] for i in range(0, len(items), size)] or [[]]
        if len(chunks) == 1:
            done = [self._chunk(chunks[0], canonical=canonical)]
        else:
            done = Parallel(n_jobs=self.n_jobs)(delayed(self._chunk)(c, canonical=canonical) for c in chunks)
        bad = {k * size + i: why for k, (_, part) in enumerate(done) for i, why in part.items()}
        if bad and self.errors == "raise":
            raise _all_of(bad, len(items))
        return self._finish(done[0][0] if len(done) == 1 else np.concatenate([part for part, _ in done]))


def _all_of(bad: dict[int, str], n: int) -> StructureError:
    listed = "; ".join(f"row {i}: {why}" for i, why in list(bad.items())[:LISTED])
    more = f"; and {len(bad) - LISTED} more" if len(bad) > LISTED else ""
    return StructureError(
        f"{len(bad)} of {n} structures cannot be read: {listed}{more}",
        hint='errors="nan" keeps their rows as NaN',
    )


def check_choice(name: str, value: Any, choices: Sequence[str]) -> None:
    """Raise ConfigError unless ``value`` is one of ``choices``."""
    if value not in choices:
        raise ConfigError(f"{name}={value!r} is not a choice", hint=did_you_mean(str(value), choices))


def check_whole(name: str, value: Any, least: int, most: int) -> None:
    """Raise ConfigError unless ``value`` is a whole number in [least, most]."""
    if not isinstance(value, int | np.integer) or isinstance(value, bool) or not least <= value <= most:
        raise ConfigError(f"{name}={value!r} must be a whole number from {least} to {most}")
