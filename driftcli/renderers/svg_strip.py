"""A check over the windows of current as a strip: one bar a window, and a line at the threshold.

A window that stands out carries a triangle besides its colour; one without a value is a gap, one of
effect 0 a stump.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from markupsafe import Markup

from driftcli.renderers.html_text import threshold
from driftcli.renderers.html_windows import Course
from driftcli.renderers.svg_parts import LEFT, RIGHT, escaped, picture, short

TOP, BASE, HEIGHT = 10.0, 46.0, 62
STUMP = 1.5
WIDEST = 10.0
TRIANGLE = 4.0  # half of its width


def strip(course: Course, kind: str = "w") -> Markup:
    """Return the course of a check as a picture of that class."""
    limit = course.check.threshold.value if course.check.threshold else 0.0
    top = _top(course, limit)
    line = BASE - (BASE - TOP) * limit / top
    parts = [
        *_bars(course, top),
        f'<path class="g" d="M{short(LEFT)} {short(line)}H{short(RIGHT)}"/>',
        f'<text x="{short(LEFT - 5)}" y="{short(line + 4)}" class="e">{threshold(limit)}</text>',
        *_ends(course),
    ]
    return picture(kind, HEIGHT, course.caption, parts)


def _top(course: Course, limit: float) -> float:
    """Return the effect that fills the height: the largest, or somewhat more than a limit."""
    sizes = [size for size in course.series.effects if size is not None and math.isfinite(size)]
    return max([1.2 * limit, *sizes]) or 1.0


def _bars(course: Course, top: float) -> Iterator[str]:
    step = (RIGHT - LEFT) / len(course.windows)
    width = short(min(0.7 * step, WIDEST))
    half = min(TRIANGLE, step / 2)
    bars: dict[bool, str] = {False: "", True: ""}
    tips = ""
    for i, (size, _, flagged) in enumerate(course.rows):
        if size is None:
            continue
        x = LEFT + step * (i + 0.5)
        y = BASE - max((BASE - TOP) * min(size / top, 1.0), STUMP)
        bars[flagged] += f"M{short(x)} {short(BASE)}V{short(y)}"
        if flagged:
            tips += f"M{short(x - half)} {short(y - 2)}h{short(2 * half)}l-{short(half)}-6z"
    for kind, flagged in (("u", False), ("f", True)):
        if bars[flagged]:
            yield f'<path class="{kind}" stroke-width="{width}" d="{bars[flagged]}"/>'
    if tips:
        yield f'<path class="v" d="{tips}"/>'


def _ends(course: Course) -> Iterator[str]:
    """Yield the names of the first and the last window."""
    places = [(LEFT, "s", course.windows[0]), (RIGHT, "e", course.windows[-1])]
    for x, anchor, name in places[: len(course.windows)]:
        yield f'<text x="{short(x)}" y="{HEIGHT - 2}" class="{anchor}">{escaped(name)}</text>'
