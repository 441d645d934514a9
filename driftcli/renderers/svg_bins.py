"""What each quantile bin contributes to PSI: up where current has more rows, down where fewer."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from markupsafe import Markup

from driftcli.model import ColumnResult
from driftcli.renderers.html_text import edge_words, effect, percent
from driftcli.renderers.svg_parts import LEFT, RIGHT, picture, short, text_at

TOP, BASE, HEIGHT = 14.0, 62.0, 92
FILLED = 0.8  # of a bin's width
SEEN = 0.05  # a lower bar is no bar


@dataclass(frozen=True, slots=True)
class Bin:
    """One bin of PSI: its ends in words, both sides' shares of rows, its part of PSI."""

    low: str
    high: str
    reference: float
    current: float
    contribution: float

    @property
    def span(self) -> str:
        """The values in it."""
        if self.low == self.high:
            return f"just {self.low}"
        return f"from {self.low}" if self.low else f"to {self.high}"

    @property
    def more(self) -> bool:
        """Whether current has at least as many rows in it as the reference."""
        return self.current >= self.reference

    @property
    def cells(self) -> tuple[str, str, str, str]:
        """The row of the table behind the picture."""
        sides = percent(self.reference), percent(self.current)
        return (self.span, *sides, effect(self.contribution))


def bins_of(column: ColumnResult) -> list[Bin]:
    """Return the bins of a column's PSI; none where the result does not tell them."""
    check = column.check("psi")
    told = check.result.details if check else {}
    sides = [told.get(key) for key in ("low", "high", "reference", "current", "contributions")]
    lists = [side for side in sides if isinstance(side, list | tuple)]
    if len(lists) != len(sides) or len({len(side) for side in lists}) != 1:
        return []
    if not all(_number(x) and x >= 0 for side in lists[2:] for x in side):
        return []  # a result that somebody wrote by hand
    if not all(x is None or _number(x) for side in lists[:2] for x in side):
        return []
    low, high, *numbers = lists
    ends = sorted({x for x in (*low, *high) if _number(x)})
    words = dict(zip(ends, edge_words(ends, column.kind), strict=True))
    return [
        Bin(words.get(left, ""), words.get(right, ""), *values)
        for left, right, values in zip(low, high, zip(*numbers, strict=True), strict=True)
    ]


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and math.isfinite(value)


def bins(found: list[Bin]) -> Markup:
    """Return the contributions as one picture."""
    if not found:
        return Markup("")
    up, down = (_largest(found, more=more) for more in (True, False))
    scale = (BASE - TOP) / ((up + down) or 1.0)
    middle = round(TOP + scale * up)
    step = (RIGHT - LEFT) / len(found)
    paths = {True: "", False: ""}
    for i, one in enumerate(found):
        x, wide = round(LEFT + step * (i + (1 - FILLED) / 2)), max(1, round(step * FILLED))
        tall = scale * one.contribution
        if tall >= SEEN:
            rise = short(-tall if one.more else tall)
            paths[one.more] += f"M{x} {middle}v{rise}h{wide}V{middle}"
    drawn = [
        f'<path class="{kind}" d="{paths[more]}"/>'
        for kind, more in (("c", True), ("r", False))
        if paths[more]
    ]
    line = f'<path class="g" d="M{LEFT:.0f} {middle}H{RIGHT:.0f}"/>'
    return picture("p", HEIGHT, _caption(found), [*drawn, line, *_level(found), *_cuts(found)])


def _largest(found: list[Bin], *, more: bool) -> float:
    return max((one.contribution for one in found if one.more is more), default=0.0)


def _level(found: list[Bin]) -> list[str]:
    """Return the largest contribution in words, beside its bar."""
    i, one = max(enumerate(found), key=lambda item: item[1].contribution)
    x = LEFT + (RIGHT - LEFT) * (i + 0.5) / len(found)
    y = TOP - 3 if one.more else BASE + 11
    return [text_at(x, y, effect(one.contribution))] if one.contribution > 0 else []


def _cuts(found: list[Bin]) -> list[str]:
    """Return some of the values at which bins meet."""
    every = max(1, len(found) // 4)
    step = (RIGHT - LEFT) / len(found)
    return [
        text_at(LEFT + step * i, HEIGHT - 2, left.high)
        for i, (left, _) in enumerate(pairwise(found), start=1)
        if i % every == 0 and left.high
    ]


def _caption(found: list[Bin]) -> str:
    one = max(found, key=lambda bin_: bin_.contribution)
    return f"PSI by quantile bin, most in {one.span}: {effect(one.contribution)}"
