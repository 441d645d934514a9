"""What the HTML page shows of performance besides its metrics: pictures, each with its numbers."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from markupsafe import Markup

from driftcli.model import (
    CalibrationCurve,
    ClassRates,
    ColumnKind,
    ColumnResult,
    ConfusionMatrix,
    Curves,
    Distribution,
    Histogram,
    MetricValue,
    PerformanceResult,
    RocCurve,
    Status,
    WindowsInfo,
)
from driftcli.records import Past
from driftcli.renderers.html_text import apart, count, effect, harmless, interval, label, percent
from driftcli.renderers.html_windows import MAX_LABEL, metric_windows
from driftcli.renderers.svg import chart
from driftcli.renderers.svg_performance import calibration, roc, trend

BOTH = ("reference", "current")
# of more runs the last are shown; the store has all
MAX_RUNS = 24
# a matrix of more classes shows shares only
MAX_COUNTED = 8
SHADES = 5

Rows = tuple[tuple[str, ...], ...]
Side = tuple[str, RocCurve | CalibrationCurve | None]


@dataclass(frozen=True, slots=True)
class Card:
    """One picture with its legend, and the table of what it shows; without rows, none."""

    title: str
    picture: Markup
    keys: tuple[str, ...] = ()
    note: str = ""
    head: tuple[str, ...] = ()
    rows: Rows = ()


@dataclass(frozen=True, slots=True)
class Matrix:
    """A confusion matrix as a table: of each label its rows, and each cell's shade and words."""

    title: str
    classes: tuple[str, ...]
    rows: tuple[tuple[str, str, tuple[tuple[int, str, str], ...]], ...]


@dataclass(frozen=True, slots=True)
class Pictured:
    """All that is shown; ``classes`` are rows of a table of classes, current after reference."""

    cards: tuple[Card, ...]
    matrices: tuple[Matrix, ...]
    note: str
    classes: Rows
    trends: tuple[Card, ...]


def pictured(
    found: PerformanceResult, windows: WindowsInfo | None = None, history: Sequence[Past] = ()
) -> Pictured:
    """Return what a performance result shows.

    Parameters
    ----------
    found : PerformanceResult
    windows : WindowsInfo, optional
        Of the run.
    history : sequence of Past
        What earlier runs found, oldest first.
    """
    now, before = found.curves or Curves(), found.reference_curves or Curves()
    confusions = [("Current", now.confusion), ("Reference", before.confusion)]
    return Pictured(
        cards=tuple(_cards(found, now, before)),
        matrices=tuple(_matrix(title, one) for title, one in confusions if one is not None),
        note=_note(now.confusion),
        classes=tuple(_classes(now.classes, before.classes)),
        trends=(*_by_window(found.metrics, windows), *_by_run(found.metrics, history)),
    )


def _cards(found: PerformanceResult, now: Curves, before: Curves) -> Iterator[Card]:
    if now.roc is not None:
        drawn = roc(now.roc, before.roc, f"ROC curve{_values(found, 'auc')}")
        note = "Shaded: where the whole curve lies, with 95 % confidence."
        sides = (("reference", before.roc), ("current", now.roc))
        head = ("Side", "Cutoff", "False positives", "True positives", "Band")
        yield Card("ROC curve", drawn, _keys(before.roc), note, head, tuple(_roc_rows(sides)))
    if now.calibration is not None:
        yield from _calibration(found, now.calibration, before.calibration)
    yield from _histograms(now, before)


def _values(found: PerformanceResult, name: str) -> str:
    """Return a metric's values as they end a caption."""
    metric = found.metric(name)
    if metric is None or metric.current is None:
        return ""
    against = "" if metric.reference is None else f" against {effect(metric.reference)}"
    return f": {label(name)} {effect(metric.current)}{against}"


def _keys(reference: object | None) -> tuple[str, ...]:
    return BOTH if reference is not None else BOTH[1:]


def _roc_rows(sides: Sequence[tuple[str, RocCurve | None]]) -> Iterator[tuple[str, ...]]:
    for side, curve in sides:
        if curve is not None:
            columns = (curve.cutoffs, curve.fpr, curve.tpr, curve.low, curve.high)
            for cutoff, fpr, tpr, low, high in zip(*columns, strict=False):
                told = "above all" if cutoff is None else effect(cutoff)
                yield side, told, percent(fpr), percent(tpr), _span(percent(low), percent(high))


def _span(low: str, high: str) -> str:
    return f"{low} – {high}"


def _calibration(
    found: PerformanceResult, now: CalibrationCurve, before: CalibrationCurve | None
) -> Iterator[Card]:
    shares = found.task == "binary"
    title = "Calibration" if shares else "Predicted and actual"
    caption = (
        f"{title}, in bins of equally many rows{_values(found, 'calibration' if shares else 'r2')}"
    )
    drawn = calibration(now, before, caption)
    if not drawn:
        return
    what = "share of positives" if shares else "mean label"
    note = f"In each tenth of the rows, by prediction: the {what} with its 95 % interval."
    head = ("Side", "Rows", "Predicted", "Observed", "Interval")
    rows = tuple(_bins("reference", before)) + tuple(_bins("current", now))
    yield Card(title, drawn, _keys(before), note, head, rows)


def _bins(side: str, curve: CalibrationCurve | None) -> Iterator[tuple[str, ...]]:
    if curve is None:
        return
    columns = (curve.rows, curve.predicted, curve.observed, curve.low, curve.high)
    for rows, predicted, observed, low, high in zip(*columns, strict=False):
        ends = None if low is None or high is None else (low, high)
        yield side, count(rows), effect(predicted), effect(observed), interval(ends)


