"""How a named check is shown: what a careful colleague would ask, answered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Status = Literal["issue", "tip", "passed", "not applicable"]


@dataclass(frozen=True)
class Check:
    """One named check and its outcome.

    A code (``HNT002``) stays the same for ever, so that it can be looked up and silenced.

    Parameters
    ----------
    code : str
        ``HNT`` and three digits.
    title : str
        What should hold.
    status : {"issue", "tip", "passed", "not applicable"}
    text : str
        What was found, with numbers, and what to do.

    Examples
    --------
    >>> Check("HNT003", "no particle holds the posterior", "passed", "heaviest 0.2 %").status
    'passed'
    """

    code: str
    title: str
    status: Status
    text: str
