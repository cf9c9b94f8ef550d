"""Named checks of a result: what a careful colleague would ask, answered."""

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

    @classmethod
    def of(cls, code: str, title: str, fine: bool, text: str) -> Check:
        """A check that either passed or is an issue."""
        return cls(code, title, "passed" if fine else "issue", text)

    @property
    def fine(self) -> bool:
        """Whether there is nothing to act on."""
        return self.status != "issue"
