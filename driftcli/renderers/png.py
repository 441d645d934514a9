"""The overview chart as PNG; needs the extra ``charts``."""

from __future__ import annotations

from collections.abc import Sequence

from driftcli.model import AlertReport, Report
from driftcli.renderers.typeset import chart


def render(reports: Sequence[Report], alerts: AlertReport | None = None) -> bytes:
    """Return the chart of `svg_overview` as PNG."""
    return chart("png", reports, alerts)
