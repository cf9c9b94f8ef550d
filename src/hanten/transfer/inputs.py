"""What a source model reads: featurizers of its world, one fixed scaling, one digest that names both.

All source models of a world (polymers, molecules, compositions) of a library read the same array, so that a
hundred sources cost one featurization.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.base import clone

from hanten.chem import Composition
from hanten.errors import BundleError, ConfigError, HantenError, StructureError
from hanten.features.base import as_list
from hanten.features.config import featurizer_from_config
from hanten.features.structure import prepare

Array = npt.NDArray[np.float32]
LIMIT = 6.0  # standard deviations; beyond, a feature tells of a material unlike all the sources saw
SMALLEST_SCALE = 0.1  # of the logarithm of a count: a rare group does not become a huge number
PROBES = {
    "polymer": ["*CC(*)c1ccccc1", "*CCO*", "*Nc1ccc(cc1)NC(=O)c1ccc(cc1)C(=O)*", "*C(F)(F)C(*)(F)F"],
    "molecule": ["CCO", "Oc1ccccc1", "CC(=O)N(C)C", "FC(Cl)Br"],
    "composition": ["Al2O3", "GaAs", "SrTiO3", "Fe70Cr20Ni10"],
}


@dataclass(frozen=True, eq=False)
class Inputs:
    """From structures to the numbers that all source models of one world read.

    Parameters
    ----------
    kind : {"polymer", "molecule", "composition"}
    featurizer : featurizer of :mod:`hanten.features`
    log : bool
        Take ``sign(x) log(1 + |x|)`` of the features first: right for counts.
    columns : ndarray of int, (d,)
        Which columns of the featurizer vary and are used.
    mean, scale : ndarray of float32, (d,)
        Subtracted and divided by; the result is cut off at ± :data:`LIMIT`.
    """

    kind: str
    featurizer: Any
    log: bool
    columns: npt.NDArray[np.int64]
    mean: Array
    scale: Array

    @classmethod
    def learn(cls, kind: str, featurizer: Any, raw: npt.NDArray[Any], *, log: bool) -> Inputs:
        """The scaling of the features ``raw`` (n, columns of the featurizer) of many materials; no values enter."""
        numbers = _compress(np.asarray(raw, dtype=np.float32), log=log)
        mean, spread = numbers.mean(axis=0, dtype=float), numbers.std(axis=0, dtype=float)
        columns = np.flatnonzero(spread > 1e-6)
        if not len(columns):
            raise ConfigError(f"no feature differs between the {len(numbers)} materials")
        floor = SMALLEST_SCALE if log else 0.0
        scale = np.hypot(spread[columns], floor)
        return cls(kind, featurizer, log, columns, mean[columns].astype(np.float32), scale.astype(np.float32))

    @property
    def width(self) -> int:
        """Columns of the array that the source models read."""
        return len(self.columns)

    @cached_property
    def digest(self) -> str:
        """Names featurizer, parameters, definition and scaling: equal digests give equal numbers."""
        text = json.dumps(self.config(), sort_keys=True).encode()
        parts = [text, self.columns.astype("<i8").tobytes(), self.mean.tobytes(), self.scale.tobytes()]
        return hashlib.sha256(b"".join(parts)).hexdigest()

    def config(self) -> dict[str, Any]:
        """Plain JSON values for :meth:`restore`."""
        return {
            "kind": self.kind,
            "log": self.log,
            "featurizer": self.featurizer.get_config(),
            "table": table_digest(self.featurizer),
        }

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """Tensors for :meth:`restore`."""
        return {
            "columns": self.columns.astype(np.int64),
            "mean": self.mean,
            "scale": self.scale,
            "probes": self.transform(PROBES[self.kind]),
        }

    @classmethod
    def restore(cls, config: dict[str, Any], arrays: dict[str, npt.NDArray[Any]], where: str = "") -> Inputs:
        """The inverse of :meth:`config` and :meth:`arrays`, tested on known structures.

        Raises
        ------
        BundleError
            If this version featurizes otherwise than the one that trained the models.
        """
        hint = "fetch or train the library again with this version of hanten"
        try:
            featurizer = featurizer_from_config(config["featurizer"])
        except HantenError as error:
            text = f"the sources were trained on other features: {error.message}"
            raise BundleError(text, where=where or None, hint=hint) from error
        if table_digest(featurizer) != config.get("table"):
            raise BundleError(
                "the sources were trained with another element table", where=where or None, hint=hint
            )
        inputs = cls(
            config["kind"],
            featurizer,
            bool(config["log"]),
            arrays["columns"],
            arrays["mean"],
            arrays["scale"],
        )
        now = inputs.transform(PROBES[inputs.kind])
        if now.shape != arrays["probes"].shape or np.abs(now - arrays["probes"]).max() > 1e-2:
            text = "the features of known structures are not those the sources were trained on"
            raise BundleError(text, where=where or None, hint=f"another RDKit? {hint}")
        return inputs

    def transform(self, structures: Any, *, errors: str = "raise") -> Array:
        """Features of structures.

        Parameters
        ----------
        structures : sequence of str, Polymer, Molecule or Composition, (n,)
            Sources of molecules also read repeat units; sources of compositions read the elements of either.
        errors : {"raise", "nan"}
            What a structure that cannot be read does: raise one error that lists all, or give a row of NaN.

        Returns
        -------
        ndarray of float32, (n, d)

        Raises
        ------
        StructureError
        """
        items = as_list(structures)
        if self.kind == "composition":
            items = [as_formula(item) for item in items]
        return self.scaled(clone(self.featurizer).set_params(errors=errors).transform(items))

    def scaled(self, raw: npt.NDArray[Any]) -> Array:
        """The array the models read, from the featurizer's own (n, all columns)."""
        chosen = _compress(np.asarray(raw, dtype=np.float32)[:, self.columns], log=self.log)
        done: Array = np.clip((chosen - self.mean) / self.scale, -LIMIT, LIMIT)
        return np.ascontiguousarray(done, dtype=np.float32)

    def why_not(self, structures: Sequence[Any]) -> list[str | None]:
        """Per structure, why it has no features; ``None`` where it has."""
        return [_reason(self, item) for item in structures]


