"""Metrics of labelled rows, their baselines, and the judged drops."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from driftcli.config import Config, Task
from driftcli.decide import Check, decide
from driftcli.errors import DataError, quoted
from driftcli.metrics import METRICS_BY_TASK, Estimate, Metric, Options, drop
from driftcli.model import (
    Decision,
    LabelCoverage,
    MetricValue,
    PerformanceResult,
    Skip,
    Threshold,
)
from driftcli.pipeline.labels import Labelled
from driftcli.pipeline.scoring import Roles
from driftcli.renderers.json import loads
from driftcli.summaries.scored import BinarySummary, ScoredSummary

Estimates = Mapping[str, Estimate]


@dataclass(frozen=True, slots=True)
class Evaluated:
    """One side's metrics.

    Parameters
    ----------
    estimates : mapping of str to Estimate
    coverage : LabelCoverage or None
        ``None`` for stored metrics.
    summary : ScoredSummary or None
    """

    estimates: Estimates
    coverage: LabelCoverage | None = None
    summary: ScoredSummary | None = None


def estimate_all(
    rows: Labelled, summary: ScoredSummary | None, task: Task, config: Config
) -> Evaluated:
    """Compute every metric of a task, or say why there are not labels enough."""
    metrics = METRICS_BY_TASK[task]
    skip = not_enough(rows.coverage, config)
    if skip or summary is None:
        nothing = Estimate(None, n=rows.coverage.labelled, skip=skip)
        return Evaluated(dict.fromkeys(metrics, nothing), rows.coverage)
    options = Options(cutoff=config.performance.cutoff, k=config.performance.k)
    found = {name: metric.estimate(summary, options) for name, metric in metrics.items()}
    return Evaluated(found, rows.coverage, summary)


def not_enough(coverage: LabelCoverage, config: Config) -> Skip | None:
    """Return the reason where there are too few labels, by share or by number."""
    share, least = coverage.share or 0.0, config.performance.min_label_share
    if share < least:
        return Skip(
            f"not enough labels: {100 * share:.1f} % of the rows, minimum {100 * least:g} %"
        )
    minimum = config.decision.min_rows
    if coverage.labelled < minimum:
        return Skip(f"not enough labels: {coverage.labelled} rows, minimum {minimum}")
    return None


def stored_metrics(path: Path, task: Task) -> Evaluated:
    """Read a baseline: what an earlier run wrote, or plain numbers such as ``{"auc": 0.71}``.

    Plain numbers carry no variance and are taken as fixed.

    Raises
    ------
    DataError
        If the file is not that, or holds none of the task's metrics.
    """
    try:
        value = loads(path.read_text(encoding="utf-8"), path)
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "not a text file"
        raise DataError(reason.lower(), path=path) from None
    if not isinstance(value, dict):
        raise DataError('not a file of metrics such as {"auc": 0.71}', path=path)
    performance = value.get("performance")
    stored = _written(performance) if isinstance(performance, dict) else _plain(value, path)
    found = {name: stored[name] for name in METRICS_BY_TASK[task] if name in stored}
    if not found:
        known = ", ".join(METRICS_BY_TASK[task])
        raise DataError(f"holds none of the {task} metrics", path=path, hint=f"these are {known}")
    return Evaluated(found)


def _written(performance: Mapping[str, Any]) -> dict[str, Estimate]:
    """Return the estimates that an earlier run wrote, variances included."""
    found = {}
    for metric in performance.get("metrics", ()):
        if isinstance(metric, dict) and isinstance(metric.get("current"), int | float):
            interval, error = metric.get("current_interval"), metric.get("current_error")
            found[str(metric.get("metric"))] = Estimate(
                float(metric["current"]),
                error if isinstance(error, int | float) else None,
                (interval[0], interval[1]) if isinstance(interval, list) else None,
                int(metric.get("n_current") or 0),
                details=metric.get("details") or {},
            )
    return found


def _plain(value: Mapping[str, Any], path: Path) -> dict[str, Estimate]:
    """Return plain numbers as fixed estimates; a metric that is no number is an error."""
    known = {name for metrics in METRICS_BY_TASK.values() for name in metrics}
    found = {}
    for name, number in value.items():
        if name not in known:
            continue
        if isinstance(number, bool) or not isinstance(number, int | float):
            raise DataError(f"{name}: expected a number, got {quoted(number)}", path=path)
        if not math.isfinite(number):
            raise DataError(f"{name}: expected a finite number", path=path)
        found[name] = Estimate(float(number))
    return found


def judge(
    task: Task, roles: Roles, current: Evaluated, reference: Evaluated | None, config: Config
) -> PerformanceResult:
    """Compare every metric with its baseline, and judge all drops together."""
    metrics = METRICS_BY_TASK[task]
    checks = {
        name: check
        for name, metric in metrics.items()
        if (check := _check(metric, roles, current, reference, config)) is not None
    }
    verdicts = dict(zip(checks, decide(list(checks.values()), config.decision), strict=True))
    before = {} if reference is None else reference.estimates
    values = tuple(
        _value(metric, current.estimates[name], before.get(name), verdicts.get(name))
        for name, metric in metrics.items()
    )
    mean = std = None
    if isinstance(current.summary, BinarySummary):
        mean, std = current.summary.score_moments()
    return PerformanceResult(
        task=task,
        metrics=values,
        columns=roles.named,
        coverage=current.coverage or LabelCoverage(0, 0),
        reference_coverage=reference.coverage if reference else None,
        mean_score=mean,
        std_score=std,
    )


def _check(
    metric: Metric,
    roles: Roles,
    current: Evaluated,
    reference: Evaluated | None,
    config: Config,
) -> Check | None:
    """Return the drop to judge; without a baseline only what cannot be computed is told."""
    threshold = _threshold(metric, config)
    now = current.estimates[metric.name]
    before = reference.estimates.get(metric.name) if reference else None
    if before is None and now.skip is None:
        return None
    result = drop(metric, before or now, now)
    if result.skip is not None and threshold is None:
        result = replace(result, skip=replace(result.skip, harmless=True))
    column = roles.scores[0] if roles.scores else roles.prediction or roles.label
    return Check(column, result, threshold, "drop")


def _threshold(metric: Metric, config: Config) -> Threshold | None:
    limits = config.performance.max_drop
    if metric.name in limits:
        limit = limits[metric.name]
        return None if limit is None else Threshold(limit, "performance.max_drop")
    return None if metric.max_drop is None else Threshold(metric.max_drop)


def _value(
    metric: Metric, now: Estimate, before: Estimate | None, verdict: Decision | None
) -> MetricValue:
    return MetricValue(
        metric=metric.name,
        current=now.value,
        reference=before.value if before else None,
        current_interval=now.interval,
        reference_interval=before.interval if before else None,
        current_error=now.standard_error,
        reference_error=before.standard_error if before else None,
        n_current=now.n,
        n_reference=before.n if before else None,
        better=metric.better,
        decision=verdict,
        skip=now.skip,
        details=now.details,
    )
