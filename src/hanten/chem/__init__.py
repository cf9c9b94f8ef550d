"""What a thing is: polymers, molecules, compositions.

Examples
--------
>>> from hanten.chem import Polymer
>>> Polymer("*OCC*") == Polymer("*CCOCCO*")
True
"""

from hanten.chem.canonical import canonical_psmiles, canonical_psmiles_of_mol
from hanten.chem.oligomer import cyclic_oligomer
from hanten.chem.polymer import Molecule, Polymer, canonical_smiles
from hanten.chem.reading import read_repeat_unit

__all__ = [
    "Molecule",
    "Polymer",
    "canonical_psmiles",
    "canonical_psmiles_of_mol",
    "canonical_smiles",
    "cyclic_oligomer",
    "read_repeat_unit",
]
