"""Reports as GitHub-flavoured Markdown, for comments, step summaries and wikis.

Names stand in code spans, where nothing is markup and nobody is mentioned; in other words from the
data every sign that could be markup is written as a character reference.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from driftcli.errors import MAX_NAME
from driftcli.model import AlertReport, ColumnResult, Decision, MetricValue, Report, Status
from driftcli.renderers.plain import loud, printable, shown
from driftcli.renderers.screen import SIGNS, status_cell
from driftcli.renderers.sparklines import sparklines
from driftcli.renderers.table import summary
from driftcli.renderers.table_columns import MAX_NAMES, MAX_REASONS, MAX_ROWS, REST
from driftcli.renderers.table_metrics import skip_of
from driftcli.text import show_pvalue, show_short

MAX_WARNINGS = 10
# signs within a number or a word are none of markup: 12:30, 1.5 > 1, log_loss
_MARKUP = re.compile(
    r"[\\`*{}\[\]<&|~$]|(?<![^\W_])_|_(?![^\W_])|:(?=[^\s\d])|(?<=www)\.", re.IGNORECASE
)
_UNSPANNED = re.compile(r"[`|\\]|^\s|\s$")
_SIGN = re.compile(r"[!-/:-@\[-`{-~]")

_Cells = Sequence[str]


def render(
    reports: Sequence[Report], alerts: AlertReport | None = None, *, every: bool = True
) -> str:
    """Return reports, and the alerts raised from them, as Markdown.

    Parameters
    ----------
    reports : sequence of Report
    alerts : AlertReport, optional
        Stand first.
    every : bool
        Whether to show all rows, however many there are.
    """
    parts = [[*_alerts(alerts)]] if alerts is not None else []
    parts += [[*_report(report, every)] for report in reports]
    return "\n".join(line for part in parts for line in (*part, ""))


def heading(report: Report) -> str:
    """Return what came out of a report, as a heading."""
    verdict = _words(next(iter(summary(report))))
    return f"### {_sign(report)} {text(report.command)}: {verdict}"


def _report(report: Report, every: bool) -> Iterator[str]:
    """Yield heading, sources, tables, reasons, warnings and what was asked."""
    _, *others = summary(report)
    sides = [side.source for side in (report.reference, report.current) if side]
    yield from (heading(report), "", " → ".join(map(code, sides)), "")
    for title, columns in (("feature", report.features), ("prediction", report.predictions)):
        if columns:
            loudest = sorted(columns.values(), key=lambda column: column.rank)
            yield from _columns(title, loudest, len(loudest) if every else MAX_ROWS)
    if report.performance is not None and report.performance.metrics:
        yield from _metrics(report.performance.metrics)
    yield from _reasons(report, every)
    yield from _warnings(report, every)
    made = f"driftcli {report.driftcli_version}, {report.timestamp}"
    yield " · ".join([*map(_words, others), text(made)])


def _alerts(alerts: AlertReport) -> Iterator[str]:
    name = f" of {code(alerts.monitor)}" if alerts.monitor else ""
    yield from (f"### Alerts{name}", "")
    for alert in alerts.alerts:
        yield f"- **{alert.severity.upper()}** {text(alert.type)}: {text(alert.message)}"
        yield f"  → {text(alert.action)}"
    if not alerts.alerts:
        yield "no alert (incomplete)" if alerts.incomplete else "no alert"
    yield from ("", f"retrain: {'yes' if alerts.should_retrain else 'no'}")


def _columns(title: str, loudest: Sequence[ColumnResult], most: int) -> Iterator[str]:
    """Yield one row a column with its leading check; of predictions one row a check."""
    head = (title, "check", "effect", "limit", "adj. p", "status", "ref → cur")
    rows = [
        (code(column.name), *_check(column, check), "" if number else sparklines(column))
        for column in loudest[:most]
        for number, check in enumerate(_shown_checks(title, column))
    ]
    yield from _table(head, rows, numbers=("effect", "limit", "adj. p"))
    if len(loudest) > most:
        yield from (f"… {len(loudest) - most:,} more columns; {REST}", "")


def _shown_checks(title: str, column: ColumnResult) -> Sequence[Decision | None]:
    return (column.checks if title == "prediction" else ()) or (column.leading,)


def _check(column: ColumnResult, check: Decision | None) -> _Cells:
    if check is None or check is column.leading:
        status, _ = status_cell(column.status, harmless=column.skipped)
    else:
        status, _ = status_cell(check.status, harmless=not check.blocking)
    method = check.result.method.removeprefix("prediction_") if check else ""
    return (text(method), *_judged(check), status)


def _judged(check: Decision | None) -> _Cells:
    """Return effect, limit and p-value."""
    if check is None:
        return ("", "", "")
    limit = check.threshold.value if check.threshold else None
    pvalue = "" if check.pvalue_adjusted is None else text(show_pvalue(check.pvalue_adjusted))
    return (show_short(check.result.effect), show_short(limit), pvalue)


def _metrics(metrics: Sequence[MetricValue]) -> Iterator[str]:
    numbers = ("ref", "cur", "95 % CI", "drop", "limit", "adj. p")
    rows = [
        (
            code(metric.metric),
            show_short(metric.reference),
            show_short(metric.current),
            " to ".join(map(show_short, metric.current_interval or ())),
            *_judged(metric.decision),
            _metric_status(metric),
        )
        for metric in metrics
    ]
    yield from _table(("metric", *numbers, "status"), rows, numbers)


def _metric_status(metric: MetricValue) -> str:
    skip = skip_of(metric)
    if skip is not None:
        return status_cell(Status.NOT_EVALUATED, harmless=skip.harmless)[0]
    judged = metric.decision is not None and metric.decision.threshold is not None
    return status_cell(metric.decision.status)[0] if judged and metric.decision else ""


def _table(head: _Cells, rows: Sequence[_Cells], numbers: _Cells) -> Iterator[str]:
    rule = ["---:" if name in numbers else "---" for name in head]
    for cells in (head, rule, *rows):
        yield f"| {' | '.join(cells)} |"
    yield ""


def _reasons(report: Report, every: bool) -> Iterator[str]:
    told = loud(report)
    most = len(told) if every else MAX_REASONS
    for words, names in [*told.items()][:most]:
        more = f" and {len(names) - MAX_NAMES:,} more" if len(names) > MAX_NAMES else ""
        yield f"- {', '.join(map(code, names[:MAX_NAMES]))}{more}: {text(words)}"
    if len(told) > most:
        yield f"- … {len(told) - most:,} more; {REST}"
    if told:
        yield ""


def _warnings(report: Report, every: bool) -> Iterator[str]:
    most = len(report.warnings) if every else MAX_WARNINGS
    for warning in report.warnings[:most]:
        yield f"- warning: {text(warning)}"
    if len(report.warnings) > most:
        yield f"- … {len(report.warnings) - most:,} more warnings"
    if report.warnings:
        yield ""


def _sign(report: Report) -> str:
    if report.drift_detected:
        return SIGNS[Status.DRIFT]
    return SIGNS[Status.NOT_EVALUATED if report.incomplete else Status.OK]


def _words(spans: Sequence[tuple[str, str]]) -> str:
    return text("".join(words for words, _ in spans))


def text(words: str) -> str:
    """Return words from anywhere as words: no markup, no address, nobody mentioned."""
    plain = _MARKUP.sub(lambda sign: f"&#{ord(sign[0])};", shown(words))
    return plain.replace("@", "@\u200b")


def code(name: str) -> str:
    """Return a name in a code span, its middle left out where it is long.

    Where a code span could not hold it, it is a ``code`` element with character references.
    """
    whole = printable(name if len(name) <= MAX_NAME else _cut(name)) or "''"
    if not _UNSPANNED.search(whole):
        return f"`{whole}`"
    return f"<code>{_SIGN.sub(lambda sign: f'&#{ord(sign[0])};', whole)}</code>"


def _cut(name: str) -> str:
    tail = MAX_NAME // 3
    return f"{name[: MAX_NAME - 1 - tail]}…{name[-tail:]}"
