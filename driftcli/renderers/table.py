"""Reports as tables for the terminal, the loudest rows first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from driftcli.errors import MAX_NAME
from driftcli.model import ColumnKind, ColumnResult, Decision, MetricValue, Report, Status
from driftcli.text import show_pvalue

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.table import Table
    from rich.text import Text

NARROW, WIDE = 60, 110
MAX_ROWS = 60
STYLES = {
    Status.OK: "green",
    Status.CHANGED: "cyan",
    Status.UNCERTAIN: "yellow",
    Status.NOT_EVALUATED: "magenta",
    Status.DRIFT: "bold red",
}
SIGNS = {
    Status.OK: "✓",
    Status.CHANGED: "~",
    Status.UNCERTAIN: "?",
    Status.NOT_EVALUATED: "!",
    Status.DRIFT: "✗",
}
SPARKS = "▁▂▃▄▅▆▇█"
ASCII = str.maketrans("✓✗▁▂▃▄▅▆▇█·→–…", "+x.:-=+*%#->-~")
SPARK_WIDTH = 6
STATES = ("not evaluated", "uncertain", "changed", "ok", "skipped")


def render(reports: Sequence[Report], console: Console) -> None:
    """Print reports on a console.

    Parameters
    ----------
    reports : sequence of Report
    console : rich.console.Console
        Its width decides which columns of the table appear, its encoding which signs.
    """
    for report in reports:
        for part in _parts(report, console.width, is_plain(console)):
            console.print(part)


def is_plain(console: Console) -> bool:
    """Whether a console can show ASCII only."""
    return not console.encoding.lower().startswith("utf")


def _parts(report: Report, width: int, plain: bool) -> Iterator[RenderableType]:
    for title, columns in (("feature", report.features), ("prediction", report.predictions)):
        if columns:
            yield _column_table(title, columns, width, plain)
            yield from _column_lines(columns, plain)
    if report.performance is not None:
        yield _metric_table(report.performance.metrics, width, plain)
    for line in _summary_lines(report):
        yield text(line, plain=plain)


def text(words: str, style: str = "", *, plain: bool = False) -> Text:
    """Return literal text (no markup), control characters escaped."""
    from rich.text import Text

    safe = "".join(c if c.isprintable() else repr(c)[1:-1] for c in words)
    return Text(safe.translate(ASCII) if plain else safe, style=style)


def _table() -> Table:
    from rich import box
    from rich.table import Table

    return Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False, show_edge=False)


def _column_table(
    title: str, columns: Mapping[str, ColumnResult], width: int, plain: bool
) -> Table:
    """One row a feature, with its leading check; one row a check of the few prediction columns."""
    table = _table()
    table.add_column(title, ratio=1, overflow="ellipsis", no_wrap=True, min_width=8)
    if width >= NARROW:
        table.add_column("check", no_wrap=True)
    table.add_column("effect", justify="right", no_wrap=True)
    if width >= NARROW:
        table.add_column("limit", justify="right", no_wrap=True)
        table.add_column("adj. p", justify="right", no_wrap=True)
    table.add_column("status", no_wrap=True)
    if width >= WIDE:
        table.add_column("missing", justify="right", no_wrap=True)
        table.add_column("mean", justify="right", no_wrap=True)
    if width >= NARROW:
        table.add_column("ref → cur".translate(ASCII if plain else {}), no_wrap=True)
    rows = sorted(columns.values(), key=lambda column: column.rank)
    for column in rows[:MAX_ROWS]:
        leading = column.leading
        checks = column.checks if title == "prediction" else (leading,) if leading else ()
        for check in checks:
            table.add_row(*_cells(column, check, width, plain))
    return table


def _cells(column: ColumnResult, check: Decision, width: int, plain: bool) -> list[Text]:
    status = column.status if check is column.leading else check.status
    name = text(column.name[:MAX_NAME] or "''", plain=plain)
    sign = text(_status(status), STYLES[status], plain=plain)
    if column.skipped:
        sign = text("· skipped", "dim", plain=plain)
    effect = _number(check.result.effect)
    if width < NARROW:
        return [name, text(effect), sign]
    limit = check.threshold.value if check.threshold else None
    pvalue = "" if check.pvalue_adjusted is None else show_pvalue(check.pvalue_adjusted)
    method = check.result.method.removeprefix("prediction_")
    cells = [name, text(method), text(effect), text(_number(limit)), text(pvalue), sign]
    if width >= WIDE:
        cells += [text(_missing(column), plain=plain), text(_means(column), plain=plain)]
    return [*cells, text(sparklines(column), plain=plain)]


def _status(status: Status) -> str:
    return f"{SIGNS[status]} {'not eval.' if status is Status.NOT_EVALUATED else status}"


def _number(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if 1000 <= abs(value) < 1e6 else f"{value:.3g}"


def _missing(column: ColumnResult) -> str:
    sides = [side.missing_share if side else None for side in (column.reference, column.current)]
    before, after = ("" if share is None else f"{100 * share:.1f} %" for share in sides)
    return before if before == after else f"{before} → {after}"


def _means(column: ColumnResult) -> str:
    sides = [side.mean if side else None for side in (column.reference, column.current)]
    if None in sides:
        return ""
    return " → ".join(_number(mean) for mean in sides)


def sparklines(column: ColumnResult) -> str:
    """Return both sides' distributions as two tiny bar charts, scaled alike."""
    shape = column.distribution
    if shape is None:
        return ""
    if column.kind is not ColumnKind.NUMERIC:  # the most frequent categories
        sides = [list(side[:SPARK_WIDTH]) for side in (shape.reference, shape.current)]
    else:
        sides = [_squeezed(side) for side in (shape.reference, shape.current)]
    totals = [sum(side) or 1 for side in (shape.reference, shape.current)]
    shares = [[value / total for value in side] for side, total in zip(sides, totals, strict=True)]
    top = max((share for side in shares for share in side), default=0.0) or 1.0
    return " ".join("".join(_spark(share / top) for share in side) for side in shares)


