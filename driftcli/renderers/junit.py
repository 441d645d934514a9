"""Reports as JUnit XML, as GitLab and Jenkins read it: a suite a section, a test case a check.

Drift is a failure, a check that should have been evaluated and was not an error, and what nobody
judged is skipped: no test case passes without a verdict.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from xml.etree import ElementTree as ET

from driftcli.model import AlertReport, Report, Status
from driftcli.renderers.plain import Row, by_section, distinct, monitor_of, shown

_COUNTED = {"failure": "failures", "error": "errors", "skipped": "skipped"}


def render(reports: Sequence[Report], alerts: AlertReport | None = None) -> str:
    """Return reports as one XML document.

    Parameters
    ----------
    reports : sequence of Report
    alerts : AlertReport, optional
        Names the monitor.
    """
    monitor = distinct(monitor_of(reports, alerts))
    root = ET.Element("testsuites", name="driftcli")
    for report in reports:
        for section, rows in by_section(report):
            root.append(_suite(report, section, rows, monitor))
    suites = [*root]
    for name in ("tests", "failures", "errors"):
        root.set(name, str(sum(int(suite.get(name, 0)) for suite in suites)))
    root.set("time", "0")
    ET.indent(root)
    text = ET.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'


def _suite(report: Report, section: str, rows: Sequence[Row], monitor: str) -> ET.Element:
    name = f"{monitor}.{section}" if monitor else section
    suite = ET.Element("testsuite", name=name, timestamp=shown(report.timestamp), time="0")
    properties = ET.SubElement(suite, "properties")
    for key, value in _properties(report):
        ET.SubElement(properties, "property", name=key, value=shown(value))
    prefix = monitor or section
    cases = [_case(row, prefix) for row in rows] or [_nothing(prefix)]
    suite.extend(cases)
    outcomes = Counter(child.tag for case in cases for child in case)
    suite.set("tests", str(len(cases)))
    for tag, attribute in _COUNTED.items():
        suite.set(attribute, str(outcomes[tag]))
    return suite


def _properties(report: Report) -> Iterator[tuple[str, str]]:
    yield "driftcli_version", report.driftcli_version
    yield "command", report.command
    for side, info in (("reference", report.reference), ("current", report.current)):
        if info is not None:
            yield side, info.source
            yield f"{side}_rows", str(info.rows)
    yield "rule", report.policy.rule
    yield "alpha", f"{report.policy.alpha:g}"
    yield "correction", report.policy.correction


def _case(row: Row, prefix: str) -> ET.Element:
    """Return one check; how long it took is not measured by check."""
    place = f"{prefix}.{distinct(row.column)}" if row.column else prefix
    case = ET.Element("testcase", classname=place, name=distinct(row.method), time="0")
    told = shown(row.reason)
    if row.status is Status.DRIFT:
        ET.SubElement(case, "failure", type="drift", message=told).text = _story(row)
    elif row.check is not None and row.check.blocking:
        ET.SubElement(case, "error", type="not_evaluated", message=told).text = _story(row)
    elif row.status in (None, Status.NOT_EVALUATED):
        ET.SubElement(case, "skipped", message=told).text = told
    elif row.status is not Status.OK:
        ET.SubElement(case, "system-out").text = f"{row.status}: {told}"
    return case


def _nothing(prefix: str) -> ET.Element:
    """Return the one case of a report in which nothing was compared, as it is no success."""
    case = ET.Element("testcase", classname=prefix, name="compared", time="0")
    ET.SubElement(case, "skipped", message="nothing was compared").text = "nothing was compared"
    return case


def _story(row: Row) -> str:
    """Return the verdict and its numbers, one a line; GitLab shows this text only."""
    check = row.check
    numbers = {
        "effect": check and check.result.effect,
        "threshold": check and check.threshold and check.threshold.value,
        "adjusted p-value": check and check.pvalue_adjusted,
        "reference": row.metric and row.metric.reference,
        "current": row.metric and row.metric.current,
    }
    lines = [f"{name}: {value!r}" for name, value in numbers.items() if value is not None]
    return "\n".join([shown(row.reason), *lines])
