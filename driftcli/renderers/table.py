"""Reports as tables for the terminal, the loudest rows first and the verdict last."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from driftcli.model import LabelCoverage, MetricValue, Report, Status, WindowsInfo
from driftcli.renderers.screen import STYLES, Screen, Span
from driftcli.renderers.table_columns import (
    MAX_ROWS,
    STATES,
    draw_columns,
    reasons,
    state,
)
from driftcli.renderers.table_metrics import (
    draw_metrics,
    drop_state,
    has_baseline,
    judged,
    metric_reasons,
)

if TYPE_CHECKING:
    from rich.console import Console

LOUD = {"not evaluated": STYLES[Status.NOT_EVALUATED], "uncertain": STYLES[Status.UNCERTAIN]}


def render(reports: Sequence[Report], console: Console, *, every: bool = False) -> None:
    """Print reports on a console; of several each gets a heading.

    Parameters
    ----------
    reports : sequence of Report
    console : rich.console.Console
        Its width decides which columns of the table appear, its encoding which signs.
    every : bool
        Whether to show all rows, however many there are.
    """
    screen = Screen(console)
    for number, report in enumerate(reports):
        if number:
            screen.line()
        if len(reports) > 1:
            screen.paragraph((_heading(report), "bold reverse"))
            screen.line()
        _tables(report, screen, every)
        for line in summary(report):
            screen.paragraph(*line)


def _heading(report: Report) -> str:
    sides = [side.source for side in (report.reference, report.current) if side]
    return f"{report.command}: {' → '.join(sides)}"


def _tables(report: Report, screen: Screen, every: bool) -> None:
    """Print each table and, after a blank line, its reasons."""
    for title, columns in (("feature", report.features), ("prediction", report.predictions)):
        if columns:
            loudest = sorted(columns.values(), key=lambda column: column.rank)
            draw_columns(title, loudest, screen, len(loudest) if every else MAX_ROWS)
            _paragraphs(reasons(loudest, screen, every=every), screen)
    if report.performance is not None:
        draw_metrics(report.performance.metrics, screen)
        _paragraphs(metric_reasons(report.performance.metrics), screen)


def _paragraphs(lines: Sequence[Sequence[Span]], screen: Screen) -> None:
    screen.line()
    for line in lines:
        screen.paragraph(*line)
    if lines:
        screen.line()


def summary(report: Report) -> Iterator[list[Span]]:
    """Say what came out, of how much data, by which rule."""
    told = verdict(report)
    if report.incomplete:
        told.append((" (incomplete)", STYLES[Status.NOT_EVALUATED]))
    if told:
        yield told
    if report.performance is not None:
        yield [(_coverage(report.performance.coverage), "")]
    sides = [("reference", report.reference), ("current", report.current)]
    yield [(" · ".join(f"{side} {info.rows:,} rows" for side, info in sides if info), "")]
    if report.windows is not None and len(report.windows.current) > 1:
        yield [(_of_windows(report.windows), "")]
    tested = sum(decision.pvalue_adjusted is not None for decision in report.decisions())
    policy = report.policy
    if tested:
        yield [
            (f"rule {policy.rule}, alpha {policy.alpha:g}, {_correction(report)} over ", ""),
            (f"{tested:,} check{'s' * (tested > 1)}; {_null(report)}", ""),
        ]


def _of_windows(windows: WindowsInfo) -> str:
    """Say which windows current has."""
    first, last = windows.current[0], windows.current[-1]
    judged = "the last is judged" if windows.judged else "judged as one"
    return f"current {len(windows.current):,} {windows.many}, {first} to {last}; {judged}"


def _correction(report: Report) -> str:
    """Return how p-values were corrected; among windows max-T stands in Holm's place."""
    correction = report.policy.correction
    return "max-T" if report.among_windows and correction == "holm" else correction


def _null(report: Report) -> str:
    """Say what the p-values take for chance."""
    if report.windows is None or not report.among_windows:
        return "p takes rows as independent"
    first, last = report.windows.reference_first, report.windows.reference_last
    return f"p from {report.windows.reference:,} {report.windows.many}, {first} to {last}"


def verdict(report: Report) -> list[Span]:
    """Return how much drifted; without anything compared, that.

    Parameters
    ----------
    report : Report
    """
    parts = [
        _counted(Counter(map(state, columns.values())), things, "drifted")
        for things, columns in (
            ("features", report.features),
            ("prediction columns", report.predictions),
        )
        if columns
    ]
    if report.performance is not None:
        parts.append(_metric_counts(report.performance.metrics))
    elif not parts:
        return [("nothing was compared", STYLES[Status.NOT_EVALUATED])]
    return [span for part in parts if part for span in (("; ", ""), *part)][1:]


def _counted(counts: Counter[str], things: str, worst: str) -> list[Span]:
    """Return ``1 of 3 features drifted, 2 ok``, the loud parts in colour."""
    bad, total = counts["drifted"], counts.total()
    quiet = "" if set(counts) - {"ok", "skipped"} else STYLES[Status.OK]
    style = STYLES[Status.DRIFT] if bad else quiet
    spans = [(f"{bad:,} of {total:,} {things} {worst}", style)]
    for word in STATES[1:]:
        if counts[word]:
            spans += [(", ", ""), (f"{counts[word]:,} {word}", LOUD.get(word, ""))]
    return spans


def _metric_counts(metrics: Sequence[MetricValue]) -> list[Span]:
    if not has_baseline(metrics):
        computed = sum(metric.current is not None for metric in metrics)
        return [(f"{computed} of {len(metrics)} metrics computed, no baseline to compare with", "")]
    counts = Counter(map(drop_state, judged(metrics)))
    return _counted(counts, "metrics", "degraded") if counts else []


def _coverage(coverage: LabelCoverage) -> str:
    share = "" if coverage.share is None else f" ({100 * coverage.share:.1f} %)"
    labels = "label" if coverage.unmatched == 1 else "labels"
    unmatched = f", {coverage.unmatched:,} {labels} unmatched" if coverage.unmatched else ""
    return f"{coverage.labelled:,} of {coverage.rows:,} rows labelled{share}{unmatched}"
