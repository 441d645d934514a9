"""The overview chart as PNG and PDF, from its SVG, by the typesetter Typst.

Typst brings its own fonts, so that a machine without any draws too; where the fonts of the chart
are installed it takes these. Nothing is read from disk or network.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from driftcli.errors import UsageError
from driftcli.model import AlertReport, Report
from driftcli.renderers import svg_overview

try:
    import typst
except ImportError:
    raise UsageError("PNG and PDF need typst", hint="pip install 'driftcli[charts]'") from None

PIXELS = 192  # an inch; two for each unit of the SVG
# without a date, so that equal input gives equal bytes
PAGE = b"""
#set document(title: "Drift overview", date: none)
#set page(width: auto, height: auto, margin: 0pt)
#image(bytes(sys.inputs.svg), format: "svg", alt: "Drift overview")
"""


def chart(
    kind: Literal["png", "pdf"], reports: Sequence[Report], alerts: AlertReport | None
) -> bytes:
    """Return the overview chart as a file of that kind.

    Parameters
    ----------
    kind : {"png", "pdf"}
    reports : sequence of Report
    alerts : AlertReport, optional
    """
    drawn = svg_overview.render(reports, alerts)
    made = typst.compile(PAGE, format=kind, ppi=PIXELS, sys_inputs={"svg": drawn})
    assert isinstance(made, bytes)  # noqa: S101 - one page
    return made