def _histograms(now: Curves, before: Curves) -> Iterator[Card]:
    """Yield the scores by label, and the residuals; each against the reference where there is one.

    Without a reference the labels are held against each other.
    """
    if before.positives is None and now.positives is not None:
        yield from _histogram(
            "Scores by label", now.negatives, now.positives, ("negative label", "positive label")
        )
    else:
        yield from _histogram("Scores of positive labels", before.positives, now.positives)
        yield from _histogram("Scores of negative labels", before.negatives, now.negatives)
    yield from _histogram("Residuals: predicted less actual", before.residuals, now.residuals)


def _histogram(
    title: str,
    reference: Histogram | None,
    current: Histogram | None,
    keys: tuple[str, ...] = BOTH,
) -> Iterator[Card]:
    if current is None or not current.rows or len(current.edges) != len(current.rows) + 1:
        return  # the task has none, or the result was written by hand
    first = (0,) * len(current.rows) if reference is None else reference.rows
    if len(first) != len(current.rows):
        return
    shape = Distribution(first, current.rows, current.edges)
    drawn = chart(ColumnResult(title, ColumnKind.NUMERIC, (), distribution=shape), title)
    words = apart(current.edges)
    spans = [_span(*ends) for ends in pairwise(words)]
    counts = [[count(rows) for rows in side] for side in (first, current.rows)]
    told = ("–",) * len(first) if reference is None else counts[0]
    shown = keys if reference is not None else keys[1:]
    head = ("From – to", *(key.capitalize() for key in keys))
    note = "The outer bins reach to the ends of all values."
    yield Card(title, drawn, shown, note, head, tuple(zip(spans, told, counts[1], strict=True)))


def _matrix(title: str, found: ConfusionMatrix) -> Matrix:
    few = len(found.classes) <= MAX_COUNTED
    names = tuple(harmless(name, MAX_LABEL) for name in found.classes)
    rows = []
    for name, counts in zip(names, found.counts, strict=False):
        total = sum(counts)
        cells = tuple(_cell(rows_, total, few) for rows_ in counts)
        rows.append((name, count(total), cells))
    return Matrix(title, names, tuple(rows))


def _cell(rows: int, total: int, few: bool) -> tuple[int, str, str]:
    """Return the shade, the number and the small print of rows out of those of a label."""
    if not rows or not total:
        return 0, "0", ""
    share = rows / total
    shade = math.ceil(SHADES * share - 0.5)
    return (shade, count(rows), percent(share)) if few else (shade, percent(share), "")


def _note(found: ConfusionMatrix | None) -> str:
    if found is None:
        return ""
    told = "Shares and shades are of the rows of a label."
    if found.cutoff is not None:
        told += f" A score of {found.cutoff:g} or more is a yes."
    if found.rest:
        told += f" The last class stands for {found.rest:,} others."
    return told


def _classes(now: Sequence[ClassRates], before: Sequence[ClassRates]) -> Iterator[tuple[str, ...]]:
    earlier = {one.name: one for one in before}
    for one in now:
        other = earlier.get(one.name)
        yield (
            harmless(one.name, MAX_LABEL),
            count(one.labelled),
            percent(one.recall),
            _percents(one.recall_interval),
            percent(other.recall if other else None),
            percent(one.precision),
            _percents(one.precision_interval),
            percent(other.precision if other else None),
        )


def _percents(ends: tuple[float, float] | None) -> str:
    return "–" if ends is None else _span(percent(ends[0]), percent(ends[1]))


def _by_window(metrics: Sequence[MetricValue], windows: WindowsInfo | None) -> Iterator[Card]:
    """Yield each metric over the windows of current; their table is the page's own."""
    rows = metric_windows(metrics, windows)
    if windows is None or not rows:
        return
    many, names = harmless(windows.many, MAX_LABEL), [name for name, _, _ in rows]
    for i, metric in enumerate(metrics):
        course = [values[i] for _, _, values in rows]
        yield from _trend(metric, course, names, f"{len(rows)} {many}")


def _by_run(metrics: Sequence[MetricValue], history: Sequence[Past]) -> Iterator[Card]:
    """Yield each judged metric over earlier runs and this one."""
    past: dict[str, list[Past]] = {}
    for point in history:
        if point.section == "performance":
            past.setdefault(point.name, []).append(point)
    for metric in metrics:
        decision, points = metric.decision, past.get(metric.metric, [])[1 - MAX_RUNS :]
        if decision is None or decision.threshold is None or not points:
            continue
        course = [(point.effect, point.status == Status.DRIFT) for point in points]
        course.append((metric.current, decision.status is Status.DRIFT))
        names = [*(harmless(point.at[:16].replace("T", " ")) for point in points), "this run"]
        for card in _trend(metric, course, names, f"{len(course)} runs"):
            told = [effect(value) + (" ▲" if loud else "") for value, loud in course]
            rows = tuple(zip(names, told, strict=True))
            yield Card(card.title, card.picture, card.keys, card.note, ("Run", "Value"), rows)


def _trend(
    metric: MetricValue,
    course: Sequence[tuple[float | None, bool]],
    names: Sequence[str],
    over: str,
) -> Iterator[Card]:
    values, flags = [value for value, _ in course], [loud for _, loud in course]
    title = f"{label(metric.metric)} over {over}"
    drawn = trend(
        values,
        flags,
        metric.reference,
        (names[0], names[-1]),
        f"{title}, last {effect(values[-1])}",
    )
    if drawn and len(values) - values.count(None) > 1:
        note = "▲ degraded" if any(flags) else ""
        yield Card(title, drawn, _keys(metric.reference), note)
