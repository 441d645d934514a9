"""Metrics: the text format by the official parser, and the rules of ``promtool check metrics``."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hostile import NAMES, hostile_report
from prometheus_client.parser import text_string_to_metric_families
from report_builder import (
    alert_report,
    features_report,
    performance_report,
    predictions_report,
    report,
    unevaluated_column,
)

from driftcli.errors import DataError
from driftcli.model import AlertReport, Report, Status
from driftcli.renderers import prometheus

REPORTS = (features_report(), predictions_report(), performance_report())
CASES: dict[str, Sequence[Report]] = {
    "features": REPORTS[:1],
    "all": REPORTS,
    "twice": (*REPORTS, *REPORTS),
    "unlabelled": (performance_report(Status.NOT_EVALUATED),),
    "hostile": (hostile_report(),),
    "nothing": (report("features"),),
}
Series = dict[tuple[str, frozenset[tuple[str, str]]], float]


def read(text: str) -> Series:
    """All series by name and labels; two that are the same would make the collector refuse all."""
    found: Series = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            key = (sample.name, frozenset(sample.labels.items()))
            assert key not in found
            assert sample.timestamp is None
            found[key] = sample.value
    return found


def value(series: Series, name: str, **labels: str) -> float | None:
    return series.get((f"driftcli_{name}", frozenset(labels.items())))


@pytest.mark.parametrize("case", CASES)
def test_the_text_is_well_formed(case: str) -> None:
    text = prometheus.render(CASES[case], alert_report())
    assert text.endswith("\n")
    assert "\x00" not in text
    text.encode()  # no half characters
    heads = re.findall(r"^# (HELP|TYPE) (\S+)", text, re.MULTILINE)
    assert len(heads) == len(set(heads))
    assert all(map(math.isfinite, read(text).values()))


# What promtool's linter asks for; a metric that breaks a rule is told by its name.
BASE_UNITS = {
    "minutes", "hours", "days", "weeks", "kelvins", "fahrenheit", "rankine", "inches", "yards",
    "miles", "bits", "calories", "pounds", "ounces", "milliseconds", "kilobytes", "megabytes",
}  # fmt: skip
ABBREVIATED = {"s", "ms", "us", "ns", "sec", "b", "kb", "mb", "gb", "tb", "pb", "m", "h", "d"}
TYPES = {"counter", "gauge", "histogram", "summary", "untyped"}


def test_the_names_keep_the_rules_of_promtool() -> None:
    text = prometheus.render((*REPORTS, *REPORTS), alert_report())
    families = [*text_string_to_metric_families(text)]
    assert {family.name for family in families} == set(prometheus.HELP)
    for family in families:
        words = family.name.split("_")
        assert words[0] == "driftcli"
        assert re.fullmatch(r"[a-z_]+", family.name)
        assert family.documentation
        assert family.type == "gauge"
        assert not {*words} & (BASE_UNITS | ABBREVIATED | TYPES), family.name
        assert words[-1] not in ("total", "count", "sum", "bucket")
        for sample in family.samples:
            assert all(re.fullmatch(r"[a-z_]+", name) for name in sample.labels)
            assert not {*sample.labels} & {"le", "quantile", "instance", "job"}


def test_what_a_run_says() -> None:
    series = read(prometheus.render(REPORTS))
    features = {"section": "features"}
    assert value(series, "drift_detected", **features) == 1
    assert value(series, "incomplete", **features) == 0
    assert value(series, "last_run_timestamp_seconds", **features) == 1710741600
    assert value(series, "build_info", **features, version="1.0.0") == 1
    assert value(series, "rows", **features, side="current") == 10_000
    assert value(series, "labelled_rows", section="performance") == 9_412
    states = {"drifted": 2, "changed": 2, "uncertain": 2, "ok": 6, "not_evaluated": 0, "skipped": 0}
    assert {s: value(series, "columns", **features, state=s) for s in states} == states
    check = {**features, "column": "feature_00", "method": "ks"}
    said = REPORTS[0].features["feature_00"].checks[0]
    assert value(series, "check_status", **check) == Status.DRIFT.severity == 4
    assert value(series, "check_effect", **check) == said.result.effect
    assert value(series, "check_threshold", **check) == 0.1
    assert value(series, "check_pvalue", **check) == said.pvalue_adjusted
    metric = {"section": "performance", "metric": "auc"}
    assert value(series, "metric_value", **metric, side="reference") == 0.742
    assert value(series, "metric_value", **metric, side="current") == 0.742 - 0.071
    drop = {"section": "performance", "column": "auc", "method": "auc"}
    assert value(series, "check_effect", **drop) == pytest.approx(0.071, abs=1e-15)


def test_what_was_not_evaluated_has_a_status_and_no_number() -> None:
    one = report("features", features={"notes": unevaluated_column()})
    series = read(prometheus.render([one]))
    check = {"section": "features", "column": "notes", "method": "ks"}
    assert value(series, "check_status", **check) == 3
    assert value(series, "check_effect", **check) is None
    assert value(series, "check_pvalue", **check) is None
    assert value(series, "incomplete", section="features") == 1


def test_a_metric_without_a_limit_has_no_status() -> None:
    drop = replace(REPORTS[2].performance.metrics[0].decision, threshold=None, status=Status.OK)
    metrics = (replace(REPORTS[2].performance.metrics[0], decision=drop),)
    one = replace(REPORTS[2], performance=replace(REPORTS[2].performance, metrics=metrics))
    series = read(prometheus.render([one]))
    labels = {"section": "performance", "column": "auc", "method": "auc"}
    assert value(series, "check_status", **labels) is None
    assert value(series, "check_effect", **labels) is not None


def test_each_of_several_reports_of_a_section_has_its_number() -> None:
    series = read(prometheus.render([REPORTS[0], REPORTS[1], features_report(3)]))
    assert value(series, "columns", section="features", report="1", state="ok") == 6
    assert value(series, "columns", section="features", report="2", state="ok") == 1
    assert value(series, "drift_detected", section="predictions") == 1


def test_the_monitor_and_its_alerts() -> None:
    alerts: AlertReport = alert_report(monitor='ads "clicks"')
    series = read(prometheus.render(REPORTS[:1], alerts))
    monitor = {"monitor": 'ads "clicks"'}
    assert all(dict(labels)["monitor"] == 'ads "clicks"' for _, labels in series)
    assert value(series, "alerts", **monitor, severity="high") == 1
    assert value(series, "alerts", **monitor, severity="low") == 0
    assert value(series, "retraining_advised", **monitor) == 1


def test_names_stay_apart_whatever_they_are() -> None:
    series = read(prometheus.render([hostile_report()]))
    # a label that is empty is none
    columns = {dict(labels).get("column", "") for name, labels in series if "_effect" in name}
    assert len(columns) == len(NAMES)
    for name in ("\"quoted\" and 'quoted'", "back\\slash\\", "日本語", "| a | b |"):
        assert name in columns
    assert all(len(name) < 250 and name.isprintable() for name in columns)


@pytest.mark.parametrize("timestamp", ["yesterday", "", "2024-13-01"])
def test_a_timestamp_that_is_none_is_an_error(timestamp: str) -> None:
    with pytest.raises(DataError, match="is not a time in ISO 8601"):
        prometheus.render([replace(REPORTS[0], timestamp=timestamp)])


@pytest.mark.parametrize(
    "timestamp", ["2024-03-18T06:00:00Z", "2024-03-18T06:00:00", "2024-03-18T07:00:00+01:00"]
)
def test_times_are_of_utc_unless_they_say_otherwise(timestamp: str) -> None:
    series = read(prometheus.render([replace(REPORTS[0], timestamp=timestamp)]))
    assert value(series, "last_run_timestamp_seconds", section="features") == 1710741600
