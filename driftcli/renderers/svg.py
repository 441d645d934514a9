"""Pictures of both distributions of a column, drawn on the server as SVG.

Heights and lengths are shares of the rows that have a value. **Every bin is drawn equally wide,**
whatever its width in the data: bins of a long tail or of single values would otherwise be too thin
to see, and the density of one narrow bin would dwarf all others. Where bins are equally wide in the
data too, the axis carries round numbers; where they are not, it carries the bins' own edges.

Each series is one path; coordinates have one decimal.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterable, Sequence
from itertools import pairwise

from markupsafe import Markup

from driftcli.model import ColumnResult, Distribution, MetricValue
from driftcli.renderers.html_text import apart, harmless, percent, tick
from driftcli.renderers.svg_parts import LEFT, RIGHT, escaped, markup, picture, short

TOP, BASE, HEIGHT = 6.0, 126.0, 146
BAR_LEFT, BAR_RIGHT, BAR_ROW = 116.0, 290.0, 26.0
MAX_BARS = 12
LABEL_CELLS = 16

Tick = tuple[float, str]


def chart(column: ColumnResult, caption: str) -> Markup:
    """Return both sides of a column as one picture, or nothing where there is nothing to draw.

    Parameters
    ----------
    column : ColumnResult
        Its ``distribution`` is drawn.
    caption : str
        What a screen reader says instead of the picture.
    """
    shape = column.distribution
    if shape is None or not shape.reference:
        return Markup("")
    if shape.labels:
        return _bars(column, shape, caption)
    return _histogram(shape, caption)


def drawn_bars(shape: Distribution) -> list[int]:
    """Return which categories are drawn: all, or of many the most frequent, in their order."""
    positions = range(len(shape.labels))
    if len(shape.labels) <= MAX_BARS:
        return list(positions)
    reference, current = shares(shape.reference), shares(shape.current)
    ranked = sorted(positions, key=lambda i: -max(reference[i], current[i]))
    return sorted(ranked[:MAX_BARS])


def equally_wide(edges: Sequence[float]) -> bool:
    """Return whether all bins between these edges are equally wide, to a hundredth."""
    widths = [right - left for left, right in pairwise(edges)]
    if (
        not widths
        or not math.isfinite(edges[-1] - edges[0])
        or not all(math.isfinite(width) and width > 0 for width in widths)
    ):
        return False
    return max(widths) - min(widths) <= 0.01 * max(widths)


def shares(counts: Sequence[int]) -> list[float]:
    """Return counts as shares of their sum, all 0 where there are no rows."""
    total = sum(counts) or 1
    return [rows / total for rows in counts]


def spans(metric: MetricValue) -> Markup:
    """Return baseline and current value of a metric with their intervals, on one common scale."""
    sides = [
        ("r", 30, metric.reference, metric.reference_interval),
        ("c", 70, metric.current, metric.current_interval),
    ]
    ends = [x for _, _, value, span in sides for x in (value, *(span or ())) if x is not None]
    if not ends or metric.reference is None:
        return Markup("")
    low, room = min(ends), (max(ends) - min(ends)) or 1.0
    marks = [
        _span(kind, y, value, span or (value, value), low, room)
        for kind, y, value, span in sides
        if value is not None
    ]
    return markup(f'<svg class="span" aria-hidden="true">{"".join(marks)}</svg>')


def _span(
    kind: str, y: int, value: float, ends: tuple[float, float], low: float, room: float
) -> str:
    # a margin of 6 % keeps the dots inside
    left, dot, right = (short(6 + 88 * (x - low) / room) for x in (ends[0], value, ends[1]))
    return (
        f'<line class="{kind}" x1="{left}%" x2="{right}%" y1="{y}%" y2="{y}%"/>'
        f'<circle class="{kind}" cx="{dot}%" cy="{y}%" r="3.5"/>'
    )


def _histogram(shape: Distribution, caption: str) -> Markup:
    reference, current = shares(shape.reference), shares(shape.current)
    top = max(*reference, *current) or 1.0
    parts = [
        *_rows_axis(top),
        f'<path class="r" d="{_steps(reference, top)}Z"/>',
        f'<path class="c" d="{_steps(current, top)}"/>',
        *_value_axis(shape.edges),
    ]
    return picture("h", HEIGHT, caption, parts)


def _steps(heights: Sequence[float], top: float) -> str:
    """Return the outline of a histogram from base to base, bins equally wide."""
    width = (RIGHT - LEFT) / len(heights)
    corners = (
        f"V{short(BASE - (BASE - TOP) * height / top)}H{short(LEFT + width * (i + 1))}"
        for i, height in enumerate(heights)
    )
    return f"M{short(LEFT)} {short(BASE)}{''.join(corners)}V{short(BASE)}"


def _rows_axis(top: float) -> list[str]:
    ticks = round_ticks(0.0, top, 3)
    heights = [(BASE - (BASE - TOP) * share / top, share) for share in ticks]
    lines = "".join(f"M{short(LEFT)} {short(y)}H{short(RIGHT)}" for y, _ in heights)
    texts = [
        f'<text x="{short(LEFT - 5)}" y="{short(y + 4)}" class="e">{100 * share:.6g}%</text>'
        for y, share in heights
    ]
    return [f'<path class="g" d="{lines}"/>', *texts]


def _value_axis(edges: Sequence[float]) -> list[str]:
    if len(edges) < 2:
        return []
    ticks = _even_ticks(edges) if equally_wide(edges) else _edge_ticks(edges)
    return [
        f'<text x="{short(x)}" y="{short(BASE + 15)}" class="{_anchor(x)}">{text}</text>'
        for x, text in ticks
    ]


def _even_ticks(edges: Sequence[float]) -> list[Tick]:
    low, high = edges[0], edges[-1]
    scale = (RIGHT - LEFT) / (high - low)
    ticks = round_ticks(low, high, 5)
    return [(LEFT + scale * (x - low), tick(x)) for x in ticks]


def _edge_ticks(edges: Sequence[float]) -> list[Tick]:
    bins = len(edges) - 1
    positions = sorted({round(bins * quarter / 4) for quarter in range(5)})
    texts = apart([edges[i] for i in positions], 3)
    return [
        (LEFT + (RIGHT - LEFT) * i / bins, text) for i, text in zip(positions, texts, strict=True)
    ]


def _anchor(x: float) -> str:
    """Return the class that keeps a label near the rim inside the picture."""
    if x < LEFT + 14:
        return "s"
    return "e" if x > RIGHT - 14 else "m"


def round_ticks(low: float, high: float, most: int) -> list[float]:
    """Return about ``most`` multiples of 1, 2 or 5 times a power of ten within the limits."""
    if not high > low:
        return [low]
    raw = (high - low) / most
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(power * k for k in (1, 2, 5, 10) if power * k >= raw * 0.999)
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    return [round(i * step, 12) if step > 1e-9 else i * step for i in range(first, last + 1)]


def _bars(column: ColumnResult, shape: Distribution, caption: str) -> Markup:
    reference, current = shares(shape.reference), shares(shape.current)
    drawn = drawn_bars(shape)
    scale = (BAR_RIGHT - BAR_LEFT) / (max(*reference, *current) or 1.0)
    series = [
        f'<path class="{kind}" d="{_lengths([side[i] for i in drawn], scale, offset)}"/>'
        for kind, side, offset in (("r", reference, 3), ("c", current, 13))
    ]
    texts: list[str] = []
    for row, i in enumerate(drawn):
        y = short(BAR_ROW * row + 17)
        label = shape.labels[i]
        texts += [
            f'<text x="{short(BAR_LEFT - 6)}" y="{y}" class="e">{_label(label)}</text>',
            f'<text x="{short(RIGHT)}" y="{y}" class="e{_tone(column, label)}">'
            f"{_change(column, label, reference[i], current[i])}</text>",
        ]
    return picture("b", round(BAR_ROW * len(drawn)), caption, [*series, *texts])


def _lengths(values: Iterable[float], scale: float, offset: float) -> str:
    return "".join(
        f"M{short(BAR_LEFT)} {short(BAR_ROW * row + offset)}h{short(value * scale)}"
        f"v9h-{short(value * scale)}z"
        for row, value in enumerate(values)
        if value > 0
    )


def _change(column: ColumnResult, label: str, reference: float, current: float) -> str:
    if label in column.new_categories:
        return f"new, {escaped(percent(current))}"
    if label in column.vanished_categories:
        return f"gone, was {escaped(percent(reference))}"
    return f"{escaped(percent(reference))} → {escaped(percent(current))}"


def _tone(column: ColumnResult, label: str) -> str:
    known = label not in column.new_categories and label not in column.vanished_categories
    return "" if known else " k"


def _label(text: str) -> str:
    """Return a category cut to the room beside its bar; wide letters count twice."""
    room = LABEL_CELLS
    shown = harmless(text, 2 * LABEL_CELLS)
    for i, letter in enumerate(shown):
        room -= 2 if unicodedata.east_asian_width(letter) in "WF" else 1
        if room < 0:
            return escaped(f"{shown[: i - 1]}…")
    return escaped(shown) or "(empty)"
