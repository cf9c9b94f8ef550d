"""The periodic-table generator: any table of items laid out so that neighbours resemble each other.

Examples
--------
>>> from hanten.elements import element_table
>>> from hanten.elements.periodic_table import PeriodicTable
>>> metals = element_table().select(["period", "density", "en_pauling"], ["Li", "Na", "K", "Cu", "Ag", "Au"])
>>> table = PeriodicTable("square", shape=(3,), restarts=2).fit(metals.values)
>>> sorted(table.node_) == sorted(set(table.node_))
True
"""

from hanten._lazy import lazy_exports

_HOMES = {
    "ElementMap": "elements",
    "Layout": "layouts",
    "PeriodicTable": "estimator",
    "Prior": "model",
    "assign": "assignment",
    "compare_layouts": "elements",
    "continuity": "measures",
    "expand": "expansion",
    "fit_em": "em",
    "interpolate": "expansion",
    "is_contiguous": "measures",
    "log_evidence": "measures",
    "make_layout": "layouts",
    "map_elements": "elements",
    "place": "assignment",
    "potential_scale_reduction": "mcmc",
    "sample_chain": "mcmc",
    "prediction": "measures",
    "stress": "measures",
    "trustworthiness": "measures",
}

__all__ = list(_HOMES)
__getattr__, __dir__ = lazy_exports(__name__, _HOMES)
