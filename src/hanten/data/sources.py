"""Where the values stand in the files of the public data sets: column, unit, method.

Two tables, read by :mod:`hanten.data.readers`: :data:`READERS` for files with property values,
:data:`CORPORA` for files of structures only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

MD, DFT, EXPERIMENT, MODEL = "molecular dynamics", "quantum chemistry", "experiment", "model"
EV_PER_KCAL_MOL = 0.04336410390  # CODATA 2018
EV_PER_HARTREE = 27.211386245988  # CODATA 2018


@dataclass(frozen=True)
class Column:
    """One column of one file that holds values of one property.

    Parameters
    ----------
    file, column : str
        Where the numbers stand.
    property_ : str
        Registry name.
    unit : str
        The unit meant by the file.
    method : str
        What made the numbers.
    structure : str
        Column of the structures.
    std, count, group, temperature : str, optional
        Columns with the standard deviation, the number of repeats, the class and the temperature (degC).
    kelvin : float, optional
        The one temperature of all rows.
    log10 : bool
        Whether the file holds decimal logarithms.
    factor : float
        Multiplies the numbers before the unit is taken (for units pint cannot convert).
    checked : bool
        Whether the plausible range of the registry applies.
    min_count : int
        Rows with fewer repeats than this are flagged.
    doubt : str, optional
        Column that says why a row is flagged, made when the file is read.
    """

    file: str
    column: str
    property_: str
    unit: str
    method: str
    structure: str = "SMILES"
    std: str | None = None
    count: str | None = None
    group: str | None = None
    temperature: str | None = None
    kelvin: float | None = None
    log10: bool = False
    factor: float = 1.0
    checked: bool = True
    min_count: int = 0
    doubt: str | None = None


def _pi1070(column: str, property_: str, unit: str) -> Column:
    return Column(
        "PI1070.csv",
        column,
        property_,
        unit,
        MD,
        "smiles",
        f"{column}_std",
        f"{column}_count",
        "polymer_class",
        kelvin=300.0,
        min_count=3,
    )


def _kaggle(column: str, property_: str, unit: str, method: str = MD) -> Column:
    return Column("kaggle.csv", column, property_, unit, method)


_AFZAL = "SMILES (Atoms Ce and Th are placeholders for head and tail information, respectively)"


def _afzal(column: str, property_: str, unit: str, method: str, **more: Any) -> Column:
    more.setdefault("doubt", "doubt")
    return Column("ap0c00524_si_001.csv", column, property_, unit, method, _AFZAL, **more)


def _openpoly(column: str, property_: str, unit: str) -> Column:
    return Column(
        "final_polymer_properties_fromliterature.csv", column, property_, unit, EXPERIMENT, "PSMILES"
    )


def _ibm(
    file: str, column: str, property_: str, unit: str, method: str = DFT, *, log10: bool = False
) -> Column:
    return Column(f"polymer_{file}.csv", column, property_, unit, method, "POLYMER SMILES", log10=log10)


def _gas(
    file: str, gases: str, structure: str = "SMILES", form: str = "{}", *, log10: bool = False
) -> list[Column]:
    return [
        Column(
            file.format(g),
            form.format(g),
            f"{g.lower()}_permeability",
            "barrer",
            EXPERIMENT,
            structure,
            log10=log10,
        )
        for g in gases.split()
    ]


def _small(
    stem: str, column: str, property_: str, unit: str, method: str, *, factor: float = 1.0
) -> list[Column]:
    parts = ("valid", "test") if stem == "qm9" else ("train", "valid", "test")
    return [
        Column(f"{stem}_{p}.csv", column, property_, unit, method, "smiles", factor=factor) for p in parts
    ]


_ESOL = "measured log solubility in mols per litre"
READERS: Mapping[str, list[Column]] = {
    "radonpy-pi1070": [
        _pi1070("thermal_conductivity", "thermal_conductivity", "W/m/K"),
        _pi1070("thermal_diffusivity", "thermal_diffusivity", "m**2/s"),
        _pi1070("density", "density", "g/cm**3"),
        _pi1070("Cp", "Cp", "J/kg/K"),
        _pi1070("Cv", "Cv", "J/kg/K"),
        _pi1070("refractive_index", "refractive_index", ""),
        _pi1070("bulk_modulus", "bulk_modulus", "Pa"),
        _pi1070("linear_expansion", "linear_expansion", "1/K"),
        _pi1070("volume_expansion", "volume_expansion", "1/K"),
        _pi1070("Rg", "radius_of_gyration", "angstrom"),
        # static_dielectric_const of the file lacks the electronic part; dielectric_const_dc adds n**2 - 1.
        _pi1070("dielectric_const_dc", "static_dielectric_constant", ""),
    ],
    "polymon-kaggle": [
        _kaggle("Tg", "Tg", "degC", EXPERIMENT),
        _kaggle("FFV", "fractional_free_volume", ""),
        _kaggle("Tc", "thermal_conductivity", "W/m/K"),
        _kaggle("Density", "density", "g/cm**3"),
        _kaggle("Rg", "radius_of_gyration", "angstrom"),
    ],
    "afzal": [
        _afzal("Experiment Tg (K)", "Tg", "K", EXPERIMENT, doubt=None),
        _afzal("Calculated Tg (K)", "Tg", "K", MD, std="Calculated Tg std. dev. (K)"),
        _afzal("Experiment density at 300K (g/cc)", "density", "g/cm**3", EXPERIMENT, kelvin=300.0),
        _afzal("Calculated density at 300K (g/cc)", "density", "g/cm**3", MD,
               std="Calulated density at 300K std. dev. (g/cc)", kelvin=300.0),
        _afzal("Calculated glass CTE (10-6/K)", "volume_expansion", "1e-6/K", MD,
               std="Calculated glass CTE std. dev. (10-6/K) "),
    ],
    "bicerano": [Column("Bicerano_bigsmiles.csv", "Tg (K) exp", "Tg", "K", EXPERIMENT)],
    "tao-md100": [
        Column("Supplement_Dataset1_MD_100.xlsx", "Experiment Tg", "Tg", "degC", EXPERIMENT, "Smiles"),
        Column("Supplement_Dataset1_MD_100.xlsx", "MD Tg", "Tg", "degC", MD, "Smiles"),
    ],
    "notre-dame": [
        Column("TC_MD_20240306.xlsx", "TC_mean", "thermal_conductivity", "W/m/K", MD, std="TC_std",
               count="count", group="Polymer Class", kelvin=300.0)
    ],
    "point2-gas": _gas("{}_raw.csv", "CO2 N2 O2 CH4 H2"),
    "openpoly": [
        _openpoly("Tg (K)", "Tg", "K"),
        _openpoly("Tm (K)", "Tm", "K"),
        _openpoly("Td (K)", "Td", "K"),
        _openpoly("Thermal Conductivity (W/m K)", "thermal_conductivity", "W/m/K"),
        _openpoly("Refractive Index", "refractive_index", ""),
        _openpoly("Young's Modulus (MPa)", "young_modulus", "MPa"),
        _openpoly("H2 Permeability (Barrer)", "h2_permeability", "barrer"),
    ],
    "lamalab-tg": [
        Column("LAMALAB_CURATED_Tg_structured.csv", "Tg", "Tg", "K", EXPERIMENT, "PSMILES", "meta.std",
               "meta.num_of_points", "meta.reliability")
    ],
    "ibm-polymer": [
        _ibm("egc", "Egc (eV)", "band_gap_chain", "eV"),
        _ibm("egb", "Egb", "band_gap_bulk", "eV"),
        _ibm("eea", "Eea", "electron_affinity", "eV"),
        _ibm("ei", "Ei", "ionization_energy", "eV"),
        _ibm("nc", "Nc", "crystal_refractive_index", ""),
        _ibm("eps", "EPS", "dielectric_constant", ""),
        _ibm("xc", "Xc", "crystallization_tendency", "percent", MODEL),
    ],
    "ibm-gas": [
        *_gas("polymer_perm_jcim_24.csv", "CO2 CH4 N2", "POLYMER SMILES", "log {} (barrer)", log10=True),
        *_gas("polymer_perm_sciadv_22.csv", "H2 O2 N2 CO2 CH4", "POLYMER SMILES", log10=True),
    ],
    "ibm-tg": [
        _ibm("tg_gcn", "Tg (K)", "Tg", "K", EXPERIMENT),
        Column("cmdl_ibm_polyimide_tg_2024.csv", "value", "Tg", "K", EXPERIMENT, "POLYMER SMILES"),
    ],
    "ibm-membrane": [
        _ibm("perm_tg_td", "Tg (K)", "Tg", "K", MODEL),
        _ibm("perm_tg_td", "Td_1/2 (K)", "Td", "K", MODEL),
        _ibm("perm_tg_td", "log10(P_CO2 (Barrer))", "co2_permeability", "barrer", MODEL, log10=True),
    ],
    "mtl-chi": [
        Column("data_Chi.csv", "chi", "flory_huggins_chi", "", EXPERIMENT, "ps_pair_nonCyclic",
               group="polymer_class", temperature="temp"),
        Column("data_COSMO.csv", "chi", "flory_huggins_chi", "", DFT, "ps_pair_nonCyclic",
               temperature="temp"),
    ],
    "xenonpy-polymer-test": [
        Column("polymer_test_data.csv", "refractive_index", "refractive_index", "", MODEL, "smiles"),
        Column("polymer_test_data.csv", "density", "density", "g/cm**3", MODEL, "smiles"),
        Column("polymer_test_data.csv", "glass_transition_temperature", "Tg", "K", MODEL, "smiles"),
    ],
    "torchmolecule-gas": [
        *_gas("polymer_gas_permeability.csv.gz", "CO2 N2 O2 CH4 H2"),
        *_gas("polymer100.csv", "CO2 N2", "smiles"),
    ],
    "ibm-small-molecules": [
        *_small("esol", _ESOL, "aqueous_solubility", "", EXPERIMENT),
        *_small("freesolv", "expt", "hydration_free_energy", "kcal/mol", EXPERIMENT),
        *_small("qm9", "gap", "homo_lumo_gap", "eV", DFT, factor=EV_PER_HARTREE),
        *_small("qm9", "u0", "internal_energy", "eV", DFT, factor=EV_PER_HARTREE),
    ],
    "deepchem-small": [
        Column("delaney-processed.csv", _ESOL, "aqueous_solubility", "", EXPERIMENT, "smiles")
    ],
    "pubchem-iqspr": [
        # Thermal energy (with the zero point) of the iqspr package, not the total energy: no range applies.
        Column("qspr_data.csv", "internal_energy_kcal_mol", "internal_energy", "eV", DFT, "smiles",
               factor=EV_PER_KCAL_MOL, checked=False),
        Column("qspr_data.csv", "homo_lumo_gap_eV", "homo_lumo_gap", "eV", DFT, "smiles"),
    ],
}  # fmt: skip


@dataclass(frozen=True)
class Corpus:
    """A file of structures without values."""

    file: str
    column: str
    group: str | None = None


CORPORA: Mapping[str, Corpus] = {
    "smipoly": Corpus("SMiPoly_001_generatedPolymer.csv.zip", "polym", "polymer_class"),
    "smipoly-monomers": Corpus("202207_smip_monset.csv", "SMILES"),
    "polyinfo-structures": Corpus("PolyInfo_SMILES_PID_v7_20240306.csv", "SMILES", "Polymer Class"),
    "seeds-2019": Corpus("highTdata.csv", "smis.uni"),
    "lc-fragments": Corpus("LC_frags.csv", "SMILES"),
    "zinc250k": Corpus("zinc250k.smi.gz", "smiles"),
    "chembl-union": Corpus("chembl_union.smi.gz", "smiles"),
    "pubchem-iqspr": Corpus("ngram_training.smi", "smiles"),
}
