"""Featurizers to plain JSON values and back, so that a saved model needs no pickle."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hanten.errors import ConfigError, did_you_mean
from hanten.features.chain import ChainDescriptors
from hanten.features.composition import (
    CompositionDescriptors,
    CompositionTransformer,
    KernelMeanDescriptors,
    check_table,
)
from hanten.features.descriptors import RDKitDescriptors
from hanten.features.forcefield import ForceFieldDescriptors
from hanten.features.maccs import MACCSKeys
from hanten.features.morgan import MorganFingerprint
from hanten.features.pairs import AtomPairFingerprint, TopologicalTorsionFingerprint
from hanten.features.regional import RegionalDescriptors
from hanten.features.union import StructureUnion

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hanten.elements import ElementTable
    from hanten.features.base import StructureTransformer

FEATURIZERS: dict[str, type[StructureTransformer]] = {
    kind.__name__: kind
    for kind in (
        AtomPairFingerprint,
        ChainDescriptors,
        CompositionDescriptors,
        ForceFieldDescriptors,
        KernelMeanDescriptors,
        MACCSKeys,
        MorganFingerprint,
        RDKitDescriptors,
        RegionalDescriptors,
        StructureUnion,
        TopologicalTorsionFingerprint,
    )
}


def featurizer_from_config(
    config: Mapping[str, Any], *, table: ElementTable | None = None
) -> StructureTransformer:
    """The featurizer that gave this configuration by ``get_config()``.

    Parameters
    ----------
    config : mapping
        ``featurizer``, ``definition`` and ``parameters``.
    table : ElementTable, optional
        For composition descriptors on a table that is not built in.

    Raises
    ------
    ConfigError
        If the featurizer or a parameter is not known, or its definition has changed since: the same structure
        would get other numbers.

    Examples
    --------
    >>> featurizer_from_config(MorganFingerprint(radius=3).get_config())
    MorganFingerprint(radius=3)
    """
    if extra := set(config) - {"featurizer", "definition", "parameters"}:
        raise ConfigError(f"unknown key {min(extra)!r} in a featurizer's configuration")
    name = config.get("featurizer")
    kind = FEATURIZERS.get(str(name))
    if kind is None:
        raise ConfigError(f"featurizer {name!r} is not known", hint=did_you_mean(str(name), FEATURIZERS))
    if config.get("definition") != kind.definition:
        raise ConfigError(
            f"the configuration is of definition {config.get('definition')} of {name}, this hanten has "
            f"{kind.definition}: the numbers would differ",
            hint="train the model again, or use the hanten version that made it",
        )
    parameters = dict(config.get("parameters", {}))
    known = kind._get_param_names()  # noqa: SLF001 - scikit-learn's own list of constructor arguments
    for key in parameters:
        if key not in known:
            raise ConfigError(f"{name} has no parameter {key!r}", hint=did_you_mean(key, known))
    if kind is StructureUnion:
        parameters["members"] = [
            (key, featurizer_from_config(member)) for key, member in parameters["members"]
        ]
    if issubclass(kind, CompositionTransformer):
        wanted = str(parameters.get("table"))
        parameters["table"] = table if table is not None and table.name == wanted else check_table(wanted)
    featurizer = kind(**parameters)
    featurizer._validate()  # noqa: SLF001 - errors at load, not at the first prediction
    return featurizer
