"""Metrics of labelled rows, their baselines, and the judged drops."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from driftcli.config import Config, Task
from driftcli.decide import Check, decide
from driftcli.metrics import METRICS_BY_TASK, Estimate, Metric, Options, drop
from driftcli.model import (
    Decision,
    LabelCoverage,
    MetricValue,
    PerformanceResult,
    Skip,
    Threshold,
)
from driftcli.pipeline.labels import Labelled, counted
from driftcli.pipeline.roles import Roles
from driftcli.summaries.scored import BinarySummary, ScoredSummary

Estimates = Mapping[str, Estimate]

_REMARKS = {
    ("log_loss", "unnormalised"): "with probabilities that do not add up to 1",
    ("mape", "excluded"): "with a label of 0 left out",
}


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
    coverage: LabelCoverage, scored: int, summary: ScoredSummary | None, task: Task, config: Config
) -> Evaluated:
    """Compute every metric of a task, or say why there are not rows enough."""
    metrics = METRICS_BY_TASK[task]
    skip = too_few(coverage, scored, config)
    if skip or summary is None:
        nothing = Estimate(None, n=scored, skip=skip)
        return Evaluated(dict.fromkeys(metrics, nothing), coverage)
    cutoff, k = config.performance.cutoff, config.performance.k
    options = Options(k=k) if cutoff is None else Options(cutoff=cutoff, k=k)
    found = {name: metric.estimate(summary, options) for name, metric in metrics.items()}
    return Evaluated(found, coverage, summary)


def not_enough(rows: Labelled, config: Config) -> Skip | None:
    """Return the reason where there are too few labels, or too few of them with a score.

    Both are asked for by share (``min_label_share``) and by number (``min_rows``).
    """
    return too_few(rows.coverage, rows.table.num_rows, config)


def too_few(coverage: LabelCoverage, scored: int, config: Config) -> Skip | None:
    """Return the same for a number of rows with label and score."""
    labelled = coverage.labelled
    low_share, low_number = _too_few("labels", "rows", labelled, coverage.rows, config)
    reason = low_share or low_number
    if not reason:
        low_share, low_number = _too_few("scored rows", "labelled rows", scored, labelled, config)
        reason = low_number or low_share
    return Skip(reason) if reason else None


def _too_few(what: str, of: str, number: int, whole: int, config: Config) -> tuple[str, str]:
    """Return what is wrong with the share and with the number; no words where nothing is."""
    share, least = number / whole if whole else 0.0, config.performance.min_label_share
    minimum = config.decision.min_rows
    low_share = f"not enough {what}: {100 * share:.1f} % of the {of}, minimum {100 * least:g} %"
    low_number = f"not enough {what}: {counted(number, 'row')}, minimum {minimum}"
    return low_share if share < least else "", low_number if number < minimum else ""


def remarks(name: str, estimates: Estimates) -> list[str]:
    """Return what the reader of the metrics must know of the rows behind them.

    Parameters
    ----------
    name : str
        The source.
    estimates : mapping of str to Estimate
    """
    found = []
    for (metric, detail), words in _REMARKS.items():
        amount = estimates[metric].details.get(detail) if metric in estimates else None
        if amount:
            found.append(f"{name}: {metric}: {counted(amount, 'row')} {words}")
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
        metric_value(metric, current.estimates[name], before.get(name), verdicts.get(name))
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
    score = (*roles.scores, "score")[0]
    if result.skip is None:
        column = score if roles.scores else roles.prediction or roles.label
        return Check(column, result, threshold, "drop")
    # what was there before, or was asked for by name, is missed; what nobody judges is not
    had = before is not None and before.value is not None
    asked = metric.name in config.performance.max_drop
    harmless = threshold is None or (result.skip.harmless and not had and not asked)
    skip = replace(result.skip, harmless=harmless)
    at_fault = score if "score" in result.skip.reason else roles.label
    return Check(at_fault, replace(result, skip=skip), threshold, "drop")


def _threshold(metric: Metric, config: Config) -> Threshold | None:
    limits = config.performance.max_drop
    if metric.name in limits:
        limit = limits[metric.name]
        return None if limit is None else Threshold(limit, "performance.max_drop")
    return None if metric.max_drop is None else Threshold(metric.max_drop)


def metric_value(
    metric: Metric,
    now: Estimate,
    before: Estimate | None = None,
    verdict: Decision | None = None,
) -> MetricValue:
    """Return what a report tells of a metric."""
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
