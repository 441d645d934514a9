"""What came out, in one sentence, and the status that colours it."""

from __future__ import annotations

from collections.abc import Sequence

from driftcli.model import (
    AlertReport,
    ColumnResult,
    MetricValue,
    PerformanceResult,
    Report,
    Status,
)
from driftcli.renderers.html_text import effect, harmless, label, plural
from driftcli.renderers.html_view import Section

MAX_METRICS_NAMED = 3


def verdict(found: Sequence[Section], alerts: AlertReport | None) -> str:
    """Return what came out, in one sentence."""
    kinds = [section.kind for section in found]
    parts = [
        _verdict(section) + (_where(section) if kinds.count(section.kind) > 1 else "")
        for section in found
    ]
    if not parts and alerts is not None:
        parts = [plural(len(alerts.alerts), "alert")]
    sentence = "; ".join(parts) or "nothing was checked"
    return f"{sentence[0].upper()}{sentence[1:]}"


def tone(reports: Sequence[Report], alerts: AlertReport | None) -> Status:
    """Return the status that colours the verdict; what could not be checked is never ``ok``."""
    if any(report.drift_detected for report in reports) or (alerts is not None and alerts.alerts):
        return Status.DRIFT
    decisions = [decision for report in reports for decision in report.decisions()]
    if any(decision.blocking for decision in decisions) or (alerts and alerts.incomplete):
        return Status.NOT_EVALUATED
    heard = [d.status for d in decisions if d.status is not Status.NOT_EVALUATED]
    return max(heard, key=lambda status: status.severity, default=Status.NOT_EVALUATED)


def _where(section: Section) -> str:
    return f" in {harmless(section.report.current.source, 60)}"


def _verdict(section: Section) -> str:
    if section.performance is not None:
        return _performance_verdict(section.performance)
    columns = [view.column for view in section.columns]
    return (_features_verdict if section.kind == "features" else _predictions_verdict)(columns)


def _features_verdict(columns: Sequence[ColumnResult]) -> str:
    total = plural(len(columns), "feature")
    drifted = sum(column.drifted for column in columns)
    blocked = sum(any(check.blocking for check in column.checks) for column in columns)
    if not drifted and all(column.status is Status.NOT_EVALUATED for column in columns):
        return f"none of {total} could be checked"
    told = f"{drifted or 'none'} of {total} drifted"
    joint = ", " if drifted else ", but "
    return f"{told}{joint}{blocked} could not be fully checked" if blocked else told


def _predictions_verdict(columns: Sequence[ColumnResult]) -> str:
    statuses = {column.status for column in columns}
    if Status.DRIFT in statuses:
        return "predictions drifted"
    if any(check.blocking for column in columns for check in column.checks):
        return "predictions could not be fully checked"
    if Status.UNCERTAIN in statuses:
        return "predictions may have drifted"
    if Status.CHANGED in statuses:
        return "predictions changed by less than the threshold"
    return "predictions did not drift" if Status.OK in statuses else "predictions were not checked"


def _performance_verdict(performance: PerformanceResult) -> str:
    judged = [(metric, metric.decision) for metric in performance.metrics if metric.decision]
    worse = [metric for metric, decision in judged if decision.status is Status.DRIFT]
    if worse:
        return ", ".join(_fall(metric) for metric in worse[:MAX_METRICS_NAMED])
    if all(metric.current is None for metric in performance.metrics):
        return "performance could not be measured"
    if any(decision.blocking for _, decision in judged):
        return "performance could not be fully checked"
    held = any(d.threshold and d.status is not Status.NOT_EVALUATED for _, d in judged)
    return "performance held" if held else "performance was measured without a judgement"


def _fall(metric: MetricValue) -> str:
    what = label(metric.metric)
    if metric.current is not None and metric.reference is not None:
        way = "fell" if metric.current < metric.reference else "rose"
        return f"{what} {way} from {effect(metric.reference)} to {effect(metric.current)}"
    return f"{what} got worse"
