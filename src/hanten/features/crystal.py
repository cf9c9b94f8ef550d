"""Descriptors of crystal structures, computed by matminer: an optional extra.

Install it with ``pip install "hanten[crystals]"``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin

from hanten.errors import ConfigError, DataError, MissingExtraError
from hanten.features.base import check_choice

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

KINDS = ("radial_distribution", "orbital_field_matrix")


class CrystalDescriptors(TransformerMixin, BaseEstimator):
    """Radial distribution and orbital field matrix of crystal structures.

    Parameters
    ----------
    kinds : sequence of str
        Of ``radial_distribution`` (pairs of atoms by distance, relative to an even density) and
        ``orbital_field_matrix`` (32 x 32, valence orbitals of atoms by those of their neighbours).
    cutoff : float
        Longest distance of the radial distribution, angstrom.
    bin_width : float
        Of the radial distribution, angstrom.
    errors : {"raise", "nan"}
        What a structure that cannot be read or described does.

    Raises
    ------
    MissingExtraError
        If pymatgen or matminer is not installed.

    References
    ----------
    .. [1] Lam Pham et al., Sci. Technol. Adv. Mater. 18, 756 (2017), doi:10.1080/14686996.2017.1378060
    .. [2] Ward et al., Comput. Mater. Sci. 152, 60 (2018), doi:10.1016/j.commatsci.2018.05.018 (matminer)

    Examples
    --------
    >>> len(CrystalDescriptors(["radial_distribution"]).get_feature_names_out())
    200
    """

    def __init__(
        self,
        kinds: Sequence[str] = KINDS,
        *,
        cutoff: float = 20.0,
        bin_width: float = 0.1,
        errors: str = "raise",
    ) -> None:
        self.kinds = kinds
        self.cutoff = cutoff
        self.bin_width = bin_width
        self.errors = errors

    def fit(self, X: Any, y: Any = None) -> Self:  # noqa: ARG002 - scikit-learn's signature
        """Check the parameters; nothing is learned."""
        self._check()
        return self

    def transform(self, X: Sequence[Any]) -> NDArray[np.float64]:
        """Descriptors of structures.

        Parameters
        ----------
        X : sequence of pymatgen Structure or str
            Structures, or CIF texts.

        Returns
        -------
        numpy.ndarray, shape (n, d)

        Raises
        ------
        DataError
            With ``errors="raise"``: naming the first structure that cannot be described, and why.
        """
        self._check()
        featurizers = _matminer(self.kinds, self.cutoff, self.bin_width)
        out = np.full((len(X), len(self.get_feature_names_out())), np.nan)
        for i, item in enumerate(X):
            try:
                out[i] = np.concatenate([_flat(f.featurize(_structure(item))) for f in featurizers])
            except Exception as error:  # whatever pymatgen and matminer raise becomes the row's reason
                if self.errors == "raise":
                    raise DataError(
                        f"structure {i} cannot be described: {error}",
                        hint='errors="nan" keeps its row as NaN',
                    ) from error
        return out

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[np.object_]:  # noqa: ARG002
        """``rdf_<distance>`` (lower edge, angstrom) and ``ofm_<row>_<column>``."""
        self._check()
        bins = round(self.cutoff / self.bin_width)
        names = {
            "radial_distribution": [f"rdf_{k * self.bin_width:.2f}" for k in range(bins)],
            "orbital_field_matrix": [f"ofm_{i}_{j}" for i in range(32) for j in range(32)],
        }
        return np.asarray([name for kind in self.kinds for name in names[kind]], dtype=object)

    def __sklearn_is_fitted__(self) -> bool:
        return True

    def _check(self) -> None:
        check_choice("errors", self.errors, ("raise", "nan"))
        for kind in self.kinds:
            check_choice("kinds", kind, KINDS)
        if not 0 < self.bin_width < self.cutoff:
            raise ConfigError(f"bin_width={self.bin_width!r} must lie between 0 and cutoff={self.cutoff!r}")


def _matminer(kinds: Sequence[str], cutoff: float, bin_width: float) -> list[Any]:
    try:
        from matminer.featurizers import structure
    except ImportError as error:
        raise MissingExtraError(
            "descriptors of crystal structures need pymatgen and matminer",
            hint='pip install "hanten[crystals]"',
        ) from error
    make = {
        "radial_distribution": lambda: structure.RadialDistributionFunction(
            cutoff=cutoff, bin_size=bin_width
        ),
        "orbital_field_matrix": lambda: structure.OrbitalFieldMatrix(flatten=True),
    }
    return [make[kind]() for kind in kinds]


def _structure(item: Any) -> Any:
    from pymatgen.core import Structure

    return Structure.from_str(item, fmt="cif") if isinstance(item, str) else item


def _flat(values: Any) -> NDArray[np.float64]:
    found: NDArray[np.float64] = np.concatenate([np.asarray(v, dtype=float).ravel() for v in values])
    return found
