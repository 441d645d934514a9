"""Reports as metrics in the Prometheus text format, for the textfile collector of node_exporter.

Every series has the labels ``monitor`` and ``section``, so that the files of several monitors can
lie in one directory. What could not be computed has no series: an absent series is no number.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime

from driftcli.errors import DataError, quoted
from driftcli.model import AlertReport, Report, Severity, Status
from driftcli.renderers.plain import Row, by_section, distinct, monitor_of
from driftcli.renderers.table_columns import STATES, state

HELP = {
    "driftcli_last_run_timestamp_seconds": "When the section was last checked.",
    "driftcli_build_info": "Constant 1; the label names the version of driftcli.",
    "driftcli_drift_detected": "Whether any check says drift.",
    "driftcli_incomplete": "Whether a check that should have been evaluated was not.",
    "driftcli_rows": "Rows of each side.",
    "driftcli_labelled_rows": "Rows of current that have their true label.",
    "driftcli_columns": "Columns of each state.",
    "driftcli_check_status": "0 ok, 1 changed, 2 uncertain, 3 not evaluated, 4 drift.",
    "driftcli_check_effect": "Size of a difference or drop, on the scale of its threshold.",
    "driftcli_check_threshold": "Effect beyond which a difference matters.",
    "driftcli_check_pvalue": "p-value, corrected for all checks of the run.",
    "driftcli_metric_value": "Performance metric of each side.",
    "driftcli_alerts": "Alerts of each severity.",
    "driftcli_retraining_advised": "Whether retraining is advised.",
}
"""Metric to its help; all are gauges, and stand in this order."""

Labels = dict[str, str]
Sample = tuple[str, Labels, float | None]
_ESCAPES = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})


def render(reports: Sequence[Report], alerts: AlertReport | None = None) -> str:
    """Return reports in the text format 0.0.4.

    Parameters
    ----------
    reports : sequence of Report
        Of two with the same section each has a label ``report`` with its number.
    alerts : AlertReport, optional
        Names the monitor, and is counted.
    """
    series: dict[str, list[str]] = {name: [] for name in HELP}
    for name, labels, value in _samples(reports, alerts):
        if value is not None and math.isfinite(value):
            series[name].append(f"{name}{_written(labels)} {_number(value)}")
    return "".join(
        f"# HELP {name} {HELP[name]}\n# TYPE {name} gauge\n" + "".join(f"{one}\n" for one in lines)
        for name, lines in series.items()
        if lines
    )


def _samples(reports: Sequence[Report], alerts: AlertReport | None) -> Iterator[Sample]:
    monitor = {"monitor": distinct(monitor_of(reports, alerts))}
    sections = [(report, *one) for report in reports for one in by_section(report)]
    times = Counter(section for _, section, _ in sections)
    seen: Counter[str] = Counter()
    for report, section, rows in sections:
        seen[section] += 1
        labels = monitor | {"section": section}
        if times[section] > 1:
            labels["report"] = str(seen[section])
        for name, own, value in (*_of_section(report, section), *_of_rows(rows)):
            yield name, labels | own, value
    if alerts is not None:
        counts = Counter(alert.severity for alert in alerts.alerts)
        for severity in Severity:
            yield "driftcli_alerts", monitor | {"severity": severity}, counts[severity]
        yield "driftcli_retraining_advised", monitor, alerts.should_retrain


def _of_section(report: Report, section: str) -> Iterator[Sample]:
    """Yield what is said of a section as a whole."""
    yield "driftcli_last_run_timestamp_seconds", {}, _seconds(report.timestamp)
    yield "driftcli_build_info", {"version": distinct(report.driftcli_version)}, 1
    yield "driftcli_drift_detected", {}, report.drift_detected
    yield "driftcli_incomplete", {}, report.incomplete
    for side, info in (("reference", report.reference), ("current", report.current)):
        yield "driftcli_rows", {"side": side}, info.rows if info else None
    if section == "performance":
        coverage = report.performance.coverage if report.performance else None
        yield "driftcli_labelled_rows", {}, coverage.labelled if coverage else None
        return
    columns = report.predictions if section == "predictions" else report.features
    counts = Counter(map(state, columns.values()))
    for word in STATES:
        yield "driftcli_columns", {"state": word.replace(" ", "_")}, counts[word]


def _of_rows(rows: Sequence[Row]) -> Iterator[Sample]:
    """Yield what is said of each check and metric."""
    for row in rows:
        labels = {"column": distinct(row.column), "method": distinct(row.method)}
        if row.check is not None:
            check = row.check
            loudness = row.status.severity if row.status else None
            limit = check.threshold.value if check.threshold else None
            evaluated = check.status is not Status.NOT_EVALUATED
            yield "driftcli_check_status", labels, loudness
            yield "driftcli_check_effect", labels, check.result.effect if evaluated else None
            yield "driftcli_check_threshold", labels, limit
            yield "driftcli_check_pvalue", labels, check.pvalue_adjusted if evaluated else None
        if row.metric is not None:
            metric = {"metric": distinct(row.method)}
            yield "driftcli_metric_value", metric | {"side": "reference"}, row.metric.reference
            yield "driftcli_metric_value", metric | {"side": "current"}, row.metric.current


def _written(labels: Mapping[str, str]) -> str:
    """Return labels as they stand behind a name; an empty one is the same as none."""
    told = [f'{name}="{value.translate(_ESCAPES)}"' for name, value in labels.items() if value]
    return f"{{{','.join(told)}}}" if told else ""


def _number(value: float) -> str:
    """Return a number in as many digits as tell it from every other."""
    return str(int(value)) if isinstance(value, int) else repr(float(value))


def _seconds(timestamp: str) -> float:
    """Return a time as seconds since 1970; without a time zone it is UTC."""
    try:
        time = datetime.fromisoformat(timestamp)
    except ValueError:
        raise DataError(f"{quoted(timestamp)} is not a time in ISO 8601") from None
    return (time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp()
