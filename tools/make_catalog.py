"""Write ``src/hanten/data/catalog.json`` from a local mirror of the public data sets.

    python tools/make_catalog.py MIRROR_FOLDER

What a person decides (title, grade, licence, citation, notes) stands here; sizes and SHA-256 are measured on
the mirror; the public home is built from the repository, commit and path that each SOURCE.txt records. A file
whose digest is not the one recorded there was prepared from its public home and is marked so: it gets no
download address, because a download could not be checked against it.
"""
# ruff: noqa: INP001, PLR0917 -- a script that is mostly one table of prose

from __future__ import annotations

import hashlib
import json
import re
import sys
from pathlib import Path
from typing import Any

TARGET = Path(__file__).parents[1] / "src" / "hanten" / "data" / "catalog.json"
CC_MP = "part from the Materials Project, CC BY 4.0"
USPTO = "D. M. Lowe, Chemical reactions from US patents (1976-Sep2016), doi:10.6084/m9.figshare.5104873 (CC0)"
NOT_POLYINFO = "PoLyInfo terms apply to the structures: for evaluation only"


def _set(
    name: str, kind: str, grade: str, title: str, folder: str, files: str, **more: Any
) -> dict[str, Any]:
    return {
        "name": name,
        "kind": kind,
        "grade": grade,
        "title": title,
        "folder": folder,
        "files": files,
        **more,
    }


