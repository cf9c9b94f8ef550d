"""One progress line for long work: step, rate, and the scientific quantity. Silent when not a terminal."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from time import monotonic
from typing import Any

import click


class ProgressLine:
    """Called after each step of the sampler with its row of the trace and the number of candidates so far.

    Parameters
    ----------
    wanted : int
        Candidates asked for.
    """

    def __init__(self, wanted: int) -> None:
        self.wanted, self.start, self.terminal = wanted, monotonic(), sys.stderr.isatty()

    def __call__(self, row: Mapping[str, Any], found: int) -> None:
        """Rewrite the line on a terminal; elsewhere print one line a step."""
        seconds = max(monotonic() - self.start, 1e-9)
        accepted = "–" if row["acceptance"] is None else f"{row['acceptance']:.0%}"
        text = (
            f"step {row['step']}  beta {row['beta']:.3f}  ESS {row['ess']:.0f}  accepted {accepted}  "
            f"in target {row['in_target']:.0%}  {found}/{self.wanted} candidates  "
            f"{row['calls'] / seconds:.0f} structures/s  {seconds:.0f} s"
        )
        click.echo(f"\r{text:<118}" if self.terminal else text, nl=not self.terminal, err=True)

    def end(self) -> None:
        """Leave the line."""
        if self.terminal:
            click.echo("", err=True)
