"""Write the element table of ``src/hanten/elements/tables`` from mendeleev, pymatgen and matminer.

    python -m venv venv-elements && venv-elements/bin/pip install mendeleev pymatgen matminer
    venv-elements/bin/python tools/make_elements.py RAW.csv       # facts from the packages
    python tools/make_elements.py RAW.csv --finish                # impute, cross-validate, write

The first step needs the three packages (they are not dependencies of hanten) and writes values and sources of 94
elements; the second needs hanten alone. A feature takes the first of its sources that knows the element.
"""
# ruff: noqa: INP001 -- a script that is mostly one table of facts about features

from __future__ import annotations

import argparse
import hashlib
import json
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

NAME = "hanten-1"
TARGET = Path(__file__).parents[1] / "src" / "hanten" / "elements" / "tables"
SOURCES = {
    "m": "mendeleev 1.3.0",
    "p": "pymatgen 2026.10.16",
    "q": "Magpie via matminer 0.10.1",
    "d": "derived",
    "i": "imputed",
    "": "",
}
SHELLS = {"s": 2, "p": 6, "d": 10, "f": 14}
NOBLE = {2: "He", 10: "Ne", 18: "Ar", 36: "Kr", 54: "Xe", 86: "Rn"}

# feature | unit | sources in order, name and factor | name in the published 58-feature table | description
COLUMNS = """
atomic_number||m:atomic_number|atomic_number|Number of protons
atomic_weight|g/mol|m:atomic_weight|atomic_weight|Standard atomic weight (IUPAC)
period||m:period|period|Row of the periodic table
group||m:group_id d:group||Column of the periodic table, 1 to 18; 3 for lanthanides and actinides by convention
mendeleev_number||m:mendeleev_number||Order of the elements of Villars et al. (2004), doi:10.1016/j.jallcom.2003.08.060
pettifor_number||p:Mendeleev no|mendeleev_number|Chemical scale of Pettifor (1984), doi:10.1016/0038-1098(84)90765-8
glawe_number||m:glawe_number||Chemical scale of Glawe et al. (2016), doi:10.1088/1367-2630/18/9/093011
valence_electrons||d:valence|num_valance|Electrons outside the noble-gas core, ground-state configuration
s_valence||d:s|num_s_valence|s electrons outside the noble-gas core
p_valence||d:p|num_p_valence|p electrons outside the noble-gas core
d_valence||d:d|num_d_valence|d electrons outside the noble-gas core
f_valence||d:f|num_f_valence|f electrons outside the noble-gas core
unfilled||d:unfilled|num_unfilled|Vacancies in the open shells outside the noble-gas core
s_unfilled||d:us|num_s_unfilled|Vacancies in the open s shell
p_unfilled||d:up|num_p_unfilled|Vacancies in the open p shell
d_unfilled||d:ud|num_d_unfilled|Vacancies in the open d shell
f_unfilled||d:uf|num_f_unfilled|Vacancies in the open f shell
max_oxidation_state||p:max_oxidation_state||Highest known oxidation state
min_oxidation_state||p:min_oxidation_state||Lowest known oxidation state
atomic_radius_slater|pm|m:atomic_radius|covalent_radius_slater|Empirical radius of Slater (1964), doi:10.1063/1.1725697
atomic_radius_calculated|pm|p:Atomic radius calculated:100||Radius of maximum charge density, Clementi et al. (1967), doi:10.1063/1.1712084
atomic_radius_rahm|pm|m:atomic_radius_rahm|atomic_radius_rahm|Radius at a density of 0.001 electrons per bohr^3, Rahm et al. (2016), doi:10.1002/chem.201602949
metallic_radius|pm|m:metallic_radius_c12|atomic_radius|Metallic radius for twelve neighbours, Kelsall et al. (2005)
covalent_radius_cordero|pm|m:covalent_radius_cordero|covalent_radius_cordero|Single-bond radius, Cordero et al. (2008), doi:10.1039/b801115j
covalent_radius_pyykko|pm|m:covalent_radius_pyykko|covalent_radius_pyykko|Single-bond radius, Pyykkö and Atsumi (2009), doi:10.1002/chem.200800987
covalent_radius_pyykko_double|pm|m:covalent_radius_pyykko_double|covalent_radius_pyykko_double|Double-bond radius, Pyykkö and Atsumi (2009), doi:10.1002/chem.200901472
covalent_radius_pyykko_triple|pm|m:covalent_radius_pyykko_triple|covalent_radius_pyykko_triple|Triple-bond radius, Pyykkö et al. (2005), doi:10.1002/chem.200401299
average_ionic_radius|pm|p:average_ionic_radius:100||Mean ionic radius over oxidation states, Shannon (1976), doi:10.1107/S0567739476001551
vdw_radius|pm|m:vdw_radius|vdw_radius|Van der Waals radius, CRC Handbook of Chemistry and Physics
vdw_radius_alvarez|pm|m:vdw_radius_alvarez|vdw_radius_alvarez|Van der Waals radius, Alvarez (2013), doi:10.1039/c3dt50599e
vdw_radius_mm3|pm|m:vdw_radius_mm3|vdw_radius_mm3|Van der Waals radius of MM3, Allinger et al. (1994), doi:10.1016/S0166-1280(09)80008-0
vdw_radius_uff|pm|m:vdw_radius_uff|vdw_radius_uff|Van der Waals radius of UFF, Rappé et al. (1992), doi:10.1021/ja00051a040
vdw_radius_batsanov|pm|m:vdw_radius_batsanov||Van der Waals radius, Batsanov (2001), doi:10.1023/A:1011625728803
molar_volume|cm^3/mol|p:Molar volume d:molar_volume|molar_volume|Volume of a mole of atoms of the element; from weight and density where not tabulated
density|g/cm^3|m:density|density|Density at 295 K
melting_point|K|p:Melting point|melting_point|Melting point at 1 atm
boiling_point|K|p:Boiling point|boiling_point|Boiling point at 1 atm
fusion_heat|kJ/mol|q:FusionEnthalpy|fusion_enthalpy|Enthalpy of fusion
evaporation_heat|kJ/mol|m:evaporation_heat|evaporation_heat|Enthalpy of evaporation
heat_of_formation|kJ/mol|m:heat_of_formation|heat_of_formation|Enthalpy of formation of the gaseous atom at 298 K
specific_heat_capacity|J/g/K|m:specific_heat_capacity|heat_capacity_mass|Specific heat capacity at 298 K
molar_heat_capacity|J/mol/K|m:molar_heat_capacity|heat_capacity_molar|Molar heat capacity at 298 K
thermal_conductivity|W/m/K|p:Thermal conductivity|thermal_conductivity|Thermal conductivity at 300 K
thermal_expansion|1/K|p:Coefficient of linear thermal expansion||Coefficient of linear thermal expansion
electrical_resistivity|ohm*m|p:Electrical resistivity||Electrical resistivity at room temperature
sound_velocity|m/s|p:Velocity of sound|sound_velocity|Velocity of sound
bulk_modulus|GPa|p:Bulk modulus|bulk_modulus|Bulk modulus
youngs_modulus|GPa|p:Youngs modulus||Young's modulus
shear_modulus|GPa|p:Rigidity modulus||Shear modulus
poisson_ratio||p:Poissons ratio||Poisson's ratio
brinell_hardness|MPa|p:Brinell hardness||Brinell hardness
mineral_hardness||p:Mineral hardness||Mohs hardness
lattice_constant|angstrom|m:lattice_constant|lattice_constant|Lattice constant a of the element's crystal
c6_gb|hartree*bohr^6|m:c6_gb|c6_gb|Dispersion coefficient C6, Gould and Bučko (2016), doi:10.1021/acs.jctc.6b00361
dipole_polarizability|bohr^3|m:dipole_polarizability|dipole_polarizability|Static dipole polarizability, Schwerdtfeger and Nagle (2019), doi:10.1080/00268976.2018.1535143
electron_affinity|eV|p:Electron affinity|electron_affinity|Electron affinity; estimated and negative where no stable anion exists
first_ionization_energy|eV|p:ionization1|first_ion_en|First ionization energy (NIST)
second_ionization_energy|eV|p:ionization2||Second ionization energy (NIST)
third_ionization_energy|eV|p:ionization3||Third ionization energy (NIST)
electronegativity_mulliken|eV|d:mulliken||Half of first ionization energy plus electron affinity
hardness|eV|d:hardness||Half of first ionization energy minus electron affinity
en_pauling||m:en_pauling p:X|en_pauling|Electronegativity of Pauling
en_allen|eV|m:en_allen|en_allen|Electronegativity of Allen, Mann et al. (2000), doi:10.1021/ja992866e
en_ghosh||m:en_ghosh|en_ghosh|Electronegativity of Ghosh (2005), doi:10.1142/S0219633605001556
en_gunnarsson_lundqvist|eV|m:en_gunnarsson_lundqvist||Electronegativity, Robles and Bartolotti (1984) with the functional of Gunnarsson and Lundqvist, doi:10.1021/ja00325a003
en_miedema|V|m:en_miedema||Electronegativity of Miedema, de Boer et al., Cohesion in Metals (1988)
miedema_electron_density|bohr^-3|m:miedema_electron_density||Electron density at the cell boundary, de Boer et al., Cohesion in Metals (1988)
miedema_molar_volume|cm^3/mol|m:miedema_molar_volume||Molar volume of Miedema, de Boer et al., Cohesion in Metals (1988)
effective_charge_slater||d:zeff||Effective charge on the outermost shell by the rules of Slater (1930), doi:10.1103/PhysRev.36.57
highest_orbital_energy|hartree|p:homo||Energy of the highest occupied orbital of the atom, local density approximation, Kotochigova et al. (1997), doi:10.1103/PhysRevA.55.191
abundance_crust|mg/kg|m:abundance_crust||Abundance in the earth's crust, CRC Handbook of Chemistry and Physics
hhi_production||p:HHI_production|hhi_p|Concentration of production over countries (Herfindahl-Hirschman index), Gaultois et al. (2013), doi:10.1021/cm400893e
hhi_reserve||p:HHI_reserve|hhi_r|Concentration of reserves over countries (Herfindahl-Hirschman index), Gaultois et al. (2013), doi:10.1021/cm400893e
icsd_volume|angstrom^3|q:ICSDVolume|icsd_volume|Volume per atom of the element's crystal in the ICSD, after Ward et al. (2016), doi:10.1038/npjcompumats.2016.28
gs_volume|angstrom^3|q:GSvolume_pa|gs_volume_per|Volume per atom of the ground state (DFT), Kirklin et al. (2015), doi:10.1038/npjcompumats.2015.10
gs_energy|eV|q:GSenergy_pa|gs_energy|Energy per atom of the ground state (DFT), Kirklin et al. (2015), doi:10.1038/npjcompumats.2015.10
gs_band_gap|eV|q:GSbandgap|gs_bandgap|Band gap of the ground state (DFT), Kirklin et al. (2015), doi:10.1038/npjcompumats.2015.10
gs_magnetic_moment|bohr_magneton|q:GSmagmom|gs_mag_moment|Magnetic moment per atom of the ground state (DFT), Kirklin et al. (2015), doi:10.1038/npjcompumats.2015.10
"""


