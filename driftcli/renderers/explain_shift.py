"""Where the rows of a column have moved, in sentences; from what the report holds."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping
from typing import Any

from driftcli.model import ColumnResult, Distribution
from driftcli.renderers.explain_bars import bin_names, percent, points, shares
from driftcli.renderers.html_text import edge_words
from driftcli.renderers.screen import Screen
from driftcli.renderers.svg_bins import bins_of

MOST = 3
LEAST = 0.005  # a smaller change of a share is not worth a sentence
CELLS = 40


def gap_bin(column: ColumnResult, shape: Distribution) -> int:
    """Return the bin of the widest gap between the cumulative shares (KS); -1 for none."""
    at = _gap(column)
    if at is None or not shape.edges:
        return -1
    return min(max(bisect_left(shape.edges, at) - 1, 0), len(shape.reference) - 1)


def sentences(column: ColumnResult, shape: Distribution, screen: Screen) -> Iterator[str]:
    """Yield where the shift is: the widest gap, the bins behind PSI, the largest changes.

    Parameters
    ----------
    column : ColumnResult
    shape : Distribution
        The column's.
    screen : Screen
        Cuts names.
    """
    yield from _widest(column, shape)
    told = [*_behind_psi(column)]
    yield from told or _changes(column, shape, screen)
    for word, known, count in (
        ("New", column.new_categories, column.new_category_count),
        ("Vanished", column.vanished_categories, column.vanished_category_count),
    ):
        if known:
            yield f"{word}: {screen.names(known, max(count, len(known)), 8)}."


def _gap(column: ColumnResult) -> float | None:
    check = column.check("ks")
    at = check.result.details.get("at") if check and check.result.effect else None
    return at if isinstance(at, int | float) else None


def _widest(column: ColumnResult, shape: Distribution) -> Iterator[str]:
    check, at = column.check("ks"), _gap(column)
    if check is None or at is None or check.result.effect is None:
        return
    size = f"{100 * check.result.effect:.1f} percentage points"
    upto = shape.labels or shape.edges
    way = _direction(shape, gap_bin(column, shape)) if upto else ""
    where = edge_words([at], column.kind)[0]
    if way:
        yield f"Widest gap at {where}: {size} {way} of the rows are at or below it than before."
    else:
        yield f"Widest gap at {where}: the shares of rows at or below it differ by {size}."


def _direction(shape: Distribution, upto: int) -> str:
    """Return whether more or fewer rows lie low now, as far as the drawn bins tell."""
    if upto < 0:
        return ""
    sides = [shares(side) for side in (shape.reference, shape.current)]
    # the gap lies within the bin: its two ends must agree
    below = [sum(sides[1][:end]) - sum(sides[0][:end]) for end in (upto, upto + 1)]
    if min(below) > LEAST:
        return "more"
    return "fewer" if max(below) < -LEAST else ""


def _behind_psi(column: ColumnResult) -> Iterator[str]:
    """Name the bins that contribute most to PSI, where the report holds them."""
    check = column.check("psi")
    details: Mapping[str, Any] = check.result.details if check else {}
    if not bins_of(column) or not sum(terms := details["contributions"]) > 0:
        return
    largest = sorted(range(len(terms)), key=lambda at: -terms[at])[:MOST]
    shown = [at for at in largest if terms[at] >= 0.05 * sum(terms)]
    names = _bins(details, column)
    told = [
        f"{names[at]} ({percent(details['reference'][at])} → {percent(details['current'][at])} of "
        f"the rows, {100 * terms[at] / sum(terms):.0f} % of PSI)"
        for at in shown
    ]
    yield f"Most of PSI comes from {'; '.join(told)}."


def _bins(details: Mapping[str, Any], column: ColumnResult) -> list[str]:
    """Return the bins of PSI in words; they are open below and closed above."""
    ends = sorted({end for end in (*details["low"], *details["high"]) if end is not None})
    words = dict(zip(ends, edge_words(ends, column.kind), strict=True))
    found = []
    for low, high in zip(details["low"], details["high"], strict=True):
        if low == high:
            found.append(words[low] if low is not None else "all")
        elif low is None:
            found.append(f"up to {words[high]}")
        else:
            found.append(f"above {words[low]}" + (f" to {words[high]}" if high is not None else ""))
    return found


def _changes(column: ColumnResult, shape: Distribution, screen: Screen) -> Iterator[str]:
    """Name the bars whose share changed most, up and down."""
    before, now = shares(shape.reference), shares(shape.current)
    names = bin_names(shape, column.kind)
    order = sorted(range(len(names)), key=lambda at: before[at] - now[at])
    grown = [at for at in order if now[at] - before[at] >= LEAST][:MOST]
    shrunk = [at for at in reversed(order) if before[at] - now[at] >= LEAST][:MOST]
    for word, places in (("More rows now", grown), ("Fewer rows now", shrunk)):
        told = [
            f"{screen.name(names[at], CELLS)} ({percent(before[at])} → {percent(now[at])}, "
            f"{points(now[at] - before[at])} points)"
            for at in places
        ]
        if told:
            yield f"{word}: {'; '.join(told)}."
    if not grown and not shrunk:
        yield f"Nowhere: no share changed by {100 * LEAST:g} percentage points or more."
