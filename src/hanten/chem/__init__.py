"""What a thing is: polymers, molecules, compositions.

Examples
--------
>>> from hanten.chem import Polymer
>>> Polymer("*OCC*") == Polymer("*CCOCCO*")
True
"""

from hanten.chem.canonical import canonical_psmiles, canonical_psmiles_of_mol
from hanten.chem.composition import Composition
from hanten.chem.drawing import draw
from hanten.chem.oligomer import cyclic_oligomer
from hanten.chem.parsing import ParseReport, parse
from hanten.chem.polymer import Molecule, Polymer, canonical_smiles
from hanten.chem.reading import normalise_attachment_points, read_repeat_unit

__all__ = [
    "Composition",
    "Molecule",
    "ParseReport",
    "Polymer",
    "canonical_psmiles",
    "canonical_psmiles_of_mol",
    "canonical_smiles",
    "cyclic_oligomer",
    "draw",
    "normalise_attachment_points",
    "parse",
    "read_repeat_unit",
]
