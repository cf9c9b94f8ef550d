"""How a discovery is put into words: regions, values, the answer in one sentence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from hanten.properties import get_property, pretty_unit

if TYPE_CHECKING:
    import pandas as pd

    from hanten.discover.workflow import Discovery


def describe_region(name: str, region: tuple[float, float], method: str = "") -> str:
    """A target region in words, with unit and with what the number stands for.

    Examples
    --------
    >>> describe_region("Tg", (473.0, float("inf")))
    'Tg ≥ 473 K'
    >>> describe_region("refractive_index", (1.6, 1.7), "MD")
    'refractive index from 1.6 to 1.7 (MD)'
    """
    prop, (low, high) = get_property(name), region
    unit = f" {pretty_unit(prop.unit)}" if prop.unit else ""
    what = name.replace("_", " ")
    if np.isfinite(low) and np.isfinite(high):
        text = f"{what} from {low:g} to {high:g}{unit}"
    else:
        text = f"{what} ≥ {low:g}{unit}" if np.isfinite(low) else f"{what} ≤ {high:g}{unit}"
    return f"{text} ({method})" if method else text


def mean_and_sd(name: str, mean: float, sd: float) -> str:
    """A predicted value, rounded to what its standard deviation supports.

    Examples
    --------
    >>> mean_and_sd("thermal_conductivity", 0.41234, 0.0312)
    'λ 0.412 ± 0.031 W/(m K)'
    >>> mean_and_sd("Tg", 512.3, 41.7)
    'Tg 512 ± 42 K'
    """
    prop = get_property(name)
    unit = f" {pretty_unit(prop.unit)}" if prop.unit else ""
    digits = max(0, 1 - int(np.floor(np.log10(sd)))) if sd > 0 else 3
    return f"{prop.symbol} {mean:.{digits}f} ± {sd:.{digits}f}{unit}"


def row_values(row: Mapping[str, Any], names: Mapping[str, Any]) -> str:
    """All predicted values of a candidate."""
    return ", ".join(mean_and_sd(name, row[f"{name}_mean"], row[f"{name}_sd"]) for name in names)


def wish(found: Discovery) -> str:
    """What was asked for."""
    methods = {name: model.method for name, model in found.models.items()}
    return " and ".join(
        describe_region(name, region, methods[name]) for name, region in found.regions.items()
    )


def answer(found: Discovery) -> str:
    """What was found, in two sentences."""
    library = found.library
    if not len(library):
        return f"None was found: {found.summary['ended']}."
    inside, made = (share(library, column) for column in ("in_domain", "all_known"))
    return (
        f"{len(library):,} distinct novel candidates: {inside:.0%} lie in the domain of the models, {made:.0%} follow "
        f"from known monomers by a polymerisation rule. The most promising lies in the target region with "
        f"probability {library['probability'].max():.2f}."
    )


def numbers(found: Discovery) -> list[tuple[str, str]]:
    """Six numbers for the head of the report."""
    library, prior = found.library, float(found.prior["probability"].mean())
    ours = float(library["probability"].mean()) if len(library) else float("nan")
    gain = f"{ours / prior:,.0f} ×" if prior > 0 and np.isfinite(ours) else "–"
    return [
        (f"{len(library):,}", "distinct novel candidates"),
        (f"{len(found.shortlist)}", "on the shortlist"),
        (f"{ours:.0%}" if np.isfinite(ours) else "–", "mean probability of the target region"),
        (gain, "as probable as a draw from the prior"),
        (f"{found.summary['log_evidence']:.2f}", "log evidence: log P(target) under the prior"),
        (f"{found.summary['seconds']:.0f} s", "from question to answer"),
    ]


def share(library: pd.DataFrame, column: str) -> float:
    """Fraction of rows where a yes-or-no column says yes; unknown counts as no."""
    return float(library[column].fillna(value=False).astype(bool).mean()) if len(library) else 0.0
