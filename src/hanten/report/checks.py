"""Named checks of a design run: what a careful colleague would ask, answered in the report.

A check has a code that stays the same for ever (``HNT002``), so that it can be looked up and silenced.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

Status = Literal["issue", "tip", "passed", "not applicable"]


@dataclass(frozen=True)
class Check:
    """One named check and its outcome.

    Parameters
    ----------
    code : str
        ``HNT`` and three digits.
    title : str
        What is checked, as a statement of the fault.
    status : {"issue", "tip", "passed", "not applicable"}
    text : str
        What was found, with numbers, and what to do.

    Examples
    --------
    >>> Check("HNT003", "one particle holds the posterior", "passed", "largest weight 0.002").status
    'passed'
    """

    code: str
    title: str
    status: Status
    text: str


def design_checks(
    trace: Sequence[Mapping[str, Any]],
    candidates: Any,
    *,
    wanted: int,
    outside: Sequence[str] = (),
    ended: str = "",
) -> list[Check]:
    """The checks of a design or discover run.

    Parameters
    ----------
    trace : sequence of dict
        One row a step, as in ``trace.jsonl``.
    candidates : pandas.DataFrame
        The library, with ``in_domain`` and ``log_weight``.
    wanted : int
        Number of candidates asked for.
    outside : sequence of str
        One sentence per target region that no training value reaches.
    ended : str
        Why the sampler stopped before reaching beta = 1; empty when it did reach it.
    """
    return [
        _tempering(trace, ended),
        _outside(outside),
        _degenerate(candidates),
        _domain(candidates),
        _library(candidates, wanted),
        _mixing(trace),
    ]


def _tempering(trace: Sequence[Mapping[str, Any]], ended: str) -> Check:
    beta = trace[-1]["beta"] if trace else 0.0
    status: Status = "passed" if beta >= 1 and not ended else "issue"
    return Check(
        "HNT001",
        "the sampler stopped short of the posterior",
        status,
        ended or f"reached beta = {beta:.3g} in {len(trace)} steps",
    )


def _outside(outside: Sequence[str]) -> Check:
    text = " ".join(outside) or "every target region holds training values"
    return Check("HNT002", "target outside the training range", "issue" if outside else "passed", text)


def _degenerate(candidates: Any) -> Check:
    import numpy as np

    if not len(candidates):
        return Check(
            "HNT003", "one particle holds the posterior", "not applicable", "there are no candidates"
        )
    weights = np.exp(candidates["log_weight"] - candidates["log_weight"].max())
    share = float((weights / weights.sum()).max())
    return Check(
        "HNT003",
        "one particle holds the posterior",
        "issue" if share > 0.2 else "passed",
        f"the heaviest candidate holds {share:.1%} of the weight",
    )


def _domain(candidates: Any) -> Check:
    if not len(candidates):
        return Check(
            "HNT004", "over half of the candidates out of domain", "not applicable", "there are no candidates"
        )
    share = 1 - float(candidates["in_domain"].astype(bool).mean())
    advice = (
        "; their predictions are extrapolations: prefer the in-domain ones, or measure some and train again"
        if share > 0.5
        else ""
    )
    return Check(
        "HNT004",
        "over half of the candidates out of domain",
        "issue" if share > 0.5 else "passed",
        f"{share:.0%} out of domain{advice}",
    )


def _library(candidates: Any, wanted: int) -> Check:
    found = len(candidates)
    advice = "" if found >= wanted else "; widen the target region, loosen constraints, or allow more sweeps"
    return Check(
        "HNT005",
        "fewer candidates than asked for",
        "passed" if found >= wanted else "issue",
        f"{found} of {wanted}{advice}",
    )


def _mixing(trace: Sequence[Mapping[str, Any]]) -> Check:
    rates = [row["acceptance"] for row in trace if row.get("acceptance") is not None]
    if not rates:
        return Check("HNT006", "proposals are hardly ever accepted", "not applicable", "no moves were made")
    low = min(rates)
    return Check(
        "HNT006",
        "proposals are hardly ever accepted",
        "tip" if low < 0.01 else "passed",
        f"lowest acceptance {low:.1%}",
    )