def columns() -> dict[str, dict[str, Any]]:
    """The features: unit, sources, published name, description."""
    lines = [line.split("|") for line in COLUMNS.strip().splitlines()]
    return {
        name: {"unit": unit, "from": origin, "published": published, "description": description + "."}
        for name, unit, origin, published, description in lines
    }


# The first step: facts -----------------------------------------------------------------------------------------


def collect(raw: Path) -> None:
    """Values and sources of all features, as one CSV with columns ``feature`` and ``feature:source``."""
    warnings.filterwarnings("ignore")
    from mendeleev.fetch import fetch_table

    mendeleev = fetch_table("elements").iloc[:94].set_index("symbol")
    tables = {"m": mendeleev, "p": _pymatgen(mendeleev.index), "q": _magpie(mendeleev.index)}
    out = pd.DataFrame(index=mendeleev.index)
    derived: pd.DataFrame | None = None
    for later in (False, True):  # derived values may need others
        if later:
            derived = _derived(out)
        for name, column in columns().items():
            value = pd.Series(np.nan, index=out.index)
            source = pd.Series("", index=out.index)
            for code, key, factor in _origins(column["from"]):
                table = derived if code == "d" else tables[code]
                if table is None:
                    continue
                found = pd.to_numeric(table[key], errors="coerce") * factor
                take = value.isna() & found.notna()
                value[take], source[take] = found[take], code
            out[name], out[f"{name}:source"] = value, source
    out.to_csv(raw)


