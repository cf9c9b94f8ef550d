"""The generator as a scikit-learn estimator: fit, expand, place, restart, choose."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from joblib import Parallel, delayed
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from hanten.elements.periodic_table.assignment import Placement, place
from hanten.elements.periodic_table.em import fit_em
from hanten.elements.periodic_table.expansion import expand, interpolate
from hanten.elements.periodic_table.layouts import LAYOUTS, Layout, make_layout
from hanten.elements.periodic_table.mcmc import potential_scale_reduction, sample_chain
from hanten.elements.periodic_table.measures import (
    continuity,
    log_evidence,
    prediction,
    stress,
    trustworthiness,
)
from hanten.elements.periodic_table.model import Map, Prior, log_likelihood, responsibilities
from hanten.elements.periodic_table.start import initial_centres, plane, standardise
from hanten.errors import ConfigError, did_you_mean

if TYPE_CHECKING:
    from numpy.typing import NDArray

PUBLISHED_RATE, PUBLISHED_SHAPE = 500.0, (54, 39)
METHODS = {"fast": "trustworthiness", "mcmc": "log_evidence"}  # and what the best table of each has most of
SELECTIONS = ("prediction", "log_evidence", "trustworthiness", "continuity", "log_likelihood", "bound")
COUNTS = {"restarts": 1, "neighbours": 1, "chains": 1, "iterations": 2, "rounds": 1}  # the least of each
LEAST_ITEMS = 4
DRAWS = 50  # of each chain that become tables


@dataclass(frozen=True, eq=False)
class Restart:
    """One complete run: the coarse map, the placement on the fine nodes, what it is worth."""

    map: Map
    placement: Placement
    scores: dict[str, float]

    def with_scores(self, more: dict[str, float]) -> Restart:
        """The same with more scores."""
        return Restart(self.map, self.placement, self.scores | more)


def noise_rate(items: int, features: int) -> float:
    """Rate of the prior of the precision: as published for 54 items and 39 features, in proportion to the values.

    With fewer features it falls faster, for then it would drown the data: few features prove little structure.

    Examples
    --------
    >>> noise_rate(54, 39), round(noise_rate(10, 2), 3)
    (500.0, 0.244)
    """
    n, d = PUBLISHED_SHAPE
    return PUBLISHED_RATE * items / n * features / d * min(1.0, features / d)


class PeriodicTable(TransformerMixin, BaseEstimator):
    """A periodic table of any items: one item per node, like beside like.

    The three steps of the periodic-table generator: generative topographic mapping with local length scales
    and gains on a coarse set of nodes, expansion to a fine set by Gaussian-process interpolation, one-to-one
    assignment of items to nodes. They are repeated from other starts, and the best table is kept.

    Parameters
    ----------
    layout : {"square", "rectangular", "cubic", "line", "cylinder", "cone", "spiral"}
    shape : sequence of int, optional
        Size of the layout; see :func:`make_layout`.
    method : {"fast", "mcmc"}
        Variational EM, or the published sampler, whose chains start from the best fast maps.
    restarts : int
        Starts of the fast route.
    select : {"prediction", "log_evidence", "trustworthiness", "continuity", "log_likelihood", "bound"}, optional
        What the best table has most of; see :mod:`hanten.elements.periodic_table.measures`. By default
        trustworthiness on the fast route and log evidence with the sampler. The bound is that of
        the fast route, and of it only.
    neighbours : int
        k of trustworthiness and continuity; made smaller where there are few items.
    smoothness : float
        lambda of the fields of gains and length scales.
    chains : int
        Of the sampler, each from another fast map.
    iterations, burn_in : int
        Of each chain.
    rounds : int
        Of assignment and tuning.
    random_state : int
        Seed.
    n_jobs : int, optional
        Processes for restarts and chains; the result does not depend on it.

    Attributes
    ----------
    layout_ : Layout
    node_ : numpy.ndarray of int, shape (items,)
        Node of each item, all distinct.
    embedding_ : numpy.ndarray, shape (items, dimensions)
        Coordinates of these nodes.
    scores_ : dict of str to float
        ``flat`` is 1 where the model saw no order, so that the items were laid along their principal components.
    restarts_ : list of dict
        The scores of each table made: one of each restart, or those of all chains.
    map_, placed_map_ : Map
        The fitted coarse map; the fine map tuned to the placement.

    References
    ----------
    .. [1] Kusaba et al., Sci. Rep. 11, 4780 (2021), doi:10.1038/s41598-021-81850-z

    Examples
    --------
    >>> X = np.random.default_rng(0).normal(size=(12, 3))
    >>> table = PeriodicTable("square", restarts=2).fit(X)
    >>> table.layout_.shape, len(set(table.node_))
    ((5,), 12)
    >>> table.transform(X).shape
    (12, 2)
    """

    def __init__(
        self,
        layout: str = "square",
        *,
        shape: Sequence[int] | None = None,
        method: str = "fast",
        restarts: int = 20,
        select: str | None = None,
        neighbours: int = 4,
        smoothness: float = 3.0,
        chains: int = 12,
        iterations: int = 1_500,
        burn_in: int = 500,
        rounds: int = 10,
        random_state: int = 0,
        n_jobs: int | None = None,
    ) -> None:
        self.layout = layout
        self.shape = shape
        self.method = method
        self.restarts = restarts
        self.select = select
        self.neighbours = neighbours
        self.smoothness = smoothness
        self.chains = chains
        self.iterations = iterations
        self.burn_in = burn_in
        self.rounds = rounds
        self.random_state = random_state
        self.n_jobs = n_jobs

    def fit(self, X: Any, y: Any = None) -> Self:  # noqa: ARG002 - scikit-learn's signature
        """Make the table.

        Parameters
        ----------
        X : array_like, shape (items, features)
            No gaps; features are standardised here.
        y : ignored
        """
        X = validate_data(self, X, dtype=float, ensure_min_samples=LEAST_ITEMS)
        self._check()
        standard, self.mean_, self.scale_ = standardise(X)
        self.layout_ = make_layout(self.layout, len(X), self.shape)
        prior = Prior(self.smoothness, 1.0, noise_rate(*standard.shape))
        rng = np.random.default_rng(self.random_state)
        streams: list[np.random.Generator | None] = [None, *rng.spawn(self.restarts - 1)]
        runs: list[Restart] = Parallel(n_jobs=self.n_jobs)(
            delayed(self._run)(standard, self.layout_, prior, stream) for stream in streams
        )
        if self.method == "mcmc":
            runs = self._sample(standard, runs, prior, rng)
        best = max(runs, key=lambda run: run.scores[self._criterion()])
        self.restarts_ = [run.scores for run in runs]
        self.map_, self.placed_map_, self.scores_ = best.map, best.placement.map, best.scores
        self.node_ = best.placement.node
        self.embedding_ = self.layout_.fine[self.node_]
        return self

    def transform(self, X: Any) -> NDArray[np.float64]:
        """Where items belong on the map, also items that it was not made of: the mean of p(node | item).

        Parameters
        ----------
        X : array_like, shape (n, features)

        Returns
        -------
        numpy.ndarray, shape (n, dimensions)
            Latent coordinates between the nodes; ``embedding_`` has the nodes of the items fitted.
        """
        check_is_fitted(self)
        X = validate_data(self, X, dtype=float, reset=False)
        fine = expand(self.map_, self.layout_.fine, self.smoothness)
        places: NDArray[np.float64] = responsibilities((X - self.mean_) / self.scale_, fine) @ fine.nodes
        return places

    def landscape(self, values: Any, places: Any = None) -> NDArray[np.float64]:
        """A property of the items as a smooth function over the map.

        Parameters
        ----------
        values : array_like, shape (items,)
            NaN where unknown.
        places : array_like, shape (m, dimensions), optional
            Latent coordinates; the fine nodes by default.

        Returns
        -------
        numpy.ndarray, shape (m,)

        Examples
        --------
        >>> X = np.arange(10.0)[:, None] * [1.0, -1.0]
        >>> table = PeriodicTable("line", restarts=1).fit(X)
        >>> heights = table.landscape(X[:, 0], table.embedding_)
        >>> bool(np.corrcoef(heights, X[:, 0])[0, 1] > 0.95)
        True
        """
        check_is_fitted(self)
        values = np.asarray(values, dtype=float)
        if values.shape != self.node_.shape or np.isfinite(values).sum() < 2:
            raise ConfigError(
                f"a landscape needs one value for each of the {len(self.node_)} items, two of them known; "
                f"got shape {values.shape}"
            )
        known = np.isfinite(values)
        at = self.layout_.fine if places is None else np.asarray(places, dtype=float)
        length = float(np.exp(self.map_.log_lengths.mean()))
        return interpolate(values[known], self.embedding_[known], at, length)

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[np.object_]:  # noqa: ARG002
        """Names of the latent coordinates."""
        check_is_fitted(self)
        return np.asarray([f"periodictable{i}" for i in range(self.layout_.dimensions)], dtype=object)

    def _criterion(self) -> str:
        return self.select or METHODS[self.method]

    def _check(self) -> None:
        for name, choices in (("method", METHODS), ("select", SELECTIONS), ("layout", LAYOUTS)):
            value = getattr(self, name)
            if name == "select" and value is None:
                continue
            if value not in choices:
                raise ConfigError(f"{name}={value!r} is not a choice", hint=did_you_mean(str(value), choices))
        if self.method == "mcmc" and self.select == "bound":
            raise ConfigError("the sampler has no bound to select by", hint="such as select='prediction'")
        for name, least in COUNTS.items():
            if not isinstance(value := getattr(self, name), int | np.integer) or value < least:
                raise ConfigError(f"{name}={value!r} must be a whole number, {least} or more")
        if not 0 <= self.burn_in < self.iterations:
            raise ConfigError(f"burn_in={self.burn_in!r} must be less than iterations={self.iterations!r}")
        if not self.smoothness > 0:
            raise ConfigError(f"smoothness={self.smoothness!r} must be above zero")

    def _run(
        self, X: NDArray[np.float64], layout: Layout, prior: Prior, stream: np.random.Generator | None
    ) -> Restart:
        centres = initial_centres(X, layout.coarse, stream)
        fit = fit_em(X, layout.coarse, centres, prior)
        start = plane(X, layout.coarse, centres)
        return self._finish(X, layout, fit.map, start, prior).with_scores({"bound": fit.trace[-1]})

    def _sample(
        self, X: NDArray[np.float64], runs: list[Restart], prior: Prior, rng: np.random.Generator
    ) -> list[Restart]:
        """The tables of all chains, started from the best different fast maps."""
        ranked = sorted(runs, key=lambda run: -run.scores[self._criterion()])
        starts = list({run.placement.node.tobytes(): run.map for run in ranked}.values())
        streams = rng.spawn(self.chains)
        done: list[tuple[list[Restart], NDArray[np.float64]]] = Parallel(n_jobs=self.n_jobs)(
            delayed(self._chain)(X, self.layout_, starts[c % len(starts)], prior, stream)
            for c, stream in enumerate(streams)
        )
        mixed = {"scale_reduction": potential_scale_reduction(np.array([trace for _, trace in done]))}
        return [run.with_scores(mixed) for tables, _ in done for run in tables]

    def _chain(
        self,
        X: NDArray[np.float64],
        layout: Layout,
        start: Map,
        prior: Prior,
        stream: np.random.Generator,
    ) -> tuple[list[Restart], NDArray[np.float64]]:
        """The tables of the posterior mean of one chain and of draws, and its trace after burn-in."""
        chain = sample_chain(
            X, start, stream, prior,
            iterations=self.iterations, burn_in=self.burn_in,
            thin=max(1, (self.iterations - self.burn_in) // DRAWS),
        )  # fmt: skip
        found = [self._finish(X, layout, fitted, start, prior) for fitted in (chain.map, *chain.draws)]
        accepted = {"acceptance": chain.acceptance}
        return [run.with_scores(accepted) for run in found], chain.trace[self.burn_in :]

    def _finish(
        self, X: NDArray[np.float64], layout: Layout, fitted: Map, start: Map, prior: Prior
    ) -> Restart:
        """Steps two and three, and the scores; from the start where the map says nothing."""
        flat, fitted = fitted.flat, start if fitted.flat else fitted
        placement = place(X, expand(fitted, layout.fine, self.smoothness), prior, rounds=self.rounds)
        places = layout.fine[placement.node]
        k = max(1, min(self.neighbours, (len(X) - 1) // 2))
        found = {
            "prediction": prediction(X, places),
            "log_evidence": log_evidence(X, places),
            "trustworthiness": trustworthiness(X, places, k),
            "continuity": continuity(X, places, k),
            "stress": stress(X, places),
            "log_likelihood": placement.log_likelihood,
            "map_log_likelihood": log_likelihood(X, fitted),
        }
        return Restart(fitted, placement, found | {"flat": float(flat), "neighbours": float(k)})
