"""One column or metric, large in the terminal and in words that need no statistics."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from driftcli.model import (
    ColumnResult,
    ColumnStats,
    Decision,
    Distribution,
    MetricValue,
    Report,
    Series,
    Status,
)
from driftcli.renderers import explain_bars as bars
from driftcli.renderers import explain_shift as shift
from driftcli.renderers.explain_words import meaning, verdict
from driftcli.renderers.grid import plain_table
from driftcli.renderers.screen import Screen, status_cell
from driftcli.text import show_number, show_pvalue, show_short

if TYPE_CHECKING:
    from rich.console import Console


@dataclass(frozen=True, slots=True)
class Subject:
    """What is to be explained, and where it was found.

    Parameters
    ----------
    file : str
    report : Report
    section : {"features", "predictions", "performance"}
    what : ColumnResult or MetricValue
    """

    file: str
    report: Report
    section: str
    what: ColumnResult | MetricValue


def names(report: Report) -> dict[str, None]:
    """Return all that a report can explain, each name once."""
    metrics = report.performance.metrics if report.performance else ()
    return dict.fromkeys([*report.features, *report.predictions, *(m.metric for m in metrics)])


def find(name: str, file: str, report: Report) -> Iterator[Subject]:
    """Yield each column and metric of that name in a report."""
    for section, columns in (("features", report.features), ("predictions", report.predictions)):
        if name in columns:
            yield Subject(file, report, section, columns[name])
    metric = report.performance.metric(name) if report.performance else None
    if metric is not None:
        yield Subject(file, report, "performance", metric)


def render(subjects: Sequence[Subject], console: Console) -> None:
    """Print each subject on a console.

    Parameters
    ----------
    subjects : sequence of Subject
    console : rich.console.Console
        Its width decides how long bars are.
    """
    screen = Screen(console, drawn=True)
    for number, subject in enumerate(subjects):
        if number:
            screen.line()
            screen.line(("─" * screen.width, ""))
            screen.line()
        if isinstance(subject.what, ColumnResult):
            _column(subject, subject.what, screen)
        else:
            _metric(subject, subject.what, screen)


def _column(subject: Subject, column: ColumnResult, screen: Screen) -> None:
    _head(subject, column.name, column.kind or "not compared", column.status, screen,
          harmless=column.skipped)  # fmt: skip
    said = verdict(column.status, subject.report.policy, harmless=column.skipped)
    screen.paragraph((said, "bold"))
    for note in column.notes:
        screen.paragraph((note, ""))
    if column.distribution is not None and column.distribution.reference:
        _picture(column, column.distribution, screen)
    _numbers(column, screen)
    _title("Checks", screen)
    for check in column.checks:
        _check(check, subject.report, screen)
    _course(subject.report, column.leading, screen)
    _note(subject.report, column.checks, screen)


def _metric(subject: Subject, metric: MetricValue, screen: Screen) -> None:
    drop = metric.decision
    judged = drop is not None and (drop.threshold is not None or drop.result.skip is not None)
    status = drop.status if drop and judged else Status.NOT_EVALUATED if metric.skip else None
    harmless = not drop.blocking if drop else bool(metric.skip and metric.skip.harmless)
    _head(subject, metric.metric, "metric", status, screen, harmless=harmless)
    if status is not None:
        said = verdict(status, subject.report.policy, metric=True, harmless=harmless)
        screen.paragraph((said, "bold"))
    screen.paragraph((meaning(metric.metric), ""))
    if metric.current is not None:
        screen.line()
        for line in bars.spans(metric, screen):
            screen.line(*line)
        screen.line()
    if drop is not None:
        _drop(drop, subject.report, screen)
    elif metric.skip is None:
        screen.paragraph(("There is no baseline, so nothing says whether this is good.", ""))
    if metric.skip is not None and (drop is None or drop.reason != metric.skip.reason):
        screen.paragraph((f"Why: {metric.skip.reason}", ""))
    windows = subject.report.windows
    lines = bars.values(metric, windows.current if windows else (), screen)
    if lines:
        _title(
            "By window (line: baseline)" if metric.reference is not None else "By window", screen
        )
        for line in lines:
            screen.line(*line)
    if subject.report.performance is not None:
        coverage = subject.report.performance.coverage
        screen.line()
        screen.paragraph((f"{coverage.labelled:,} of {coverage.rows:,} rows have a label.", ""))
    _note(subject.report, [drop] if drop else [], screen)


def _head(
    subject: Subject, name: str, kind: str, status: Status | None, screen: Screen, *, harmless: bool
) -> None:
    cell = status_cell(status, harmless=harmless) if status else ("not judged", "dim")
    screen.paragraph((screen.name(name), "bold"), (f"  {kind}, {subject.section}  ", ""), cell)
    sides = [side for side in (subject.report.reference, subject.report.current) if side]
    told = " → ".join(f"{screen.name(side.source)} ({side.rows:,} rows)" for side in sides)
    screen.paragraph((f"{subject.file}: {told}", "dim"))
    screen.line()


def _title(words: str, screen: Screen) -> None:
    screen.line()
    screen.line((words, "bold"))


def _picture(column: ColumnResult, shape: Distribution, screen: Screen) -> None:
    _title("Both sides", screen)
    if shape.edges:
        lines = bars.overlay(column, shape, screen, shift.gap_bin(column, shape))
    else:
        lines = bars.pairs(shape, column, screen)
    for line in lines:
        screen.line(*line) if line is not lines[0] else screen.paragraph(*line)
    _title("Where it moved", screen)
    for words in shift.sentences(column, shape, screen):
        screen.paragraph((words, ""))


def _numbers(column: ColumnResult, screen: Screen) -> None:
    """Print both sides' numbers, as far as there are any."""
    sides = [_told(column.reference), _told(column.current)]
    titles = [title for title in {**sides[0], **sides[1]} if any(title in side for side in sides)]
    if titles:
        _title("Numbers", screen)
        cells = [[side.get(title, "") for title in titles] for side in sides]
        plain_table([("", titles, 0), ("reference", cells[0], 0), ("current", cells[1], 0)], screen)


