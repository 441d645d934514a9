"""What the formats for other programs share: checks in one order, and names that stay apart."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from driftcli.model import AlertReport, ColumnResult, Decision, MetricValue, Report, Status

MAX_NAME = 200
MAX_TEXT = 2000
_MARKED = re.compile(r"…#[0-9a-f]{16}\Z")


@dataclass(frozen=True, slots=True)
class Row:
    """One check, or one metric that nobody judged.

    Parameters
    ----------
    section : {"features", "predictions", "performance"}
    column : str
        As it is called in the data; empty for a metric that nobody judged.
    method : str
        Name of the method or metric.
    check : Decision, optional
    metric : MetricValue, optional
        Of performance.
    """

    section: str
    column: str
    method: str
    check: Decision | None
    metric: MetricValue | None = None

    @property
    def status(self) -> Status | None:
        """What the check came to; ``None`` where there is no limit that it could have met."""
        if self.check is None:
            return None
        unlimited = self.check.threshold is None and self.check.status is Status.OK
        return None if unlimited else self.check.status

    @property
    def reason(self) -> str:
        """The verdict in words, or why there is none."""
        if self.check is not None:
            return self.check.reason
        skip = self.metric and self.metric.skip
        return skip.reason if skip else "nothing to compare with"


def by_section(report: Report) -> Iterator[tuple[str, list[Row]]]:
    """Yield each section that a report has with its checks, the loudest column first.

    A report in which nothing was compared has one section without checks.
    """
    found = []
    for section, columns in (("features", report.features), ("predictions", report.predictions)):
        if columns:
            loudest = sorted(columns.values(), key=lambda column: column.rank)
            found.append((section, [row for one in loudest for row in _of_column(section, one)]))
    if report.performance is not None:
        metrics = report.performance.metrics
        found.append(("performance", [_of_metric(metric) for metric in metrics]))
    yield from found or [(report.command, [])]


def _of_column(section: str, column: ColumnResult) -> Iterator[Row]:
    for check in column.checks:
        yield Row(section, column.name, check.result.method, check)


def _of_metric(metric: MetricValue) -> Row:
    check = metric.decision
    return Row("performance", check.column if check else "", metric.metric, check, metric)


def loud(report: Report) -> dict[str, list[str]]:
    """Return in words what drifted or was not evaluated, the same words once.

    Returns
    -------
    dict of str to list of str
        The words, and the columns or metrics that they are said of; the loudest first.
    """
    told: dict[str, list[str]] = {}
    for columns in (report.features, report.predictions):
        for column in sorted(columns.values(), key=lambda column: column.rank):
            drifted = [check.reason for check in column.checks if check.status is Status.DRIFT]
            blocked = [check.reason for check in column.checks if check.blocking]
            if words := "; ".join(dict.fromkeys([*drifted, *blocked])):
                told.setdefault(words, []).append(column.name)
    for metric in report.performance.metrics if report.performance else ():
        drop = metric.decision
        if drop is not None and (drop.blocking or drop.status is Status.DRIFT):
            told.setdefault(drop.reason, []).append(metric.metric)
    return told


def monitor_of(reports: Sequence[Report], alerts: AlertReport | None) -> str:
    """Return the name of what was monitored; empty where it has none."""
    names = [*(report.monitor for report in reports), alerts.monitor if alerts else None]
    return next(filter(None, names), "")


def printable(text: str) -> str:
    """Return text on one line: control, format and separator characters are written as escapes."""
    return "".join(char if char.isprintable() else repr(char)[1:-1] for char in text)


def shown(text: str, limit: int = MAX_TEXT) -> str:
    """Return printable text that is not endless."""
    return printable(text if len(text) <= limit else f"{text[: limit - 1]}…")


def distinct(name: str) -> str:
    """Return a name that is printable and not endless, and another for each other name.

    Most names stay as they are. The others end in a part of their SHA-256, as those programs refuse
    a whole file in which two names have become one.
    """
    if len(name) <= MAX_NAME and name.isprintable() and not _MARKED.search(name):
        return name
    return f"{printable(name[:MAX_NAME])}{mark(name)}"


def mark(text: str) -> str:
    """Return the end of a text that was cut, by which it differs from others cut alike."""
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    return f"…#{digest[:16]}"
