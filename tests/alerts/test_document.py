"""The alert document: what ``alerts.json`` holds."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from driftcli.alerts.document import document, json_value, one_line
from driftcli.model import Alert, AlertReport, Severity, Status


def test_the_whole_document() -> None:
    low = Alert("2026-03-01T06:00:00Z", "feature_drift", Severity.LOW, "m", "a", {"count": 1})
    high = Alert("2026-03-01T06:00:00Z", "prediction_drift", Severity.HIGH, "<n>", "b")
    report = AlertReport(
        timestamp="2026-03-01T06:00:00Z",
        driftcli_version="0.1.0",
        alerts=(high, low),
        should_retrain=True,
        retrain_reasons=("<n>",),
        incomplete=True,
        sources=("r.json",),
        warnings=("w",),
    )
    assert json.loads(json.dumps(document(report), allow_nan=False)) == {
        "schema_version": "1.0",
        "id": "",
        "monitor": None,
        "link": None,
        "timestamp": "2026-03-01T06:00:00Z",
        "driftcli_version": "0.1.0",
        "should_retrain": True,
        "retrain_reasons": ["<n>"],
        "alerts": [
            {
                "timestamp": "2026-03-01T06:00:00Z",
                "type": "prediction_drift",
                "severity": "high",
                "message": "<n>",
                "details": {},
                "action": "b",
                "rule": "prediction_drift",
                "state": None,
                "since": None,
                "columns": {},
            },
            {
                "timestamp": "2026-03-01T06:00:00Z",
                "type": "feature_drift",
                "severity": "low",
                "message": "m",
                "details": {"count": 1},
                "action": "a",
                "rule": "feature_drift",
                "state": None,
                "since": None,
                "columns": {},
            },
        ],
        "incomplete": True,
        "sources": ["r.json"],
        "warnings": ["w"],
        "summary": {"total": 2, "by_severity": {"low": 1, "medium": 0, "high": 1}},
    }


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (math.nan, None),
        (-math.inf, None),
        (np.float32("nan"), None),
        (np.float64(0.5), 0.5),
        (np.int64(3), 3),
        (True, True),
        (None, None),
        (Status.OK, "ok"),
        ((1, (2.5, "x")), [1, [2.5, "x"]]),
        ({1: {"a": {math.inf}}}, {"1": {"a": [None]}}),
        (1 + 2j, "(1+2j)"),
    ],
)
def test_json_values(value: object, expected: object) -> None:
    found = json_value(value)
    assert found == expected
    assert type(found) is type(expected)
    json.dumps(found, allow_nan=False)


def test_one_line_keeps_what_is_printable() -> None:
    assert one_line("Temp °C → <b>\t\n\x00\u2028\ud800") == (
        "Temp °C → <b>\\t\\n\\x00\\u2028\\ud800"
    )
