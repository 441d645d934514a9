"""A whole run for the terminal: a line a part, then the alerts and the decision to retrain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from driftcli.model import AlertReport, Report, Status
from driftcli.renderers import alerts as alerts_table
from driftcli.renderers.screen import STYLES, Screen
from driftcli.renderers.table import verdict

if TYPE_CHECKING:
    from rich.console import Console


def render(
    reports: Sequence[Report], failed: Mapping[str, str], alerts: AlertReport, console: Console
) -> None:
    """Print what came of each part, then the alerts.

    Parameters
    ----------
    reports : sequence of Report
    failed : mapping of str to str
        Parts that could not run, and why.
    alerts : AlertReport
    console : rich.console.Console
    """
    screen = Screen(console)
    for report in reports:
        spans = verdict(report)
        if report.incomplete:
            spans.append((" (incomplete)", STYLES[Status.NOT_EVALUATED]))
        screen.paragraph((f"{report.command}: ", ""), *spans)
    for part in failed:
        screen.paragraph((f"{part}: ", ""), ("could not run", STYLES[Status.NOT_EVALUATED]))
    screen.line()
    alerts_table.render(alerts, console)
