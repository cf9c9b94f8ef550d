"""The likelihood of inverse design: log P(Y in region | S) from predictive distributions.

For a property with predictive mean m and standard deviation s the probability that a new value lies between a and b
is Phi((b - m) / s) - Phi((a - m) / s). Far out in a tail this difference cancels to nothing unless it is taken in the
tail that is nearer; :func:`log_interval_probability` does, so that a structure 30 standard deviations from the target
is still told apart from one at 31. Several properties are taken as independent given the structure: their logs add.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from rdkit import Chem, rdBase
from scipy.special import erf, log_ndtr

from hanten.chem import canonical_psmiles
from hanten.design.constraints import Constraint, allowed, formula
from hanten.design.targets import TargetRegion
from hanten.errors import StructureError

Array = npt.NDArray[np.float64]


def log_interval_probability(low: npt.ArrayLike, high: npt.ArrayLike) -> Array:
    """Log of the standard normal probability of [low, high], accurate for any position and width.

    Parameters
    ----------
    low, high : array_like, (n,)
        ``low <= high``, in standard deviations from the mean; infinities allowed.

    Returns
    -------
    array, (n,)
        Natural log; ``-inf`` only for an empty interval, NaN where an end is NaN.

    Examples
    --------
    >>> log_interval_probability([30.0, -31.0], [31.0, -30.0]).round(6)
    array([-454.321244, -454.321244])
    """
    a, b = np.broadcast_arrays(np.asarray(low, dtype=np.float64), np.asarray(high, dtype=np.float64))
    flip = a > 0  # use the lower tail, where log_ndtr is exact
    a, b = np.where(flip, -b, a), np.where(flip, -a, b)
    with np.errstate(divide="ignore", invalid="ignore"):
        tail = log_ndtr(b) + np.log(-np.expm1(log_ndtr(a) - log_ndtr(b)))
        root2 = np.sqrt(2.0)
        centre = np.log((erf(b / root2) + erf(-a / root2)) / 2)
        middle, width = (a + b) / 2, b - a
        narrow = (
            np.log(width) - middle**2 / 2 - np.log(2 * np.pi) / 2 + np.log1p(width**2 * (middle**2 - 1) / 24)
        )
        straddles = (a < 0) & (b > 0) & ((a > -5) | (b < 5))
        thin = width * np.maximum(1.0, np.abs(middle)) < 1e-4
        inside = (a <= -5) & (b >= 5)
        both = np.log1p(-np.exp(log_ndtr(a)) - np.exp(log_ndtr(-b)))
    result = np.select([thin, inside, straddles], [narrow, both, centre], tail)
    return np.where(np.isnan(a) | np.isnan(b), np.nan, np.where(a < b, result, -np.inf))


def log_region_probability(
    mean: npt.ArrayLike, sd: npt.ArrayLike, region: TargetRegion, *, log: bool = False
) -> Array:
    """Log P(Y in region) for Gaussian predictive means and standard deviations, shape (n,); NaN becomes ``-inf``.

    With ``log`` they are those of log Y, as models of the logarithm of a property predict.

    Examples
    --------
    >>> from hanten.design import parse_target
    >>> log_region_probability([0.4], [0.05], parse_target("thermal_conductivity >= 0.4 W/m/K")).round(4)
    array([-0.6931])
    """
    m, s = np.asarray(mean, dtype=np.float64), np.maximum(np.asarray(sd, dtype=np.float64), 1e-12)
    low, high = (_logarithm(end) for end in (region.low, region.high)) if log else (region.low, region.high)
    with np.errstate(invalid="ignore", over="ignore"):
        value = log_interval_probability((low - m) / s, (high - m) / s)
    return np.where(np.isnan(value), -np.inf, value)


def _logarithm(end: float) -> float:
    return math.log(end) if end > 0 else -math.inf


def region_terms(
    models: Mapping[str, Any], targets: Sequence[TargetRegion], mols: Sequence[Any]
) -> list[Array]:
    """Log P(Y in region) of each target for molecules of repeat units; shared features are computed once."""
    from hanten.features import Structure
    from hanten.models.vectorize import features

    items = [Structure.of_mol("", mol) for mol in mols]
    matrices: dict[str, Any] = {}
    terms = []
    for target in targets:
        model = models[target.name]
        if not hasattr(model, "views"):
            mean, sd = model.predict_mols(mols, return_std=True)
            terms.append(log_region_probability(mean, sd, target))
            continue
        key = repr([view.config() for view in model.views])
        if key not in matrices:
            matrices[key] = features(model.views, items)
        mean, sd = model.regressor.predict(matrices[key], return_std=True)
        terms.append(log_region_probability(mean, sd * model.std_factor, target, log=model.log))
    return terms


@dataclass(frozen=True)
class RegionLikelihood:
    """log P(Y in all regions | S) for strings S; ``-inf`` for what is no repeat unit or breaks a constraint.

    Parameters
    ----------
    targets : sequence of TargetRegion
    models : mapping of str to PropertyModel
        By property name; at least those of the targets.
    constraints : sequence of Constraint

    Notes
    -----
    Models see a polymer as an infinite chain, so that any writing of one and the same repeat unit gives the same value.
    Only a text that may hold several repeats of a smaller unit is brought to its canonical form first.
    """

    targets: Sequence[TargetRegion]
    models: Mapping[str, Any]
    constraints: Sequence[Constraint] = ()

    def log_likelihood(self, xs: Sequence[Any]) -> Array:
        """Natural log, shape (n,); never NaN."""
        texts = [str(x) for x in xs]
        with rdBase.BlockLogs():
            units = [repeat_unit(text) for text in texts]
        out = np.full(len(texts), -np.inf)
        fine = [(i, u.mol) for i, u in enumerate(units) if u is not None and allowed(self.constraints, *u)]
        if fine:
            rows, mols = map(list, zip(*fine, strict=True))
            out[rows] = np.sum(region_terms(self.models, self.targets, mols), axis=0)
        return out


class Unit(NamedTuple):
    """A primitive repeat unit in some writing, and its molecule."""

    text: str
    mol: Any


def repeat_unit(text: str) -> Unit | None:
    """The primitive repeat unit behind ``text``, or ``None`` for what is no repeat unit.

    Two repeats hold twice as many atoms of every element. Where the numbers of the formula have no common divisor,
    the text is primitive as it stands, and the work of finding its canonical form is saved.

    Examples
    --------
    >>> repeat_unit("*OCC*").text, repeat_unit("*CCOCCO*").text, repeat_unit("*CC")
    ('*OCC*', '*CCO*', None)
    """
    if text.count("*") != 2:
        return None
    mol = Chem.MolFromSmiles(text)
    if mol is None:
        return None
    plain = "." not in text and "*]" not in text and len(mol.GetSubstructMatches(_END)) == 2
    if plain and math.gcd(*formula(mol).values()) == 1:
        return Unit(text, mol)
    canonical = canonical_or_none(text)
    return None if canonical is None else Unit(canonical, Chem.MolFromSmiles(canonical))


# An attachment point on a single bond to an atom of the chain.
_END = Chem.MolFromSmarts("[#0;D1]-[!#0]")


def canonical_or_none(text: str) -> str | None:
    """Canonical PSMILES, or ``None`` for what is no repeat unit."""
    try:
        with rdBase.BlockLogs():
            return canonical_psmiles(text)
    except StructureError:
        return None