def _origins(text: str) -> list[tuple[str, str, float]]:
    """``m:a p:b c:100`` -> sources in order; a key may hold blanks, so a source starts at a code and a colon."""
    import re

    found = []
    for part in re.split(r" (?=[mpqd]:)", text):
        code, key, *factor = part.split(":")
        found.append((code, key, float(factor[0]) if factor else 1.0))
    return found


def _pymatgen(symbols: pd.Index) -> pd.DataFrame:
    import pymatgen.analysis.hhi
    from pymatgen.core import Element

    rows = {}
    for symbol in symbols:
        element = Element(symbol)
        row = {k: v for k, v in element.data.items() if isinstance(v, (int, float))}
        energies = element.data.get("Ionization energies", [])
        row |= {f"ionization{n}": e for n, e in enumerate(energies[:3], start=1)}
        noble = symbol in NOBLE.values()
        row["average_ionic_radius"] = float(element.average_ionic_radius) or np.nan
        row["max_oxidation_state"] = element.max_oxidation_state if not noble or symbol in {"Kr", "Xe"} else 0
        row["min_oxidation_state"] = element.min_oxidation_state if not noble else 0
        if element.atomic_orbitals:
            row["homo"] = max(element.atomic_orbitals.values())
        rows[symbol] = row
    table = pd.DataFrame(rows).T.apply(pd.to_numeric, errors="coerce").reindex(symbols)
    hhi = pd.read_csv(
        Path(pymatgen.analysis.hhi.__file__).with_name("hhi_data.csv"), comment="#", header=None, index_col=0
    )
    hhi = hhi[~hhi.index.duplicated()]
    return table.join(hhi.rename(columns={1: "HHI_production", 2: "HHI_reserve"}))


