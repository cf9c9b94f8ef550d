"""Property -> structure: target regions, priors, proposals, constraints; inference plus chemistry.

Examples
--------
>>> from hanten.design import parse_target
>>> parse_target("thermal_conductivity >= 0.4 W/m/K")
TargetRegion('thermal_conductivity >= 0.4 W/m/K')
"""

from __future__ import annotations

from typing import Any

from hanten._lazy import lazy_exports

# name -> module; loaded when first used, so that importing this room costs nothing.
_EXPORTS = {
    "Check": "checks",
    "Constraint": "constraints",
    "ConstraintConfig": "constraints",
    "CutAndRegrow": "proposals",
    "DesignConfig": "config",
    "DesignResult": "result",
    "KnownIndex": "known",
    "NGramPrior": "ngram",
    "RegionLikelihood": "likelihood",
    "Substitute": "proposals",
    "TargetRegion": "targets",
    "build_constraints": "constraints",
    "config_from_dict": "config",
    "config_to_dict": "config",
    "config_to_toml": "config",
    "list_priors": "prior_file",
    "load_prior": "prior_file",
    "parse_target": "targets",
    "parse_targets": "targets",
    "read_config": "config",
    "read_prior": "prior_file",
    "save_prior": "prior_file",
}

__all__ = ["sample", *_EXPORTS]  # noqa: PLE0604, RUF100 - names, kept in one place


def sample(*args: Any, **kwargs: Any) -> Any:
    """Sample polymers in target regions: see :func:`hanten.design.sampling.sample`."""
    from hanten.design.sampling import sample as run

    return run(*args, **kwargs)


__getattr__, __dir__ = lazy_exports(__name__, _EXPORTS, own=["sample"])
