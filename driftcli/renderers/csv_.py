"""Reports as CSV, one row a check, for spreadsheets and databases.

A text that a spreadsheet would run as a formula gets a leading apostrophe (CWE-1236); numbers are
numbers. Lines end as RFC 4180 has it.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from driftcli.model import AlertReport, Report
from driftcli.renderers.plain import Row, by_section, mark, monitor_of

COLUMNS = (
    "timestamp",
    "monitor",
    "section",
    "column",
    "method",
    "status",
    "reason",
    "effect",
    "threshold",
    "pvalue",
    "pvalue_adjusted",
    "pvalue_from",
    "interval_low",
    "interval_high",
    "statistic",
    "n_reference",
    "n_current",
    "reference_value",
    "current_value",
    "reference",
    "current",
    "driftcli_version",
)
Cell = str | int | float | None
LONGEST = 32_000  # spreadsheets take 32,767 characters
_RUN = ("=", "+", "-", "@", "\t", "\r", "\n")


def render(reports: Sequence[Report], alerts: AlertReport | None = None) -> str:
    """Return a header and one row a check.

    Parameters
    ----------
    reports : sequence of Report
        One in which nothing was compared has one row that says so.
    alerts : AlertReport, optional
        Names the monitor.
    """
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow(COLUMNS)
    for report in reports:
        whole = {**_of_report(report), "monitor": monitor_of([report], alerts)}
        for section, rows in by_section(report):
            for cells in map(_cells, rows) if rows else [_nothing(section)]:
                row = whole | cells
                writer.writerow([_safe(row.get(name)) for name in COLUMNS])
    return file.getvalue()


def _of_report(report: Report) -> dict[str, Cell]:
    return {
        "timestamp": report.timestamp,
        "reference": report.reference.source if report.reference else None,
        "current": report.current.source,
        "driftcli_version": report.driftcli_version,
    }


def _cells(row: Row) -> dict[str, Cell]:
    told: dict[str, Cell] = {
        "section": row.section,
        "column": row.column,
        "method": row.method,
        "status": row.status,
        "reason": row.reason,
    }
    if row.metric is not None:
        told |= {
            "n_reference": row.metric.n_reference,
            "n_current": row.metric.n_current,
            "reference_value": row.metric.reference,
            "current_value": row.metric.current,
        }
    return told | _numbers(row)


def _numbers(row: Row) -> dict[str, Cell]:
    """Return the numbers behind a verdict."""
    check = row.check
    if check is None:
        return {}
    result = check.result
    low, high = result.interval or (None, None)
    return {
        "effect": result.effect,
        "threshold": check.threshold.value if check.threshold else None,
        "pvalue": result.pvalue,
        "pvalue_adjusted": check.pvalue_adjusted,
        "pvalue_from": check.pvalue_from if check.pvalue_adjusted is not None else None,
        "interval_low": low,
        "interval_high": high,
        "statistic": result.statistic,
        "n_reference": result.n_reference,
        "n_current": result.n_current,
    }


def _nothing(section: str) -> dict[str, Cell]:
    return {"section": section, "reason": "nothing was compared"}


def _safe(cell: Cell) -> Cell:
    if not isinstance(cell, str):
        return cell
    text = cell if len(cell) <= LONGEST else f"{cell[:LONGEST]}{mark(cell)}"
    return f"'{text}" if text.startswith(_RUN) else text
