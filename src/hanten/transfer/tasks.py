"""The source tasks of the library: which property of which public data, in which world, and how it is read.

Only data graded *train* stands here (see :data:`hanten.data.catalog.GRADES`): weights learned from it may be
shipped.
"""

from __future__ import annotations

from dataclasses import dataclass

from hanten.data.catalog import get_dataset
from hanten.errors import ConfigError, UnknownNameError, did_you_mean
from hanten.properties import Property, get_property

EV_PER_HARTREE = 27.211386245988  # CODATA 2018
EV_PER_KCAL_MOL = 0.04336410390  # CODATA 2018
ANGSTROM_PER_BOHR = 0.529177210544  # CODATA 2022
MD, DFT, EXPERIMENT, MODEL = "molecular dynamics", "quantum chemistry", "experiment", "model"


@dataclass(frozen=True)
class Part:
    """One place where values of a task stand.

    Parameters
    ----------
    dataset : str
        Name in the catalogue of public data sets.
    files : tuple of str
        Files of the data set with a column of values; empty to take the data set's records of the property.
    structure, value : str
        Columns of the files.
    factor : float
        Multiplies the numbers of the file.
    log10 : bool
        Whether the file holds decimal logarithms.
    method : str
        Which records, or what made the numbers.
    """

    dataset: str
    method: str
    files: tuple[str, ...] = ()
    structure: str = "smiles"
    value: str = ""
    factor: float = 1.0
    log10: bool = False


@dataclass(frozen=True)
class Task:
    """A source task: what its networks learn.

    Parameters
    ----------
    name : str
        ``world/property`` or ``world/property@variant``.
    parts : tuple of Part
        Values of the same material from several parts are joined by their median.
    note : str
        What a user of the sources should know.
    """

    name: str
    parts: tuple[Part, ...]
    note: str = ""

    @property
    def kind(self) -> str:
        """The world: polymer, molecule or composition."""
        return self.name.partition("/")[0]

    @property
    def property_(self) -> Property:
        """What is learned."""
        return get_property(self.name.partition("/")[2].partition("@")[0])

    @property
    def log(self) -> bool:
        """Whether the networks learn the decimal logarithm."""
        return self.property_.log_scale or self.name in _LOGARITHMS

    @property
    def limits(self) -> tuple[float, float]:
        """Values outside are not used: the plausible range of the property, wider for inorganic crystals."""
        prop = self.property_
        return _WIDER.get(self.name.partition("@")[0], (prop.low, prop.high))

    @property
    def method(self) -> str:
        """What made the values."""
        return ", ".join(dict.fromkeys(part.method for part in self.parts))

    @property
    def datasets(self) -> tuple[str, ...]:
        """Names of the public data sets."""
        return tuple(dict.fromkeys(part.dataset for part in self.parts))


def _records(name: str, *datasets: str, method: str, note: str = "") -> Task:
    return Task(name, tuple(Part(d, method) for d in datasets), note)


def _pi1070(name: str, column: str | None = None, note: str = "") -> Task:
    if column is None:
        return _records(f"polymer/{name}", "radonpy-pi1070", method=MD, note=note)
    part = Part("radonpy-pi1070", MD if name == "self_diffusion" else DFT, ("PI1070.csv",), "smiles", column)
    return Task(f"polymer/{name}", (part,), note)


def _qm9(name: str, column: str, factor: float = 1.0) -> Task:
    part = Part("ibm-small-molecules", DFT, ("qm9_valid.csv", "qm9_test.csv"), "smiles", column, factor)
    return Task(f"molecule/{name}", (part,), "QM9, B3LYP/6-31G(2df,p); validation and test rows")


def _small(name: str, stem: str, column: str, note: str = "MoleculeNet") -> Task:
    files = tuple(f"{stem}_{part}.csv" for part in ("train", "valid", "test"))
    part = Part("ibm-small-molecules", EXPERIMENT, files, "smiles", column)
    return Task(f"molecule/{name}", (part,), note)


def _matbench(
    name: str, stem: str, column: str, method: str = DFT, factor: float = 1.0, *, log10: bool = False
) -> Task:
    part = Part("matbench", method, (f"matbench_{stem}.json.bz2",), "composition", column, factor, log10)
    return Task(f"composition/{name}", (part,), "Matbench, composition only; polymorphs by their median")


