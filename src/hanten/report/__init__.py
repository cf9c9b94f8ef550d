"""Results become figures, molecule grids and one self-contained HTML file.

Every fragment is a function from a table or arrays to SVG or HTML; a report is those fragments put together.
"""

from hanten.report.checks import Check
from hanten.report.html import Fragment, Report, Section

__all__ = ["Check", "Fragment", "Report", "Section"]
