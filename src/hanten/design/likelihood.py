"""The likelihood of inverse design: log P(Y in region | S) from predictive distributions.

For a property with predictive mean m and standard deviation s the probability that a new value lies between a and b
is Phi((b - m) / s) - Phi((a - m) / s). Far out in a tail this difference cancels to nothing unless it is taken in the
tail that is nearer; :func:`log_interval_probability` does, so that a structure 30 standard deviations from the target
is still told apart from one at 31. Several properties are taken as independent given the structure: their logs add.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from rdkit import Chem, rdBase
from scipy.special import erf, log_ndtr

from hanten.chem import canonical_psmiles
from hanten.design.constraints import Constraint, allowed
from hanten.design.targets import TargetRegion
from hanten.errors import StructureError
from hanten.features.structure import Structure

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
    with np.errstate(invalid="ignore"):
        flip = a + b > 0  # use the lower tail, where log_ndtr is exact
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
    models: Mapping[str, Any], targets: Sequence[TargetRegion], units: Sequence[Structure]
) -> list[Array]:
    """Log P(Y in region) of each target for repeat units; shared features are computed once."""
    from hanten.models.vectorize import features

    matrices: dict[str, Any] = {}
    terms = []
    for target in targets:
        model = models[target.name]
        if not hasattr(model, "views"):
            mean, sd = model.predict_mols([_whole(unit.mol) for unit in units], return_std=True)
            terms.append(log_region_probability(mean, sd, target))
            continue
        key = repr([view.config() for view in model.views])
        if key not in matrices:
            matrices[key] = features(model.views, units)
        mean, sd = model.regressor.predict(matrices[key], return_std=True)
        terms.append(log_region_probability(mean, sd * model.std_factor, target, log=model.log))
    return terms


def _whole(mol: Any) -> Any:
    """A molecule as RDKit's full reading leaves it: a model of the user's own may look at anything."""
    Chem.SetConjugation(mol)
    Chem.SetHybridization(mol)
    return mol


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
        fine = {
            i: unit for i, unit in enumerate(units) if unit is not None and allowed(self.constraints, unit)
        }
        if fine:
            out[list(fine)] = np.sum(region_terms(self.models, self.targets, list(fine.values())), axis=0)
        return out


def repeat_unit(text: str) -> Structure | None:
    """The primitive repeat unit behind ``text``, or ``None`` for what is no repeat unit.

    Two repeats hold twice as many atoms of every kind. Where the numbers of atoms of a kind have no common divisor,
    the text is primitive as it stands, and the work of finding its canonical form is saved.

    Examples
    --------
    >>> repeat_unit("*OCC*").text, repeat_unit("*CCOCCO*").text, repeat_unit("*CC")
    ('*OCC*', '*CCO*', None)
    """
    if text.count("*") != 2:
        return None
    mol = read_quickly(text)
    if mol is None:
        return None
    try:
        unit = None if "." in text or "*]" in text else Structure.of_mol(text, mol)
    except StructureError:
        unit = None
    if (
        unit is not None
        and unit.ends is not None
        and unit.ends.bond == Chem.BondType.SINGLE
        and _is_primitive(unit)
    ):
        return unit
    canonical = canonical_or_none(text)
    return None if canonical is None else Structure.of_mol(canonical, Chem.MolFromSmiles(canonical))


def _is_primitive(unit: Structure) -> bool:
    """Whether the numbers of atoms prove that ``unit`` is no repetition of a smaller one."""
    numbers = Counter(unit.kinds)
    del numbers[_STAR]
    return math.gcd(*numbers.values()) == 1


_STAR = Structure.read("*C*").kinds[0]

_PLAIN = Chem.SmilesParserParams()
for _setting in ("sanitize", "removeHs", "parseName", "allowCXSMILES"):
    setattr(_PLAIN, _setting, False)
_FULL = ("@", "/", "\\", "[H", "[1", "[2", "[3", " ")
_NEEDED = Chem.SANITIZE_ALL ^ Chem.SANITIZE_SETCONJUGATION ^ Chem.SANITIZE_SETHYBRIDIZATION


def read_quickly(text: str) -> Any:
    """The molecule of a SMILES without stereo: ``Chem.MolFromSmiles`` less what only stereo and 3D need.

    Valences, rings, Kekulé structure and aromaticity are the same; conjugation and hybridization are not set. Text
    with marks of stereo or written hydrogens goes through RDKit's full reading.

    Examples
    --------
    >>> read_quickly("*C1=CC=CC=C1*").GetNumAtoms(), read_quickly("*c1cccc1*")
    (8, None)
    """
    if any(mark in text for mark in _FULL):
        return Chem.MolFromSmiles(text)
    mol = Chem.MolFromSmiles(text, _PLAIN)
    return None if mol is None or Chem.SanitizeMol(mol, _NEEDED, catchErrors=True) else mol


def canonical_or_none(text: str) -> str | None:
    """Canonical PSMILES, or ``None`` for what is no repeat unit."""
    try:
        with rdBase.BlockLogs():
            return canonical_psmiles(text)
    except StructureError:
        return None
