"""Computed and measured: a Gaussian process whose mean function is the source, with a learned scale.

References
----------
M. C. Kennedy, A. O'Hagan, "Predicting the output from a complex computer code when fast approximations are available",
Biometrika 87 (2000) 1; https://doi.org/10.1093/biomet/87.1.1, eq. 1.
C. E. Rasmussen, C. K. I. Williams, Gaussian Processes for Machine Learning, MIT Press 2006, section 2.7.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Self

import numpy as np
from scipy import sparse

from hanten.models.base import Array, Regressor
from hanten.models.gaussian_process import Block, GaussianProcess
from hanten.transfer.signal import Source, check_in_columns, read_source


class MultiFidelity(Regressor):
    """``y(x) = a + b · f_s(x) + δ(x) + noise``: scale b and discrepancy δ are learned together.

    "The simulation says, the experiment disagrees": f_s is what is cheap and plentiful, δ(x) a Gaussian process for what
    it leaves out. The scales b have Gaussian priors whose variance maximises the marginal likelihood with all other
    hyperparameters (a linear kernel on the standardised source: section 2.7 of the book), so that a source without
    information drops out, and the doubt about b is part of the standard deviation.

    Parameters
    ----------
    blocks : sequence of (kind, start, stop), optional
        Kernels of δ, on the columns of X that are left when the source is taken out (as in
        :class:`~hanten.models.GaussianProcess`); one Gaussian kernel without it.
    source : columns of X, callable, source model, or a list of these, optional
        See :func:`hanten.transfer.signal.read_source`; the last column of X without it. Several sources have a scale each.
    max_steps : int
        Steps of the optimiser at most.

    Attributes
    ----------
    scale_ : ndarray, (sources,)
        Posterior mean of b, in units of y over units of the source.
    process_ : list of one GaussianProcess

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> x = rng.uniform(0, 6, 15)
    >>> X = np.column_stack([x, np.sin(4 * x)])
    >>> model = MultiFidelity().fit(X, 2 * np.sin(4 * x) + 0.3 * x)
    >>> round(float(model.scale_[0]), 1)
    2.0
    """

    _accepts_sparse: ClassVar[bool] = True
    _fitted_arrays: ClassVar[tuple[str, ...]] = ("scale_",)
    _fitted_parts: ClassVar[tuple[str, ...]] = ("process_",)

    def __init__(
        self, blocks: Sequence[Block] | None = None, source: Source = None, max_steps: int = 40
    ) -> None:
        self.blocks, self.source, self.max_steps = blocks, source, max_steps

    def fit(self, X: Any, y: Any) -> Self:
        """Maximise the marginal likelihood over scales, kernels and noise, and condition on the data.

        Parameters
        ----------
        X : array_like or sparse matrix, (n, d)
        y : array_like, (n,)
        """
        X, y = self._check_xy(X, y)
        f_s, rest = read_source(self.source, X)
        width, k = rest.shape[1], f_s.shape[1]
        blocks: list[Block] = list(self.blocks) if self.blocks is not None else [("rbf", 0, width)]
        linear: list[Block] = [("linear", width + i, width + i + 1) for i in range(k)]
        process = GaussianProcess([*blocks, *linear], max_steps=self.max_steps)
        self.process_ = [process.fit(_joined(rest, f_s), y)]
        self.scale_ = self._scales(process, f_s)
        return self

    def _scales(self, process: GaussianProcess, f_s: Array) -> Array:
        """Posterior mean of b: prior variance times the source's rows times the weights of the data (2.42)."""
        k = f_s.shape[1]
        centre, spread = process.centre_[-k:], process.scale_[-k:]
        standard = (f_s - centre) / spread
        scale: Array = process.weights_[-k:] * (standard.T @ process.alpha_) * process.y_scale_ / spread
        return scale

    def _check_savable(self) -> None:
        check_in_columns(self.source)

    def _mean_std(self, X: Any, *, std: bool) -> tuple[Array, Array | None]:
        f_s, rest = read_source(self.source, X)
        return self.process_[0]._mean_std(_joined(rest, f_s), std=std)  # noqa: SLF001  (our own base class)


def _joined(rest: Any, f_s: Array) -> Any:
    if sparse.issparse(rest):
        return sparse.csr_array(sparse.hstack([rest, sparse.csr_array(f_s)]))
    return np.hstack([rest, f_s])
