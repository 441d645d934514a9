"""Synthetic reports for the tests of renderers: round, made-up numbers, the same each time."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from driftcli.model import (
    Alert,
    AlertReport,
    ColumnKind,
    ColumnResult,
    ColumnStats,
    DatasetInfo,
    Decision,
    DecisionPolicy,
    Distribution,
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

TIMESTAMP = "2024-03-18T06:00:00+00:00"
VERSION = "1.0.0"
ROWS = 10_000
THRESHOLDS = {
    "ks": 0.1,
    "psi": 0.2,
    "chi2": 0.1,
    "missing": 0.05,
    "prediction_mean": 0.1,
    "prediction_std": 0.2,
}
# effect as a multiple of the threshold, and the adjusted p-value, that make each status
_MADE_OF = {
    Status.OK: (0.2, 0.43),
    Status.CHANGED: (0.7, 4e-7),
    Status.UNCERTAIN: (1.4, 0.21),
    Status.DRIFT: (2.4, 0.0),
}


def check(
    column: str, method: str, status: Status = Status.OK, *, strength: float = 1.0, **changed: Any
) -> Decision:
    """Return one judged check; ``changed`` replaces fields of its result."""
    limit = THRESHOLDS.get(method, 0.05)
    if status is Status.NOT_EVALUATED:
        reason = changed.pop("reason", "12 rows on the current side, 30 are needed")
        skip = Skip(reason, changed.pop("harmless", False))
        empty = MethodResult(method, None, None, None, ROWS, 12, skip=skip)
        return Decision(column, empty, Threshold(limit), None, "rows", status, reason)
    times, p = _MADE_OF[status]
    size = limit * (times if status is Status.CHANGED else times * strength)
    made: dict[str, Any] = {
        "statistic": size + 0.001,
        "effect": size,
        "pvalue": p / 10,
        "interval": (size - 0.012, size + 0.012),
    }
    result = MethodResult(method, n_reference=ROWS, n_current=ROWS, **(made | changed))
    way = ">" if size > limit else "<="
    reason = f"{method} {size:.3f} {way} {limit:g}, p {p or '< 1e-300'}"
    return Decision(column, result, Threshold(limit), p, "rows", status, reason)


def numeric_column(
    name: str = "age",
    status: Status = Status.OK,
    *,
    strength: float = 1.0,
    bins: int = 20,
    uneven: bool = False,
    kind: ColumnKind = ColumnKind.NUMERIC,
    methods: Sequence[str] = ("ks", "psi", "missing"),
) -> ColumnResult:
    """Return a bell-shaped column whose current side is moved as far as its status says.

    ``uneven`` gives bins that double in width, as quantiles of a long tail do.
    """
    times = _MADE_OF.get(status, (0.0, None))[0] * strength
    reference, current = _bell(bins, 0.0), _bell(bins, 0.35 * times)
    low, width = 18.0, 62.0 / bins
    edges = tuple(low + (2.0**i - 1 if uneven else width * i) for i in range(bins + 1))
    checks = [check(name, methods[0], status, strength=strength)]
    checks += [check(name, method) for method in methods[1:]]
    return ColumnResult(
        name,
        kind,
        tuple(checks),
        ColumnStats(9_900, 100, 41.25, 12.5, 18.0, 80.0),
        ColumnStats(9_850, 150, 41.25 + 3 * times, 12.9, 18.0, 80.0),
        Distribution(reference, current, edges=edges),
    )


def _bell(bins: int, shift: float) -> tuple[int, ...]:
    places = ((i + 0.5) / bins * 6 - 3 for i in range(bins))
    heights = [math.exp(-((x - shift) ** 2) / 2) for x in places]
    return tuple(round(9_900 * height / sum(heights)) for height in heights)


def categorical_column(
    name: str = "device",
    status: Status = Status.OK,
    *,
    strength: float = 1.0,
    labels: Sequence[str] = ("phone", "desktop", "tablet", "television", "watch"),
    new: bool = False,
    vanished: bool = False,
) -> ColumnResult:
    """Return a column of categories; ``new`` and ``vanished`` make one of each at the end."""
    times = _MADE_OF.get(status, (0.0, None))[0] * strength
    reference = [round(6_000 / (i + 1)) for i in range(len(labels))]
    current = [round(n * (1 + 0.15 * times * (-1) ** i)) for i, n in enumerate(reference)]
    shown = [*labels]
    if new:
        shown, reference, current = [*shown, "console"], [*reference, 0], [*current, 900]
    if vanished:
        shown, reference, current = [*shown, "e-reader"], [*reference, 700], [*current, 0]
    return ColumnResult(
        name,
        ColumnKind.CATEGORICAL,
        (check(name, "chi2", status, strength=strength), check(name, "missing")),
        ColumnStats(sum(reference), 0, categories=sum(map(bool, reference))),
        ColumnStats(sum(current), 12, categories=sum(map(bool, current))),
        Distribution(tuple(reference), tuple(current), labels=tuple(shown)),
        new_categories=("console",) if new else (),
        vanished_categories=("e-reader",) if vanished else (),
    )


def unevaluated_column(name: str = "notes", *, harmless: bool = False) -> ColumnResult:
    """Return a column of which nothing could be said."""
    reason = "looks like an identifier: 9,870 distinct values in 9,900 rows"
    told: dict[str, Any] = {"reason": reason, "harmless": True} if harmless else {}
    return ColumnResult(name, None, (check(name, "ks", Status.NOT_EVALUATED, **told),))


def column(i: int) -> ColumnResult:
    """Return the i-th of many columns: every kind, status and shape in turn."""
    status = (Status.DRIFT, Status.OK, Status.CHANGED, Status.OK, Status.UNCERTAIN, Status.OK)[
        i % 6
    ]
    strength = 1 + i % 5 / 4
    if i % 4 == 3:
        return categorical_column(
            f"category_{i:02d}", status, strength=strength, new=i % 8 == 3, vanished=i % 8 == 7
        )
    return numeric_column(f"feature_{i:02d}", status, strength=strength, uneven=i % 4 == 2)


def report(command: str, **fields: Any) -> Report:
    """Return a report of that command with the usual data behind it."""
    known: dict[str, Any] = {
        "timestamp": TIMESTAMP,
        "driftcli_version": VERSION,
        "policy": DecisionPolicy(),
        "reference": DatasetInfo("data/train.parquet", ROWS, 15),
        "current": DatasetInfo("logs/2024-03-17/part-*.parquet", ROWS, 16),
    }
    return Report(command, **(known | fields))


def of_columns(columns: Sequence[ColumnResult]) -> dict[str, ColumnResult]:
    """Return columns by name."""
    return {one.name: one for one in columns}


def features_report(n: int = 12, **fields: Any) -> Report:
    """Return a report of ``n`` columns."""
    return report("features", features=of_columns([column(i) for i in range(n)]), **fields)


def predictions_report(status: Status = Status.DRIFT, **fields: Any) -> Report:
    """Return a report of one column of scores."""
    methods = ("prediction_mean", "prediction_std", "ks")
    score = numeric_column("score", status, methods=methods)
    return report("predictions", predictions=of_columns([score]), **fields)


def metric(
    name: str, current: float, reference: float, status: Status = Status.OK, **changed: Any
) -> MetricValue:
    """Return a metric with intervals of ±0.01 and its judged drop."""
    drop = (reference - current) * (-1 if changed.get("better") == "lower" else 1)
    result = MethodResult(
        name, current, drop, 1e-9, 8_000, 9_412, interval=(drop - 0.014, drop + 0.014)
    )
    reason = f"{name} dropped by {drop:.3f}, threshold 0.05"
    decision = Decision(name, result, Threshold(0.05), 4e-9, "rows", status, reason)
    return MetricValue(
        name,
        current,
        reference,
        (current - 0.01, current + 0.01),
        (reference - 0.01, reference + 0.01),
        **({"decision": decision} | changed),
    )


def performance_report(status: Status = Status.DRIFT, **fields: Any) -> Report:
    """Return a report of a binary classifier; ``not_evaluated`` is one without labels."""
    if status is Status.NOT_EVALUATED:
        lacking = "0 of 10,000 rows have their label, 5,000 are needed"
        none = check("auc", "auc", status, reason=lacking)
        metrics: tuple[MetricValue, ...] = (
            MetricValue("auc", None, 0.742, skip=Skip(lacking), decision=none),
        )
        labelled = 0
    else:
        fall = 0.071 if status is Status.DRIFT else 0.004
        metrics = (
            metric("auc", 0.742 - fall, 0.742, status),
            metric("log_loss", 0.402, 0.391, better="lower"),
            metric("ctr", 0.031, 0.0302, better="neither", decision=None),
            MetricValue("calibration", 1.08, current_interval=(1.02, 1.14), better="neither"),
        )
        labelled = 9_412
    result = PerformanceResult(
        "binary",
        metrics,
        {"label": "click", "score": "score"},
        LabelCoverage(ROWS, labelled, 12),
        LabelCoverage(8_000, 8_000),
        0.0334,
        0.0211,
        {"clipped_rows": 3},
    )
    return report("performance", performance=result, **fields)


def alert_report(**fields: Any) -> AlertReport:
    """Return two alerts and the advice to retrain."""
    known: dict[str, Any] = {
        "alerts": (
            Alert(
                TIMESTAMP,
                "feature_drift",
                Severity.HIGH,
                "6 of 12 features drifted",
                "Look at the columns that drifted most; retrain if the change is here to stay",
                {"drifted_features": 6, "total_features": 12},
            ),
            Alert(
                TIMESTAMP,
                "performance_degradation",
                Severity.MEDIUM,
                "AUC fell by 0.071",
                "Compare with the data of last week",
            ),
        ),
        "should_retrain": True,
        "retrain_reasons": ("an alert of severity high",),
    }
    return AlertReport(TIMESTAMP, VERSION, **(known | fields))
