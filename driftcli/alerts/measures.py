"""What an alert rule looks at: one function a kind, from a report to what it found there.

They read verdicts and never make one: what drifted was decided before, so that an alert cannot
contradict its report.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from driftcli.alerts.wording import (
    columns_in_words,
    drifted_checks,
    excess,
    listed,
    loudest,
    metric_details,
    prediction_details,
    shown,
)
from driftcli.config import AlertRule
from driftcli.model import ColumnResult, Decision, Report, Status

RETRAIN, WATCH = 0, 1


@dataclass(frozen=True, slots=True)
class Found:
    """What a rule looked for and found.

    Parameters
    ----------
    columns : tuple of str
        Columns or metrics, the worst first.
    value : float
        What is held against the rule's levels.
    total : int
        Columns, metrics or checks that there are.
    words : str
        What was found, in words.
    message : str
    actions : tuple of str
        What to do where the severity asks for retraining, and where it does not.
    details : mapping
    retraining_helps : bool
        Whether a new model would mend it.
    """

    columns: tuple[str, ...]
    value: float
    total: int
    words: str
    message: str
    actions: tuple[str, str]
    details: Mapping[str, Any] = field(default_factory=dict)
    retraining_helps: bool = True


def feature_drift(report: Report, rule: AlertRule, skip: Collection[str]) -> Found | None:
    """Find drifted feature columns, the most important and then the most moved first.

    A column where only the rate of missing values moved counts too and is named in
    ``missing_only``.
    """
    looked = _chosen(report.features, rule)
    drifted = _drifted(looked.values(), skip)
    if not drifted:
        return None
    value: float = len(drifted)
    if rule.by == "share":
        value = len(drifted) / len(looked)
    elif rule.by == "weighted_share":
        whole = math.fsum(column.importance for column in looked.values())
        value = math.fsum(column.importance for column in drifted) / whole if whole else 0.0
    words = columns_in_words(drifted)
    return Found(
        tuple(column.name for column in drifted),
        value,
        len(looked),
        words,
        f"{len(drifted)} of {len(looked)} features drifted: {words}",
        (
            "check the sources of the named columns, then retrain the model on recent data",
            "check the sources of the named columns; no retraining yet",
        ),
        {
            "drifted_features": [column.name for column in drifted],
            "reasons": {column.name: column.drift_reason for column in drifted},
            "missing_only": [column.name for column in drifted if _only_missing(column)],
        },
    )


def prediction_drift(report: Report, rule: AlertRule, skip: Collection[str]) -> Found | None:
    """Find drifted predictions; the value is the largest effect in units of its threshold."""
    looked = _chosen(report.predictions, rule)
    drifted = _drifted(looked.values(), skip)
    if not drifted:
        return None
    words = columns_in_words(drifted)
    return Found(
        tuple(column.name for column in drifted),
        max(excess(loudest(column)) for column in drifted),
        len(looked),
        words,
        f"{len(drifted)} of {len(looked)} prediction columns drifted: {words}",
        (
            "compare with the features that drifted, then retrain the model on recent data",
            "compare with the features that drifted; no retraining yet",
        ),
        {"columns": {column.name: prediction_details(column) for column in drifted}},
    )


def performance_degradation(report: Report, rule: AlertRule, skip: Collection[str]) -> Found | None:
    """Find metrics that fell below their baseline; the value is the largest drop."""
    metrics = report.performance.metrics if report.performance is not None else ()
    judged = [
        (metric, metric.decision)
        for metric in metrics
        if metric.decision is not None and metric.decision.threshold
        if not rule.columns or metric.metric in rule.columns
    ]
    degraded = [
        (metric, drop)
        for metric, drop in judged
        if drop.status is Status.DRIFT and metric.metric not in skip
    ]
    if not degraded:
        return None
    words = listed(f"{shown(metric.metric)} ({drop.reason})" for metric, drop in degraded)
    return Found(
        tuple(metric.metric for metric, _ in degraded),
        max(_drop(drop) for _, drop in degraded),
        len(judged),
        words,
        f"{len(degraded)} of {len(judged)} metrics degraded: {words}",
        (
            "retrain the model on recent labelled data",
            "watch these metrics; retrain the model if the drop persists",
        ),
        {"metrics": {metric.metric: metric_details(metric, drop) for metric, drop in degraded}},
    )


def missing_rate(report: Report, rule: AlertRule, skip: Collection[str]) -> Found | None:
    """Find columns of current with more missing values than the lowest level; no test is made."""
    looked = _chosen({**report.features, **report.predictions}, rule)
    least = min(level for level in (rule.low, rule.medium, rule.high) if level is not None)
    rates = {
        name: column.current.missing_share or 0.0
        for name, column in looked.items()
        if column.current is not None and name not in skip
    }
    beyond = sorted((name for name in rates if rates[name] > least), key=lambda n: (-rates[n], n))
    if not beyond:
        return None
    words = listed(f"{shown(name)} ({100 * rates[name]:.3g} %)" for name in beyond)
    noun = "column has" if len(beyond) == 1 else "columns have"
    advice = "check what fills the named columns"
    return Found(
        tuple(beyond),
        rates[beyond[0]],
        len(looked),
        words,
        f"{len(beyond)} {noun} many missing values: {words}",
        (advice, advice),
        {"missing_rates": {name: rates[name] for name in beyond}},
        retraining_helps=False,
    )


def not_evaluated(report: Report, rule: AlertRule, skip: Collection[str]) -> Found | None:
    """Find checks that should have been evaluated and were not; no retraining mends them."""
    missed = [
        check
        for check in report.decisions()
        if check.blocking and check.column not in skip
        if not rule.columns or check.column in rule.columns
    ]
    if not missed:
        return None
    checks = [
        {"column": check.column, "check": check.result.method, "reason": check.reason}
        for check in missed
    ]
    words = listed(
        f"{shown(check.column)}: {check.result.method} ({check.reason})" for check in missed
    )
    noun = "check" if len(missed) == 1 else "checks"
    advice = "mend the data or the configuration, then check again: these may have drifted unseen"
    return Found(
        tuple(dict.fromkeys(check.column for check in missed)),
        len(missed),
        sum(1 for _ in report.decisions()),
        words,
        f"{len(missed)} {noun} could not be evaluated: {words}",
        (advice, advice),
        {"checks": checks},
        retraining_helps=False,
    )


Measure = Callable[[Report, AlertRule, Collection[str]], Found | None]
MEASURES: dict[str, Measure] = {
    "feature_drift": feature_drift,
    "prediction_drift": prediction_drift,
    "performance_degradation": performance_degradation,
    "missing_rate": missing_rate,
    "not_evaluated": not_evaluated,
}


def stale_input(reason: str) -> Found:
    """Return the finding that the data are not those of now; no report tells it."""
    advice = "check what writes the data: what was checked may say nothing of today"
    return Found(("",), 1.0, 1, reason, reason, (advice, advice), {"reason": reason}, False)


def _chosen(columns: Mapping[str, ColumnResult], rule: AlertRule) -> Mapping[str, ColumnResult]:
    if not rule.columns:
        return columns
    return {name: column for name, column in columns.items() if name in rule.columns}


def _drifted(columns: Iterable[ColumnResult], skip: Collection[str]) -> list[ColumnResult]:
    """Return the drifted columns, the most important and then the most moved first."""
    return sorted(
        (column for column in columns if column.drifted and column.name not in skip),
        key=lambda column: (-column.importance, -excess(loudest(column))),
    )


def _only_missing(column: ColumnResult) -> bool:
    return all(check.result.method == "missing" for check in drifted_checks(column))


def _drop(decision: Decision) -> float:
    """Return the drop; one that is too bad for a number is larger than any threshold."""
    return math.inf if decision.result.effect is None else decision.result.effect
