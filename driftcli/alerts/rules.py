"""What of a result somebody must know, how loud, and whether it asks for retraining.

A rule is one function from a report to a finding, registered in :data:`RULES`. It reads verdicts
and never makes one: what drifted was decided before, so an alert cannot contradict its report.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from driftcli.alerts.document import json_value, one_line
from driftcli.alerts.wording import (
    columns_in_words,
    drifted_checks,
    excess,
    listed,
    loudest,
    metric_details,
    prediction_details,
    shown,
)
from driftcli.config import Alerts
from driftcli.errors import UsageError
from driftcli.model import Alert, AlertReport, ColumnResult, Decision, Report, Severity, Status


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule found; ``retraining_helps`` where a new model would mend it."""

    severity: Severity
    message: str
    action: str
    details: Mapping[str, Any]
    retraining_helps: bool = True


Rule = Callable[[Report, Alerts], Finding | None]


def feature_drift(report: Report, settings: Alerts) -> Finding | None:
    """Find drifted feature columns; the severity goes by their number.

    The message names the most important and then the most moved columns first.
    A column where only the rate of missing values moved counts too and is named in
    ``missing_only``.
    """
    drifted = _drifted(report.features)
    severity = _severity_of_count(len(drifted), settings)
    if len(drifted) < settings.min_drifted or severity is None:
        return None
    total = len(report.features)
    details = {
        "drifted_features": [column.name for column in drifted],
        "count": len(drifted),
        "total": total,
        "reasons": {column.name: column.drift_reason for column in drifted},
        "missing_only": [column.name for column in drifted if _only_missing(column)],
    }
    action = (
        "check the sources of the named columns, then retrain the model on recent data"
        if severity.rank >= settings.retrain.rank
        else "check the sources of the named columns; no retraining yet"
    )
    message = f"{len(drifted)} of {total} features drifted: {columns_in_words(drifted)}"
    return Finding(severity, message, action, details)


def prediction_drift(report: Report, settings: Alerts) -> Finding | None:
    """Find drifted predictions: medium, or high where an effect is twice its threshold or more."""
    drifted = _drifted(report.predictions)
    if not drifted:
        return None
    high = max(excess(loudest(column)) for column in drifted) >= 2
    severity = Severity.HIGH if high else Severity.MEDIUM
    details = {
        "count": len(drifted),
        "total": len(report.predictions),
        "columns": {column.name: prediction_details(column) for column in drifted},
    }
    action = (
        "compare with the features that drifted, then retrain the model on recent data"
        if severity.rank >= settings.retrain.rank
        else "compare with the features that drifted; no retraining yet"
    )
    message = (
        f"{len(drifted)} of {len(report.predictions)} prediction columns drifted: "
        f"{columns_in_words(drifted)}"
    )
    return Finding(severity, message, action, details)


def performance_degradation(report: Report, settings: Alerts) -> Finding | None:
    """Find metrics that fell below their baseline; the severity goes by the largest drop."""
    metrics = report.performance.metrics if report.performance is not None else ()
    judged = [(m, m.decision) for m in metrics if m.decision is not None and m.decision.threshold]
    degraded = [pair for pair in judged if pair[1].status is Status.DRIFT]
    if not degraded:
        return None
    severity = _severity_of_drop(max(_drop(decision) for _, decision in degraded), settings)
    action = (
        "retrain the model on recent labelled data"
        if severity.rank >= settings.retrain.rank
        else "watch these metrics; retrain the model if the drop persists"
    )
    words = listed(f"{shown(metric.metric)} ({drop.reason})" for metric, drop in degraded)
    details = {
        "metrics": {metric.metric: metric_details(metric, drop) for metric, drop in degraded},
        "count": len(degraded),
        "total": len(judged),
    }
    message = f"{len(degraded)} of {len(judged)} metrics degraded: {words}"
    return Finding(severity, message, action, details)


