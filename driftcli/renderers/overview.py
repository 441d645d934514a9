"""What the overview chart shows: how far each column and metric is from its thresholds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from driftcli.model import ColumnResult, Decision, MetricValue, Report, Status
from driftcli.renderers.html_text import effect, harmless, label

MAX_ROWS = 60
MAX_REASON = 80


@dataclass(frozen=True, slots=True)
class Bar:
    """One check: its effect as a multiple of its threshold, at least 0."""

    ratio: float
    status: Status
    words: str


@dataclass(frozen=True, slots=True)
class Row:
    """One column or metric; ``words`` say why there are no bars."""

    name: str
    status: Status
    bars: tuple[Bar, ...]
    words: str = ""
    skipped: bool = False

    @property
    def state(self) -> str:
        """What it came to, in words."""
        return "skipped" if self.skipped else self.status.replace("_", " ")


@dataclass(frozen=True, slots=True)
class Section:
    """Features, predictions or performance of one report; ``rest`` counts what is not drawn."""

    title: str
    rows: tuple[Row, ...]
    rest: str


def sections(reports: Sequence[Report]) -> list[Section]:
    """Return what is to be drawn, in the order of the reports, the loudest rows first.

    Parameters
    ----------
    reports : sequence of Report
    """
    found = []
    for report in reports:
        for title, columns in (("Features", report.features), ("Predictions", report.predictions)):
            if columns:
                loudest = sorted(columns.values(), key=lambda column: column.rank)
                found.append(_section(title, [_of_column(column) for column in loudest]))
        if report.performance is not None:
            found.append(_performance(report.performance.metrics))
    return found


def _section(title: str, rows: Sequence[Row], rest: str = "") -> Section:
    hidden = Counter(row.state for row in rows[MAX_ROWS:])
    told = ", ".join(f"{many:,} {state}" for state, many in hidden.items())
    if hidden:
        rest = f"… {hidden.total():,} more, none of them louder: {told}"
    return Section(title, tuple(rows[:MAX_ROWS]), rest)


def _of_column(column: ColumnResult) -> Row:
    # what compares whole distributions comes first, PSI beside it
    checks = sorted(column.checks, key=lambda check: check.result.method not in ("ks", "chi2"))
    bars = tuple(bar for check in checks for bar in _bars(check))
    leading = column.leading
    words = "" if bars or leading is None else harmless(leading.reason, MAX_REASON)
    return Row(column.name, column.status, bars, words, column.skipped)


def _bars(check: Decision) -> Iterator[Bar]:
    """Yield the bar of a check; how many are missing is told where it is beyond its limit."""
    method, size = check.result.method, check.result.effect
    if method == "missing" and check.status.severity <= Status.CHANGED.severity:
        return
    if size is not None and check.threshold is not None:
        yield _bar(check, f"{label(method)} {effect(size)}")
    elif check.blocking and check.threshold is not None:
        yield Bar(0.0, check.status, f"{label(method)} not evaluated")


def _bar(check: Decision, words: str) -> Bar:
    times = check.ratio
    told = (
        f", {times:.2f}×" if 0.005 <= times < 1 else f", {times:.3g}×" if 1 <= times < 1e4 else ""
    )
    return Bar(max(0.0, times), check.status, words + told)


def _performance(metrics: Sequence[MetricValue]) -> Section:
    judged = [(metric, metric.decision) for metric in metrics if metric.decision]
    limited = [(metric, drop) for metric, drop in judged if drop.threshold]
    limited.sort(key=lambda pair: (-pair[1].status.severity, -pair[1].ratio))
    rest = len(metrics) - len(limited)
    told = f"{rest:,} metric{'s' * (rest != 1)} without a limit" if rest else ""
    return _section("Performance", [_of_metric(metric, drop) for metric, drop in limited], told)


def _of_metric(metric: MetricValue, drop: Decision) -> Row:
    size = drop.result.effect
    skipped = drop.status is Status.NOT_EVALUATED and not drop.blocking
    name = label(metric.metric)
    if size is None or drop.status is Status.NOT_EVALUATED:
        return Row(name, drop.status, (), harmless(drop.reason, MAX_REASON), skipped)
    return Row(name, drop.status, (_bar(drop, f"drop {effect(size)}"),))