SETS = [
    _set(
        "radonpy-pi1070",
        "polymer",
        "train",
        "RadonPy PI1070: molecular dynamics of 1,077 amorphous polymers at 300 K",
        "polymers/radonpy_pi1070",
        "PI1070.csv",
        licence="BSD-3-Clause",
        rows=1077,
        doi="10.1038/s41524-022-00906-4",
        citation="Y. Hayashi et al., RadonPy: automated physical property calculation using all-atom classical "
        "molecular dynamics simulations for polymer informatics, npj Comput. Mater. 8, 222 (2022)",
        properties=[
            "thermal_conductivity",
            "thermal_diffusivity",
            "density",
            "Cp",
            "Cv",
            "refractive_index",
            "bulk_modulus",
            "linear_expansion",
            "volume_expansion",
            "radius_of_gyration",
            "static_dielectric_constant",
        ],
        note="Classical heat capacities are about 2.2 times the measured ones; densities are low by 0.06 to 0.10 g/cm3.",
    ),
    _set(
        "polymon-kaggle",
        "polymer",
        "train",
        "NeurIPS 2025 Open Polymer Prediction training set (copy in polymon)",
        "polymers/polymon_kaggle",
        "kaggle.csv",
        licence="MIT (as polymon states)",
        rows=7973,
        citation="NeurIPS - Open Polymer Prediction 2025 (Kaggle competition); copy in github.com/fate1997/polymon",
        properties=["Tg", "fractional_free_volume", "thermal_conductivity", "density", "radius_of_gyration"],
        note="Tc is thermal conductivity. Tg is experimental, in degC; the other four are molecular dynamics.",
    ),
    _set(
        "afzal",
        "polymer",
        "train",
        "Afzal: paired experimental and simulated Tg and density, simulated expansion",
        "polymers/polymon_kaggle",
        "ap0c00524_si_001.csv",
        licence="supporting information of the paper",
        rows=315,
        doi="10.1021/acsapm.0c00524",
        citation="M. A. F. Afzal et al., High-throughput molecular dynamics simulations and validation of "
        "thermophysical properties of polymers for various applications, ACS Appl. Polym. Mater. 3, 620 (2021)",
        properties=["Tg", "density", "volume_expansion"],
        note="Head and tail are written [Ce] and [Th]. Expansion is that of the glass. Among rows that share one "
        "experimental Tg, structures and the other columns are out of step: those rows are flagged.",
    ),
    _set(
        "bicerano",
        "polymer",
        "eval",
        "Bicerano: experimental Tg of 304 polymers (copy in polymon)",
        "polymers/polymon_kaggle",
        "Bicerano_bigsmiles.csv",
        licence="none stated",
        rows=304,
        citation="J. Bicerano, Prediction of Polymer Properties, 3rd ed., Marcel Dekker (2002)",
        properties=["Tg"],
    ),
    _set(
        "tao-md100",
        "polymer",
        "eval",
        "Tao: experimental and simulated Tg of 96 polymers (copy in polymon)",
        "polymers/polymon_kaggle",
        "Supplement_Dataset1_MD_100.xlsx",
        licence="none stated",
        rows=96,
        doi="10.1016/j.patter.2021.100225",
        properties=["Tg"],
        citation="L. Tao, G. Chen, Y. Li, Machine learning discovery of high-temperature polymers, Patterns 2, 100225 (2021)",
    ),
    _set(
        "notre-dame",
        "polymer",
        "eval",
        "Notre Dame: molecular dynamics thermal conductivity of 874 PoLyInfo polymers",
        "polymers/point2",
        "TC_MD_20240306.xlsx PolyInfo_SMILES_PID_v7_20240306.csv",
        licence="MIT; PoLyInfo terms (NIMS) for the structures",
        rows=874,
        properties=["thermal_conductivity"],
        citation="J. Xu et al., POINT2: a polymer informatics training and testing database (2025), github.com/Jiaxin-Xu/POINT2",
        note=f"Values are keyed by PoLyInfo number and need the structure list beside them. {NOT_POLYINFO}.",
    ),
    _set(
        "polyinfo-structures",
        "polymer",
        "eval",
        "12,790 PoLyInfo repeat units (copy in POINT2), no values",
        "polymers/point2",
        "PolyInfo_SMILES_PID_v7_20240306.csv",
        licence="MIT; PoLyInfo terms (NIMS)",
        rows=12790,
        citation="S. Otsuka et al., PoLyInfo, EIDWT 2011, 22; copy in github.com/Jiaxin-Xu/POINT2",
        doi="10.1109/EIDWT.2011.13",
        properties=[],
        note=f"{NOT_POLYINFO}.",
    ),
    _set(
        "point2-gas",
        "polymer",
        "eval",
        "Measured gas permeabilities (copy in POINT2)",
        "polymers/point2",
        "CO2_raw.csv N2_raw.csv O2_raw.csv CH4_raw.csv H2_raw.csv",
        licence="MIT; PoLyInfo terms (NIMS)",
        rows=3543,
        citation="J. Xu et al., POINT2: a polymer informatics training and testing database (2025), github.com/Jiaxin-Xu/POINT2",
        properties=[
            "co2_permeability",
            "n2_permeability",
            "o2_permeability",
            "ch4_permeability",
            "h2_permeability",
        ],
        note="4 to 7 % of the rows are ladder units with more than two attachment points and come out with an error.",
    ),
    _set(
        "openpoly",
        "polymer",
        "eval",
        "OpenPoly: literature values averaged per polymer, 28 properties",
        "polymers/openpoly",
        "final_polymer_properties_fromliterature.csv final_polymer_property_counts_fromliterature.csv",
        licence="MIT",
        rows=741,
        citation="Openpoly_benchmark, github.com/WangGroupFDU/Openpoly_benchmark",
        properties=[
            "Tg",
            "Tm",
            "Td",
            "thermal_conductivity",
            "refractive_index",
            "young_modulus",
            "h2_permeability",
        ],
        note="Values were taken from papers by a language model and averaged; conductivity mixes filled and oriented "
        "samples (34 of 131 above 1 W/m/K). Its O2 and CO2 permeabilities are identical, so both are left out.",
    ),
    _set(
        "lamalab-tg",
        "polymer",
        "eval",
        "LAMALAB curated Tg: 7,367 experimental values with reliability grades",
        "polymers/lamalab_curated_tg",
        "LAMALAB_CURATED_Tg_structured.csv",
        licence="MIT (original); PoLyInfo terms",
        rows=7367,
        citation="PolyMetriX curated Tg data set (LAMALAB), Zenodo; copy in "
        "github.com/geinitangwanle/PolymersPropertyPrediction",
        properties=["Tg"],
        note="97 % of its polymers descend from PoLyInfo: for evaluation only.",
        paths={"LAMALAB_CURATED_Tg_structured.csv": "LAMALAB_CURATED_Tg_structured.csv"},
    ),
    _set(
        "ibm-polymer",
        "polymer",
        "train",
        "First-principles properties of polymers: band gaps, electron affinity, "
        "ionization energy, refractive index, dielectric constant, crystallisation tendency",
        "polymers/ibm_polymer",
        "polymer_egc.csv polymer_egb.csv polymer_eea.csv polymer_ei.csv polymer_nc.csv polymer_eps.csv polymer_xc.csv",
        licence="Apache-2.0 (repository)",
        rows=5875,
        doi="10.1016/j.patter.2021.100238",
        citation="C. Kuenneth et al., Polymer informatics with multi-task learning, Patterns 2, 100238 (2021); "
        "copy in github.com/IBM/materials",
        properties=[
            "band_gap_chain",
            "band_gap_bulk",
            "electron_affinity",
            "ionization_energy",
            "crystal_refractive_index",
            "dielectric_constant",
            "crystallization_tendency",
        ],
    ),
    _set(
        "ibm-gas",
        "polymer",
        "train",
        "Measured gas permeabilities collected for membrane models (copies in IBM/materials)",
        "polymers/ibm_polymer",
        "polymer_perm_jcim_24.csv polymer_perm_sciadv_22.csv",
        licence="Apache-2.0 (repository)",
        rows=1429,
        doi="10.1126/sciadv.abn9545",
        citation="J. Yang et al., Machine learning enables interpretable discovery of innovative polymers for gas "
        "separation membranes, Sci. Adv. 8, eabn9545 (2022), and a 2024 JCIM set; copies in github.com/IBM/materials",
        properties=[
            "co2_permeability",
            "n2_permeability",
            "o2_permeability",
            "ch4_permeability",
            "h2_permeability",
        ],
        note="Stored as decimal logarithms of Barrer; values here are Barrer. Missing gases of the 2022 set were "
        "filled in by its authors and cannot be told apart in the file.",
    ),
    _set(
        "ibm-tg",
        "polymer",
        "train",
        "Tg of 269 homopolymers and 27 polyimides (copies in IBM/materials)",
        "polymers/ibm_polymer",
        "polymer_tg_gcn.csv cmdl_ibm_polyimide_tg_2024.csv",
        licence="Apache-2.0 (repository)",
        rows=296,
        citation="IBM STR-Bamba fine-tuning sets, github.com/IBM/materials",
        properties=["Tg"],
    ),
    _set(
        "ibm-membrane",
        "polymer",
        "train",
        "Estimated Tg, half-decomposition temperature and CO2 permeability of 1,169 polymers",
        "polymers/ibm_polymer",
        "polymer_perm_tg_td.csv",
        licence="Apache-2.0 (repository)",
        rows=1169,
        citation="IBM STR-Bamba fine-tuning sets, github.com/IBM/materials",
        properties=["Tg", "Td", "co2_permeability"],
        note="Estimates of a model, not measurements.",
    ),
    _set(
        "ibm-polymer-other",
        "polymer",
        "train",
        "Polymer electrolytes, block copolymer phases, 19F contrast agents and a refractive-index table",
        "polymers/ibm_polymer",
        "polymer_electrolytes.csv polymer_pe_II.csv polymer_block_copolymer_morph_v2.csv polymer_19F_MRI.csv polymer_n.csv",
        licence="Apache-2.0 (repository)",
        rows=15480,
        citation="IBM STR-Bamba fine-tuning sets, github.com/IBM/materials",
        properties=[],
        note="Copolymers and salts: fetched as they are, not read as records.",
    ),
    _set(
        "mtl-chi",
        "polymer",
        "train",
        "Flory-Huggins chi of polymer and solvent: experiment and COSMO-RS",
        "polymers/mtl_chi",
        "data_Chi.csv data_COSMO.csv",
        licence="MIT",
        rows=2396,
        doi="10.1021/acs.macromol.2c02600",
        citation="Y. Aoki et al., Multitask machine learning to predict polymer-solvent miscibility using "
        "Flory-Huggins interaction parameters, Macromolecules 56, 5446 (2023)",
        properties=["flory_huggins_chi"],
        note="The solvent stands in its own column; temperature is that of the value.",
    ),
    _set(
        "mtl-chi-soluble",
        "polymer",
        "eval",
        "Soluble or not: polymer and solvent pairs of the chi study",
        "polymers/mtl_chi",
        "data_PI.csv",
        licence="MIT; probably PoLyInfo terms",
        rows=1190,
        doi="10.1021/acs.macromol.2c02600",
        citation="Y. Aoki et al., Macromolecules 56, 5446 (2023)",
        properties=[],
        note="Looks derived from PoLyInfo: for evaluation only. Fetched as it is, not read as records.",
    ),
    _set(
        "smipoly",
        "polymer",
        "train",
        "SMiPoly virtual library: 574,837 repeat units from polymerisation rules",
        "polymers/smipoly",
        "SMiPoly_001_generatedPolymer.csv.zip",
        licence="BSD-3-Clause",
        rows=574837,
        doi="10.1021/acs.jcim.3c00329",
        citation="M. Ohno et al., SMiPoly: generation of a synthesizable polymer virtual "
        "library using rule-based polymerization reactions, J. Chem. Inf. Model. 63, 5539 (2023)",
        properties=[],
        note="Structures without values; some rows have more than two attachment points.",
    ),
    _set(
        "smipoly-monomers",
        "molecule",
        "train",
        "SMiPoly monomers: 1,083 purchasable molecules",
        "polymers/smipoly",
        "202207_smip_monset.csv",
        licence="BSD-3-Clause",
        rows=1083,
        doi="10.1021/acs.jcim.3c00329",
        citation="M. Ohno et al., J. Chem. Inf. Model. 63, 5539 (2023)",
        properties=[],
    ),
    _set(
        "seeds-2019",
        "polymer",
        "train",
        "853 seed repeat units of the 2019 thermal-conductivity study",
        "polymers/highT_initial_smiles",
        "highTdata.csv",
        licence="MIT",
        rows=853,
        doi="10.1038/s41524-019-0203-2",
        citation="S. Wu et al., Machine-learning-assisted discovery of polymers with high thermal conductivity using a "
        "molecular design algorithm, npj Comput. Mater. 5, 66 (2019)",
        properties=[],
    ),
    _set(
        "lc-fragments",
        "polymer",
        "train",
        "24 liquid-crystal fragments and the script of the 2019 study",
        "polymers/stewu5_2019",
        "LC_frags.csv",
        licence="MIT",
        rows=24,
        doi="10.1038/s41524-019-0203-2",
        citation="S. Wu et al., npj Comput. Mater. 5, 66 (2019); github.com/stewu5/HighTCond_Polymer_iqspr",
        properties=[],
    ),
    _set(
        "xenonpy-polymer-test",
        "polymer",
        "peer",
        "500 strings with values predicted by Polymer Genome (XenonPy tests)",
        "polymers/xenonpy_polymer_test",
        "polymer_test_data.csv",
        licence="BSD-3-Clause",
        rows=500,
        citation="github.com/yoshida-lab/XenonPy, tests/inverse",
        properties=["refractive_index", "density", "Tg"],
        note="Predictions, and half of the strings have no attachment point.",
    ),
    _set(
        "torchmolecule-gas",
        "polymer",
        "train",
        "Measured gas permeabilities (torch-molecule)",
        "polymers/torchmolecule_gas",
        "polymer_gas_permeability.csv.gz polymer100.csv",
        licence="MIT",
        rows=886,
        citation="github.com/liugangcode/torch-molecule",
        properties=[
            "co2_permeability",
            "n2_permeability",
            "o2_permeability",
            "ch4_permeability",
            "h2_permeability",
        ],
        note="Ladder units with more than two attachment points come out with an error.",
    ),
    _set(
        "ibm-small-molecules",
        "molecule",
        "train",
        "ESOL, FreeSolv, Lipophilicity and 25,439 molecules of QM9 with splits",
        "polymers/ibm_smallmol",
        "esol_train.csv esol_valid.csv esol_test.csv freesolv_train.csv freesolv_valid.csv "
        "freesolv_test.csv lipophilicity_train.csv lipophilicity_valid.csv lipophilicity_test.csv qm9_test.csv qm9_valid.csv",
        licence="Apache-2.0 (repository); MoleculeNet",
        rows=31407,
        doi="10.1039/C7SC02664A",
        citation="Z. Wu et al., MoleculeNet: a benchmark for molecular machine learning, Chem. Sci. 9, 513 (2018); "
        "copies in github.com/IBM/materials",
        properties=["aqueous_solubility", "hydration_free_energy", "homo_lumo_gap", "internal_energy"],
        note="Lipophilicity is standardised in these files (mean 0, sd 1) and the constants are not recorded, so it is "
        "fetched but not read as records.",
    ),
    _set(
        "deepchem-small",
        "molecule",
        "train",
        "ESOL (Delaney) and 1,000 molecules of GDB (DeepChem)",
        "polymers/deepchem_small",
        "delaney-processed.csv gdb1k.sdf",
        licence="MIT",
        rows=1128,
        doi="10.1021/ci034243x",
        citation="J. S. Delaney, ESOL: estimating aqueous solubility directly from molecular structure, "
        "J. Chem. Inf. Comput. Sci. 44, 1000 (2004); copy in github.com/deepchem/deepchem",
        properties=["aqueous_solubility"],
    ),
    _set(
        "zinc250k",
        "molecule",
        "peer",
        "ZINC 250k: 249,455 purchasable molecules",
        "molecules/zinc250k",
        "zinc250k.smi.gz",
        licence="MIT (repository); ZINC terms",
        rows=249455,
        citation="github.com/wenhao-gao/mol_opt",
        properties=[],
        prepared="zinc.txt taken out of the tar archive at the public home and compressed again",
    ),
    _set(
        "chembl-union",
        "molecule",
        "peer",
        "Union of three public ChEMBL extracts: 307,855 strings",
        "molecules/chembl_union",
        "chembl_union.smi.gz",
        licence="CC BY-SA 3.0 (ChEMBL)",
        rows=307855,
        citation="ChEMBL; extracts of undeadpixel/reinvent-randomized, gmattedi/SmilesTransformer and ml-jku/Chem-xLSTM",
        properties=[],
        prepared="the union, string by string, of three public extracts",
    ),
    _set(
        "pubchem-iqspr",
        "molecule",
        "train",
        "Original iQSPR data: 16,674 molecules with internal energy and HOMO-LUMO "
        "gap, and 5,000 training strings",
        "molecules/pubchem_iqspr",
        "qspr_data.csv ngram_training.smi",
        licence="MIT",
        rows=16674,
        doi="10.1007/s10822-016-0008-z",
        citation="H. Ikebata et al., Bayesian molecular design with a chemical language model, "
        "J. Comput. Aided Mol. Des. 31, 379 (2017)",
        properties=["internal_energy", "homo_lumo_gap"],
        prepared="the R data files of the public home written as text",
    ),
    _set(
        "uspto-train",
        "reaction",
        "train",
        "248,215 patent reactions free of every product of the evaluation sets",
        "reactions",
        "uspto_train.tsv.gz",
        licence="CC0",
        rows=248215,
        citation=USPTO,
        properties=[],
        prepared="USPTO-50K, USPTO-MIT valid, USPTO-full valid/test and USPTO-15K, deduplicated, canonical, unmapped",
    ),
    _set(
        "uspto-train-mapped",
        "reaction",
        "train",
        "The 202,015 rows of uspto-train whose source carries atom maps",
        "reactions",
        "uspto_train_mapped.tsv.gz",
        licence="CC0",
        rows=202015,
        citation=USPTO,
        properties=[],
        prepared="as uspto-train, with mapped reactants and product",
    ),
    _set(
        "uspto-50k",
        "reaction",
        "eval",
        "USPTO-50K validation and test with reaction class",
        "reactions",
        "uspto50k_valid.tsv.gz uspto50k_test.tsv.gz",
        licence="CC0; Apache-2.0 (repository)",
        rows=9468,
        citation="B. Liu et al., Retrosynthetic reaction prediction using neural sequence-to-sequence models, "
        "ACS Cent. Sci. 3, 1103 (2017)",
        doi="10.1021/acscentsci.7b00303",
        properties=[],
        prepared="canonical, atom maps removed",
    ),
    _set(
        "uspto-mit",
        "reaction",
        "eval",
        "USPTO-MIT (480k) test with reagents",
        "reactions",
        "uspto_mit_test.tsv.gz",
        licence="CC0",
        rows=39871,
        citation="W. Jin et al., Predicting organic reaction outcomes with "
        "Weisfeiler-Lehman network, NeurIPS 2017",
        properties=[],
        prepared="canonical, atom maps removed",
    ),
    _set(
        "paroutes-2step",
        "reaction",
        "eval",
        "802 patent routes of depth two",
        "reactions",
        "paroutes_2step.tsv.gz",
        licence="Apache-2.0",
        rows=802,
        doi="10.1039/D2DD00015F",
        citation="S. Genheden, E. Bjerrum, PaRoutes: towards a "
        "framework for benchmarking retrosynthesis route predictions, Digital Discovery 1, 527 (2022)",
        properties=[],
        prepared="routes of depth two taken from n1 and n5",
    ),
    _set(
        "stock-patent",
        "stock",
        "train",
        "249,039 reactants of patent reactions with their number of uses",
        "reactions",
        "stock_patent_reactants.tsv.gz",
        licence="CC0",
        rows=249039,
        citation=USPTO,
        properties=[],
        prepared="counted over all patent sets, evaluation reactants included",
    ),
    _set(
        "stock-buyables",
        "stock",
        "eval",
        "106,679 purchasable molecules with price per gram (2019)",
        "reactions",
        "stock_buyables_evaluation_only.tsv.gz",
        licence="CC BY-NC-SA",
        rows=106679,
        citation="ASKCOS buyables, 2019",
        properties=[],
        prepared="canonical strings with price",
    ),
    _set(
        "stock-paroutes",
        "stock",
        "eval",
        "PaRoutes stocks n1 and n5 as InChIKeys",
        "reactions",
        "aizynth_n1_stock.txt aizynth_n5_stock.txt",
        licence="Apache-2.0",
        rows=27400,
        doi="10.1039/D2DD00015F",
        citation="S. Genheden, E. Bjerrum, Digital Discovery 1, 527 (2022)",
        properties=[],
        prepared="InChIKeys only",
    ),
    _set(
        "quasicrystals",
        "inorganic",
        "train",
        "10,158 compositions: quasicrystals, approximants, others",
        "inorganic/quasicrystals",
        "*.csv",
        licence=f"BSD-3-Clause; {CC_MP}",
        rows=10158,
        doi="10.1002/adma.202102507",
        citation="C. Liu et al., Machine learning to predict quasicrystals from chemical compositions, "
        "Adv. Mater. 33, 2102507 (2021)",
        properties=[],
    ),
    _set(
        "kmdplus-elements",
        "inorganic",
        "eval",
        "Element table (94 x 58) and 35,463 stable formulas",
        "inorganic/kmdplus_elements",
        "*.csv",
        licence=f"MIT; {CC_MP}",
        rows=35463,
        citation="github.com/Minoru938/KmdPlus",
        properties=[],
    ),
    _set(
        "ptg-elements",
        "inorganic",
        "eval",
        "54 elements x 39 features of the periodic-table study",
        "inorganic/ptg_elements",
        "*.csv",
        licence="MIT",
        rows=54,
        doi="10.1038/s41598-021-81850-z",
        citation="M. Kusaba et al., Recreation of the periodic table with an unsupervised machine learning algorithm, "
        "Sci. Rep. 11, 4780 (2021)",
        properties=[],
    ),
    _set(
        "matbench",
        "inorganic",
        "train",
        "Matbench: 13 tasks from composition or structure to property",
        "inorganic/matbench",
        "*.json.bz2",
        licence="MIT (repository)",
        rows=None,
        doi="10.1038/s41524-020-00406-3",
        citation="A. Dunn et al., Benchmarking materials property prediction methods: the Matbench test set and "
        "Automatminer reference algorithm, npj Comput. Mater. 6, 138 (2020)",
        properties=[],
    ),
    _set(
        "crabnet",
        "inorganic",
        "train",
        "Composition to property with fixed splits (AFLOW, Materials Project)",
        "inorganic/crabnet_benchmark",
        "*.csv",
        licence=f"MIT; {CC_MP}",
        rows=None,
        doi="10.1038/s41524-021-00545-1",
        citation="A. Y.-T. Wang et al., Compositionally restricted attention-based network for materials property "
        "predictions, npj Comput. Mater. 7, 77 (2021)",
        properties=[],
    ),
    _set(
        "cbfv-agl",
        "inorganic",
        "train",
        "Decimal logarithm of thermal conductivity at 300 K by composition (AFLOW AGL)",
        "inorganic/cbfv_agl",
        "*.csv",
        licence="MIT",
        rows=None,
        citation="github.com/kaaiian/BestPractices",
        properties=[],
    ),
    _set(
        "roost",
        "inorganic",
        "train",
        "Experimental and computed band gaps by composition",
        "inorganic/roost",
        "*.csv",
        licence="MIT (repository)",
        rows=None,
        doi="10.1038/s41467-020-19964-7",
        citation="R. E. A. Goodall, A. A. Lee, Predicting materials properties without crystal structure: deep "
        "representation learning from stoichiometry, Nat. Commun. 11, 6280 (2020)",
        properties=[],
    ),
    _set(
        "affinetl-ltc",
        "inorganic",
        "eval",
        "45 lattice thermal conductivities, 320 scattering phase spaces, descriptors",
        "inorganic/affinetl_ltc",
        "*.csv",
        licence="none stated: all rights reserved",
        rows=320,
        doi="10.1103/PhysRevMaterials.5.053801",
        citation="S. Ju et al., Exploring diamondlike lattice thermal "
        "conductivity crystals via feature-based transfer learning, Phys. Rev. Mater. 5, 053801 (2021)",
        properties=[],
        prepared="written as text from a pickle, which is not loaded here",
    ),
]