def _squeezed(counts: Sequence[int]) -> list[int]:
    """Add neighbouring bins up until they fit the width of a sparkline."""
    size = max(1, -(-len(counts) // SPARK_WIDTH))
    return [sum(counts[at : at + size]) for at in range(0, len(counts), size)]


def _spark(height: float) -> str:
    return SPARKS[min(len(SPARKS) - 1, round(height * (len(SPARKS) - 1)))]


def _column_lines(columns: Mapping[str, ColumnResult], plain: bool) -> Iterator[Text]:
    """Say in words what drifted and what could not be evaluated."""
    rows = sorted(columns.values(), key=lambda column: column.rank)
    if len(rows) > MAX_ROWS:
        rest = f"… and {len(rows) - MAX_ROWS} more columns, all in -o report.html or .json"
        yield text(rest, plain=plain)
    for column in rows[:MAX_ROWS]:
        reasons = [column.drift_reason] if column.drift_reason else []
        reasons += [check.reason for check in column.checks if check.blocking]
        if reasons:
            words = "; ".join([*reasons, *_category_words(column)])
            line = text(f"{column.name[:MAX_NAME]}: ", STYLES[column.status], plain=plain)
            yield line.append_text(text(words, "", plain=plain))


def _category_words(column: ColumnResult) -> Iterator[str]:
    for word, names in (("new", column.new_categories), ("vanished", column.vanished_categories)):
        if names:
            more = f" and {len(names) - 3} more" if len(names) > 3 else ""
            yield f"{word}: {', '.join(name[:MAX_NAME] for name in names[:3])}{more}"


def _metric_table(metrics: Sequence[MetricValue], width: int, plain: bool) -> Table:
    table = _table()
    table.add_column("metric", no_wrap=True)
    compared = any(metric.reference is not None for metric in metrics)
    if compared and width >= NARROW:
        table.add_column("ref", justify="right", no_wrap=True)
    table.add_column("cur", justify="right", no_wrap=True)
    if width >= NARROW:
        table.add_column("95 % CI", no_wrap=True)
    if compared:
        table.add_column("drop", justify="right", no_wrap=True)
    if compared and width >= NARROW:
        table.add_column("limit", justify="right", no_wrap=True)
        table.add_column("adj. p", justify="right", no_wrap=True)
    table.add_column("status", no_wrap=True)
    for metric in metrics:
        cells = _metric_cells(metric, compared, width)
        table.add_row(*(text(words, style, plain=plain) for words, style in cells))
    return table


def _metric_cells(metric: MetricValue, compared: bool, width: int) -> list[tuple[str, str]]:
    decision, wide = metric.decision, width >= NARROW
    low_high = metric.current_interval
    cells = [(metric.metric, "")]
    if compared and wide:
        cells.append((_number(metric.reference), ""))
    cells.append((_number(metric.current), ""))
    if wide:
        cells.append((f"{low_high[0]:.3g}–{low_high[1]:.3g}" if low_high else "", ""))
    if compared:
        cells.append((_number(decision.result.effect if decision else None), ""))
    if compared and wide:
        limit = decision.threshold.value if decision and decision.threshold else None
        pvalue = decision.pvalue_adjusted if decision else None
        cells += [(_number(limit), ""), ("" if pvalue is None else show_pvalue(pvalue), "")]
    return [*cells, _metric_status(metric)]


def _metric_status(metric: MetricValue) -> tuple[str, str]:
    if metric.skip is not None:
        return metric.skip.reason, STYLES[Status.NOT_EVALUATED]
    if metric.decision is None or metric.decision.threshold is None:
        return "", ""
    status = metric.decision.status
    return _status(status), STYLES[status]


def _summary_lines(report: Report) -> Iterator[str]:
    yield ""
    counted = [part for part in (_column_summary(report), _metric_summary(report)) if part]
    yield "; ".join(counted) + (" (incomplete)" if report.incomplete else "")
    sides = [("reference", report.reference), ("current", report.current)]
    yield " · ".join(f"{side} {info.rows:,} rows" for side, info in sides if info)
    tested = sum(decision.pvalue_adjusted is not None for decision in report.decisions())
    policy = report.policy
    if tested:
        yield (
            f"rule {policy.rule}, alpha {policy.alpha:g}, {policy.correction} over {tested} checks;"
            " p takes rows as independent"
        )


def _column_summary(report: Report) -> str:
    parts = []
    for word, columns in (("features", report.features), ("predictions", report.predictions)):
        if columns:
            counts = Counter(_state(column) for column in columns.values())
            drifted = counts.pop("drift", 0)
            others = [f", {counts[state]} {state}" for state in STATES if counts[state]]
            parts.append(f"{drifted} of {len(columns)} {word} drifted{''.join(others)}")
    return "; ".join(parts)


def _state(column: ColumnResult) -> str:
    return "skipped" if column.skipped else column.status.replace("_", " ")


def _metric_summary(report: Report) -> str:
    performance = report.performance
    if performance is None:
        return ""
    judged = [m.decision for m in performance.metrics if m.decision and m.decision.threshold]
    worse = sum(decision.status is Status.DRIFT for decision in judged)
    coverage = performance.coverage
    share = "" if coverage.share is None else f" ({100 * coverage.share:.1f} %)"
    labelled = f"{coverage.labelled:,} of {coverage.rows:,} rows labelled{share}"
    return f"{worse} of {len(judged)} metrics degraded; {labelled}" if judged else labelled
