"""The table of performance metrics, and why some could not be evaluated."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from driftcli.model import Decision, MetricValue, Skip, Status
from driftcli.renderers.grid import GridColumn, draw, fitting
from driftcli.renderers.screen import STYLES, Screen, Span, status_cell
from driftcli.renderers.sparklines import values_course
from driftcli.text import show_pvalue, show_short

_BEYOND = (Status.DRIFT, Status.UNCERTAIN)


def draw_metrics(metrics: Sequence[MetricValue], screen: Screen) -> None:
    """Print one row a metric, beside its baseline where there is one.

    Parameters
    ----------
    metrics : sequence of MetricValue
    screen : Screen
    """
    compared = has_baseline(metrics)
    columns = [
        GridColumn("metric", [(metric.metric, "") for metric in metrics], cut=True),
        _numbers("ref", metrics, lambda metric: show_short(metric.reference), leaves=4),
        _numbers("cur", metrics, lambda metric: show_short(metric.current)),
        GridColumn("95 % CI", [(_interval(metric), "") for metric in metrics], leaves=3),
        _numbers("drop", metrics, _drop),
        *([_numbers("limit", metrics, _limit, leaves=2)] if compared else []),
        _numbers("adj. p", metrics, _pvalue, leaves=1),
        GridColumn("windows", [(values_course(m.by_window), "") for m in metrics], leaves=2),
        GridColumn("status", [_status(metric) for metric in metrics]),
    ]
    draw(fitting([column for column in columns if _says(column)], screen), screen)


def has_baseline(metrics: Sequence[MetricValue]) -> bool:
    """Whether there is anything to compare the metrics with."""
    return any(metric.reference is not None for metric in metrics)


def _numbers(
    header: str,
    metrics: Sequence[MetricValue],
    shown: Callable[[MetricValue], str],
    leaves: int = 0,
) -> GridColumn:
    return GridColumn(header, [(shown(metric), "") for metric in metrics], True, leaves)


def _says(column: GridColumn) -> bool:
    """Whether a column is of use: without a baseline most are empty."""
    return column.header in ("metric", "cur") or any(words for words, _ in column.cells)


def _interval(metric: MetricValue) -> str:
    if metric.current_interval is None:
        return ""
    low, high = map(show_short, metric.current_interval)
    return f"{low} to {high}" if "-" in low + high else f"{low}–{high}"


def _drop(metric: MetricValue) -> str:
    return show_short(metric.decision.result.effect) if metric.decision else ""


def _limit(metric: MetricValue) -> str:
    threshold = metric.decision.threshold if metric.decision else None
    return show_short(threshold.value) if threshold else ""


def _pvalue(metric: MetricValue) -> str:
    pvalue = metric.decision.pvalue_adjusted if metric.decision else None
    return "" if pvalue is None else show_pvalue(pvalue)


def skip_of(metric: MetricValue) -> Skip | None:
    """Return why a metric, or its drop, could not be evaluated.

    Of a metric that nobody set a limit to it is harmless.
    """
    decision = metric.decision
    if decision is None or decision.status is not Status.NOT_EVALUATED:
        return metric.skip
    return Skip(decision.reason, harmless=not decision.blocking)


def _status(metric: MetricValue) -> Span:
    skip = skip_of(metric)
    if skip is not None:
        return status_cell(Status.NOT_EVALUATED, harmless=skip.harmless)
    if metric.decision is None or metric.decision.threshold is None:
        return "", ""
    return status_cell(metric.decision.status)


def metric_reasons(metrics: Sequence[MetricValue]) -> list[tuple[Span, Span]]:
    """Return why metrics were not evaluated, each reason once behind the names of its metrics.

    Before these, how unusual a drop beyond its limit is among the windows of the reference.

    Returns
    -------
    list of pairs of (str, str)
        Names and reason, each with its style.
    """
    told: dict[str, list[MetricValue]] = {}
    for metric in metrics:
        skip = skip_of(metric)
        if skip is not None:
            told.setdefault(skip.reason, []).append(metric)
    lines: list[tuple[Span, Span]] = [
        ((f"{metric.metric}: ", STYLES[drop.status]), (drop.reason, ""))
        for metric in metrics
        if (drop := metric.decision) and drop.standing and drop.status in _BEYOND
    ]
    for reason, those in told.items():
        every = len(those) == len(metrics)
        names = "no metric evaluated" if every else ", ".join(metric.metric for metric in those)
        lines.append(((f"{names}: ", _style(those)), (reason, "")))
    return lines


def _style(metrics: Sequence[MetricValue]) -> str:
    """Return a loud style where one of the metrics should have been evaluated."""
    skips = [skip for skip in map(skip_of, metrics) if skip is not None]
    return "dim" if all(skip.harmless for skip in skips) else STYLES[Status.NOT_EVALUATED]


def drop_state(drop: Decision) -> str:
    """Return in words what the drop of a metric came to, as of a column."""
    if drop.status is Status.NOT_EVALUATED and not drop.blocking:
        return "skipped"
    return "drifted" if drop.status is Status.DRIFT else drop.status.replace("_", " ")


def judged(metrics: Sequence[MetricValue]) -> list[Decision]:
    """Return the verdicts that have a limit."""
    return [m.decision for m in metrics if m.decision is not None and m.decision.threshold]
