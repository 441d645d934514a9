"""Columns, checks and metrics as an alert tells them: the message short, the details whole."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

from driftcli.errors import MAX_NAME
from driftcli.model import ColumnResult, Decision, MetricValue, Status

NAMED_IN_MESSAGE = 5


def drifted_checks(column: ColumnResult) -> list[Decision]:
    """Return the checks of a column that say drift, in their order."""
    return [check for check in column.checks if check.status is Status.DRIFT]


def loudest(column: ColumnResult) -> Decision:
    """Return the check of a drifted column whose effect is the most times its threshold."""
    return max(drifted_checks(column), key=excess)


def excess(decision: Decision) -> float:
    """Return the effect in units of its threshold; infinite where there is none or it is 0."""
    if decision.result.effect is None or decision.threshold is None or not decision.threshold.value:
        return math.inf
    return decision.result.effect / decision.threshold.value


def prediction_details(column: ColumnResult) -> dict[str, Any]:
    """Return both sides' mean and standard deviation, and every check with its numbers."""
    reference, current = column.reference, column.current
    return {
        "reason": column.drift_reason,
        "reference_mean": reference and reference.mean,
        "current_mean": current and current.mean,
        "reference_std": reference and reference.std,
        "current_std": current and current.std,
        "checks": {check.result.method: _check_details(check) for check in column.checks},
    }


def _check_details(check: Decision) -> dict[str, Any]:
    return {
        "status": check.status.value,
        "statistic": check.result.statistic,
        "effect": check.result.effect,
        "threshold": check.threshold and check.threshold.value,
        "pvalue": check.result.pvalue,
        "pvalue_adjusted": check.pvalue_adjusted,
        "details": check.result.details,
    }


def metric_details(metric: MetricValue, decision: Decision) -> dict[str, Any]:
    """Return a metric's values and its judged drop, signed so that worse is positive."""
    return {
        "reference": metric.reference,
        "current": metric.current,
        "drop": decision.result.effect,
        "interval": decision.result.interval,
        "threshold": decision.threshold and decision.threshold.value,
        "pvalue_adjusted": decision.pvalue_adjusted,
        "reason": decision.reason,
    }


def columns_in_words(columns: Sequence[ColumnResult]) -> str:
    """Return the names of drifted columns, each with the reason of its loudest check."""
    return listed(f"{shown(column.name)} ({loudest(column).reason})" for column in columns)


def shown(name: str) -> str:
    """Return a name cut at 80 characters."""
    return name if len(name) <= MAX_NAME else f"{name[: MAX_NAME - 1]}…"


def listed(items: Iterable[str]) -> str:
    """Join the first few and say how many more there are; the details hold them all."""
    named = list(items)
    more = len(named) - NAMED_IN_MESSAGE
    words = ", ".join(named[:NAMED_IN_MESSAGE])
    return f"{words} and {more} more" if more > 0 else words
