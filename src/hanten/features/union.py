"""Several featurizers side by side, each structure parsed once for all of them."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from sklearn.utils.metaestimators import _BaseComposition

from hanten.errors import ConfigError
from hanten.features.base import StructureTransformer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from hanten.features.structure import Structure


class StructureUnion(StructureTransformer, _BaseComposition):
    """Featurizers joined column by column; best made with :func:`make_union`.

    Parameters
    ----------
    members : list of (str, featurizer)
        The names become prefixes of the columns: ``<name>__<feature>``.
    errors, n_jobs
        See :class:`~hanten.features.base.StructureTransformer`; they hold for all members, whose own are not
        used.

    Notes
    -----
    The members also work in scikit-learn's ``FeatureUnion``, which parses every structure once per member.
    """

    def __init__(
        self, members: Sequence[tuple[str, Any]] = (), *, errors: str = "raise", n_jobs: int | None = None
    ) -> None:
        self.members = members
        super().__init__(errors=errors, n_jobs=n_jobs)

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Parameters, with those of the members as ``<name>__<parameter>``."""
        parameters: dict[str, Any] = self._get_params("members", deep=deep)
        return parameters

    def set_params(self, **parameters: Any) -> Self:
        """Set parameters, also ``<name>`` (a whole member) and ``<name>__<parameter>``."""
        self._set_params("members", **parameters)
        return self

    def get_config(self) -> dict[str, Any]:
        """As for every featurizer, with a configuration per member."""
        config = super().get_config()
        config["parameters"]["members"] = [[name, member.get_config()] for name, member in self.members]
        return config

    def _check(self) -> None:
        names = [name for name, _ in self.members]
        if not names:
            raise ConfigError(
                "a union needs at least one member", hint="make_union(MorganFingerprint(), ...)"
            )
        self._validate_names(names)
        for name, member in self.members:
            if not isinstance(member, StructureTransformer) or member.kind != self.kind:
                raise ConfigError(f"member {name!r} is not a featurizer of structures, but {member!r}")
            member._validate()  # noqa: SLF001 - a union is one of them

    def _names(self) -> list[str]:
        return [f"{name}__{feature}" for name, member in self.members for feature in member._names()]  # noqa: SLF001

    def _width(self) -> int:
        return sum(member._width() for _, member in self.members)  # noqa: SLF001

    def _row(self, structure: Structure) -> NDArray[Any]:
        return np.concatenate([member._row(structure) for _, member in self.members])  # noqa: SLF001


def make_union(
    *members: StructureTransformer, errors: str = "raise", n_jobs: int | None = None
) -> StructureUnion:
    """Join featurizers; a member is named after its class, with a number where the class occurs again.

    Examples
    --------
    >>> from hanten.features import MACCSKeys, MorganFingerprint
    >>> union = make_union(MorganFingerprint(size=64), MACCSKeys())
    >>> union.fit_transform(["*CC*"]).shape, union.get_feature_names_out()[0]
    ((1, 230), 'morganfingerprint__morgan_r2_count_0')
    """
    kinds = [type(member).__name__.lower() for member in members]
    repeated = {kind for kind, n in Counter(kinds).items() if n > 1}
    names = [f"{k}-{kinds[: i + 1].count(k)}" if k in repeated else k for i, k in enumerate(kinds)]
    return StructureUnion(list(zip(names, members, strict=True)), errors=errors, n_jobs=n_jobs)
