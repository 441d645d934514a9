"""Alerts for the terminal, the loudest first and the decision to retrain last."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftcli.model import Alert, AlertReport, AlertState, Severity
from driftcli.renderers.screen import Screen

if TYPE_CHECKING:
    from rich.console import Console

STYLES = {Severity.HIGH: "bold red", Severity.MEDIUM: "yellow", Severity.LOW: "cyan"}


def render(report: AlertReport, console: Console) -> None:
    """Print alerts on a console, and the decision to retrain last.

    Parameters
    ----------
    report : AlertReport
    console : rich.console.Console
    """
    screen = Screen(console)
    for alert in report.alerts:
        severity = (f"{alert.severity.upper()} ", STYLES[alert.severity])
        screen.paragraph(
            severity, (f"{alert.rule or alert.type}{_state(alert)}: ", ""), (alert.message, "")
        )
        screen.paragraph(("  → ", "dim"), (alert.action, "dim"), indent=4)
    if report.alerts:
        screen.line()
    else:
        screen.line(("no alert", ""), (" (incomplete)" if report.incomplete else "", "magenta"))
    decision = "retrain: yes" if report.should_retrain else "retrain: no"
    screen.line((decision, "bold" if report.should_retrain else ""))


def _state(alert: Alert) -> str:
    """Return how an alert stands, where somebody remembers, and since when it goes on."""
    if alert.state is None:
        return ""
    since = f" since {alert.since[:10]}" if alert.since and alert.state is AlertState.STILL else ""
    return f" ({alert.state}{since})"
