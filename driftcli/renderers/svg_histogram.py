"""Both sides of a number: the share of rows in each bin, below them the cumulative shares.

The largest gap between the cumulative shares is D; it is marked where it occurs. The curves are
drawn through the bins' ends, straight between them, so the mark is as long as D to the eye only;
the number beside it is exact. Each series is one path of whole steps.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from markupsafe import Markup

from driftcli.model import ColumnKind, ColumnResult, Distribution
from driftcli.renderers.html_text import edge_words, effect, number, tick
from driftcli.renderers.svg_parts import (
    LEFT,
    RIGHT,
    markup,
    picture,
    round_ticks,
    shares,
    short,
    text_at,
)

TOP, BASE = 6, 100  # of the histogram
RISE_TOP, RISE_BASE = 114, 184  # of the curves
HEIGHT = 202

Tick = tuple[float, str]


@dataclass(frozen=True, slots=True)
class Gap:
    """The largest difference of the cumulative shares, and the value where it occurs."""

    size: float
    at: float
    words: str


def gap_of(column: ColumnResult) -> Gap | None:
    """Return D and its place, where the check tells both."""
    check = column.check("ks")
    at = _finite(check.result.details.get("at")) if check else None
    if check is None or check.result.effect is None or at is None:
        return None
    place = edge_words([at], column.kind)[0] if column.kind is ColumnKind.DATETIME else number(at)
    return Gap(check.result.effect, at, f"D {effect(check.result.effect)} at {place}")


def _finite(value: object) -> float | None:
    """Return a finite number as it is; anything else was written by hand."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return value if math.isfinite(value) else None


def histogram(column: ColumnResult, shape: Distribution, caption: str) -> Markup:
    """Return bins and cumulative shares of both sides on one axis."""
    reference, current = shares(shape.reference), shares(shape.current)
    top = max(*reference, *current) or 1.0
    rises = [[0.0, *accumulate(side)] for side in (reference, current)]
    parts = [
        *_rows_axis(top),
        f'<path class="r" d="{_steps(reference, top)}Z"/>',
        f'<path class="c" d="{_steps(current, top)}"/>',
        '<use href="#rise"/>',
        f'<path class="q" d="{_rise(rises[0])}"/>',
        f'<path class="c" d="{_rise(rises[1])}"/>',
        *_mark(gap_of(column), shape.edges, rises),
        *(text_at(x, HEIGHT - 3, words) for x, words in _value_ticks(shape.edges, column.kind)),
    ]
    return picture("h", HEIGHT, caption, parts)


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


def place_of(value: float, edges: Sequence[float]) -> float:
    """Return where a value lies among equally wide bins, in bins from the first edge."""
    for i, (left, right) in enumerate(pairwise(edges)):
        if value <= right:
            width = right - left
            inside = (value - left) / width if 0 < width < math.inf else 0.5
            return i + min(max(inside, 0.0), 1.0)
    return float(len(edges) - 1)


def _steps(heights: Sequence[float], top: float) -> str:
    """Return the outline of a histogram from base to base, bins equally wide."""
    tops = [BASE, *(round(BASE - (BASE - TOP) * height / top) for height in heights)]
    drawn, flat = f"M{LEFT:.0f} {BASE}", 0
    for (before, after), wide in zip(pairwise(tops), _widths(heights), strict=True):
        if after != before:
            drawn += f"h{flat}v{after - before}" if flat else f"v{after - before}"
            flat = 0
        flat += wide
    return f"{drawn}h{flat}V{BASE}"


def _widths(bins: Sequence[object]) -> Iterator[int]:
    """Yield whole widths of bins that fill the room; no end is off by more than a half."""
    ends = [round(LEFT + (RIGHT - LEFT) * i / len(bins)) for i in range(len(bins) + 1)]
    return (right - left for left, right in pairwise(ends))


def _rise(heights: Sequence[float]) -> str:
    """Return a curve of cumulative shares from the first edge to the last."""
    places = [round(_rise_at(share)) for share in heights]
    drawn = f"M{LEFT:.0f} {places[0]}"
    for (before, after), wide in zip(pairwise(places), _widths(heights[1:]), strict=True):
        drawn += f"l{wide}{after - before}" if after < before else f"h{wide}"
    return drawn


def _rise_at(share: float) -> float:
    return RISE_BASE - (RISE_BASE - RISE_TOP) * share


def _mark(gap: Gap | None, edges: Sequence[float], rises: Sequence[Sequence[float]]) -> list[str]:
    """Return a line between the curves at the value of D, with D beside it."""
    if gap is None or len(edges) < 2:
        return []
    at = place_of(gap.at, edges)
    x = LEFT + (RIGHT - LEFT) * at / (len(edges) - 1)
    i = min(int(at), len(edges) - 2)
    ends = [_rise_at(rise[i] + (at - i) * (rise[i + 1] - rise[i])) for rise in rises]
    kind, beside = ("s", x + 6) if x < (LEFT + RIGHT) / 2 else ("e", x - 6)
    low = RISE_BASE - 5 if kind == "s" else RISE_TOP + 9  # curves leave these corners free
    return [
        f'<path class="d" d="M{short(x)} {short(ends[0])}V{short(ends[1])}"/>',
        f'<text x="{short(beside)}" y="{low}" class="{kind} k">{gap.words}</text>',
    ]


def _rows_axis(top: float) -> list[str]:
    ticks = round_ticks(0.0, top, 3)
    return _levels([(BASE - (BASE - TOP) * share / top, share) for share in ticks])


def rise_axis() -> Markup:
    """Return the scale of the curves, which all of them use."""
    return markup("".join(_levels([(_rise_at(share), share) for share in (0.0, 0.5, 1.0)])))


def _levels(levels: Sequence[tuple[float, float]]) -> list[str]:
    lines = "".join(f"M{short(LEFT)} {short(y)}H{short(RIGHT)}" for y, _ in levels)
    texts = [
        f'<text x="{short(LEFT - 5)}" y="{short(y + 4)}" class="e">{100 * share:.6g}%</text>'
        for y, share in levels
    ]
    return [f'<path class="g" d="{lines}"/>', *texts]


def _value_ticks(edges: Sequence[float], kind: ColumnKind | None) -> list[Tick]:
    """Return round numbers where bins are equally wide, and the bins' own edges where not."""
    if len(edges) < 2:
        return []
    if kind is not ColumnKind.DATETIME and equally_wide(edges):
        scale = (RIGHT - LEFT) / (edges[-1] - edges[0])
        return [
            (LEFT + scale * (x - edges[0]), tick(x)) for x in round_ticks(edges[0], edges[-1], 5)
        ]
    bins = len(edges) - 1
    parts = 2 if kind is ColumnKind.DATETIME else 4
    positions = sorted({round(bins * part / parts) for part in range(parts + 1)})
    words = edge_words([edges[i] for i in positions], kind, 3)
    places = [LEFT + (RIGHT - LEFT) * i / bins for i in positions]
    return list(zip(places, words, strict=True))
