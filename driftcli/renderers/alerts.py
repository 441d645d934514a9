"""Alerts for the terminal, the loudest first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftcli.model import AlertReport, Severity
from driftcli.renderers.table import is_plain, text

if TYPE_CHECKING:
    from rich.console import Console

STYLES = {Severity.HIGH: "bold red", Severity.MEDIUM: "yellow", Severity.LOW: "cyan"}


def render(report: AlertReport, console: Console) -> None:
    """Print alerts on a console, and the decision to retrain last."""
    plain = is_plain(console)
    for alert in report.alerts:
        head = text(f"{alert.severity.upper()} ", STYLES[alert.severity], plain=plain)
        console.print(head.append_text(text(f"{alert.type}: {alert.message}", plain=plain)))
        console.print(text(f"  → {alert.action}", "dim", plain=plain))
    if not report.alerts:
        console.print(text("no alert" + (" (incomplete)" if report.incomplete else "")))
    decision = "retrain: yes" if report.should_retrain else "retrain: no"
    console.print(text(decision, "bold" if report.should_retrain else ""))
