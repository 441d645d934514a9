"""Large pictures of characters: both sides of a column, and a course over windows.

What stands in a picture is a list of lines, each of spans; nothing is wider than the screen.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from driftcli.model import ColumnKind, ColumnResult, Decision, Distribution, MetricValue
from driftcli.renderers.html_text import edge_words
from driftcli.renderers.screen import STYLES, Screen, Span
from driftcli.text import show_short

BOTH, BEFORE, NOW = "█", "░", "▓"
STYLE = {BOTH: "", BEFORE: "cyan", NOW: "yellow"}
LEGEND = (
    f"{BOTH} both   {BEFORE} only reference   {NOW} only current; share of rows, and its change"
)
PAIRS = f"{BEFORE} reference   {NOW} current; share of rows, and its change"
WIDEST = 100  # cells of a bar
LABEL_CELLS = 24
LEAST = 10  # cells of a picture that is worth its room
SHARES_FROM = 60  # narrower screens show the change only
LAST = 20  # windows of a course

Line = list[Span]


def points(change: float) -> str:
    """Return a difference of two shares in percentage points, with its sign."""
    return f"{round(100 * change, 1) + 0.0:+.1f}"


def percent(share: float) -> str:
    """Return a share in percent; a small one is never none."""
    return "<0.1%" if 0 < share < 0.0005 else f"{100 * share:.1f}%"


def shares(counts: Sequence[int]) -> list[float]:
    """Return counts as shares of their sum, all 0 where there are no rows."""
    total = sum(counts) or 1
    return [rows / total for rows in counts]


def bin_names(shape: Distribution, kind: ColumnKind | None) -> list[str]:
    """Return what each bar stands for; the first and the last bin of numbers are open."""
    if shape.labels:
        return list(shape.labels)
    edges = edge_words(shape.edges, kind, 3)
    names = [f"{low} to {high}" for low, high in pairwise(edges)]
    if len(names) > 1:
        names[0], names[-1] = f"up to {edges[1]}", f"{edges[-2]} and up"
    return names


def overlay(column: ColumnResult, shape: Distribution, screen: Screen, mark: int) -> list[Line]:
    """Return both sides in one bar a bin: what they share, and what one has more.

    Parameters
    ----------
    column : ColumnResult
    shape : Distribution
    screen : Screen
    mark : int
        The bin that gets a mark; -1 for none.
    """
    sides = list(zip(shares(shape.reference), shares(shape.current), strict=True))
    names = _labels(bin_names(shape, column.kind), screen, LABEL_CELLS)
    told = [_told(before, now, screen) for before, now in sides]
    room = _room(names, told, screen)
    top = max((share for pair in sides for share in pair), default=0.0) or 1.0
    lines = [[(LEGEND, "dim")]]
    for at, (name, (before, now), words) in enumerate(zip(names, sides, told, strict=True)):
        left, right = round(before / top * room), round(now / top * room)
        more, glyph = abs(left - right), BEFORE if left > right else NOW
        bar = [(BOTH * min(left, right), STYLE[BOTH]), (glyph * more, STYLE[glyph])]
        end = f" {words}{' ◄' * (at == mark)}"
        lines.append([(f"{name} │", ""), *bar, (" " * (room - max(left, right)), ""), (end, "")])
    return lines


def pairs(shape: Distribution, column: ColumnResult, screen: Screen) -> list[Line]:
    """Return two bars a category, one below the other; new and vanished ones are named so."""
    sides = [shares(shape.reference), shares(shape.current)]
    names = _labels([label or "(empty)" for label in shape.labels], screen)
    room = max(4, min(WIDEST, screen.width - screen.cells(names[0]) - 2 - len(" 100.0%  vanished")))
    top = max((share for side in sides for share in side), default=0.0) or 1.0
    lines: list[Line] = [[(PAIRS, "dim")]]
    for at, name in enumerate(names):
        before, now = sides[0][at], sides[1][at]
        blank = " " * screen.cells(name)
        change = _change(column, shape.labels[at], before, now)
        for words, share, glyph, end in ((name, before, BEFORE, ""), (blank, now, NOW, change)):
            bar = glyph * round(share / top * room)
            lines.append([(f"{words} │", ""), (bar, STYLE[glyph]), (f" {percent(share)}{end}", "")])
    return lines


def _change(column: ColumnResult, label: str, before: float, now: float) -> str:
    if label in column.new_categories:
        return "  new"
    return "  vanished" if label in column.vanished_categories else f"  {points(now - before)}"


def _labels(names: Sequence[str], screen: Screen, most: int = 0) -> list[str]:
    """Return names cut, by default to a third of the screen, and filled up to one width."""
    cut = [screen.name(name, most or min(LABEL_CELLS, screen.width // 3)) for name in names]
    width = max(map(screen.cells, cut))
    return [" " * (width - screen.cells(name)) + name for name in cut]


def _told(before: float, now: float, screen: Screen) -> str:
    change = f"{points(now - before):>6}"
    if screen.width < SHARES_FROM:
        return change
    return f"{percent(before):>6} {percent(now):>6} {change}"


def _room(names: Sequence[str], told: Sequence[str], screen: Screen) -> int:
    """Return the cells of a full bar beside its name, its numbers and the mark."""
    return max(4, min(WIDEST, screen.width - screen.cells(names[0]) - len(told[0]) - 5))


def course(check: Decision, windows: Sequence[str], screen: Screen) -> list[Line]:
    """Return the effect in each of the last windows as bars; a sign where one stands out."""
    series = check.series
    if series is None:
        return []
    effects, flagged = series.effects[-LAST:], series.flagged[-LAST:]
    names = _labels([*windows[-LAST:]], screen)
    limit = check.threshold.value if check.threshold else 0.0
    top = max([limit, *(effect for effect in effects if effect is not None)]) or 1.0
    room = max(4, min(WIDEST, screen.width - screen.cells(names[0]) - len(" │ 1.23e-05 ✗")))
    lines: list[Line] = []
    for name, effect, loud in zip(names, effects, flagged, strict=True):
        style = STYLES[check.status] if loud else ""
        bar = BOTH * round((effect or 0.0) / top * room)
        words = "too few rows" if effect is None else f"{show_short(effect)}{' ✗' * loud}"
        lines.append([(f"{name} │", ""), (bar, style), (f" {words}", "")])
    return lines


def values(metric: MetricValue, windows: Sequence[str], screen: Screen) -> list[Line]:
    """Return a metric in each of the last windows as dots, with the baseline as a line."""
    found = metric.by_window[-LAST:]
    if not any(value is not None for value in found):
        return []
    names = _labels([*windows[-LAST:]], screen)
    room = max(4, min(WIDEST, screen.width - screen.cells(names[0]) - len("  not defined")))
    known = [value for value in (*found, metric.reference) if value is not None]
    low, reach = min(known), (max(known) - min(known)) or 1.0
    place = None if metric.reference is None else _place(metric.reference, low, reach, room)
    lines: list[Line] = []
    for name, value in zip(names, found, strict=True):
        track = [" "] * room
        if place is not None:
            track[place] = "│"
        if value is not None:
            track[_place(value, low, reach, room)] = "●"
        words = "not defined" if value is None else show_short(value)
        lines.append([(f"{name} ", ""), ("".join(track), ""), (f" {words}", "")])
    return lines


def spans(metric: MetricValue, screen: Screen) -> Iterator[Line]:
    """Yield baseline and current value of a metric with their intervals, on one scale."""
    sides = [
        ("baseline", metric.reference, metric.reference_interval),
        ("current", metric.current, metric.current_interval),
    ]
    ends = [x for _, value, span in sides for x in (value, *(span or ())) if x is not None]
    low, reach = min(ends, default=0.0), (max(ends, default=0.0) - min(ends, default=0.0)) or 1.0
    room = min(WIDEST, screen.width - 42)
    for name, value, span in sides:
        if value is None:
            continue
        between = "" if span is None else f" ({show_short(span[0])} to {show_short(span[1])})"
        words = (f" {show_short(value)}{between}", "")
        if room < LEAST:
            yield [(f"{name:<8}", ""), words]
            continue
        track = [" "] * room
        first, last = (_place(x, low, reach, room) for x in span or (value, value))
        track[first : last + 1] = ["─"] * (last + 1 - first)
        track[_place(value, low, reach, room)] = "●"
        yield [(f"{name:<8} ", ""), ("".join(track), ""), words]


def _place(value: float, low: float, reach: float, room: int) -> int:
    return round((value - low) / reach * (room - 1))