def not_evaluated(report: Report, _settings: Alerts) -> Finding | None:
    """Find checks that should have been evaluated and were not; no retraining mends them."""
    missed = [decision for decision in report.decisions() if decision.blocking]
    if not missed:
        return None
    checks = [
        {"column": check.column, "check": check.result.method, "reason": check.reason}
        for check in missed
    ]
    words = listed(
        f"{shown(check.column)}: {check.result.method} ({check.reason})" for check in missed
    )
    noun = "check" if len(missed) == 1 else "checks"
    return Finding(
        Severity.MEDIUM,
        f"{len(missed)} {noun} could not be evaluated: {words}",
        "mend the data or the configuration, then check again: these may have drifted unseen",
        {"checks": checks, "count": len(missed)},
        retraining_helps=False,
    )


RULES: dict[str, Rule] = {
    "feature_drift": feature_drift,
    "prediction_drift": prediction_drift,
    "performance_degradation": performance_degradation,
    "not_evaluated": not_evaluated,
}


def evaluate(
    reports: Sequence[tuple[str, Report]], settings: Alerts, timestamp: str, version: str
) -> AlertReport:
    """Apply every rule to every report.

    Parameters
    ----------
    reports : sequence of (str, Report)
        Each report with the name of where it came from; one alert a rule and report.
    settings : Alerts
        From when on something is an alert.
    timestamp : str
        When the rules were applied (ISO 8601).
    version : str
        Version of driftcli.

    Returns
    -------
    AlertReport
        The alerts, loudest first, and the decision to retrain.

    Raises
    ------
    UsageError
        Without a report: nothing evaluated is not "no alert".
    """
    if not reports:
        raise UsageError("there is no result to evaluate")
    found = [
        (_alert(name, source, finding, timestamp), finding.retraining_helps)
        for source, report in reports
        for name, rule in RULES.items()
        if (finding := rule(report, settings)) is not None
    ]
    found.sort(key=lambda pair: -pair[0].severity.rank)
    reasons = [
        alert.message
        for alert, retraining_helps in found
        if retraining_helps and alert.severity.rank >= settings.retrain.rank
    ]
    return AlertReport(
        timestamp=timestamp,
        driftcli_version=version,
        alerts=tuple(alert for alert, _ in found),
        should_retrain=bool(reasons),
        retrain_reasons=tuple(reasons),
        incomplete=any(report.incomplete for _, report in reports),
        sources=tuple(source for source, _ in reports),
    )


def _alert(name: str, source: str, finding: Finding, timestamp: str) -> Alert:
    return Alert(
        timestamp=timestamp,
        type=name,
        severity=finding.severity,
        message=one_line(finding.message),
        action=finding.action,
        details=json_value({"source": source, **finding.details}),
    )


def _drifted(columns: Mapping[str, ColumnResult]) -> list[ColumnResult]:
    """Return the drifted columns, the most important and then the most moved first."""
    return sorted(
        (column for column in columns.values() if column.drifted),
        key=lambda column: (-column.importance, -excess(loudest(column))),
    )


def _only_missing(column: ColumnResult) -> bool:
    return all(check.result.method == "missing" for check in drifted_checks(column))


def _severity_of_count(count: int, settings: Alerts) -> Severity | None:
    levels = (
        (Severity.HIGH, settings.severity.high),
        (Severity.MEDIUM, settings.severity.medium),
        (Severity.LOW, settings.severity.low),
    )
    return next((severity for severity, least in levels if count >= least), None)


def _severity_of_drop(drop: float, settings: Alerts) -> Severity:
    if drop > settings.severity.high_drop:
        return Severity.HIGH
    return Severity.MEDIUM if drop > settings.severity.medium_drop else Severity.LOW


def _drop(decision: Decision) -> float:
    """Return the drop; one that is too bad for a number is larger than any threshold."""
    return math.inf if decision.result.effect is None else decision.result.effect
