"""The overview chart as PDF; needs the extra ``charts``."""

from __future__ import annotations

from collections.abc import Sequence

from driftcli.model import AlertReport, Report
from driftcli.renderers.typeset import chart


def render(reports: Sequence[Report], alerts: AlertReport | None = None) -> bytes:
    """Return the chart of `svg_overview` as PDF."""
    return chart("pdf", reports, alerts)