def _aflow(name: str, stem: str) -> Task:
    files = tuple(f"aflow__{stem}__{part}.csv" for part in ("train", "val", "test"))
    return Task(
        f"composition/{name}",
        (Part("crabnet", DFT, files, "formula", "target"),),
        "AFLOW, composition only; the train, validation and test rows of the benchmark",
    )


_UNIT_QM = "Of the isolated repeat unit capped with hydrogen"
_GASES = ("ibm-gas", "torchmolecule-gas")
_LOGARITHMS = {
    "polymer/thermal_diffusivity",
    "composition/thermal_conductivity@aflow",
    "composition/volume_expansion@aflow",
    "composition/refractive_index",
}
_WIDER = {
    "composition/bulk_modulus": (0.1, 1000.0),
    "composition/refractive_index": (1.0, 20.0),
    "composition/thermal_conductivity": (1e-3, 1e4),
    "composition/volume_expansion": (1e-8, 1e-2),
}

TASKS: tuple[Task, ...] = (
    _pi1070("thermal_conductivity", note="Müller-Plathe simulation, 300 K"),
    _records(
        "polymer/thermal_conductivity@notre-dame", "polymon-kaggle", method=MD,
        note="These values are those of the Notre Dame group; leave it out when evaluating on them",
    ),
    _pi1070("thermal_diffusivity"),
    _pi1070("density"),
    _pi1070("Cp", note="Classical: about 2.2 times the measured heat capacity"),
    _pi1070("Cv", note="Classical: about 2.2 times the measured heat capacity"),
    _pi1070("refractive_index"),
    _pi1070("bulk_modulus"),
    _pi1070("linear_expansion"),
    _pi1070("volume_expansion"),
    _pi1070("radius_of_gyration"),
    _pi1070("static_dielectric_constant"),
    _pi1070("self_diffusion", "self-diffusion"),
    _pi1070("dipole_moment", "qm_dipole_monomer", _UNIT_QM),
    _pi1070("polarizability", "qm_polarizability_monomer", _UNIT_QM),
    _pi1070("homo_energy", "qm_homo_monomer", _UNIT_QM),
    _pi1070("lumo_energy", "qm_lumo_monomer", _UNIT_QM),
    _records("polymer/Tg", "polymon-kaggle", "ibm-tg", "afzal", method=EXPERIMENT),
    _records("polymer/fractional_free_volume", "polymon-kaggle", method=MD),
    _records("polymer/density@notre-dame", "polymon-kaggle", method=MD),
    _records("polymer/radius_of_gyration@notre-dame", "polymon-kaggle", method=MD),
    _records("polymer/band_gap_chain", "ibm-polymer", method=DFT),
    _records("polymer/band_gap_bulk", "ibm-polymer", method=DFT),
    _records("polymer/electron_affinity", "ibm-polymer", method=DFT),
    _records("polymer/ionization_energy", "ibm-polymer", method=DFT),
    _records("polymer/crystal_refractive_index", "ibm-polymer", method=DFT),
    _records("polymer/dielectric_constant", "ibm-polymer", method=DFT),
    _records("polymer/crystallization_tendency", "ibm-polymer", method=MODEL),
    _records("polymer/co2_permeability", *_GASES, method=EXPERIMENT),
    _records("polymer/n2_permeability", *_GASES, method=EXPERIMENT),
    _records("polymer/o2_permeability", *_GASES, method=EXPERIMENT),
    _records("polymer/ch4_permeability", *_GASES, method=EXPERIMENT),
    _records("polymer/h2_permeability", *_GASES, method=EXPERIMENT),
    _records("polymer/Td", "ibm-membrane", method=MODEL, note="Predictions of another group's model"),
    _qm9("dipole_moment", "mu"),
    _qm9("polarizability", "alpha", ANGSTROM_PER_BOHR**3),
    _qm9("homo_energy", "homo", EV_PER_HARTREE),
    _qm9("lumo_energy", "lumo", EV_PER_HARTREE),
    _qm9("homo_lumo_gap", "gap", EV_PER_HARTREE),
    _qm9("electronic_spatial_extent", "r2", ANGSTROM_PER_BOHR**2),
    _qm9("zero_point_energy", "zpve", EV_PER_HARTREE),
    _qm9("internal_energy", "u0", EV_PER_HARTREE),
    _qm9("molar_heat_capacity", "cv", 4.184),
    _qm9("atomization_energy", "u0_atom", EV_PER_KCAL_MOL),
    _qm9("atomization_enthalpy", "h298_atom", EV_PER_KCAL_MOL),
    _qm9("atomization_free_energy", "g298_atom", EV_PER_KCAL_MOL),
    _small("aqueous_solubility", "esol", "measured log solubility in mols per litre"),
    _small("hydration_free_energy", "freesolv", "expt"),
    _small("lipophilicity@standardised", "lipophilicity", "y",
           "log D less its mean over its standard deviation, as the file has it"),
    _records("molecule/internal_energy@thermal", "pubchem-iqspr", method=DFT,
             note="Thermal energy with the zero point, as the iqspr package gives it"),
    _records("molecule/homo_lumo_gap@pubchem", "pubchem-iqspr", method=DFT),
    _records("molecule/flory_huggins_chi", "mtl-chi", method=f"{EXPERIMENT}, {DFT}",
             note="Of the solvent: mean over polymers after each polymer's own mean is taken off"),
    _matbench("formation_energy", "mp_e_form", "e_form"),
    _matbench("formation_energy@perovskites", "perovskites", "e_form"),
    _matbench("crystal_band_gap", "mp_gap", "gap pbe"),
    _matbench("crystal_band_gap@measured", "expt_gap", "gap expt", EXPERIMENT),
    _matbench("bulk_modulus", "log_kvrh", "log10(K_VRH)", log10=True),
    _matbench("shear_modulus", "log_gvrh", "log10(G_VRH)", log10=True),
    _matbench("refractive_index", "dielectric", "n"),
    _matbench("exfoliation_energy", "jdft2d", "exfoliation_en"),
    _matbench("phonon_peak", "phonons", "last phdos peak"),
    _matbench("yield_strength@steels", "steels", "yield strength", EXPERIMENT),
    _aflow("crystal_band_gap@aflow", "Egap"),
    _aflow("bulk_modulus@aflow", "ael_bulk_modulus_vrh"),
    _aflow("shear_modulus@aflow", "ael_shear_modulus_vrh"),
    _aflow("debye_temperature@aflow", "ael_debye_temperature"),
    _aflow("thermal_conductivity@aflow", "agl_thermal_conductivity_300K"),
    _aflow("volume_expansion@aflow", "agl_thermal_expansion_300K"),
)  # fmt: skip