def as_formula(item: Any) -> Any:
    """A repeat unit or molecule as the formula of its atoms; a formula as it is.

    Examples
    --------
    >>> as_formula("*CC(*)c1ccccc1"), as_formula("Al2O3")
    ('C8H8', 'Al2O3')
    """
    is_structure = (
        hasattr(item, "psmiles") or hasattr(item, "smiles") or (isinstance(item, str) and "*" in item)
    )
    if not is_structure:
        return item.formula if isinstance(item, Composition) else item
    atoms: Counter[str] = Counter()
    for atom in prepare(item).mol.GetAtoms():
        if atom.GetAtomicNum():
            atoms[atom.GetSymbol()] += 1
            atoms["H"] += atom.GetTotalNumHs()
    return "".join(
        f"{symbol}{count if count > 1 else ''}" for symbol, count in sorted(atoms.items()) if count
    )


def _reason(inputs: Inputs, item: Any) -> str | None:
    try:
        inputs.transform([item])
    except StructureError as error:
        return error.message.rsplit("row 0: ", maxsplit=1)[-1]
    return None


def _compress(numbers: Array, *, log: bool) -> Array:
    return np.sign(numbers) * np.log1p(np.abs(numbers)) if log else numbers


def table_digest(featurizer: Any) -> str | None:
    """Names the values of the element table behind composition descriptors."""
    find = getattr(featurizer, "_table", None)
    if find is None:
        return None
    table = find()
    named = json.dumps([table.name, list(table.symbols), list(table.features)]).encode()
    return hashlib.sha256(named + np.ascontiguousarray(table.values).tobytes()).hexdigest()
