"""Structure to vector: scikit-learn transformers of polymers, molecules and compositions.

Examples
--------
>>> from hanten.features import MorganFingerprint
>>> MorganFingerprint().fit_transform(["*CC(*)c1ccccc1", "*OCC*"]).shape
(2, 2048)
"""

from hanten.elements import ElementTable, rdkit_elements
from hanten.features.base import StructureTransformer
from hanten.features.chain import ChainDescriptors
from hanten.features.composition import CompositionDescriptors, KernelMeanDescriptors, composition_matrix
from hanten.features.config import featurizer_from_config
from hanten.features.crystal import CrystalDescriptors
from hanten.features.descriptors import RDKitDescriptors
from hanten.features.forcefield import ForceFieldDescriptors
from hanten.features.maccs import MACCSKeys
from hanten.features.morgan import MorganFingerprint
from hanten.features.pairs import AtomPairFingerprint, TopologicalTorsionFingerprint
from hanten.features.regional import RegionalDescriptors
from hanten.features.structure import Structure
from hanten.features.union import StructureUnion, make_union

__all__ = [
    "AtomPairFingerprint",
    "ChainDescriptors",
    "CompositionDescriptors",
    "CrystalDescriptors",
    "ElementTable",
    "ForceFieldDescriptors",
    "KernelMeanDescriptors",
    "MACCSKeys",
    "MorganFingerprint",
    "RDKitDescriptors",
    "RegionalDescriptors",
    "Structure",
    "StructureTransformer",
    "StructureUnion",
    "TopologicalTorsionFingerprint",
    "composition_matrix",
    "featurizer_from_config",
    "make_union",
    "rdkit_elements",
]
