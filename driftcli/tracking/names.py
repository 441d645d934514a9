"""Results as the flat names and values that a store of experiments holds."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence

from driftcli.model import ColumnResult, PerformanceResult, Report, Status

MAX_NAME = 150  # bytes: with section and method within 250 characters, and a file's name
MAX_TEXT = 5000
_FOREIGN = re.compile(r"[^\w .-]")
_MARKED = re.compile(r"-[0-9a-f]{16}\Z")


def allowed(name: str) -> str:
    """Return a name of letters, digits and ``_ .-``, and another for each other name.

    Most names stay as they are. The others end in a part of their SHA-256, whatever names there are
    besides, so that a column has the same one every day. A slash is foreign as well: stores in
    folders make a folder of what is before it.
    """
    clean = _FOREIGN.sub("_", name)
    data = clean.encode()
    if clean == name and len(data) <= MAX_NAME and not _MARKED.search(name):
        return name
    digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{data[:MAX_NAME].decode(errors='ignore')}-{digest[:16]}"


def metrics(reports: Sequence[Report]) -> dict[str, float]:
    """Return every number by name; what could not be computed has none."""
    return {
        name: float(value)
        for report in reports
        for name, value in _numbers(report)
        if value is not None
    }


def params(reports: Sequence[Report]) -> dict[str, str]:
    """Return by what rule each section was judged."""
    return {
        f"{report.command}.{name}": str(getattr(report.policy, name))
        for report in reports
        for name in ("rule", "alpha", "correction")
    }


def tags(reports: Sequence[Report], statuses: Mapping[str, str]) -> dict[str, str]:
    """Return who judged, what came of each section, and the data of both sides."""
    found = {f"{section}.status": status for section, status in statuses.items()}
    for report in reports:
        found["driftcli.version"] = report.driftcli_version
        if report.monitor is not None:
            found["driftcli.monitor"] = text(report.monitor)
        found[f"{report.command}.current"] = text(report.current.source)
        if report.reference is not None:
            found[f"{report.command}.reference"] = text(report.reference.source)
    return found


def text(value: str) -> str:
    """Return text as every store takes it: valid UTF-8, and not endless."""
    return value.encode("utf-8", "backslashreplace").decode()[:MAX_TEXT]


def _numbers(report: Report) -> Iterator[tuple[str, float | None]]:
    for section, columns in (("features", report.features), ("predictions", report.predictions)):
        if columns:
            yield from _of_columns(section, [*columns.values()])
    if report.performance is not None:
        yield from _of_performance(report.performance)


def _of_columns(
    section: str, columns: Sequence[ColumnResult]
) -> Iterator[tuple[str, float | None]]:
    yield f"{section}.drifted", sum(column.drifted for column in columns)
    yield f"{section}.total", len(columns)
    for column in columns:
        for check in column.checks:
            effect = None if check.status is Status.NOT_EVALUATED else check.result.effect
            yield f"{section}.{allowed(column.name)}.{allowed(check.result.method)}", effect


def _of_performance(performance: PerformanceResult) -> Iterator[tuple[str, float | None]]:
    drops = [metric.decision for metric in performance.metrics if metric.decision is not None]
    judged = [drop for drop in drops if drop.threshold is not None]
    yield "performance.drifted", sum(drop.status is Status.DRIFT for drop in judged)
    yield "performance.total", len(judged)
    for metric in performance.metrics:
        name = f"performance.{allowed(metric.metric)}"
        yield name, metric.current
        if metric.decision is not None:
            yield f"{name}.drop", metric.decision.result.effect
