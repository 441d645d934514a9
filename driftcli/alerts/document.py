"""The alerts as one JSON document: what ``alerts.json`` holds is what a webhook receives."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from numbers import Integral, Real
from typing import Any

from driftcli.model import Alert, AlertReport, Severity


def document(report: AlertReport) -> dict[str, Any]:
    """Return the alerts of a run as JSON values.

    Parameters
    ----------
    report : AlertReport
        What the rules found.

    Returns
    -------
    dict
        ``schema_version``, ``id``, ``monitor``, ``link``, ``timestamp``, ``driftcli_version``,
        ``should_retrain``, ``retrain_reasons``, ``alerts`` (each with the fields of
        :class:`~driftcli.model.Alert`), ``incomplete``, ``sources``, ``warnings`` and ``summary``.
        It serialises with ``allow_nan=False``, as :func:`json_value` made the details.
    """
    return {
        "schema_version": report.schema_version,
        "id": report.id,
        "monitor": report.monitor,
        "link": report.link,
        "timestamp": report.timestamp,
        "driftcli_version": report.driftcli_version,
        "should_retrain": report.should_retrain,
        "retrain_reasons": list(report.retrain_reasons),
        "alerts": [_alert(alert) for alert in report.alerts],
        "incomplete": report.incomplete,
        "sources": list(report.sources),
        "warnings": list(report.warnings),
        "summary": _summary(report.alerts),
    }


def _alert(alert: Alert) -> dict[str, Any]:
    return {
        "timestamp": alert.timestamp,
        "type": alert.type,
        "severity": alert.severity.value,
        "message": alert.message,
        "details": dict(alert.details),
        "action": alert.action,
        "rule": alert.rule or alert.type,
        "state": alert.state,
        "since": alert.since,
        "columns": dict(alert.columns),
    }


def _summary(alerts: Iterable[Alert]) -> dict[str, Any]:
    counts = Counter(alert.severity for alert in alerts)
    return {
        "total": counts.total(),
        "by_severity": {severity.value: counts[severity] for severity in Severity},
    }


def json_value(value: object) -> Any:
    """Return a value as JSON knows it: no NaN, no infinity, no NumPy scalar, no tuple.

    Parameters
    ----------
    value : object
        A scalar, or mappings and iterables of such.

    Returns
    -------
    None, bool, int, float, str, list or dict
        Numbers that are not finite become ``None``; what JSON has no word for becomes its text.
    """
    match value:
        case None | bool():
            return value
        case str():
            return str(value)
        case Integral():
            return int(value)
        case Real():
            return float(value) if math.isfinite(value) else None
        case Mapping():
            return {str(key): json_value(item) for key, item in value.items()}
        case list() | tuple() | set() | frozenset():
            return [json_value(item) for item in value]
    return str(value)


def one_line(text: str) -> str:
    """Return a text on one line.

    Parameters
    ----------
    text : str
        Anything, names from the data included.

    Returns
    -------
    str
        The same with every control, format and separator character but the space escaped.
    """
    return "".join(char if char.isprintable() else repr(char)[1:-1] for char in text)
