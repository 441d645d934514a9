"""Reports as the rows that a store keeps."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict

from driftcli.alerts.memory import Key, Memory
from driftcli.model import ColumnResult, Decision, MetricValue, Report, Severity, Status
from driftcli.store import CheckRow, ColumnRow, MemoryRow, MetricRow


def check_rows(reports: Sequence[Report]) -> tuple[CheckRow, ...]:
    """Return every judged check of the columns."""
    return tuple(
        _check(section, name, check)
        for section, name, column in _columns(reports)
        for check in column.checks
    )


def column_rows(reports: Sequence[Report]) -> tuple[ColumnRow, ...]:
    """Return what there is to say of every column of current."""
    return tuple(_column(section, name, column) for section, name, column in _columns(reports))


def metric_rows(reports: Sequence[Report]) -> tuple[MetricRow, ...]:
    """Return every metric with its interval."""
    found = [report.performance for report in reports if report.performance is not None]
    return tuple(_metric(metric) for performance in found for metric in performance.metrics)


def fingerprints(reports: Sequence[Report]) -> dict[str, str]:
    """Return by part a hash of what it says of current: equal for data of equal content.

    Counts, means, spreads, extremes and categories to the last digit; of performance all metrics.
    The reference, thresholds, verdicts and the names of files have no part in it.
    """
    return {report.command: _fingerprint(report) for report in reports}


def _fingerprint(report: Report) -> str:
    told: dict[str, object] = {"rows": report.current.rows}
    if report.performance is not None:
        told["coverage"] = asdict(report.performance.coverage)
        told["metrics"] = {m.metric: m.current for m in report.performance.metrics}
    for section, name, column in _columns([report]):
        stats = None if column.current is None else asdict(column.current)
        shape = column.distribution
        told[f"{section} {name}"] = [stats, None if shape is None else list(shape.current)]
    text = json.dumps(told, sort_keys=True)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def verdict(reports: Sequence[Report]) -> Status:
    """Return the loudest status of all checks that count."""
    told = [
        decision.status
        for report in reports
        for decision in report.decisions()
        if decision.blocking or decision.status is not Status.NOT_EVALUATED
    ]
    return max(told, key=lambda status: status.severity, default=Status.NOT_EVALUATED)


def _columns(reports: Sequence[Report]) -> list[tuple[str, str, ColumnResult]]:
    sections: list[tuple[str, Mapping[str, ColumnResult]]] = []
    for report in reports:
        sections += [("features", report.features), ("predictions", report.predictions)]
    return [(kind, name, column) for kind, found in sections for name, column in found.items()]


def _check(section: str, name: str, check: Decision) -> CheckRow:
    result = check.result
    return CheckRow(
        section,
        name,
        result.method,
        result.statistic,
        result.effect,
        None if check.threshold is None else check.threshold.value,
        check.pvalue_adjusted,
        check.status.value,
    )


def _column(section: str, name: str, column: ColumnResult) -> ColumnRow:
    kind = None if column.kind is None else column.kind.value
    stats = column.current
    if stats is None:
        return ColumnRow(section, name, kind, column.status.value, None, None, None, None, None)
    return ColumnRow(
        section,
        name,
        kind,
        column.status.value,
        stats.count + stats.missing,
        stats.missing,
        stats.mean,
        stats.std,
        stats.categories,
    )


def _metric(metric: MetricValue) -> MetricRow:
    drop = metric.decision
    low, high = metric.current_interval or (None, None)
    status = Status.NOT_EVALUATED if metric.current is None else Status.OK
    return MetricRow(
        metric.metric,
        metric.current,
        low,
        high,
        metric.reference,
        None if drop is None else drop.result.effect,
        None if drop is None or drop.threshold is None else drop.threshold.value,
        (status if drop is None else drop.status).value,
    )


def remembered(rows: Sequence[MemoryRow]) -> dict[Key, Memory]:
    """Return what a store keeps as the memory of a monitor."""
    return {
        (row.rule, row.name): Memory(
            Severity(row.severity),
            row.seen,
            row.first,
            row.is_open,
            row.announced,
            row.told,
            None if row.told_severity is None else Severity(row.told_severity),
        )
        for row in rows
    }


def memory_rows(memories: Mapping[Key, Memory]) -> list[MemoryRow]:
    """Return the memory of a monitor as a store keeps it."""
    return [
        MemoryRow(
            rule,
            column,
            memory.severity.value,
            memory.seen,
            memory.first,
            memory.open,
            memory.announced,
            memory.told,
            None if memory.told_severity is None else memory.told_severity.value,
        )
        for (rule, column), memory in memories.items()
    ]
