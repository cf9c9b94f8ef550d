"""One self-contained HTML file: sections of fragments, inline SVG and CSS, no network, no script needed."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from hanten.report.checks import Check


@dataclass(frozen=True)
class Fragment:
    """A piece of a report: safe HTML (or SVG) and the caption under it."""

    html: str
    caption: str = ""


@dataclass(frozen=True)
class Section:
    """A heading and its fragments."""

    title: str
    fragments: Sequence[Fragment]
    intro: str = ""
    side_by_side: bool = False


@dataclass(frozen=True)
class Report:
    """All that one report shows.

    Parameters
    ----------
    title, question, answer : str
        What was asked and found, in plain sentences.
    numbers : sequence of (value, label)
        Four to six numbers for the head.
    sections : sequence of Section
    checks : sequence of Check
    downloads : mapping of file name to text
        Embedded in the page as links.
    citations : sequence of str
    facts : mapping of str to str
        Seed, versions, digests.

    Examples
    --------
    >>> page = Report("t", "q?", "a.", [("3", "candidates")], []).html()
    >>> "http" in page.split("</style>")[1]
    False
    """

    title: str
    question: str
    answer: str
    numbers: Sequence[tuple[str, str]]
    sections: Sequence[Section]
    checks: Sequence[Check] = ()
    downloads: Mapping[str, str] = field(default_factory=dict)
    citations: Sequence[str] = ()
    facts: Mapping[str, str] = field(default_factory=dict)

    def html(self) -> str:
        """The whole page."""
        order = {"issue": 0, "tip": 1, "passed": 2, "not applicable": 3}
        checks = sorted(self.checks, key=lambda check: (order[check.status], check.code))
        return str(_template("report.html.j2").render(report=self, checks=checks, link=_data_link))

    def _repr_html_(self) -> str:
        return self.html()


def table(rows: Sequence[Mapping[str, Any]], columns: Mapping[str, str], *, note: str = "") -> str:
    """An HTML table of ``rows``: ``columns`` maps keys to headings; text is escaped, numbers are rounded.

    Examples
    --------
    >>> "<td>a &lt; b</td>" in table([{"x": "a < b"}], {"x": "X"})
    True
    """
    return str(_template("table.html.j2").render(rows=rows, columns=columns, note=note))


def _data_link(text: str, kind: str = "text/csv") -> str:
    return f"data:{kind};charset=utf-8;base64,{base64.b64encode(text.encode()).decode()}"


def _kind(value: Any) -> Any:
    """The attribute that lets long words wrap, gives prose room, and keeps numbers whole."""
    from markupsafe import Markup

    if isinstance(value, str):
        longest = max(map(len, value.split()), default=0)
        name = "long" if longest > 20 else "prose" if len(value) > 40 else ""
    else:
        name = "number" if isinstance(value, (int, float)) or hasattr(value, "dtype") else ""
    return Markup(f' class="{name}"') if name else ""  # noqa: S704  (one of three literals)


def _number(value: Any) -> Any:
    if isinstance(value, bool) or (hasattr(value, "dtype") and value.dtype.kind == "b"):
        return "yes" if value else "no"
    if isinstance(value, float) or (hasattr(value, "dtype") and value.dtype.kind == "f"):
        return "–" if value != value else f"{value:.4g}"  # noqa: PLR0124  (NaN)
    return "–" if value is None or value == "" else value


@cache
def _template(name: str) -> Any:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("hanten.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"number": _number, "kind": _kind}
    return environment.get_template(name)