def _magpie(symbols: pd.Index) -> pd.DataFrame:
    import matminer.utils.data

    folder = Path(matminer.utils.data.__file__).parent / "data_files" / "magpie_elementdata"
    names = ("ICSDVolume", "GSvolume_pa", "GSenergy_pa", "GSbandgap", "GSmagmom", "FusionEnthalpy")
    values = {n: (folder / f"{n}.table").read_text().split()[: len(symbols)] for n in names}
    return pd.DataFrame(values, index=symbols).apply(pd.to_numeric, errors="coerce")


def _derived(known: pd.DataFrame) -> pd.DataFrame:
    from pymatgen.core import Element

    rows = {}
    for symbol in known.index:
        element = Element(symbol)
        inner = max((n for n in NOBLE if n < element.Z), default=0)
        core = {(n, k) for n, k, _ in Element(NOBLE[inner]).full_electronic_structure} if inner else set()
        outer = [s for s in element.full_electronic_structure if s[:2] not in core]
        count = {k: sum(c for _, kind, c in outer if kind == k) for k in SHELLS}
        free = {f"u{k}": SHELLS[k] - c if 0 < c < SHELLS[k] else 0 for k, c in count.items()}
        rows[symbol] = count | free | {"valence": sum(count.values()), "unfilled": sum(free.values())}
        rows[symbol]["zeff"] = _slater_charge(element)
    table = pd.DataFrame(rows).T
    energy, affinity = known["first_ionization_energy"], known["electron_affinity"]
    table["mulliken"], table["hardness"] = (energy + affinity) / 2, (energy - affinity) / 2
    table["molar_volume"] = known["atomic_weight"] / known["density"]
    table["group"] = 3.0  # asked for only where mendeleev gives none
    return table