def _told(stats: ColumnStats | None) -> dict[str, str]:
    if stats is None:
        return {}
    infinite = stats.positive_infinite + stats.negative_infinite
    share = stats.missing_share
    known = {
        "rows with value": f"{stats.count:,}",
        "missing": "" if share is None else f"{stats.missing:,} ({bars.percent(share)})",
        "mean": show_short(stats.mean),
        "spread (sd)": show_short(stats.std),
        "least": _extreme(stats.minimum),
        "greatest": _extreme(stats.maximum),
        "infinite": f"{infinite:,}" if infinite else "",
        "categories": "" if stats.categories is None else f"{stats.categories:,}",
    }
    return {title: words for title, words in known.items() if words}


def _extreme(value: float | str | None) -> str:
    return value if isinstance(value, str) else show_short(value)


def _check(check: Decision, report: Report, screen: Screen) -> None:
    harmless = check.status is Status.NOT_EVALUATED and not check.blocking
    sign, style = status_cell(check.status, harmless=harmless)
    screen.paragraph((sign, style), (f"  {check.result.method}: {check.reason}", ""), indent=4)
    for words in _besides(check, report):
        screen.paragraph((f"    {words}", ""), indent=4)


def _drop(drop: Decision, report: Report, screen: Screen) -> None:
    if drop.result.effect is not None and drop.threshold is not None:
        size, limit = show_short(drop.result.effect), show_short(drop.threshold.value)
        screen.paragraph((f"Drop: {size}, and at most {limit} is accepted. {drop.reason}", ""))
    else:
        screen.paragraph((drop.reason, ""))
    for words in _besides(drop, report, known=True):
        screen.paragraph((f"  {words}", ""))


def _besides(check: Decision, report: Report, *, known: bool = False) -> Iterator[str]:
    """Yield what stands behind a verdict; of a metric it is known what it means."""
    result, level = check.result, 100 * (1 - report.policy.alpha)
    words = "" if known or result.effect is None else meaning(result.method)
    if words:
        yield words
    if result.interval is not None and result.effect is not None:
        low, high = map(show_short, result.interval)
        yield f"With {level:g} % confidence the effect is between {low} and {high}."
    if check.pvalue_adjusted is not None:
        yield f"p {show_pvalue(check.pvalue_adjusted)}"
    standing = check.standing
    if standing is not None and result.effect is not None:
        yield (f"It was smaller in {standing.larger_than:,} of {standing.of:,} {standing.windows}.")
    if check.series is not None:
        yield from _over_time(check.series, report.policy.alpha)


def _over_time(series: Series, alpha: float) -> Iterator[str]:
    if len(series.flagged) > 1:
        yield f"It stood out in {sum(series.flagged):,} of {len(series.flagged):,} windows."
    since = series.since
    if since is not None and since.before:
        yield "It began before the first window."
    elif since is not None:
        yield f"It began in {since.window} (95 %: {since.earliest} to {since.latest})."
    if series.slope and series.slope_pvalue is not None and series.slope_pvalue < alpha:
        way = "grows" if series.slope > 0 else "shrinks"
        size = show_number(abs(series.slope))
        yield f"It {way} by {size} a window (p {show_pvalue(series.slope_pvalue)})."


def _course(report: Report, check: Decision | None, screen: Screen) -> None:
    """Print the leading check window by window."""
    if check is None or check.series is None or report.windows is None:
        return
    limit = f", limit {show_short(check.threshold.value)}" if check.threshold else ""
    _title(f"By window: {check.result.method}{limit}", screen)
    for line in bars.course(check, report.windows.current, screen):
        screen.line(*line)


def _note(report: Report, checks: Sequence[Decision], screen: Screen) -> None:
    """Say once how to read p."""
    if not any(check.pvalue_adjusted is not None for check in checks):
        return
    among = " among the windows of the reference" if report.among_windows else ""
    corrected = (
        "" if report.policy.correction == "none" else ", corrected for all checks of the run"
    )
    screen.line()
    screen.paragraph(
        (
            f"p: how often chance alone shows as much{among}{corrected}; below "
            f"{report.policy.alpha:g} it counts as more than chance.",
            "dim",
        )
    )
