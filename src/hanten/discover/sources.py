"""What a report cites, and the facts that make its run repeatable."""

from __future__ import annotations

import platform
from importlib.metadata import version
from typing import TYPE_CHECKING

from hanten._version import __version__

if TYPE_CHECKING:
    from hanten.discover.workflow import Discovery

METHODS = (
    "Bayesian molecular design with a chemical language model: H. Ikebata et al., J. Comput.-Aided Mol. Des. 31,"
    " 379 (2017), doi:10.1007/s10822-016-0008-z",
    "Polymers of high thermal conductivity by molecular design: S. Wu et al., npj Comput. Mater. 5, 66 (2019),"
    " doi:10.1038/s41524-019-0203-2",
    "Sequential Monte Carlo samplers: P. Del Moral, A. Doucet and A. Jasra, J. R. Stat. Soc. B 68, 411 (2006),"
    " doi:10.1111/j.1467-9868.2006.00553.x",
    "Smoothing of the language model: S. F. Chen and J. Goodman, Comput. Speech Lang. 13, 359 (1999),"
    " doi:10.1006/csla.1999.0128",
    "Polymerisation rules: M. Ohno et al., J. Chem. Inf. Model. 63, 5539 (2023), doi:10.1021/acs.jcim.3c00329",
    "Synthetic accessibility: P. Ertl and A. Schuffenhauer, J. Cheminform. 1, 8 (2009), doi:10.1186/1758-2946-1-8",
)
PACKAGES = ("rdkit", "numpy", "scipy", "scikit-learn", "pandas")


def citations(found: Discovery) -> list[str]:
    """Data of every model used, then the methods."""
    data = [str(line) for model in found.models.values() for line in as_list(model.card.get("data", ()))]
    return [*dict.fromkeys(data), *METHODS]


def facts(found: Discovery) -> dict[str, str]:
    """Target, seed, versions, digests of the training data."""
    design = found.config.design
    digests = {
        f"training data of {name}": f"SHA-256 {str(model.training.get('digest', '–'))[:16]}…"
        for name, model in found.models.items()
    }
    return {
        "target": "; ".join(design.targets),
        "seed": str(design.seed),
        "particles": str(design.particles),
        "prior": design.prior,
        "hanten": __version__,
        "python": platform.python_version(),
        "packages": ", ".join(f"{name} {version(name)}" for name in PACKAGES),
        **digests,
    }


def as_list(value: object) -> list[object]:
    """One or several entries of a card as a list."""
    return list(value) if isinstance(value, (list, tuple)) else [value]
