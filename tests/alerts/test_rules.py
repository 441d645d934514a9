"""The rules: what becomes an alert, how loud, in which words."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from typing import Any

import pytest

from driftcli.alerts.document import document
from driftcli.alerts.measures import MEASURES
from driftcli.alerts.rules import evaluate, rules_of
from driftcli.config import AlertRule, Alerts, AlertSeverity
from driftcli.config_rules import faults_of
from driftcli.errors import UsageError
from driftcli.model import (
    Alert,
    AlertReport,
    ColumnKind,
    ColumnResult,
    ColumnStats,
    DatasetInfo,
    Decision,
    DecisionPolicy,
    LabelCoverage,
    MethodResult,
    MetricValue,
    PerformanceResult,
    Report,
    Severity,
    Skip,
    Status,
    Threshold,
)

NOW = "2026-03-01T06:00:00+00:00"


def check(
    method: str = "ks",
    effect: float | None = 0.2,
    threshold: float | None = 0.1,
    status: Status = Status.DRIFT,
    reason: str | None = None,
    skip: Skip | None = None,
) -> Decision:
    result = MethodResult(method, effect, effect, 0.001, 900, 800, skip=skip)
    limit = None if threshold is None else Threshold(threshold)
    told = reason or f"{method} {effect} > {threshold}"
    return Decision("c", result, limit, 0.002, "rows", status, told)


def column(name: str, *checks: Decision, importance: float = 1.0) -> ColumnResult:
    named = tuple(replace(one, column=name) for one in checks)
    return ColumnResult(name, ColumnKind.NUMERIC, named, importance=importance)


def columns(*results: ColumnResult) -> dict[str, ColumnResult]:
    return {result.name: result for result in results}


def quiet(*names: str) -> list[ColumnResult]:
    return [column(name, check(effect=0.01, status=Status.OK)) for name in names]


def report(**parts: object) -> Report:
    info = DatasetInfo("current.parquet", 800, 3)
    return Report("features", NOW, "0.1.0", DecisionPolicy(), info, info, **parts)  # type: ignore[arg-type]


def performance(*metrics: MetricValue) -> PerformanceResult:
    return PerformanceResult("binary", metrics, {"label": "y"}, LabelCoverage(800, 800))


def metric(name: str, drop: float | None, status: Status = Status.DRIFT) -> MetricValue:
    judged = check(name, drop, 0.01, status, f"{name} fell by {drop}")
    return MetricValue(name, 0.7, 0.8, n_current=800, n_reference=900, decision=judged)


def run(settings: Alerts | None = None, **parts: object) -> AlertReport:
    return evaluate([("r.json", report(**parts))], settings or Alerts(), NOW, "0.1.0")


def drifted(count: int) -> dict[str, ColumnResult]:
    return columns(*(column(f"c{number}", check()) for number in range(count)), *quiet("quiet"))


def test_nothing_drifted_no_alert() -> None:
    found = run(features=columns(*quiet("a", "b")))
    assert found == AlertReport(NOW, "0.1.0", (), should_retrain=False, sources=("r.json",))


def test_feature_drift_in_full() -> None:
    features = columns(
        column("wind", check("missing", 0.3, 0.05, reason="missing rate 0.02 -> 0.32")),
        column("sky", check("chi2", 0.12, 0.1, reason="TVD 0.12 > 0.1")),
        column(
            "temperature",
            check("psi", 0.4, 0.2, reason="PSI 0.4 > 0.2"),
            check("ks", 0.71, 0.1, reason="KS D 0.71 > 0.1"),
            check("missing", 0.0, 0.05, Status.OK),
        ),
        *quiet("hour"),
    )
    found = run(features=features)
    message = (
        "3 of 4 features drifted: temperature (KS D 0.71 > 0.1), "
        "wind (missing rate 0.02 -> 0.32), sky (TVD 0.12 > 0.1)"
    )
    assert found.alerts == (
        Alert(
            timestamp=NOW,
            type="feature_drift",
            rule="feature_drift",
            severity=Severity.MEDIUM,
            message=message,
            action="check the sources of the named columns, then retrain the model on recent data",
            details={
                "source": "r.json",
                "drifted_features": ["temperature", "wind", "sky"],
                "count": 3,
                "total": 4,
                "reasons": {
                    "temperature": "PSI 0.4 > 0.2; KS D 0.71 > 0.1",
                    "wind": "missing rate 0.02 -> 0.32",
                    "sky": "TVD 0.12 > 0.1",
                },
                "missing_only": ["wind"],
            },
        ),
    )
    assert found.should_retrain
    assert found.retrain_reasons == (message,)
    assert not found.incomplete


@pytest.mark.parametrize(
    ("count", "severity"),
    [
        (1, Severity.LOW),
        (2, Severity.MEDIUM),
        (4, Severity.MEDIUM),
        (5, Severity.HIGH),
        (9, Severity.HIGH),
    ],
)
def test_severity_goes_by_the_number_of_features(count: int, severity: Severity) -> None:
    found = run(features=drifted(count))
    assert found.severity is severity
    assert found.should_retrain == (severity is not Severity.LOW)


def test_a_low_alert_does_not_speak_of_retraining_now() -> None:
    (alert,) = run(features=drifted(1)).alerts
    assert alert.action == "check the sources of the named columns; no retraining yet"


@pytest.mark.parametrize("settings", [Alerts(severity=AlertSeverity(low=3, medium=4, high=9))])
def test_fewer_features_than_asked_for_are_no_alert(settings: Alerts) -> None:
    assert run(settings, features=drifted(2)).alerts == ()
    assert len(run(settings, features=drifted(3)).alerts) == 1


def test_only_drift_counts() -> None:
    others = [
        column(status.value, check(status=status)) for status in (Status.CHANGED, Status.UNCERTAIN)
    ]
    assert run(features=columns(*others)).alerts == ()


def test_the_important_column_is_named_first() -> None:
    big, important = column("big", check(effect=0.9)), column("vip", check(), importance=3.0)
    (alert,) = run(features=columns(big, important)).alerts
    assert alert.details["drifted_features"] == ["vip", "big"]


def test_a_message_names_five_columns_and_the_details_all() -> None:
    (alert,) = run(features=drifted(9)).alerts
    assert alert.message.count("ks 0.2 > 0.1") == 5
    assert alert.message.endswith("c4 (ks 0.2 > 0.1) and 4 more")
    assert len(alert.details["drifted_features"]) == 9


def test_names_from_the_data_cannot_forge_lines() -> None:
    """bad-inputs 109."""
    name = "a\nERROR \x1b[31m\u202e" + "x" * 200
    (alert,) = run(features=columns(column(name, check(reason="D\r\n > 0.1")))).alerts
    assert alert.message.isprintable()
    assert alert.message == (
        "1 of 1 features drifted: a\\nERROR \\x1b[31m\\u202e" + "x" * 65 + "… (D\\r\\n > 0.1)"
    )
    assert alert.details["drifted_features"] == [name]


@pytest.mark.parametrize(
    ("effect", "threshold", "severity"),
    [
        (0.19, 0.1, Severity.MEDIUM),
        (0.2, 0.1, Severity.HIGH),
        (0.01, 0.0, Severity.HIGH),
        (None, 0.1, Severity.HIGH),
    ],
)
def test_prediction_drift_is_high_from_twice_the_threshold(
    effect: float | None, threshold: float, severity: Severity
) -> None:
    found = run(predictions=columns(column("score", check("ks", effect, threshold))))
    assert [(alert.type, alert.severity) for alert in found.alerts] == [
        ("prediction_drift", severity)
    ]
    assert found.should_retrain


def test_prediction_drift_in_full() -> None:
    mean = check("prediction_mean", 0.15, 0.1, reason="mean moved by 0.15 sd > 0.1")
    mean = replace(mean, result=replace(mean.result, details={"mean_shift_pct": -math.inf}))
    score = replace(
        column("score", mean, check("ks", 0.05, 0.1, Status.CHANGED)),
        reference=ColumnStats(900, 0, 0.5, 0.2),
        current=ColumnStats(800, 0, 0.53, math.nan),
    )
    (alert,) = run(predictions=columns(score)).alerts
    assert alert.message == (
        "1 of 1 prediction columns drifted: score (mean moved by 0.15 sd > 0.1)"
    )
    common = {"pvalue": 0.001, "pvalue_adjusted": 0.002, "threshold": 0.1}
    assert alert.details == {
        "source": "r.json",
        "count": 1,
        "total": 1,
        "columns": {
            "score": {
                "reason": "mean moved by 0.15 sd > 0.1",
                "reference_mean": 0.5,
                "current_mean": 0.53,
                "reference_std": 0.2,
                "current_std": None,
                "checks": {
                    "prediction_mean": {
                        "status": "drift",
                        "statistic": 0.15,
                        "effect": 0.15,
                        "details": {"mean_shift_pct": None},
                        **common,
                    },
                    "ks": {
                        "status": "changed",
                        "statistic": 0.05,
                        "effect": 0.05,
                        "details": {},
                        **common,
                    },
                },
            }
        },
    }


@pytest.mark.parametrize(
    ("drops", "severity"),
    [
        ([0.02], Severity.LOW),
        ([0.05], Severity.LOW),
        ([0.02, 0.051], Severity.MEDIUM),
        ([0.1], Severity.MEDIUM),
        ([0.101, 0.02], Severity.HIGH),
        ([None], Severity.HIGH),
    ],
)
def test_severity_goes_by_the_largest_drop(drops: list[float | None], severity: Severity) -> None:
    metrics = [metric(f"m{number}", drop) for number, drop in enumerate(drops)]
    found = run(performance=performance(*metrics))
    assert found.severity is severity
    assert found.should_retrain == (severity is not Severity.LOW)


def test_performance_degradation_in_full() -> None:
    found = run(
        performance=performance(
            metric("auc", 0.08),
            metric("brier", 0.001, Status.OK),
            MetricValue("ctr", 0.1),
        )
    )
    assert found.alerts == (
        Alert(
            timestamp=NOW,
            type="performance_degradation",
            rule="performance_degradation",
            severity=Severity.MEDIUM,
            message="1 of 2 metrics degraded: auc (auc fell by 0.08)",
            action="retrain the model on recent labelled data",
            details={
                "source": "r.json",
                "metrics": {
                    "auc": {
                        "reference": 0.8,
                        "current": 0.7,
                        "drop": 0.08,
                        "interval": None,
                        "threshold": 0.01,
                        "pvalue_adjusted": 0.002,
                        "reason": "auc fell by 0.08",
                    }
                },
                "count": 1,
                "total": 2,
            },
        ),
    )


def test_a_check_that_was_not_evaluated_is_an_alert_but_no_reason_to_retrain() -> None:
    missed = check("schema", None, None, Status.NOT_EVALUATED, "absent in current", Skip("absent"))
    harmless = check("ks", None, 0.1, Status.NOT_EVALUATED, "an identifier", Skip("id", True))
    features = columns(column("humidity", missed), column("user_id", harmless), *quiet("b"))
    found = run(Alerts(retrain=Severity.LOW), features=features)
    assert found == AlertReport(
        timestamp=NOW,
        driftcli_version="0.1.0",
        alerts=(
            Alert(
                timestamp=NOW,
                type="not_evaluated",
                rule="not_evaluated",
                severity=Severity.MEDIUM,
                message="1 check could not be evaluated: humidity: schema (absent in current)",
                action=(
                    "mend the data or the configuration, then check again: "
                    "these may have drifted unseen"
                ),
                details={
                    "source": "r.json",
                    "checks": [
                        {"column": "humidity", "check": "schema", "reason": "absent in current"}
                    ],
                    "count": 1,
                    "total": 3,
                },
            ),
        ),
        should_retrain=False,
        incomplete=True,
        sources=("r.json",),
    )


def test_a_metric_that_was_not_evaluated_is_an_alert() -> None:
    missed = check("auc", None, 0.05, Status.NOT_EVALUATED, "no positives", Skip("no positives"))
    value = MetricValue("auc", None, decision=missed, skip=Skip("no positives"))
    found = run(performance=performance(value))
    assert [alert.type for alert in found.alerts] == ["not_evaluated"]
    assert found.incomplete


@pytest.mark.parametrize(
    ("retrain", "wanted"), [(Severity.LOW, True), (Severity.MEDIUM, True), (Severity.HIGH, False)]
)
def test_the_severity_that_asks_for_retraining_is_a_setting(
    retrain: Severity, wanted: bool
) -> None:
    found = run(Alerts(retrain=retrain), features=drifted(2))
    assert found.should_retrain is wanted
    assert bool(found.retrain_reasons) is wanted


def test_several_reports_loudest_first() -> None:
    one = report(features=drifted(1), predictions=columns(column("score", check(effect=0.9))))
    two = report(features=drifted(2), performance=performance(metric("auc", 0.02)))
    found = evaluate([("one.json", one), ("two.json", two)], Alerts(), NOW, "0.1.0")
    assert [(a.type, a.severity.value, a.details["source"]) for a in found.alerts] == [
        ("prediction_drift", "high", "one.json"),
        ("feature_drift", "medium", "two.json"),
        ("feature_drift", "low", "one.json"),
        ("performance_degradation", "low", "two.json"),
    ]
    assert found.retrain_reasons == (found.alerts[0].message, found.alerts[1].message)
    assert found.sources == ("one.json", "two.json")


def test_one_incomplete_report_makes_the_whole_incomplete() -> None:
    missed = check(status=Status.NOT_EVALUATED, skip=Skip("12 rows, minimum 30"))
    reports = [("a", report()), ("b", report(features=columns(column("x", missed))))]
    assert evaluate(reports, Alerts(), NOW, "0.1.0").incomplete


def test_no_report_is_no_verdict() -> None:
    with pytest.raises(UsageError, match=r"^there is no result to evaluate$"):
        evaluate([], Alerts(), NOW, "0.1.0")


@pytest.mark.parametrize("name", MEASURES)
def test_every_measure_is_silent_on_an_empty_report_and_can_speak(name: str) -> None:
    missed = check(status=Status.NOT_EVALUATED, skip=Skip("broken"))
    loud = report(
        features=columns(column("a", check()), column("b", missed)),
        predictions=columns(column("score", check())),
        performance=performance(metric("auc", 0.2)),
    )
    rule = AlertRule(when=name, low=0.0)  # type: ignore[arg-type]  # each name of the registry
    assert MEASURES[name](report(), rule, ()) is None
    found = MEASURES[name](loud, rule, ())
    if name == "missing_rate":
        assert found is None
        return
    assert found is not None
    assert found.message
    assert all(found.actions)
    assert MEASURES[name](loud, rule, found.columns) is None
    whole = evaluate([("r", loud)], Alerts(), NOW, "0.1.0")
    assert name in {alert.type for alert in whole.alerts}
    json.dumps(document(whole), allow_nan=False)


# -- rules of one's own ----------------------------------------------------------------------------


def alerts_of(told: Report, *rules: AlertRule) -> tuple[Alert, ...]:
    return evaluate([("r.json", told)], Alerts(rules=rules), NOW, "0.1.0").alerts


DRIFTED = report(
    features=columns(
        column("price", check(), importance=6.0),
        column("age", check()),
        column("city", check(status=Status.OK)),
        column("hour", check(status=Status.OK), importance=2.0),
    )
)


@pytest.mark.parametrize(("by", "value"), [("count", 2.0), ("share", 0.5), ("weighted_share", 0.7)])
def test_drift_is_measured_by_number_share_or_importance(by: Any, value: float) -> None:
    just = AlertRule(when="feature_drift", by=by, high=value)
    assert [alert.severity for alert in alerts_of(DRIFTED, just)] == [Severity.HIGH]
    assert alerts_of(DRIFTED, AlertRule(when="feature_drift", by=by, high=value + 1e-9)) == ()


def test_levels_are_met_beside_rounding() -> None:
    told = report(
        features=columns(
            column("price", check(), importance=0.7),
            column("age", check(), importance=0.1),
            column("city", check(status=Status.OK), importance=0.2),
        ),
        performance=performance(metric("accuracy", 0.8 - 0.7), metric("auc", 0.9 - 0.8)),
    )
    weighted = AlertRule(when="feature_drift", by="weighted_share", high=0.8)
    assert [alert.severity for alert in alerts_of(told, weighted)] == [Severity.HIGH]
    drop = AlertRule(when="performance_degradation", medium=0.05, high=0.1)
    assert [alert.severity for alert in alerts_of(told, drop)] == [Severity.MEDIUM]


def test_a_rule_looks_at_the_columns_it_names() -> None:
    keys = AlertRule(when="feature_drift", name="keys", columns=("city", "age"), high=1)
    (alert,) = alerts_of(DRIFTED, keys)
    assert alert.rule == "keys"
    assert alert.message == "1 of 2 features drifted: age (ks 0.2 > 0.1)"
    assert alerts_of(DRIFTED, replace(keys, columns=("city",))) == ()


def test_a_drop_must_be_beyond_its_level() -> None:
    rule = AlertRule(when="performance_degradation", columns=("auc",), medium=0.2)
    told = report(performance=performance(metric("auc", 0.2), metric("ctr", 0.9)))
    assert alerts_of(told, rule) == ()
    (alert,) = alerts_of(told, replace(rule, medium=0.19))
    assert list(alert.details["metrics"]) == ["auc"]


def test_many_missing_values_are_an_alert_without_a_test() -> None:
    full, half, most = ColumnStats(10, 0), ColumnStats(5, 5), ColumnStats(1, 9)
    shown = {"a": full, "b": half, "c": most, "d": None}
    told = report(
        features=columns(
            *(replace(column(name, check(status=Status.OK)), current=stats)
              for name, stats in shown.items())
        )
    )  # fmt: skip
    rule = AlertRule(when="missing_rate", medium=0.5, high=0.8)
    (alert,) = alerts_of(told, rule)
    assert (alert.severity, alert.message) == (
        Severity.HIGH,
        "1 column has many missing values: c (90 %)",
    )
    (alert,) = alerts_of(told, replace(rule, low=0.1))
    assert alert.message == "2 columns have many missing values: c (90 %), b (50 %)"
    assert alerts_of(told, replace(rule, columns=("a",))) == ()


def test_templates_are_filled_in() -> None:
    rule = AlertRule(
        when="feature_drift",
        message="{severity}: {count}/{total} = {share} ({value}) {{in}} {source}: {columns}",
        action="call {columns}",
    )
    (alert,) = alerts_of(DRIFTED, rule)
    assert alert.message == (
        "medium: 2/4 = 0.5 (2) {in} r.json: price (ks 0.2 > 0.1), age (ks 0.2 > 0.1)"
    )
    assert alert.action == "call price (ks 0.2 > 0.1), age (ks 0.2 > 0.1)"


def test_a_name_from_the_data_is_no_template() -> None:
    told = report(features=columns(column("{severity}{0}", check(reason="{x}"))))
    (alert,) = alerts_of(told, AlertRule(when="feature_drift", message="{columns}"))
    assert alert.message == "{severity}{0} ({x})"


@pytest.mark.parametrize(
    ("rule", "fault"),
    [
        ({"message": "{count.__class__}"}, (0, "message", "{count.__class__} is not known")),
        ({"message": "{count!r}"}, (0, "message", "{count} is not known")),
        ({"message": "{count:>99999999}"}, (0, "message", "{count} is not known")),
        ({"action": "{}"}, (0, "action", "{} is not known")),
        ({"action": "{"}, (0, "action", "write {{ for a brace")),
        ({"by": "share"}, (0, "when", "give low, medium or high")),
        ({"low": 3, "high": 2}, (0, "high", "must not fall")),
        ({"when": "missing_rate"}, (0, "when", "give low, medium or high")),
        ({"when": "not_evaluated", "by": "share", "low": 1}, (0, "by", "says nothing about")),
        ({"when": "stale_input", "columns": ("a",)}, (0, "columns", "says nothing about")),
        ({"high": 0.5}, (0, "high", "must be a whole number of columns (by: share takes shares)")),
        ({"when": "not_evaluated", "low": 1.5}, (0, "low", "a whole number of checks, got 1.5")),
        ({"by": "share", "high": 20}, (0, "high", "at most 1, the share of all, got 20")),
        ({"by": "weighted_share", "low": 1.1}, (0, "low", "at most 1, the share of all, got 1.1")),
        ({"when": "missing_rate", "low": 1}, (0, "low", "below 1, the highest rate, got 1")),
        ({"when": "stale_input", "high": 2}, (0, "high", "at most 1, what stale data count")),
        (
            {"columns": ("a", "b"), "high": 3},
            (0, "high", "at most 2, the number of columns named, got 3"),
        ),
        (
            {"when": "performance_degradation", "columns": ("auc", "brier"), "high": 5},
            (0, "high", "below 1, the largest drop, got 5"),
        ),
        (
            {"when": "performance_degradation", "columns": ("acu",)},
            (0, "columns", "unknown metric 'acu'. did you mean 'auc'?"),
        ),
    ],
)
def test_rules_that_cannot_be(rule: dict[str, Any], fault: tuple[int, str, str]) -> None:
    ((at, where, reason),) = faults_of([AlertRule(**{"when": "feature_drift", **rule})])
    assert (at, where) == fault[:2]
    assert fault[2] in reason


@pytest.mark.parametrize(
    "rule",
    [
        {"by": "share", "low": 0, "high": 1},
        {"columns": ("a", "b"), "low": 0, "high": 2},
        {"when": "missing_rate", "low": 0, "high": 0.99},
        {"when": "stale_input", "high": 1},
        {"when": "prediction_drift", "high": 20.5},
        {"when": "performance_degradation", "low": 0.5, "high": 5},
        {"when": "performance_degradation", "columns": ("auc", "log_loss"), "high": 5},
    ],
)
def test_levels_that_can_be_reached(rule: dict[str, Any]) -> None:
    assert faults_of([AlertRule(**{"when": "feature_drift", **rule})]) == []


def test_two_rules_need_two_names() -> None:
    rules = [AlertRule(when="feature_drift"), AlertRule(when="feature_drift", high=3)]
    assert faults_of(rules) == [(1, "name", "two rules are called feature_drift")]
    assert faults_of([rules[0], replace(rules[1], name="many")]) == []
    assert faults_of(rules_of(Alerts())) == []
