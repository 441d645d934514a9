"""From results to alerts, and to those who must know."""

from __future__ import annotations

import os
from collections.abc import Sequence

from driftcli import __version__
from driftcli.alerts.channels import DeliveryResult, deliver
from driftcli.alerts.rules import evaluate
from driftcli.config import Alerts
from driftcli.model import AlertReport, Report
from driftcli.pipeline.clock import timestamp


def find_alerts(results: Sequence[tuple[str, Report]], settings: Alerts) -> AlertReport:
    """Apply the alert rules to reports, each with the name of where it came from."""
    return evaluate(results, settings, timestamp(), __version__)


def send_alerts(report: AlertReport, settings: Alerts) -> list[DeliveryResult]:
    """Send alerts to the configured channels; return what could not be delivered."""
    outcomes = deliver(report, settings.send, os.environ)
    return [outcome for outcome in outcomes if outcome.outcome == "failed"]
