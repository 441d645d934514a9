"""Drops of metrics, judged: against a baseline, and among the windows of the reference."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from driftcli.config import Config, Task
from driftcli.decide import Check, decide
from driftcli.metrics import METRICS_BY_TASK, Estimate, Metric, drop
from driftcli.model import Decision, LabelCoverage, PerformanceResult, Threshold
from driftcli.pipeline.curves import curves_of
from driftcli.pipeline.effects import Effects
from driftcli.pipeline.evaluation import Evaluated, metric_value, options_of
from driftcli.pipeline.frame import Frame
from driftcli.pipeline.roles import Roles
from driftcli.pipeline.standing import stand, with_series
from driftcli.summaries.scored import BinarySummary


def judge(
    task: Task,
    roles: Roles,
    current: Evaluated,
    reference: Evaluated | None,
    config: Config,
    frame: Frame | None = None,
) -> PerformanceResult:
    """Compare every metric with its baseline, and judge all drops together.

    Parameters
    ----------
    task : str
    roles : Roles
    current : Evaluated
        Of several windows the last is judged where the reference has windows too.
    reference : Evaluated, optional
    config : Config
    frame : Frame, optional
        The windows of the run.
    """
    metrics = METRICS_BY_TASK[task]
    recent = {} if frame is None else {number: current.windows[number] for number in frame.recent}
    if frame is not None and frame.alone:
        current = recent[max(recent)]
    checks = {
        name: check
        for name, metric in metrics.items()
        if (check := _check(metric, roles, current, reference, config)) is not None
    }
    waiting = list(checks.values())
    if frame is None or reference is None or not (frame.past or frame.timeless):
        decisions = decide(waiting, config.decision)
    else:
        effects = _effects(waiting, task, reference, recent, config.decision.min_rows)
        decisions = _among_windows(waiting, effects, frame, config)
    verdicts = dict(zip(checks, decisions, strict=True))
    before = {} if reference is None else reference.estimates
    course = list(recent.values()) if len(recent) > 1 else []
    values = tuple(
        metric_value(
            metric,
            current.estimates[name],
            before.get(name),
            verdicts.get(name),
            tuple(part.estimates[name].value for part in course),
        )
        for name, metric in metrics.items()
    )
    mean = std = None
    if isinstance(current.summary, BinarySummary):
        mean, std = current.summary.score_moments()
    summary = None if reference is None else reference.summary
    drawn, drawn_before = curves_of(current.summary, summary, options_of(config).cutoff)
    return PerformanceResult(
        task=task,
        metrics=values,
        columns=roles.named,
        coverage=current.coverage or LabelCoverage(0, 0),
        reference_coverage=reference.coverage if reference else None,
        mean_score=mean,
        std_score=std,
        curves=drawn,
        reference_curves=drawn_before,
    )


def _effects(
    checks: Sequence[Check],
    task: Task,
    reference: Evaluated,
    recent: Mapping[int, Evaluated],
    least: int,
) -> dict[str, Effects]:
    """Return the drops of windows of both sides, by the column that a check names.

    All are measured from one number, that of the whole reference. So their order is that of the
    windows' metrics themselves, in which no window is treated unlike the others.
    """
    past: dict[str, dict[int, float]] = {}
    later: dict[str, dict[int, float]] = {}
    now: dict[str, float] = {}
    for check in checks:
        metric = METRICS_BY_TASK[task][check.result.method]
        before = reference.estimates.get(metric.name, _NOTHING)
        past[metric.name] = _drops(metric, before, reference.windows, least)
        later[metric.name] = _drops(metric, before, recent, least)
        if check.result.effect is not None and check.result.n_current >= least:
            now[metric.name] = check.result.effect
    return {check.column: Effects(past, later, now) for check in checks}


_NOTHING = Estimate(None)


def _drops(
    metric: Metric, before: Estimate, windows: Mapping[int, Evaluated], least: int
) -> dict[int, float]:
    estimates = {number: part.estimates[metric.name] for number, part in windows.items()}
    found = {
        number: drop(metric, before, estimate).effect
        for number, estimate in estimates.items()
        if estimate.n >= least
    }
    return {number: effect for number, effect in found.items() if effect is not None}


def _among_windows(
    checks: Sequence[Check], effects: Mapping[str, Effects], frame: Frame, config: Config
) -> list[Decision]:
    standing = stand(checks, effects, frame, config.decision.alpha)
    decisions = decide(standing, config.decision)
    return with_series(decisions, effects, frame, config)


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
