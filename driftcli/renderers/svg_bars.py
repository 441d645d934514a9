"""Categories and the few values of a number as pairs of bars, new and vanished ones named."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from markupsafe import Markup

from driftcli.model import ColumnResult, Distribution
from driftcli.renderers.html_text import harmless, percent
from driftcli.renderers.svg_parts import RIGHT, escaped, picture, shares, short

BAR_LEFT, BAR_RIGHT, BAR_ROW = 116.0, 290.0, 26.0
MAX_BARS = 12
LABEL_CELLS = 16


def drawn_bars(shape: Distribution) -> list[int]:
    """Return which categories are drawn: all, or of many the most frequent, in their order."""
    positions = range(len(shape.labels))
    if len(shape.labels) <= MAX_BARS:
        return list(positions)
    reference, current = shares(shape.reference), shares(shape.current)
    ranked = sorted(positions, key=lambda i: -max(reference[i], current[i]))
    return sorted(ranked[:MAX_BARS])


def bars(column: ColumnResult, shape: Distribution, caption: str) -> Markup:
    """Return the rows of each category as two bars, with their shares in words beside them."""
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