def _source(folder: Path) -> tuple[str | None, str | None, dict[str, str]]:
    """Repository ``owner/name``, commit, and SHA-256 -> path there."""
    text = (folder / "SOURCE.txt").read_text(encoding="utf-8")
    repo = re.search(r"github\.com/([\w.-]+/[\w.-]+)", text)
    commit = re.search(r"^commit: ([0-9a-f]{40})", text, re.MULTILINE)
    paths = {m[2]: m[1] for m in re.finditer(r"<- (\S.*?)  bytes=\d+ sha256=([0-9a-f]{64})", text)}
    paths |= {m[1]: m[2] for m in re.finditer(r"^([0-9a-f]{64}) \d+ (\S+) -> ", text, re.MULTILINE)}
    return (repo[1] if repo else None), (commit[1] if commit else None), paths


def _file(path: Path, mirror: Path, entry: dict[str, Any]) -> dict[str, Any]:
    repo, commit, paths = _source(path.parent)
    content = path.read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    there = paths.get(digest) or entry.get("paths", {}).get(path.name)
    url = None
    if there and repo and commit and "prepared" not in entry:
        url = f"https://raw.githubusercontent.com/{repo}/{commit}/{there}"
    mirror_path = path.relative_to(mirror).as_posix()
    return {"name": path.name, "mirror": mirror_path, "size": len(content), "sha256": digest, "url": url}


def _entry(entry: dict[str, Any], mirror: Path) -> dict[str, Any]:
    folder = mirror / entry["folder"]
    repo, commit, _ = _source(folder)
    names = [path for pattern in entry["files"].split() for path in sorted(folder.glob(pattern))]
    home = f"https://github.com/{repo}/tree/{commit}" if repo and commit else None
    keep = (
        "name",
        "kind",
        "grade",
        "title",
        "licence",
        "rows",
        "doi",
        "citation",
        "properties",
        "note",
        "prepared",
    )
    return {key: entry.get(key) for key in keep} | {
        "home": home,
        "files": [_file(p, mirror, entry) for p in names],
    }


def main(mirror: Path) -> None:
    """Write the catalogue and say what has no public address."""
    entries = [_entry(entry, mirror) for entry in SETS]
    catalog = {"format_version": 1, "datasets": entries}
    TARGET.write_text(json.dumps(catalog, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    for entry in entries:
        missing = [file["name"] for file in entry["files"] if file["url"] is None]
        if missing:
            print(entry["name"], "no public address:", *missing)
    print(len(entries), "data sets,", sum(len(e["files"]) for e in entries), "files")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
