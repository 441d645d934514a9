"""The table of columns, the loudest first, and in words what drifted or was not evaluated."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from driftcli.model import ColumnResult, ColumnStats, Decision, Status
from driftcli.renderers.grid import GridColumn, draw, fitting
from driftcli.renderers.screen import STYLES, Screen, Span, status_cell
from driftcli.renderers.sparklines import course, sparklines
from driftcli.text import show_pvalue, show_short

MAX_ROWS = 60
MAX_REASONS = 15
MAX_NAMES = 8
REST = "--all or -o report.json shows them"
STATES = ("drifted", "not evaluated", "uncertain", "changed", "ok", "skipped")

_Row = tuple[ColumnResult, Decision | None]
_Reason = tuple[Status, str]


def draw_columns(
    title: str, loudest: Sequence[ColumnResult], screen: Screen, most: int = MAX_ROWS
) -> None:
    """Print one row a column with its leading check; of predictions one row a check.

    Parameters
    ----------
    title : {"feature", "prediction"}
    loudest : sequence of ColumnResult
        By their rank.
    screen : Screen
    most : int
        Columns shown; the others are counted.
    """
    each = title == "prediction"
    rows = [row for column in loudest[:most] for row in _rows(column, each=each)]
    name, *others = _grid(title, rows, screen, single=each and len(loudest) == 1)
    kept = fitting([name, *others], screen)
    if name not in kept:
        screen.paragraph((f"{title} {name.cells[0][0]}", "bold"))
    draw(kept, screen)
    if len(loudest) > most:
        _tell_hidden(loudest[most:], screen)


def _rows(column: ColumnResult, *, each: bool) -> list[_Row]:
    checks = column.checks if each else ()
    return [(column, check) for check in checks] or [(column, column.leading)]


def _grid(title: str, rows: Sequence[_Row], screen: Screen, *, single: bool) -> list[GridColumn]:
    """Return all columns of the table; what is told once of a column stands in its first row."""
    first = [at == 0 or rows[at - 1][0] is not column for at, (column, _) in enumerate(rows)]
    once = [column if is_first else None for is_first, (column, _) in zip(first, rows, strict=True)]
    checks = [check for _, check in rows]
    shapes = [(sparklines(column) if column else "", "") for column in once]
    courses = [(course(check), "") for check in checks]
    by_window = [GridColumn("windows", courses, leaves=2)] if any(t for t, _ in courses) else []
    return [
        GridColumn(
            title,
            [(screen.name(column.name), "") for column, _ in rows],
            cut=True,
            leaves=4 if single else 0,
        ),
        GridColumn(
            "check", [(_method(check), "") for check in checks], leaves=7 * (title == "feature")
        ),
        GridColumn("effect", [(_effect(check), "") for check in checks], right=True),
        GridColumn("limit", [(_limit(check), "") for check in checks], right=True, leaves=6),
        GridColumn("adj. p", [(_pvalue(check), "") for check in checks], right=True, leaves=5),
        GridColumn("status", [_status(column, check) for column, check in rows]),
        GridColumn("missing", [(_missing(column), "") for column in once], right=True, leaves=1),
        GridColumn("mean", [(_means(column), "") for column in once], right=True, leaves=2),
        GridColumn("ref → cur", shapes, leaves=3),
        *by_window,
    ]


def _method(check: Decision | None) -> str:
    return check.result.method.removeprefix("prediction_") if check else ""


def _effect(check: Decision | None) -> str:
    return show_short(check.result.effect) if check else ""


def _limit(check: Decision | None) -> str:
    return show_short(check.threshold.value) if check and check.threshold else ""


def _pvalue(check: Decision | None) -> str:
    pvalue = check.pvalue_adjusted if check else None
    return "" if pvalue is None else show_pvalue(pvalue)


def _status(column: ColumnResult, check: Decision | None) -> Span:
    if check is None or check is column.leading:
        return status_cell(column.status, harmless=column.skipped)
    return status_cell(check.status, harmless=not check.blocking)


def _missing(column: ColumnResult | None) -> str:
    sides = [side.missing_share if side else None for side in _sides(column)]
    before, after = ("" if share is None else f"{100 * share:.1f} %" for share in sides)
    return before if before == after else f"{before} → {after}"


def _means(column: ColumnResult | None) -> str:
    before, after = (side.mean if side else None for side in _sides(column))
    known = before is not None and after is not None
    return f"{show_short(before)} → {show_short(after)}" if known else ""


def _sides(column: ColumnResult | None) -> tuple[ColumnStats | None, ColumnStats | None]:
    return (column.reference, column.current) if column else (None, None)


def _tell_hidden(hidden: Sequence[ColumnResult], screen: Screen) -> None:
    counts = Counter(map(state, hidden))
    first, *others = [(counts[word], word) for word in STATES if counts[word]]
    told = ", ".join([f"{first[0]:,} more {first[1]}", *(f"{n:,} {word}" for n, word in others)])
    rest = f"… {told}; {REST}"
    screen.paragraph((rest, STYLES[hidden[0].status] if hidden[0].status.severity >= 3 else ""))


def state(column: ColumnResult) -> str:
    """Return in words what a column came to, one of ``STATES``."""
    if column.skipped:
        return "skipped"
    return "drifted" if column.drifted else column.status.replace("_", " ")


def reasons(
    loudest: Sequence[ColumnResult], screen: Screen, *, every: bool = False
) -> list[tuple[Span, Span]]:
    """Return in words what drifted and what could not be evaluated; the same words once.

    Parameters
    ----------
    loudest : sequence of ColumnResult
    screen : Screen
    every : bool
        Whether to tell all, however many there are.

    Returns
    -------
    list of pairs of (str, str)
        The columns' names and what is said of them, each with its style.
    """
    told: dict[_Reason, list[str]] = {}
    for column in loudest:
        words = _said(column)
        if words:
            also = _category_words(column, screen)
            told.setdefault((column.status, "; ".join([*words, *also])), []).append(column.name)
    shown = told if every else _of_most_columns(told)
    lines: list[tuple[Span, Span]] = [
        ((f"{screen.names(names, len(names), MAX_NAMES)}: ", STYLES[status]), (words, ""))
        for (status, words), names in shown.items()
    ]
    if hidden := len(told) - len(shown):
        lines.append(((f"… {hidden:,} more reason{'s' * (hidden > 1)}; ", ""), (REST, "")))
    return lines


def _of_most_columns(told: Mapping[_Reason, list[str]]) -> dict[_Reason, list[str]]:
    """Return the reasons that say something of the most columns, in their order."""
    kept = {*sorted(told, key=lambda reason: -len(told[reason]))[:MAX_REASONS]}
    return {reason: names for reason, names in told.items() if reason in kept}


def _said(column: ColumnResult) -> list[str]:
    drifted = [check.reason for check in column.checks if check.status is Status.DRIFT]
    blocked = [check.reason for check in column.checks if check.blocking]
    return list(dict.fromkeys([*drifted, *blocked]))


def _category_words(column: ColumnResult, screen: Screen) -> Iterator[str]:
    sides = (
        ("new", column.new_categories, column.new_category_count),
        ("vanished", column.vanished_categories, column.vanished_category_count),
    )
    for word, names, count in sides:
        if names:
            yield f"{word}: {screen.names(names, max(count, len(names)))}"
