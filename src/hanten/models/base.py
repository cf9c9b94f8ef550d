"""What all regressors share: ``predict(X, return_std=True)``, and a state of plain arrays.

A fitted regressor is saved as JSON-able parameters and named numpy arrays, never as a pickle. The same few lines
serve every class, because each one says which of its fitted attributes are arrays and which are regressors.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
from scipy import sparse
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from hanten.errors import BundleError

Array = npt.NDArray[np.float64]
Arrays = dict[str, npt.NDArray[Any]]
REGRESSORS: dict[str, type[Regressor]] = {}
# Modules whose regressors a bundle may name; a room below names its own here, for it is imported only then.
HOMES = (
    *(f"hanten.models.{name}" for name in ("combine", "forest", "gaussian_process", "linear")),
    *(
        f"hanten.transfer.{name}"
        for name in ("affine", "fine_tuning", "frozen", "heads", "multi_fidelity", "shotgun", "tau_rho")
    ),
)


class Regressor(RegressorMixin, BaseEstimator):
    """A scikit-learn regressor that also returns a standard deviation and can be written as arrays.

    A subclass gives ``fit`` and ``_mean_std``, and names its fitted attributes:

    - ``_fitted_arrays``: numpy arrays, scipy sparse matrices or numbers;
    - ``_fitted_parts``: lists of regressors.
    """

    _fitted_arrays: ClassVar[tuple[str, ...]] = ()
    _fitted_parts: ClassVar[tuple[str, ...]] = ()
    _accepts_sparse: ClassVar[bool] = False

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        REGRESSORS[cls.__name__] = cls

    def predict(self, X: Any, return_std: bool = False) -> Any:
        """Predictive mean, and with ``return_std`` the predictive standard deviation of a new measurement.

        Parameters
        ----------
        X : array_like or sparse matrix, (n, d)
        return_std : bool

        Returns
        -------
        mean : ndarray, (n,)
        std : ndarray, (n,)
            Only with ``return_std``. It includes the noise of the measurements.
        """
        check_is_fitted(self)
        X = validate_data(
            self,
            X,
            reset=False,
            accept_sparse="csr" if self._accepts_sparse else False,
            dtype=[np.float64, np.float32],
        )
        mean, std = self._mean_std(X, std=return_std)
        return (mean, std) if return_std else mean

    def _mean_std(self, X: Any, *, std: bool) -> tuple[Array, Array | None]:
        raise NotImplementedError

    def _restore(self) -> None:
        """Set what is neither parameter nor saved array, after loading."""

    def _check_savable(self) -> None:
        """Raise BundleError when parameters and arrays are not all of it."""

    def _check_xy(self, X: Any, y: Any) -> tuple[Any, Array]:
        accept = "csr" if self._accepts_sparse else False
        X, y = validate_data(
            self,
            X,
            y,
            accept_sparse=accept,
            dtype=[np.float64, np.float32],
            y_numeric=True,
            ensure_min_samples=2,
        )
        return X, np.asarray(y, dtype=np.float64)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = self._accepts_sparse
        return tags


def suited(model: Regressor, X: Any) -> Any:
    """``X`` in the form ``model`` takes: dense where it does not take sparse matrices."""
    return X.toarray() if sparse.issparse(X) and not model._accepts_sparse else X  # noqa: SLF001  (our own base)


def get_state(model: Regressor, prefix: str = "") -> tuple[dict[str, Any], Arrays]:
    """The fitted ``model`` as a JSON-able description and arrays whose names start with ``prefix``.

    Examples
    --------
    >>> from hanten.models import BayesianLinear
    >>> description, arrays = get_state(BayesianLinear().fit([[0.0], [1.0], [2.0]], [0.0, 1.0, 2.1]))
    >>> description["class"], sorted(arrays)[:2]
    ('BayesianLinear', ['axes_', 'centre_'])
    """
    check_is_fitted(model)
    model._check_savable()  # noqa: SLF001  (our own base class)
    arrays: Arrays = {}
    description: dict[str, Any] = {"class": type(model).__name__, "n_features": int(model.n_features_in_)}
    description["parameters"] = {k: v for k, v in model.get_params(deep=False).items() if _is_plain(v)}
    description["sparse"] = []
    for name in model._fitted_arrays:  # noqa: SLF001  (our own base class)
        value = getattr(model, name)
        if sparse.issparse(value):
            description["sparse"].append(name)
            arrays |= {f"{prefix}{name}.{key}": part for key, part in pack_sparse(value).items()}
        else:
            arrays[prefix + name] = np.asarray(value, order="C")
    description["parts"] = {}
    for name in model._fitted_parts:  # noqa: SLF001
        states = [get_state(part, f"{prefix}{name}{i}.") for i, part in enumerate(getattr(model, name))]
        description["parts"][name] = [state for state, _ in states]
        for _, more in states:
            arrays |= more
    return description, arrays


def from_state(description: dict[str, Any], arrays: Arrays, prefix: str = "") -> Regressor:
    """The regressor that :func:`get_state` described; the inverse of it.

    Raises
    ------
    BundleError
        If the class is not known or an array is missing.
    """
    try:
        for module in HOMES if description["class"] not in REGRESSORS else ():
            import_module(module)  # every class enters itself when imported
        cls = REGRESSORS[description["class"]]
        model = cls(**{k: v for k, v in description["parameters"].items() if k in cls._get_param_names()})
        model.n_features_in_ = int(description["n_features"])
        for name in cls._fitted_arrays:
            setattr(model, name, _array(arrays, prefix + name, is_sparse=name in description["sparse"]))
        for name in cls._fitted_parts:
            parts = enumerate(description["parts"][name])
            setattr(model, name, [from_state(part, arrays, f"{prefix}{name}{i}.") for i, part in parts])
        model._restore()
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise BundleError(
            f"the description of the model is not usable: {error!r}",
            hint="train the model again, or update hanten",
        ) from error
    return model


def pack_sparse(matrix: Any) -> Arrays:
    """A sparse matrix as four small arrays; numbers that are whole and small are kept in one byte.

    Examples
    --------
    >>> packed = pack_sparse(np.array([[0.0, 2.0], [0.0, 0.0]]))
    >>> packed["data"].dtype.name, unpack_sparse(packed).toarray().tolist()
    ('uint8', [[0.0, 2.0], [0.0, 0.0]])
    """
    csr = sparse.csr_array(matrix)
    whole = csr.nnz > 0 and bool(
        np.all((csr.data == np.floor(csr.data)) & (csr.data >= 0) & (csr.data < 256))
    )
    return {
        "data": csr.data.astype(np.uint8 if whole else np.float32),
        "indices": csr.indices.astype(np.uint16 if csr.shape[1] <= 65536 else np.int32),
        "indptr": csr.indptr.astype(np.int32),
        "shape": np.array(csr.shape, dtype=np.int64),
    }


def unpack_sparse(packed: Arrays) -> Any:
    """The inverse of :func:`pack_sparse`, in float64."""
    shape = tuple(int(size) for size in packed["shape"])
    indices, indptr = packed["indices"].astype(np.int32), packed["indptr"].astype(np.int32)
    if (
        len(indptr) != shape[0] + 1
        or len(indices) != len(packed["data"])
        or (len(indices) and indices.max() >= shape[1])
    ):
        raise ValueError("a sparse array does not fit its shape")
    return sparse.csr_array((packed["data"].astype(np.float64), indices, indptr), shape=shape)


def _array(arrays: Arrays, name: str, *, is_sparse: bool) -> Any:
    if is_sparse:
        return unpack_sparse({key: arrays[f"{name}.{key}"] for key in ("data", "indices", "indptr", "shape")})
    value = arrays[name]
    return value.item() if value.ndim == 0 else value


def _is_plain(value: Any) -> bool:
    if isinstance(value, (list, tuple)):
        return all(_is_plain(v) for v in value)
    return value is None or isinstance(value, (str, bool, int, float))
