"""The parts of the HTML page and the order of their columns; nothing here knows markup.

Only sentences, orders and shares for drawing are made here; every statistic is taken as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from driftcli.model import (
    ColumnResult,
    Decision,
    MetricValue,
    PerformanceResult,
    Report,
    Status,
    WindowsInfo,
)
from driftcli.records import Past
from driftcli.renderers.html_history import Pasts, by_column, past_of
from driftcli.renderers.html_windows import Course, course

LOUD_FIRST = tuple(reversed(Status))
# The overview's bars end here: three times the threshold is far, however far beyond it lies.
MAX_RATIO = 3.0
MAX_BARS = 60
MAX_RANKED = 6
MAX_METRICS = 6
TELLING = (Status.DRIFT, Status.UNCERTAIN, Status.CHANGED)


@dataclass(frozen=True, slots=True)
class ColumnView:
    """One column, where it stands on the page and how far it is from its nearest threshold.

    ``course`` is over the windows of current, ``past`` over earlier runs.
    """

    anchor: str
    column: ColumnResult
    worst: Decision | None
    ratio: float | None
    course: Course | None = None
    past: Course | None = None

    @property
    def bar(self) -> str:
        """Length of the overview's bar in percent of its room."""
        return f"{100 * min(self.ratio or 0.0, MAX_RATIO) / MAX_RATIO:.1f}"

    @property
    def weight(self) -> float:
        """The effect as a multiple of its threshold, times the column's importance."""
        return (self.ratio or 0.0) * self.column.importance


@dataclass(frozen=True, slots=True)
class Section:
    """One part of the page: the features, predictions or performance of one report."""

    kind: str
    anchor: str
    title: str
    report: Report
    columns: tuple[ColumnView, ...] = ()
    methods: tuple[str, ...] = ()
    performance: PerformanceResult | None = None

    @property
    def counts(self) -> list[tuple[Status, int]]:
        """How many columns, or judged metrics, have each status, the loudest first."""
        statuses = [view.column.status for view in self.columns]
        if self.performance is not None:
            judged = (metric.decision for metric in self.performance.metrics)
            statuses = [one.status for one in judged if one is not None]
        return [(s, statuses.count(s)) for s in LOUD_FIRST if s in statuses]


def sections(reports: Sequence[Report], history: Sequence[Past] = ()) -> list[Section]:
    """Return the parts of the page in reading order."""
    pasts = by_column(history)
    found = [part for i, report in enumerate(reports) for part in _sections(report, i, pasts)]
    order = ("features", "predictions", "performance")
    return sorted(found, key=lambda part: order.index(part.kind))


def _sections(report: Report, number: int, pasts: Pasts) -> Iterator[Section]:
    for kind, columns in (("features", report.features), ("predictions", report.predictions)):
        if columns:
            anchor = f"{kind}-{number + 1}"
            views = column_views(columns, anchor, report, pasts)
            yield Section(
                kind, anchor, kind.capitalize(), report, views, _methods(columns.values())
            )
    if report.performance is not None:
        yield Section(
            "performance",
            f"performance-{number + 1}",
            "Performance",
            report,
            performance=report.performance,
        )


def column_views(
    columns: Mapping[str, ColumnResult],
    anchor: str,
    report: Report | None = None,
    pasts: Pasts | None = None,
) -> tuple[ColumnView, ...]:
    """Return columns by severity, then by effect as a multiple of the threshold, then as given.

    Parameters
    ----------
    columns : mapping of str to ColumnResult
    anchor : str
        Begins with the part's kind.
    report : Report, optional
        Its windows are followed.
    pasts : mapping, optional
        What earlier runs found, of each part and column.
    """
    views = []
    for column in columns.values():
        worst = max(column.checks, key=lambda check: ratio(check) or 0.0, default=None)
        far = ratio(worst) if worst is not None else None
        views.append((column, worst if far is not None else None, far))
    views.sort(key=lambda view: (-view[0].status.severity, -(view[2] or 0.0)))
    kind, windows = anchor.partition("-")[0], _windows(report)
    return tuple(
        ColumnView(
            f"{anchor}-{i + 1}",
            column,
            worst,
            far,
            course(column, windows),
            past_of(column, (pasts or {}).get((kind, column.name), ())),
        )
        for i, (column, worst, far) in enumerate(views)
    )


def _windows(report: Report | None) -> WindowsInfo | None:
    return None if report is None else report.windows


def ratio(check: Decision) -> float | None:
    """Return the effect as a multiple of its threshold, ``None`` where either is missing."""
    size = check.result.effect
    if size is None or check.threshold is None or check.threshold.value <= 0:
        return None
    return size / check.threshold.value


def ranked(found: Sequence[Section]) -> list[ColumnView]:
    """Return what changed most: by effect as a multiple of its threshold, times importance."""
    views = [view for part in found for view in part.columns]
    told = [view for view in views if view.column.status in TELLING]
    return sorted(told, key=lambda view: -view.weight)[:MAX_RANKED]


def metrics_in_brief(found: Sequence[Section]) -> list[MetricValue]:
    """Return the metrics for the first screen, those that got worse first, then as given."""
    metrics = [m for part in found if part.performance for m in part.performance.metrics]
    known = [metric for metric in metrics if metric.current is not None]
    return sorted(known, key=lambda m: -(m.decision.status.severity if m.decision else -1))[
        :MAX_METRICS
    ]


def _methods(columns: Iterable[ColumnResult]) -> tuple[str, ...]:
    """Return the methods in the order of the checks; missing last, beside the missing rates.

    What only says why a column was not compared (``schema``) is told by its status, not measured.
    """
    found = dict.fromkeys(
        check.result.method for column in columns for check in column.checks if check.threshold
    )
    return tuple(sorted(found, key=lambda method: method == "missing"))
