"""Both distributions of a column as two tiny bar charts of characters."""

from __future__ import annotations

from collections.abc import Sequence

from driftcli.model import ColumnKind, ColumnResult, Decision

SPARKS = "▁▂▃▄▅▆▇█"
SPARK_WIDTH = 6
COURSE_WIDTH = 30


def sparklines(column: ColumnResult) -> str:
    """Return both sides' distributions, scaled alike; nothing where there is none."""
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


def course(check: Decision | None) -> str:
    """Return a check's effects over the last windows of current; a gap where there is none."""
    if check is None or check.series is None:
        return ""
    effects = check.series.effects[-COURSE_WIDTH:]
    top = max((effect for effect in effects if effect is not None), default=0.0)
    top = max(top, check.threshold.value if check.threshold else 0.0) or 1.0
    return "".join(" " if effect is None else _spark(effect / top) for effect in effects)


def values_course(values: Sequence[float | None]) -> str:
    """Return a metric over the last windows of current, from its least value to its greatest."""
    shown = values[-COURSE_WIDTH:]
    known = [value for value in shown if value is not None]
    low, reach = min(known, default=0.0), (max(known, default=0.0) - min(known, default=0.0)) or 1.0
    return "".join(" " if value is None else _spark((value - low) / reach) for value in shown)


def _squeezed(counts: Sequence[int]) -> list[int]:
    """Add neighbouring bins up until they fit the width of a sparkline."""
    size = max(1, -(-len(counts) // SPARK_WIDTH))
    return [sum(counts[at : at + size]) for at in range(0, len(counts), size)]


def _spark(height: float) -> str:
    return SPARKS[min(len(SPARKS) - 1, round(height * (len(SPARKS) - 1)))]
