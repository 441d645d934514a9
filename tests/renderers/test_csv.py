"""CSV: one row a check, and no cell that a spreadsheet would run."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

import pytest
from hostile import NAMES, hostile_report
from report_builder import (
    alert_report,
    features_report,
    metric,
    performance_report,
    predictions_report,
    report,
)

from driftcli.model import Report, Status
from driftcli.renderers import csv_

REPORTS = (features_report(), predictions_report(), performance_report())


def read(reports: Sequence[Report], **fields: str) -> list[dict[str, str]]:
    text = csv_.render(reports, alert_report(**fields) if fields else None)
    found = [*csv.reader(io.StringIO(text, newline=""), strict=True)]
    assert tuple(found[0]) == csv_.COLUMNS
    return [dict(zip(found[0], row, strict=True)) for row in found[1:]]


def test_one_row_a_check() -> None:
    rows = read(REPORTS)
    checks = sum(len([*one.decisions()]) for one in REPORTS)
    unjudged = sum(m.decision is None for m in REPORTS[2].performance.metrics)
    assert len(rows) == checks + unjudged
    assert {row["section"] for row in rows} == {"features", "predictions", "performance"}


def test_numbers_are_whole_and_bare() -> None:
    rows = read(REPORTS[:1])
    check = REPORTS[0].features["feature_00"].checks[0]
    (row,) = [r for r in rows if (r["column"], r["method"]) == ("feature_00", "ks")]
    assert row == {
        "timestamp": "2024-03-18T06:00:00+00:00",
        "monitor": "",
        "section": "features",
        "column": "feature_00",
        "method": "ks",
        "status": "drift",
        "reason": check.reason,
        "effect": str(check.result.effect),
        "threshold": "0.1",
        "pvalue": "0.0",
        "pvalue_adjusted": "0.0",
        "pvalue_from": "rows",
        "interval_low": str(check.result.interval[0]),
        "interval_high": str(check.result.interval[1]),
        "statistic": str(check.result.statistic),
        "n_reference": "10000",
        "n_current": "10000",
        "reference_value": "",
        "current_value": "",
        "reference": "data/train.parquet",
        "current": "logs/2024-03-17/part-*.parquet",
        "driftcli_version": "1.0.0",
    }


def test_a_negative_number_is_a_number() -> None:
    grown = metric("auc", 0.8, 0.7)
    result = REPORTS[2].performance
    one = report("performance", performance=type(result)("binary", (grown,), {}, result.coverage))
    (row,) = read([one])
    assert float(row["effect"]) == pytest.approx(-0.1, abs=1e-15)


def test_row_108_no_text_is_a_formula() -> None:
    rows = read([hostile_report()], monitor="=1+1")
    assert {row["monitor"] for row in rows} == {"'=1+1"}
    found = {row["column"] for row in rows}
    for name in NAMES:
        runs = name.startswith(("=", "+", "-", "@", "\t", "\r"))
        assert (f"'{name}" if runs else name) in found or len(name) > csv_.LONGEST
    assert len(found) == len(NAMES)
    assert max(map(len, found)) < 32_767
    words = ("timestamp", "monitor", "column", "method", "status", "reason", "reference", "current")
    assert not [r[w] for r in rows for w in words if r[w][:1] in ("=", "+", "-", "@", "\t", "\r")]


def test_a_report_without_checks_is_no_empty_table() -> None:
    (row,) = read([report("features")])
    assert (row["section"], row["reason"]) == ("features", "nothing was compared")


def test_what_was_not_evaluated_says_why() -> None:
    (row,) = read([performance_report(Status.NOT_EVALUATED)])
    assert (row["status"], row["effect"], row["current_value"]) == ("not_evaluated", "", "")
    assert row["reason"] == "0 of 10,000 rows have their label, 5,000 are needed"