def list_tasks(kind: str | None = None) -> list[Task]:
    """All source tasks, or those of one world.

    Examples
    --------
    >>> list_tasks("polymer")[0].name
    'polymer/thermal_conductivity'
    """
    return [task for task in TASKS if kind in (None, task.kind)]


def get_task(name: str | Task) -> Task:
    """The task called ``name``; without the world when only one world has it.

    Raises
    ------
    UnknownNameError
        With the closest names.
    ConfigError
        If several worlds have it, or the data of the task is not graded *train*.

    Examples
    --------
    >>> get_task("Tg").datasets
    ('polymon-kaggle', 'ibm-tg', 'afzal')
    """
    if isinstance(name, Task):
        return _checked(name)
    names = {task.name: task for task in TASKS}
    found = [names[name]] if name in names else [t for t in TASKS if t.name.partition("/")[2] == name]
    if not found:
        short = {task.name.partition("/")[2] for task in TASKS}
        hint = did_you_mean(name, names if "/" in name else short)
        raise UnknownNameError(
            f"no source task is called {name!r}", hint=hint or "`hanten library list` lists all"
        )
    if len(found) > 1:
        raise ConfigError(
            f"several worlds have a task {name!r}", hint=f"say {' or '.join(t.name for t in found)}"
        )
    return _checked(found[0])


def _checked(task: Task) -> Task:
    for dataset in map(get_dataset, task.datasets):
        if dataset.grade != "train":
            text = f"{task.name} would learn from {dataset.name}, which is graded {dataset.grade}"
            raise ConfigError(text, hint=dataset.use)
    return task
