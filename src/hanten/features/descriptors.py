"""RDKit's descriptors of polymers and molecules, from a list that does not grow with RDKit."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
from rdkit.Chem import Descriptors

from hanten.errors import StructureError, UnknownNameError, did_you_mean
from hanten.features.base import StructureTransformer, check_choice

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from hanten.features.structure import Structure

EXTENSIVE = tuple(
    """
    MolWt HeavyAtomMolWt NumValenceElectrons NumRadicalElectrons Chi0n Chi0v Chi1n Chi1v Chi2n Chi2v Chi3n
    Chi3v Chi4n Chi4v HallKierAlpha MolLogP MolMR TPSA HeavyAtomCount NHOHCount NOCount NumHAcceptors
    NumHDonors NumHeteroatoms NumRotatableBonds NumAmideBonds RingCount NumAliphaticCarbocycles
    NumAliphaticHeterocycles NumAliphaticRings NumAromaticCarbocycles NumAromaticHeterocycles
    NumAromaticRings NumSaturatedCarbocycles NumSaturatedHeterocycles NumSaturatedRings NumHeterocycles
    NumBridgeheadAtoms NumSpiroAtoms PEOE_VSA1 PEOE_VSA2 PEOE_VSA3 PEOE_VSA4 PEOE_VSA5 PEOE_VSA6 PEOE_VSA7
    PEOE_VSA8 PEOE_VSA9 PEOE_VSA10 PEOE_VSA11 PEOE_VSA12 PEOE_VSA13 PEOE_VSA14 SMR_VSA1 SMR_VSA2 SMR_VSA3
    SMR_VSA4 SMR_VSA5 SMR_VSA6 SMR_VSA7 SMR_VSA8 SMR_VSA9 SMR_VSA10 SlogP_VSA1 SlogP_VSA2 SlogP_VSA3
    SlogP_VSA4 SlogP_VSA5 SlogP_VSA6 SlogP_VSA7 SlogP_VSA8 SlogP_VSA9 SlogP_VSA10 SlogP_VSA11 SlogP_VSA12
    fr_Al_COO fr_Al_OH fr_Al_OH_noTert fr_ArN fr_Ar_COO fr_Ar_N fr_Ar_NH fr_Ar_OH fr_COO fr_COO2 fr_C_O
    fr_C_O_noCOO fr_C_S fr_HOCCN fr_Imine fr_NH0 fr_NH1 fr_NH2 fr_N_O fr_Ndealkylation1 fr_Ndealkylation2
    fr_Nhpyrrole fr_SH fr_aldehyde fr_alkyl_carbamate fr_alkyl_halide fr_allylic_oxid fr_amide fr_amidine
    fr_aniline fr_aryl_methyl fr_azide fr_azo fr_barbitur fr_benzene fr_benzodiazepine fr_bicyclic
    fr_diazo fr_dihydropyridine fr_epoxide fr_ester fr_ether fr_furan fr_guanido fr_halogen fr_hdrzine
    fr_hdrzone fr_imidazole fr_imide fr_isocyan fr_isothiocyan fr_ketone fr_ketone_Topliss fr_lactam
    fr_lactone fr_methoxy fr_morpholine fr_nitrile fr_nitro fr_nitro_arom fr_nitro_arom_nonortho
    fr_nitroso fr_oxazole fr_oxime fr_para_hydroxylation fr_phenol fr_phenol_noOrthoHbond fr_phos_acid
    fr_phos_ester fr_piperdine fr_piperzine fr_priamide fr_prisulfonamd fr_pyridine fr_quatN fr_sulfide
    fr_sulfonamd fr_sulfone fr_term_acetylene fr_tetrazole fr_thiazole fr_thiocyan fr_thiophene
    fr_unbrch_alkane fr_urea
    """.split()  # noqa: SIM905 - a hundred and fifty quoted lines say no more
)
"""Descriptors that are sums over the structure: divided by its size."""

INTENSIVE = (
    "FractionCSP3",
    "MaxPartialCharge",
    "MinPartialCharge",
    "MaxAbsPartialCharge",
    "MinAbsPartialCharge",
)
"""Descriptors that are averages or extremes: taken as they are."""

DESCRIPTOR_NAMES = EXTENSIVE + INTENSIVE
CIRCUMFERENCE = 12  # longer than the patterns behind the fr_ descriptors and the paths behind Chi4


class RDKitDescriptors(StructureTransformer):
    """RDKit's two-dimensional descriptors, those that an endless chain has.

    Parameters
    ----------
    names : sequence of str, optional
        Which ones, in this order; all of :data:`DESCRIPTOR_NAMES` by default. The list belongs to hanten, so
        that a newer RDKit with more descriptors does not change the columns; a name that the installed RDKit
        lacks is an error.
    per : {"repeat unit", "heavy atom"}
        What extensive descriptors (sums: masses, counts, surface areas, ``fr_`` groups) are divided by;
        intensive ones (averages and extremes) are left as they are. A molecule counts as one unit.
    errors, n_jobs
        See :class:`~hanten.features.base.StructureTransformer`. Atoms without Gasteiger parameters (most
        metals) give NaN in the charge descriptors, hence an error when these are asked for.

    Notes
    -----
    Left out: descriptors of a whole finite graph, which have no limit per repeat unit or reach it slowly
    (kappa shapes, Balaban J, Bertz CT, Ipc, BCUT, electrotopological states, QED), stereo counts, and
    duplicates.

    Examples
    --------
    >>> RDKitDescriptors(["MolWt", "NumRotatableBonds", "RingCount"]).fit_transform(["*CC(*)c1ccccc1"])
    array([[104.152,   3.   ,   1.   ]], dtype=float32)
    """

    def __init__(
        self,
        names: Sequence[str] | None = None,
        *,
        per: str = "repeat unit",
        errors: str = "raise",
        n_jobs: int | None = None,
    ) -> None:
        self.names = names
        self.per = per
        super().__init__(errors=errors, n_jobs=n_jobs)

    def _check(self) -> None:
        check_choice("per", self.per, ("repeat unit", "heavy atom"))
        for name in self._names():
            if name not in DESCRIPTOR_NAMES:
                raise UnknownNameError(
                    f"{name!r} is not one of the descriptors that an endless chain has",
                    hint=did_you_mean(name, DESCRIPTOR_NAMES),
                )
            _function(name)

    def _names(self) -> list[str]:
        return list(DESCRIPTOR_NAMES if self.names is None else self.names)

    def get_config(self) -> dict[str, Any]:
        """As for every featurizer; the names are written out."""
        config = super().get_config()
        config["parameters"]["names"] = self._names()
        return config

    def _row(self, structure: Structure) -> NDArray[Any]:
        circle = structure.periodic(CIRCUMFERENCE)
        size = circle.n_units * (circle.unit_atoms if self.per == "heavy atom" else 1)
        values = [_function(n)(circle.mol) / (1 if n in INTENSIVE else size) for n in self._names()]
        row = np.asarray(values, dtype=float)
        if not np.isfinite(row).all():
            lost = ", ".join(n for n, v in zip(self._names(), values, strict=True) if not np.isfinite(v))
            raise StructureError(
                f"{structure.text!r} has no finite {lost}", hint="ask for other descriptors by names="
            )
        return row


@cache
def _function(name: str) -> Any:
    try:
        return getattr(Descriptors, name)
    except AttributeError:
        raise UnknownNameError(
            f"the installed RDKit has no descriptor {name!r}", hint="install the version the model names"
        ) from None