def _slater_charge(element: Any) -> float:
    """Charge that an electron of the outermost shell sees by Slater's rules."""
    shells = element.full_electronic_structure
    outermost = max(n for n, _, _ in shells)
    same = sum(c for n, _, c in shells if n == outermost)
    below = sum(c for n, _, c in shells if n == outermost - 1)
    deeper = sum(c for n, _, c in shells if n < outermost - 1)
    own = 0.30 if outermost == 1 else 0.35
    return element.Z - own * (same - 1) - 0.85 * below - 1.0 * deeper


# The second step: impute and write -------------------------------------------------------------------------------


def finish(raw: Path, *, score: bool) -> None:
    """Impute the gaps, cross-validate the imputation if asked to, write the three files of the package."""
    from hanten.elements.imputation import impute, score_imputation
    from hanten.elements.table import ElementTable

    known = pd.read_csv(raw, index_col="symbol")
    notes = columns()
    values = known[list(notes)].to_numpy(dtype=float, copy=True)
    codes = known[[f"{n}:source" for n in notes]].fillna("").to_numpy(dtype=object)
    table = ElementTable(
        NAME, tuple(known.index), tuple(notes), tuple(n["unit"] for n in notes.values()), values, codes
    )
    scores = score_imputation(table, table, seed=0).set_index("feature") if score else pd.DataFrame()
    full = impute(table, table)
    codes = np.where(full.imputed, "i", codes)
    TARGET.mkdir(exist_ok=True)
    frame = full.frame()
    text = frame.map(lambda v: format(v, ".6g") if v != int(v) or abs(v) > 1e6 else str(int(v)))
    exact = known[list(notes)].map(lambda v: repr(float(v)).removesuffix(".0"))
    text = text.where(full.imputed, exact)
    text.to_csv(TARGET / "elements.csv", lineterminator="\n")
    pd.DataFrame(codes, index=frame.index, columns=frame.columns).to_csv(
        TARGET / "sources.csv", lineterminator="\n"
    )
    for name, note in notes.items():
        del note["from"]
        note["imputed"] = int(full.imputed[:, full.column(name)].sum())
        if name in scores.index:
            note["imputation"] = {k: round(float(v), 3) for k, v in scores.loc[name].items() if k != "known"}
    digest = hashlib.sha256((TARGET / "elements.csv").read_bytes()).hexdigest()
    content = {"name": NAME, "sha256": digest, "sources": SOURCES, "features": notes}
    (TARGET / "elements.json").write_text(
        json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
    )
    print(scores.round(3).to_string())
    print(f"{frame.shape[0]} elements x {frame.shape[1]} features, {int(full.imputed.sum())} imputed")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("raw", type=Path)
    parser.add_argument("--finish", action="store_true")
    parser.add_argument(
        "--no-score", action="store_true", help="without cross-validation, which takes minutes"
    )
    chosen = parser.parse_args()
    if chosen.finish:
        finish(chosen.raw, score=not chosen.no_score)
    else:
        collect(chosen.raw)
