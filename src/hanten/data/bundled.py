"""Data sets that ship inside the package: small tables collected by hand, each row with its source.

The files lie in the folder ``bundled`` beside this module; ``docs/bundled-data.md`` says how they were made.
"""

from __future__ import annotations

from importlib import resources

import pandas as pd

from hanten.errors import UnknownNameError, did_you_mean

_FILES = {"polymer-thermal-conductivity": "polymer_thermal_conductivity.csv"}
_TEXT = ("name", "abbreviation", "psmiles", "sample_state", "source", "doi", "other_source")


def list_bundled() -> list[str]:
    """Names of the data sets that ship inside the package.

    Examples
    --------
    >>> list_bundled()
    ['polymer-thermal-conductivity']
    """
    return sorted(_FILES)


def load_bundled(name: str) -> pd.DataFrame:
    """A data set that ships inside the package, as one row per polymer and sample state.

    ``polymer-thermal-conductivity`` holds homopolymers in ordinary isotropic bulk form: name, abbreviation,
    PSMILES and its canonical form, ``sample_state`` (``"amorphous"`` or ``"semicrystalline"``), literature
    thermal conductivity near room temperature (``_low`` and ``_high`` as published, and their middle; W/m/K),
    the ``temperature`` of the measurement where it is stated (K), ``Tg`` and ``Tm`` (K) and ``density``
    (g/cm3) where known, the ``source`` of the thermal conductivity with its ``doi``, and the sources of the
    other values.

    Raises
    ------
    UnknownNameError
        With the closest known names.

    Examples
    --------
    >>> table = load_bundled("polymer-thermal-conductivity")
    >>> table.set_index("abbreviation").loc[
    ...     "PS", ["thermal_conductivity_low", "thermal_conductivity_high"]
    ... ].tolist()
    [0.14, 0.18]
    """
    from hanten.chem import canonical_psmiles

    key = name.strip().casefold().replace("_", "-").replace(" ", "-")
    if key not in _FILES:
        hint = did_you_mean(key, _FILES) or f"known: {', '.join(list_bundled())}"
        raise UnknownNameError(f"no bundled data set is called {name!r}", hint=hint)
    path = resources.files("hanten.data").joinpath("bundled", _FILES[key])
    with path.open(encoding="utf-8") as handle:
        table = pd.read_csv(handle, dtype=dict.fromkeys(_TEXT, str))
    texts = [column for column in _TEXT if column in table]
    table[texts] = table[texts].fillna("")
    table.insert(table.columns.get_loc("psmiles") + 1, "canonical", table["psmiles"].map(canonical_psmiles))
    return table
