"""What changed in a column, in words: categories, mean and spread, missing rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from driftcli.model import ColumnResult, ColumnStats, Status
from driftcli.renderers.html_text import apart, harmless, moment, percent
from driftcli.renderers.svg_parts import shares

MAX_CATEGORIES = 3
MAX_NAME = 24


def changes(column: ColumnResult) -> str:
    """Return what moved, the most telling first; empty where nothing of it is known."""
    before, after = column.reference, column.current
    if before is None or after is None:
        return ""
    missing = column.check("missing")
    lost = missing is not None and missing.status in (Status.DRIFT, Status.UNCERTAIN)
    told = [*_new(column), *_moved(column), *_moments(before, after)]
    rates = f"missing {percent(before.missing_share)} → {percent(after.missing_share)}"
    return "; ".join([rates, *told] if lost else told)


def numbers(column: ColumnResult) -> str:
    """Return both sides' numbers in one line."""
    before, after = column.reference, column.current
    if before is None or after is None:
        return ""
    rates = f"missing {percent(before.missing_share)} → {percent(after.missing_share)}"
    return " · ".join([*_moments(before, after), *_range(before, after), *_kinds(column), rates])


def _moments(before: ColumnStats, after: ColumnStats) -> Iterator[str]:
    for word, left, right in (("mean", before.mean, after.mean), ("SD", before.std, after.std)):
        if left is not None and right is not None:
            yield f"{word} {_arrow(left, right)}"


def _range(before: ColumnStats, after: ColumnStats) -> Iterator[str]:
    """Tell the first and the last of times, which have no mean."""
    for word, left, right in (
        ("oldest", before.minimum, after.minimum),
        ("newest", before.maximum, after.maximum),
    ):
        if isinstance(left, str) and isinstance(right, str):
            yield f"{word} {moment(left)} → {moment(right)}"


def _kinds(column: ColumnResult) -> Iterator[str]:
    sides = [side.categories for side in (column.reference, column.current) if side]
    if len(sides) == 2 and None not in sides:
        yield f"categories {sides[0]:,} → {sides[1]:,}"


def _arrow(left: float, right: float) -> str:
    return " → ".join(apart([left, right]))


def _new(column: ColumnResult) -> Iterator[str]:
    for word, names, total in (
        ("new", column.new_categories, column.new_category_count),
        ("vanished", column.vanished_categories, column.vanished_category_count),
    ):
        if names:
            yield f"{word}: {_named(names, max(total, len(names)))}"


def _named(names: Sequence[str], total: int) -> str:
    more = total - MAX_CATEGORIES
    shown = ", ".join(harmless(name, MAX_NAME) for name in names[:MAX_CATEGORIES])
    return f"{shown} and {more:,} more" if more > 0 else shown


def _moved(column: ColumnResult) -> Iterator[str]:
    """Tell the category whose share of rows moved most, of those that both sides have."""
    shape = column.distribution
    if shape is None or not shape.labels or column.reference is None:
        return
    if column.reference.mean is not None:
        return  # values of a number, whose mean is told
    sides = list(zip(shape.labels, shares(shape.reference), shares(shape.current), strict=True))
    both = [side for side in sides if side[1] and side[2]]
    label, left, right = max(both, key=lambda side: abs(side[2] - side[1]), default=("", 0, 0))
    if left != right:
        yield f"{harmless(label, MAX_NAME)} {percent(left)} → {percent(right)}"
