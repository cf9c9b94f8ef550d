"""How each bundled model is made: which data, which method, what it must not be used for.

Only data sets that the catalogue grades ``train`` may be named here; :func:`assemble` refuses any other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hanten.errors import DataError, UnknownNameError, did_you_mean

if TYPE_CHECKING:
    import pandas as pd

    from hanten.models.training import Trained
    from hanten.models.vectorize import View

RADONPY = "RadonPy MD, amorphous, 300 K"
DFT_CHAIN = "DFT, single chain"
DFT_CRYSTAL = "DFT, crystal"
NO_RANKING = "ranks against experiment only weakly: isotropic amorphous chains, no crystallinity, no orientation, no filler"


@dataclass(frozen=True)
class Recipe:
    """One bundled model.

    Parameters
    ----------
    property : str
        Name in the registry.
    datasets : tuple of str
        Names in the catalogue.
    kind : str
        Only records of this method.
    method : str
        The label that every number of this model carries.
    known_biases : str
    log : bool, optional
        Model the logarithm; the registry decides without it.
    model : str
        As in :func:`hanten.models.train`.
    most : int, optional
        Train on this many rows at most (evenly drawn), so that bundle and prediction stay small and fast.
    flagged : bool
        Keep records the reader flags.
    n_repeats : int
        Repeats of the cross-validation.
    """

    property: str
    datasets: tuple[str, ...]
    kind: str
    method: str
    known_biases: str
    log: bool | None = None
    model: str = "gp"
    most: int | None = None
    flagged: bool = False
    n_repeats: int = 1


_PI, _KAGGLE, _IBM, _GAS = ("radonpy-pi1070",), ("polymon-kaggle",), ("ibm-polymer",), ("torchmolecule-gas",)
_MD, _QC, _EXP = "molecular dynamics", "quantum chemistry", "experiment"
_SMALL = (
    "trained on a few hundred chains; far from them the standard deviation grows and the in-domain flag falls"
)

RECIPES: dict[str, Recipe] = {
    recipe.property: recipe
    for recipe in (
        Recipe("thermal_conductivity", _PI, _MD, RADONPY, NO_RANKING, log=True, flagged=True, n_repeats=5),
        Recipe("density", _PI, _MD, RADONPY, "low by about 0.06 to 0.10 g/cm3 against experiment"),
        Recipe(
            "Cp", _PI, _MD, RADONPY, "classical: about 2.2 times the experimental heat capacity", log=True
        ),
        Recipe("refractive_index", _PI, _MD, RADONPY, "low by about 0.02 against experiment"),
        Recipe(
            "bulk_modulus", _PI, _MD, RADONPY, "short chains in a small cell; block statistics of a few runs"
        ),
        Recipe("linear_expansion", _PI, _MD, RADONPY, "noisy: five blocks of a short run"),
        Recipe(
            "static_dielectric_constant",
            _PI,
            _MD,
            RADONPY,
            "dipole relaxation is slow: ionic and strongly polar polymers are outliers",
        ),
        Recipe(
            "Tg",
            ("polymon-kaggle", "afzal", "ibm-tg"),
            _EXP,
            "experiment, literature values",
            "methods, heating rates and molar masses are mixed",
        ),
        Recipe(
            "fractional_free_volume",
            _KAGGLE,
            _MD,
            "MD, NeurIPS 2025 Open Polymer set",
            "depends on that group's probe and force field",
            most=2500,
        ),
        Recipe(
            "band_gap_chain",
            _IBM,
            _QC,
            DFT_CHAIN,
            "gaps of semilocal DFT differ from optical gaps",
            most=2500,
        ),
        Recipe("electron_affinity", _IBM, _QC, DFT_CHAIN, _SMALL),
        Recipe("ionization_energy", _IBM, _QC, DFT_CHAIN, _SMALL),
        Recipe(
            "dielectric_constant",
            _IBM,
            _QC,
            DFT_CRYSTAL,
            f"crystal, not the amorphous solid; {_SMALL}",
            log=True,
        ),
        Recipe(
            "crystal_refractive_index",
            _IBM,
            _QC,
            DFT_CRYSTAL,
            f"crystal, higher than the amorphous solid; {_SMALL}",
            log=True,
        ),
        Recipe(
            "co2_permeability",
            _GAS,
            _EXP,
            "experiment, literature values, about 300-310 K",
            "films of different history; ageing is not recorded",
        ),
    )
}


def get_recipe(name: str) -> Recipe:
    """The recipe of a bundled model.

    Raises
    ------
    UnknownNameError
        With the closest names.

    Examples
    --------
    >>> get_recipe("density").datasets
    ('radonpy-pi1070',)
    """
    if name not in RECIPES:
        raise UnknownNameError(f"there is no recipe for {name!r}", hint=did_you_mean(name, RECIPES))
    return RECIPES[name]


def assemble(recipe: Recipe) -> pd.DataFrame:
    """The training table of a recipe: columns ``canonical`` and ``value``, in registry units.

    Raises
    ------
    DataError
        If a data set is not graded ``train``, or is not on this machine.
    """
    import pandas as pd

    from hanten.data import get_dataset, load_dataset

    frames = []
    for name in recipe.datasets:
        if get_dataset(name).grade != "train":
            raise DataError(f"{name} is for evaluation only: nothing that is shipped may be trained on it")
        frame = load_dataset(name, recipe.property)
        keep = frame["error"].isna() & (frame["method"] == recipe.kind)
        frames.append(frame[keep if recipe.flagged else keep & frame["flag"].isna()])
    table = pd.concat(frames, ignore_index=True)
    if recipe.most is not None and len(table) > recipe.most:
        table = table.sample(recipe.most, random_state=0).sort_index()
    clean: pd.DataFrame = table[["canonical", "value"]].reset_index(drop=True)
    return clean


def card_of(recipe: Recipe) -> dict[str, Any]:
    """The entries of the model card that the recipe knows."""
    from hanten.data import get_dataset

    sets = [get_dataset(name) for name in recipe.datasets]
    return {
        "method": recipe.method,
        "data": [f"{one.name}: {one.citation}" for one in sets],
        "licence": [f"{one.name}: {one.licence}" for one in sets],
        "known_biases": recipe.known_biases,
        "train_again": f"hanten train --recipe {recipe.property}",
    }


def train_recipe(name: str) -> Trained:
    """Train the bundled model ``name`` again from public data.

    Raises
    ------
    UnknownNameError
        If there is no such recipe.
    DataError
        If its data are not on this machine.
    """
    from hanten.models.training import train

    recipe = get_recipe(name)
    return train(
        assemble(recipe),
        "canonical",
        "value",
        property=recipe.property,
        model=recipe.model,
        views=recipe_views(recipe),
        log=recipe.log,
        n_repeats=recipe.n_repeats,
        card=card_of(recipe),
    )


def recipe_views(recipe: Recipe) -> tuple[View, ...]:  # noqa: ARG001  (one choice for all, so far)
    """The featurizers of a recipe."""
    from hanten.models.vectorize import default_views

    return default_views()
