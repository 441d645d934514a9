"""Metrics of labelled rows, and why there may be none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from driftcli.config import Config, Task
from driftcli.metrics import METRICS_BY_TASK, Estimate, Metric, Options
from driftcli.model import Decision, LabelCoverage, MetricValue, Skip
from driftcli.pipeline.labels import counted
from driftcli.summaries.scored import ScoredSummary

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
        What the metrics are of, where it is at hand; of a baseline, what it has kept of it.
    windows : mapping of int to Evaluated
        Of each window of time, in their order, where there are any.
    """

    estimates: Estimates
    coverage: LabelCoverage | None = None
    summary: ScoredSummary | None = None
    windows: Mapping[int, Evaluated] = field(default_factory=dict)


def estimate_all(
    coverage: LabelCoverage, scored: int, summary: ScoredSummary | None, task: Task, config: Config
) -> Evaluated:
    """Compute every metric of a task, or say why there are not rows enough."""
    metrics = METRICS_BY_TASK[task]
    skip = too_few(coverage, scored, config)
    if skip or summary is None:
        nothing = Estimate(None, n=scored, skip=skip)
        return Evaluated(dict.fromkeys(metrics, nothing), coverage)
    options = options_of(config)
    found = {name: metric.estimate(summary, options) for name, metric in metrics.items()}
    return Evaluated(found, coverage, summary)


def options_of(config: Config) -> Options:
    """Return how metrics are computed."""
    cutoff, k = config.performance.cutoff, config.performance.k
    return Options(k=k) if cutoff is None else Options(cutoff=cutoff, k=k)


def too_few(coverage: LabelCoverage, scored: int, config: Config) -> Skip | None:
    """Return the reason where there are too few labels, or too few of them with a score.

    Both are asked for by share (``min_label_share``) and by number (``min_rows``).
    """
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


def metric_value(
    metric: Metric,
    now: Estimate,
    before: Estimate | None = None,
    verdict: Decision | None = None,
    by_window: tuple[float | None, ...] = (),
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
        by_window=by_window,
    )
